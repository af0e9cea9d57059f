"""Records (a list of flat mappings, a data frame of pandas or Polars, or an array) as a table to edit.

Any answer is possible, so this form is a guess; the table begins with the records, and the answer is all rows.
"""

import json
import math
from collections.abc import Mapping, Sequence, Set
from typing import Any

from nbhitl.forms.base import EDITABLE
from nbhitl.forms.content import described
from nbhitl.forms.content.messages import messages_shown
from nbhitl.forms.content.prose import Room
from nbhitl.forms.content.records import COLUMNS, table_of
from nbhitl.forms.conventions.schemas import SchemaForm
from nbhitl.forms.fallback import read_json
from nbhitl.forms.reading import mapping, without
from nbhitl.jsontext import DIGITS, encodable, plain
from nbhitl.protocol import Content, FormField
from nbhitl.runs.run import Interrupt

ROWS = 2_000
"""Most rows that can be edited."""

EDIT = "Edit the rows, or send them as they are"

Schema = dict[str, Any]

TYPES: dict[type, str] = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}


class TableForm(SchemaForm):
    """A table; the answer is a list of records.

    Parameters
    ----------
    records
        The records at the beginning; the cells are JSON scalars.
    text
        The same records as JSON text.
    columns
        The schemas of columns with a known type; further columns are guessed from the cells.
    prompt, shows
        The task of the person, and the contents that draw the payload around the records.
    """

    def __init__(
        self,
        records: Sequence[Mapping[str, Any]],
        text: str,
        columns: Mapping[str, Schema] | None = None,
        *,
        prompt: str = EDIT,
        shows: Sequence[Content] = (),
    ) -> None:
        schema = {"type": "array", "items": _row_like(records, columns or {})}
        super().__init__(prompt, schema, start=[], shows=shows, is_guess=True)
        field = self.field
        if field["kind"] == "form" and field["control"]["kind"] == "list":
            drawn: FormField = {**field, "original": text, "control": {**field["control"], "table": True}}
            self.field = drawn

    def value(self, draft: str) -> Any:
        """Return the records; unchanged records need no test."""
        return read_json(draft) if draft == self.field["original"] else super().value(draft)


def recognise(interrupt: Interrupt) -> TableForm | None:
    """Return a form where the payload consists of records, and not of too many."""
    return _table(interrupt.value)


def read_by(interrupt: Interrupt, keys: Set[str]) -> TableForm | None:
    """Return a form where the payload holds records with the keys, which the node reads of each row of the answer.

    The records are the payload, or are its only table, as in ``{"question": ..., "rows": [...]}``.
    """
    payload = mapping(interrupt.value)
    if payload is None:
        return _table(interrupt.value, keys)
    tables = [key for key, value in payload.items() if isinstance(value, list) and table_of(value, 1) is not None]
    if len(tables) != 1:
        return None
    prompt, shows = described(without(payload, *tables), EDIT)
    return _table(payload[tables[0]], keys, prompt=prompt, shows=shows)


def _table(
    value: Any, keys: Set[str] = frozenset(), *, prompt: str = EDIT, shows: Sequence[Content] = ()
) -> TableForm | None:
    found = table_of(value, ROWS)
    if found is None or found[1] > ROWS or messages_shown(value, Room()) is not None:
        return None
    records = as_records(found[0])
    if records is None or not all(keys <= record.keys() for record in records):
        return None
    text = encodable(json.dumps(records, ensure_ascii=False))
    return TableForm(records, text, prompt=prompt, shows=shows) if len(text) <= EDITABLE else None


def as_records(records: Sequence[Mapping[Any, Any]]) -> list[dict[str, Any]] | None:
    """Return records with JSON cells; ``None`` where a record has too many columns, or a cell is no scalar."""
    found = [{str(key): _cell(each) for key, each in record.items()} for record in records]
    return found if all(map(_is_flat, found)) else None


def _is_flat(record: Mapping[str, Any]) -> bool:
    return 0 < len(record) <= COLUMNS and all(type(each) in TYPES and not _is_endless(each) for each in record.values())


def _is_endless(value: Any) -> bool:
    return type(value) is int and value.bit_length() > DIGITS * 3


def _cell(value: Any) -> Any:
    """Return a cell as JSON keeps the cell: missing values of pandas and NumPy become ``null``."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if type(value) in TYPES or isinstance(value, list | dict) else _scalar(value)


def _scalar(value: Any) -> Any:
    found = plain(value)
    return None if isinstance(found, float) and not math.isfinite(found) else None if found == "NaT" else found


def _row_like(records: Sequence[Mapping[str, Any]], known: Mapping[str, Schema]) -> Schema:
    """Return the schema of a row: a column has the type of all its cells, or any type where cells differ."""
    columns = list(dict.fromkeys([*(key for record in records for key in record), *known]))
    required = [key for key in columns if all(key in record for record in records)]
    members = {key: known.get(key) or _column([record[key] for record in records if key in record]) for key in columns}
    return {"type": "object", "properties": members, "required": required}


def _column(cells: Sequence[Any]) -> Schema:
    kinds = {TYPES[type(each)] for each in cells}
    usual = kinds - {"null"}
    if len(usual) > 1:
        return {"type": ["string", "number", "boolean", "null"]}
    if not usual:
        return {"type": ["string", "null"]}
    has_lines = any(isinstance(each, str) and "\n" in each for each in cells)
    (kind,) = usual
    typed = {"type": [kind, "null"] if "null" in kinds else kind}
    return {**typed, "format": "textarea"} if has_lines else typed
