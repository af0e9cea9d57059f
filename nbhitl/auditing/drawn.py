"""A table as HTML, for the output of a cell: texts on the left, columns without a value left out."""

import html
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from nbhitl.auditing.words import in_words
from nbhitl.jsontext import flat
from nbhitl.text.characters import shown

MOST = 200
"""Rows that are drawn."""

LONGEST = 160
"""Characters of a value."""

CELL = 'style="text-align:left;vertical-align:top"'
WIDE = 'style="text-align:left;vertical-align:top;min-width:14em"'
"""For long texts, which a browser would squeeze for the sake of columns that cannot be broken."""

LONG = 30

WHOLE = 'style="text-align:left;vertical-align:top;white-space:nowrap"'
"""For times, which a browser would break at each hyphen."""


def drawn(columns: Sequence[str], rows: Sequence[Sequence[Any]], rest: str) -> str:
    """Return a table.

    Parameters
    ----------
    columns
        The names.
    rows
        The cells of each row.
    rest
        A sentence below the table.
    """
    kept = [place for place in range(len(columns)) if not rows or any(not _is_empty(row[place]) for row in rows)]
    head = "".join(f"<th {CELL}>{columns[place]}</th>" for place in kept)
    body = "".join(f"<tr>{''.join(_cell(row[place]) for place in kept)}</tr>" for row in rows[:MOST])
    more = f"… {len(rows) - MOST} more rows. " if len(rows) > MOST else ""
    below = f"<p>{html.escape(more + rest)}</p>" if more or rest else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}"


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | tuple) and not value)


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return f"<td {WHOLE}>{value:%Y-%m-%d %H:%M:%S %Z}</td>"
    text = _text(value)
    cut = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    told = html.escape(shown(cut)).replace("\n", "<br>")
    if " " in text:
        return f"<td {WIDE if len(text) > LONG else CELL}>{told}</td>"
    path = told.replace(".", ".<wbr>").replace("/", "/<wbr>")  # the path of a node may be long
    return f"<td {CELL}>{path if isinstance(value, str) else told}</td>"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else flat(in_words(value))
