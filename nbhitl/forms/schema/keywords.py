"""The keywords of JSON Schema, tested by `jsonschema`, with the changes that a form needs.

A malformed keyword tests nothing, and does not stop the test of the rest. Formats refuse only values that pydantic
refuses, too, and numbers in the place of dates. The spellings of draft 7 are understood without ``$schema`` as well.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import referencing
import referencing.exceptions
from jsonschema import FormatChecker, ValidationError, validators
from jsonschema.exceptions import UnknownType
from pydantic import TypeAdapter
from pydantic import ValidationError as NotParsed

from nbhitl.forms.schema.messages import Said, told, unlisted_in
from nbhitl.forms.schema.patterns import has_slow_keys, matches
from nbhitl.forms.schema.steps import step

Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]

LISTS = {"allOf", "anyOf", "oneOf", "enum"}
"""Keywords that must be lists; `jsonschema` would iterate over a string or a mapping."""

WHOLE = re.compile(r"-?\d{1,9}")
"""A key that stands for an integer."""

BROKEN = (AttributeError, TypeError, ValueError, LookupError, ArithmeticError, re.error, UnknownType)
"""Exceptions of `jsonschema` on a malformed keyword."""


def validator(schema: Any) -> Any:
    """Return the validator of a schema; references are not fetched, since schemas come from untrusted sources."""
    named = schema.get("$schema") if isinstance(schema, Mapping) else None
    usual = validators.Draft202012Validator
    base = validators.validator_for(schema, default=usual) if isinstance(named, str) else usual
    kind = _extended(base, quick_keys=not has_slow_keys(schema))
    return kind(schema, registry=referencing.Registry(), format_checker=FORMATS)


@cache
def _extended(base: Any, *, quick_keys: bool) -> Any:
    own = {name: keyword for name, keyword in OWN.items() if name in base.VALIDATORS or name == "dependencies"}
    every = {**base.VALIDATORS, **own}
    if not quick_keys:
        every["unevaluatedProperties"] = lambda *_: None  # this keyword matches keys by `re`
    return validators.extend(base, {name: _guarded(each, lists=name in LISTS) for name, each in every.items()})


def _guarded(keyword: Keyword, *, lists: bool) -> Keyword:
    def guarded(validator: Any, expected: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        step()
        if lists and not isinstance(expected, list):
            return
        try:
            yield from keyword(validator, expected, value, schema) or ()
        except referencing.exceptions.Unresolvable:
            return
        except BROKEN:
            return

    return guarded


# --- keywords ----------------------------------------------------------------------------------


def _pattern(validator: Any, pattern: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and not matches(pattern, value):
        yield ValidationError("")


def _pattern_properties(validator: Any, patterns: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    for pattern, expected in patterns.items() if isinstance(value, dict) else ():
        for key in filter(lambda key: matches(pattern, key), value):
            yield from validator.descend(value[key], expected, path=key, schema_path=pattern)


def _additional_properties(validator: Any, expected: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    unlisted = unlisted_in(schema, value) if isinstance(value, dict) else []
    if expected is False and unlisted:
        yield ValidationError("")
    elif isinstance(expected, Mapping):
        for key in unlisted:
            yield from validator.descend(value[key], expected, path=key)


def _unique_items(validator: Any, is_unique: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if is_unique is True and isinstance(value, list) and len(set(map(_same_for_same, value))) < len(value):
        yield ValidationError("")


def _same_for_same(value: Any) -> Any:
    """Return equal results for values that JSON takes for the same: 1 and 1.0 are the same, 1 and true are not."""
    if isinstance(value, list):
        return tuple(map(_same_for_same, value))
    if isinstance(value, dict):
        return frozenset((key, _same_for_same(each)) for key, each in value.items())
    return (bool, value) if isinstance(value, bool) else value


def _required(validator: Any, names: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, dict) and isinstance(names, list):
        yield from (Said(f"{name} is missing") for name in names if name not in value)


def _property_names(validator: Any, names: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    for key in value if isinstance(value, dict) else ():
        number = int(key) if WHOLE.fullmatch(key) else key  # pydantic lists the values of an IntEnum
        if next(validator.descend(number, names), None) is None:
            continue
        for error in validator.descend(key, names):
            yield Said(f"the key {key!r} {next(told(error))['message']}")


def _multiple_of(validator: Any, step_size: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    """Test ``multipleOf`` with decimal numbers as written: 0.3 is a multiple of 0.1."""
    if not validator.is_type(value, "number"):
        return
    if isinstance(value, int) and isinstance(step_size, int):  # of any length
        is_multiple = value % step_size == 0
    else:
        try:
            is_multiple = Decimal(str(value)) % Decimal(str(step_size)) == 0
        except InvalidOperation:  # more digits than decimal's precision
            is_multiple = False
    if not is_multiple:
        yield ValidationError("")


def _items(usual: Keyword) -> Keyword:
    def items(validator: Any, expected: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        if not isinstance(expected, list):
            yield from usual(validator, expected, value, schema) or ()
        elif isinstance(value, list):
            rest = [schema.get("additionalItems", True)] * max(len(value) - len(expected), 0)
            for place, (item, each) in enumerate(zip(value, [*expected, *rest], strict=False)):
                yield from validator.descend(item, each, path=place)

    return items


def _dependencies(validator: Any, dependencies: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    for name, needed in dependencies.items() if isinstance(value, dict) else ():
        if name in value and isinstance(needed, list):
            yield from (Said(f"{each} is missing: {name} needs it") for each in needed if each not in value)
        elif name in value:
            yield from validator.descend(value, needed, schema_path=name)


def _exclusive(usual: Keyword, inclusive: str) -> Keyword:
    def exclusive(validator: Any, bound: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        if bound is True and validator.is_type(value, "number") and value == schema[inclusive]:  # the form of draft 4
            yield ValidationError("", validator_value=value)
        elif not isinstance(bound, bool):
            yield from usual(validator, bound, value, schema) or ()

    return exclusive


_USUAL = validators.Draft202012Validator.VALIDATORS
OWN: dict[str, Keyword] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "uniqueItems": _unique_items,
    "required": _required,
    "propertyNames": _property_names,
    "dependentRequired": _dependencies,
    "multipleOf": _multiple_of,
    "items": _items(_USUAL["items"]),
    "dependencies": _dependencies,
    "exclusiveMinimum": _exclusive(_USUAL["exclusiveMinimum"], "minimum"),
    "exclusiveMaximum": _exclusive(_USUAL["exclusiveMaximum"], "maximum"),
}


# --- formats -----------------------------------------------------------------------------------

FORMATS = FormatChecker(formats=())
"""Formats as pydantic reads them; further formats are not tested."""


def _is_email(value: object) -> bool:
    before, _, after = value.rpartition("@") if isinstance(value, str) else ("-", "", "-")
    return bool(before and after)


def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or re.match(r"\s*[A-Za-z][A-Za-z0-9+.-]*:", value) is not None


def _parsed_as(kind: Any, begins: str) -> Callable[[object], bool]:
    """Return a test whether a text begins like ``begins`` and is parsed by pydantic.

    Pydantic alone takes a number for the seconds since 1970: 20240131 would be a day of August 1970.
    """
    adapter: TypeAdapter[Any] = TypeAdapter(kind)

    def parses(value: object) -> bool:
        if not isinstance(value, str):
            return True
        if re.match(begins, value) is None:
            return False
        adapter.validate_python(value)
        return True

    return parses


def _add_times() -> None:
    import datetime as dt
    import uuid

    day, hour = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "[0-9]{2}:[0-9]{2}"
    kinds = {"date": (dt.date, day), "time": (dt.time, hour), "date-time": (dt.datetime, day), "uuid": (uuid.UUID, "")}
    for name, (kind, begins) in kinds.items():
        FORMATS.checks(name, raises=NotParsed)(_parsed_as(kind, begins))


_add_times()
for _name, _is_one in {"email": _is_email, "idn-email": _is_email, "uri": _is_uri}.items():
    FORMATS.checks(_name)(_is_one)
