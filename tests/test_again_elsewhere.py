"""What the soak found: one thread in two places, and processes that end between an effect and its checkpoint."""

import asyncio
import threading

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import interrupt

import nbhitl
from nbhitl.engines.local import LocalEngine
from nbhitl.errors import AlreadyAnswered, ThreadNotFound, ThreadWaits
from nbhitl.thread import Former
from tests import graphs

SECONDS = 10.0


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
        leg = await quick.start(graphs.SEED_INPUT, unwatched, only_first=True)
        await quick.resume({leg.snapshot.interrupts[0].id: "Edited"}, unwatched)
        with pytest.raises(ThreadWaits, match="started already"):
            await slow.start(graphs.SEED_INPUT, unwatched, only_first=True)
        assert (await slow.read()).values == {"some_text": "Edited"}

    asyncio.run(main())


def test_fork_for_a_refused_answer_does_not_take_back_what_another_review_answered_meanwhile():
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
    """Loses what LangGraph writes while the node works, as a killed process does."""

    def put_writes(self, config, writes, task_id, task_path=""):
        if not any(channel == "__resume__" for channel, _ in writes):
            super().put_writes(config, writes, task_id, task_path)


def test_process_that_was_killed_before_langgraph_saved_that_the_node_took_the_answer_leaves_a_former_answer():
    async def main():
        saver = KilledBeforeTheAnswerIsSaved()
        gone = engine_of(saver, picky)
        (asked,) = (await gone.start(graphs.SEED_INPUT, unwatched)).snapshot.interrupts
        await gone._note({asked.id: "yes"}, (await gone.read()).checkpoint)
        (found,) = (await engine_of(saver, picky).read()).interrupts
        assert found.former == Former(is_known=True, value="yes")

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
    assert card.interrupts[0].former == Former(is_known=True, value="first", error="ValueError: first")
