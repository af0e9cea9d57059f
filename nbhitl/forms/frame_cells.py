"""The rows and cells of a corrected DataFrame beside the original's: JSON does not keep every cell."""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher
from typing import Any

from nbhitl.errors import InvalidAnswer
from nbhitl.forms.fallback import is_same

FrameRow = Mapping[str, Any]

PLAIN = (str, int, float, bool, type(None))
"""Types of cells that are read from JSON as they are."""

READERS: dict[type, Callable[[str], Any]] = {
    dt.date: dt.date.fromisoformat,
    dt.time: dt.time.fromisoformat,
    dt.datetime: dt.datetime.fromisoformat,
    Decimal: Decimal,
}
"""Functions that read a cell of such a type from the cell's text."""

MOST_COMPARED = 20_000
"""Number of pairs of changed rows that are compared cell by cell, about: of many changed rows the near ones only."""


def sources_of(rows: Sequence[FrameRow], originals: Sequence[FrameRow]) -> list[int | None]:
    """Return, for each row, the number of the original row that the row was made of; ``None`` for a new row.

    Among changed rows, those with the most cells in common belong together. Of rows without a cell in common, the rows
    in the same place do, unless rows were added or removed.
    """
    found: list[int | None] = [None] * len(rows)
    keys, original_keys = [_key(row) for row in rows], [_key(row) for row in originals]
    for kind, begin, end, new_begin, new_end in SequenceMatcher(None, original_keys, keys, False).get_opcodes():
        if kind == "equal":
            found[new_begin:new_end] = range(begin, end)
        elif kind == "replace":
            left, left_new = list(range(begin, end)), list(range(new_begin, new_end))
            for place, source in _alike(rows, originals, left_new, left):
                found[place] = source
                left.remove(source)
                left_new.remove(place)
            if len(rows) == len(originals) and len(left) == len(left_new):
                for place, source in zip(left_new, left, strict=True):
                    found[place] = source
    return found


def _alike(
    rows: Sequence[FrameRow], originals: Sequence[FrameRow], places: Sequence[int], sources: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Yield pairs of rows with cells in common, the pairs with the most first; a nearer row wins among equal pairs."""
    reach = MOST_COMPARED // len(places)
    pairs = [
        (_in_common(rows[place], originals[source]), place, source)
        for number, place in enumerate(places)
        for source in sources[max(number - reach, 0) : number + reach + 1]
    ]
    taken: set[int] = set()
    taken_sources: set[int] = set()
    for count, place, source in sorted(pairs, key=lambda pair: (-pair[0], abs(pair[1] - pair[2]))):
        if count and place not in taken and source not in taken_sources:
            taken.add(place)
            taken_sources.add(source)
            yield place, source


def _in_common(row: FrameRow, original: FrameRow) -> int:
    return sum(is_same(row.get(name), cell) for name, cell in original.items() if cell is not None)


def _key(row: FrameRow) -> str:
    return json.dumps(row, sort_keys=True, default=repr)


def read_cells(name: str, cells: Sequence[Any], sources: Sequence[int | None], originals: Sequence[Any]) -> list[Any]:
    """Return new cells of a column of objects, in the type of the replaced cell, or else of the column.

    Raises
    ------
    InvalidAnswer
        If a cell replaces an object that is not read from a text, or is no text of the object's type.
    """
    kinds = {type(cell) for cell in originals if not _is_empty(cell)}
    usual = next(iter(kinds)) if len(kinds) == 1 else str
    found = []
    for cell, source in zip(cells, sources, strict=True):
        is_new = source is None or _is_empty(originals[source])
        kind = usual if is_new or source is None else type(originals[source])
        found.append(cell if cell is None else _read(name, cell, kind))
    return found


def _read(name: str, cell: Any, kind: type) -> Any:
    import pandas as pd  # type: ignore[import-untyped]

    if kind in PLAIN or kind.__module__ == "numpy":
        return cell
    read = pd.Timestamp if kind is pd.Timestamp else READERS.get(kind)
    if read is None:
        raise InvalidAnswer(
            f"column {name!r} has cells of the type {kind.__name__}, which a table shows and cannot change"
        )
    try:
        return read(str(cell))
    except (ValueError, InvalidOperation):
        raise InvalidAnswer(f"column {name!r} takes cells of the type {kind.__name__}, not {cell!r}") from None


def _is_empty(cell: Any) -> bool:
    import pandas as pd

    return cell is None or pd.isna(cell) is True


def is_same_cell(cell: Any, other: Any) -> bool:
    """Tell whether two cells are the same: all empty cells are, and numbers of the same value."""
    if _is_empty(cell) or _is_empty(other):
        return _is_empty(cell) and _is_empty(other)
    return bool(cell == other)
