"""Values go through payload, form, resume value and state exactly, or there is a clear error."""

import dataclasses
import datetime as dt
import decimal
import json
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt
from pydantic import BaseModel

from nbhitl.engines.local.hints import unkept_part, why_not_exact
from nbhitl.engines.remote import answer_format
from nbhitl.forms import form_for
from nbhitl.jsontext import digest, pretty
from nbhitl.runs.run import Interrupt

CONFIG: Any = {"configurable": {"thread_id": "1"}}
SERDE = InMemorySaver().serde


class Plan(BaseModel):
    name: str
    steps: list[int]


@dataclasses.dataclass
class Point:
    x: float
    tags: set[str]


class State(TypedDict):
    value: Any


def nested(levels: int) -> Any:
    value: Any = "inside"
    for _ in range(levels):
        value = {"in": value}
    return value


@dataclass(frozen=True)
class Row:
    """A value of the table; an outcome is ``None`` where the value is kept exactly, else a part of the error."""

    name: str
    value: Any
    shown: str
    """The text of the payload and of the answer in the card, or the beginning of that text."""
    local: str | None = None
    """Outcome in a checkpoint of this process, for the payload, the answer and the state."""
    changed: str | None = None
    """Outcome for a value that such a checkpoint would take and change: nbhitl refuses the answer."""
    server: str | None = None
    """Outcome on a LangGraph server, for the answer."""
    typed: bool = False
    """Whether the JSON form has a text for the value."""


TOO_LONG = "is a whole number of more than 64 bits"
DEEP = nested(500)

TABLE = [
    Row("null", None, "null", typed=True),
    Row("truth value", True, "true", typed=True),
    Row("empty", {}, "{}", typed=True),
    Row("float", 1.0, "1.0", typed=True),
    Row("NaN", float("nan"), "NaN", server="is nan, which JSON does not have"),
    Row("infinity", float("-inf"), "-Infinity", server="is -inf, which JSON does not have"),
    Row("2**53 + 1", 2**53 + 1, "9007199254740993", typed=True),
    Row("2**64 - 1", 2**64 - 1, "18446744073709551615", typed=True),
    Row("2**64", 2**64, "18446744073709551616", TOO_LONG, server=TOO_LONG, typed=True),
    Row("bytes", b"\0\xff", '"AP8="', server="is a bytes, which JSON"),
    Row("half a surrogate", "\ud800", '"\\ud800"', changed="half of a surrogate", server="half of a surr", typed=True),
    Row("NUL", "a\0b", '"a\\u0000b"', server="holds a NUL character", typed=True),
    Row("line ends", "a\r\nb\rc", '"a\\r\\nb\\rc"', typed=True),
    Row(
        "datetime", dt.datetime(2024, 1, 2, 3, 4, tzinfo=dt.UTC), '"2024-01-02T03:04:00+00:00"', server="is a datetime"
    ),
    Row("set", {2, 1}, "[\n  1,\n  2\n]", server="is a set"),
    Row("int keys", {1: "a"}, '{\n  "1": "a"\n}', server="has the key 1, which is a int"),
    Row("Decimal", decimal.Decimal("1.10"), '"1.10"', server="is a Decimal"),
    Row("tuple", (1, 2), "[\n  1,\n  2\n]"),
    Row("ndarray", np.array([1.5, np.nan]), "[\n  1.5,\n  NaN\n]", server="is a ndarray"),
    Row(
        "DataFrame",
        pd.DataFrame({"a": [1]}),
        '{\n  "a": {\n    "0": 1\n  }\n}',
        "is a DataFrame",
        server="is a DataFrame",
    ),
    Row("Series", pd.Series([1]), "[\n  1\n]", "is a Series", server="is a Series"),
    Row("numpy.float32", np.float32(0.5), "0.5", "is a numpy.float32", server="is a float32"),
    Row("numpy.float64", np.float64(0.5), "0.5", "is a numpy.float64", server="is a float64"),
    Row("numpy.int64", np.int64(3), "3", "is a numpy.int64", server="is a int64"),
    Row("Timestamp", pd.Timestamp("2024"), '"2024-01-01T00:00:00"', changed="into a str", server="is a Timestamp"),
    Row("pydantic", Plan(name="a", steps=[1]), '{\n  "name": "a",\n  "steps": [', server="is a Plan"),
    Row("dataclass", Point(0.5, {"b", "a"}), '{\n  "x": 0.5,\n  "tags": [\n    "a",', server="is a Point"),
    Row("message", HumanMessage("Hi", id="1"), '{\n  "content": "Hi",', server="is a HumanMessage"),
    Row("messages", [AIMessage("Hi", id="1")], '[\n  {\n    "content": "Hi",', server="is a AIMessage"),
    Row("200 levels", nested(200), '{\n  "in": {\n    "in": {', typed=True),
    Row("500 levels", DEEP, '{\n  "in": {\n    "in": {', "nested too deeply", server="nested in more than 200 levels"),
    Row("10 MB", "a" * 10_000_000, '"aaaaa'),
    Row("10 MB in parts", ["a" * 99] * 100_000, '[\n  "aaaaa'),
    Row("a function", len, '"<built-in function len>"', "builtin_function_or_method", server="is a builtin"),
    Row(
        "far inside",
        {"rows": [{"n": 2**64}]},
        '{\n  "rows": [',
        f"['rows'][0]['n'] {TOO_LONG}",
        server=TOO_LONG,
        typed=True,
    ),
]
each_row = pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)


def is_same(one: Any, other: Any) -> bool:
    """Compare values with their types; a tuple may come back as a list, as LangGraph documents."""
    if isinstance(one, tuple):
        one = list(one)
    if isinstance(one, np.ndarray):
        return type(other) is np.ndarray and bool(np.array_equal(one, other, equal_nan=True))
    return type(one) is type(other) and (one == other or one != one)  # noqa: PLR0124 - NaN


def run(node: Any, saver: InMemorySaver, value: Any = None) -> Any:
    graph = StateGraph(State).add_node("node", node).add_edge(START, "node").compile(checkpointer=saver)
    graph.invoke({"value": None} if value is None else value, CONFIG)
    return graph.get_state(CONFIG)


@each_row
def test_payload_is_shown(row):
    assert pretty(row.value).startswith(row.shown)
    assert form_for(Interrupt("id", "node", [row.value])).show(row.value).startswith(row.shown)
    assert len(digest(row.value)) == 64


@each_row
def test_payload_arrives_or_the_error_says_which_part_does_not(row):
    def node(state: State) -> State:
        return {"value": interrupt({"part": row.value})}

    if row.local is None:
        state = run(node, InMemorySaver())
        arrived = state.interrupts[0].value["part"]
        assert is_same(row.value, arrived) or row.changed
        return
    with pytest.raises(TypeError) as caught:
        run(node, InMemorySaver())
    said = unkept_part(caught.value, SERDE.dumps_typed)
    assert said is not None
    assert said.startswith("payload['part']")
    assert row.local in said


@each_row
def test_answer_from_python_arrives_in_a_local_run_or_is_refused_unsent(row):
    why_not = why_not_exact(row.value, SERDE)
    expected = row.local or row.changed
    assert (why_not is None) == (expected is None)
    if why_not is not None:
        assert expected is not None
        assert expected in why_not
        return
    got: list[Any] = []

    def node(state: State) -> State:
        got.append(interrupt("?"))
        return {"value": got[0]}

    saver = InMemorySaver()
    asked = run(node, saver)
    state = run(node, saver, Command(resume={asked.interrupts[0].id: row.value}))
    assert is_same(row.value, got[0]) or got[0] == row.value
    assert is_same(row.value, state.values["value"])


@each_row
def test_answer_from_python_is_kept_by_json_or_refused_before_a_request_to_a_server(row):
    why_not = answer_format.why_not_exact(row.value)
    assert (why_not is None) == (row.server is None)
    if why_not is None:
        assert is_same(row.value, json.loads(json.dumps(row.value)))
    else:
        assert row.server is not None
        assert row.server in why_not


@each_row
def test_answer_typed_as_json_is_exactly_the_value_or_has_no_text(row):
    form = form_for(Interrupt("id", "node", None))
    draft = form.draft(row.value)
    assert (draft is not None) == row.typed
    if draft is not None:
        assert is_same(row.value, form.value(json.loads(json.dumps(draft))))  # a comm carries JSON
