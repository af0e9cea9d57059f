"""The decision on a question of a batch: the answer, and the marks that a person leaves."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from nbhitl.protocol import ItemMarks

MARKS = "nbhitl_item"
"""The key under which a resume value holds marks; the answer then stands under `ANSWER`."""

ANSWER = "answer"


@dataclass(frozen=True)
class ItemAnswer:
    """A decision on a question.

    Attributes
    ----------
    answer
        The resume value for the item's own run.
    seconds
        How long a person had the question before them; ``None`` where no person decided.
    flag
        A person's note on the item; empty where there is none.
    is_skipped
        Whether the question was left without an answer.
    """

    answer: Any = None
    seconds: float | None = None
    flag: str = ""
    is_skipped: bool = False

    @classmethod
    def of(cls, value: Any) -> "ItemAnswer":
        """Return the decision in a resume value; a value without marks is the answer."""
        if not isinstance(value, Mapping) or value.keys() != {MARKS, ANSWER}:
            return cls(value)
        marks = value[MARKS]
        if not isinstance(marks, Mapping):
            return cls(value)
        seconds, flag = marks.get("seconds"), marks.get("flag")
        return cls(
            value[ANSWER],
            seconds if isinstance(seconds, int | float) else None,
            flag if isinstance(flag, str) else "",
            marks.get("skipped") is True,
        )

    @classmethod
    def marked(cls, answer: Any, marks: ItemMarks) -> "ItemAnswer":
        """Return a person's decision from the page's message."""
        return cls(answer, marks.get("seconds"), marks.get("flag", ""), marks.get("skipped", False))

    def with_answer(self, answer: Any) -> "ItemAnswer":
        """Return the same decision with another answer."""
        return replace(self, answer=answer)

    def as_value(self) -> Any:
        """Return the resume value: JSON where the answer is JSON, and the answer alone where there are no marks."""
        marks: ItemMarks = {}
        if self.seconds is not None:
            marks["seconds"] = self.seconds
        if self.flag:
            marks["flag"] = self.flag
        if self.is_skipped:
            marks["skipped"] = True
        return {MARKS: marks, ANSWER: self.answer} if marks else self.answer
