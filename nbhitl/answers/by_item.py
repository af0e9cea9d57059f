"""A list of answers to the items of a batch, each of which keeps its place."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from nbhitl.answers.base import Answer, copied, one_line
from nbhitl.answers.inline import Script
from nbhitl.errors import LeftoverAnswers, NobodyThere
from nbhitl.runs.run import Interrupt, Past


class ItemRun(Protocol):
    """An item of a batch, as far as the answers need to know it."""

    @property
    def number(self) -> int:
        """The place of the item in the batch, from 0."""

    @property
    def asks_no_more(self) -> bool:
        """Whether the run has failed, or had ended before the batch, so that answers to the item stay unused."""

    @property
    def error(self) -> BaseException | None:
        """The exception of the run."""


class ItemAnswers(list[Any]):
    """Answers in the order of the items that are asked.

    Parameters
    ----------
    answers
        The answers; the same number for each item.
    items
        The items.
    """

    def __init__(self, answers: Iterable[Any], items: Sequence[ItemRun]) -> None:
        super().__init__(answers)
        self.items = tuple(items)


class ByItem(Script):
    """A list of answers in the order of the items: the run of an item that fails leaves its own answers unused.

    The next item gets the answer that stands in its own place all the same. Where the answers are not the same number
    for each item, a failed item counts as one with a single answer.
    """

    def __init__(self, values: ItemAnswers, where: str = "answers=") -> None:
        super().__init__(list(map(copied, values)), where)
        self._items = values.items
        self._each = len(values) // len(values.items) if values.items and len(values) % len(values.items) == 0 else 1
        self._taken: Counter[int] = Counter()
        self._passed = 0  # items whose unused answers were left out

    def found(self, past: Past) -> None:
        """Leave out the answers of an item whose run was found: those to the questions that are settled."""
        settled = Counter(each.checkpoint[0] for each in past.questions if each.id is None)
        for number, count in settled.items():  # of one item
            self._pass_over(number)
            self._taken[number] += count
        super().found(past)

    def take(self, interrupt: Interrupt, ordinal: int) -> Answer | None:
        """Return the next answer of the item that asks."""
        number = int(interrupt.id.partition(":")[0])
        self._pass_over(number)
        answer = super().take(interrupt, ordinal)
        self._taken[number] += answer is not None
        return answer

    def why_none(self, interrupt: Interrupt, ordinal: int) -> NobodyThere:
        """Name the surplus question, and the runs that failed."""
        why = super().why_none(interrupt, ordinal)
        return NobodyThere(f"{why}{self._failures()}")

    def left_over(self) -> LeftoverAnswers | None:
        """Name the unused answers, and the runs that failed."""
        self._pass_over(None)
        left = super().left_over()
        return None if left is None else LeftoverAnswers(f"{left}{self._failures()}")

    def _pass_over(self, until: int | None) -> None:
        """Leave out the unused answers of items before ``until``; of all items if ``None``."""
        while self._passed < len(self._items) and (until is None or self._items[self._passed].number < until):
            item = self._items[self._passed]
            self._passed += 1
            unused = max(0, self._each - self._taken[item.number]) if item.asks_no_more else 0
            self._given += len(self._left[:unused])
            del self._left[:unused]

    def _failures(self) -> str:
        failed = [
            f"item {item.number + 1} ({type(item.error).__name__}: {one_line(str(item.error))})"
            for item in self._items
            if item.error is not None
        ]
        return f" Runs that failed: {', '.join(failed)}." if failed else ""
