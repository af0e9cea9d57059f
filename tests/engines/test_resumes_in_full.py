"""A resume gives all answers or none, and leaves nothing behind where none is given."""

import asyncio
import operator
from dataclasses import replace
from types import SimpleNamespace
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

from nbhitl.engines.local import LocalEngine, journal
from nbhitl.engines.local.journal import CHANNEL
from nbhitl.engines.local.past import Saved, run_to
from nbhitl.engines.local.state import resumed_tasks
from nbhitl.engines.local.written import TaskWrites
from nbhitl.engines.names import RESUME
from nbhitl.errors import AlreadyAnswered
from nbhitl.runs.run import StuckAnswer
from tests import graphs
from tests.engines.test_local import unwatched
from tests.test_promises_held import AnsweredInBetween


class Noting(InMemorySaver):
    """Remembers the channels that are written beside checkpoints."""

    def __init__(self) -> None:
        super().__init__()
        self.channels: list[str] = []

    def put_writes(self, config: Any, writes: Any, task_id: str, task_path: str = "") -> None:
        self.channels += [channel for channel, _ in writes]
        super().put_writes(config, writes, task_id, task_path)


def test_answer_to_a_question_that_is_gone_is_refused_without_a_note():
    saver = Noting()
    graph = graphs.asks_twice(checkpointer=saver)
    quick, slow = (LocalEngine(graph, thread_id="1") for _ in range(2))
    (asked,) = asyncio.run(quick.start(graphs.SEED_INPUT, unwatched)).snapshot.interrupts
    asyncio.run(quick.resume({asked.id: "Ann"}, unwatched))
    saver.channels.clear()
    with pytest.raises(AlreadyAnswered):
        asyncio.run(slow.resume({asked.id: "Lee"}, unwatched))
    assert CHANNEL not in saver.channels


def test_note_of_an_answer_is_taken_back_where_another_client_was_quicker():
    saver = AnsweredInBetween()
    graph = graphs.asks_twice(checkpointer=saver)
    thread: RunnableConfig = {"configurable": {"thread_id": "1"}}
    engine = LocalEngine(graph, thread_id="1")
    (asked,) = asyncio.run(engine.start(graphs.SEED_INPUT, unwatched)).snapshot.interrupts
    at = graph.get_state(thread).config
    saver.other_client = lambda: graph.invoke(Command(resume="Ann"), thread)
    with pytest.raises(AlreadyAnswered):
        asyncio.run(engine.resume({asked.id: "Lee"}, unwatched))
    assert journal.read(saver.get_tuple(at)) == {}
    assert graph.get_state(thread).interrupts[0].value == "Last name?"


class State(TypedDict):
    text: str
    answers: Annotated[list[str], operator.add]


def test_no_answer_is_given_where_the_subgraph_of_a_sibling_was_updated_and_asks_something_else():
    inner = StateGraph(State).add_node("ask", lambda state: {"answers": [interrupt(f"Send {state['text']}?")]})
    inner.add_node("prepare", lambda _: {}).add_edge(START, "prepare").add_edge("prepare", "ask")
    outer = StateGraph(State).add_node("inner", inner.compile())
    outer.add_node("beside", lambda _: {"answers": [interrupt("Beside?")]})
    graph = outer.add_edge(START, "inner").add_edge(START, "beside").compile(checkpointer=InMemorySaver())
    engine = LocalEngine(graph, thread_id="1")
    asked = asyncio.run(engine.start({"text": "a"}, unwatched)).snapshot.interrupts
    assert {each.value for each in asked} == {"Send a?", "Beside?"}
    state = graph.get_state({"configurable": {"thread_id": "1"}}, subgraphs=True)
    below: Any = next(task.state for task in state.tasks if task.name == "inner")
    graph.update_state(below.config, {"text": "b"})
    with pytest.raises(AlreadyAnswered, match="was updated after this question was asked"):
        asyncio.run(engine.resume({each.id: "yes" for each in asked}, unwatched))
    pending = asyncio.run(engine.read()).interrupts
    assert {each.value for each in pending} == {"Send b?", "Beside?"}
    assert all(each.former is None for each in pending)


def test_fork_is_refused_where_another_client_has_repaired_the_thread_meanwhile():
    def picky(_state):
        answer = interrupt("?")
        if answer == "bad":
            raise ValueError("no good")
        return {"some_text": answer}

    graph = graphs.compile_node(picky, checkpointer=InMemorySaver())
    slow, quick = (LocalEngine(graph, thread_id="1") for _ in range(2))
    (asked,) = asyncio.run(slow.start(graphs.SEED_INPUT, unwatched)).snapshot.interrupts
    with pytest.raises(ValueError, match="no good"):
        asyncio.run(slow.resume({asked.id: "bad"}, unwatched))
    stuck = asyncio.run(slow.read())
    (again,) = asyncio.run(quick.ask_again(stuck.checkpoint, unwatched, pending=[asked.id])).snapshot.interrupts
    asyncio.run(quick.resume({again.id: "good"}, unwatched))
    repaired = asyncio.run(quick.read())
    with pytest.raises(AlreadyAnswered):
        asyncio.run(slow.ask_again(stuck.checkpoint, unwatched, pending=[asked.id]))
    assert asyncio.run(slow.read()).checkpoint == repaired.checkpoint


def test_answer_stays_in_doubt_where_the_node_was_cut_off_at_work():
    async def cut_off():
        began = asyncio.Event()

        async def ask(_state):
            interrupt("?")
            began.set()
            await asyncio.Event().wait()

        graph = graphs.compile_node(ask, checkpointer=InMemorySaver())
        engine = LocalEngine(graph, run="async")
        (asked,) = (await engine.start(graphs.SEED_INPUT, unwatched)).snapshot.interrupts
        resuming = asyncio.create_task(engine.resume({asked.id: "yes"}, unwatched))
        await began.wait()
        await engine.stop()
        return (await resuming).snapshot.interrupts

    (asked,) = asyncio.run(cut_off())
    assert asked.former is not None
    assert (asked.former.is_known, asked.former.value, asked.former.error) == (True, "yes", None)


def test_answer_stays_in_doubt_where_a_node_beside_raised_an_exception():
    async def cut_off():
        began = asyncio.Event()

        async def slow(_state):
            interrupt("slow?")
            began.set()
            await asyncio.Event().wait()

        async def quick(_state):
            interrupt("quick?")
            await began.wait()
            raise ValueError("no good")

        builder = StateGraph(State).add_node("slow", slow).add_node("quick", quick)
        graph = builder.add_edge(START, "slow").add_edge(START, "quick").compile(checkpointer=InMemorySaver())
        engine = LocalEngine(graph, run="async")
        asked = (await engine.start({"text": "a"}, unwatched)).snapshot.interrupts
        with pytest.raises(ValueError, match="no good"):
            await engine.resume({each.id: "yes" for each in asked}, unwatched)
        return {each.value: each.former for each in (await engine.read()).interrupts}

    former = asyncio.run(cut_off())
    assert former["slow?"] == StuckAnswer(is_known=True, value="yes")
    assert former["quick?"] == StuckAnswer(is_known=True, value="yes", error="ValueError: no good")


class Full(InMemorySaver):
    """Fails, once full, to save the writes of a node and the next checkpoint."""

    is_full = False

    def put(self, config: Any, checkpoint: Any, metadata: Any, new_versions: Any) -> Any:
        if self.is_full:
            raise OSError("no space left")
        return super().put(config, checkpoint, metadata, new_versions)

    def put_writes(self, config: Any, writes: Any, task_id: str, task_path: str = "") -> None:
        if self.is_full and CHANNEL not in [channel for channel, _ in writes]:
            raise OSError("no space left")
        super().put_writes(config, writes, task_id, task_path)


def test_answer_stays_in_doubt_where_the_work_of_its_node_could_not_be_saved():
    def ask(_state):
        worked.append(interrupt("?"))
        return {"some_text": "done"}

    worked: list[str] = []
    saver = Full()
    engine = LocalEngine(graphs.compile_node(ask, checkpointer=saver))
    (asked,) = asyncio.run(engine.start(graphs.SEED_INPUT, unwatched)).snapshot.interrupts
    saver.is_full = True
    with pytest.raises(OSError, match="no space left"):
        asyncio.run(engine.resume({asked.id: "yes"}, unwatched))
    (again,) = asyncio.run(engine.read()).interrupts
    assert worked == ["yes"]
    assert again.former == StuckAnswer(is_known=True, value="yes")


def test_thread_id_goes_before_the_thread_in_the_config():
    engine = LocalEngine(graphs.seed(), {"configurable": {"thread_id": "config"}}, thread_id="argument")
    assert engine.thread_id == "argument"


def test_note_that_is_taken_back_cancels_the_note_of_the_same_user_only():
    notes = [
        {"value": "mine", "by": "Ann", "at": "2026-01-01T10:00:00+00:00"},
        {"value": "theirs", "by": "Lee", "at": "2026-01-01T10:00:01+00:00"},
        {"value": None, "by": "Ann", "at": "2026-01-01T10:00:02+00:00", "origin": journal.LATE},
    ]
    saved: Any = SimpleNamespace(pending_writes=[("", CHANNEL, {"x": note}) for note in notes])
    assert [(key, entry.value) for key, entry in journal.entries(saved)] == [("x", "theirs")]


def test_task_whose_answers_were_taken_back_has_taken_none():
    writes = [("asks again", RESUME, []), ("has an answer", RESUME, ["yes"]), ("has none", "some_text", "x")]
    saved: Any = SimpleNamespace(pending_writes=writes)
    assert resumed_tasks(saved) == {"has an answer"}


@pytest.mark.parametrize(("source", "asked"), [("fork", []), ("update", ["a task"])])
def test_questions_before_a_fork_are_not_counted_as_the_fork_asks_them_anew(source, asked):
    first = Saved(("", "1"), None, "1", "input", None, {"channel": 1}, {"a task": TaskWrites(answers=["yes"])})
    second = replace(first, place=("", "2"), before="1", root="2", source=source, tasks={})
    run = run_to("2", [second, first])
    assert run is not None
    assert [list(each.tasks) for each in run] == [asked, []]
