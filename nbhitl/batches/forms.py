"""The forms of a batch: the forms of the items, with the marks of a decision set aside."""

from collections.abc import Callable, Mapping, Sequence
from string import ascii_lowercase
from typing import Any

from nbhitl.batches.item_answer import ItemAnswer
from nbhitl.forms import Form, Forms
from nbhitl.protocol import Action, Field, Request
from nbhitl.runs.run import Interrupt

SKIPPED = "(skipped)"

FLAG = "\n⚑ "
"""Separates an answer from the note of a flag."""

TAKEN = frozenset("sft")
"""Letters that skip, flag and try again."""

MOVES = frozenset("jk")
"""Letters that move among the requests of a question."""

KEPT = 200
"""Most questions with a cached form; further forms are made again on demand."""


class ItemForm:
    """The form of a question, whose answers may carry marks.

    Parameters
    ----------
    own
        The form of the question itself.
    """

    def __init__(self, own: Form) -> None:
        self.own = own
        self.prompt, self.shows, self.is_guess = own.prompt, own.shows, own.is_guess
        self.field = _with_free_keys(own.field)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ItemForm) and other.own is self.own

    def __hash__(self) -> int:
        return hash(id(self.own))

    def value(self, draft: str) -> Any:
        """Return the answer for a draft; see `Form.value`."""
        return self.own.value(draft)

    def draft(self, value: Any) -> str | None:
        """Return the draft of the answer; ``None`` where the question was skipped."""
        decided = ItemAnswer.of(value)
        return None if decided.is_skipped else self.own.draft(decided.answer)

    def show(self, value: Any) -> str:
        """Return the decision as text: the answer, and the note of the flag."""
        decided = ItemAnswer.of(value)
        answer = SKIPPED if decided.is_skipped else self.own.show(decided.answer)
        return f"{answer}{FLAG}{decided.flag}" if decided.flag else answer

    def without_secrets(self, value: Any) -> Any:
        """Return ``value`` without secrets; the same object if there are none."""
        decided = ItemAnswer.of(value)
        blotted = self.own.without_secrets(decided.answer)
        return value if blotted is decided.answer else decided.with_answer(blotted).as_value()

    def example(self) -> Any:
        """Return an answer that shows the shape."""
        return self.own.example()

    def fit(self, value: Any) -> Any:
        """Return the resume value for an answer, with or without marks; see `Form.fit`."""
        decided = ItemAnswer.of(value)
        if decided.is_skipped:
            return decided.with_answer(None).as_value()
        return decided.with_answer(self.own.fit(decided.answer)).as_value()


def _with_free_keys(field: Field) -> Field:
    """Return a field without the letters that a batch uses itself: a decision gets a different letter of the label."""
    if field["kind"] != "decisions":
        return field
    requests: list[Request] = [{**each, "actions": _rekeyed(each["actions"])} for each in field["requests"]]
    return {**field, "requests": requests}


def _rekeyed(actions: Sequence[Action]) -> list[Action]:
    taken = {*TAKEN, *MOVES, *(each["key"] for each in actions)}
    rekeyed: list[Action] = []
    for each in actions:
        key = each["key"]
        if key in TAKEN:
            letters = (letter for letter in each["label"].lower() if letter in ascii_lowercase)
            key = next((letter for letter in letters if letter not in taken), "")
            taken.add(key)
        rekeyed.append({**each, "key": key})
    return rekeyed


class BatchForms(Forms):
    """The forms of a batch; see `Forms`. Only the forms of the last questions are cached."""

    def __init__(self, by_node: Mapping[str, Any] | None = None) -> None:
        super().__init__(by_node)

    def of(self, interrupt: Interrupt) -> Form:
        """Return the form of an interrupt."""
        form = ItemForm(super().of(interrupt))
        while len(self._known) > KEPT:
            oldest = next(iter(self._known))
            del self._known[oldest]
        return form

    def unmarked(self, value: Any) -> tuple[Any, Callable[[Any], Any]] | None:
        """Return an answer without the marks; see `Forms.unmarked`."""
        decided = ItemAnswer.of(value)
        if decided.is_skipped:
            return None
        return decided.answer, lambda answer: decided.with_answer(answer).as_value()
