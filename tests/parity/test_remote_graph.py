"""A graph on a server as a node of a graph in this process."""

from collections.abc import Callable, Iterator
from typing import Any, TypedDict
from uuid import uuid4

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.pregel.remote import RemoteGraph
from langgraph.types import Command, interrupt
from langgraph_sdk import get_sync_client

import nbhitl
from tests.parity.graphs import Notes, Text, chain

pytestmark = pytest.mark.needs("langgraph_server")


def ask(state: Text) -> Text:
    return {"text": interrupt({"text_to_revise": state["text"]})}


def as_node(remote: RemoteGraph) -> Any:
    return chain(Text, ask, ("remote", remote))


def as_node_of_a_subgraph(remote: RemoteGraph) -> Any:
    return chain(Text, ("inner", chain(Text, ask, ("remote", remote))))


def called_in_a_node(remote: RemoteGraph) -> Any:
    def call(state: Text) -> Text:
        return {"text": remote.invoke(state)["text"] + "!"}

    return chain(Text, ask, call)


def beside_a_question(remote: RemoteGraph) -> Any:
    def left(state: Notes) -> Notes:
        return {"notes": [interrupt("left?")]}

    graph = StateGraph(Notes).add_node("remote", remote).add_node(left)
    return graph.add_edge(START, "remote").add_edge(START, "left").compile()


def before_a_breakpoint(remote: RemoteGraph) -> Any:
    return chain(Text, ("remote", remote), interrupt_before=["remote"])


def before_a_breakpoint_in_a_call(remote: RemoteGraph) -> Any:
    def call(state: Text) -> Text:
        return {"text": remote.invoke(state)["text"] + "!"}

    return chain(Text, call, interrupt_before=["call"])


Build = Callable[[RemoteGraph], Any]
ROWS: dict[Build, tuple[Any, Any]] = {
    as_node: ({"text": "a"}, "b"),
    as_node_of_a_subgraph: ({"text": "a"}, "b"),
    called_in_a_node: ({"text": "a"}, "b"),
    beside_a_question: ({"text": "a", "notes": []}, "b"),
    before_a_breakpoint: ({"text": "a"}, None),
    before_a_breakpoint_in_a_call: ({"text": "a"}, None),
}


@pytest.fixture
def remote(fast_server: str) -> Iterator[RemoteGraph]:
    """Return a graph on a server that asks nothing."""
    client = get_sync_client(url=fast_server, api_key=None)
    yield RemoteGraph("silent", sync_client=client)
    client.http.client.close()


@pytest.mark.parametrize("build", ROWS, ids=lambda build: build.__name__)
def test_graph_on_a_server_as_a_node_gives_the_result_of_invoke(build, remote):
    value, answer = ROWS[build]
    graph = build(remote).copy(update={"checkpointer": InMemorySaver()})
    config: Any = {"configurable": {"thread_id": "6a0c9d3b-4a0e-4b7d-8f6e-0d5f6a3b2c11"}}
    graph.invoke(value, config)
    pending = graph.get_state(config).interrupts
    resume: Any = Command(resume={each.id: answer for each in pending}) if pending else None
    theirs = graph.invoke(resume, config)
    ours = nbhitl.review(build(remote), value, answers=[answer]).wait()
    assert ours == theirs


# --- a graph on a server that asks ----------------------------------------------------------------


class Revised(TypedDict, total=False):
    some_text: str


def ask_here(state: Revised) -> Revised:
    return {"some_text": interrupt({"text_to_revise": state["some_text"]})}


def asks_as_node(remote: RemoteGraph) -> Any:
    return chain(Revised, ("remote", remote))


def asks_as_node_of_a_subgraph(remote: RemoteGraph) -> Any:
    return chain(Revised, ("inner", chain(Revised, ("remote", remote))))


def asks_after_a_question(remote: RemoteGraph) -> Any:
    return chain(Revised, ask_here, ("remote", remote))


def asks_before_a_question(remote: RemoteGraph) -> Any:
    return chain(Revised, ("remote", remote), ask_here)


def asks_in_a_tool(remote: RemoteGraph) -> Any:
    """Return a graph in which LangGraph drops a server's question: the tool gets the state at the server's pause."""

    def revise(state: Revised) -> Revised:
        return {"some_text": str(remote.invoke(state)["some_text"])}

    return chain(Revised, revise, ask_here)


@pytest.fixture
def asking(fast_server: str) -> Iterator[RemoteGraph]:
    """Return a graph on a server that asks."""
    client = get_sync_client(url=fast_server, api_key=None)
    yield RemoteGraph("agent", sync_client=client)
    client.http.client.close()


def answered_by_invoke(graph: Any) -> tuple[list[Any], Any]:
    graph = graph.copy(update={"checkpointer": InMemorySaver()})
    config: Any = {"configurable": {"thread_id": str(uuid4())}}
    asked: list[Any] = []
    result = graph.invoke({"some_text": "a"}, config)
    while pending := graph.get_state(config).interrupts:
        asked += [each.value for each in pending]
        result = graph.invoke(Command(resume={each.id: f"b{len(asked)}" for each in pending}), config)
    return asked, result


@pytest.mark.parametrize("run", ["sync", "async"])
@pytest.mark.parametrize(
    "build",
    [asks_as_node, asks_as_node_of_a_subgraph, asks_after_a_question, asks_before_a_question, asks_in_a_tool],
)
def test_graph_on_a_server_that_asks_is_asked_and_gives_the_result_of_invoke(build, run, asking, fast_server):
    asked, theirs = answered_by_invoke(build(asking))
    remote = RemoteGraph("agent", url=fast_server) if run == "async" else asking
    card = nbhitl.review(build(remote), {"some_text": "a"}, run=run)
    ours: list[Any] = []
    while questions := card.interrupts:
        ours += [each.value for each in questions]
        card.answer(f"b{len(ours)}")
    assert (ours, card.result) == (asked, theirs)


def test_question_of_a_graph_on_a_server_is_found_by_another_kernel_and_told_by_the_audit(asking):
    saver = InMemorySaver()
    graph = asks_as_node_of_a_subgraph(asking).copy(update={"checkpointer": saver})
    _ = nbhitl.review(graph, {"some_text": "a"}, key="k").interrupts
    card = nbhitl.review(graph, {"some_text": "a"}, key="k", answers=["b"])
    assert card.result == {"some_text": "b"}
    assert [(each.node, each.answered) for each in nbhitl.audit(graph)] == [("inner/remote", "b")]


def test_answer_that_a_graph_on_a_server_keeps_is_told_where_it_cannot_be_changed(asking):
    """Plain LangGraph's fork ends with the former answer as well: the server's thread is not forked."""
    card = nbhitl.review(asks_as_node(asking), {"some_text": "a"})
    card.answer("one")
    assert card.result == {"some_text": "one"}
    card.ask_again()
    assert card.result == {"some_text": "one"}
    assert any("remote did not ask again, and no new answer was given" in note for note in card._core.state.notes)
