"""Answers that are written down: in the source of a cell, or in a file."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nbhitl.answers.base import Answer, Source, one_line
from nbhitl.errors import LeftoverAnswers, NobodyThere, UsageError
from nbhitl.protocol import Origin
from nbhitl.thread import Interrupt

Given = Sequence[Any] | Mapping[str, Any]
"""A list in the order of the questions, or answers by node."""


def given(answers: Any, where: str = "answers=") -> "Script | ByNode":
    """Return the source for answers as users write them.

    Raises
    ------
    UsageError
        If they are neither a list nor a mapping by node.
    """
    if isinstance(answers, Mapping):
        return ByNode(answers, where)
    if isinstance(answers, str | bytes) or not isinstance(answers, Sequence):
        raise UsageError(
            f"{where} takes a list, one answer for each question, or a mapping by node, not {answers!r}. "
            f"For one: [{answers!r}]."
        )
    return Script(answers, where)


class Script:
    """A list of answers, given in the order of the questions."""

    origin: Origin = "script"

    def __init__(self, values: Iterable[Any], where: str = "answers=") -> None:
        self._values, self._where = list(values), where
        self._given = 0

    def take(self, interrupt: Interrupt, ordinal: int) -> Answer | None:
        """Return the next answer."""
        if self._given == len(self._values):
            return None
        self._given += 1
        return Answer(interrupt.id, self._values[self._given - 1], self.origin)

    def why_none(self, interrupt: Interrupt, ordinal: int) -> NobodyThere:
        """Say which question is one too many."""
        return NobodyThere(
            f"{self._where} holds {self._given} answer{'s' * (self._given != 1)}, and node {interrupt.node!r} asks "
            f"once more: {one_line(interrupt.value)}. Add an answer to {self._where}, or leave it out to ask a person."
        )

    def left_over(self) -> LeftoverAnswers | None:
        """Say which values were not given."""
        return _too_many([repr(value) for value in self._values[self._given :]], self._where)


class ByNode:
    """Answers by node: a list in the order of its questions, anything else the answer to each of them.

    A node is named by its path (``"outer/ask"``), or by its last part.
    """

    origin: Origin = "script"

    def __init__(self, answers: Mapping[str, Any], where: str = "answers=") -> None:
        self._answers, self._where = dict(answers), where
        self._given: Counter[str] = Counter()

    def take(self, interrupt: Interrupt, ordinal: int) -> Answer | None:
        """Return the next answer of the node."""
        name = self._name_of(interrupt)
        answers = self._answers.get(name, [])
        if isinstance(answers, list):
            if self._given[name] == len(answers):
                return None
            answers = answers[self._given[name]]
        self._given[name] += 1
        return Answer(interrupt.id, answers, self.origin)

    def why_none(self, interrupt: Interrupt, ordinal: int) -> NobodyThere:
        """Say that the node has none, or none left."""
        name = self._name_of(interrupt)
        asks = f"Node {interrupt.node!r} asks {one_line(interrupt.value)}"
        if name in self._answers:
            number = self._given[name]
            return NobodyThere(f"{asks}, and {self._where} has only {number} answer{'s' * (number != 1)} for it.")
        known = ", ".join(map(repr, self._answers)) or "none"
        return NobodyThere(f"{asks}, and {self._where} has no answer for that node; it has some for: {known}.")

    def left_over(self, *, only_asked: bool = False) -> LeftoverAnswers | None:
        """Say for which nodes there were more answers than questions; for all, or only those that asked at all."""
        left = []
        for name, answers in self._answers.items():
            if only_asked and not self._given[name]:
                continue
            values = answers if isinstance(answers, list) else [answers]
            left += [f"{value!r} for node {name!r}" for value in values[self._given[name] :]]
        return _too_many(left, self._where)

    def _name_of(self, interrupt: Interrupt) -> str:
        last = interrupt.node.rpartition("/")[2]
        return last if interrupt.node not in self._answers and last in self._answers else interrupt.node


class Lent:
    """A source that several reviews share: what one of them leaves is for the next."""

    def __init__(self, source: Source) -> None:
        self.origin = source.origin
        self.take, self.why_none = source.take, source.why_none

    def left_over(self) -> None:
        """Return nothing."""


def _too_many(left: Sequence[str], where: str) -> LeftoverAnswers | None:
    if not left:
        return None
    return LeftoverAnswers(
        f"{where} holds {len(left)} more than was asked: {', '.join(left)}. The run has ended; take the surplus out."
    )
