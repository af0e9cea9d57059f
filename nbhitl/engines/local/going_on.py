"""Changes a thread before its run goes on without an answer: from a stop, in a fork, or on a branch.

Each function writes what has to be in the checkpoints, in the turn of the thread; the engine then runs the graph with
the input ``None``.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.base.id import uuid6
from langgraph.errors import InvalidUpdateError
from langgraph.types import StateSnapshot

from nbhitl.engines.failures import no_checkpoint, nothing_comes_after, raised
from nbhitl.engines.local import journal
from nbhitl.engines.local.held_back import HeldBack
from nbhitl.engines.local.left_out import is_refusal
from nbhitl.engines.local.levels import as_messages, graph_at, keys_of
from nbhitl.engines.local.looking import LocalThread
from nbhitl.engines.local.state import Sent, copy_of, snapshot_of
from nbhitl.engines.names import COPY
from nbhitl.engines.updates import refuse_moved, refuse_unknown
from nbhitl.errors import AlreadyAnswered, InvalidAnswer, ThreadNotFound, UsageError
from nbhitl.runs.decided import Decided
from nbhitl.runs.marks import BRANCH_MARK
from nbhitl.runs.run import Checkpoint
from nbhitl.runs.stops import PausedStep

LATER_MEMORY = (
    "A subgraph that was compiled with checkpointer=True may remember steps after the checkpoint from which this run "
    "goes on: LangGraph keeps a single memory for the thread."
)


async def leave_stop(thread: LocalThread, step: PausedStep, decided: Mapping[str, Decided]) -> None:
    """Update the state as a person wants before the run leaves a stop, and note that somebody has gone on.

    Raises
    ------
    AlreadyAnswered
        If the thread does not stand at this stop any more.
    InvalidAnswer
        If the state cannot be updated with these values.
    """
    if step.seen:
        refuse_moved(await thread.see(), step.seen)
    if step.update is not None:
        await _update(thread, step, step.update)
    # Without a note a stop at a breakpoint looks like a run that was cut off.
    if thread.breakpoints() or decided:
        state, _ = await thread.state(thread.head())
        by = next(iter(decided.values()), None)  # a stop is asked alone
        told = {} if by is None else {journal.GONE_ON: by}
        gone_on = {journal.GONE_ON: None if by is None else by.answer}
        await thread.note(gone_on, snapshot_of(state, Sent(), busy=False).checkpoint, told)


async def _update(thread: LocalThread, step: PausedStep, update: Mapping[str, Any]) -> None:
    graph = thread.graph
    refuse_unknown(update, keys_of(graph_at(graph, step.at)))
    config, values = await _level(thread, step.at)
    try:
        written = as_messages(update, values)
    except Exception as error:  # noqa: BLE001 - a message of the user's that LangChain cannot read
        refusal = error
    else:
        try:
            held = copy_of(graph, checkpointer=HeldBack(graph.checkpointer))
            await thread.call(held.update_state, held.aupdate_state, config, written, as_node=step.as_node)
        except Exception as error:
            if not (isinstance(error, InvalidUpdateError) or is_refusal(error)):
                raise
            refusal = error
        else:
            return
    raise InvalidAnswer(f"The state cannot be updated with these values: {raised(refusal)}. Nothing was sent.")


async def _level(thread: LocalThread, path: tuple[str, ...]) -> tuple[dict[str, Any], Any]:
    """Return the config to update the state of the graph at ``path`` with, and the values of that state."""
    state: StateSnapshot | None = (await thread.state(thread.head()))[0]
    for name in path:
        inner = [task.state for task in state.tasks if task.name == name] if state is not None else []
        state = next((each for each in inner if isinstance(each, StateSnapshot) and each.next), None)
    if state is None:
        raise AlreadyAnswered(f"The run does not stand in {'/'.join(path)!r} any more. Nothing was sent.")
    if not path:
        return thread.head(), state.values
    configurable = {**thread.config["configurable"], **state.config["configurable"]}
    return {**thread.config, "configurable": configurable}, state.values


async def fork(thread: LocalThread, checkpoint: Checkpoint, pending: Collection[str]) -> dict[str, Any]:
    """Copy a checkpoint without the answers that were given there; return the config of the copy.

    Running ``None`` at the checkpoint itself would fork only once: at the head of a fork LangGraph goes on in place,
    and the stuck answer comes back.

    Raises
    ------
    AlreadyAnswered
        If one of the interrupts in ``pending`` is not pending any more.
    """
    interrupts = (await thread.see()).interrupts if pending else ()
    if gone := set(pending) - {interrupt.id for interrupt in interrupts}:
        raise AlreadyAnswered(await thread.who_answered(sorted(gone)))
    await tell_later_memory(thread, checkpoint)
    copy = await _copied(thread, checkpoint)
    # By address, not by the head: so that subgraphs with separate checkpoints drop the answer, too.
    return thread.at(copy["configurable"]["checkpoint_id"])


async def tell_later_memory(thread: LocalThread, checkpoint: Checkpoint) -> None:
    """Note it where a subgraph has remembered something after a checkpoint from which the run goes on."""
    head = await thread.saved(thread.head())
    if head is None or head.config["configurable"]["checkpoint_id"] == checkpoint:
        return
    places = await thread.memories()
    if places and str(places[-1]["checkpoint_id"]) > str(checkpoint):
        thread.tell([LATER_MEMORY])


async def _copied(thread: LocalThread, checkpoint: Checkpoint) -> Any:
    """Return the config of a copy of a checkpoint, without the writes beside the checkpoint."""
    graph, place = thread.graph, thread.at(checkpoint)
    try:
        return await thread.call(graph.update_state, graph.aupdate_state, place, None, as_node=COPY)
    except InvalidUpdateError:  # a LangGraph with another name for `COPY`
        saved = await thread.saved(place)
        if saved is None:
            raise
    saver: Any = graph.checkpointer
    copy = {**saved.checkpoint, "id": str(uuid6())}
    metadata = {**saved.metadata, "source": "fork", "step": saved.metadata.get("step", -1) + 1}
    return await thread.call(saver.put, saver.aput, saved.parent_config or thread.at(None), copy, metadata, {})


@dataclass(frozen=True)
class Beginning:
    """The checkpoint that a branch begins with.

    Attributes
    ----------
    place
        Names the checkpoint, for people.
    state, saved
        The state, and the checkpoint itself.
    """

    place: str
    state: StateSnapshot
    saved: CheckpointTuple

    @property
    def has_question(self) -> bool:
        """Whether a node asks there."""
        return any(task.interrupts for task in self.state.tasks)


async def beginning(thread: LocalThread, thread_id: str, checkpoint: str) -> Beginning:
    """Read the checkpoint of another thread that a branch is to begin with.

    Raises
    ------
    ThreadNotFound
        If the other thread has no such checkpoint.
    UsageError
        If the run has ended there.
    """
    place = {"configurable": {"thread_id": thread_id, "checkpoint_ns": "", "checkpoint_id": checkpoint}}
    state = await thread.read(place, subgraphs=False)
    saved = await thread.saved(place)
    if saved is None:
        raise ThreadNotFound(no_checkpoint(thread_id, checkpoint))
    if not state.next:
        raise UsageError(nothing_comes_after(checkpoint))
    return Beginning(f"{thread_id} {checkpoint}", state, saved)


async def stops_at(thread: LocalThread, at: Beginning) -> bool:
    """Tell whether a static breakpoint stops the run at a checkpoint at once."""
    if at.has_question:
        return False
    return thread.breakpoints().stop(at.state.next, after=await thread.nodes_before(at.state))


async def branch(thread: LocalThread, at: Beginning) -> dict[str, Any]:
    """Begin a thread with a copy of another thread's checkpoint; return the config of the copy."""
    saver: Any = thread.graph.checkpointer
    copy = {**at.saved.checkpoint, "id": str(uuid6())}  # a new id, from which LangGraph makes the ids of questions
    metadata = {**at.saved.metadata, "source": "fork", BRANCH_MARK: at.place}
    for each in await _remembered(thread, at.saved):
        place = each.config["configurable"]["checkpoint_ns"]
        config = {**thread.config, "configurable": {**thread.config["configurable"], "checkpoint_ns": place}}
        memory = each.checkpoint
        await thread.call(saver.put, saver.aput, config, memory, each.metadata, memory["channel_versions"])
    await thread.call(saver.put, saver.aput, thread.at(None), copy, metadata, copy["channel_versions"])
    # By address, not by the head: so that a subgraph with a memory takes its input, and does not go on from the memory.
    return thread.at(copy["id"])


async def _remembered(thread: LocalThread, saved: CheckpointTuple) -> list[CheckpointTuple]:
    """Return the memory of each subgraph as of a checkpoint of another thread; see `LocalThread.memories`."""
    at = saved.config["configurable"]
    newest: dict[str, dict[str, Any]] = {}
    for place in await thread.memories(at["thread_id"]):
        if str(place["checkpoint_id"]) <= at["checkpoint_id"]:
            newest[place["checkpoint_ns"]] = place
    found = [await thread.saved({"configurable": place}) for place in newest.values()]
    return [each for each in found if each is not None]
