"""Updates of a thread's state, and answers that the thread holds."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from nbhitl.errors import AlreadyAnswered, InvalidAnswer
from nbhitl.runs.run import Interrupt, Snapshot
from nbhitl.runs.stops import halts_of, where

ASKED_ANEW = (
    "The state of {nodes} was updated after this question was asked, so that the node runs anew. The answer was not "
    "given: review the new question."
)


def refuse_unknown(update: Mapping[str, Any], known: Collection[str]) -> None:
    """Raise where an update names keys outside of the graph's state: LangGraph drops such keys silently.

    Raises
    ------
    InvalidAnswer
        If the update names such keys.
    """
    if unknown := sorted(set(update) - set(known)):
        raise InvalidAnswer(
            f"The state has no {', '.join(map(repr, unknown))}; known keys: {', '.join(map(repr, sorted(known)))}."
        )


def refuse_moved(snapshot: Snapshot, seen: Collection[str]) -> None:
    """Raise where a thread has left these checkpoints: the person decided on another state.

    Raises
    ------
    AlreadyAnswered
        If the thread has left the checkpoints.
    """
    if not seen:
        return
    halts = () if snapshot.interrupts else halts_of(snapshot)
    if {halt.checkpoint for halt in halts} != set(seen):
        now = f"stands before {where(halts)}, with another state" if halts else "does not stand at this stop any more"
        raise AlreadyAnswered(f"The run went on elsewhere, or the state was changed: the run {now}. Nothing was sent.")


def asked_again(before: Snapshot, after: Snapshot, changed: Collection[str]) -> dict[str, str]:
    """Return the questions that are asked again after the nodes behind ``changed`` ran anew: ids before, and now.

    Questions of the other nodes keep their ids; a new question is the same where node and payload are.
    """
    ids_before = {each.id for each in before.interrupts}
    again = {each.id: each.id for each in after.interrupts if each.id in ids_before and each.id not in changed}
    new = [each for each in after.interrupts if each.id not in ids_before]
    for was in before.interrupts:
        same = next((each for each in new if each.asks_as(was)), None) if was.id in changed else None
        if same is not None:
            again[was.id] = same.id
            new = [each for each in new if each is not same]
    return again


def refuse_unseen(pending: Iterable[Interrupt], known: Collection[str]) -> None:
    """Raise where the thread holds an answer that the caller does not know.

    Parameters
    ----------
    pending
        The pending interrupts.
    known
        The interrupts whose former answers the caller knows.

    Raises
    ------
    AlreadyAnswered
        If there is such an answer; the message names the answer's effect.
    """
    for interrupt in pending:
        if interrupt.former is not None and interrupt.id not in known:
            error = interrupt.former.error
            came = f"its node raised {error}" if error else "its node may have acted on that"
            raise AlreadyAnswered(
                f"Node {interrupt.node!r} has been answered meanwhile, and {came}. Nothing was sent: look at it again."
            )
