"""Looks and writes before a run starts."""

from collections.abc import Mapping
from typing import Any

from langgraph.errors import InvalidUpdateError
from langgraph.types import Command

from nbhitl.engines.local.looking import LocalThread
from nbhitl.errors import ThreadWaits, UsageError

INPUT = "__input__"
"""``as_node`` that saves an input, like the begin of a run with this input."""

NO_INPUT = (
    'This version of LangGraph cannot save an input before the run begins, as a key= with durability="exit" needs: a '
    'run that was cut off would begin again unasked. Leave out durability="exit".'
)


async def prepared(
    thread: LocalThread, value: Any, config: Mapping[str, Any], *, drop_question: bool, only_first: bool
) -> Any:
    """Return the value to start a run with, in our turn; see `Engine.start`.

    Raises
    ------
    ThreadWaits
        If a question would be dropped, or the first run was started already.
    UsageError
        If this LangGraph saves no input.
    """
    if not isinstance(value, Command) and not drop_question:
        if value is not None:
            await _refuse_to_drop_a_question(thread, only_first=only_first)
        elif (named := config["configurable"].get("checkpoint_id")) is not None:
            await _refuse_to_leave_a_question(thread, named)
    if only_first and thread.options.get("durability") == "exit":
        # Saved before the run: a killed kernel would leave no trace of the input, and the run would start again
        # unasked.
        graph = thread.graph
        try:
            await thread.call(graph.update_state, graph.aupdate_state, config, value, as_node=INPUT)
        except InvalidUpdateError as error:
            if INPUT not in str(error):
                raise
            raise UsageError(NO_INPUT) from error
        return None
    return value


async def _refuse_to_drop_a_question(thread: LocalThread, *, only_first: bool) -> None:
    snapshot = await thread.see()
    if only_first and snapshot.raw.created_at is not None:
        raise ThreadWaits(f"Thread {thread.id!r} was already started in another process.")
    if snapshot.interrupts:
        raise ThreadWaits(
            f"Thread {thread.id!r} waits for an answer to node {snapshot.interrupts[0].node!r}; new input "
            f"would drop the question. Open the thread with nbhitl.open(graph, thread_id={thread.id!r}), use "
            "another thread_id, or drop the question with abandon=True."
        )


async def _refuse_to_leave_a_question(thread: LocalThread, checkpoint: str) -> None:
    """Refuse to go on from an earlier checkpoint, as a new input is refused."""
    snapshot = await thread.see()
    if snapshot.interrupts and snapshot.checkpoint != checkpoint:
        raise ThreadWaits(
            f"Thread {thread.id!r} waits for an answer to node {snapshot.interrupts[0].node!r}; to go on from "
            f"checkpoint {checkpoint!r} would drop the question. Open the thread with nbhitl.open(graph, "
            f"thread_id={thread.id!r}), go on with a branch (card.fork), or drop the question with abandon=True."
        )
