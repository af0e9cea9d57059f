"""A thread that waits for a person, as a row of a list."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from nbhitl.runs.run import Interrupt


@dataclass(frozen=True)
class Opening:
    """A person who has a waiting thread open in an inbox.

    Attributes
    ----------
    viewer
        The inbox: the id of its process, a slash, and a number.
    by
        The name of the person.
    at, until
        The time of the note, and the time at which the note ends by itself, in seconds since 1970: a kernel that dies
        leaves its note. Closed: both are the same.
    """

    viewer: str
    by: str
    at: float
    until: float


def read_opening(note: Any) -> Opening | None:
    """Return a note that any client may have written; ``None`` where it is none."""
    try:
        return Opening(str(note["viewer"]), str(note["by"]), float(note["at"]), float(note["until"]))
    except (TypeError, ValueError, LookupError):
        return None


def last_of_each(openings: Iterable[Opening | None]) -> tuple[Opening, ...]:
    """Return the last note of each inbox; the notes come in no order, and a note that ends one may be as old."""
    noted = [each for each in openings if each is not None]
    last = {each.viewer: each for each in sorted(noted, key=lambda each: (each.at, -each.until))}
    return tuple(last.values())


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
        The pending questions. Of a node in a subgraph the path may begin and end with the outer node.
    failed
        The exception of the last resume, after which the thread still waits; ``None`` where it has not failed.
    openings
        The inboxes that have noted the question as open, each with its last note.
    """

    thread_id: str
    checkpoint: Any
    since: str | None
    interrupts: tuple[Interrupt, ...]
    failed: str | None = None
    openings: tuple[Opening, ...] = ()
