"""The seed graph, as a LangGraph server loads it (without a checkpointer: the server brings a checkpointer)."""

from typing import TypedDict

from langgraph.graph import START, StateGraph
from langgraph.types import interrupt


class State(TypedDict):
    """The text that the graph hands to a person."""

    some_text: str


def human_review(state: State) -> State:
    """Hand the text to a person, and write back the person's revision."""
    edited = interrupt({"text_to_revise": state["some_text"]})
    return {"some_text": edited}


agent = StateGraph(State).add_node(human_review).add_edge(START, "human_review").compile()
