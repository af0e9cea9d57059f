"""Graphs whose work can be watched, graphs whose effects can be counted, and a graph with an output schema."""

import asyncio
import operator
from pathlib import Path
from typing import Annotated, Any

from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langgraph.config import get_stream_writer
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
from typing_extensions import TypedDict  # before Python 3.12 a server can tell no schema of typing's

POLL = 0.005


class State(TypedDict, total=False):
    """``steps`` names the nodes that have run; ``ledger`` is the file of effects; the file ``gate`` ends work."""

    steps: Annotated[list[str], operator.add]
    ledger: str
    gate: str
    answer: Any


def note(ledger: str, answer: Any) -> None:
    """Leave an effect behind."""
    with Path(ledger).open("a") as file:
        file.write(f"{answer}\n")


def load(state: State) -> State:
    """Stream custom events of progress."""
    write = get_stream_writer()
    for done in (1, 2):
        write({"done": done, "of": 2})
    return {"steps": ["load"]}


def speak(state: State) -> State:
    """Let a model speak."""
    model = GenericFakeChatModel(messages=iter([AIMessage("two words")]))
    model.invoke("say something")
    return {"steps": ["speak"]}


def ask(state: State) -> State:
    """Ask."""
    return {"answer": interrupt({"question": "Go on?"}), "steps": ["ask"]}


def write_down(state: State) -> State:
    """Ask, then have an effect that can be counted."""
    answer = interrupt({"question": "Pay?"})
    note(state["ledger"], answer)
    return {"answer": answer}


async def act(state: State) -> State:
    """In a single node: ask, have an effect, then work until the gate opens, and stream an event meanwhile."""
    answer, write = interrupt({"question": "Act?"}), get_stream_writer()
    note(state["ledger"], answer)
    while not Path(state["gate"]).exists():  # noqa: ASYNC240 - the file is in another process's hands
        write("at work")
        await asyncio.sleep(POLL)
    return {"answer": answer}


class Given(TypedDict):
    """The input of the narrow graph."""

    text: str


class Returned(TypedDict):
    """The output of the narrow graph."""

    result: Any


class Kept(Given, Returned):
    """The whole state of the narrow graph."""

    draft: str


def draft(state: Given) -> dict[str, Any]:
    """Set a key that is not in the output."""
    return {"draft": state["text"] + "!"}


def decide(state: Kept) -> dict[str, Any]:
    """Ask for the output."""
    return {"result": interrupt({"text_to_revise": state["draft"]})}


_inner = StateGraph(State).add_node(speak).add_edge(START, "speak").compile()
live = (
    StateGraph(State)
    .add_node(load)
    .add_node("sub", _inner)
    .add_node(ask)
    .add_edge(START, "load")
    .add_edge("load", "sub")
    .add_edge("sub", "ask")
    .compile()
)
narrow = (
    StateGraph(Kept, input_schema=Given, output_schema=Returned)
    .add_node(draft)
    .add_node(decide)
    .add_edge(START, "draft")
    .add_edge("draft", "decide")
    .compile()
)
pays = StateGraph(State).add_node(write_down).add_edge(START, "write_down").compile()
acts = StateGraph(State).add_node(act).add_edge(START, "act").compile()
