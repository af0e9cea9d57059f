"""The order of the outputs of reviews and nodes that work at the same time in one cell.

Nodes print and display from threads of their own, at a moment that depends on when a person answers and on the
scheduler. A notebook is compared with its next execution, so that its outputs stand in an order of their own: those of
an earlier review before those of a later one, and those of an earlier task before those of a task beside it. An output
that comes before its turn waits until each earlier review or task has ended; a cell with one review, and a graph with
one task at a time, never wait.
"""

import threading
from bisect import insort
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from nbhitl.kernel.sigint import defer_sigint

Rank = tuple[int, ...]
"""A place in the order; a rank that begins with another is within that one, as a subgraph's task in its parent's."""

Show = Callable[[], Any]
"""Prints or displays an output."""

CODE: Rank = (0,)
"""The cell's own code, and the reviews that it waits for."""

AFTER: Rank = (1,)
"""The reviews that nothing in the cell waits for: their outputs stand at the end of the cell."""


class OutputOrder:
    """The outputs of one execution of a cell.

    Parameters
    ----------
    runs
        Whether the cell runs at this moment.
    """

    def __init__(self, *, runs: bool) -> None:
        self._lock = threading.RLock()
        self._at_work: set[tuple[OutputLane | None, Rank]] = {(None, CODE)} if runs else set()
        self._waiting: list[_Waiting] = []

    def lane(self, nth: int) -> "OutputLane":
        """Return the place of the cell's ``nth`` review."""
        return OutputLane(self, nth)

    def code_ended(self) -> None:
        """Note that the cell's own code has ended."""
        self.end(None, CODE)

    def begin(self, lane: "OutputLane | None", rank: Rank) -> None:
        """Let outputs of a later rank wait for this one."""
        with defer_sigint(), self._lock:
            self._at_work.add((lane, rank))

    def end(self, lane: "OutputLane | None", *ranks: Rank) -> None:
        """Let them wait for it no longer."""
        with defer_sigint(), self._lock:
            self._at_work.difference_update([(lane, rank) for rank in ranks])
            self._show_due()

    def show(self, lane: "OutputLane", task: Rank, after: int, output: Show) -> tuple[bool, Any]:
        """Show an output in its turn: return whether that is now, and what ``output`` returned.

        Parameters
        ----------
        lane, task
            Which review shows it, and which of its tasks.
        after
            How many tasks of the review have begun.
        output
            Called in turn, on any thread.
        """
        with defer_sigint(), self._lock:
            if not self._must_wait(lane, task):
                return True, output()
            insort(self._waiting, _Waiting(lane, task, (*task, 2 * after), output), key=_Waiting.key)
            return False, None

    def move(self, lane: "OutputLane", stage: Rank) -> None:
        """Give a lane another stage: what waits has another turn."""
        with defer_sigint(), self._lock:
            if lane.stage != stage:
                lane.stage = stage
                self._waiting.sort(key=_Waiting.key)
                self._show_due()

    def _must_wait(self, lane: "OutputLane", task: Rank) -> bool:
        own = lane.whole(task)
        others = (rank if of is None else of.whole(rank) for of, rank in self._at_work)
        return any(rank < own and own[: len(rank)] != rank for rank in others)

    def _show_due(self) -> None:
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if self._must_wait(each.lane, each.task):
                self._waiting.append(each)
                continue
            with suppress(Exception):  # whoever printed it has gone on long since
                each.output()


class OutputLane:
    """The outputs of one review among those of its cell."""

    def __init__(self, order: OutputOrder, nth: int) -> None:
        self._order, self._nth = order, nth
        self.stage = AFTER
        self._begun = 0
        self._tasks: dict[str, Rank] = {}
        self._lock = threading.Lock()
        order.begin(self, ())

    def whole(self, rank: Rank) -> Rank:
        """Return a rank of the lane as one of the cell."""
        return (*self.stage, self._nth, *rank)

    def needed(self) -> None:
        """Note that the cell's code waits for the review: it shows its outputs at once."""
        self._order.move(self, CODE)

    def over(self) -> None:
        """Note that no more outputs are to be waited for."""
        self._order.end(self, ())

    def begin(self, task: str, within: str | None = None) -> None:
        """Note that a task begins, within another one or in the graph itself."""
        with self._lock:
            rank = self._tasks[task] = (*self._rank(within), 2 * self._begun + 1)
            self._begun += 1
        self._order.begin(self, rank)

    def end(self, *tasks: str) -> None:
        """Note that tasks have ended."""
        with self._lock:
            ranks = [self._tasks[task] for task in tasks if task in self._tasks]
        self._order.end(self, *ranks)

    def end_all(self) -> None:
        """Note that no task is at work."""
        self.end(*self._tasks)
        with self._lock:
            self._tasks.clear()

    def show(self, task: str | None, output: Show) -> tuple[bool, Any]:
        """Show the output of a task in its turn, or of the run itself; see `OutputOrder.show`."""
        with self._lock:
            rank, begun = self._rank(task), self._begun
        return self._order.show(self, rank, begun, output)

    def _rank(self, task: str | None) -> Rank:
        return () if task is None else self._tasks.get(task, ())


@dataclass(frozen=True)
class _Waiting:
    lane: OutputLane
    task: Rank
    rank: Rank
    output: Show

    def key(self) -> Rank:
        return self.lane.whole(self.rank)


lane_of_run: ContextVar[OutputLane | None] = ContextVar("nbhitl_lane", default=None)
"""The lane of the run that works in this context."""


@contextmanager
def shown_in(lane: OutputLane | None) -> Iterator[None]:
    """Let the outputs of what is begun in the block stand in a lane."""
    token = lane_of_run.set(lane)
    try:
        yield
    finally:
        lane_of_run.reset(token)
