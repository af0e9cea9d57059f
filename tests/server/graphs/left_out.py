"""Graphs whose questions a state leaves out: an error handler that asks, an edge or a reducer that raises."""

from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send, interrupt


class State(TypedDict, total=False):
    value: str


def work(_state: State) -> Any:
    raise ValueError("by itself")


def handle(_state: State) -> Any:
    return {"value": f"{interrupt('what now?')}, {interrupt('and then?')}"}


def ask(_state: State) -> Any:
    return {"value": interrupt("where to?")}


def route(state: State) -> str:
    return {"on": "more", "out": END}[state["value"]]


def no_bad(_before: str, value: str) -> str:
    if value == "bad":
        raise RuntimeError("refused")
    return value


class Reduced(TypedDict):
    value: Annotated[str, no_bad]


def _handled() -> Any:
    builder: Any = StateGraph(State)
    builder.add_node("work", work, error_handler=handle).add_edge(START, "work")
    return builder.compile()


class Texts(TypedDict):
    texts: Annotated[list[str], lambda one, other: one + other]


def _handled_twice() -> Any:
    builder: Any = StateGraph(Texts)
    builder.add_node("work", work, error_handler=lambda _state: {"texts": [str(interrupt("what now?"))]})
    builder.add_conditional_edges(START, lambda _state: [Send("work", {}), Send("work", {})], ["work"])
    return builder.compile()


def _routed() -> Any:
    builder: Any = StateGraph(State)
    builder.add_node("ask", ask).add_node("more", lambda state: {"value": f"{state['value']} and more"})
    builder.add_edge(START, "ask").add_conditional_edges("ask", route, ["more", END])
    return builder.compile()


def _reduced() -> Any:
    builder: Any = StateGraph(Reduced)
    return builder.add_sequence([("ask", ask), ("on", lambda _: {})]).add_edge(START, "ask").compile()


def _inside(inner: Any, schema: Any = State) -> Any:
    return StateGraph(schema).add_node("sub", inner).add_edge(START, "sub").compile()


handled = _handled()
handled_inside = _inside(_handled())
handled_twice = _handled_twice()
routed = _routed()
routed_inside = _inside(_routed())
reduced = _reduced()
reduced_inside = _inside(_reduced(), Reduced)
