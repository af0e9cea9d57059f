"""Records as a table: lists of mappings, and the data frames and arrays of pandas, Polars and NumPy."""

from collections.abc import Mapping, Sequence
from typing import Any

from nbhitl.forms.content.prose import Room
from nbhitl.jsontext import flat, is_number
from nbhitl.protocol import Grid

ROWS = 500
COLUMNS = 50
CELL = 300
"""Longest text of a cell."""

LOOKED_AT = 50
"""Number of rows that are read to recognise a list of records."""


def grid_shown(value: Any, room: Room) -> Grid | None:
    """Return a value as a table; ``None`` if the value is no table."""
    found = table_of(value, ROWS)
    if found is None:
        return None
    records, count = found
    named = [{str(key): each for key, each in record.items()} for record in records]
    columns = list(dict.fromkeys(key for record in named for key in record))[:COLUMNS]
    rows = []
    for record in named:
        rows.append([_cell(record.get(column), room) for column in columns])
        if room.limit == 0:
            break
    return {
        "kind": "grid",
        "columns": [room.text(column, CELL) for column in columns],
        "numeric": [_is_numeric([record.get(column) for record in named]) for column in columns],
        "ticks": [_is_boolean([record.get(column) for record in named]) for column in columns],
        "rows": rows,
        "more": count - len(rows),
    }


def table_of(value: Any, most: int) -> tuple[Sequence[Mapping[Any, Any]], int] | None:
    """Return the first ``most`` records of a value, and the number of all; ``None`` for a value without records."""
    if isinstance(value, list | tuple):
        return (value[:most], len(value)) if _are_records(value) else None
    package = type(value).__module__.partition(".")[0]
    if package == "pandas" and hasattr(value, "columns") and len(value):
        return value.head(most).to_dict("records"), len(value)
    if package == "polars" and hasattr(value, "to_dicts") and len(value):
        return value.head(most).to_dicts(), len(value)
    if package == "numpy" and getattr(value, "ndim", 0) == 2 and len(value) and value.shape[1] <= COLUMNS:  # noqa: PLR2004
        return [dict(enumerate(row)) for row in value[:most].tolist()], len(value)
    return None


def _are_records(value: Sequence[Any]) -> bool:
    head = value[:LOOKED_AT]
    if len(head) < 2 or not all(isinstance(each, Mapping) and 0 < len(each) <= COLUMNS for each in head):  # noqa: PLR2004
        return False
    cells = [each for record in head for each in record.values()]
    known = set(head[0])
    alike = sum(bool(known & record.keys()) for record in head)
    return alike == len(head) and sum(map(_is_flat, cells)) * 2 >= len(cells) and _all_mappings(value[:ROWS])


def _all_mappings(value: Sequence[Any]) -> bool:
    return all(isinstance(each, Mapping) for each in value)


def _is_flat(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def _cell(value: Any, room: Room) -> str:
    if value is None:
        return ""
    return room.text(value if isinstance(value, str) else flat(value).strip('"'), CELL)


def _is_boolean(column: Sequence[Any]) -> bool:
    cells = [each for each in column if each is not None]
    return bool(cells) and all(isinstance(each, bool) for each in cells)


def _is_numeric(column: Sequence[Any]) -> bool:
    cells = [each for each in column if each is not None]
    return bool(cells) and all(map(is_number, cells))
