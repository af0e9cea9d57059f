# ruff: noqa: BLE001, TRY203 - catching too much is what is looked for here
import asyncio
import contextlib
import dataclasses
import functools
import sys
from collections.abc import Callable
from typing import Any, TypedDict

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pytest
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import BaseTool, tool
from langgraph import types
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.errors import GraphBubbleUp, GraphInterrupt
from langgraph.func import entrypoint, task
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import interrupt
from langgraph.types import interrupt as ask_person
from pydantic import BaseModel

from nbhitl.engines.hints import swallowed_interrupts, unkept_part, wrong_way

CONFIG = {"configurable": {"thread_id": "1"}}
NOT_FOUND = (OSError, LookupError)


class State(TypedDict):
    value: Any


def one_node(node: Any, **options: Any) -> Any:
    return StateGraph(State).add_node("ask", node).add_edge(START, "ask").compile(**options)


# --- interrupt() in a try -----------------------------------------------------------------------


def catches_exception(state: State) -> State:
    try:
        return {"value": interrupt("?")}
    except Exception:
        return state


def catches_base_exception(state: State) -> State:
    try:
        return {"value": interrupt("?")}
    except BaseException as error:
        return {"value": str(error)}


def catches_all(state: State) -> State:
    try:
        answer = interrupt("?")
    except:  # noqa: E722
        answer = None
    return {"value": answer}


def catches_among_others(state: State) -> State:
    try:
        return {"value": ask_person("?")}
    except (ValueError, GraphInterrupt):
        return state


def catches_after_a_narrower_one(state: State) -> State:
    try:
        return {"value": types.interrupt("?")}
    except ValueError:
        raise
    except GraphBubbleUp:
        return state


def catches_around_another_try(state: State) -> State:
    try:
        try:
            return {"value": interrupt("?")}
        except Exception:
            raise
    except Exception:
        return state


def catches_and_raises_another(state: State) -> State:
    try:
        return {"value": interrupt("?")}
    except Exception as error:
        raise ValueError("no answer") from error


def imports_inside(state: State) -> State:
    from langgraph.types import interrupt as local_name

    try:
        return {"value": local_name("?")}
    except Exception:
        return state


def suppresses(state: State) -> State:
    with contextlib.suppress(Exception):
        return {"value": interrupt("?")}
    return state


def helper(question: str) -> Any:
    return interrupt(question)


async def async_helper(question: str) -> Any:
    return helper(question)


def calls_a_helper(state: State) -> State:
    try:
        return {"value": helper("?")}
    except Exception:
        return state


async def awaits_a_helper(state: State) -> State:
    try:
        return {"value": await async_helper("?")}
    except Exception:
        return state


SWALLOWS = [
    catches_exception,
    catches_base_exception,
    catches_all,
    catches_among_others,
    catches_after_a_narrower_one,
    catches_around_another_try,
    catches_and_raises_another,
    imports_inside,
    suppresses,
    calls_a_helper,
    awaits_a_helper,
]


@pytest.mark.parametrize("node", SWALLOWS, ids=lambda node: node.__name__)
def test_interrupt_in_a_try_that_catches_it_is_told(node):
    (sentence,) = swallowed_interrupts(one_node(node))
    assert sentence.startswith("Node 'ask': ")
    assert f"of {node.__name__}() does not pause the run" in sentence
    assert "except GraphBubbleUp: raise" in sentence


@pytest.mark.parametrize("node", SWALLOWS, ids=lambda node: node.__name__)
def test_what_is_told_is_what_langgraph_does(node):
    graph = one_node(node, checkpointer=InMemorySaver())
    run = asyncio.run(graph.ainvoke({"value": 0}, CONFIG)) if node is not catches_and_raises_another else {}
    assert "__interrupt__" not in run


def test_sentence_says_where_the_call_and_where_the_except_is():
    (sentence,) = swallowed_interrupts(one_node(catches_exception))
    assert sentence == (
        "Node 'ask': interrupt() in line 3 of catches_exception() does not pause the run: it pauses by raising, and "
        "`except Exception` in line 4 catches that. Move the call out of there, catch a narrower exception, or put "
        "`except GraphBubbleUp: raise` (from langgraph.errors) first."
    )


def outside_of_the_try(state: State) -> State:
    answer = interrupt("?")
    try:
        return {"value": 1 / answer}
    except Exception:
        return state


def in_else_and_handler(state: State) -> State:
    try:
        answer = 1 / state["value"]
    except Exception:
        return {"value": interrupt("Zero?")}
    else:
        return {"value": interrupt(answer)}


def narrower(state: State) -> State:
    try:
        return {"value": interrupt("?")}
    except NOT_FOUND:
        return state


def raises_it_first(state: State) -> State:
    try:
        return {"value": interrupt("?")}
    except GraphBubbleUp:
        raise
    except Exception:
        return state


def raises_it_again(state: State) -> State:
    try:
        return {"value": interrupt("?")}
    except Exception as error:
        if isinstance(error, GraphBubbleUp):
            raise error  # noqa: TRY201
        return state


def only_finally(state: State) -> State:
    try:
        return {"value": interrupt("?")}
    finally:
        state["value"] = None


def of_its_own(state: State) -> State:
    def interrupt(question: str) -> str:
        return question

    try:
        return {"value": interrupt("?")}
    except Exception:
        return state


def only_defines_it(state: State) -> State:
    try:
        ask = lambda: interrupt("?")  # noqa: E731
    except Exception:
        return state
    return {"value": ask()}


def classes_from_elsewhere(state: State) -> State:
    try:
        return {"value": interrupt("?")}
    except state["value"]:
        raise
    except Exception:
        return state


def careful_helper(question: str) -> Any:
    try:
        return interrupt(question)
    except GraphBubbleUp:
        raise


def calls_a_coroutine_function(state: State) -> State:
    try:
        return {"value": async_helper("?").close()}  # the coroutine is made here, and not run
    except Exception:
        return state


FINE = [
    outside_of_the_try,
    in_else_and_handler,
    narrower,
    raises_it_first,
    raises_it_again,
    only_finally,
    of_its_own,
    only_defines_it,
    classes_from_elsewhere,
    careful_helper,
    calls_a_coroutine_function,
    helper,
    lambda state: {"value": interrupt("?")},
    len,
]


@pytest.mark.parametrize("node", FINE, ids=lambda node: node.__name__)
def test_no_alarm_where_the_interrupt_gets_through_or_nothing_is_sure(node):
    assert swallowed_interrupts(one_node(RunnableLambda(node) if node is len else node)) == ()


def test_no_alarm_for_a_function_without_source():
    names: dict[str, Any] = {"interrupt": interrupt}
    exec("def ask(state):\n try: interrupt(1)\n except Exception: pass", names)  # noqa: S102
    assert swallowed_interrupts(one_node(names["ask"])) == ()


class Asker:
    def method(self, state: State) -> State:
        return catches(state, self)

    def __call__(self, state: State) -> State:
        try:
            return {"value": interrupt("?")}
        except Exception:
            return state


def catches(state: State, extra: Any = None) -> State:
    try:
        return {"value": interrupt("?")}
    except Exception:
        return state


def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(state: State) -> Any:
        try:
            return function(state)
        except Exception:
            return state

    return wrapper


@guarded
def decorated(state: State) -> State:
    return {"value": interrupt("?")}


@tool
def ask_tool(question: str) -> str:
    """Ask."""
    try:
        return str(interrupt(question))
    except Exception:
        return "no"


class AskTool(BaseTool):
    name: str = "ask"
    description: str = "Asks."

    def _run(self, question: str) -> str:
        try:
            return str(interrupt(question))
        except Exception:
            return "no"


@task
def ask_task(question: str) -> Any:
    try:
        return interrupt(question)
    except Exception:
        return None


@entrypoint()
def workflow(value: str) -> Any:
    return ask_task(value).result()


async def async_node(state: State) -> State:
    return catches(state)


@pytest.mark.parametrize(
    ("graph", "where"),
    [
        (one_node(functools.partial(catches, extra=1)), "Node 'ask': interrupt() in line 3 of catches()"),
        (one_node(Asker()), "Node 'ask': interrupt() in line 3 of __call__()"),
        (one_node(RunnableLambda(catches)), "Node 'ask': interrupt() in line 3 of catches()"),
        (one_node(RunnableLambda(lambda state: state) | catches), "Node 'ask': interrupt() in line 3 of catches()"),
        (one_node(decorated), "Node 'ask': decorated(), which calls interrupt(), in line 3 of wrapper()"),
        (one_node(one_node(catches)), "Node 'ask/ask': interrupt() in line 3 of catches()"),
        (one_node(ToolNode([ask_tool])), "Node 'ask': interrupt() in line 4 of ask_tool()"),
        (one_node(ToolNode([AskTool()])), "Node 'ask': interrupt() in line 3 of _run()"),
        (workflow, "Task 'ask_task': interrupt() in line 3 of ask_task()"),
    ],
    ids=["partial", "callable", "lambda", "sequence", "decorator", "subgraph", "tool", "tool class", "task"],
)
def test_functions_are_found_wherever_a_graph_keeps_them(graph, where):
    (sentence,) = swallowed_interrupts(graph)
    assert sentence.startswith(where)


def test_helper_that_is_redefined_is_looked_up_anew(monkeypatch):
    graph = one_node(calls_a_helper)
    assert swallowed_interrupts(graph)
    monkeypatch.setattr(sys.modules[__name__], "helper", len)
    assert swallowed_interrupts(graph) == ()


def test_source_is_read_once(monkeypatch):
    graph = one_node(catches_exception)
    told = swallowed_interrupts(graph)
    monkeypatch.setattr("linecache.getlines", None)
    assert swallowed_interrupts(graph) == told


# --- what a checkpoint cannot keep --------------------------------------------------------------


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
