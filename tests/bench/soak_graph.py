"""The graphs of the soak, and the ledger of the effects of their nodes. A server loads this file without nbhitl.

``python soak_graph.py SOCKET FILE`` keeps the ledger: appends each line that is sent, with the time, until killed.
"""

import asyncio
import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

LEDGER = "NBHITL_SOAK_LEDGER"
"""Environment variable that names the ledger's socket, in each process that runs the graph."""

WORK_SECONDS = 0.004
"""Seconds that a node works before and after the effect, so that kills come in both times."""

BAD = "bad"
"""The beginning of answers on which the nodes raise."""

ASKING = ("plan", "left", "right")
NODES = (*ASKING, "close")


class State(TypedDict, total=False):
    name: str
    plan: str
    left: str
    right: str
    close: str


def effect(thread: str, node: str, answer: str) -> None:
    """Have an effect on the world that no database takes back: a line in the ledger; return when it is written."""
    with socket.socket(socket.AF_UNIX) as ledger:
        ledger.connect(os.environ[LEDGER])
        line = {"thread": thread, "node": node, "answer": answer, "pid": os.getpid()}
        ledger.sendall(json.dumps(line).encode() + b"\n")
        ledger.recv(1)


def asking(node: str) -> Any:
    def ask(_state: State, config: RunnableConfig) -> Any:
        answer = interrupt(f"What about {node}?")
        if answer.startswith(BAD):
            raise ValueError(f"{node} cannot work with {answer!r}")
        time.sleep(WORK_SECONDS)
        effect(config["configurable"]["thread_id"], node, answer)
        time.sleep(WORK_SECONDS)
        return {node: answer}

    return ask


def close(state: State, config: RunnableConfig) -> State:
    time.sleep(WORK_SECONDS)
    effect(config["configurable"]["thread_id"], "close", "")
    time.sleep(WORK_SECONDS)
    return {"close": "closed"}


def compiled(checkpointer: Any = None) -> Any:
    """Return a graph that asks once, then twice side by side, and closes without a question."""
    builder = StateGraph(State)
    for node in ASKING:
        builder.add_node(node, asking(node))
    builder.add_node("close", close)
    builder.add_edge(START, "plan").add_edge("plan", "left").add_edge("plan", "right")
    return builder.add_edge(["left", "right"], "close").compile(checkpointer=checkpointer, name="soak")


class Payment(TypedDict, total=False):
    name: str
    pay: str


CALL = {
    "action_requests": [{"name": "pay", "args": {"amount": 5}}],
    "review_configs": [{"action_name": "pay", "allowed_decisions": ["approve", "reject"]}],
}
"""A tool call, as LangChain's middleware asks about it."""


def pay(_state: Payment, config: RunnableConfig) -> Payment:
    decided = interrupt(CALL)["decisions"][0]
    said = " ".join(filter(None, (decided["type"], decided.get("message"))))
    time.sleep(WORK_SECONDS)
    effect(config["configurable"]["thread_id"], "pay", said)
    time.sleep(WORK_SECONDS)
    return {"pay": said}


def paying(checkpointer: Any = None) -> Any:
    """Return a graph that asks about a tool call, and acts on the decision."""
    builder: Any = StateGraph(Payment)
    return builder.add_node("pay", pay).add_edge(START, "pay").compile(checkpointer=checkpointer, name="pays")


graph = compiled()
pays = paying()


async def keep_ledger(address: str, path: str) -> None:
    """Append each line that comes, as the only writer, and reply when the line is written."""
    with Path(path).open("a", encoding="utf-8", buffering=1) as ledger:  # noqa: ASYNC230 - short lines

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if line := await reader.readline():
                ledger.write(json.dumps({**json.loads(line), "at": time.monotonic()}) + "\n")
                writer.write(b".")
            writer.close()

        server = await asyncio.start_unix_server(take, address)
        print("ready", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(keep_ledger(*sys.argv[1:]))
