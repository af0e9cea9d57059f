"""Graphs that ask with any payload, and keep the answers."""

from typing import Any, TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

received: dict[str, Any] = {}
"""Name of a node -> its answer."""


class Answers(TypedDict, total=False):
    topic: str
    count: int


def asks(*payloads: Any, name: str = "review", **options: Any) -> Any:
    """Return a graph with a node for each payload, side by side: `name`, or several nodes with numbered names."""
    names = [name] if len(payloads) == 1 else [f"{name}_{number}" for number in range(len(payloads))]
    graph = StateGraph(Answers)
    for node, payload in zip(names, payloads, strict=True):
        graph = graph.add_node(node, _asking(node, payload, options)).add_edge(START, node)
    return graph.compile(InMemorySaver(), name="asking")


def _asking(name: str, payload: Any, options: dict[str, Any]) -> Any:
    def node(_state: Answers) -> Answers:
        received[name] = interrupt(payload, **options)
        return {}

    return node


def wants_a_whole_number() -> Any:
    """Ask until a whole number comes, as in LangGraph's documentation."""

    def age(_state: Any) -> Any:
        question = "What is your age?"
        while not isinstance(answer := interrupt(question), int):
            question = f"{answer!r} is not a whole number. What is your age?"
        received["age"] = answer
        return {}

    graph: Any = StateGraph(Answers)
    return graph.add_node("age", age).add_edge(START, "age").compile(InMemorySaver(), name="asking")


def works_on() -> Any:
    """Do something with the state."""

    def write(state: Answers) -> Answers:
        received["write"] = state
        return {}

    graph = StateGraph(Answers).add_node("write", write).add_edge(START, "write")
    return graph.compile(InMemorySaver(), name="asking", interrupt_before=["write"])
