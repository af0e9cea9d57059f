"""Each part of a value that does not fit the schema is named by place, in words."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from nbhitl.errors import InvalidAnswer
from nbhitl.forms.fallback import read_json
from nbhitl.forms.schema import flaws
from nbhitl.forms.types import schema_of
from tests.forms.corpus.models import TYPES


def told(schema: Any, value: Any) -> list[str]:
    return [f"{'.'.join(flaw['path'])}: {flaw['message']}" for flaw in flaws(schema, value)]


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"type": "integer"}, "12a", "should be a whole number"),
        ({"type": "integer"}, "", "is missing: should be a whole number"),
        ({"type": "integer"}, 1.5, "should be a whole number"),
        ({"type": ["string", "null"]}, 3, "should be a text or nothing"),
        ({"minimum": 1}, 0, "should be at least 1"),
        ({"exclusiveMaximum": 1}, 1, "should be less than 1"),
        ({"minimum": 1, "exclusiveMinimum": True}, 1, "should be more than 1"),
        ({"multipleOf": 0.1}, 0.35, "should be a multiple of 0.1"),
        ({"minLength": 1}, "", "should not be empty"),
        ({"minLength": 3}, "ab", "should have at least 3 characters, has 2"),
        ({"maxItems": 1}, [1, 2], "should have at most 1 item, has 2"),
        ({"uniqueItems": True}, [1, 1], "should not have the same item twice"),
        ({"enum": ["a", "b", 1]}, "c", "should be one of: a, b, 1"),
        ({"type": "string", "enum": ["a", "b"]}, 3, "should be one of: a, b"),
        ({"const": "a"}, "c", "should be a"),
        ({"pattern": "^a$"}, "b", "should match the pattern ^a$"),
        ({"format": "date"}, "soon", "should be a date such as 2026-01-31"),
        ({"format": "email"}, "ann", "should be an email address"),
        ({"required": ["seats"]}, {}, "seats is missing"),
        ({"additionalProperties": False, "properties": {"a": {}}}, {"a": 1, "b": 2}, "should not have the member b"),
        ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, "the key 'ab' should have at most 1 character, has 2"),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "b is missing: a needs it"),
        ({"dependencies": {"a": ["b"]}}, {"a": 1}, "b is missing: a needs it"),
        ({"not": {"type": "string"}}, "a", "should not be this"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "a", "should be a whole number or nothing"),
        ({"anyOf": [{"const": 1}, {"enum": ["a", "b"]}]}, "c", "should be 1, a or b"),
        ({"oneOf": [{"minimum": 1}, {"maximum": 5}]}, 3, "fits more than one of the alternatives, and should fit one"),
        (False, 1, "should not be here"),
    ],
    ids=str,
)
def test_flaw_is_told_in_words(schema, value, message):
    assert told(schema, value) == [f": {message}"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Owner", {"pet": {"kind": "dog"}}, ["pet: breed is missing"]),
        ("Owner", {"pet": {"kind": "cow"}}, ["pet.kind: should be one of: cat, dog, parrot, finch"]),
        ("Owner", {"pet": {"kind": "finch", "wingspan": "a"}}, ["pet.wingspan: should be a number"]),
        ("Owner", {"pet": {"kind": "cat"}, "all_pets": [{"kind": "dog"}]}, ["all_pets.0: breed is missing"]),
        ("Untagged", {"either": {"city": "x"}, "number_or_text": 1}, None),
        ("Untagged", {"either": 5, "number_or_text": []}, None),
        ("Order", {"items": []}, ["items: should not be empty"]),
        ("optional model", {"name": ""}, None),
        ("tuple", [1, "a", 2, 3], None),
    ],
    ids=str,
)
def test_flaws_of_the_intended_alternative_are_told(name, value, expected):
    found = told(schema_of(TYPES[name]), value)
    assert found
    assert expected is None or found == expected
    assert not any("under any" in each for each in found)


def test_untagged_alternative_of_the_nearest_shape_is_chosen():
    value = {"either": {"street_address": "a", "city": "b"}, "number_or_text": 1}
    assert told(schema_of(TYPES["Untagged"]), value)[0].startswith("either: ")


def test_no_more_than_fifty_flaws_are_told():
    assert len(flaws({"items": {"type": "string"}}, list(range(1000)))) == 50


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, 12345678901234567890),
        ({"type": "integer"}, 1.0),
        ({"multipleOf": 0.1}, 0.3),
        ({"type": "string", "format": "date-time"}, "2026-01-31T14:30"),
        ({"type": "string", "format": "date-time"}, "2026-01-31"),
        ({"type": "string", "format": "color"}, "no colour"),
        ({"pattern": "[\\p{L}"}, "a"),
        ({"$ref": "https://example.invalid/schema"}, "cannot be tested"),
        ({"$ref": "#/nowhere"}, "cannot be tested"),
        ({"$ref": "#"}, "for ever"),
        ({"type": 3, "minimum": "a", "properties": [], "items": 3, "anyOf": {}}, {"a": [1]}),
        ("no schema", 1),
        (None, 1),
    ],
    ids=lambda value: str(value)[:60],
)
def test_valid_or_untestable_value_has_no_flaws(schema, value):
    assert flaws(schema, value) == []


LARGE, TOO_LONG = 10**400, 10**5000


@pytest.mark.parametrize(
    ("schema", "fits", "fails"),
    [
        ({"minimum": LARGE}, LARGE, LARGE - 1),
        ({"maximum": LARGE}, 1.5, LARGE + 1),
        ({"multipleOf": LARGE}, 3 * LARGE, 3),
        ({"multipleOf": 7}, 7 * LARGE, 7 * LARGE + 1),
        ({"multipleOf": TOO_LONG}, TOO_LONG, 3),
        ({"minLength": TOO_LONG}, 3, "text"),
    ],
    ids=lambda value: str(type(value)) if not isinstance(value, dict) else "-".join(value),
)
def test_integers_of_any_length_are_tested(schema, fits, fails):
    assert flaws(schema, fits) == []
    assert len(flaws(schema, fails)) == 1


def test_keyword_that_is_written_wrongly_does_not_keep_the_others_from_being_tested():
    assert told({"minimum": "a", "type": "integer"}, "b") == [": should be a whole number"]


def test_schema_that_doubles_itself_is_given_up_on():
    levels = {str(n): {"allOf": [{"$ref": f"#/$defs/{n + 1}"}] * 2} for n in range(60)}
    assert flaws({"$ref": "#/$defs/0", "$defs": levels | {"60": {}}}, 1) == []


def test_large_value_is_tested_to_its_end():
    rows = [{"id": number, "name": "a", "score": 1.5} for number in range(10_000)]
    schema = schema_of(TYPES["list of rows"])
    assert told(schema, [*rows, {"id": "last", "name": "a"}]) == ["10000.id: should be a whole number"]


def test_draft_7_rows_and_dependencies_are_tested_without_being_named():
    schema = {"items": [{"type": "string"}], "additionalItems": {"type": "integer"}}
    assert told(schema, [1, "a"]) == ["0: should be a text", "1: should be a whole number"]
    assert told({"dependencies": {"a": {"required": ["b"]}}}, {"a": 1}) == [": b is missing"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("datetime", "2026-01-31 14:30"),
        ("datetime", "2026-01-31T14:30:00Z"),
        ("date", "2026-01-31"),
        ("time", "14:30"),
        ("Decimal", "1.50"),
        ("Decimal", 12345678901234567890),
        ("UUID", "12345678123456781234567812345678"),
        ("Collections", None),
    ],
    ids=str,
)
def test_value_that_pydantic_accepts_is_not_refused(name, value):
    if name == "Collections":
        value = {"pair": [1, "a"], "many": [1], "tags": ["a"], "matrix": [[1]], "scores": {}, "short": ["a", "b"]}
        value |= {"by_level": {"1": "low"}, "by_number": {"7": "x"}, "choices": ["a"]}
    TypeAdapter(TYPES[name]).validate_python(value if name != "Collections" else {**value, "by_level": {}})
    assert told(schema_of(TYPES[name]), value) == []


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("datetime", "20240131", "should be a date and time such as 2026-01-31T14:30:00"),
        ("datetime", "2024", "should be a date and time such as 2026-01-31T14:30:00"),
        ("datetime", "1767225600", "should be a date and time such as 2026-01-31T14:30:00"),
        ("date", "0", "should be a date such as 2026-01-31"),
        ("date", "86400", "should be a date such as 2026-01-31"),
        ("time", "3600", "should be a time such as 14:30:00"),
    ],
    ids=str,
)
def test_number_in_the_place_of_a_date_is_refused_though_pydantic_counts_seconds_from_1970(name, value, message):
    assert told(schema_of(TYPES[name]), value) == [f": {message}"]


def test_reading_keeps_numbers_exact_and_refuses_invalid_json():
    assert read_json("[12345678901234567890, 1.0]") == [12345678901234567890, 1.0]
    with pytest.raises(InvalidAnswer, match="no JSON"):
        read_json("12a")
