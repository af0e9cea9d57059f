"""A thread that waits for a person, as a row of a list."""

from dataclasses import dataclass
from typing import Any

from nbhitl.runs.openings import Opening
from nbhitl.runs.run import Interrupt, Snapshot
from nbhitl.runs.stops import stop_at


@dataclass(frozen=True)
class WaitingThread:
    """A thread with a pending question, or with a stop at which a person decides.

    Attributes
    ----------
    thread_id
        The thread.
    checkpoint
        The checkpoint that asks: another checkpoint means another question.
    since
        The time of the checkpoint, which is the start of the step that asked; ISO 8601, ``None`` if unknown.
    interrupts
        The pending questions. Of a node in a subgraph the path may begin and end with the outer node. Empty where the
        state cannot be read, so that the questions are unknown.
    failed
        The exception of the last resume, after which the thread still waits, or of the look at the state; ``None``
        without a failure.
    openings
        The last notes of the inboxes and cards that have the question open.
    is_named
        Whether the thread is known to be of the graph; false where an agent's thread names no agent.
    """

    thread_id: str
    checkpoint: Any
    since: str | None
    interrupts: tuple[Interrupt, ...]
    failed: str | None = None
    openings: tuple[Opening, ...] = ()
    is_named: bool = True


def waiting_at(snapshot: Snapshot, thread_id: str, checkpoint: Any, since: str | None) -> WaitingThread | None:
    """Return a thread whose state was read, with the pending questions or the stop; ``None`` if nobody is awaited."""
    if snapshot.busy or snapshot.is_end:
        return None
    interrupts = snapshot.interrupts or (stop_at(snapshot, 1, may_have_run=True, before=None),)
    errors = (each.former.error for each in interrupts if each.former is not None)
    return WaitingThread(thread_id, checkpoint, since, interrupts, next((each for each in errors if each), None))
