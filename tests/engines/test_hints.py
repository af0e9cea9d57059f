import asyncio
import contextlib
import dataclasses
import sqlite3
from typing import Any, TypedDict

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pytest
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import BaseTool, tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.func import entrypoint, task
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import interrupt
from pydantic import BaseModel

from nbhitl.engines import connect
from nbhitl.engines.local.hints import unkept_part, wrong_thread, wrong_way

CONFIG = {"configurable": {"thread_id": "1"}}


class State(TypedDict):
    value: Any


def one_node(node: Any, **options: Any) -> Any:
    return StateGraph(State).add_node("ask", node).add_edge(START, "ask").compile(**options)


async def async_node(state: State) -> State:
    return state


# --- values that a checkpoint cannot keep -------------------------------------------------------


class Model(BaseModel):
    inner: Any


@dataclasses.dataclass
class Data:
    inner: Any


def nested(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


def knot() -> Any:
    value: list[Any] = []
    value.append(value)
    return value


UNKEPT = [
    (pd.DataFrame({"a": [1]}), " is a DataFrame, which a checkpoint cannot keep (give .to_dict('records'))"),
    (pd.Series([1]), " is a Series, which a checkpoint cannot keep (give .tolist())"),
    (np.float32(1), " is a numpy.float32, which a checkpoint cannot keep (give .item())"),
    (2**64, " is a whole number of more than 64 bits, which a checkpoint cannot keep (give it as a text: str(...))"),
    (lambda: 0, " is a function, which a checkpoint cannot keep (give its name)"),
    (State, " is the class State, which a checkpoint cannot keep (give its name)"),
    (1j, " is a complex, which a checkpoint cannot keep (give plain values, a dataclass or a pydantic model)"),
    (nested(1000), " is nested too deeply for a checkpoint (1002 levels)"),
    (knot(), " contains itself, which a checkpoint cannot keep"),
    (Model(inner=[len, pd.NaT, print]), ".inner[0] is a builtin_function_or_method, which a checkpoint cannot keep"),
    (Data(np.int64(1)), ".inner is a numpy.int64, which a checkpoint cannot keep (give .item())"),
    ({1, 1j}, " (an element of it) is a complex"),
    ({Model: 1}, " has the key <class "),
]


def asks(value: Any) -> Any:
    return lambda _state: {"value": interrupt({"text": "?", "part": value})}


def updates(value: Any) -> Any:
    return lambda _state: {"value": {"text": "?", "part": value}}


def run_in_memory(node: Any) -> None:
    one_node(node, checkpointer=InMemorySaver()).invoke({"value": 0}, CONFIG)


def run_on_sqlite(node: Any) -> None:
    with SqliteSaver.from_conn_string(":memory:") as saver:
        one_node(node, checkpointer=saver).invoke({"value": 0}, CONFIG)


def run_on_async_sqlite(node: Any) -> None:
    async def run() -> None:
        async with AsyncSqliteSaver.from_conn_string(":memory:") as saver:
            await one_node(node, checkpointer=saver).ainvoke({"value": 0}, CONFIG)

    asyncio.run(run())


@pytest.mark.parametrize("run", [run_in_memory, run_on_sqlite, run_on_async_sqlite])
@pytest.mark.parametrize(("node", "place"), [(asks, "payload['part']"), (updates, "state['value']['part']")])
@pytest.mark.parametrize(("value", "said"), UNKEPT, ids=lambda value: type(value).__name__)
def test_part_that_a_checkpoint_cannot_keep_is_named(run, node, place, value, said):
    with pytest.raises(TypeError) as caught:
        run(node(value))
    assert (unkept_part(caught.value, InMemorySaver().serde.dumps_typed) or "").startswith(place + said)


def test_error_of_a_node_is_not_taken_for_a_value_that_is_not_kept():
    with pytest.raises(ZeroDivisionError) as caught:
        run_in_memory(lambda state: 1 / 0)
    assert unkept_part(caught.value, InMemorySaver().serde.dumps_typed) is None


# --- run= ---------------------------------------------------------------------------------------


@tool
async def fetch(page: str) -> str:
    """Fetch."""
    return page


class AsyncTool(BaseTool):
    name: str = "own"
    description: str = "Async."

    def _run(self, page: str) -> str:
        raise NotImplementedError

    async def _arun(self, page: str) -> str:
        return page


@task
async def async_task(value: Any) -> Any:
    return value


@entrypoint()
def calls_an_async_task(value: Any) -> Any:
    return async_task(value).result()


def call_tool(name: str) -> Any:
    call = {"name": name, "args": {"page": "a"}, "id": "1"}
    graph = StateGraph(MessagesState).add_node("tools", ToolNode([fetch, AsyncTool()])).add_edge(START, "tools")
    return graph.compile().invoke({"messages": [AIMessage("", tool_calls=[call])]})


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda: call_tool("fetch"), "The tool 'fetch'"),
        (lambda: call_tool("own"), "The tool 'own'"),
        (lambda: one_node(async_node).invoke({"value": 0}), "The node 'ask'"),
        (lambda: one_node(RunnableLambda(async_node)).invoke({"value": 0}), "The node 'async_node'"),
        (lambda: calls_an_async_task.invoke(1), "The task 'async_task'"),
    ],
    ids=["tool", "tool class", "node", "lambda", "task"],
)
def test_async_only_part_in_a_sync_run_names_the_switch(call, what):
    with pytest.raises((TypeError, NotImplementedError, RuntimeError)) as caught:
        call()
    said = f'{what} has only an async form, and this run worked synchronously: write run="async".'
    assert wrong_way(caught.value, "sync") == said
    assert wrong_way(caught.value, "async") is None


def test_sync_only_checkpointer_in_an_async_run_names_the_switch():
    with SqliteSaver.from_conn_string(":memory:") as saver, pytest.raises(NotImplementedError) as caught:
        asyncio.run(one_node(updates(1), checkpointer=saver).ainvoke({"value": 0}, CONFIG))
    said = 'The checkpointer SqliteSaver has no async methods, and this run worked asynchronously: write run="sync".'
    assert wrong_way(caught.value, "async") == said
    assert wrong_way(caught.value, "sync") is None


@pytest.mark.parametrize("run", ["sync", "async"])
def test_error_of_a_node_has_nothing_to_do_with_the_switch(run):
    def unfinished(state: State) -> State:
        raise NotImplementedError("later")

    with pytest.raises(NotImplementedError) as caught:
        one_node(unfinished).invoke({"value": 0})
    assert wrong_way(caught.value, run) is None
    assert wrong_way(NotImplementedError(), run) is None


# --- the wrong thread -------------------------------------------------------------------------


@pytest.mark.parametrize("run", ["sync", "async"])
def test_connection_of_another_thread_used_in_a_node_says_how_to_open_it(run):
    def count(state: State) -> State:
        return {"value": connection.execute("select 1").fetchone()[0]}

    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        engine = connect(one_node(count), run=run)
        with pytest.raises(sqlite3.ProgrammingError) as caught:
            asyncio.run(engine.start({"value": 0}, lambda _: None))
    assert any("open the connection with check_same_thread=False" in note for note in caught.value.__notes__)
    assert wrong_thread(ValueError("can only be used in that same thread")) is None
