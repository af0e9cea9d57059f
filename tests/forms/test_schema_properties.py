"""Any schema is drawn, controls take every value that fits, and values are tested by the rules of JSON Schema."""

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nbhitl.forms.schema import Compiled, compile, flaws  # noqa: A004
from nbhitl.forms.types import schema_of
from tests.forms.corpus.instances import instances
from tests.forms.corpus.models import TYPES

NAMES = st.sampled_from(["a", "b", "c"])
WORDS = sorted(
    {
        *(
            "type",
            "properties",
            "items",
            "prefixItems",
            "enum",
            "const",
            "anyOf",
            "oneOf",
            "allOf",
            "not",
            "if",
            "then",
        ),
        *("required", "additionalProperties", "patternProperties", "propertyNames", "$defs", "default", "minItems"),
        *("title", "format", "discriminator", "uniqueItems", "minimum", "exclusiveMinimum", "multipleOf", "maxLength"),
        *("dependencies", "dependentSchemas", "additionalItems", "else", "contentMediaType", "unevaluatedProperties"),
    }
)
VALUES = st.recursive(
    st.one_of(
        *(
            st.none(),
            st.booleans(),
            st.integers(),
            st.floats(allow_nan=False, allow_infinity=False),
            st.text(max_size=3),
        ),
        st.sampled_from(["object", "array", "string", "integer", "null"]),
        st.sampled_from([{"$ref": "#"}, {"$ref": "#/$defs/a"}, {"$ref": "#/properties/a"}, {"$dynamicRef": "#a"}]),
    ),
    lambda inside: st.one_of(
        st.lists(inside, max_size=3),
        st.dictionaries(st.one_of(st.sampled_from(WORDS), NAMES), inside, max_size=4),
    ),
    max_leaves=30,
)
"""JSON values that look like schemas, most of them wrong somewhere."""

SCALARS = st.one_of(
    st.just({"type": "string"}),
    st.builds(lambda size: {"type": "string", "minLength": size}, st.integers(0, 3)),
    st.builds(lambda least: {"type": "integer", "minimum": least}, st.integers(-5, 5)),
    st.just({"type": "number"}),
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.just({"type": ["integer", "null"]}),
    st.builds(lambda values: {"enum": values}, st.lists(st.sampled_from(["x", "y", 1, None]), min_size=1, unique=True)),
    st.builds(lambda value: {"const": value}, st.sampled_from(["k", 3, False])),
)


def _object(members: dict[str, Any], required: list[str], more: Any) -> dict[str, Any]:
    names = sorted(set(required) & set(members))
    return {"type": "object", "properties": members, "required": names, "additionalProperties": more}


def _list(item: Any, fewest: int) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": fewest, "maxItems": 4}


def _row(items: list[Any]) -> dict[str, Any]:
    return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)}


SCHEMAS = st.recursive(
    SCALARS,
    lambda inside: st.one_of(
        st.builds(_object, st.dictionaries(NAMES, inside, max_size=3), st.lists(NAMES, max_size=3), st.just(False)),
        st.builds(_object, st.dictionaries(NAMES, inside, max_size=2), st.just([]), inside),
        st.builds(_list, inside, st.integers(0, 2)),
        st.builds(_row, st.lists(inside, min_size=1, max_size=3)),
        st.builds(lambda branches: {"anyOf": branches}, st.lists(inside, min_size=1, max_size=3)),
        st.builds(lambda part: {"allOf": [part]}, inside),
    ),
    max_leaves=8,
)
"""Well-formed schemas, nested at random."""

NARROW = st.one_of(
    st.just({"pattern": "^[a-z]+$"}),
    st.builds(lambda size: {"type": "string", "maxLength": size}, st.integers(0, 3)),
    st.builds(lambda step: {"multipleOf": step}, st.sampled_from([2, 0.5])),
    st.builds(lambda most: {"exclusiveMaximum": most}, st.integers(-2, 5)),
    st.builds(lambda count: {"minProperties": count, "propertyNames": {"maxLength": 1}}, st.integers(0, 2)),
    st.builds(lambda name, other: {"dependentRequired": {name: [other]}}, NAMES, NAMES),
    st.just({"uniqueItems": True}),
    st.builds(lambda part: {"contains": part}, SCALARS),
    st.builds(lambda part: {"not": part}, SCALARS),
    st.builds(lambda parts: {"oneOf": parts}, st.lists(SCALARS, min_size=1, max_size=3)),
    st.builds(lambda one, two, three: {"if": one, "then": two, "else": three}, SCALARS, SCALARS, SCALARS),
    st.builds(lambda name, part: {"patternProperties": {f"^{name}": part}}, NAMES, SCALARS),
)
"""Keywords that no control can enforce."""

ALL_SCHEMAS = st.one_of(SCHEMAS, st.builds(lambda one, *more: {"allOf": [one, *more]}, SCHEMAS, NARROW, NARROW))


def fits(compiled: Compiled, control: Any, value: Any) -> bool:
    """Tell whether a control can show a value."""
    kind = control["kind"]
    if kind == "shared":
        return fits(compiled, compiled.shared[control["name"]], value)
    if kind == "group":
        listed = {each["name"]: each["control"] for each in control["members"]}
        controls = {key: listed.get(key, control["others"]) for key in value} if isinstance(value, dict) else {"": None}
        return all(each and fits(compiled, each, value[key]) for key, each in controls.items())
    if kind == "list":
        return isinstance(value, list) and all(fits(compiled, control["item"], each) for each in value)
    if kind == "row":
        pairs = zip(control["items"], value, strict=False) if isinstance(value, list) else [({"control": None}, None)]
        return all(each["control"] and fits(compiled, each["control"], item) for each, item in pairs)
    if kind == "variants":
        return any(fits(compiled, each["control"], value) for each in control["variants"])
    if kind in {"choice", "choices"}:
        values = [json.loads(each["value"]) for each in control["options"]]
        return all(each in values for each in (value if kind == "choices" else [value]))
    return _fits_scalar(control, value)


def _fits_scalar(control: Any, value: Any) -> bool:
    if control["kind"] == "fixed":
        return bool(json.loads(control["value"]) == value)
    kinds: dict[str, Any] = {"text": str, "number": int | float, "switch": bool, "json": object}
    return isinstance(value, kinds[control["kind"]])


def filled(control: Any, start: Any, value: Any) -> Any:
    """Return a start with an instance filled in: members that the instance lacks keep the value of the start."""
    if control["kind"] != "group" or not isinstance(start, dict):
        return value
    inside = {each["name"]: each["control"] for each in control["members"]}
    given = {key: filled(inside[key], start.get(key), each) if key in inside else each for key, each in value.items()}
    return {**start, **given}


@given(VALUES)
@example({"oneOf": [False]})
@example({"type": "integer", "default": 10**5000})
@example({"enum": [10**5000]})
@example({"type": "string", "maxLength": 10**5000})
@settings(max_examples=400)
def test_whatever_is_given_as_a_schema_is_compiled_and_tested_without_an_error(schema):
    compiled = compile(schema)
    json.dumps([compiled.control, compiled.shared, compiled.start])
    flaws(schema, compiled.start)
    flaws(schema, {"a": ["", 1, None]})


@given(st.data())
@settings(max_examples=200, suppress_health_check=list(HealthCheck))
def test_instance_of_a_schema_fits_its_controls_and_filled_into_the_start_has_no_flaws(data):
    schema = data.draw(SCHEMAS)
    untouched = copy.deepcopy(schema)
    compiled = compile(schema)
    assert schema == untouched
    if jsonschema.Draft202012Validator(schema).is_valid(compiled.start):
        assert flaws(schema, compiled.start) == []
    value = data.draw(instances(schema))
    assert compiled.fallbacks == []
    assert fits(compiled, compiled.control, value)
    assert flaws(schema, value) == []
    assert flaws(schema, filled(compiled.control, compiled.start, value)) == []


@given(st.data())
@settings(max_examples=200, suppress_health_check=list(HealthCheck))
def test_what_is_refused_is_what_json_schema_refuses(data):
    schema, other = data.draw(ALL_SCHEMAS), data.draw(SCHEMAS)
    value = data.draw(instances(other))
    assert bool(flaws(schema, value)) != jsonschema.Draft202012Validator(schema).is_valid(value)


@given(SCHEMAS, VALUES)
@settings(max_examples=200)
def test_every_flaw_has_words_and_a_place_that_is_there(schema, value):
    for flaw in flaws(schema, value):
        assert flaw["message"]
        found = value
        for key in flaw["path"]:
            found = found[int(key)] if isinstance(found, list) else found[key]


FROM_PYDANTIC = ["Seats", "Owner", "Order", "Collections", "Untagged", "Decision", "Point", "Loose", "list of rows"]


@pytest.mark.parametrize("name", FROM_PYDANTIC)
@given(data=st.data())
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
def test_instance_of_a_pydantic_schema_has_no_flaws(name, data):
    schema = schema_of(TYPES[name])
    value = data.draw(instances(schema))
    assert flaws(schema, value) == []
