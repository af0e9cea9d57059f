"""Answers to the items of a batch: each item gets the answers at its own place, also after an item that failed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from nbhitl.answers.base import Answer, asks_what, copied, one_line
from nbhitl.answers.inline import ByNode, Script, given
from nbhitl.errors import LeftoverAnswers, NobodyThere, UsageError
from nbhitl.protocol import Origin
from nbhitl.runs.past import Past, PastQuestion
from nbhitl.runs.run import Interrupt

SEVERAL = " For several answers to each item write {}{{0: […], 1: […]}}."


class ItemRun(Protocol):
    """The part of a batch's item that the answers need to know."""

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


class EachItemAnswers:
    """Answers for each item, by the item's place.

    Parameters
    ----------
    by_place
        For each place a list in the order of the item's questions, a mapping by node, or a single answer.
    items
        The items that are asked.

    Raises
    ------
    UsageError
        If there is an answer for an item that is not asked.
    """

    def __init__(self, by_place: Mapping[int, Any], items: Sequence[ItemRun], where: str) -> None:
        self.by_place, self.items = by_place, tuple(items)
        asked = [item.number for item in items]
        if beyond := by_place.keys() - set(asked):
            listed = f"asked are: {', '.join(map(str, asked))}" if asked else "no item is asked"
            raise UsageError(f"{where} has an answer at {min(beyond)}, which is not asked; {listed}.")


class ByItem(Script):
    """A list of answers in the order of the items; an item whose run fails leaves only its own answers unused.

    The next item still gets the answers at its own place in the list. Where the items do not all have the same number
    of answers, a failed item is assumed to have a single answer.
    """

    def __init__(self, values: ItemAnswers, where: str = "answers=") -> None:
        super().__init__(list(map(copied, values)), where)
        self._values = values
        self._items = values.items
        self._each = len(values) // len(values.items) if values.items and len(values) % len(values.items) == 0 else 1
        self._taken: Counter[int] = Counter()
        self._passed = 0  # items whose unused answers were left out

    def found(self, past: Past) -> None:
        """Leave out the answers to the settled questions of an item whose run was found."""
        settled = Counter(each.checkpoint[0] for each in past.questions if each.id is None)
        for number, count in settled.items():  # of a single item
            self._pass_over(number)
            self._taken[number] += count
        super().found(past)

    def take(self, interrupt: Interrupt, ordinal: int) -> Answer | None:
        """Return the next answer of the item that asks."""
        number = _place_of(interrupt)
        self._pass_over(number)
        answer = super().take(interrupt, ordinal)
        self._taken[number] += answer is not None
        return answer

    def why_none(self, interrupt: Interrupt, ordinal: int) -> NobodyThere:
        """Name the surplus question, and the runs that failed."""
        why = super().why_none(interrupt, ordinal)
        more = SEVERAL.format(self._where) if self._values and all(map(_is_list, self._values)) else ""
        return NobodyThere(f"{why}{more}{_failures(self._items)}")

    def left_over(self) -> LeftoverAnswers | None:
        """Name the unused answers, and the runs that failed."""
        self._pass_over(None)
        left = super().left_over()
        return None if left is None else LeftoverAnswers(f"{left}{_failures(self._items)}")

    def _pass_over(self, until: int | None) -> None:
        """Leave out the unused answers of items before ``until``; of all items if ``None``."""
        while self._passed < len(self._items) and (until is None or self._items[self._passed].number < until):
            item = self._items[self._passed]
            self._passed += 1
            unused = max(0, self._each - self._taken[item.number]) if item.asks_no_more else 0
            self._given += len(self._left[:unused])
            del self._left[:unused]


class ByEachItem:
    """Answers for each item: a source for each place, which knows the nodes as the run of the item does."""

    origin: Origin = "script"
    is_complete = may_run_again = False

    def __init__(self, values: EachItemAnswers, where: str = "answers=") -> None:
        self._items, self._where = {item.number: item for item in values.items}, where
        self._of = {place: _source_of(each, f"{where} at {place}") for place, each in values.by_place.items()}

    def found(self, past: Past) -> None:
        """Leave out the answers to the settled questions of the items whose runs were found."""
        asked: dict[int, list[PastQuestion]] = {}
        for each in past.questions:
            asked.setdefault(each.checkpoint[0], []).append(each)
        for place, questions in asked.items():
            if source := self._of.get(place):
                unsure = frozenset(_in_run(each.node) for each in questions if each.node in past.unsure)
                own = tuple(replace(each, node=_in_run(each.node)) for each in questions)
                source.found(replace(past, questions=own, unsure=unsure))

    def take(self, interrupt: Interrupt, ordinal: int) -> Answer | None:
        """Return the next answer of the item that asks."""
        source = self._of.get(_place_of(interrupt))
        return None if source is None else source.take(_as_its_run_asks(interrupt), ordinal)

    def why_none(self, interrupt: Interrupt, ordinal: int) -> NobodyThere:
        """Say that the item has no answer, or none left."""
        place, asked = _place_of(interrupt), _as_its_run_asks(interrupt)
        if source := self._of.get(place):
            return NobodyThere(f"{source.why_none(asked, ordinal)}{_failures(self._items.values())}")
        there = f"it has answers at {', '.join(map(str, sorted(self._of)))}"
        return NobodyThere(f"{asks_what(asked)}, and {self._where} has nothing at {place}; {there}.")

    def left_over(self) -> LeftoverAnswers | None:
        """Name the unused answers of the items whose runs did not fail."""
        left = [source.left_over() for place, source in self._of.items() if not self._items[place].asks_no_more]
        told = "\n".join(str(each) for each in left if each is not None)
        return LeftoverAnswers(f"{told}{_failures(self._items.values())}") if told else None


def _source_of(answers: Any, where: str) -> Script | ByNode:
    return given(answers if isinstance(answers, Mapping) or _is_list(answers) else [answers], where)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _place_of(interrupt: Interrupt) -> int:
    return int(interrupt.id.partition(":")[0])


def _as_its_run_asks(interrupt: Interrupt) -> Interrupt:
    return replace(interrupt, node=_in_run(interrupt.node))


def _in_run(node: str) -> str:
    """Return the node without the name of the item."""
    return node.partition("/")[2]


def _failures(items: Iterable[ItemRun]) -> str:
    failed = [
        f"item {item.number + 1} ({type(item.error).__name__}: {one_line(str(item.error))})"
        for item in items
        if item.error is not None
    ]
    return f" Runs that failed: {', '.join(failed)}." if failed else ""
