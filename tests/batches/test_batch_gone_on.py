"""A batch that goes on in another kernel: the rows hold the decisions of all executions."""

import asyncio
import sqlite3
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

import nbhitl
from nbhitl.batches import ItemAnswer
from nbhitl.batches.engine import UNREAD
from nbhitl.batches.items import Item
from nbhitl.batches.recalled import recall
from nbhitl.errors import NobodyThere
from nbhitl.recording import in_one
from nbhitl.runs.decided import PastDecision
from nbhitl.runs.past import Past, PastQuestion
from nbhitl.runs.run import Interrupt, RunSegment, Snapshot
from nbhitl.testing import Person
from tests.auditing.test_audit import Minimal
from tests.batches.test_batch import counted, decide, state_of, take_back, wait_for
from tests.graphs import compile_node, interrupt

TEXTS = [{"some_text": text} for text in ("a", "b", "c")]
TOLD = ["answer", "seconds", "flag", "status"]


def told(frame: Any) -> list[list[Any]]:
    """Return the person's part of the rows, with None in place of NaN."""
    part = frame[TOLD].astype(object)
    rows: list[list[Any]] = part.where(part.notna(), None).to_numpy().tolist()
    return rows


def test_rows_of_the_first_execution_keep_answer_seconds_and_flag_in_the_second():
    graph = counted([], checkpointer=InMemorySaver())
    with Person() as person:
        first = nbhitl.batch(graph, TEXTS, key="labels")
        decide(person, "1", item={"seconds": 1.5, "flag": "sure?"}, prompt="a")
        decide(person, "2", item={"seconds": 0.0}, prompt="b")
        decide(person, "3", item={"skipped": True}, prompt="c")  # lets go of the answer before
        assert list(first.result["status"]) == ["answered", "answered", "skipped"]
    with Person() as person:
        later = nbhitl.batch(graph, TEXTS, key="labels")
        decide(person, "4", item={"seconds": 2.0}, prompt="c")
        frame = later.result
    assert told(frame) == [["1", 1.5, "sure?", "answered"], ["2", 0.0, "", "answered"], ["4", 2.0, "", "answered"]]
    again = nbhitl.batch(graph, TEXTS, key="labels", answers=[])
    assert told(again.wait()) == told(frame)


def told_below(card: Any) -> str:
    return in_one.batch_output(in_one.all_answered(card._core.state), card._core.forms)["text/plain"]


def test_output_tells_the_answers_of_all_executions_as_of_a_single_execution():
    in_two, at_once = (counted([], checkpointer=InMemorySaver()) for _ in range(2))
    with Person() as person:
        first = nbhitl.batch(in_two, TEXTS, key="k")
        decide(person, "1", item={"flag": "why?"}, prompt="a")
        decide(person, item={"skipped": True}, prompt="b")  # lets go of the answer before
        wait_for(lambda: state_of(first, 0) == "finished")
    for graph, texts in ((in_two, "bc"), (at_once, "abc")):
        with Person() as person:
            last = nbhitl.batch(graph, TEXTS, key="k")
            for text in texts:
                decide(person, text, item={"flag": "why?"} if text == "a" else {}, prompt=text)
            assert list(last.result["status"]) == ["answered"] * 3
            lines = told_below(last).splitlines()
            assert lines[0] == "A person answered 3 questions"
            assert [line.split()[0] for line in lines[1:]] == ['"a"', '"b"', '"c"']
            assert "why?" in lines[1]


def asks_twice(state: Any) -> Any:
    return {"some_text": interrupt(f"{state['some_text']}, first") + interrupt(f"{state['some_text']}, second")}


def test_item_found_between_two_questions_has_both_answers():
    graph = compile_node(asks_twice, checkpointer=InMemorySaver())
    with Person() as person:
        first = nbhitl.batch(graph, TEXTS[:2], key="k")
        decide(person, "1", item={"flag": "why?"}, prompt="a, first")
        decide(person, "2", prompt="b, first")  # lets go of the answer before
        person.sees(prompt="a, second")
        assert first.waits
    with Person() as person:
        later = nbhitl.batch(graph, TEXTS[:1], key="k")
        decide(person, "3", prompt="a, second")
        assert told(later.result) == [[["1", "3"], None, "why?", "answered"]]


def test_changed_answer_is_kept_for_the_next_execution():
    graph = compile_node(asks_twice, checkpointer=InMemorySaver())
    with Person() as person:
        first = nbhitl.batch(graph, TEXTS[:1], key="k")
        for answer in ("1", "wrong"):
            person.answer(answer)
        assert told(first.result)[0][0] == ["1", "wrong"]
        take_back(person)
        for answer in ("1", "2"):  # the node asks both again
            person.answer(answer)
        assert told(first.result)[0][0] == ["1", "2"]
    assert told(nbhitl.batch(graph, TEXTS[:1], key="k", answers=[]).wait())[0] == [["1", "2"], None, "", "answered"]


@pytest.mark.parametrize("is_open", [False, True], ids=["before the batch", "while the batch asks"])
def test_answer_of_another_client_stands_in_the_row(is_open: bool):
    graph = counted([], checkpointer=InMemorySaver())
    with Person() as person:
        first: Any = nbhitl.batch(graph, TEXTS[:1], key="k")
        person.sees(prompt="a")
        thread: Any = {"configurable": {"thread_id": first._core.engine._items[0].thread_id}}
        if is_open:
            graph.invoke(Command(resume="theirs"), thread)
            person.answer("mine", prompt="a")
            assert told(first.result) == [["theirs", None, "", "answered"]]
            assert first.result["error"][0].startswith("AlreadyAnswered: ")
            assert "Item 1: the answer from here came too late. " in str(person.view)
    if not is_open:
        graph.invoke(Command(resume="theirs"), thread)
    assert told(nbhitl.batch(graph, TEXTS[:1], key="k", answers=[]).wait()) == [["theirs", None, "", "answered"]]


def test_item_that_another_client_answers_while_the_batch_asks_counts_as_decided(tmp_path, monkeypatch):
    monkeypatch.setattr("nbhitl.engines.local.engine.WATCH_EVERY", 0.02)
    connection = sqlite3.connect(tmp_path / "checkpoints.db", check_same_thread=False)
    graph = counted([], checkpointer=SqliteSaver(connection))
    with Person() as person:
        card: Any = nbhitl.batch(graph, TEXTS[:2], key="k")
        person.sees(prompt="a")
        thread: Any = {"configurable": {"thread_id": card._core.engine._items[0].thread_id}}
        graph.invoke(Command(resume="theirs"), thread)
        person.sees(prompt="b")
        wait_for(lambda: person.view["batch"]["decided"] == 1)
        person.answer("2", prompt="b")
        assert told(card.result) == [["theirs", None, "", "answered"], ["2", None, "", "answered"]]
        assert person.view["batch"]["decided"] == 2


def test_run_that_asked_nothing_is_told_as_not_asked_in_each_execution():
    graph = compile_node(lambda state: {"some_text": state["some_text"]}, checkpointer=InMemorySaver())
    for _ in range(2):
        assert told(nbhitl.batch(graph, TEXTS[:1], key="k", answers=[]).wait()) == [[None, None, "", "not asked"]]


# --- answers that cannot be read --------------------------------------------------------------------


def test_batch_goes_on_although_the_checkpointer_does_not_list_the_earlier_answers():
    graph = compile_node(asks_twice, checkpointer=Minimal())
    with pytest.raises(NobodyThere):
        nbhitl.batch(graph, TEXTS[:2], key="k", answers=["1", "2", "3"]).wait()
    with Person() as person:
        later: Any = nbhitl.batch(graph, TEXTS[:2], key="k")
        decide(person, "4", prompt="b, second")
        frame = later.result
        assert list(frame["status"]) == ["not asked", "answered"]
        assert [row["some_text"] for row in frame["result"]] == ["12", "34"]
        assert [note.partition(".")[0] for note in person.view["notes"]].count(UNREAD.removesuffix(".")) == 1


def test_answer_of_another_client_that_cannot_be_read_ends_no_batch():
    graph = counted([], checkpointer=Minimal())
    with Person() as person:
        card: Any = nbhitl.batch(graph, TEXTS[:2], key="k")
        person.sees(prompt="a")
        thread: Any = {"configurable": {"thread_id": card._core.engine._items[0].thread_id}}
        graph.invoke(Command(resume="theirs"), thread)
        person.answer("mine", prompt="a")
        person.answer("2", prompt="b")
        frame = card.result
        assert list(frame["status"]) == ["not asked", "answered"]
        assert [row["some_text"] for row in frame["result"]] == ["theirs", "2"]


def test_answer_that_is_given_while_the_earlier_answers_are_read_stands_behind_them():
    class Slow:
        def __init__(self) -> None:
            self.is_asked, self.may_tell = asyncio.Event(), asyncio.Event()

        async def decisions(self) -> tuple[PastDecision, ...]:
            self.is_asked.set()
            await self.may_tell.wait()
            return tuple(PastDecision(Interrupt(key, "node", "?"), key, checkpoint=key) for key in ("first", "second"))

    async def never(_watch: Any) -> RunSegment:
        raise AssertionError("the run was found")

    async def answered_meanwhile() -> list[Any]:
        engine: Any = Slow()
        item = Item(0, "a", "1", make=lambda: (engine, never))
        item.make_engine()
        item.take(RunSegment(None, Snapshot((Interrupt("second", "node", "?"),), checkpoint="second"), is_found=True))
        reading = asyncio.create_task(recall(item, Past((PastQuestion("node", None, "first"),))))
        await engine.is_asked.wait()
        item.decided["second"] = ItemAnswer("second")
        item.send()
        engine.may_tell.set()
        await reading
        return [decided.answer for decided in item.decisions]

    assert asyncio.run(answered_meanwhile()) == ["first", "second"]
