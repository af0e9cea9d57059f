"""Answers in the words of their forms."""

from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage
from pydantic import BaseModel, SecretStr

import nbhitl
from nbhitl.forms.gist import LINE, gist_of, gist_of_result, told_in_full
from nbhitl.forms.given import given_form
from tests.forms.asking import asked, form
from tests.forms.payloads import TABLE


class Size(Enum):
    SMALL = "s"
    LARGE = "l"


class Room(BaseModel):
    size: Size
    breakfast: bool
    note: str | None = None


class Login(BaseModel):
    user: str
    password: SecretStr


def call(name: str, **args: Any) -> dict[str, Any]:
    return {"name": name, "args": args}


def calls(*requests: dict[str, Any]) -> dict[str, Any]:
    allowed = ["approve", "edit", "reject", "respond"]
    reviews = [{"action_name": each["name"], "allowed_decisions": allowed} for each in requests]
    return {"action_requests": list(requests), "review_configs": reviews}


FORMS = [form(row.payload, row.schema, row.reads) for row in TABLE]
PAY = call("pay", amount=10, to="Ann")
VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5)


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        (nbhitl.approve(), "Approved"),
        (nbhitl.edit(amount=8), "Approved with changes: amount 10 → 8"),
        (nbhitl.edit(amount=8, to="Bob"), "Approved with changes: amount 10 → 8, to Ann → Bob"),
        (nbhitl.reject("too much"), "Rejected: too much"),
        (nbhitl.reject(), "Rejected"),
        (nbhitl.respond("paid already"), "Responded: paid already"),
    ],
)
def test_decision_on_a_call_is_told_in_the_words_of_its_button(decision, told):
    found = form(calls(PAY))
    assert gist_of(found, found.fit(decision)) == told


def test_few_decisions_are_told_by_name_and_many_are_counted():
    few, many = form(calls(PAY, call("mail", to="Ann"))), form(calls(*[PAY] * 5))
    assert gist_of(few, few.fit([nbhitl.approve(), nbhitl.reject("no")])) == "pay: approved; mail: rejected: no"
    decided = [nbhitl.approve()] * 3 + [nbhitl.edit(amount=1), nbhitl.reject("no")]
    assert gist_of(many, many.fit(decided)) == "3 approved, 1 approved with changes, 1 rejected"


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        (bool, True, "Yes"),
        (bool, False, "No"),
        (int, 3, "3"),
        (Size, "l", "Large"),
        (list[str], ["a", "b"], "a, b"),
        (list[dict[str, int]], [{"n": 1}, {"n": 2}], "2 rows"),
        (Room, {"size": "s", "breakfast": True, "note": None}, "Size: Small, Breakfast: Yes"),
        (Login, {"user": "ann", "password": "hunter2"}, "User: ann, Password: ••••••••"),
    ],
)
def test_value_of_a_form_is_told_with_the_labels_of_the_form(kind, value, told):
    found = given_form({"node": kind}, asked("Which?"))
    assert found is not None
    assert gist_of(found, value) == told


TABLE_BEFORE = [{"name": "Ann", "amount": 5}, {"name": "Bob", "amount": 6}]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (TABLE_BEFORE, "2 rows, unchanged"),
        ([TABLE_BEFORE[0], {"name": "Bob", "amount": 7}], "2 rows: row 2 amount 6 → 7"),
        (TABLE_BEFORE[:1], "1 row, 2 before"),
        (
            [{"name": "Cid", "amount": 5}, {"name": "Bob", "amount": 6, "ok": True}],
            "2 rows: row 1 name Ann → Cid, row 2 ok Yes added",
        ),
    ],
)
def test_table_is_told_by_its_changed_cells(rows, told):
    assert gist_of(form(TABLE_BEFORE), rows) == told


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        (nbhitl.approve(), "Approved"),
        (nbhitl.edit(amount=8, to="Bob"), "Approved with changes:\n  amount 10 → 8\n  to Ann → Bob"),
        (nbhitl.reject("too\nmuch"), "Rejected: too\nmuch"),
    ],
)
def test_details_of_a_decision_are_told_in_words_and_in_full(decision, told):
    found = form(calls(PAY))
    assert told_in_full(found, found.fit(decision)) == told
    two = form(calls(PAY, PAY))
    lines = told_in_full(two, two.fit([nbhitl.approve(), decision])).split("\n")
    assert lines[0] == "pay: approved"
    assert lines[1].startswith("pay: ")


def test_change_of_a_secret_is_a_change_and_no_more_is_told():
    schema = {"type": "object", "properties": {"pin": {"type": "string", "format": "password"}}}
    asks = calls(call("log_in", pin="old"))
    asks["review_configs"][0]["args_schema"] = schema
    found = form(asks)
    value = found.fit(nbhitl.edit(pin="new"))
    assert gist_of(found, value) == told_in_full(found, value) == "Approved with changes"


def test_change_of_a_long_text_is_whole_in_the_details():
    text = " ".join(["word"] * 100)
    found = form(calls(call("mail", text="short")))
    assert told_in_full(found, found.fit(nbhitl.edit(text=text))) == f"Approved with changes:\n  text short → {text}"


def test_yes_of_an_untyped_question_is_a_yes():
    assert gist_of(form({"question": "Publish it?", "details": {"pages": 3}}), True) == "Yes"


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ({"some_text": "Edited text", "done": True}, "some_text: Edited text, done: Yes"),
        ({"messages": [HumanMessage("Pay Ann"), AIMessage("Paid."), AIMessage("Paid\nAnn.")]}, "messages: Paid Ann."),
        ({"messages": [HumanMessage("Pay"), AIMessage("", tool_calls=[])]}, "messages: 2 messages"),
        ({"rows": [{"n": 1}, {"n": 2}]}, "rows: 2 rows"),
        ("A text\nof lines", "A text of lines"),
        (None, "nothing"),
        (3, "3"),
    ],
)
def test_result_is_told_in_words_on_a_line(result, told):
    assert gist_of_result(result) == told


@given(VALUES | st.dictionaries(st.text(), VALUES))
def test_any_result_has_a_line_of_bounded_length(result):
    told = gist_of_result(result)
    assert "\n" not in told
    assert len(told) <= LINE + 100


@given(VALUES)
def test_any_answer_to_any_payload_has_a_line(value):
    assert not any("\n" in gist_of(asked, value) for asked in FORMS)
