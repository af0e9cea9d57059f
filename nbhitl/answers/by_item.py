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

UNEVEN = (
    "{where} has {answers} answers for {items} items, {each} for each, and item {item} {asked}, so that the next "
    "answer may be for another item. Give the answers by the place of the item: {where}{{0: […], 1: […]}}. If the list "
    "is in the order of the questions, item by item, nbhitl.answering([…]) gives the answers in this order."
)


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
    """Answers in the order of the items that are asked; see `ByItem`.

    Parameters
    ----------
    answers
        The answers.
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
    """A list of answers for the items of a batch.

    A list that can be shared evenly has the same number of answers for each item. An item whose run fails, or had ended
    before, leaves its own answers unused. Where an item asks more or fewer questions, the list may also be in the order
    of the questions: no further answer is given, because another item could get the answer.

    Any other list is in the order of the questions; there an item whose run fails is assumed to have a single answer.
    """

    def __init__(self, values: ItemAnswers, where: str = "answers=") -> None:
        super().__init__(list(map(copied, values)), where)
        self._values = values
        self._items = values.items
        count = len(self._items)
        self._each = len(values) // count if count > 1 and len(values) % count == 0 else 0
        self._taken: Counter[int] = Counter()
        self._passed = 0  # items whose unused answers were left out
        self._why_uneven = ""

    def found(self, past: Past) -> None:
        """Leave out the answers to the settled questions of an item whose run was found."""
        settled = Counter(each.checkpoint[0] for each in past.questions if each.id is None)
        for number, count in settled.items():  # of a single item
            self._pass_over(number)
            self._taken[number] += count
        super().found(past)

    def take(self, interrupt: Interrupt, ordinal: int) -> Answer | None:
        """Return the next answer of the item that asks."""
        number = place_of(interrupt)
        self._pass_over(number)
        if self._each and self._taken[number] >= self._each:
            self._note_uneven(number, f"asks question {self._taken[number] + 1}")
        if self._why_uneven:
            return None
        answer = super().take(interrupt, ordinal)
        self._taken[number] += answer is not None
        return answer

    def why_none(self, interrupt: Interrupt, ordinal: int) -> NobodyThere:
        """Name the surplus question, or the item that asks more or fewer questions; and the runs that failed."""
        if self._why_uneven and self._left and self._why_unsure is None:
            return NobodyThere(f"{self._why_uneven}{_failures(self._items)}")
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
            unused = self._unused_of(item)
            self._given += len(self._left[:unused])
            del self._left[:unused]

    def _unused_of(self, item: ItemRun) -> int:
        """Return the number of answers in the list that an item leaves unused."""
        taken = self._taken[item.number]
        has_failed = item.asks_no_more and item.error is not None
        if not self._each:
            return max(0, 1 - taken) if has_failed else 0
        if not has_failed and taken != self._each:
            self._note_uneven(item.number, f"has asked {taken} question{'s' * (taken != 1)}")
        return max(0, self._each - taken) if item.asks_no_more else 0

    def _note_uneven(self, number: int, asked: str) -> None:
        """Note the first item that asks more or fewer questions than it has answers in the list."""
        self._why_uneven = self._why_uneven or UNEVEN.format(
            where=self._where,
            answers=len(self._values),
            items=len(self._items),
            each=self._each,
            item=number + 1,
            asked=asked,
        )


class ByEachItem:
    """Answers for each item: a source for each place, which knows the nodes as the run of the item does."""

    origin: Origin = "script"
    may_run_again = False

    def __init__(self, values: EachItemAnswers, where: str = "answers=") -> None:
        self._items, self._where = {item.number: item for item in values.items}, where
        self._of = {place: _source_of(each, f"{where} at {place}") for place, each in values.by_place.items()}
        self.is_complete = any(source.is_complete for source in self._of.values())

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
        source = self._of.get(place_of(interrupt))
        return None if source is None else source.take(_as_its_run_asks(interrupt), ordinal)

    def why_none(self, interrupt: Interrupt, ordinal: int) -> NobodyThere:
        """Say that the item has no answer, or none left."""
        place, asked = place_of(interrupt), _as_its_run_asks(interrupt)
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


def place_of(interrupt: Interrupt) -> int:
    """Return the place of the item that asks."""
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
