"""Schemas that a user writes: mistakes are named at the call, and a valid schema costs no import of jsonschema."""

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import nbhitl
from nbhitl.errors import InvalidAnswer, UsageError
from nbhitl.forms import Forms
from nbhitl.forms.schema import compile as compiled
from nbhitl.forms.schema import flaws
from nbhitl.forms.schema.mistakes import mistake
from nbhitl.forms.schema.well_formed import SCHEMAS, SCHEMAS_BY_NAME, SCHEMAS_IN_A_LIST, UNSURE, VALUES, is_well_formed
from nbhitl.jsontext import place_of_itself
from tests import graphs

WRONG: list[tuple[Any, str]] = [
    ({"type": "integr"}, r"forms\['human_review'\] is no valid JSON Schema: .*did you mean 'integer'"),
    ({"city": str}, r"forms\['human_review'\] is no valid JSON Schema: 'city' is no keyword"),
    ({"$ref": "#/$defs/x"}, r"forms\['human_review'\] is no valid JSON Schema: .*leads to nothing"),
]


@pytest.mark.parametrize(("schema", "said"), WRONG)
def test_mistake_in_the_schema_of_a_node_is_named_at_the_call(schema, said):
    with pytest.raises(UsageError, match=said):
        nbhitl.review(graphs.seed(), graphs.SEED_INPUT, forms={"human_review": schema})
    with pytest.raises(UsageError, match=said):
        nbhitl.batch(graphs.seed(), [graphs.SEED_INPUT], forms={"human_review": schema})


def test_schema_that_contains_itself_is_refused_for_a_node_and_for_a_batch():
    schema: dict[str, Any] = {"type": "array"}
    schema["items"] = {"anyOf": [{"type": "string"}, schema]}
    inside = r"\['items'\]\['anyOf'\]\[1\] contains itself"
    with pytest.raises(UsageError, match=r"forms\['human_review'\] is no valid .*" + inside):
        nbhitl.review(graphs.seed(), graphs.SEED_INPUT, forms={"human_review": schema})
    with pytest.raises(UsageError, match=inside):
        nbhitl.batch(["a"], form=schema)


def test_schema_that_contains_itself_and_comes_late_is_answered_as_json():
    schema: dict[str, Any] = {"type": "object", "properties": {"name": {"type": "string"}}}
    schema["properties"]["child"] = schema

    assert compiled(schema).control["kind"] == "json"
    assert flaws(schema, {"name": "Ann"}) == []
    form = Forms({"human_review": lambda _interrupt: schema}).of(nbhitl.Interrupt("1", "human_review", "Well?"))
    assert "contains itself" in form.prompt


@pytest.mark.parametrize(
    "ask",
    [
        lambda answer: nbhitl.ask("Well?", dict, answers=[answer]),
        lambda answer: nbhitl.batch(["a"], form=dict, answers=[answer]),
    ],
)
def test_answer_that_contains_itself_is_refused_by_name(ask):
    answer: dict[str, Any] = {"name": "Ann"}
    answer["friend"] = answer
    with pytest.raises(InvalidAnswer, match="contains itself"):
        ask(answer).wait()


def test_part_that_is_used_twice_does_not_contain_itself():
    shared = {"type": "string"}
    assert place_of_itself({"a": shared, "b": [shared, (shared, shared)]}) is None
    assert mistake({"properties": {"a": shared, "b": shared}}) is None
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert place_of_itself(deep) is None
    around: list[Any] = [1]
    around.append((around,))
    assert place_of_itself(around) == (1, 0)


IMPORTS = """
import sys, nbhitl
schema = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 5}}, "required": ["city"]}
assert nbhitl.ask("Where?", schema).interrupts
print("jsonschema" in sys.modules)
"""


def test_question_with_a_valid_schema_is_there_before_jsonschema_is_imported():
    run = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True, timeout=100)
    assert run.stdout.strip() == "False"


WELL_KNOWN = sorted({*VALUES, *SCHEMAS, *SCHEMAS_BY_NAME, *SCHEMAS_IN_A_LIST})
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.floats(allow_nan=True) | st.sampled_from(["string", "x", "#"]),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(WELL_KNOWN), inside, max_size=3),
    max_leaves=12,
)
KEYWORD = st.sampled_from([*WELL_KNOWN, *sorted(UNSURE), "x-other"])


@given(st.dictionaries(KEYWORD, VALUE, max_size=4))
def test_schema_that_needs_no_jsonschema_is_valid_by_its_draft(schema):
    if is_well_formed(schema):
        assert [*Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema)] == []


USUAL: list[Any] = [
    {"type": ["string", "null"], "minLength": 1, "pattern": "^a", "title": "Name", "default": None},
    {"type": "array", "items": {"enum": ["a", 1]}, "uniqueItems": True, "maxItems": 3},
    {"anyOf": [{"const": 1}, {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5}]},
    {"$ref": "#/$defs/a", "$defs": {"a": {"type": "object", "additionalProperties": False}}},
]


@pytest.mark.parametrize("schema", USUAL)
def test_usual_schema_needs_no_jsonschema(schema):
    assert is_well_formed(schema)
