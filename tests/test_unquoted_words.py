"""An unquoted ``yes`` in an answers file is a text or a boolean, whichever the question takes."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

import nbhitl
from nbhitl import unquoted
from nbhitl.answers import Answer
from nbhitl.core.ruling import ReviewRules
from nbhitl.decisions import edit, from_json, to_json
from nbhitl.errors import InvalidAnswer, RuleMismatch
from nbhitl.forms import Forms, form_for
from nbhitl.forms.unquoted import meant
from nbhitl.runs.run import Interrupt
from nbhitl.ui.resuming import answer_in
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


@pytest.mark.parametrize("count", [2, 4, 40])
def test_words_of_a_table_are_what_their_columns_are(answered, count):
    row = {"active": False, "mode": "on"}
    given_rows = [{"active": True, "mode": "off", "n": number} for number in range(count)]
    file = "[[" + ", ".join(f"{{active: no, mode: on, n: {number}}}" for number in range(count)) + "]]"
    assert answered(asks(given_rows), file) == [{**row, "n": number} for number in range(count)]


SEVEN = {
    "type": "object",
    "properties": {f"k{number}": {"type": ["boolean", "string"][number % 2]} for number in range(7)},
}


def test_seven_words_are_each_what_their_key_takes(answered):
    text = ", ".join(f"k{number}: yes" for number in range(7))
    got = answered(asks("?", SEVEN), f"{{{text}}}")
    assert got == {f"k{number}": "yes" if number % 2 else True for number in range(7)}


@pytest.mark.parametrize("word", ["a: yes", "a: yes, b: no, c: on, d: off, e: yes, f: no, g: yes"])
def test_word_that_fits_neither_way_is_named_with_its_line(answered, word):
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    with pytest.raises(
        InvalidAnswer, match=r'answers\.yaml, line 2: neither the text "yes" nor true fits\. a: should be'
    ):
        answered(asks("?", schema), f"{{{word}}}")


def test_answer_that_is_refused_for_another_part_names_the_line_of_the_word(answered):
    schema = {"type": "object", "properties": {"a": {"type": "boolean"}, "n": {"type": "integer"}}}
    with pytest.raises(InvalidAnswer, match=r"answers\.yaml, line 2: n: should be a"):
        answered(asks("?", schema), "{a: yes, n: x}")


class Counted:
    """A form that counts how many values were tested."""

    def __init__(self, own):
        self._own, self.count = own, 0

    def __getattr__(self, name):
        return getattr(self._own, name)

    def fit(self, value):
        self.count += 1
        return self._own.fit(value)


@given(st.integers(1, 60), st.data())
def test_number_of_tests_grows_with_the_words(count, data):
    """Each key takes a text or a boolean: about two tests find the meaning of a word, also with a form of the user."""
    kinds = data.draw(st.lists(st.sampled_from(["boolean", "string"]), min_size=count, max_size=count))
    schema = {"type": "object", "properties": {f"k{number}": {"type": kind} for number, kind in enumerate(kinds)}}
    form = Counted(form_for(Interrupt("id", "ask", "?", response_schema=schema)))
    word = Unquoted("yes", "answers.yaml, line 2")
    got = meant(form, {f"k{number}": word for number in range(count)})
    assert got == {f"k{number}": kind == "boolean" or "yes" for number, kind in enumerate(kinds)}
    assert form.count <= 2 * count + 1


def test_message_of_a_rejection_is_the_word(answered):
    (decision,) = answered(asks(PAY), "{$decision: reject, message: no}")["decisions"]
    assert decision["message"] == "no"


def contains_itself():
    value: list[Any] = []
    value.append(value)
    return value


def nested(levels):
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


class Broken(Mapping[str, Any]):
    def __getitem__(self, key):
        raise RuntimeError("no value")

    def __iter__(self):
        return iter(["a"])

    def __len__(self):
        return 1


@pytest.mark.parametrize("value", [contains_itself(), nested(1_500), Broken()], ids=["itself", "deep", "broken"])
def test_answer_that_nobody_can_send_is_refused_by_name(value):
    graph = StateGraph(State).add_node("ask", asks("?")).add_edge(START, "ask").compile()
    card = nbhitl.review(graph, {})
    with pytest.raises(InvalidAnswer):
        card.answer(value)


def test_answer_of_a_person_or_of_code_is_not_searched_for_words(monkeypatch):
    def fail(_form, _value):
        raise AssertionError("searched")

    monkeypatch.setattr("nbhitl.core.answering.meant", fail)
    monkeypatch.setattr("nbhitl.core.ruling.meant", fail)
    graph = StateGraph(State).add_node("ask", asks("?")).add_edge(START, "ask").compile()
    assert nbhitl.review(graph, {}, answers=[{"a": [1]}]).result["got"] == {"a": [1]}


def resume(text, **recorded):
    message: Any = {"kind": "resume", "request": "1", "id": "a", "revision": 1, "value": text}
    if recorded:
        message["recorded"] = {"rules": [], "revoked": [], "by_time": False, "answered_by": "Ann", **recorded}
    return answer_in(message)


def test_json_of_a_person_that_looks_like_a_word_stays_json():
    text = '{"$unquoted": "yes", "at": "x"}'
    assert resume(text).value == {"$unquoted": "yes", "at": "x"}
    assert resume(text, words=False).value == {"$unquoted": "yes", "at": "x"}
    assert resume(text, words=True).value == Unquoted("yes", "x")


@pytest.mark.parametrize("levels", [520, 100_000])
@pytest.mark.parametrize("recorded", [{}, {"words": True}], ids=["a page", "a replay"])
def test_deeply_nested_json_of_a_page_is_read_or_refused_by_name(levels, recorded):
    with suppress(InvalidAnswer):
        assert resume("[" * levels + "]" * levels, **recorded).value is not None
    if levels > 1_000:
        with pytest.raises(InvalidAnswer, match="nested too deeply"):
            resume("[" * levels + "]" * levels, **recorded)


WORDS = st.builds(Unquoted, st.sampled_from(["yes", "No", "ON", "off"]), st.text(max_size=5))
ANSWERS = st.recursive(
    WORDS | st.booleans() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


@given(ANSWERS | st.dictionaries(st.text(min_size=1), ANSWERS).map(edit))
def test_words_reach_the_kernel_as_words(answer):
    assert from_json(unquoted.from_json(json.loads(json.dumps(unquoted.to_json(to_json(answer)))))) == answer


def test_edit_with_a_word_is_compared_with_the_rules_in_a_replay():
    rules = ReviewRules([nbhitl.deny("pay")], Forms(), waits=True)
    given_edit = Answer("id", edit({"mode": Unquoted("on", "answers.yaml, line 2")}), "person", has_words=True)
    with pytest.raises(RuleMismatch) as refused:
        rules.check(Interrupt("id", "ask", PAY), replace(given_edit, is_recorded=True))
    assert "Unquoted" not in str(refused.value)
    assert '"mode": "on"' in str(refused.value)
