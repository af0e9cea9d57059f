"""Objects as groups of members."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nbhitl.forms.schema.resolve import Document, Flat, Schema, Undrawable
from nbhitl.forms.schema.scalars import words, written
from nbhitl.protocol import Control, GroupControl, Member

if TYPE_CHECKING:
    from nbhitl.forms.schema.compiler import SchemaDrawing

LITERAL = re.compile(r"\^([\w -]+)\$")
"""A pattern that only a single key matches."""

MOST_KEYS = 50
"""Most keys that are offered as members, where only listed keys are allowed."""

DEEPEST_EXTRA = 4
"""Deepest nesting of conditions whose members are collected."""


def group(drawing: "SchemaDrawing", flat: Flat) -> GroupControl:
    """Return the control of an object; members that appear only under a condition are optional."""
    members = _members(flat.schema) | _named_by_pattern(flat.schema) | _named_by_key(drawing.document, flat.schema)
    for name, schema in _under_conditions(drawing.document, [*flat.extras, *_branches(flat.schema)], DEEPEST_EXTRA):
        members.setdefault(name, schema)
    required = dict.fromkeys(name for name in _list(flat.schema.get("required")) if isinstance(name, str))
    others = _others(flat.schema, has_members=bool(members))
    for name in required:
        members.setdefault(name, others[0] if others else True)
    drawing.make_room(len(members))
    drawn = [
        member(drawing, name, schema, required=name in required)
        for name, schema in members.items()
        if schema is not False
    ]
    begin = drawing.starts.of(others[0], added=True) if others else ""
    return {"kind": "group", "members": drawn, "others": _other(drawing, others), "start": written(begin)}


def member(drawing: "SchemaDrawing", name: str, schema: Schema, *, required: bool) -> Member:
    """Return a member with a label: the member's own title, not the title of a referenced definition."""
    own = schema if isinstance(schema, Mapping) else {}
    return {
        "kind": "member",
        "name": name,
        "label": words(own.get("title")) or readable(name),
        "hint": hint(drawing.document, own),
        "required": required,
        "start": written(drawing.starts.of(schema, added=True)),
        "control": drawing.inside(schema),
    }


def readable(name: str) -> str:
    """Return a name in snake case as pydantic would title the name; return another name unchanged."""
    return name.replace("_", " ").title() if name.islower() and name.isidentifier() else name


def hint(document: Document, schema: Mapping[str, Any]) -> str:
    """Return the schema's hint for people: the description, or examples."""
    try:
        flat = document.flat(schema).schema
    except Undrawable:
        flat = dict(schema)
    if description := words(flat.get("description")):
        return description
    examples = [words(each) or written(each) for each in _list(flat.get("examples"))[:3]]
    return f"For example: {', '.join(examples)}" if examples else ""


def _members(schema: Mapping[str, Any]) -> dict[str, Schema]:
    found = schema.get("properties")
    return {str(name): each for name, each in found.items()} if isinstance(found, Mapping) else {}


def _patterns(schema: Mapping[str, Any]) -> Mapping[str, Schema]:
    found = schema.get("patternProperties")
    return found if isinstance(found, Mapping) else {}


def _named_by_pattern(schema: Mapping[str, Any]) -> dict[str, Schema]:
    found = ((LITERAL.fullmatch(pattern), each) for pattern, each in _patterns(schema).items())
    return {match[1]: each for match, each in found if match}


def _named_by_key(document: Document, schema: Mapping[str, Any]) -> dict[str, Schema]:
    """Return the members of an object whose keys are listed, as pydantic lists the keys of ``dict[Enum, ...]``."""
    keys = document.looked_at(schema.get("propertyNames")).get("enum")
    rest = schema.get("additionalProperties")
    listed = keys if isinstance(keys, list) and len(keys) <= MOST_KEYS and isinstance(rest, Mapping) else []
    return {key if isinstance(key, str) else written(key): rest for key in listed}


def _under_conditions(document: Document, extras: list[Schema], deepest: int) -> list[tuple[str, Schema]]:
    """Return the members of schemas under conditions, and of the conditions and alternatives inside."""
    found: list[tuple[str, Schema]] = []
    for extra in extras if deepest else ():
        try:
            flat = document.flat(extra)
        except Undrawable:
            continue
        found += _members(flat.schema).items()
        found += _under_conditions(document, [*flat.extras, *_branches(flat.schema)], deepest - 1)
    return [(name, schema) for name, schema in found if isinstance(schema, Mapping)]


def _branches(schema: Mapping[str, Any]) -> list[Schema]:
    return [*_list(schema.get("oneOf")), *_list(schema.get("anyOf"))]


def _others(schema: Mapping[str, Any], *, has_members: bool) -> list[Schema]:
    """Return the schemas of unlisted members; an object without listed members may have any member."""
    found = [each for pattern, each in _patterns(schema).items() if not LITERAL.fullmatch(pattern)]
    if "propertyNames" in schema and has_members and "properties" not in schema and not found:
        return []
    rest = schema.get("additionalProperties", schema.get("unevaluatedProperties"))
    if isinstance(rest, Mapping) or rest is True or (rest is None and not found and not has_members):
        found.append({} if rest is None else rest)
    return [each for each in found if each is not False]


def _other(drawing: "SchemaDrawing", others: list[Schema]) -> Control | None:
    if len(others) < 2:  # noqa: PLR2004 - a single schema, or no schema
        return drawing.inside(others[0]) if others else None
    return drawing.inside({"anyOf": others})


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
