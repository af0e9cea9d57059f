"""The single output that tells all answers of a batch."""

import html
import json
from collections.abc import Iterable, Sequence
from typing import Any

from nbhitl.answers import reading_of
from nbhitl.batches.forms import FLAG
from nbhitl.core.questions import Answered
from nbhitl.core.state import ReviewState
from nbhitl.forms import Forms
from nbhitl.jsontext import flat
from nbhitl.text.characters import shown, shown_in_line

MOST = 100
"""Rows that are shown; the DataFrame has all."""

LONGEST = 120
"""Most characters of a cell."""

NAME = "(batch)"
"""Stands for a node in the output's metadata."""


def all_answered(state: ReviewState) -> list[Answered]:
    """Return the answered questions of a batch, with answers of earlier executions that the runs hold."""
    earlier = [Answered(each.interrupt, each.ordinal, each.value, "record") for each in state.snapshot.recalled]
    return [*earlier, *state.answered]


def batch_output(answered: Iterable[Answered], forms: Forms) -> dict[str, str]:
    """Return the static output that tells the answers of a batch, in the order of the items."""
    told = sorted((each for each in answered if each.origin != "elsewhere"), key=_place)
    prompt = _prompt([each.interrupt.value for each in told])
    rows = [(_short(_asked(each, prompt)), _answer(each, forms)) for each in told]
    title = f"A person answered {len(rows)} question{'s' * (len(rows) != 1)}{prompt and f': {_short(prompt)}'}"
    more = f"… {len(rows) - MOST} more, not shown" if len(rows) > MOST else ""
    rows = rows[:MOST]
    width = max((len(asked) for asked, _ in rows), default=0)
    plain = "\n".join([title, *(f"{asked:<{width}}  {answer}" for asked, answer in rows), *filter(None, [more])])
    cell = '<td style="text-align:left">{}</td>'
    marked = "".join(
        f"<tr>{cell.format(html.escape(asked))}{cell.format(html.escape(answer))}</tr>" for asked, answer in rows
    )
    below = f"<div>{html.escape(more)}</div>" if more else ""
    return {
        "text/plain": plain,
        "text/html": f"<div><small>{html.escape(title)}</small><table>{marked}</table>{below}</div>",
    }


def _place(answered: Answered) -> tuple[int, int]:
    number = answered.interrupt.id.partition(":")[0]
    return (int(number) if number.isdecimal() else 0), answered.ordinal


def _prompt(asked: Sequence[Any]) -> str:
    """Return the question that a batch without a graph asks for each row; empty where payloads differ in more."""
    first = asked[0].get("question") if asked and isinstance(asked[0], dict) else None
    return first if isinstance(first, str) and all(_is_row(each, first) for each in asked) else ""


def _is_row(value: Any, prompt: str) -> bool:
    """Tell whether a payload asks the question of a batch for a row."""
    return isinstance(value, dict) and value.keys() == {"question", "row"} and value["question"] == prompt


def _asked(answered: Answered, prompt: str) -> str:
    """Return a row in words: the single value, or the columns by name; a payload without a row as JSON."""
    interrupt = answered.interrupt
    if not prompt:
        return flat(interrupt.value, reading_of(interrupt))
    row = interrupt.value["row"]
    if not isinstance(row, dict):
        return _in_words(row)
    if len(row) == 1:
        return _in_words(*row.values())
    return " · ".join(f"{name}: {_in_words(value)}" for name, value in row.items())


def _in_words(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else flat(value)


def _answer(answered: Answered, forms: Forms) -> str:
    """Return the answer in a line; a string without quotes, unless the bare string reads as JSON."""
    answer, flag, note = forms.of(answered.interrupt).show(answered.value).partition(FLAG)
    return _short(" ".join(f"{_unquoted(answer)}{flag}{note}".split()))


def _unquoted(answer: str) -> str:
    text = _loaded(answer)
    return text if isinstance(text, str) and _loaded(text) is None else answer


def _loaded(text: str) -> Any:
    """Return the value of a JSON text; ``None`` for a text that is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _short(text: str) -> str:
    line = shown_in_line(shown(text))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
