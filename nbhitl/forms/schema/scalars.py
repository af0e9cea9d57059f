"""Controls of texts, numbers and choices."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Literal, TypeGuard

from nbhitl.forms.schema.merge import types
from nbhitl.forms.schema.resolve import is_marked
from nbhitl.jsontext import cut, encodable, is_number, is_too_long
from nbhitl.protocol import ChoiceControl, NumberControl, Option, TextControl

WORDS = 2_000
"""Longest label or description that is shown."""

SHORT = 200
"""Longest text that fits in a line."""

Format = Literal["plain", "email", "uri", "date", "time", "date-time", "secret", "long", "code"]

FORMATS: dict[str, Format] = {
    **dict.fromkeys(("email", "idn-email", "name-email"), "email"),
    **dict.fromkeys(("uri", "url", "iri", "uri-reference", "iri-reference", "multi-host-uri"), "uri"),
    **dict.fromkeys(("textarea", "text", "multiline", "multi-line", "paragraph"), "long"),
    "date": "date",
    "time": "time",
    "date-time": "date-time",
    "datetime": "date-time",
}

LANGUAGES = {
    **{name: name for name in ("css", "html", "javascript", "json", "markdown", "python", "sql", "xml", "yaml")},
    "x-python": "python",
    "x-sql": "sql",
    "x-yaml": "yaml",
    "typescript": "javascript",
    "json-string": "json",
}
"""Formats, and the second half of media types, for program text."""

HINTS = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties", "propertyNames"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"),
    "string": ("minLength", "maxLength", "pattern", "format", "contentMediaType", "contentEncoding"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
"""Keywords that imply a type where a schema names no type."""

OPTIONS = "x-options"
"""A keyword of our own: texts that a person can choose, besides any further text."""

KNOWN = ("object", "array", "string", "number", "integer", "boolean", "null")


_ENCODER = json.JSONEncoder(ensure_ascii=False)


def meant(schema: Mapping[str, Any]) -> list[str]:
    """Return the types that a schema names or implies; nothing where any JSON value fits."""
    if schema.get("type") in KNOWN:  # the usual case, and the quick way
        return [schema["type"]]
    named = [name for name in dict.fromkeys(types(schema.get("type"))) if name in KNOWN]
    if named:
        return [name for name in named if name != "integer" or "number" not in named]
    return [name for name, keywords in HINTS.items() if any(keyword in schema for keyword in keywords)][:1]


def written(value: Any) -> str:
    """Return a JSON value as JSON text."""
    return encodable(_ENCODER.encode(value))


def words(value: Any) -> str:
    """Return a text for people, shortened and encodable; an empty text for a value of another type."""
    return cut(value, WORDS) if isinstance(value, str) else ""


def text(schema: Mapping[str, Any]) -> TextControl:
    """Return the control of a text."""
    longest = schema.get("maxLength")
    longest = longest if isinstance(longest, int) and not isinstance(longest, bool) else None
    form, language = _format(schema, longest)
    control: TextControl = {"kind": "text", "format": form, "language": language, "longest": longest}
    options = schema.get(OPTIONS)
    if isinstance(options, list) and options and all(isinstance(each, str) for each in options):
        control["options"] = options
    return control


def _format(schema: Mapping[str, Any], longest: int | None) -> tuple[Format, str]:
    name, media = (str(schema.get(key, "")).lower() for key in ("format", "contentMediaType"))
    if is_marked(schema):
        return "secret", ""
    if name in FORMATS:
        return FORMATS[name], ""
    kind, _, rest = media.partition("/")
    language = LANGUAGES.get(name) or LANGUAGES.get(rest.partition(";")[0].split("+")[-1], "")
    if language and "contentEncoding" not in schema:
        return "code", language
    return ("long" if kind == "text" or (longest or 0) > SHORT else "plain"), ""


def number(schema: Mapping[str, Any], *, integer: bool) -> NumberControl:
    """Return the control of a number; the bounds of an integer are the nearest allowed integers."""
    least = _bound(schema, "minimum", "exclusiveMinimum", up=True, integer=integer)
    most = _bound(schema, "maximum", "exclusiveMaximum", up=False, integer=integer)
    step = schema.get("multipleOf")
    return {
        "kind": "number",
        "integer": integer,
        "least": None if least is None else written(least),
        "most": None if most is None else written(most),
        "step": written(step) if _is_number(step) and step > 0 else None,
    }


def _bound(schema: Mapping[str, Any], inclusive: str, exclusive: str, *, up: bool, integer: bool) -> int | float | None:
    closed, opened = schema.get(inclusive), schema.get(exclusive)
    bounds: list[int | float] = []
    if _is_number(closed):
        beyond = opened is True and integer  # the form of draft 4
        bounds.append((_beyond if beyond else _whole)(closed, up=up) if integer else closed)
    if _is_number(opened):
        bounds.append(_beyond(opened, up=up) if integer else opened)
    return max(bounds, default=None) if up else min(bounds, default=None)


def _whole(bound: float, *, up: bool) -> int:
    return math.ceil(bound) if up else math.floor(bound)


def _beyond(bound: float, *, up: bool) -> int:
    return math.floor(bound) + 1 if up else math.ceil(bound) - 1


def _is_number(value: Any) -> TypeGuard[int | float]:
    """Tell whether a value is a number that can be written as JSON."""
    return is_number(value) and (math.isfinite(value) if isinstance(value, float) else not is_too_long(value))


def takes_number(schema: Mapping[str, Any]) -> bool:
    """Tell whether a string schema describes a number as text, like pydantic's schema of `Decimal`."""
    pattern = schema.get("pattern")
    if types(schema.get("type")) != ["string"] or not isinstance(pattern, str) or len(pattern) > SHORT:
        return False
    try:
        return all(re.search(pattern, each) for each in ("0", "12", "7.5")) and not re.search(pattern, "x")
    except re.error:
        return False


def choice(options: list[Option]) -> ChoiceControl:
    """Return the control that offers these options."""
    return {"kind": "choice", "options": options}


def option(value: Any, label: Any = None, hint: Any = None) -> Option:
    """Return an option; a string is shown as the label, any other value as JSON."""
    shown = words(label) or words(value) or ("Nothing" if value is None else written(value))
    return {"kind": "option", "label": shown, "hint": words(hint), "value": written(value)}


def enumerated(schema: Mapping[str, Any]) -> list[Option] | None:
    """Return the options of ``enum`` and ``const``, with the labels from ``enumNames`` and the like."""
    if "const" in schema:
        return [option(schema["const"], schema.get("title"), schema.get("description"))]
    values = schema.get("enum")
    if not isinstance(values, list) or not values:
        return None
    names = next((schema[key] for key in ("enumNames", "x-enumNames", "x-enum-varnames") if key in schema), None)
    labels = names if isinstance(names, list) and len(names) == len(values) else [None] * len(values)
    return [option(value, label) for value, label in zip(values, labels, strict=True)]
