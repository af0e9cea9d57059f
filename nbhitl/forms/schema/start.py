"""The value that a form begins with.

Included are defaults, required members, constants among these, and as many items as a list must have. Left out are
optional members without a default. A text begins empty and a switch begins off. A number or a choice begins as the
empty text, which means "nothing yet" and is refused: a person must not send an amount or a plan that nobody chose.
Where ``null`` is allowed and there is no default, the form begins with ``null``.
"""

import json
from collections.abc import Mapping
from typing import Any

from nbhitl.forms.schema.alternatives import alternatives, options
from nbhitl.forms.schema.merge import same, types
from nbhitl.forms.schema.resolve import Document, Schema, Undrawable
from nbhitl.forms.schema.scalars import meant

LARGEST = 10_000
"""Most values inside a start; a schema that doubles itself would have many more."""

FILLED = 20
"""Most items that a list begins with, even if more are required."""

ADDED = "x-start"
"""A keyword of our own: the first value of an optional member that a person adds."""

EMPTY: dict[str, Any] = {"object": {}, "array": [], "boolean": False, "null": None}


class Starts:
    """Finds the start of each schema of a document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._found: dict[tuple[int, bool], tuple[Any, int]] = {}
        self._active: set[int] = set()
        self._size = 0

    def of(self, schema: Schema, *, added: bool = False) -> Any:
        """Return the start of a value; ``added``: a person has added the value, so the start is not ``null``."""
        if not self._active:
            self._size = 0
        key = (id(schema), added)
        if key not in self._found:
            around, self._size = self._size, 0
            value = self._fresh(schema, added)
            self._found[key] = value, self._size + 1
            self._size = around
        value, size = self._found[key]
        self._size += size
        return value if self._size <= LARGEST else None

    def _fresh(self, schema: Schema, added: bool) -> Any:
        try:
            flat = self._document.flat(schema).schema
        except Undrawable:
            return None
        if self._active & {id(flat)} or len(self._active) > FILLED:
            return EMPTY.get(next(iter(meant(flat)), ""), "")
        self._active.add(id(flat))
        try:
            return self._value(flat, added)
        finally:
            self._active.remove(id(flat))

    def _value(self, schema: Mapping[str, Any], added: bool) -> Any:
        if "default" in schema and could_be(schema["default"], schema) and not (added and schema["default"] is None):
            return schema["default"]
        if added and ADDED in schema and could_be(schema[ADDED], schema):
            return schema[ADDED]
        if "const" in schema:
            return schema["const"]
        values = schema.get("enum")
        if isinstance(values, list) and values:
            return _of_values(values, added)
        return self._of_shape(schema, added)

    def _of_shape(self, schema: Mapping[str, Any], added: bool) -> Any:
        if (found := options(self._document, schema)) is not None:
            return "" if len(found) > 1 else json.loads(found[0]["value"])
        shapes = alternatives(self._document, schema)
        if shapes is None:
            return self._typed(schema, meant(schema), added)
        if shapes.or_null and not (added and shapes.branches):
            return None
        return self.of(shapes.branches[0].schema, added=added) if shapes.branches else None

    def _typed(self, schema: Mapping[str, Any], kinds: list[str], added: bool) -> Any:
        kind = next(iter(kinds), None)
        if kind == "object":
            return self._object(schema)
        if kind is None:
            return "" if added else None
        return self._array(schema) if kind == "array" else EMPTY.get(kind, "")

    def _object(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        members = schema.get("properties")
        members = members if isinstance(members, Mapping) else {}
        required = set(filter(_is_text, _list(schema.get("required"))))
        begun = {
            name: self.of(member) for name, member in members.items() if name in required or self.has_default(member)
        }
        return begun | dict.fromkeys(sorted(required - members.keys()), "")

    def _array(self, schema: Mapping[str, Any]) -> list[Any]:
        placed = _list(schema.get("prefixItems", schema.get("items")))
        begun = [self.of(item) for item in placed[: FILLED * 2]]
        fewest = schema.get("minItems")
        missing = min(fewest - len(begun), FILLED) if isinstance(fewest, int) else 0
        rest = schema.get("items") if isinstance(schema.get("items"), Mapping) else {"type": "string"}
        return begun + [self.of(rest) for _ in range(missing)]

    def has_default(self, schema: Schema) -> bool:
        """Tell whether a schema has a default that fits the type and the listed values."""
        flat = self._document.looked_at(schema)
        return "default" in flat and could_be(flat["default"], flat)


def could_be(value: Any, schema: Mapping[str, Any]) -> bool:
    """Tell whether a value has the type that a schema names, and is in the listed values."""
    listed = schema.get("enum")
    if isinstance(listed, list) and not any(same(value, each) for each in listed):
        return False
    named = types(schema.get("type"))
    return not named or any(_is_of(value, name) for name in named)


def _is_of(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    kinds: dict[str, Any] = {"object": dict, "array": list, "string": str, "number": int | float, "null": type(None)}
    if name == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return isinstance(value, kinds.get(name, ()))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _of_values(values: list[Any], added: bool) -> Any:
    """Return the start of a choice: the only value, or none yet."""
    if len(values) == 1:
        return values[0]
    return None if None in values and not added else ""
