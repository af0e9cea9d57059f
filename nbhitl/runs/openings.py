"""Notes of people who have a waiting thread open: a kernel writes a note, and further kernels tell their people."""

import itertools
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from nbhitl.user import named

FIRST, MOST = 60.0, 480.0
"""Seconds for which a note counts: the first note for `FIRST`, each further note twice as long, up to `MOST`.

So a question that is open all day has few notes. The note of a kernel that died ends soon: at the latest when the
question has been open twice as long as at the time of the note.
"""

NAMED = 3
"""People who are named in a sentence; of more, their number is."""

_NUMBERS = itertools.count()


@dataclass(frozen=True)
class Opening:
    """A person who has a waiting thread open in an inbox, or has begun to answer in a card.

    Attributes
    ----------
    viewer
        The inbox or card: the id of the process, a slash, and a number.
    by
        The name of the person.
    at, until
        The time of the note, and the time at which the note ends without a further note, as when the kernel has died;
        in seconds since 1970. In a note that ends the opening both times are the same.
    """

    viewer: str
    by: str
    at: float
    until: float

    @property
    def process(self) -> str:
        """The id of the process."""
        return self.viewer.partition("/")[0]

    def is_due(self, now: float) -> bool:
        """Tell whether the next note has to be written, because half of the time of this note is over."""
        return self.until - now <= (self.until - self.at) / 2

    def next_lasts(self) -> float:
        """Return for how many seconds the next note counts."""
        return min(MOST, 2 * (self.until - self.at))


def read_opening(note: Any) -> Opening | None:
    """Return a note that any client may have written; ``None`` if the value is no note."""
    try:
        by = named(str(note["by"])) or "somebody"
        return Opening(str(note["viewer"]), by, float(note["at"]), float(note["until"]))
    except (TypeError, ValueError, LookupError):
        return None


def last_of_each(openings: Iterable[Opening | None]) -> tuple[Opening, ...]:
    """Return the last note of each viewer, from notes in any order; of two equally old notes, the note of the end."""
    noted = [each for each in openings if each is not None]
    last = {each.viewer: each for each in sorted(noted, key=lambda each: (each.at, -each.until))}
    return tuple(last.values())


def others_in(openings: Iterable[Opening], process: str, now: float) -> tuple[str, ...]:
    """Return the names of the people whose notes count now, in order of the names, which no new note changes.

    The notes of this ``process`` are left out.
    """
    there = [each for each in openings if now < min(each.until, each.at + MOST) and each.process != process]
    return tuple(sorted({each.by for each in there}))


def told(names: Sequence[str], mine: Collection[str] = ()) -> str:
    """Return a sentence that names the people who are answering; empty if there are none.

    ``mine`` has the names of the person here.
    """
    if not names:
        return ""
    if set(names) <= set(mine):
        return "You are answering in another kernel"
    if len(names) == 1:
        return f"{names[0]} is answering"
    more = len(names) - NAMED
    last = f"{more} other{'s' * (more > 1)}" if more > 0 else names[-1]
    first = names[:NAMED] if more > 0 else names[:-1]
    return f"{', '.join(first)} and {last} are answering"


@cache
def this_process() -> str:
    """Return the id of this process, which the notes of all its inboxes and cards share."""
    return uuid.uuid4().hex


def new_viewer(process: str) -> str:
    """Return the name of another inbox or card of a process."""
    return f"{process}/{next(_NUMBERS)}"
