"""Arrays: lists of items of the same kind, rows of different items, and choices of several values."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nbhitl.forms.schema.alternatives import options
from nbhitl.forms.schema.groups import member
from nbhitl.forms.schema.resolve import Schema
from nbhitl.forms.schema.scalars import words, written
from nbhitl.jsontext import is_number
from nbhitl.protocol import Control, RowControl

if TYPE_CHECKING:
    from nbhitl.forms.schema.compiler import SchemaDrawing

COLUMNS = 12
"""Most members of an object that is drawn as a row of a table."""

REST = 5
"""Number of further items that a row offers after the listed items, where any number is allowed."""

PLAIN = ("plain", "email", "uri", "date", "time", "date-time")


def array(drawing: "SchemaDrawing", schema: Mapping[str, Any]) -> Control:
    """Return the control of an array."""
    items = schema.get("items")
    placed = items if isinstance(items, list) else schema.get("prefixItems")
    rest = schema.get("additionalItems") if isinstance(items, list) else items
    if (isinstance(placed, list) and placed) or items is False:
        return _row(drawing, schema, placed if isinstance(placed, list) else [], rest)
    item = items if isinstance(items, Mapping) else {}
    found = options(drawing.document, item)
    if found is not None and schema.get("uniqueItems") is True:
        return {"kind": "choices", "options": found}
    control = drawing.inside(item)
    return {
        "kind": "list",
        "item": control,
        "start": written(drawing.starts.of(item, added=True)),
        "fewest": _count(schema, "minItems") or 0,
        "most": _count(schema, "maxItems"),
        "table": _is_record(drawing.resolved(control)),
    }


def _row(drawing: "SchemaDrawing", schema: Mapping[str, Any], placed: list[Schema], rest: Schema) -> RowControl:
    """Return the control of items that differ by place; a few further items are offered as optional items."""
    most = _count(schema, "maxItems")
    room = REST if most is None else min(max(most - len(placed), 0), REST)
    schemas = [*placed, *([rest] * room if isinstance(rest, Mapping) else [])][:most]
    drawing.make_room(len(schemas))
    fewest = max(len(placed), _count(schema, "minItems") or 0)
    return {
        "kind": "row",
        "items": [
            {**member(drawing, str(place), each, required=place < fewest), "label": _label(each, place)}
            for place, each in enumerate(schemas)
        ],
    }


def _label(schema: Schema, place: int) -> str:
    return (words(schema.get("title")) if isinstance(schema, Mapping) else "") or str(place + 1)


def _count(schema: Mapping[str, Any], keyword: str) -> int | None:
    found = schema.get(keyword)
    return int(found) if is_number(found) and 0 <= found < 2**31 else None


def _is_record(control: Control) -> bool:
    """Tell whether a control is a flat object, which fits in a row of a table."""
    if control["kind"] != "group" or control["others"] is not None or not 0 < len(control["members"]) <= COLUMNS:
        return False
    return all(_is_cell(each["control"]) for each in control["members"])


def _is_cell(control: Control) -> bool:
    if control["kind"] == "text":
        return control["format"] in PLAIN
    return control["kind"] in {"number", "switch", "choice", "fixed"}
