"""Threads that wait since an earlier execution of a cell."""

import weakref
from typing import Protocol

from nbhitl.kernel import Surroundings
from nbhitl.latest import put_latest


class Waiting(Protocol):
    """A review that may wait for a person."""

    @property
    def waits(self) -> bool:
        """Whether the review waits for a person."""

    @property
    def thread_id(self) -> str | None:
        """The thread."""


_MADE_BY: dict[str, tuple[str, "list[weakref.ref[Waiting]]"]] = {}
"""Cell -> the last execution of the cell, and the reviews that this execution started; the latest cell last."""

CELLS = 1_000
"""Cells that are remembered: a front end without cell ids makes a cell of each edited source."""


def left_behind(review: Waiting, place: Surroundings) -> tuple[str, ...]:
    """Note that ``place`` starts a review; return a note for each review that waits since an earlier execution."""
    if not place.cell:
        return ()
    execution, made = _MADE_BY.get(place.cell, ("", []))
    is_same = execution == place.execution
    now = [*(made if is_same else []), weakref.ref(review)]
    put_latest(_MADE_BY, place.cell, (place.execution, now), most=CELLS)
    if is_same:
        return ()
    waiting = [before for before in (ref() for ref in made) if before is not None and before.waits]
    return tuple(
        f"The run that this cell started before still waits, in thread {before.thread_id!r}. Open it with "
        f"nbhitl.open(graph, thread_id={before.thread_id!r}), or give the cell a key= to go on with the same run."
        for before in waiting
    )
