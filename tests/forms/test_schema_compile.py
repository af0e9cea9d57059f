"""JSON Schemas become controls."""

import json
from typing import Any

import pytest

from nbhitl.forms.schema import Compiled, compile  # noqa: A004
from nbhitl.forms.types import schema_of
from tests.forms.corpus.models import TYPES
from tests.forms.corpus.schemas import SCHEMAS

DRAWN_SHARE = 0.95


def of_type(name: str) -> Compiled:
    return compile(schema_of(TYPES[name]))


def members_of(name: str) -> Any:
    control: Any = of_type(name).control
    return control["members"]


def brief(control: Any) -> Any:
    """Return a control in short: the properties that matter for the kind, and the inner controls."""
    kind = control["kind"]
    inside = {
        "group": lambda: (
            {each["name"]: brief(each["control"]) for each in control["members"]}
            | ({"…": brief(control["others"])} if control["others"] else {})
        ),
        "list": lambda: [brief(control["item"])],
        "row": lambda: tuple(brief(each["control"]) for each in control["items"]),
        "variants": lambda: (
            {"by": control["by"]} | {each["label"]: brief(each["control"]) for each in control["variants"]}
        ),
        "choice": lambda: {json.loads(each["value"]): each["label"] for each in control["options"]},
        "choices": lambda: [{json.loads(each["value"]): each["label"] for each in control["options"]}],
        "fixed": lambda: f"= {control['value']}",
        "secret": lambda: {"secret": brief(control["control"])},
        "shared": lambda: f"@{control['name']}",
        "text": lambda: f"text {control['format']}",
        "number": lambda: ("whole " if control["integer"] else "") + f"{control['least']} to {control['most']}",
    }
    return inside[kind]() if kind in inside else kind


@pytest.mark.parametrize(
    ("schema", "drawn"),
    [
        ({"type": "string"}, "text plain"),
        ({"type": "string", "maxLength": 201}, "text long"),
        ({"type": "string", "contentMediaType": "text/plain"}, "text long"),
        ({"type": "string", "contentMediaType": "application/sql"}, "text code"),
        ({"type": "string", "writeOnly": True}, "text secret"),
        ({"type": "integer", "writeOnly": True}, {"secret": "whole None to None"}),
        (
            {"anyOf": [{"type": "integer", "writeOnly": True}, {"type": "null"}]},
            {"by": None, "Whole number": {"secret": "whole None to None"}, "Nothing": "= null"},
        ),
        ({"type": "string", "format": "date-time"}, "text date-time"),
        ({"format": "email"}, "text email"),
        ({"type": "boolean"}, "switch"),
        ({"type": "null"}, "= null"),
        ({"const": 3}, "= 3"),
        ({"enum": ["a"]}, '= "a"'),
        ({"enum": ["a", None, 1]}, {"a": "a", None: "Nothing", 1: "1"}),
        ({"enum": [1, 2], "x-enumNames": ["One", "Two"]}, {1: "One", 2: "Two"}),
        ({"type": "integer", "exclusiveMinimum": 0, "maximum": 9.5}, "whole 1 to 9"),
        ({"type": "number", "exclusiveMinimum": 0}, "0 to None"),
        ({"type": "integer", "maximum": 12345678901234567890}, "whole None to 12345678901234567890"),
        ({"type": ["string", "null"]}, {"by": None, "Text": "text plain", "Nothing": "= null"}),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, "None to None"),
        ({"anyOf": [{"type": "integer"}]}, "whole None to None"),
        ({"type": "array", "items": {"type": "boolean"}}, ["switch"]),
        ({"type": "array", "items": {"enum": [1, 2]}, "uniqueItems": True}, [{1: "1", 2: "2"}]),
        ({"type": "array", "items": {"enum": [1, 2]}}, [{1: "1", 2: "2"}]),
        ({"prefixItems": [{"type": "boolean"}, {"const": 1}]}, ("switch", "= 1")),
        ({"type": "object"}, {"…": "@any value"}),
        ({"properties": {"a": {}}, "additionalProperties": False}, {"a": "@any value"}),
        ({"additionalProperties": {"type": "boolean"}}, {"…": "switch"}),
        ({"allOf": [{"type": "number", "minimum": 1}, {"type": "integer", "minimum": 2}]}, "whole 2 to None"),
        ({"propertyNames": {"enum": ["a"]}, "additionalProperties": {"type": "boolean"}}, {"a": "switch"}),
    ],
    ids=str,
)
def test_schema_is_drawn_with_the_control_for_it(schema, drawn):
    compiled = compile(schema)
    assert brief(compiled.control) == drawn
    assert compiled.fallbacks == []


@pytest.mark.parametrize(
    ("schema", "keyword"),
    [
        ({}, "any value"),
        (True, "any value"),
        (False, "false"),
        ("no schema", "any value"),
        ({"$ref": "https://example.invalid/elsewhere"}, "$ref"),
        ({"$ref": "#"}, "$ref"),
        ({"properties": {"a": {"$ref": "#/nowhere"}}}, "$ref"),
        ({"anyOf": [{"$ref": "#"}, {"type": "string"}]}, "$ref"),
        ({"enum": list(range(6000))}, "size"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_schema_that_cannot_be_drawn_names_the_keyword_to_blame(schema, keyword):
    assert compile(schema).fallbacks == [keyword]


@pytest.mark.parametrize(("name", "schema"), SCHEMAS.items(), ids=SCHEMAS)
def test_schema_of_another_tool_is_drawn_whole(name, schema):
    assert compile(schema).fallbacks == []


def test_of_pydantics_schemas_nearly_all_are_drawn_and_only_any_value_is_not():
    fallbacks = {name: of_type(name).fallbacks for name in TYPES}
    assert {keyword for found in fallbacks.values() for keyword in found} == {"any value"}
    assert sum(not found for found in fallbacks.values()) / len(fallbacks) >= DRAWN_SHARE


def test_tagged_models_are_distinguished_by_tag():
    control = of_type("Owner").control
    assert brief(control)["pet"] == {
        "by": "kind",
        "Cat": {"kind": '= "cat"', "lives": "whole None to None"},
        "Dog": {"kind": '= "dog"', "breed": "text plain"},
        "parrot": {"kind": '= "parrot"', "wingspan": "None to None"},
        "finch": {"kind": '= "finch"', "wingspan": "None to None"},
    }
    assert brief(control)["spare"].keys() == {"by", "Cat", "Dog", "Nothing"}


def test_model_that_contains_itself_is_drawn_once_and_referred_to():
    compiled = of_type("Folder")
    assert brief(compiled.control)["children"] == ["@Folder"]
    assert compiled.shared["Folder"] == compiled.control


def test_large_definition_that_is_used_often_is_sent_once():
    large = {"type": "object", "properties": {f"m{number}": {"type": "string"} for number in range(50)}}
    uses = {f"use{number}": {"$ref": "#/$defs/large"} for number in range(50)}
    compiled = compile({"properties": uses, "$defs": {"large": large}})
    assert set(map(str, brief(compiled.control).values())) == {"@large"}
    assert compiled.shared.keys() == {"large"}


@pytest.mark.parametrize(
    "doubling",
    [
        {"properties": {"a": {"$ref": "#/$defs/{n}"}, "b": {"$ref": "#/$defs/{n}"}}},
        {"allOf": [{"$ref": "#/$defs/{n}"}, {"$ref": "#/$defs/{n}"}]},
        {"anyOf": [{"$ref": "#/$defs/{n}"}, {"items": {"$ref": "#/$defs/{n}"}}]},
        {"properties": {"a": {"allOf": [{"$ref": "#/$defs/{n}"}, {"title": "x", "minProperties": 1}]}} | {}},
        {"required": ["a", "b"], "properties": {"a": {"$ref": "#/$defs/{n}"}, "b": {"$ref": "#/$defs/{n}"}}},
    ],
    ids=["members", "parts", "variants", "merged", "required"],
)
def test_schema_that_doubles_itself_level_by_level_stays_small(doubling):
    text = json.dumps(doubling)
    levels = {str(level): json.loads(text.replace("{n}", str(level + 1))) for level in range(40)}
    compiled = compile({"$ref": "#/$defs/0", "$defs": levels | {"40": {"type": "string"}}})
    assert len(json.dumps([compiled.control, compiled.shared, compiled.start])) < 5_000_000


def test_deep_schema_is_drawn_to_some_depth():
    schema: Any = {"type": "string"}
    for _ in range(900):
        schema = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    assert compile(schema).fallbacks == ["size"]


def test_labels_are_titles_or_readable_names_and_hints_are_descriptions_or_examples():
    members = members_of("Person")
    assert [each["label"] for each in members] == ["Name", "Age", "Nickname", "Email", "Home", "Work"]
    assert members[0]["hint"] == "As in the passport"
    home = members[4]["control"]["members"]
    assert home[0]["label"] == "Street Address"
    assert home[0]["hint"] == "For example: 1 Main Street"


def test_list_of_flat_objects_is_a_table_and_of_nested_ones_is_not():
    controls: Any = [of_type(name).control for name in ("list of rows", "list of lists")]
    assert [each["table"] for each in controls] == [True, False]


# --- the start ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("Seats", {"plan": "", "seats": "", "price": "", "trial": False, "add_ons": []}),
        ("Point", {"x": "", "y": 0.0, "label": None}),
        ("Owner", {"pet": {"kind": "cat", "lives": 9}, "spare": None, "all_pets": []}),
        ("Order", {"items": [{"sku": "", "count": 1, "price": ""}], "shipped": None, "notes": ""}),
        ("Partial", {}),
        ("tuple", ["", "", False]),
        ("optional text", None),
        ("one literal", "ok"),
    ],
)
def test_form_begins_with_defaults_and_required_members_and_no_choice(name, start):
    assert of_type(name).start == start


def test_large_form_has_a_start_for_every_member():
    names = [f"m{number}" for number in range(3000)]
    compiled = compile({"properties": {name: {"type": "string", "default": name} for name in names}})
    assert compiled.start == {name: name for name in names}
    control: Any = compiled.control
    assert [json.loads(each["start"]) for each in control["members"]] == names


def test_default_that_does_not_fit_is_no_start():
    schema = {"properties": {"a": {"type": "integer", "default": "x"}, "b": {"enum": [1], "default": 2}}}
    assert compile(schema).start == {}


def test_added_member_begins_with_an_empty_value_of_the_type():
    members = members_of("Person")
    assert members[2]["start"] == '""'
    assert json.loads(members[5]["start"]).keys() == {"street_address", "city", "zip_code"}


def test_model_that_must_contain_itself_begins_without_end():
    schema = {"$ref": "#/$defs/n", "$defs": {"n": {"properties": {"n": {"$ref": "#/$defs/n"}}, "required": ["n"]}}}
    assert compile(schema).start == {"n": {}}


def test_form_too_large_for_a_page_is_written_as_json():
    sizes = {"enum": [f"size {number}" for number in range(200)]}
    found = compile({"type": "object", "properties": {f"size{number}": sizes for number in range(300)}})
    assert (found.control, found.shared, found.fallbacks) == ({"kind": "json", "why": "size"}, {}, ["size"])


@pytest.mark.parametrize("digits", [400, 5000])
@pytest.mark.parametrize("kind", ["integer", "number"])
def test_number_too_large_for_a_float_is_drawn_where_it_can_be_written(digits, kind):
    large = 10**digits
    drawn = str(large) if digits == 400 else None
    for name, bound in (("minimum", "least"), ("maximum", "most"), ("multipleOf", "step")):
        found = compile({"type": kind, name: large})
        without: Any = compile({"type": kind}).control
        assert (found.control, found.fallbacks) == ({**without, bound: drawn}, [])


def test_bound_beyond_a_large_integer_is_exact():
    control: Any = compile({"type": "integer", "exclusiveMinimum": 10**400}).control
    assert control["least"] == str(10**400 + 1)


def test_long_words_of_a_schema_are_cut():
    found = compile({"type": "object", "properties": {"a": {"title": "t" * 10_000, "description": "d" * 10_000}}})
    assert len(str(found.control)) < 10_000
