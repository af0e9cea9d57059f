"""The order of the outputs of reviews and nodes that work at the same time in a cell.

Nodes print and display from their own threads, at moments that depend on the persons who answer and on the scheduler.
Because notebooks are compared between executions, the outputs have a fixed order: the outputs of an earlier review
before the outputs of a later review, and the outputs of an earlier task before the outputs of a parallel task. An early
output waits until each earlier review or task has ended; a cell with a single review, and a graph with a single task at
a time, never wait.
"""

import threading
from bisect import insort
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from functools import partial
from typing import Any

from nbhitl.kernel.sigint import defer_sigint

Rank = tuple[int, ...]
"""A position in the order; a rank that begins with another rank lies within: a subgraph's task within the parent's."""

Show = Callable[[], Any]
"""Prints or displays an output."""

CODE: Rank = (0,)
"""The code of the cell, and the reviews for which the code waits."""

AFTER: Rank = (1,)
"""The reviews for which no code of the cell waits: the outputs are at the end of the cell."""


class OutputOrder:
    """The outputs of an execution of a cell.

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
        """Return the lane of the cell's ``nth`` review."""
        return OutputLane(self, nth)

    def code_ended(self) -> None:
        """Note that the code of the cell has ended."""
        self.end(None, CODE)

    def begin(self, lane: "OutputLane | None", rank: Rank) -> None:
        """Note that ``rank`` is at work: outputs of a later rank wait."""
        with defer_sigint(), self._lock:
            self._at_work.add((lane, rank))

    def end(self, lane: "OutputLane | None", *ranks: Rank) -> None:
        """Note that ``ranks`` have ended, and show the outputs that waited only for these ranks."""
        with defer_sigint(), self._lock:
            self._at_work.difference_update([(lane, rank) for rank in ranks])
            self._show_due()

    def show(self, lane: "OutputLane", task: Rank, after: int, output: Show) -> tuple[bool, Any]:
        """Show an output in turn; return whether the output was shown now, and the result of ``output``.

        Parameters
        ----------
        lane, task
            The review, and the task of the review.
        after
            The number of tasks of the review that have begun.
        output
            Called in turn, on any thread; prints or displays.
        """
        with defer_sigint(), self._lock:
            if not self._must_wait(lane, task):
                return True, output()
            insort(self._waiting, _Waiting(lane, task, (*task, 2 * after), output), key=_Waiting.key)
            return False, None

    def move(self, lane: "OutputLane", stage: Rank) -> None:
        """Move a lane to another stage, and show the outputs that need not wait there."""
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
            with suppress(Exception):  # the code that printed has gone on, and cannot handle the error
                each.output()


class OutputLane:
    """The outputs of a review among the outputs of the cell."""

    def __init__(self, order: OutputOrder, nth: int) -> None:
        self._order, self._nth = order, nth
        self.stage = AFTER
        self._begun = 0
        self._tasks: dict[str, Rank] = {}
        self._lock = threading.Lock()
        order.begin(self, ())

    def whole(self, rank: Rank) -> Rank:
        """Return the rank in the cell for a rank in the lane."""
        return (*self.stage, self._nth, *rank)

    def needed(self) -> None:
        """Note that the code of the cell waits for the review, whose outputs then take their turn within the code."""
        self._order.move(self, CODE)

    def over(self) -> None:
        """Note that the review has ended, so that outputs of later reviews need not wait."""
        self._order.end(self, ())

    def begin(self, task: str, within: str | None = None) -> None:
        """Note that a task begins, within the task ``within`` or in the graph itself."""
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
        """Show an output of a task, or of the run itself, in turn; see `OutputOrder.show`."""
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
    """Show the outputs of code that starts in the block in ``lane``."""
    token = lane_of_run.set(lane)
    try:
        yield
    finally:
        lane_of_run.reset(token)


InTurn = Callable[[Show], tuple[bool, Any]]
"""Calls a function that shows an output, now or later; returns whether now, and the result of the function."""

in_turn: ContextVar[InTurn | None] = ContextVar("nbhitl_in_turn", default=None)
"""Shows the outputs of this context in turn; ``None`` to show outputs at once."""


def show_in_turn(output: Show) -> tuple[bool, Any]:
    """Show an output of this context in turn; return whether the output was shown now, and the result of ``output``."""
    show = in_turn.get()
    if show is None:
        return True, output()
    return show(partial(copy_context().run, output))  # any thread may show the output, in the context of this cell
