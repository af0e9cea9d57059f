"""A review without input goes on from the checkpoint that the config names, as ``graph.invoke(None, config)`` does."""

import operator
from typing import Annotated, Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.func import entrypoint, task
from langgraph.graph import START, StateGraph
from langgraph.types import Command, Send, interrupt
from typing_extensions import TypedDict

import nbhitl
from nbhitl.errors import ThreadWaits, Unanswered, UsageError

THREAD: Any = {"configurable": {"thread_id": "t"}}


class Notes(TypedDict, total=False):
    notes: Annotated[list[str], operator.add]


def working(name: str, log: list[str]) -> Any:
    def node(_state: Any) -> Any:
        log.append(name)
        return {"notes": [name]}

    return node


def asking(log: list[str]) -> Any:
    def ask(state: Any) -> Any:
        log.append("ask")
        return {"notes": [interrupt(f"after {len(state.get('notes', []))}")]}

    return ask


def in_a_row(log: list[str], ask: Any = None) -> Any:
    builder: Any = StateGraph(Notes).add_node("a", working("a", log)).add_node("ask", ask or asking(log))
    builder.add_node("b", working("b", log)).add_edge(START, "a").add_edge("a", "ask").add_edge("ask", "b")
    return builder.compile(checkpointer=InMemorySaver())


def in_a_subgraph(log: list[str]) -> Any:
    inner: Any = StateGraph(Notes).add_node("inner", asking(log)).add_edge(START, "inner")
    return in_a_row(log, inner.compile())


def beside(log: list[str]) -> Any:
    builder: Any = StateGraph(Notes).add_node("ask", asking(log)).add_node("a", working("a", log))
    builder.add_node("b", working("b", log)).add_edge(["ask", "a"], "b")
    builder.add_conditional_edges(START, lambda _: [Send("ask", {"notes": []}), Send("a", {})])
    return builder.compile(checkpointer=InMemorySaver())


def functional(log: list[str]) -> Any:
    @task
    def a() -> str:
        log.append("a")
        return "a"

    @entrypoint(checkpointer=InMemorySaver())
    def run(_given: Any) -> Any:
        first = a().result()
        log.append("ask")
        return {"notes": [first, interrupt("which?")]}

    return run


GRAPHS = [in_a_row, in_a_subgraph, beside, functional]


def answered_once(make: Any, *, waits: bool) -> tuple[Any, list[str], list[Any]]:
    """Return a graph with an answered run, the log and the checkpoints; ``waits``: and with another run that asks."""
    log: list[str] = []
    graph = make(log)
    graph.invoke({"notes": []}, THREAD)
    graph.invoke(Command(resume="first"), THREAD)
    places = [state.config for state in graph.get_state_history(THREAD)]
    if waits:
        graph.invoke({"notes": ["more"]}, THREAD)
    log.clear()
    return graph, log, places


def asked_in(graph: Any) -> list[Any]:
    return [each.value for each in graph.get_state(THREAD).interrupts]


@pytest.mark.parametrize("waits", [False, True], ids=["ended", "waits"])
@pytest.mark.parametrize("make", GRAPHS)
def test_review_goes_on_from_a_checkpoint_as_invoke_does(make, waits):
    count = len(answered_once(make, waits=waits)[2])
    for number in range(count):
        alone, log_alone, places = answered_once(make, waits=waits)
        result = alone.invoke(None, places[number])
        asks = asked_in(alone)
        graph, log, places = answered_once(make, waits=waits)
        card = nbhitl.review(graph, None, places[number], abandon=True)
        assert [each.value for each in card.interrupts] == asks
        assert log == log_alone
        if asks:
            with pytest.raises(Unanswered):
                _ = card.result
            result = alone.invoke(Command(resume="again"), THREAD)
            card.answer("again")
        assert card.result == result
        assert log == log_alone
        assert graph.get_state(THREAD).values == alone.get_state(THREAD).values


@pytest.mark.parametrize("make", GRAPHS)
def test_earlier_checkpoint_is_refused_while_a_question_is_open_at_the_end(make):
    graph, log, places = answered_once(make, waits=True)
    asks = asked_in(graph)
    with pytest.raises(ThreadWaits, match="would drop the question"):
        _ = nbhitl.review(graph, None, places[-1], answers=["for another question"]).result
    assert (log, asked_in(graph)) == ([], asks)


def test_checkpoint_that_asks_at_the_end_of_the_thread_asks_the_open_question():
    graph, log, _ = answered_once(in_a_row, waits=True)
    card = nbhitl.review(graph, None, graph.get_state(THREAD).config)
    assert ([each.value for each in card.interrupts], log) == (asked_in(graph), [])


def test_open_refuses_an_earlier_checkpoint_by_name_and_takes_the_end():
    graph, log, places = answered_once(in_a_row, waits=True)
    with pytest.raises(UsageError, match="config names checkpoint_id="):
        _ = nbhitl.open(graph, thread_id="t", config=places[-1]).result
    card = nbhitl.open(graph, thread_id="t", config=graph.get_state(THREAD).config)
    assert [each.value for each in card.interrupts] == asked_in(graph)
    assert log == []
