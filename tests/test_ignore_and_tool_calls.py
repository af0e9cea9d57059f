"""A key in `ignore=` sets aside no part of a tool call, in any form of tool call in a payload."""

import dataclasses
import enum
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, ToolMessage
from pydantic import BaseModel

from nbhitl.answers import Answer, Record, address_of
from nbhitl.core.questions import Asked
from nbhitl.forms import Forms
from nbhitl.jsontext import plain
from nbhitl.recording.outputs import Where
from nbhitl.runs.run import Interrupt
from tests.outputs import record_to_write


class Amount(BaseModel):
    amount: int


@dataclasses.dataclass
class Call:
    name: str
    args: dict[str, Any]


class Tool(enum.Enum):
    READ = "read_file"
    DELETE = "delete_file"


def address(payload, *ignore):
    return address_of(Interrupt("id", "ask", payload, ignore=ignore), 0)


def draft(amount, *, id_="run--1"):
    call = {"name": "pay", "args": {"amount": amount}, "id": "call_1", "type": "tool_call"}
    return AIMessage("I pay.", id=id_, tool_calls=[call])


OTHER_CALLS: list[tuple[str, Any, Any]] = [
    ("draft", {"draft": draft(5)}, {"draft": draft(5000)}),
    ("draft", {"draft": [draft(5)]}, {"draft": [draft(5000)]}),
    ("draft", {"draft": draft(5).model_dump()}, {"draft": draft(5000).model_dump()}),
    ("call", {"call": Call("pay", {"amount": 5})}, {"call": Call("pay", {"amount": 5000})}),
    ("call", {"call": Call("pay", {})}, {"call": Call("rob", {})}),
    ("tool", {"tool": "read_file", "tool_input": {"a": 1}}, {"tool": "delete_file", "tool_input": {"a": 1}}),
    ("tool_name", {"tool_name": "read_file", "args": {}}, {"tool_name": "delete_file", "args": {}}),
    ("tool", {"tool": Tool.READ, "input": {}}, {"tool": Tool.DELETE, "input": {}}),
    ("tool", {"tool": "read_file", "path": "/"}, {"tool": "delete_file", "path": "/"}),
    ("name", {"tool": {"name": "read_file"}, "input": "/"}, {"tool": {"name": "delete_file"}, "input": "/"}),
    ("function", {"function": "read_file", "arguments": "{}"}, {"function": "delete_file", "arguments": "{}"}),
    ("input", {"tool": "shell", "input": "ls"}, {"tool": "shell", "input": "rm -rf /"}),
    ("input", {"tool_name": "shell", "input": ["ls"]}, {"tool_name": "shell", "input": ["rm", "-rf", "/"]}),
    (
        "input",
        {"type": "server_tool_use", "name": "x", "input": 1},
        {"type": "server_tool_use", "name": "x", "input": 2},
    ),
    ("step", {"step": {"tool": "shell", "input": "ls"}}, {"step": {"tool": "shell", "input": "rm -rf /"}}),
    ("data", {"tool": "pay", "data": Amount(amount=5)}, {"tool": "pay", "data": Amount(amount=5000)}),
    ("amount", {"tool": "pay", "order": Amount(amount=5)}, {"tool": "pay", "order": Amount(amount=5000)}),
    (
        "action_name",
        {"review_configs": [{"action_name": "pay", "allowed_decisions": ["approve"]}]},
        {"review_configs": [{"action_name": "rob", "allowed_decisions": ["approve"]}]},
    ),
    ("request", {"request": {"action": "pay", "args": {"a": 1}}}, {"request": {"action": "pay", "args": {"a": 2}}}),
    ("ask", {"ask": {"action": "pay", "a": 1, "message": "?"}}, {"ask": {"action": "pay", "a": 2, "message": "?"}}),
]


@pytest.mark.parametrize(("key", "one", "other"), OTHER_CALLS)
def test_approval_of_a_tool_call_is_none_of_another_call(key, one, other):
    assert address(one, key) != address(other, key)
    recorded = json.loads(json.dumps(plain(one)))
    assert address(recorded, key) == address(one, key)


@pytest.mark.parametrize(
    ("key", "one", "other"),
    [
        ("run", {"run": {"parameters": {"seed": 1}}}, {"run": {"parameters": {"seed": 2}}}),
        ("run", {"run": {"args": ["-v", "1"]}}, {"run": {"args": ["-v", "2"]}}),
        ("run", {"run": {"action": "started", "at": 1}}, {"run": {"action": "started", "at": 2}}),
        ("run", {"run": {"tool": "pytest", "config": {"at": 1}}}, {"run": {"tool": "pytest", "config": {"at": 2}}}),
        ("order", {"order": Amount(amount=1)}, {"order": Amount(amount=2)}),
        ("asked_at", {"tool": "shell", "asked_at": 1}, {"tool": "shell", "asked_at": 2}),
        ("name", {"customer": {"name": "Ann", "data": 1}}, {"customer": {"name": "Lee", "data": 1}}),
    ],
)
def test_value_that_is_no_tool_call_is_set_aside_by_its_key(key, one, other):
    assert address(one, key) == address(other, key)


@pytest.mark.parametrize("is_dumped", [False, True])
def test_ids_of_a_message_beside_a_tools_name_are_set_aside(is_dumped):
    def asked(id_):
        message = draft(5, id_=id_)
        result = ToolMessage("ok", tool_call_id="call_1", id=id_, name="pay")
        if is_dumped:
            return {"tool": result.model_dump(), "tool_name": "pay", "message": message.model_dump()}
        return {"tool": result, "tool_name": "pay", "message": message}

    assert address(asked("run--1")) == address(asked("run--2"))


VALUES = st.recursive(
    st.integers() | st.text(max_size=2) | st.builds(Amount, amount=st.integers()),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["tool", "args", "input", "name", "x"]), inner, max_size=3)
        | st.builds(Call, st.sampled_from(["pay", "rob"]), st.dictionaries(st.just("x"), inner, max_size=1))
    ),
    max_leaves=8,
)


@given(VALUES, st.sampled_from(["tool", "args", "input", "name", "x", "amount"]))
def test_object_is_read_as_its_recorded_json(value, key):
    assert address(value, key) == address(plain(value), key)


def why_changed(recorded, now, *ignore):
    asked = Interrupt("id", "ask", recorded, ignore=ignore)
    entry = record_to_write(Asked(asked, 0, 0, answer=Answer("id", "yes", "person")), Forms(), Where("execution"))[
        "entry"
    ]
    record, changed = Record([entry], "seed.ipynb"), Interrupt("id", "ask", now, ignore=ignore)
    assert record.take(changed, 0) is None
    return str(record.why_none(changed, 0))


def run(seed, **more):
    return {"run": {"tool": "fit", "parameters": {"seed": seed}, **more}}


@pytest.mark.parametrize(
    ("key", "one", "other", "told"),
    [
        ("run", run(1), run(2), '"run" holds a tool call: write "run.parameters".'),
        ("seed", run(1), run(2), '"seed" belongs to a tool call: write "run.parameters.seed".'),
        (
            "draft",
            {"draft": draft(1)},
            {"draft": draft(2)},
            '"draft" holds a tool call: write "draft.tool_calls.args".',
        ),
        (
            "args",
            {"args": {"a": 1, "b": 1}},
            {"args": {"a": 1, "b": 2}},
            '"args" belongs to a tool call: write "args.b".',
        ),
        (
            "input",
            {"tool": "sh", "input": "a"},
            {"tool": "sh", "input": "b"},
            '"input" belongs to a tool call, and is not',
        ),
    ],
)
def test_changed_question_names_the_disregarded_key_and_the_place_to_write(key, one, other, told):
    assert told in why_changed(one, other, key)
    if "write" in told:
        place = told.split('write "')[1].split('"')[0]
        assert address(one, place) == address(other, place)


def test_changed_question_names_no_key_whose_value_is_the_same():
    assert "tool call" not in why_changed({**run(1), "text": "a"}, {**run(1), "text": "b"}, "run", "seed")


@given(VALUES, VALUES, st.lists(st.sampled_from(["tool", "args", "input", "name", "x", "amount"])))
def test_reason_of_any_changed_question_is_told(one, other, ignore):
    if address(one, *ignore) != address(other, *ignore):
        assert "another payload" in why_changed(one, other, *ignore)
