"""Threads that a cell left waiting when it was run again."""

import weakref
from typing import Protocol

from nbhitl.kernel import Surroundings


class Waiting(Protocol):
    """A review that may wait for a person."""

    @property
    def waits(self) -> bool:
        """Whether it does."""

    @property
    def thread_id(self) -> str | None:
        """The thread."""


_MADE_BY: dict[str, tuple[str, "list[weakref.ref[Waiting]]"]] = {}
"""Cell -> its last execution, and the reviews that were started in it."""


def left_behind(review: Waiting, place: Surroundings) -> tuple[str, ...]:
    """Note that ``place`` starts a review; say where the last execution of the same cell left one that waits."""
    if not place.cell:
        return ()
    execution, made = _MADE_BY.get(place.cell, ("", []))
    if execution == place.execution:
        made.append(weakref.ref(review))
        return ()
    _MADE_BY[place.cell] = place.execution, [weakref.ref(review)]
    waiting = [before for before in (ref() for ref in made) if before is not None and before.waits]
    return tuple(
        f"The run that this cell started before still waits, in thread {before.thread_id!r}. Open it with "
        f"nbhitl.open(graph, thread_id={before.thread_id!r}), or give the cell a key= to go on with the same run."
        for before in waiting
    )
