"""The two processes of a kill test: the first runs a graph and is killed, the second opens the thread again."""

import asyncio
import operator
import os
import signal
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict

from langgraph.graph import StateGraph
from langgraph.types import interrupt

import nbhitl
import nbhitl.engines.local  # imported here, so that the import takes no time of the measured run
from nbhitl.api.reviewing import _thread_of
from nbhitl.errors import NobodyThere, ThreadNotFound
from tests.crash.paying import note
from tests.crash.stores import opened

NODES = ("before", "ask", "effect", "after")
WORK_SECONDS = 0.008
"""Seconds of work before a node's effect and after, so that kills meet both."""

INPUT: dict[str, Any] = {"done": []}
ANSWER = "yes"
RESULT = {"done": list(NODES), "answer": ANSWER}
MOST_QUESTIONS = 8
"""A run with more questions is judged to ask for ever."""

Way = Literal["open", "key"]
Sight = Literal["nothing saved", "question", "question, may have run", "stop", "stop, may have run", "finished"]


@dataclass(frozen=True)
class Case:
    """A run to be killed.

    Attributes
    ----------
    store, durability
        The checkpointer, as `stores` names it, and LangGraph's durability.
    ledger
        The file with the effects of the run.
    name
        Names the thread.
    way
        The way to open the thread again: by ``nbhitl.open``, or by the ``key`` of ``nbhitl.review``.
    writes
        The run kills its process after this number of writes to the store; ``None``: never.
    """

    store: str
    durability: str
    ledger: Path
    name: str
    way: Way
    writes: int | None = None


@dataclass(frozen=True)
class Back:
    """The findings of the second process.

    Attributes
    ----------
    sight
        The first thing shown to the person.
    saved
        The nodes whose work the thread held at that moment.
    effects
        The lines of the ledger at that moment.
    questions
        The questions from then on, in order.
    result
        The result of the run.
    """

    sight: Sight
    saved: list[str]
    effects: list[str]
    questions: list[Sight]
    result: Any


class State(TypedDict, total=False):
    done: Annotated[list[str], operator.add]
    answer: str


def graph_of(case: Case, checkpointer: Any) -> Any:
    """Return a graph of four nodes with an effect each; the second node asks before its effect."""

    def work(name: str) -> State:
        time.sleep(WORK_SECONDS)
        note(case.ledger, name)
        time.sleep(WORK_SECONDS)
        return {"done": [name]}

    def ask(_state: State) -> State:
        answer = interrupt("Go on?")
        return {**work("ask"), "answer": answer}

    def node(name: str) -> Any:
        return ask if name == "ask" else lambda _state: work(name)

    return (
        StateGraph(State)
        .add_sequence([(name, node(name)) for name in NODES])
        .set_entry_point(NODES[0])
        .compile(checkpointer=checkpointer)
    )


def review_of(case: Case, graph: Any) -> nbhitl.Review:
    """Start the review, or find the review of a key again."""
    if case.way == "key":
        return nbhitl.review(graph, INPUT, key=case.name, durability=case.durability)
    config = {"configurable": {"thread_id": case.name}}
    return nbhitl.review(graph, INPUT, config, durability=case.durability)


def run(case: Case, parent: Connection) -> None:
    """Run from the start to the end, and answer; the parent says when to start, and kills."""

    async def main() -> None:
        async with opened(case.store) as saver:
            if case.writes is not None:
                die_after(case.writes, type(saver))
            graph = graph_of(case, saver)
            parent.send("ready")
            parent.recv()
            card = review_of(case, graph)
            await next_question(card)
            card.answer(ANSWER)
            parent.send(await card)

    asyncio.run(main())


def die_after(writes: int, saver: Any) -> None:
    """Kill this process after so many writes of a sync saver: each pause between two writes leaves another state."""
    left = writes

    def dying(write: Any) -> Any:
        def written(*arguments: Any) -> Any:
            nonlocal left
            outcome = write(*arguments)
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return outcome

        return written

    saver.put, saver.put_writes = dying(saver.put), dying(saver.put_writes)


def come_back(case: Case, parent: Connection) -> None:
    """Look at the thread that the killed process left, and go on to the end."""

    async def main() -> Back:
        async with opened(case.store) as saver:
            graph = graph_of(case, saver)
            try:
                card = nbhitl.open(graph, thread_id=thread_id_of(case, graph), durability=case.durability)
                sight = await next_question(card)
            except ThreadNotFound:
                return await to_the_end(case, review_of(case, graph), "nothing saved", [])
            saved = card.state.values.get("done", [])
            if case.way == "key":
                card = review_of(case, graph)  # as a cell does that is run again
            return await to_the_end(case, card, sight, saved)

    parent.send(asyncio.run(main()))


async def to_the_end(case: Case, card: nbhitl.Review, first: Sight, saved: list[str]) -> Back:
    """Answer every question until the run has ended."""
    effects, questions = entries(case), list[Sight]()
    while (sight := await next_question(card)) != "finished":
        if not questions and first != "nothing saved":
            assert entries(case) == effects, "a node ran before the person was asked"
        questions.append(sight)
        assert len(questions) < MOST_QUESTIONS, questions
        card.answer(None if sight.startswith("stop") else ANSWER)
    return Back(first, saved, effects, questions, await card)


async def next_question(card: nbhitl.Review) -> Sight:
    """Wait until the run asks or ends."""
    try:
        await card
    except NobodyThere:
        (asked,) = card.interrupts
        may_have_run = asked.former is not None
        if asked.is_stop:
            return "stop, may have run" if may_have_run else "stop"
        return "question, may have run" if may_have_run else "question"
    return "finished"


def thread_id_of(case: Case, graph: Any) -> str:
    """Return the id under which the thread is kept."""
    return case.name if case.way == "open" else _thread_of(case.name, graph)


def entries(case: Case) -> list[str]:
    """Return the effects so far."""
    return case.ledger.read_text().split() if case.ledger.exists() else []
