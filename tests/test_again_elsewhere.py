"""Faults that the soak found: a thread in two reviews at once, and processes killed before a checkpoint is saved."""

import asyncio
import sqlite3
import threading
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import interrupt

import nbhitl
from nbhitl.engines.local import LocalEngine
from nbhitl.errors import AlreadyAnswered, ThreadNotFound, ThreadWaits
from nbhitl.runs.run import StuckAnswer
from tests import graphs
from tests.views import view_of

SECONDS = 30.0


def unwatched(chunk):
    pass


def picky(_state):
    answer = interrupt("A number?")
    if answer == "bad":
        raise ValueError("bad")
    return {"some_text": answer}


def engine_of(saver, node=graphs.human_review, **options):
    return LocalEngine(graphs.compile_node(node, checkpointer=saver), thread_id="t", **options)


def test_thread_that_another_process_started_and_finished_meanwhile_is_not_started_again():
    async def main():
        saver = InMemorySaver()
        slow, quick = engine_of(saver), engine_of(saver)
        with pytest.raises(ThreadNotFound):
            await slow.read()
        segment = await quick.start(graphs.SEED_INPUT, unwatched, only_first=True)
        await quick.resume({segment.snapshot.interrupts[0].id: "Edited"}, unwatched)
        with pytest.raises(ThreadWaits, match="already started"):
            await slow.start(graphs.SEED_INPUT, unwatched, only_first=True)
        assert (await slow.read()).values == {"some_text": "Edited"}

    asyncio.run(main())


def test_fork_for_a_refused_answer_keeps_the_later_answer_of_another_review():
    async def main():
        saver = InMemorySaver()
        one, other = engine_of(saver, picky), engine_of(saver, picky)
        (asked,) = (await one.start(graphs.SEED_INPUT, unwatched)).snapshot.interrupts
        with pytest.raises(ValueError, match="bad"):
            await one.resume({asked.id: "bad"}, unwatched)
        stuck = await one.read()
        again = await other.ask_again(stuck.checkpoint, unwatched, pending=[asked.id])
        await other.resume({again.snapshot.interrupts[0].id: "good"}, unwatched)
        with pytest.raises(AlreadyAnswered):
            await one.ask_again(stuck.checkpoint, unwatched, pending=[asked.id])
        assert (await one.read()).values == {"some_text": "good"}

    asyncio.run(main())


class KilledBeforeTheAnswerIsSaved(InMemorySaver):
    """Loses LangGraph's note that the node took the answer, as when the process is killed while the node works."""

    def put_writes(self, config, writes, task_id, task_path=""):
        if not any(channel == "__resume__" for channel, _ in writes):
            super().put_writes(config, writes, task_id, task_path)


def test_process_that_was_killed_before_langgraph_saved_that_the_node_took_the_answer_leaves_a_former_answer():
    async def main():
        saver = KilledBeforeTheAnswerIsSaved()
        gone = engine_of(saver, picky)
        (asked,) = (await gone.start(graphs.SEED_INPUT, unwatched)).snapshot.interrupts
        await gone._thread.note({asked.id: "yes"}, (await gone.read()).checkpoint)
        (found,) = (await engine_of(saver, picky).read()).interrupts
        assert found.former == StuckAnswer(is_known=True, value="yes")

    asyncio.run(main())


def test_key_finds_its_run_where_the_process_was_killed_just_after_a_fork_began():
    saver = InMemorySaver()
    graph = graphs.compile_node(picky, checkpointer=saver)
    card = nbhitl.review(graph, graphs.SEED_INPUT, key="report")
    config = {"configurable": {"thread_id": card.thread_id}}
    assert card.interrupts
    graph.update_state(graph.get_state(config).config, None, as_node="__copy__")
    back = nbhitl.review(graph, graphs.SEED_INPUT, key="report")
    (stop,) = back.interrupts
    assert stop.is_stop
    back.answer(None)
    back.answer("good")
    assert back.result == {"some_text": "good"}


def test_second_answer_to_a_question_is_refused_while_the_node_works_on_the_first():
    works, go_on = threading.Event(), threading.Event()

    def node(_state):
        answer = interrupt("A number?")
        works.set()
        assert go_on.wait(SECONDS)
        raise ValueError(answer)

    card = nbhitl.review(graphs.compile_node(node, checkpointer=InMemorySaver()), graphs.SEED_INPUT)
    (asked,) = card.interrupts
    card.answer("first", id=asked.id)
    assert works.wait(SECONDS)
    try:
        with pytest.raises(AlreadyAnswered):
            card.answer("second", id=asked.id)
    finally:
        go_on.set()
    assert card.interrupts[0].former == StuckAnswer(is_known=True, value="first", error="ValueError: first")


# --- a database that is locked while the node works ---------------------------------------------


class Payments:
    """A node that pays, and another connection that locks the database meanwhile, as a program for backups does."""

    def __init__(self, path):
        self._other = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.locks = False
        self.paid = []

    def node(self, _state):
        answer = interrupt("Pay?")
        self.paid.append(answer)
        if self.locks:
            self._other.execute("BEGIN IMMEDIATE")
        return {"some_text": answer}

    def unlock(self):
        self.locks = False
        self._other.rollback()


@pytest.fixture
def locked(tmp_path):
    path = str(tmp_path / "threads.sqlite")
    saver = SqliteSaver(sqlite3.connect(path, check_same_thread=False, timeout=0.05))
    saver.setup()
    return saver, Payments(path)


def pay(locked, **options):
    saver, payments = locked
    return nbhitl.review(graphs.compile_node(payments.node, checkpointer=saver), graphs.SEED_INPUT, **options)


def test_answer_whose_step_could_not_be_saved_is_asked_again_as_one_that_may_have_run(locked):
    payments = locked[1]
    card = pay(locked)
    (asked,) = card.interrupts
    payments.locks = True
    card.answer("yes", id=asked.id)
    card._core.let_it_work(or_raise=False)
    payments.unlock()
    question: Any = view_of(card)["questions"][0]
    assert "may have run already" in question["former"]["message"]
    assert "database is locked" in question["standing"]["problem"]
    assert payments.paid == ["yes"]
    card.abandon()


def test_answer_that_is_given_again_after_the_lock_has_gone_settles_the_question(locked):
    payments = locked[1]
    card = pay(locked)
    (asked,) = card.interrupts
    payments.locks = True
    card.answer("yes", id=asked.id)
    card._core.let_it_work(or_raise=False)
    payments.unlock()
    card.answer("yes", id=asked.id)
    assert card.result == {"some_text": "yes"}


def test_step_that_could_not_be_saved_is_not_run_again_by_answers_of_the_source(locked):
    payments = locked[1]
    payments.locks = True
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        _ = pay(locked, answers=["yes", "yes"]).result
    payments.unlock()
    assert payments.paid == ["yes"]


def test_answer_that_a_locked_database_kept_from_its_node_is_asked_again_as_before(locked):
    payments = locked[1]
    card = pay(locked)
    (asked,) = card.interrupts
    payments._other.execute("BEGIN IMMEDIATE")
    card.answer("yes", id=asked.id)
    card._core.let_it_work(or_raise=False)
    payments.unlock()
    assert payments.paid == []
    assert "database is locked" in str(card._core.state.asked[0].problem)
    assert card.interrupts[0].former is None
    card.answer("yes", id=asked.id)
    assert card.result == {"some_text": "yes"}
