"""Under the lock of a review no value is compared, copied or written: it may be large, or have code of its own."""

import copy
import threading
import traceback
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver

import nbhitl
from nbhitl import jsontext
from nbhitl.answers import Answer
from nbhitl.core.questions import Answered, Asked
from nbhitl.core.shared import SharedSession
from nbhitl.runs.run import Interrupt, StuckAnswer
from tests import graphs
from tests.graphs import SEED_INPUT

COMPARED = [(kind, "__eq__") for kind in (Interrupt, StuckAnswer, Asked, Answered, Answer)]


@pytest.fixture
def under_lock(monkeypatch):
    """Return where values were written or copied under the lock of a review; all reviews made meanwhile are watched."""
    locks: list[Any] = []
    found: list[str] = []
    made = SharedSession.__init__

    def make(self, session):
        made(self, session)
        locks.append(self.lock)

    def watched(call):
        def spy(*args, **kwargs):
            if any(lock._is_owned() for lock in locks):
                found.append("".join(traceback.format_stack(limit=8)))
            return call(*args, **kwargs)

        return spy

    monkeypatch.setattr(SharedSession, "__init__", make)
    for module, name in ((jsontext, "plain"), (jsontext._Printer, "value"), (copy, "deepcopy"), *COMPARED):
        monkeypatch.setattr(module, name, watched(getattr(module, name)))
    yield found
    assert locks, "no review was made"


def shown(card):
    assert card.interrupts
    card._screen.page.mime_bundle()
    return card


def test_answers_from_code_to_questions_side_by_side(under_lock):
    card = shown(nbhitl.review(graphs.parallel(3), {"texts": []}))
    first, *rest = card.interrupts
    card.answer("first", id=first.id, now=True)
    for each in rest:
        assert card.interrupts
        card.answer("more", id=each.id)
    assert card.result
    assert under_lock == []


def test_answers_of_the_source(under_lock):
    assert nbhitl.review(graphs.asks_twice(), SEED_INPUT, answers=["Ann", "Lee"]).result
    assert under_lock == []


def test_answer_that_is_changed_in_a_fork(under_lock):
    card = shown(nbhitl.review(graphs.refuses(checkpointer=InMemorySaver()), {"texts": []}))
    for each in card.interrupts:
        card.answer("good", id=each.id)
    assert card.result
    card.ask_again()
    for each in card.interrupts:
        card.answer("better", id=each.id)
    assert card.result == {"texts": ["ask: better", "sibling: better"]}
    assert under_lock == []


def test_answer_that_the_node_refuses_and_an_answer_in_a_fork(under_lock):
    card = shown(nbhitl.review(graphs.refuses(checkpointer=InMemorySaver()), {"texts": []}))
    for each in card.interrupts:
        card.answer("bad" if each.node == "ask" else "good", id=each.id)
    assert len(card.interrupts) == 1
    card.answer("good")
    assert card.interrupts
    for asked in card._core.state.unanswered:
        card.answer("good", id=asked.interrupt.id)
    assert card.result == {"texts": ["ask: good", "sibling: good"]}
    assert under_lock == []


def test_look_at_a_thread_in_which_another_client_answers(under_lock, tmp_path):
    with SqliteSaver.from_conn_string(str(tmp_path / "checkpoints.db")) as saver:
        mine = shown(nbhitl.review(graphs.asks_twice(checkpointer=saver), SEED_INPUT))
        (asked,) = mine.interrupts
        theirs = nbhitl.open(graphs.asks_twice(checkpointer=saver), thread_id=mine.thread_id)
        changed = threading.Event()
        mine._core.subscribe(changed.set)
        theirs.answer("Ann")
        assert theirs.interrupts
        mine._core.look()
        assert changed.wait(30)
        mine.answer("Lee")
        assert mine.result == {"some_text": "Ann Lee"}
        assert asked.id
    assert under_lock == []
