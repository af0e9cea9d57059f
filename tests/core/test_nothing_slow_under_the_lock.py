"""Under the lock of a review no value is compared, copied or written: values may be large, or run users' code."""

import copy
import threading

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver

import nbhitl
from nbhitl.answers import Answer
from nbhitl.errors import RunHasFailed
from tests import graphs
from tests.graphs import SEED_INPUT
from tests.locks import Loud, LoudExit, places_under_the_lock, shown
from tests.rules import GO, asking, batched, stopping


@pytest.fixture
def under_lock():
    with places_under_the_lock() as found:
        yield found


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
        assert mine.thread_id is not None
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


RULE = nbhitl.allow("pay", amount=lambda amount: amount <= 10)
APPROVED = {"type": "approve"}


def test_answers_on_which_rules_decide(under_lock):
    alone = batched(("pay", {"amount": 5}), ("pay", {"amount": 7}))
    beside_a_person = batched(("pay", {"amount": 5}), ("pay", {"amount": 99}))
    card = shown(nbhitl.review(asking(alone, beside_a_person), {}, rules=[RULE]))
    card.answer(nbhitl.approve())
    assert card.result["taken"] == [{"decisions": [APPROVED, APPROVED]}] * 2
    assert [rule.calls for rule in card._core.rules.all] == [["pay(amount=5)", "pay(amount=7)", "pay(amount=5)"]]
    assert under_lock == []


@pytest.mark.parametrize("decision", [nbhitl.approve(), nbhitl.reject("no")], ids=lambda decision: decision.kind)
def test_stop_before_tool_calls_and_the_decision_that_goes_on(under_lock, decision):
    graph, ran = stopping(("pay", {"amount": 5}), ("search_web", {"query": "a"}))
    card = shown(nbhitl.review(graph, GO))
    card.answer([nbhitl.approve(), decision])
    assert card.result
    assert len(ran) == 1 + (decision.kind == "approve")
    assert under_lock == []


def test_thread_that_cannot_be_ended(under_lock):
    class Keeps(InMemorySaver):
        def delete_thread(self, thread_id: str) -> None:
            raise Loud

    card = shown(nbhitl.review(graphs.seed(checkpointer=Keeps()), SEED_INPUT))
    card.delete()
    with pytest.raises(Loud):
        _ = card.result
    assert "nothing has changed: Loud: loud" in card._core.state.notes[-1]
    assert under_lock == []


def test_node_that_raises_on_an_answer_what_is_no_exception(under_lock):
    def exits(_state: graphs.State) -> graphs.State:
        if graphs.interrupt("go on?") == "no":
            raise LoudExit
        return {"some_text": "done"}

    card = shown(nbhitl.review(graphs.compile_node(exits), SEED_INPUT))
    card.answer("no")
    assert card.interrupts
    (asked,) = card._core.state.unanswered
    assert str(asked.problem) == "LoudExit()"
    card.answer("yes")
    assert card.result == {"some_text": "done"}
    assert under_lock == []


def test_answer_to_a_run_that_failed_while_the_answer_was_validated(under_lock):
    card = shown(nbhitl.review(graphs.seed(), SEED_INPUT))
    (asked,) = card._core.state.unanswered
    card._core._shared.change(lambda session: session.fail(Loud()))
    with pytest.raises(RunHasFailed) as failed:
        card._core._shared.change(lambda session: session.accept(asked, Answer(asked.interrupt.id, "yes", "code")))
    assert under_lock == []
    assert str(failed.value).endswith("the run has failed with Loud: loud")
    assert str(copy.copy(failed.value)) == str(failed.value)
