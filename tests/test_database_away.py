"""A database that fails for a while: a look that fails ends nothing, and an answer that cannot be sent stays."""

import sqlite3
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

import nbhitl
from nbhitl.engines.local.failing import failure_of
from nbhitl.errors import CheckpointerError, UsageError
from nbhitl.kernel import block
from tests import graphs
from tests.graphs import SEED_INPUT
from tests.views import view_of


class Away(InMemorySaver):
    """Fails like a locked database."""

    is_away = False

    def get_tuple(self, config: Any) -> Any:
        self._check()
        return super().get_tuple(config)

    async def aget_tuple(self, config: Any) -> Any:
        self._check()
        return await super().aget_tuple(config)

    def put_writes(self, *args: Any) -> None:
        self._check()
        super().put_writes(*args)

    def _check(self) -> None:
        if self.is_away:
            raise sqlite3.OperationalError("database is locked")


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch):
    monkeypatch.setattr("nbhitl.engines.local.engine.WATCH_EVERY", 0.02)


def until(card, wanted):
    block(lambda: wanted(card._core.state), card._core.subscribe, lock=card._core.lock, listens=False)


def notes_of(card):
    return [note for note in view_of(card)["notes"] if "cannot be read" in note]


def answer_while_away(card, saver, value):
    """Give an answer while no look happens in between, and return the question that is open again."""
    (before,) = card._core.state.unanswered
    saver.is_away = True
    card.answer(value, id=before.interrupt.id)
    until(card, lambda state: (state.unanswered and state.unanswered[0].problem is not None) or state.over)
    saver.is_away = False
    assert card._core.state.phase == "asking"
    (asked,) = card._core.state.unanswered
    return asked


@pytest.mark.parametrize("run", ["sync", "async"])
def test_question_stays_open_while_the_database_is_away_and_the_card_says_so_until_a_look_succeeds(run):
    saver = Away()
    card = nbhitl.review(graphs.seed(checkpointer=saver), SEED_INPUT, run=run)
    assert card.interrupts
    saver.is_away = True
    until(card, lambda state: state.unread or state.over)
    (note,) = notes_of(card)
    assert "Away failed (OperationalError: database is locked)" in note
    assert card.waits
    saver.is_away = False
    until(card, lambda state: not state.unread)
    assert notes_of(card) == []
    card.answer("x")
    assert card.result == {"some_text": "x"}


@pytest.mark.parametrize("run", ["sync", "async"])
def test_answer_that_a_database_away_keeps_from_being_sent_stays_with_the_open_question(run):
    saver = Away()
    card = nbhitl.review(graphs.seed(checkpointer=saver), SEED_INPUT, run=run)
    assert card.interrupts
    asked = answer_while_away(card, saver, "x")
    assert isinstance(asked.problem, CheckpointerError)
    assert isinstance(asked.problem.__cause__, sqlite3.OperationalError)
    assert asked.unsent.value == "x"
    assert card._core.state.settled == ()
    card.answer("y")
    assert card.result == {"some_text": "y"}


def test_decision_at_a_stop_that_a_database_away_keeps_from_being_sent_leaves_the_stop_open():
    saver = Away()
    graph = graphs.asks_nothing(checkpointer=saver)
    card = nbhitl.review(graph, SEED_INPUT, interrupt_before=["shout"])
    assert card.interrupts
    asked = answer_while_away(card, saver, None)
    assert isinstance(asked.problem, CheckpointerError)
    card.answer(None)
    assert card.result["some_text"] == SEED_INPUT["some_text"].upper()


def test_change_of_an_answer_that_a_database_away_refuses_leaves_the_answer_as_before():
    saver = Away()
    card = nbhitl.review(graphs.seed(checkpointer=saver), SEED_INPUT)
    card.answer("x")
    assert card.result == {"some_text": "x"}
    saver.is_away = True
    card.ask_again()
    until(card, lambda state: state.notes)
    saver.is_away = False
    assert card.result == {"some_text": "x"}
    assert [note for note in card._core.state.notes if "database is locked" in note]
    card.ask_again()
    card.answer("y")
    assert card.result == {"some_text": "y"}


def test_draft_stays_beside_the_checkpoint_where_the_answer_is_not_sent(monkeypatch):
    saver = Away()
    card = nbhitl.review(graphs.seed(checkpointer=saver), SEED_INPUT)
    assert card.interrupts
    dropped: list[Any] = []

    async def drop(ids: Any) -> None:
        dropped.extend(ids)

    engine: Any = card._core.engine
    monkeypatch.setattr(engine._drafts, "drop", drop)
    (interrupt,) = card.interrupts
    answer_while_away(card, saver, "x")
    assert dropped == []
    card.answer("y")
    assert card.result == {"some_text": "y"}
    assert dropped == [interrupt.id]


def test_only_exceptions_from_the_checkpointer_are_named_as_such():
    saver = Away()
    saver.is_away = True
    with pytest.raises(sqlite3.OperationalError) as failed:
        saver.get_tuple({})
    assert isinstance(failure_of(saver, failed.value), CheckpointerError)
    with pytest.raises(ZeroDivisionError) as other:
        1 / 0  # noqa: B018
    assert failure_of(saver, other.value) is None
    assert failure_of(saver, UsageError("named already")) is None


def test_thread_that_cannot_be_opened_names_the_checkpointer():
    saver = Away()
    saver.is_away = True
    with pytest.raises(CheckpointerError, match="Away failed"):
        _ = nbhitl.open(graphs.seed(checkpointer=saver), thread_id="t").result
