"""Graphs with several questions: side by side, in turn in a single node, inside a subgraph."""

import operator
from typing import Annotated, Any, TypedDict

from langgraph.graph import START, StateGraph
from langgraph.types import Send, interrupt


class State(TypedDict, total=False):
    """``answers`` collects the received answers; ``runs`` counts completed runs of node code."""

    questions: list[str]
    answers: Annotated[list[Any], operator.add]
    runs: Annotated[int, operator.add]


class OneQuestion(TypedDict):
    """The input of a single parallel sibling."""

    question: str


def ask(state: OneQuestion) -> State:
    """Ask a question."""
    answer = interrupt({"question": state["question"]})
    return {"answers": [[state["question"], answer]], "runs": 1}


def fan_out(state: State) -> list[Send]:
    """Ask all questions at the same time."""
    return [Send("ask", {"question": question}) for question in state["questions"]]


def two_in_a_row(state: State) -> State:
    """Ask twice in a single node."""
    return {"answers": [interrupt("first"), interrupt("second")], "runs": 1}


def review(state: State) -> State:
    """Ask, inside a subgraph."""
    return {"answers": [interrupt({"question": "inside?"})], "runs": 1}


parallel = StateGraph(State).add_node(ask).add_conditional_edges(START, fan_out, ["ask"]).compile()
two = StateGraph(State).add_node(two_in_a_row).add_edge(START, "two_in_a_row").compile()

_inner = StateGraph(State).add_node(review).add_edge(START, "review").compile()
subgraph = StateGraph(State).add_node("research", _inner).add_edge(START, "research").compile()
