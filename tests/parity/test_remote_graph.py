"""A graph on a server as a node of a graph in this process."""

from collections.abc import Callable, Iterator
from typing import Any

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
