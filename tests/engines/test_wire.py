"""Any JSON read as a thread's state gives a snapshot or an error of nbhitl; values that JSON changes are found."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbhitl.engines.failures import raised
from nbhitl.engines.remote import answer_format, json_format
from nbhitl.errors import InvalidAnswer, ServerRefused, UnsupportedPause
from nbhitl.runs.run import Interrupt

TODAY = {"value": {"q": 1}, "id": "a" * 32, "response_schema": None}
OLD = {"value": {"q": 1}, "resumable": True, "ns": ["ask:1234"], "when": "during"}
EMPTY: dict[str, Any] = {"values": {}, "next": []}


def state(*interrupts, **fields):
    task = {"id": "t", "name": "ask", "interrupts": list(interrupts)}
    return {"values": {"x": 1}, "next": ["ask"], "tasks": [task], **fields}


# --- reading ----------------------------------------------------------------------------------


def test_interrupt_of_today_is_read():
    snapshot = json_format.read_state(state(TODAY))
    assert snapshot.interrupts == (Interrupt("a" * 32, "ask", {"q": 1}),)
    assert (snapshot.next, snapshot.values) == (("ask",), {"x": 1})


def test_response_schema_is_kept():
    schema = {"type": "integer"}
    assert json_format.read_state(state({**TODAY, "response_schema": schema})).interrupts[0].response_schema == schema


def test_interrupt_without_a_response_schema_is_read():
    assert json_format.read_state(state({"value": 1, "id": "b" * 32})).interrupts == (Interrupt("b" * 32, "ask", 1),)


def test_old_interrupt_gets_the_same_id_every_time():
    first, second = (json_format.read_state(state(dict(OLD))).interrupts[0] for _ in range(2))
    assert first == second
    assert first.id.startswith(json_format.MADE_UP)


@pytest.mark.parametrize("change", [{"ns": ["ask:5678"]}, {"value": {"q": 2}}])
def test_another_old_interrupt_gets_another_id(change):
    first, second = json_format.read_state(state(OLD, {**OLD, **change})).interrupts
    assert first.id != second.id


def test_old_interrupt_with_an_id_keeps_it():
    assert json_format.read_state(state({**OLD, "interrupt_id": "c" * 32})).interrupts[0].id == "c" * 32


def test_interrupt_of_a_subgraph_is_read_once_with_its_full_path():
    inner = state(TODAY)
    outer = {
        **EMPTY,
        "next": ["team"],
        "tasks": [{"name": "team", "interrupts": [TODAY], "state": inner}],
        "interrupts": [TODAY],
    }
    assert [i.node for i in json_format.read_state(outer).interrupts] == ["team/ask"]


def test_interrupt_listed_only_beside_the_tasks_is_read():
    assert (
        json_format.read_state({**EMPTY, "next": ["ask"], "tasks": [], "interrupts": [TODAY]}).interrupts[0].node
        == "ask"
    )


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (None, "state is null, not an object"),
        ([], "state is a list, not an object"),
        ({"next": []}, "values is missing"),
        ({"__error__": {}}, "values is missing"),
        ({"values": {}}, "next is missing"),
        ({**EMPTY, "next": "ask"}, "next is a string, not a list"),
        ({**EMPTY, "next": [1]}, r"next\[0\] is a number, not a non-empty string"),
        ({**EMPTY, "tasks": {}}, "tasks is an object, not a list"),
        ({**EMPTY, "tasks": [7]}, r"tasks\[0\] is a number, not an object"),
        ({**EMPTY, "tasks": [{}]}, r"tasks\[0\]\.name is null, not a non-empty string"),
        (state({"id": "x"}), r"tasks\[0\]\.interrupts\[0\]\.value is missing"),
        (state({"id": 3, "value": 1}), r"tasks\[0\]\.interrupts\[0\]\.id is a number"),
        (state({"id": "", "value": 1}), r"interrupts\[0\]\.id is a string, not a non-empty string"),
        (state({**TODAY, "response_schema": "str"}), r"response_schema is a string, not an object"),
        (state("?"), r"interrupts\[0\] is a string"),
    ],
)
def test_error_on_the_wire_is_named_with_the_place(broken, told):
    with pytest.raises(ServerRefused, match=f"^https://there answered .*{told}"):
        json_format.read_state(broken, "https://there")


def test_bottomless_nesting_of_subgraphs_is_refused():
    nested = EMPTY
    for _ in range(500):
        nested = {**EMPTY, "tasks": [{"name": "n", "state": nested}]}
    with pytest.raises(ServerRefused, match="deeper than 100 subgraphs"):
        json_format.read_state(nested)


def test_bottomless_nesting_of_an_old_payload_is_read():
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    assert json_format.read_state(state({**OLD, "value": value})).interrupts[0].value is value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
FIELDS = [
    "value",
    "id",
    "interrupt_id",
    "ns",
    "response_schema",
    "name",
    "state",
    "tasks",
    "interrupts",
    "next",
    "values",
]
"""Keys that the reader knows, put in wrong places: random keys would never get past the reader's first checks."""

ALMOST = st.recursive(
    JSON,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=30,
)


@given(JSON | ALMOST | st.dictionaries(st.sampled_from(FIELDS), ALMOST).map(lambda fields: {**EMPTY, **fields}))
def test_any_json_is_a_snapshot_or_refused(value):
    try:
        snapshot = json_format.read_state(value)
    except ServerRefused:
        return
    assert all(isinstance(name, str) for name in snapshot.next)
    assert len({interrupt.id for interrupt in snapshot.interrupts}) == len(snapshot.interrupts)


@given(JSON)
def test_any_json_has_the_status_of_a_thread_or_is_refused(value):
    try:
        status, marks = json_format.read_thread(value)
    except ServerRefused:
        assert not isinstance(value, dict)
    else:
        assert isinstance(status, str)
        assert all(key.startswith("nbhitl_") for key in marks)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("ValueError('too large')", "ValueError: too large"),
        ('ValueError("it\'s (too) large")', "ValueError: it's (too) large"),
        ("KeyError('a', 1)", "KeyError: ('a', 1)"),
        ("ZeroDivisionError()", "ZeroDivisionError"),
        ("Custom(<object at 0x1>)", "Custom: <object at 0x1>"),
        ("what it said", "what it said"),
        ("CancelledError()", None),
        ("", None),
        (None, None),
        ({"message": 1}, None),
    ],
)
def test_error_of_a_task_is_told_as_type_and_message(error, told):
    assert raised(error) == told


@given(st.text())
def test_any_text_is_an_error_of_a_task(text):
    assert raised(text) is None or raised(text)


@given(JSON | st.lists(st.dictionaries(st.sampled_from(["graph_id", "assistant_id"]), JSON)))
def test_any_json_is_a_list_of_assistants_or_refused(value):
    with contextlib.suppress(ServerRefused):
        assert all(isinstance(name, str) for name in json_format.read_assistants(value))


# --- answering --------------------------------------------------------------------------------


def test_answer_is_keyed_by_id():
    assert answer_format.resume_command([Interrupt("a", "n", 1)], {"a": None}) == {"resume": {"a": None}}


def test_answer_on_the_old_wire_is_bare():
    (interrupt,) = json_format.read_state(state(OLD)).interrupts
    assert answer_format.resume_command([interrupt], {interrupt.id: "x"}) == {"resume": "x"}


def test_several_questions_on_the_old_wire_cannot_be_told_apart():
    interrupts = json_format.read_state(state(OLD, {**OLD, "ns": ["ask:2"]})).interrupts
    with pytest.raises(UnsupportedPause, match="2 questions are open"):
        answer_format.resume_command(interrupts, {interrupts[0].id: "x"})


@pytest.mark.parametrize("value", [None, {}, {"0" * 32: 1}], ids=repr)
def test_answer_that_the_old_wire_loses_is_refused(value):
    with pytest.raises(InvalidAnswer, match="drops the answer"):
        answer_format.bare_command(value)


# --- values that JSON keeps exactly -----------------------------------------------------------


@given(JSON)
def test_value_without_a_problem_survives_json_exactly(value):
    if answer_format.why_not_exact(value) is None:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        assert json.loads(text) == value
        assert b"\\u0000" not in text


def test_circular_value_is_refused():
    value: list[Any] = []
    value += [value, value]
    assert "nested in more than 200 levels" in (answer_format.why_not_exact(value) or "")


def test_hostile_key_is_named_on_one_line():
    problem = answer_format.why_not_exact({"a\nb": float("nan")})
    assert problem == "['a\\nb'] is nan, which JSON does not have"
