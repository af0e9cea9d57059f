"""Graphs whose work can be watched. A node works until the test calls `let_go`."""

import time
from pathlib import Path
from typing import Any

from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.config import get_stream_writer
from langgraph.graph import START, StateGraph
from langgraph.types import Send, interrupt

from tests.graphs import State, Texts

GO = "go"
SPOKEN = "Once upon a time a run stopped to ask."


def let_go(folder: Path) -> None:
    """End the work of the nodes in `folder`."""
    (folder / GO).touch()


def work() -> None:
    """Move a progress bar until the test lets go; the kernel works in the notebook's folder."""
    writer, moved = get_stream_writer(), 0
    while not Path(GO).exists():
        moved += 1
        writer({"progress": moved, "total": 100_000, "label": "rows"})
        time.sleep(0.02)


def ask(state: State) -> State:
    return {"some_text": interrupt({"text_to_revise": state["some_text"]})}


def picky() -> Any:
    """Refuse the answer "bad"."""

    def check(state: State) -> State:
        if (answer := ask(state))["some_text"] == "bad":
            raise ValueError("too large")
        return answer

    return compiled(check=check)


def works_after_the_answer() -> Any:
    def slow(state: State) -> State:
        print("loading the rows")  # noqa: T201 - to be shown
        model = GenericFakeChatModel(messages=iter([AIMessage(SPOKEN)]))
        model.invoke("Tell me")
        work()
        return state

    def publish(state: State) -> State:
        return {"some_text": state["some_text"].upper()}

    return compiled(ask=ask, slow=slow, publish=publish)


def asks_often(times: int) -> Any:
    """Ask so many questions in turn."""

    def ask(state: Texts) -> Texts:
        number = len(state["texts"])
        return {"texts": [interrupt({"question": f"Question {number}?", "text_to_revise": f"text {number}"})]}

    graph = StateGraph(Texts).add_node("ask", ask).add_edge(START, "ask")
    graph.add_conditional_edges("ask", lambda state: "__end__" if len(state["texts"]) == times else "ask")
    return graph.compile(checkpointer=InMemorySaver())


def two_that_work() -> Any:
    """Ask twice side by side; each node works on after the answer."""

    def one(state: Any) -> Texts:
        answer = interrupt({"text_to_revise": state["text"]})
        work()
        return {"texts": [answer]}

    def spread(_state: Texts) -> list[Send]:
        return [Send("one", {"text": text}) for text in ("first", "second")]

    graph = StateGraph(Texts).add_node("one", one).add_conditional_edges(START, spread, ["one"])
    return graph.compile(checkpointer=InMemorySaver())


def compiled(**nodes: Any) -> Any:
    return (
        StateGraph(State)
        .add_sequence(list(nodes.items()))
        .add_edge(START, next(iter(nodes)))
        .compile(checkpointer=InMemorySaver())
    )
