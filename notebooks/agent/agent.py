"""The seed graph, as a LangGraph server loads it (without a checkpointer: the server brings its own)."""

from typing import TypedDict

from langgraph.graph import START, StateGraph
from langgraph.types import interrupt


class State(TypedDict):
    """What the graph works on."""

    some_text: str


def human_review(state: State) -> State:
    """Hand the text to a person, and write back what the person made of it."""
    edited = interrupt({"text_to_revise": state["some_text"]})
    return {"some_text": edited}


agent = StateGraph(State).add_node(human_review).add_edge(START, "human_review").compile()
