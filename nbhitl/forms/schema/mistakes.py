"""Mistakes in a JSON Schema that a user wrote by hand: such a schema would accept answers of any shape, silently.

Schemas that arrive with a payload are not refused: see `flaws`, for which a malformed keyword tests nothing.
"""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from nbhitl.forms.schema.resolve import ANNOTATIONS, REFERENCES, Document
from nbhitl.forms.schema.well_formed import KEYWORDS, TYPES, is_well_formed
from nbhitl.jsontext import place_of_itself

DATA = {"const", "enum", "default", "examples", "example"}
"""Keywords that hold values, in which nothing is a schema."""

BY_NAME = {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"}
"""Keywords that hold schemas by name."""

MOST_NAMED = 5
"""Most members that a message repeats as a schema."""

Path = tuple[Any, ...]


def mistake(schema: Mapping[str, Any]) -> str | None:
    """Return the first mistake of a schema, with the place and the correction; ``None`` for a valid schema.

    The spellings of draft 4 and draft 7 are valid as well, also without ``$schema``.
    """
    if (inside := place_of_itself(schema)) is not None:
        return f"{_place(inside)} contains itself: write a reference, such as {{'$ref': '#'}}"
    try:
        return (
            _members_at_the_top(schema) or _not_of_json(schema) or _malformed(schema) or _reference_to_nothing(schema)
        )
    except RecursionError:  # nested too deeply to be tested
        return None


def _members_at_the_top(schema: Mapping[str, Any]) -> str | None:
    """Tell of members that are written as keywords: ``{"city": str}``, ``{"city": "string"}``."""
    if not schema or not (ANNOTATIONS | KEYWORDS).isdisjoint(schema) or not _keywords().isdisjoint(schema):
        return None
    if not all(isinstance(each, type | Mapping) or each in TYPES for each in schema.values()):
        return None
    shown = ", ".join(f"{key!r}: {_as_schema(each)}" for key, each in [*schema.items()][:MOST_NAMED])
    more = ", …" if len(schema) > MOST_NAMED else ""
    first = next(iter(schema))
    return (
        f"{first!r} is no keyword of JSON Schema. For an object with such members give a TypedDict, a dataclass or a "
        f"pydantic model, or write {{'type': 'object', 'properties': {{{shown}{more}}}}}"
    )


def _as_schema(member: Any) -> str:
    names = {str: "string", int: "integer", float: "number", bool: "boolean", list: "array", dict: "object"}
    if isinstance(member, Mapping):
        return "{…}" if member else "{}"
    name = names.get(member) if isinstance(member, type) else member
    return "{…}" if name is None else f"{{'type': {name!r}}}"


def _drafts() -> tuple[Any, ...]:
    """Return the validators of the drafts whose spellings are valid, the newest first."""
    from jsonschema import Draft4Validator, Draft7Validator, Draft202012Validator

    return Draft202012Validator, Draft7Validator, Draft4Validator


def _keywords() -> set[str]:
    return ANNOTATIONS | {"then", "else", "nullable"}.union(*(draft.VALIDATORS for draft in _drafts()))


def _not_of_json(schema: Mapping[str, Any]) -> str | None:
    """Tell of a value that JSON does not have, such as a type of Python or a tuple."""
    rest: list[tuple[Path, Any]] = [((), schema)]
    known: set[int] = set()
    while rest:
        path, each = rest.pop()
        if isinstance(each, Mapping | list):
            if id(each) in known:
                continue
            known.add(id(each))
            inside = [*each.items()] if isinstance(each, Mapping) else [*enumerate(each)]
            rest += [((*path, key), value) for key, value in reversed(inside)]
        elif isinstance(each, type):
            return f"{_place(path)} is the Python type {each.__name__}, and JSON Schema writes {_as_schema(each)}"
        elif isinstance(each, tuple | set | frozenset):
            return f"{_place(path)} is a {type(each).__name__}, which JSON does not have: write a list"
        elif not (each is None or isinstance(each, str | bool | int | float)):
            return f"{_place(path)} is of the type {type(each).__name__}, which JSON does not have"
    return None


def _malformed(schema: Mapping[str, Any]) -> str | None:
    """Tell of a keyword that no draft of JSON Schema allows to be written so."""
    if is_well_formed(schema):
        return None
    newest, *older = (
        {tuple(error.absolute_path): error for error in draft(draft.META_SCHEMA).iter_errors(schema)}
        for draft in _drafts()
    )
    for path, error in newest.items():
        if all(path in errors for errors in older):
            return f"{_place(path)}: {_of_type(error.instance) if path[-1:] == ('type',) else error.message}"
    return None


def _of_type(name: Any) -> str:
    near = difflib.get_close_matches(name, TYPES, 1) if isinstance(name, str) else []
    meant = f"; did you mean {near[0]!r}?" if near else f"; the types are {', '.join(TYPES)}"
    return f"{name!r} is no type of JSON Schema{meant}"


def _reference_to_nothing(schema: Mapping[str, Any]) -> str | None:
    """Tell of a reference within the schema that has no target; no other reference is followed."""
    document = Document(schema)
    for path, each in _schemas_in(schema):
        for keyword in REFERENCES:
            reference = each.get(keyword)
            if isinstance(reference, str) and reference.startswith("#") and document.target(reference) is None:
                known = [f"#/{group}/{name}" for group in ("$defs", "definitions") for name in schema.get(group, ())]
                has = f"the schema has {', '.join(known)}" if known else "the schema has no '$defs'"
                return f"{_place((*path, keyword))}: {reference!r} leads to nothing; {has}"
    return None


def _schemas_in(schema: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield each schema; parts with an ``$id`` are left out, since references in them begin there."""
    rest: list[tuple[Path, Any]] = [((), schema)]
    known: set[int] = set()
    while rest:
        path, each = rest.pop()
        if not isinstance(each, Mapping) or id(each) in known or (path and "$id" in each):
            continue
        known.add(id(each))
        yield path, each
        for key, value in each.items():
            rest += [((*path, *inside), part) for inside, part in _parts_under(key, value)]


def _parts_under(key: str, value: Any) -> list[tuple[Path, Any]]:
    """Return the values under a keyword that may be schemas, each with the path from the schema around."""
    if key in BY_NAME and isinstance(value, Mapping):
        return [((key, name), part) for name, part in value.items()]
    if key in DATA:
        return []
    return (
        [((key, number), part) for number, part in enumerate(value)] if isinstance(value, list) else [((key,), value)]
    )


def _place(path: Path) -> str:
    return f"form{''.join(f'[{key!r}]' for key in path)}"
