"""Random values that fit a JSON Schema.

Not by hypothesis-jsonschema: version 0.23 needs parts of Hypothesis that newer versions do not have.
"""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

FORMATS = {
    "date": st.dates().map(str),
    "time": st.times().map(str),
    "date-time": st.datetimes().map(lambda moment: moment.isoformat()),
    "email": st.sampled_from(["a@example.org", "b.c@example.org"]),
    "uri": st.sampled_from(["https://example.org/a", "mailto:a@example.org"]),
    "uuid": st.uuids().map(str),
}
ANY = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inside: st.one_of(st.lists(inside, max_size=3), st.dictionaries(st.text(), inside, max_size=3)),
    max_leaves=5,
)
TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
DEEPEST = 6


def instances(schema: Any, root: Any = None, deep: int = 0) -> st.SearchStrategy[Any]:
    """Return values that fit a schema; knows the keywords in the schemas of these tests only."""
    root = schema if root is None else root
    if not isinstance(schema, Mapping):
        return ANY
    if "$ref" in schema:
        target = root
        for key in schema["$ref"].split("/")[1:]:
            target = target[key]
        return st.deferred(lambda: instances(target, root, deep + 1))
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    for keyword in ("anyOf", "oneOf", "allOf"):
        if keyword in schema:
            branches = [each for each in schema[keyword] if deep < DEEPEST or each.get("type") == "null"]
            return st.one_of([instances(each, root, deep + 1) for each in branches or schema[keyword]])
    kinds = schema.get("type", TYPES)
    return st.one_of([_of_type(kind, schema, root, deep) for kind in ([kinds] if isinstance(kinds, str) else kinds)])


def _of_type(kind: str, schema: Mapping[str, Any], root: Any, deep: int) -> st.SearchStrategy[Any]:
    if kind == "object":
        return _objects(schema, root, deep)
    if kind == "array":
        return _arrays(schema, root, deep)
    if kind == "string":
        return _texts(schema)
    if kind in {"null", "boolean"}:
        return st.none() if kind == "null" else st.booleans()
    return _numbers(schema, integer=kind == "integer")


def _texts(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if "pattern" in schema:
        found = st.from_regex(schema["pattern"]).filter(lambda text: not text.endswith("\n"))  # `$` matches before "\n"
        return found.filter(lambda text: least <= len(text) <= (most or 1000))
    return st.text(min_size=least, max_size=most)


def _numbers(schema: Mapping[str, Any], *, integer: bool) -> st.SearchStrategy[Any]:
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if integer or "multipleOf" in schema:
        step = schema.get("multipleOf", 1)
        least, most = schema.get("minimum", above), schema.get("maximum", below)
        bounds = None if least is None else -(-least // step), None if most is None else most // step
        found = st.integers(*bounds).map(lambda number: number * step)
        return found.filter(lambda number: number not in {above, below})
    finite: dict[str, Any] = {"allow_nan": False, "allow_infinity": False}
    finite |= {"exclude_min": above is not None, "exclude_max": below is not None}
    return st.floats(schema.get("minimum", above), schema.get("maximum", below), **finite)


def _arrays(schema: Mapping[str, Any], root: Any, deep: int) -> st.SearchStrategy[Any]:
    if "prefixItems" in schema:
        return st.tuples(*(instances(each, root, deep + 1) for each in schema["prefixItems"])).map(list)
    least = schema.get("minItems", 0)
    most = min(schema.get("maxItems", least + 3), least + 3) if deep < DEEPEST else least
    unique = repr if schema.get("uniqueItems") else None
    return st.lists(instances(schema.get("items"), root, deep + 1), min_size=least, max_size=most, unique_by=unique)


def _objects(schema: Mapping[str, Any], root: Any, deep: int) -> st.SearchStrategy[Any]:
    members = {name: instances(each, root, deep + 1) for name, each in schema.get("properties", {}).items()}
    required = {name: members.pop(name, ANY) for name in schema.get("required", ())}
    listed = st.fixed_dictionaries(required, optional=members if deep < DEEPEST else {})
    more = schema.get("additionalProperties", False)
    if more is False or deep >= DEEPEST:
        return listed
    keys = instances(schema["propertyNames"], root) if "propertyNames" in schema else st.text(max_size=3)
    others = st.dictionaries(keys.map(str), instances(more, root, deep + 1), max_size=2)
    return st.builds(lambda one, other: {**other, **one}, listed, others)
