"""Patterns in schemas of strangers: a pattern that may take long is not tested, so that no pattern blocks the card."""

import time
from typing import Any

import pytest

from nbhitl.forms.schema import flaws

LONG = "a" * 900
TRAP = "a" * 50 + "!"
PYDANTIC_DECIMAL = r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$"


@pytest.mark.parametrize(
    ("pattern", "fits", "fits_not"),
    [
        (r"^[a-z]+$", "abc", "ab1"),
        (r"b", "abc", "ac"),
        (r"^(ab)+$", "abab", "aba"),
        (r"^(a+)+$", "aaa", TRAP),
        (r"^a*a*a*a*a*a*a*b$", "aab", LONG),
        (r"^\d{4}-\d{2}$", "2026-01", "2026-1"),
        (r"^\p{L}+$", "äb", "a1"),
        (r"^(?!x)\w+$", "ab", "xb"),
        (r"^a$", "a", "a\n"),
        (PYDANTIC_DECIMAL, "1.50", "1.5x"),
    ],
)
def test_text_is_tested_against_a_pattern_without_a_pause(pattern, fits, fits_not):
    schema = {"type": "string", "pattern": pattern}
    assert flaws(schema, fits) == []
    began = time.process_time()
    assert [flaw["message"] for flaw in flaws(schema, fits_not)] == [f"should match the pattern {pattern}"]
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": PYDANTIC_DECIMAL}, "0" * 900 + "x"),
        ({"pattern": r"^(?=a)(a+)+$"}, TRAP),
        ({"pattern": r"^(a{1000}){1000}$"}, LONG),
        ({"pattern": "^a$"}, "\ud800"),
        ({"pattern": "("}, "a"),
        ({"patternProperties": {r"^(a+)+$": {"type": "integer"}}}, {TRAP: "x"}),
        ({"patternProperties": {r"^(a+)+$": {}}, "additionalProperties": False}, {TRAP: 1}),
        ({"patternProperties": {r"^(a+)+$": {}}, "unevaluatedProperties": False}, {TRAP: 1}),
        ({"propertyNames": {"pattern": r"^(a+)+$"}}, {TRAP: 1}),
        ({"uniqueItems": True}, [{"a": number} for number in range(3_000)]),
    ],
    ids=lambda part: str(part)[:40],
)
def test_pattern_or_list_that_would_take_for_ever_holds_nobody_up(schema: Any, value: Any):
    began = time.process_time()
    flaws(schema, value)
    assert time.process_time() - began < 1


def test_key_that_matches_no_pattern_is_named():
    schema = {"patternProperties": {"^x-": {"type": "integer"}}, "additionalProperties": False}
    told = {".".join(flaw["path"]): flaw["message"] for flaw in flaws(schema, {"x-a": "b", "y": 1})}
    assert told == {"x-a": "should be a whole number", "": "should not have the member y"}


@pytest.mark.parametrize(
    ("items", "is_unique"),
    [([1, 1.0], False), ([1, True], True), ([{"a": 1}, {"a": 1.0}], False), ([[1], [True]], True), ([None, 0], True)],
    ids=repr,
)
def test_items_are_compared_as_json_values(items, is_unique):
    assert (flaws({"uniqueItems": True}, items) == []) is is_unique
