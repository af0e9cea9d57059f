"""The seed flow, a node that shows a text and stores the answer; and a graph that asks nothing."""

from typing import Any, TypedDict

from langgraph.graph import START, StateGraph
from langgraph.types import interrupt


class Text(TypedDict):
    """A text."""

    text: str


class State(TypedDict, total=False):
    """``some_text`` becomes the answer, of any type."""

    some_text: Any


def human_node(state: State) -> State:
    """Ask for the edited text."""
    return {"some_text": interrupt({"text_to_revise": state["some_text"]})}


graph = StateGraph(State).add_node(human_node).add_edge(START, "human_node").compile()


def shout(state: Text) -> Text:
    """Answer without a question."""
    return {"text": state["text"].upper()}


silent = StateGraph(Text).add_node(shout).add_edge(START, "shout").compile()
