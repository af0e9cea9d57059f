"""Answers written in the source of a cell, or in a file."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nbhitl.answers.base import OUT_OF_ORDER, Answer, Source, asks_what, copied, one_line, outlined
from nbhitl.errors import LeftoverAnswers, NobodyThere, UsageError
from nbhitl.protocol import Origin
from nbhitl.runs.past import Past, PastQuestion
from nbhitl.runs.run import Interrupt

Given = Sequence[Any] | Mapping[str, Any]
"""A list in the order of the questions, or answers by node."""


def given(answers: Any, where: str = "answers=") -> "Script | ByNode":
    """Return the source for answers as users write them.

    Raises
    ------
    UsageError
        If the answers are neither a list nor a mapping by node.
    """
    if isinstance(answers, Mapping):
        return ByNode(answers, where)
    if isinstance(answers, str | bytes) or not isinstance(answers, Sequence):
        raise UsageError(
            f"{where} takes a list, one answer for each question, or a mapping by node, not {outlined(answers)}. "
            f"For one answer, a list of one."
        )
    return Script(answers, where)


class Script:
    """A list of answers, given in the order of the questions."""

    origin: Origin = "script"
    may_run_again = False

    def __init__(self, values: Iterable[Any], where: str = "answers=") -> None:
        turns = getattr(values, "turns", ())  # of answers that another review has told
        self._left, self._where = [copied(value) for value in values], where
        self._ruled = [turn.ruled for turn in turns]
        self.is_complete = any(map(any, self._ruled))
        self._given = 0
        self._why_unsure: str | None = None

    def found(self, past: Past) -> None:
        """Leave out the answers to the questions that are settled."""
        self._why_unsure = past.why_unknown or (None if past.is_in_order else OUT_OF_ORDER)
        self._left, settled = _without_settled(self._left, past.questions)
        self._given += settled

    def take(self, interrupt: Interrupt, ordinal: int) -> Answer | None:
        """Return the next answer."""
        if not self._left or self._why_unsure is not None:
            return None
        self._given += 1
        ruled = self._ruled[-len(self._left)] if self._ruled else ()
        return Answer(interrupt.id, self._left.pop(0), self.origin, ruled=ruled)

    def why_none(self, interrupt: Interrupt, ordinal: int) -> NobodyThere:
        """Name the surplus question, or say why the right answer is unknown."""
        if self._why_unsure is not None:
            return _unsure(interrupt, self._where, self._why_unsure)
        return NobodyThere(
            f"{self._where} holds {self._given} answer{'s' * (self._given != 1)}, and {_once_more(interrupt)}. Add an "
            f"answer to {self._where}, or leave it out to ask a person."
        )

    def left_over(self) -> LeftoverAnswers | None:
        """Name the unused answers."""
        if self._why_unsure is not None:
            return None
        left = enumerate(self._left, self._given + 1)
        return _too_many([f"answer {number} ({outlined(value)})" for number, value in left], self._where)


class ByNode:
    """Answers by node: a list in the order of the node's questions, any other value the answer to each question.

    A node is named by its path (``"outer/ask"``), or by the last part of the path. ``has_words``: the answers are from
    a file, and may hold unquoted words.
    """

    origin: Origin = "script"
    is_complete = False

    def __init__(
        self,
        answers: Mapping[str, Any],
        where: str = "answers=",
        *,
        may_run_again: bool = False,
        has_words: bool = False,
    ) -> None:
        self.may_run_again, self._has_words = may_run_again, has_words
        self._answers, self._where = {name: copied(given) for name, given in answers.items()}, where
        self._left = {
            name: [copied(each) for each in given] for name, given in answers.items() if isinstance(given, list)
        }
        self._given: Counter[str] = Counter()
        self._why_unsure: dict[str, str] = {}

    def found(self, past: Past) -> None:
        """Leave out the answers to the questions that are settled."""
        self._why_unsure = {}
        for name in self._answers:
            asked = [each for each in past.questions if self._name_of(each.node) == name]
            settled = sum(each.id is None for each in asked)
            if name in self._left:
                self._left[name], settled = _without_settled(self._left[name], asked)
                if past.why_unknown is not None:
                    self._why_unsure[name] = past.why_unknown
                elif any(each.node in past.unsure for each in asked):
                    self._why_unsure[name] = OUT_OF_ORDER
            self._given[name] += settled

    def take(self, interrupt: Interrupt, ordinal: int) -> Answer | None:
        """Return the next answer of the node."""
        name = self._name_of(interrupt.node)
        if name not in self._answers or name in self._why_unsure or self._left.get(name, ...) == []:
            return None
        self._given[name] += 1
        value = self._left[name].pop(0) if name in self._left else self._answers[name]
        return Answer(interrupt.id, value, self.origin, has_words=self._has_words)

    def why_none(self, interrupt: Interrupt, ordinal: int) -> NobodyThere:
        """Say that the node has no answer, or none left, or why the right answer is unknown."""
        name = self._name_of(interrupt.node)
        if name in self._why_unsure:
            return _unsure(interrupt, self._where, self._why_unsure[name])
        asked = asks_what(interrupt)
        if name in self._answers:
            number = self._given[name]
            return NobodyThere(f"{asked}, and {self._where} has only {number} answer{'s' * (number != 1)} for it.")
        known = ", ".join(map(repr, self._answers)) or "none"
        return NobodyThere(f"{asked}, and {self._where} has no answer for that node; it has some for: {known}.")

    def left_over(self, *, only_asked: bool = False) -> LeftoverAnswers | None:
        """Name the nodes with more answers than questions; of all nodes, or only of nodes that asked."""
        left = []
        for name, answers in self._answers.items():
            if only_asked and not self._given[name]:
                continue
            if name in self._why_unsure:
                continue
            values = self._left.get(name, [] if self._given[name] else [answers])
            unused = enumerate(values, self._given[name] + 1)
            left += [f"answer {number} for node {name!r} ({outlined(value)})" for number, value in unused]
        return _too_many(left, self._where)

    def _name_of(self, node: str) -> str:
        last = node.rpartition("/")[2]
        return last if node not in self._answers and last in self._answers else node


class Lent:
    """A source shared by several reviews: the answers left by a review are for the next review."""

    def __init__(self, source: Source) -> None:
        self.origin, self.may_run_again = source.origin, source.may_run_again
        self.is_complete = source.is_complete
        self.found, self.take, self.why_none = source.found, source.take, source.why_none

    def left_over(self) -> None:
        """Return nothing."""


class FromNowOn:
    """A source for a review that opens a thread: the answers are only for later questions."""

    def __init__(self, source: Source) -> None:
        self.origin, self.may_run_again = source.origin, source.may_run_again
        self.is_complete = source.is_complete
        self.take, self.why_none, self.left_over = source.take, source.why_none, source.left_over

    def found(self, past: Past) -> None:
        """Do nothing."""


def _without_settled(answers: list[Any], asked: Sequence[PastQuestion]) -> tuple[list[Any], int]:
    """Return the answers without answers to settled questions, and the number removed."""
    settled = {number for number, each in enumerate(asked) if each.id is None}
    left = [answer for number, answer in enumerate(answers) if number not in settled]
    return left, len(answers) - len(left)


def _unsure(interrupt: Interrupt, where: str, why: str) -> NobodyThere:
    return NobodyThere(
        f"{asks_what(interrupt)}. Earlier questions of this run were answered before the review found the run, so the "
        f"answer in {where} for this question is not known: {why}. Answer in the card, or give the node a single "
        f'answer for all questions of the node: {{{interrupt.node!r}: "…"}}.'
    )


def _once_more(interrupt: Interrupt) -> str:
    if interrupt.is_stop:
        asked = asks_what(interrupt)
        return f"{asked[0].lower()}{asked[1:]}"
    return f"node {interrupt.node!r} asks once more: {one_line(interrupt.value)}"


def _too_many(left: Sequence[str], where: str) -> LeftoverAnswers | None:
    if not left:
        return None
    unused = f"{len(left)} unused answer{'s' * (len(left) != 1)}"
    return LeftoverAnswers(
        f"{where} has {unused}: {', '.join(left)}. The run asked no further question; remove each unused answer."
    )
