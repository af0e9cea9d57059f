"""What a review was answered, for whoever wants to look at it or give it again."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

from nbhitl.core.questions import Answered, in_order
from nbhitl.forms import Forms
from nbhitl.protocol import Origin
from nbhitl.text.characters import escaped

WIDTH = 100
"""Characters of a line of source code."""


@dataclass(frozen=True)
class AnsweredTurn:
    """One question and its answer, a row of `Answers.to_frame`.

    Attributes
    ----------
    node, payload
        The question.
    answer, origin
        The answer, and who gave it.
    seconds
        Seconds from the first sight of the question in the card to the answer; ``None`` where no card was answered.
        Of a recorded answer those of the person.
    keys
        Number of keys pressed for it in the card; likewise.
    """

    node: str
    payload: Any
    answer: Any
    origin: Origin
    seconds: float | None = None
    keys: int | None = None


class Answers(list[Any]):
    """The answers, in order; a list as ``answers=`` takes it.

    Attributes
    ----------
    turns
        The same with what was asked, and who answered.
    """

    def __init__(self, turns: Iterable[AnsweredTurn] = ()) -> None:
        self.turns = tuple(turns)
        super().__init__(turn.answer for turn in self.turns)

    def as_code(self) -> str:
        """Return the answers as source code: the argument ``answers=[...]`` of `nbhitl.review`."""
        return escaped(f"answers={_written(list(self), '')}")

    def to_frame(self) -> Any:
        """Return a ``pandas.DataFrame`` with a column for each attribute of `AnsweredTurn`; needs pandas."""
        import pandas as pd  # type: ignore[import-untyped] # its stubs are no dependency of ours

        return pd.DataFrame([asdict(turn) for turn in self.turns], columns=[each.name for each in fields(AnsweredTurn)])


def answers_of(answered: Iterable[Answered], forms: Forms) -> Answers:
    """Return the answers that were given here; what another client answered is not known."""
    here = [each for each in in_order(answered) if each.origin != "elsewhere"]
    return Answers(
        AnsweredTurn(
            each.interrupt.node,
            each.interrupt.value,
            forms.of(each.interrupt).without_secrets(each.value),
            each.origin,
            None if each.answer is None else each.answer.seconds,
            None if each.answer is None else each.answer.keys,
        )
        for each in here
    )


def _written(value: Any, before: str) -> str:
    """Return a value as source code, over several lines where it is long; ``before`` is what begins each line."""
    text = repr(value)
    if len(before) + len(text) <= WIDTH or not value or not isinstance(value, dict | list):
        return text
    inside = before + "    "
    if isinstance(value, dict):
        parts = [f"{key!r}: {_written(each, inside)}" for key, each in value.items()]
    else:
        parts = [_written(each, inside) for each in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return "\n".join([opening, *(f"{inside}{part}," for part in parts), before + closing])
