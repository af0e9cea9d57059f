"""Merges two schemas that both apply, for drawing. Keywords that cannot be merged are left to validation."""

from collections.abc import Callable, Mapping
from typing import Any


def merge(outer: Mapping[str, Any], inner: Mapping[str, Any]) -> dict[str, Any]:
    """Return the merger of two schemas; a keyword without a rule is taken from the outer schema."""
    merged = dict(outer)
    for keyword, value in inner.items():
        if keyword not in merged:
            merged[keyword] = value
        elif keyword in RULES and merged[keyword] != value:
            merged[keyword] = RULES[keyword](merged[keyword], value)
    return merged


def types(value: Any) -> list[str]:
    """Return the types that the keyword ``type`` names."""
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed if isinstance(each, str)]


def same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are equal; in Python ``True == 1``."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def _both(one: Any, other: Any) -> Any:
    if one is False or other is False:
        return False
    if one is True or other is True:
        return other if one is True else one
    return {"allOf": [one, other]}


def _members(one: Any, other: Any) -> Any:
    if not (isinstance(one, Mapping) and isinstance(other, Mapping)):
        return one
    return {**one, **{name: _both(one[name], each) if name in one else each for name, each in other.items()}}


def _names(one: Any, other: Any) -> Any:
    if not (isinstance(one, list) and isinstance(other, list)):
        return one
    return [*one, *(name for name in other if name not in one)]


def _types(one: Any, other: Any) -> Any:
    ones, others = types(one), types(other)
    found = [name for name in ones if name in others or (name == "integer" and "number" in others)]
    found += [name for name in others if name == "integer" and "number" in ones and name not in found]
    return found[0] if len(found) == 1 else found or one


def _options(one: Any, other: Any) -> Any:
    if not (isinstance(one, list) and isinstance(other, list)):
        return one
    return [each for each in one if any(same(each, option) for option in other)]


def _number(choose: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def chosen(one: Any, other: Any) -> Any:
        return choose(one, other) if isinstance(one, int | float) and isinstance(other, int | float) else one

    return chosen


RULES: dict[str, Callable[[Any, Any], Any]] = {
    "type": _types,
    "enum": _options,
    "required": _names,
    **dict.fromkeys(("properties", "patternProperties"), _members),
    **dict.fromkeys(("items", "additionalItems", "additionalProperties", "unevaluatedProperties"), _both),
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), _number(max)),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), _number(min)),
}
"""Rules for keywords in both schemas; without a rule the outer schema's keyword counts."""
