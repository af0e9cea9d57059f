"""Runs whose questions a person answers, in a process in which a private way of LangGraph is taken away.

The process is forked from a process that has imported LangGraph. Nothing of nbhitl is imported before the attack.
"""

import asyncio
import multiprocessing
import os
import sqlite3
import sys
import time
import warnings
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, TypedDict

from tests.project.taken_away import How, take_away

PRELOADED = [
    *("langgraph.prebuilt", "langgraph.checkpoint.sqlite.aio", "langgraph.types", "langgraph.graph.message"),
    *("ipywidgets", "anywidget", "jsonschema", "tests.project.attacked_runs"),
]

SECONDS = 60.0

MOST_QUESTIONS = 6
"""Most questions of a run: LangGraph may have a question asked again, and a run that asks for ever has lost answers."""


class State(TypedDict):
    some_text: str


def run(folder: Path, files: Collection[str], names: Collection[str], how: How) -> dict[str, Any]:
    """Return the outcome of each run, by name: the result, and the answers that the nodes got; or the error."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run_all, args=(sender, str(folder), tuple(files), tuple(names), how), daemon=True)
    process.start()
    sender.close()
    try:
        assert receiver.poll(SECONDS), "the attacked runs do not end"
        outcome: dict[str, Any] = receiver.recv()
        return outcome
    finally:
        process.kill()
        process.join()


def _run_all(sender: Any, folder: str, files: Collection[str], names: Collection[str], how: How) -> None:
    warnings.simplefilter("ignore")
    sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - the process ends soon
    take_away(files, names, how)
    outcome = {}
    for work in (without_checkpointer, in_subgraph, tools_side_by_side, found_by_another_kernel, mended, inboxes):
        try:
            outcome[work.__name__] = work(Path(folder))
        except Exception as error:  # noqa: BLE001 - the test tells which run has failed, and how
            outcome[work.__name__] = f"{type(error).__name__}: {error}"
    sender.send(outcome)


def sqlite(folder: Path, name: str) -> Any:
    from langgraph.checkpoint.sqlite import SqliteSaver

    return SqliteSaver(sqlite3.connect(folder / name, check_same_thread=False))


def asks(got: list[str], **options: Any) -> Any:
    """Return a graph with a node that asks, and that takes no "bad" answer."""
    from langgraph.graph import START, StateGraph
    from langgraph.types import interrupt

    def ask(state: State) -> State:
        answer = interrupt({"text_to_revise": state["some_text"]})
        if answer == "bad":
            raise ValueError("bad")
        got.append(answer)
        return {"some_text": answer}

    return StateGraph(State).add_node("ask", ask).add_edge(START, "ask").compile(**options)


def answered(card: Any, answers: Iterator[str]) -> Any:
    """Answer the questions of a card as a person does, until the run has ended; return the result."""
    from nbhitl.errors import Unanswered

    for _ in range(MOST_QUESTIONS):
        if not card.interrupts:
            break
        card.answer(next(answers))
    try:
        return card.result
    except Unanswered as error:
        raise AssertionError("the question is asked for ever") from error


def without_checkpointer(_folder: Path) -> Any:
    import nbhitl

    got: list[str] = []
    return answered(nbhitl.review(asks(got), {"some_text": "x"}), iter(["good"])), got


def in_subgraph(folder: Path) -> Any:
    from langgraph.graph import START, StateGraph

    import nbhitl

    got: list[str] = []
    graph = StateGraph(State).add_node("outer", asks(got)).add_edge(START, "outer")
    whole = graph.compile(checkpointer=sqlite(folder, "subgraph"))
    return answered(nbhitl.review(whole, {"some_text": "x"}, key="k"), iter(["good"])), got


def mended(folder: Path) -> Any:
    import nbhitl

    got: list[str] = []
    graph = asks(got, checkpointer=sqlite(folder, "mended"))
    return answered(nbhitl.review(graph, {"some_text": "x"}), iter(["bad", "good"])), got


def found_by_another_kernel(folder: Path) -> Any:
    import nbhitl

    got: list[str] = []
    graph = asks(got, checkpointer=sqlite(folder, "found"))
    graph.invoke({"some_text": "x"}, {"configurable": {"thread_id": "t"}})
    return answered(nbhitl.open(graph, thread_id="t"), iter(["good"])), got


def tools_side_by_side(folder: Path) -> Any:
    from langchain_core.messages import AIMessage
    from langchain_core.tools import tool
    from langgraph.graph import START, MessagesState, StateGraph
    from langgraph.prebuilt import ToolNode
    from langgraph.types import interrupt

    import nbhitl

    @tool
    def search(text: str) -> str:
        """Search."""
        return str(interrupt(f"Search {text}?"))

    @tool
    def fetch(text: str) -> str:
        """Fetch."""
        time.sleep(0.05)  # LangGraph gives the first answer to the first call
        return str(interrupt(f"Fetch {text}?"))

    def model(_state: Any) -> Any:
        calls = [{"name": name, "args": {"text": "it"}, "id": name} for name in ("search", "fetch")]
        return {"messages": [AIMessage("", tool_calls=calls)]}

    graph: Any = StateGraph(MessagesState)
    graph.add_node("model", model).add_node("tools", ToolNode([search, fetch]))
    whole = graph.add_edge(START, "model").add_edge("model", "tools").compile(checkpointer=sqlite(folder, "tools"))
    results = []
    for thread_id in ("review", "opened"):
        if thread_id == "opened":
            whole.invoke({"messages": "hi"}, {"configurable": {"thread_id": thread_id}})
            card = nbhitl.open(whole, thread_id=thread_id)
        else:
            card = nbhitl.review(whole, {"messages": "hi"}, thread_id=thread_id)
        result = answered(card, (card.interrupts[0].value.split()[0] for _ in range(MOST_QUESTIONS)))
        results.append([message.content for message in result["messages"][-2:]])
    return results


def inboxes(folder: Path) -> Any:
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    import nbhitl

    found = []
    for saver in (InMemorySaver(), sqlite(folder, "inbox")):
        graph = asks([], checkpointer=saver)
        graph.invoke({"some_text": "x"}, {"configurable": {"thread_id": "t"}})
        found.append([row.thread for row in nbhitl.inbox(graph)])

    async def of_asyncio() -> list[str]:
        async with AsyncSqliteSaver.from_conn_string(str(folder / "async")) as saver:
            graph = asks([], checkpointer=saver)
            await graph.ainvoke({"some_text": "x"}, {"configurable": {"thread_id": "t"}})
            return [row.thread for row in await nbhitl.inbox(graph)]

    return [*found, asyncio.run(of_asyncio())]
