# ruff: noqa: BLE001 - the graphs here catch too much on purpose
"""A pause that the graph's code swallows: the run asks nobody, and nbhitl warns."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, TypedDict

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import wrap_tool_call
from langchain_core.language_models import FakeMessagesListChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.runnables import RunnableConfig, RunnableLambda
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphBubbleUp
from langgraph.func import entrypoint, task
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import RetryPolicy, Send, interrupt

import nbhitl
from nbhitl.engines.local import needs_async

CONFIG = {"configurable": {"thread_id": "1"}}


def told(card: Any) -> list[str]:
    return [note for note in card._core.engine.notes if "asked nobody" in note]


class State(TypedDict):
    value: Any


def one_node(node: Any, name: str = "ask", **options: Any) -> Any:
    return StateGraph(State).add_node(name, node, **options).add_edge(START, name).compile()


def helper(question: str) -> Any:
    return interrupt(question)


# --- code that swallows a pause -----------------------------------------------------------------


def catches(state: State) -> Any:
    try:
        return {"value": interrupt("?")}
    except Exception:
        return {"value": "nobody"}


def suppresses(state: State) -> Any:
    with contextlib.suppress(BaseException):
        return {"value": helper("?")}
    return {"value": "nobody"}


async def gathers(state: State) -> Any:
    async def ask(question: str) -> Any:
        return interrupt(question)

    answers = await asyncio.gather(ask("A"), ask("B"), return_exceptions=True)
    return {"value": len(answers)}


inner_graph = one_node(lambda state: {"value": interrupt("?")}, "inner")


def runs_a_graph_in_a_try(state: State) -> Any:
    try:
        return inner_graph.invoke(state)
    except Exception:
        return {"value": "nobody"}


@tool
def pay(amount: int) -> str:
    """Pay."""
    return str(interrupt(f"Pay {amount}?"))


@tool
def careless(amount: int) -> str:
    """Pay."""
    try:
        return str(interrupt(f"Pay {amount}?"))
    except Exception:
        return "no"


@wrap_tool_call
def safely(request: Any, handler: Callable[[Any], Any]) -> Any:
    try:
        return handler(request)
    except Exception:
        return ToolMessage("failed", tool_call_id=request.tool_call["id"])


@wrap_tool_call
async def safely_async(request: Any, handler: Callable[[Any], Any]) -> Any:
    try:
        return await handler(request)
    except Exception:
        return ToolMessage("failed", tool_call_id=request.tool_call["id"])


class Model(FakeMessagesListChatModel):
    def bind_tools(self, *_tools: Any, **_options: Any) -> Any:
        return self


def calling(name: str, key: str = "1") -> AIMessage:
    return AIMessage("", tool_calls=[{"name": name, "args": {"amount": 5}, "id": key}])


def agent(*tools: Any, **options: Any) -> Any:
    model = Model(responses=[calling(tools[0].name), AIMessage("done")])
    return create_agent(model, list(tools), **options)


@task
def asks_as_a_task(question: str) -> Any:
    try:
        return interrupt(question)
    except Exception:
        return "nobody"


@entrypoint()
def workflow(value: Any) -> Any:
    return asks_as_a_task("?").result()


SEED = {"value": 0}
TOOLS = {"messages": [calling("careless")]}
TOOL_GRAPH = StateGraph(MessagesState).add_node("tools", ToolNode([careless])).add_edge(START, "tools").compile()
FANNED = (
    StateGraph(State)
    .add_node("fan", lambda state: {})
    .add_node("ask", catches)
    .add_edge(START, "fan")
    .add_conditional_edges("fan", lambda _state: [Send("ask", {"value": 1})], ["ask"])
    .compile()
)

SWALLOWING = [
    pytest.param(
        one_node(catches), {"value": 0}, "Node 'ask' asked nobody: interrupt() in line 3 of catches() was", id="try"
    ),
    pytest.param(
        one_node(suppresses), {"value": 0}, "Node 'ask' asked nobody: interrupt() in line 2 of helper()", id="helper"
    ),
    pytest.param(
        one_node(gathers), {"value": 0}, "Node 'ask' asked nobody: interrupt() in line 2 of ask()", id="gather"
    ),
    pytest.param(
        one_node(runs_a_graph_in_a_try),
        {"value": 0},
        "Node 'ask' asked nobody: interrupt() in line 1 of <lambda> of node 'ask/inner'",
        id="subgraph",
    ),
    pytest.param(one_node(one_node(catches)), {"value": 0}, "Node 'ask/ask' asked nobody", id="in a subgraph"),
    pytest.param(TOOL_GRAPH, TOOLS, "Node 'tools' asked nobody: interrupt() in line 5 of careless()", id="tool"),
    pytest.param(workflow, 0, "Node 'workflow/asks_as_a_task' asked nobody: interrupt() in line 4", id="task"),
    pytest.param(FANNED, {"value": 0}, "Node 'ask' asked nobody", id="send"),
]


@pytest.mark.parametrize("run", ["sync", "async"])
@pytest.mark.parametrize(("graph", "value", "said"), SWALLOWING)
def test_swallowed_pause_is_told_with_node_and_place(graph, value, said, run):
    if run == "sync" and needs_async(graph):
        run = None  # an async graph has no sync run
    card = nbhitl.review(graph, value, run=run)
    _ = card.result
    note = told(card)[0]
    assert note.startswith(said)
    assert "except GraphBubbleUp: raise" in note


@pytest.mark.parametrize(("graph", "value", "said"), SWALLOWING)
def test_plain_langgraph_swallows_the_told_pauses(graph, value, said):
    plain = graph.copy(update={"checkpointer": InMemorySaver()})
    run = asyncio.run(plain.ainvoke(value, CONFIG))
    assert "__interrupt__" not in (run if isinstance(run, dict) else {})
    assert not plain.get_state(CONFIG).interrupts


@pytest.mark.parametrize(("handler", "run"), [(safely, "sync"), (safely_async, "async")])
def test_pause_that_a_handler_around_tools_swallows_is_told_with_the_tool(handler, run):
    card = nbhitl.review(agent(pay, middleware=[handler]), {"messages": "Pay"}, run=run)
    assert [message.content for message in card.result["messages"]] == ["Pay", "", "failed", "done"]
    assert told(card)[0].startswith(
        "Node 'tools' asked nobody: interrupt() in line 4 of pay(), in the tool 'pay', was without effect."
    )


def test_exception_that_replaced_an_interrupt_names_the_interrupt():
    def wraps(state: State) -> Any:
        try:
            return {"value": interrupt("?")}
        except Exception as error:
            raise ValueError("no answer") from error

    with pytest.raises(ValueError, match="no answer") as raised:
        _ = nbhitl.review(one_node(wraps), {"value": 0}).result
    assert raised.value.__notes__[-1].startswith("nbhitl: Node 'ask' asked nobody: interrupt() in line 3 of wraps()")


def test_question_swallowed_beside_a_pausing_question_is_told_after_the_answer():
    graph = StateGraph(MessagesState).add_node("tools", ToolNode([pay, careless])).add_edge(START, "tools").compile()
    calls = [*calling("pay").tool_calls, *calling("careless", "2").tool_calls]
    card = nbhitl.review(graph, {"messages": [AIMessage("", tool_calls=calls)]}, answers=["yes"])
    assert [message.content for message in card.result["messages"][1:]] == ["yes", "no"]
    assert ["in the tool 'careless'" in note for note in told(card)] == [True]


def test_pause_that_is_swallowed_twice_is_no_question_side_by_side():
    def ask(state: State) -> Any:
        tries = RunnableLambda(lambda _: interrupt("?")).with_retry(stop_after_attempt=2, wait_exponential_jitter=False)
        return {"value": len(tries.batch([1], return_exceptions=True))}

    card = nbhitl.review(one_node(ask), {"value": 0})
    assert card.result == {"value": 1}
    assert len(told(card)) == 1
    assert not [note for note in card._core.engine.notes if "side by side" in note]


# --- code that lets the pause through -----------------------------------------------------------


def lets_through(state: State) -> Any:
    try:
        return {"value": interrupt("?")}
    except GraphBubbleUp:
        raise
    except Exception:
        return state


def asks_twice(state: State) -> Any:
    return {"value": [interrupt("first"), interrupt("second")]}


def calls_a_graph(state: State) -> Any:
    return inner_graph.invoke(state)


def retries(state: State) -> Any:
    if state["value"] == 0:
        state["value"] = 1
        raise ConnectionError
    return {"value": interrupt("?")}


FINE = [
    pytest.param(one_node(lets_through), ["a"], id="let through"),
    pytest.param(one_node(asks_twice), ["a", "b"], id="twice"),
    pytest.param(one_node(one_node(asks_twice)), ["a", "b"], id="in a subgraph"),
    pytest.param(one_node(calls_a_graph), ["a"], id="graph called in a node"),
    pytest.param(one_node(retries, retry_policy=RetryPolicy(initial_interval=0.01)), ["a"], id="retried"),
]


@pytest.mark.parametrize("run", ["sync", "async"])
@pytest.mark.parametrize(("graph", "answers"), FINE)
def test_nothing_is_told_where_the_interrupt_pauses(graph, answers, run):
    card = nbhitl.review(graph, {"value": 0}, answers=answers, run=run)
    _ = card.result
    assert told(card) == []


def test_node_gets_the_same_config_as_from_plain_langgraph():
    seen = []

    def look(state: State, config: RunnableConfig) -> Any:
        seen.append({key: type(value) for key, value in config["configurable"].items()})
        return {"value": 1}

    plain = one_node(look).copy(update={"checkpointer": InMemorySaver()})
    list(plain.stream({"value": 0}, CONFIG, subgraphs=True))
    _ = nbhitl.review(one_node(look), {"value": 0}).result
    plain_config, own = seen
    # A private thread has nbhitl's saver, and saves before the next step.
    assert issubclass(own.pop("__pregel_checkpointer"), plain_config.pop("__pregel_checkpointer"))
    assert own.pop("__pregel_durability") is str
    assert plain_config == own
