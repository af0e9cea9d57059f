"""Two cards of a kernel on the same thread: one notices an answer in the other, also for threads in memory."""

from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph

import nbhitl
from nbhitl.errors import AlreadyAnswered
from nbhitl.kernel import block
from tests import graphs
from tests.graphs import SEED_INPUT, Texts


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch):
    monkeypatch.setattr("nbhitl.engines.local.engine.WATCH_EVERY", 0.02)


def until_over(card):
    block(lambda: card._core.state.over, card._core.subscribe, lock=card._core.lock, listens=False)


def side_by_side():
    def ask(name):
        return lambda _state: {"texts": [f"{name}: {graphs.interrupt(name)}"]}

    builder: Any = StateGraph(Texts)
    for name in "ab":
        builder.add_node(name, ask(name)).add_edge(START, name)
    return builder.compile(checkpointer=InMemorySaver())


def test_card_notices_that_another_card_of_this_kernel_has_answered():
    graph = graphs.seed(checkpointer=InMemorySaver())
    mine = nbhitl.review(graph, SEED_INPUT)
    assert mine.interrupts
    theirs = nbhitl.open(graph, thread_id=str(mine.thread_id))
    theirs.answer("x")
    assert theirs.result == {"some_text": "x"}
    until_over(mine)
    assert mine.result == {"some_text": "x"}


def test_answer_held_for_one_of_two_questions_is_told_to_be_late_when_another_card_answers_both():
    graph = side_by_side()
    mine = nbhitl.review(graph, {"texts": []})
    held = mine.interrupts[0]
    mine.answer("mine", id=held.id)
    theirs = nbhitl.open(graph, thread_id=str(mine.thread_id))
    theirs.answer_all({each.id: "theirs" for each in theirs.interrupts})
    assert sorted(theirs.result["texts"]) == ["a: theirs", "b: theirs"]
    until_over(mine)
    with pytest.raises(AlreadyAnswered, match="came too late"):
        _ = mine.result
    assert list(mine.answers) == []
    assert sorted(mine.result["texts"]) == ["a: theirs", "b: theirs"]


def test_thread_that_nobody_else_can_reach_is_not_looked_at_while_a_person_is_awaited():
    assert nbhitl.review(graphs.seed(), SEED_INPUT)._core.engine.watch_every is None
