"""A graph whose node has an effect outside the run. Imports nothing of nbhitl, which is not in Aegra's environment."""

import os
from pathlib import Path
from typing import Any, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

LEDGER = "NBHITL_TEST_LEDGER"
"""The environment variable of the server with the path of the ledger of `graph`."""


class State(TypedDict, total=False):
    paid: str


def note(ledger: str | Path, line: str) -> None:
    """Have an effect that no database takes back: write a whole line to the disk."""
    file = os.open(ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, f"{line}\n".encode())
        os.fsync(file)
    finally:
        os.close(file)


def paying(ledger: str | Path | None = None, checkpointer: Any = None) -> Any:
    """Return a graph that asks once, then pays: the payment is a line with the thread's id."""

    def pay(state: State, config: RunnableConfig) -> State:
        answer = interrupt("Pay?")
        note(ledger or os.environ[LEDGER], config["configurable"]["thread_id"])
        return {"paid": answer}

    return StateGraph(State).add_node("pay", pay).add_edge(START, "pay").compile(checkpointer=checkpointer)


graph = paying()
