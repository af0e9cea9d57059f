"""Describes the flaws of a value for people, each at the place to correct."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from jsonschema import ValidationError

from nbhitl.forms.schema.merge import types
from nbhitl.forms.schema.patterns import matches
from nbhitl.forms.schema.scalars import written
from nbhitl.jsontext import flat
from nbhitl.protocol import Flaw

TYPES = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}

FORMATS = {
    "email": "an email address",
    "idn-email": "an email address",
    "uri": "an address such as https://…",
    "date": "a date such as 2026-01-31",
    "time": "a time such as 14:30:00",
    "date-time": "a date and time such as 2026-01-31T14:30:00",
    "uuid": "a UUID",
}

MOST = 100
"""Most errors that are read, for a value and for an alternative."""

SHOWN = 10
"""Most alternatives that a message lists."""

LONGEST = 80
"""Longest value that a message quotes."""


class Said(ValidationError):  # type: ignore[misc]
    """An error whose message is meant for people."""


def all_told(errors: Iterable[ValidationError]) -> Iterator[Flaw]:
    """Yield the flaws of errors; a wrong type is left out beside an error that lists the allowed values."""
    found = list(islice(errors, MOST))
    listed = {tuple(error.absolute_path) for error in found if error.validator in {"const", "enum"}}
    for error in found:
        if error.validator != "type" or tuple(error.absolute_path) not in listed:
            yield from told(error)


def told(error: ValidationError) -> Iterator[Flaw]:
    """Yield the flaws of an error; for alternatives, the flaws of the alternative that the value resembles most."""
    if error.validator in {"anyOf", "oneOf"} and error.context:
        yield from _of_nearest(error)
    else:
        yield _flaw(error, error.message if isinstance(error, Said) else _sentence(error))


def _flaw(error: ValidationError, message: str, *below: str) -> Flaw:
    return {"kind": "flaw", "path": [*map(str, error.absolute_path), *below], "message": message}


def _sentence(error: ValidationError) -> str:
    if error.validator == "additionalProperties":
        return _unexpected(error)
    say = SENTENCES.get(error.validator)
    return say(error.validator_value, error.instance) if say else f"does not fit the keyword {error.validator}"


# --- alternatives ------------------------------------------------------------------------------


def _of_nearest(error: ValidationError) -> Iterator[Flaw]:
    branches = _by_branch(error)
    shaped = [errors for errors in branches if not any(map(_is_of_another_kind, errors))]
    if not shaped:
        yield _flaw(error, _should_be(_alternatives(error), error.instance))
        return
    if tags := _tags(shaped):
        name, values = tags
        yield _flaw(error, _one_of(values), name)
        return
    chosen = [errors for errors in shaped if not any(map(_is_of_another_tag, errors))] or shaped
    fewest = min(map(len, chosen))
    yield from all_told(next(errors for errors in chosen if len(errors) == fewest))


def _by_branch(error: ValidationError) -> list[list[ValidationError]]:
    branches: dict[Any, list[ValidationError]] = {}
    for each in error.context:
        path = each.relative_schema_path  # empty where the alternative is the schema `false`
        branches.setdefault(path[0] if path else None, []).append(each)
    return list(branches.values())


def _is_of_another_kind(error: ValidationError) -> bool:
    """Tell whether a value has another type than an alternative, or differs from the alternative's constant."""
    if error.relative_path:
        return False
    if error.validator in {"anyOf", "oneOf"} and error.context:
        return all(any(map(_is_of_another_kind, errors)) for errors in _by_branch(error))
    return error.validator in {"type", "const", "enum"}


def _is_of_another_tag(error: ValidationError) -> bool:
    return len(error.relative_path) == 1 and error.validator in {"const", "enum"}


def _tags(branches: list[list[ValidationError]]) -> tuple[str, list[Any]] | None:
    """Return the member whose value fits no alternative, and the values that would fit."""
    found = [next((each for each in errors if _is_of_another_tag(each)), None) for errors in branches]
    names = {str(each.relative_path[0]) if each else "" for each in found}
    if len(names) != 1 or "" in names or len(branches) == 1:
        return None
    return names.pop(), [value for each in found if each for value in _values(each)]


def _values(error: ValidationError) -> list[Any]:
    return [error.validator_value] if error.validator == "const" else list(error.validator_value)


def _alternatives(error: ValidationError) -> list[str]:
    """Return the types and values of an error's alternatives, in words."""
    if error.relative_path and error.parent is not None and error.validator not in {"anyOf", "oneOf"}:
        return []
    if error.validator in {"anyOf", "oneOf"}:
        return [word for each in error.context if _is_of_another_kind(each) for word in _alternatives(each)]
    if error.validator == "type":
        return [TYPES.get(name, name) for name in types(error.validator_value)]
    return [_short(value) for value in _values(error)]


# --- sentences ---------------------------------------------------------------------------------


def _should_be(words: list[str], value: Any) -> str:
    unique = list(dict.fromkeys(words))
    shown = unique[:SHOWN] + ["…"] * (len(unique) > SHOWN)
    listed = " or ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
    return f"is missing: should be {listed}" if value == "" else f"should be {listed}"


def _type(expected: Any, value: Any) -> str:
    return _should_be([TYPES.get(name, name) for name in types(expected)], value)


def _one_of(values: Any) -> str:
    shown = [_short(value) for value in values[:SHOWN]] + ["…"] * (len(values) > SHOWN)
    return f"should be one of: {', '.join(shown)}" if len(values) != 1 else f"should be {shown[0]}"


def _short(value: Any) -> str:
    try:
        text = value if isinstance(value, str) and value else written(value)
    except ValueError:  # a number that is too long to be written
        text = flat(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _sized(least: str, what: str) -> Callable[[Any, Any], str]:
    def say(bound: Any, value: Any) -> str:
        if bound == 1 and not value and least == "at least":
            return "should not be empty"
        return f"should have {least} {_short(bound)} {what}{'s' * (bound != 1)}, has {len(value)}"

    return say


def _unexpected(error: ValidationError) -> str:
    names = unlisted_in(error.schema, error.instance)
    shown = ", ".join(map(_short, names[:SHOWN])) + "…" * (len(names) > SHOWN)
    return f"should not have the member{'s' * (len(names) > 1)} {shown}"


SENTENCES: dict[Any, Callable[[Any, Any], str]] = {
    "type": _type,
    "enum": lambda values, _: _one_of(values),
    "const": lambda value, _: f"should be {_short(value)}",
    "minimum": lambda bound, _: f"should be at least {_short(bound)}",
    "maximum": lambda bound, _: f"should be at most {_short(bound)}",
    "exclusiveMinimum": lambda bound, _: f"should be more than {_short(bound)}",
    "exclusiveMaximum": lambda bound, _: f"should be less than {_short(bound)}",
    "multipleOf": lambda step, _: f"should be a multiple of {_short(step)}",
    "minLength": _sized("at least", "character"),
    "maxLength": _sized("at most", "character"),
    "minItems": _sized("at least", "item"),
    "maxItems": _sized("at most", "item"),
    "minProperties": _sized("at least", "member"),
    "maxProperties": _sized("at most", "member"),
    "pattern": lambda pattern, _: f"should match the pattern {_short(pattern)}",
    "format": lambda name, value: _should_be([FORMATS.get(name, name)], value),
    "uniqueItems": lambda _, __: "should not have the same item twice",
    **dict.fromkeys(
        ("contains", "minContains", "maxContains"),
        lambda _, __: "has too few or too many items of the kind that it should contain",
    ),
    "not": lambda _, __: "should not be this",
    "anyOf": lambda _, __: "fits none of the alternatives",
    "oneOf": lambda _, __: "fits more than one of the alternatives, and should fit one",
    "items": lambda _, __: "has too many items",
    "additionalItems": lambda _, __: "has too many items",
    "unevaluatedItems": lambda _, __: "has items that it should not have",
    "unevaluatedProperties": lambda _, __: "has members that it should not have",
    None: lambda _, __: "should not be here",
}


def unlisted_in(schema: Mapping[str, Any], value: Mapping[str, Any]) -> list[str]:
    """Return the keys that match neither a listed property nor a pattern of a schema."""
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    return [key for key in value if key not in known and not any(matches(each, key) for each in patterns)]
