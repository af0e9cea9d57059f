"""A JSON Schema guessed from a value, for a form that asks for a similar value.

An integer gives the type ``number``, because a model writes ``5`` where the tool takes ``5.5`` as well.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

LONG = 80
"""A text with more characters gets a control of several lines."""

MOST = 200
"""Most items of a list and properties of an object from which a schema is guessed."""

DEEPEST = 8

Schema = dict[str, Any]

ANYTHING: Schema = {}
NOTHING: Schema = {"type": "null"}


def schema_like(value: Any) -> Schema:
    """Return the schema of similar values; ``{}``, which accepts any value, if ``value`` tells nothing."""
    return _settled(_like(value, 0))


def _like(value: Any, depth: int) -> Schema:
    if depth > DEEPEST:
        return ANYTHING
    match value:
        case None:
            return NOTHING
        case bool():
            return {"type": "boolean"}
        case int() | float():
            return {"type": "number"}
        case str():
            is_long = len(value) > LONG or "\n" in value
            return {"type": "string", "format": "textarea"} if is_long else {"type": "string"}
        case list() | tuple():
            return {"type": "array", "items": _all_like(value, depth + 1)}
        case Mapping():
            return _object(value, depth)
        case _:
            return ANYTHING


def _object(value: Mapping[Any, Any], depth: int) -> Schema:
    if not value or len(value) > MOST or not all(isinstance(key, str) for key in value):
        return {"type": "object"}
    members = {key: _like(each, depth + 1) for key, each in value.items()}
    return {"type": "object", "properties": members, "required": list(members)}


def _all_like(values: Sequence[Any], depth: int) -> Schema:
    found = [_like(each, depth) for each in values] if len(values) <= MOST else []
    return reduce(_either, found) if found else ANYTHING


def _either(one: Schema, other: Schema) -> Schema:
    if one == other:
        return one
    if NOTHING in (one, other):
        return _or_nothing(other if one == NOTHING else one)
    kind = _kind(one)
    if kind is None or kind != _kind(other):
        return ANYTHING
    merged = _objects(one, other) if kind == "object" else _lists(one, other) if kind == "array" else {**one, **other}
    is_nullable = isinstance(one["type"], list) or isinstance(other["type"], list)
    return {**merged, "type": [kind, "null"] if is_nullable else kind}


def _or_nothing(schema: Schema) -> Schema:
    kind = schema.get("type")
    return {**schema, "type": [kind, "null"]} if isinstance(kind, str) else schema


def _lists(one: Schema, other: Schema) -> Schema:
    items = [each["items"] for each in (one, other) if each["items"] != ANYTHING]
    return {"type": "array", "items": reduce(_either, items) if items else ANYTHING}


def _objects(one: Schema, other: Schema) -> Schema:
    if "properties" not in one or "properties" not in other:
        return {"type": "object"}
    members, others = one["properties"], other["properties"]
    merged = {**members, **others, **{key: _either(members[key], others[key]) for key in members if key in others}}
    required = [key for key in one["required"] if key in other["required"]]
    return {"type": "object", "properties": merged, "required": required}


def _kind(schema: Schema) -> Any:
    kind = schema.get("type")
    return kind[0] if isinstance(kind, list) else kind


def _settled(schema: Schema) -> Schema:
    """Return a schema in which every part that was always ``null`` accepts any value."""
    if schema == NOTHING:
        return ANYTHING
    settled = dict(schema)
    if "properties" in schema:
        settled["properties"] = {key: _settled(each) for key, each in schema["properties"].items()}
    if "items" in schema:
        settled["items"] = _settled(schema["items"])
    return settled
