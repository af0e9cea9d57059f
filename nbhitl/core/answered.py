"""The answers of a review, to look at or to give again."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from nbhitl.answers import Answer, deciders
from nbhitl.answers.by_item import place_of
from nbhitl.core.questions import Answered, in_order
from nbhitl.forms import Forms
from nbhitl.protocol import Origin, RuledCall
from nbhitl.tables import column, pandas
from nbhitl.text.characters import escaped
from nbhitl.user import user

WIDTH = 100
"""Characters of a line of source code."""


WHO: dict[Origin, str] = {
    "person": "a person",
    "code": "card.answer",
    "script": "answers=",
    "record": "a person",  # recorded by a person: the output of a replay is that of the first execution
    "elsewhere": "another client",
    "rule": "a rule",
    "time": "the time-out",
}


def decided_by(answer: Answer | None, origin: Origin) -> str:
    """Return the deciders of an answer: the rules that decided on tool calls, and the decider on the rest."""
    other = WHO["time" if answer is not None and answer.is_by_time else origin]
    return deciders(() if answer is None else answer.ruled, other)


def person_of(answer: Answer | None) -> str:
    """Return the name of the person who gave an answer: as the front end says, or else the user of this process."""
    return user() if answer is None else answer.who or user()


@dataclass(frozen=True)
class AnsweredTurn:
    """A question and the answer, a row of `Answers.to_frame`.

    Attributes
    ----------
    node, payload
        The question.
    answer, origin
        The answer, and the kind of decider.
    seconds
        Seconds from the first sight of the question in the card to the answer; ``None`` without a card. For a recorded
        answer, the person's seconds.
    keys
        Number of keys pressed in the card; likewise.
    decided_by
        The deciders: a person, the rules, the time-out.
    ruled
        The rule that decided on each tool call; ``None`` where no rule decided.
    who
        The name of the person who answered, here or in the recorded execution; empty where no person took part.
    item
        The place of the item in the batch, from 0; ``None`` in a review.
    """

    node: str
    payload: Any
    answer: Any
    origin: Origin
    seconds: float | None = None
    keys: int | None = None
    decided_by: str = ""
    ruled: tuple[RuledCall | None, ...] = ()
    who: str = ""
    item: int | None = None


class Answers(list[Any]):
    """The answers, in order: a list for ``answers=``.

    The answers of a batch whose items asked different numbers of questions are written by the place of the item.

    Parameters
    ----------
    turns
        The answers with question and decider.
    items
        The number of items of a batch; 0 for a review.

    Attributes
    ----------
    turns, items
        The parameters.
    """

    def __init__(self, turns: Iterable[AnsweredTurn] = (), items: int = 0) -> None:
        self.turns, self.items = tuple(turns), items
        super().__init__(turn.answer for turn in self.turns)

    def __repr__(self) -> str:
        return repr(self._as_given(self.turns))

    def as_code(self) -> str:
        """Return the answers as source code: the argument ``answers=[...]`` of `nbhitl.review` or `nbhitl.batch`.

        An answer that the rules of the source gave alone is left out: the same rules will give the answer again.
        """
        asked = [turn for turn in self.turns if not _is_by_source(turn)]
        return escaped(f"answers={_written(self._as_given(asked), '')}")

    @property
    def by_place(self) -> dict[int, "Answers"]:
        """The answers of a batch by the place of the item."""
        places = sorted({turn.item for turn in self.turns if turn.item is not None})
        return {place: Answers(turn for turn in self.turns if turn.item == place) for place in places}

    def _as_given(self, turns: Sequence[AnsweredTurn]) -> list[Any] | dict[int, list[Any]]:
        """Return a list that gives these answers again; answers by place where the list would have other meanings."""
        counts = Counter(turn.item for turn in turns)
        if not self.items or len({counts[place] for place in range(self.items)}) == 1:
            return [turn.answer for turn in turns]
        by_place = Answers(turns).by_place
        return {place: list(answers) for place, answers in by_place.items()}

    def to_frame(self) -> Any:
        """Return a ``pandas.DataFrame`` with a column for each attribute but ``ruled`` and ``item``; needs pandas."""
        frame = pandas().DataFrame({name: column([getattr(turn, name) for turn in self.turns]) for name in COLUMNS})
        return frame.astype({"seconds": float})


COLUMNS = ["node", "payload", "answer", "origin", "decided_by", "seconds", "keys", "who"]


def _is_by_source(turn: AnsweredTurn) -> bool:
    return bool(turn.ruled) and all(each is not None and each["scope"] == "source" for each in turn.ruled)


def answers_of(answered: Iterable[Answered], forms: Forms, items: int = 0) -> Answers:
    """Return the answers that were given here; answers of other clients are not known. ``items``: see `Answers`."""
    here = [each for each in in_order(answered) if each.origin != "elsewhere"]
    turns = (
        AnsweredTurn(
            each.interrupt.node,
            each.interrupt.value,
            forms.of(each.interrupt).without_secrets(each.value),
            each.origin,
            None if each.answer is None else each.answer.seconds,
            None if each.answer is None else each.answer.keys,
            decided_by(each.answer, each.origin),
            () if each.answer is None else each.answer.ruled,
            _who(each.answer),
            place_of(each.interrupt) if items else None,
        )
        for each in here
    )
    return Answers(turns, items)


def _who(answer: Answer | None) -> str:
    if answer is None or answer.decider not in ("person", "record"):
        return ""
    is_from_record = answer.is_recorded or answer.origin == "record"
    return answer.by if is_from_record else person_of(answer)


def _written(value: Any, before: str) -> str:
    """Return a value as source code, a long value on several lines; each line begins with ``before``."""
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
