"""The single output that tells all answers of a batch."""

import html
from collections.abc import Iterable

from nbhitl.answers import reading_of
from nbhitl.core.questions import Answered
from nbhitl.forms import Forms
from nbhitl.jsontext import flat
from nbhitl.text.characters import shown, shown_in_line

MOST = 100
"""Rows that are shown; the DataFrame has all."""

LONGEST = 120
"""Characters of a cell."""

NAME = "(batch)"
"""Stands for a node in the output's metadata."""


def batch_output(answered: Iterable[Answered], forms: Forms) -> dict[str, str]:
    """Return the static output that tells the answers of a batch, in the order of the items."""
    told = sorted((each for each in answered if each.origin != "elsewhere"), key=_place)
    rows = [(_short(flat(each.interrupt.value, reading_of(each.interrupt))), _answer(each, forms)) for each in told]
    title = f"A person answered {len(rows)} question{'s' * (len(rows) != 1)}"
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


def _answer(answered: Answered, forms: Forms) -> str:
    return _short(" ".join(forms.of(answered.interrupt).show(answered.value).split()))


def _short(text: str) -> str:
    line = shown_in_line(shown(text))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
