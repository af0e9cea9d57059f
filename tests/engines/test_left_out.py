"""Questions that LangGraph's state leaves out, though answers reach the nodes: compared with plain LangGraph."""

from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

import nbhitl

THREAD: Any = {"configurable": {"thread_id": "1"}}


class State(TypedDict, total=False):
    value: str


def told(card: Any) -> list[str]:
    return [note for note in card._core.engine.notes if "asked nobody" in note]


def asked_by(card: Any) -> list[tuple[str, Any]]:
    return [(each.node, each.value) for each in card.interrupts]


# --- a node's error handler that asks ---------------------------------------------------------


def raising(ran: list[str], *, asks: bool = False, checkpointer: Any = None) -> Any:
    """Return a graph whose node raises, after a question if ``asks``; the node's error handler asks."""

    def work(_state: State) -> Any:
        ran.append("work")
        raise ValueError(interrupt("how?") if asks else "by itself")

    def handle(_state: State) -> Any:
        ran.append("handle")
        return {"value": f"{interrupt('what now?')}, {interrupt('and then?')}"}

    builder: Any = StateGraph(State)
    builder.add_node("work", work, error_handler=handle).add_edge(START, "work")
    return builder.compile(checkpointer=checkpointer)


def inside(inner: Any, checkpointer: Any = None) -> Any:
    return StateGraph(State).add_node("sub", inner).add_edge(START, "sub").compile(checkpointer=checkpointer)


@pytest.mark.parametrize("run", ["sync", "async"])
@pytest.mark.parametrize("asks", [False, True], ids=["at once", "after a question"])
def test_question_of_an_error_handler_is_asked_and_the_handler_gets_the_answer(asks, run):
    ran: list[str] = []
    answers = [*["so"] * asks, "retry", "stop"]
    card = nbhitl.review(raising(ran, asks=asks), {"value": ""}, answers=answers, run=run)
    assert card.result == {"value": "retry, stop"}
    assert ran == ["work"] * (1 + asks) + ["handle"] * 3
    assert told(card) == []


def test_plain_langgraph_gives_an_error_handler_its_answers_by_id():
    ran: list[str] = []
    graph = raising(ran, checkpointer=InMemorySaver())
    run = graph.invoke({"value": ""}, THREAD)
    for answer in ("retry", "stop"):
        (asked,) = run["__interrupt__"]
        run = graph.invoke(Command(resume={asked.id: answer}), THREAD)
    assert run == {"value": "retry, stop"}
    assert ran == ["work"] + ["handle"] * 3


@pytest.mark.parametrize("is_inside", [False, True], ids=["root", "subgraph"])
def test_question_of_an_error_handler_is_found_in_another_kernel_by_its_node(is_inside):
    ran: list[str] = []
    saver = InMemorySaver()
    graph = inside(raising(ran), saver) if is_inside else raising(ran, checkpointer=saver)
    node = "sub/work" if is_inside else "work"
    graph.invoke({"value": ""}, THREAD)
    card = nbhitl.open(graph, thread_id="1")
    assert asked_by(card) == [(node, "what now?")]
    card.answer("retry")
    assert asked_by(nbhitl.open(graph, thread_id="1")) == [(node, "and then?")]
    assert [each.thread_id for each in nbhitl.inbox(graph).cards()] == ["1"]
    card.answer("stop")
    assert card.result == {"value": "retry, stop"}
    assert ran == ["work"] + ["handle"] * 3
    assert [(each.node, each.answered) for each in nbhitl.audit(graph)] == [(node, "retry"), (node, "stop")]


def test_error_handlers_of_two_nodes_each_get_their_own_answer():
    def raises(_state: State) -> Any:
        raise ValueError

    def handler(name: str) -> Any:
        return lambda _state: {"texts": [f"{name} got {interrupt(f'{name}?')}"]}

    class Texts(TypedDict):
        texts: Annotated[list[str], lambda one, other: one + other]

    builder: Any = StateGraph(Texts)
    for name in "ab":
        builder.add_node(name, raises, error_handler=handler(name)).add_edge(START, name)
    card = nbhitl.review(builder.compile(), {"texts": []})
    assert sorted(asked_by(card)) == [("a", "a?"), ("b", "b?")]
    card.answer_all({each.id: each.node for each in card.interrupts})
    assert sorted(card.result["texts"]) == ["a got a", "b got b"]


def test_answer_that_makes_an_error_handler_raise_can_be_mended():
    def raises(_state: State) -> Any:
        raise ValueError

    def handle(_state: State) -> Any:
        if (answer := interrupt("what now?")) == "bad":
            raise KeyError(answer)
        return {"value": answer}

    builder: Any = StateGraph(State)
    builder.add_node("work", raises, error_handler=handle).add_edge(START, "work")
    card = nbhitl.review(builder.compile(), {"value": ""})
    card.answer("bad")
    with pytest.raises(KeyError):
        _ = card.result
    card.answer("good")
    assert card.result == {"value": "good"}


def test_audit_names_the_node_whose_error_handler_another_client_has_answered():
    graph = raising([], checkpointer=InMemorySaver())
    (asked,) = graph.invoke({"value": ""}, THREAD)["__interrupt__"]
    graph.invoke(Command(resume={asked.id: "retry"}), THREAD)
    assert [(each.node, each.answered) for each in nbhitl.audit(graph)] == [("work", "retry")]


# --- a task that raises after the node -------------------------------------------------------------


def routed(checkpointer: Any = None) -> Any:
    def ask(_state: State) -> Any:
        return {"value": interrupt("where to?")}

    def route(state: State) -> str:
        return {"on": "more", "out": END}[state["value"]]

    builder: Any = StateGraph(State)
    builder.add_node("ask", ask).add_node("more", lambda state: {"value": f"{state['value']} and more"})
    builder.add_edge(START, "ask").add_conditional_edges("ask", route, ["more", END])
    return builder.compile(checkpointer=checkpointer)


@pytest.mark.parametrize("is_inside", [False, True], ids=["root", "subgraph"])
def test_answer_that_an_edge_raises_on_can_be_mended(is_inside):
    card = nbhitl.review(inside(routed()) if is_inside else routed(), {"value": ""})
    card.answer("nowhere")
    with pytest.raises(KeyError, match="nowhere"):
        _ = card.result
    assert [(each.value, each.former.value) for each in card.interrupts if each.former] == [("where to?", "nowhere")]
    card.answer("on")
    assert card.result == {"value": "on and more"}


def test_answer_that_an_edge_raised_on_is_mended_in_another_kernel_and_stands_in_the_inbox():
    graph = routed(InMemorySaver())
    first = nbhitl.review(graph, {"value": ""}, THREAD)
    first.answer("nowhere")
    with pytest.raises(KeyError, match="nowhere"):
        _ = first.result
    assert [each.thread_id for each in nbhitl.inbox(graph).cards()] == ["1"]
    card = nbhitl.open(graph, thread_id="1")
    card.answer("out")
    assert card.result == {"value": "out"}


def test_edge_after_a_subgraph_that_raises_on_the_subgraphs_answer_can_be_mended():
    inner = StateGraph(State).add_node("ask", lambda _: {"value": interrupt("where to?")}).add_edge(START, "ask")
    builder = StateGraph(State).add_node("sub", inner.compile()).add_edge(START, "sub")
    graph = builder.add_conditional_edges("sub", lambda state: {"out": END}[state["value"]], [END]).compile()
    card = nbhitl.review(graph, {"value": ""})
    card.answer("nowhere")
    with pytest.raises(KeyError, match="nowhere"):
        _ = card.result
    card.answer("out")
    assert card.result == {"value": "out"}


# --- values that the class of a state refuses ----------------------------------------------------------


def no_bad(_before: str, value: str) -> str:
    if value == "bad":
        raise RuntimeError("refused")
    return value


class Reduced(TypedDict):
    value: Annotated[str, no_bad]


class Refused(Exception):
    """An exception that no library knows."""


@dataclass
class Checked:
    value: str

    def __post_init__(self) -> None:
        if self.value == "bad":
            raise Refused("refused")


def asks(schema: Any, checkpointer: Any = None) -> Any:
    builder = StateGraph(schema).add_sequence([("ask", lambda _: {"value": interrupt("?")}), ("on", lambda _: {})])
    return builder.add_edge(START, "ask").compile(checkpointer=checkpointer)


@pytest.mark.parametrize("is_inside", [False, True], ids=["root", "subgraph"])
@pytest.mark.parametrize("schema", [Reduced, Checked])
def test_answer_refused_by_a_reducer_or_by_any_exception_of_a_schema_can_be_mended(schema, is_inside):
    saver = InMemorySaver()
    graph = inside(asks(schema), saver) if is_inside else asks(schema, saver)
    card = nbhitl.review(graph, {"value": "start"}, THREAD)
    card.answer("bad")
    with pytest.raises((RuntimeError, Refused), match="refused"):
        _ = card.result
    again = nbhitl.open(graph, thread_id="1")
    assert [(each.value, each.former.value) for each in again.interrupts if each.former] == [("?", "bad")]
    again.answer("good")
    assert again.result == {"value": "good"}
