"""Graphs that fail, and a graph that works until a file appears."""

import asyncio
from pathlib import Path
from typing import Any, TypedDict

from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
from pydantic import BaseModel, Field

POLL = 0.005


class State(TypedDict, total=False):
    """``gate`` is the path of the file that lets the slow node go on."""

    gate: str
    answer: Any


def raise_at_once(state: State) -> State:
    """Fail before anybody is asked."""
    raise RuntimeError("the model is out of tea")


def raise_on_answer(state: State) -> State:
    """Ask for a number and fail on anything else."""
    return {"answer": int(interrupt({"question": "How many?"}))}


class Login(BaseModel):
    """A type that a node itself makes of an answer."""

    password: str = Field(pattern="^[a-z]+$")


def log_in(state: State) -> State:
    """Ask for a password and refuse every password."""
    return {"answer": Login.model_validate(interrupt({"question": "Password?"})).model_dump()}


def ask(state: State) -> State:
    """Ask, so that the slow part comes after the resume."""
    return {"answer": interrupt({"question": "Go on?"})}


async def wait_at_gate(state: State) -> State:
    """Work until the file ``gate`` exists."""
    while not Path(state["gate"]).exists():  # noqa: ASYNC110, ASYNC240 - the file is in another process's hands
        await asyncio.sleep(POLL)
    return {}


raises = StateGraph(State).add_node(raise_at_once).add_edge(START, "raise_at_once").compile()
guarded = StateGraph(State).add_node(log_in).add_edge(START, "log_in").compile()
picky = StateGraph(State).add_node(raise_on_answer).add_edge(START, "raise_on_answer").compile()
slow = (
    StateGraph(State)
    .add_node(ask)
    .add_node(wait_at_gate)
    .add_edge(START, "ask")
    .add_edge("ask", "wait_at_gate")
    .compile()
)


# --- a state that refuses ---------------------------------------------------------------------


class Long(BaseModel):
    """A state that takes no short text."""

    text: str = Field(min_length=3)
    length: int = 0


def revise(state: Long) -> Any:
    """Ask for the edited text."""
    return {"text": interrupt({"text_to_revise": state.text})}


def measure(state: Long) -> Any:
    """Work on after the answer."""
    return {"length": len(state.text)}


strict = StateGraph(Long).add_sequence([revise, measure]).add_edge(START, "revise").compile()
strict_inside = StateGraph(Long).add_node("inner", strict).add_edge(START, "inner").compile()
