"""An unquoted ``yes`` of an answers file: a text or a boolean, as the question takes it."""

import json
from typing import Any, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

import nbhitl
from nbhitl.decisions import edit, from_json, to_json
from nbhitl.errors import InvalidAnswer
from nbhitl.unquoted import Unquoted


class State(TypedDict, total=False):
    got: Any


def compares(_state: State) -> Any:
    answer = interrupt("Ship it?")
    return {"got": "shipped" if answer == "yes" else "kept"}


def is_true(_state: State) -> Any:
    answer = interrupt("Ship it?")
    return {"got": "shipped" if answer else "kept"}


def is_true_and_said(_state: State) -> Any:
    answer = interrupt("Ship it?")
    return {"got": f"shipped: {answer}" if answer else "kept"}


def reads_key(_state: State) -> Any:
    answer = interrupt({"question": "Ship it?"})
    return {"got": "shipped" if answer["approved"] else "kept"}


def asks(payload: Any, schema: Any = None) -> Any:
    def ask(_state: State) -> Any:
        return {"got": interrupt(payload, response_schema=schema)}

    return ask


PAY = {
    "action_requests": [{"name": "pay", "args": {"now": True, "mode": "off"}}],
    "review_configs": [{"action_name": "pay", "allowed_decisions": ["approve", "edit", "reject"]}],
}
PLAN = {
    "type": "object",
    "properties": {"a": {"type": "boolean"}, "b": {"type": "string"}, "c": {"enum": ["on", "off"]}},
}


@pytest.fixture
def answered(tmp_path, monkeypatch):
    def run(node: Any, text: str, rules: Any = ()) -> Any:
        path = tmp_path / "answers.yaml"
        path.write_text(f"# decided in May\nask: {text}\n")
        monkeypatch.setenv("NBHITL_ANSWERS", str(path))
        graph = StateGraph(State).add_node("ask", node).add_edge(START, "ask").compile()
        return nbhitl.review(graph, {}, rules=list(rules)).result["got"]

    return run


@pytest.mark.parametrize(
    ("node", "text", "got"),
    [
        (compares, "yes", "shipped"),
        (is_true, "no", "kept"),
        (is_true, "Yes", "shipped"),
        (reads_key, "{approved: no}", "kept"),
        (asks({"question": "Ship?", "options": ["yes", "no"]}), "[no]", "no"),
        (asks({"question": "Ship?", "options": [True, False]}), "no", False),
        (asks({"question": "Ship?", "details": {"a": 1}}), "no", False),
        (asks({"text_to_revise": "a word"}), "No", "No"),
        (asks("?", {"type": "boolean"}), "off", False),
        (asks("?", {"type": "string"}), "off", "off"),
        (asks("?", PLAN), "{a: yes, b: no, c: on}", {"a": True, "b": "no", "c": "on"}),
        (asks("?", {"type": "object", "additionalProperties": {"type": "string"}}), "{no: on}", {"no": "on"}),
        (asks("?"), "true", True),
        (asks("?"), '"yes"', "yes"),
    ],
)
def test_unquoted_word_is_what_the_question_takes(answered, node, text, got):
    assert answered(node, text) == got


@pytest.mark.parametrize("rules", [[], [nbhitl.deny("delete_*", "no")]], ids=["alone", "beside rules"])
def test_unquoted_words_in_an_edit_are_what_the_arguments_are(answered, rules):
    (decision,) = answered(asks(PAY), "!edit {now: no, mode: on}", rules)["decisions"]
    assert decision["edited_action"]["args"] == {"now": False, "mode": "on"}


@pytest.mark.parametrize(
    "node",
    [
        asks("Ship it?"),
        is_true_and_said,
        asks({"c": 1}),
        asks("?", {"type": ["string", "boolean"]}),
        asks("?", {"enum": ["no", False]}),
    ],
)
def test_unquoted_word_for_a_question_that_takes_both_is_named_with_its_line(answered, node):
    with pytest.raises(InvalidAnswer, match=r'answers\.yaml, line 2: .* Write "no" in quotes for the text, or false'):
        answered(node, "no")


def test_value_that_fits_neither_way_is_refused_as_the_text(answered):
    with pytest.raises(InvalidAnswer, match="should be a"):
        answered(asks("?", {"type": "integer"}), "yes")


WORDS = st.builds(Unquoted, st.sampled_from(["yes", "No", "ON", "off"]), st.text(max_size=5))
ANSWERS = st.recursive(
    WORDS | st.booleans() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


@given(ANSWERS | st.dictionaries(st.text(min_size=1), ANSWERS).map(edit))
def test_words_reach_the_kernel_as_words(answer):
    assert from_json(json.loads(json.dumps(to_json(answer)))) == answer
