"""Keywords of JSON Schema that are surely well formed, found without `jsonschema`.

The import of jsonschema takes seconds where optional packages of jsonschema are installed: the grammar of
rfc3987_syntax alone takes more than one. A valid schema of usual keywords needs no import; the rest is for jsonschema.
"""

from collections.abc import Callable, Mapping
from typing import Any

TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")


def is_well_formed(schema: Any) -> bool:
    """Tell whether each keyword of a schema is surely well formed, by draft 2020-12; ``False`` also where unsure."""
    rest, known = [schema], set[int]()
    while rest:
        each = rest.pop()
        if isinstance(each, bool) or id(each) in known:
            continue
        if not isinstance(each, Mapping):
            return False
        known.add(id(each))
        for key, value in each.items():
            inside = _schemas_under(key, value)
            if inside is None or not (key not in VALUES or VALUES[key](value)):
                return False
            rest += inside
    return True


def _schemas_under(key: Any, value: Any) -> list[Any] | None:
    """Return the schemas under a keyword; ``None`` where the keyword is not surely well formed."""
    if not isinstance(key, str) or key in UNSURE:
        return None
    if key in SCHEMAS:
        return [value]
    if key in SCHEMAS_BY_NAME:
        return list(value.values()) if isinstance(value, Mapping) else None
    if key in SCHEMAS_IN_A_LIST:
        return value if isinstance(value, list) and value else None
    return []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value) and len(set(value)) == len(value)


def _are_types(value: Any) -> bool:
    return (_are_names(value) and bool(value) and set(value) <= set(TYPES)) or (_is_text(value) and value in TYPES)


SCHEMAS = {
    *("items", "contains", "additionalProperties", "propertyNames", "if", "then", "else", "not"),
    *("unevaluatedItems", "unevaluatedProperties", "contentSchema"),
}
SCHEMAS_BY_NAME = {"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"}
SCHEMAS_IN_A_LIST = {"allOf", "anyOf", "oneOf", "prefixItems"}

VALUES: dict[str, Callable[[Any], bool]] = {
    "type": _are_types,
    "required": _are_names,
    "multipleOf": lambda value: _is_number(value) and value > 0,
    **dict.fromkeys(("enum", "examples"), _is_list),
    **dict.fromkeys(("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum"), _is_number),
    **dict.fromkeys(("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"), _is_count),
    **dict.fromkeys(("maxContains", "minContains"), _is_count),
    **dict.fromkeys(("uniqueItems", "deprecated", "readOnly", "writeOnly"), _is_flag),
    **dict.fromkeys(("title", "description", "format", "pattern", "contentEncoding", "contentMediaType"), _is_text),
    **dict.fromkeys(("$comment", "$ref", "$dynamicRef"), _is_text),
}
"""Tests of keywords whose value holds no schema."""

UNSURE = {
    *("$schema", "$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$recursiveRef", "$vocabulary"),
    *("id", "dependencies", "dependentRequired", "additionalItems", "divisibleBy", "disallow", "extends"),
}
"""Rare keywords, and keywords of other drafts, which are left to jsonschema."""

KEYWORDS = SCHEMAS | SCHEMAS_BY_NAME | SCHEMAS_IN_A_LIST | VALUES.keys() | {"const", "default"}
