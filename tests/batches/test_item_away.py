"""A thread of a batch, or of a joint card, that cannot be read: the other questions can be answered meanwhile."""

import sqlite3
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from nbhitl.api.batching import batch_of_threads
from nbhitl.kernel import block
from tests import graphs
from tests.views import view_of


class OneAway(InMemorySaver):
    """Cannot read one of the threads."""

    away = ""
    error: Exception = sqlite3.OperationalError("database is locked")

    def get_tuple(self, config: Any) -> Any:
        if config["configurable"]["thread_id"] == self.away:
            raise self.error
        return super().get_tuple(config)


@pytest.fixture
def saver(monkeypatch):
    monkeypatch.setattr("nbhitl.engines.local.engine.WATCH_EVERY", 0.02)
    return OneAway()


@pytest.fixture
def card(saver):
    graph = graphs.seed(checkpointer=saver)
    for thread in ("t1", "t2", "t3"):
        graph.invoke({"some_text": thread}, {"configurable": {"thread_id": thread}})
    card = batch_of_threads(graph, ["t1", "t2", "t3"])
    card.core.begin()
    until(card, lambda state: len(state.unanswered) == 3)
    return card


def until(card, wanted):
    core = card.core
    block(lambda: wanted(core.state), core.subscribe, lock=core.lock, listens=False)


def asked_of(card):
    return {each.interrupt.value["text_to_revise"]: each.interrupt.id for each in card.core.state.unanswered}


def test_thread_that_cannot_be_read_for_a_while_stays_asked_and_the_other_threads_can_be_answered(card, saver):
    saver.away = "t2"
    until(card, lambda state: state.unread or state.over)
    assert asked_of(card).keys() == {"t1", "t2", "t3"}
    (note,) = [note for note in view_of(card)["notes"] if "cannot be read" in note]
    assert "Item 2" in note
    assert "database is locked" in note
    card.answer("one", id=asked_of(card)["t1"])
    card.answer("three", id=asked_of(card)["t3"])
    assert asked_of(card).keys() == {"t2"}
    saver.away = ""
    until(card, lambda state: not state.unread)
    card.answer("two", id=asked_of(card)["t2"])
    assert list(card.result["status"]) == ["answered"] * 3


def test_thread_whose_state_no_look_can_read_fails_as_an_item_and_the_other_threads_go_on(card, monkeypatch):
    async def read() -> Any:
        raise ZeroDivisionError("in a schema")

    engine: Any = card.core.engine
    monkeypatch.setattr(engine._items[1].engine, "read", read)
    until(card, lambda state: len(state.unanswered) == 2 or state.over)
    assert asked_of(card).keys() == {"t1", "t3"}
    card.answer("one", id=asked_of(card)["t1"])
    card.answer("three", id=asked_of(card)["t3"])
    assert list(card.result["status"]) == ["answered", "failed", "answered"]
