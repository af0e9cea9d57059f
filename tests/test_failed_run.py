"""Code that asks a failed run for open questions gets the error of the run."""

import asyncio
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph

import nbhitl
from nbhitl.errors import Abandoned, InvalidAnswer, RunHasFailed
from tests import graphs
from tests.graphs import SEED_INPUT


def fails_after_the_answer():
    def ask(_state):
        return {"some_text": graphs.interrupt("?")}

    def fail(_state):
        raise ZeroDivisionError("out of paper")

    builder = StateGraph(graphs.State).add_sequence([("ask", ask), ("fail", fail)])
    return builder.add_edge(START, "ask").compile()


@pytest.fixture
def failed():
    card = nbhitl.review(fails_after_the_answer(), SEED_INPUT)
    (asked,) = card.interrupts
    card.answer("x")
    with pytest.raises(ZeroDivisionError):
        _ = card.result
    return card, asked


def test_open_interrupts_of_a_failed_run_raise_its_error(failed):
    card, _ = failed
    with pytest.raises(RunHasFailed, match="ZeroDivisionError: out of paper") as raised:
        _ = card.interrupts
    assert isinstance(raised.value.__cause__, ZeroDivisionError)


@pytest.mark.parametrize("named", [True, False, "no such id"])
def test_answer_to_a_failed_run_raises_an_error_chained_to_that_of_the_run(failed, named):
    card, asked = failed
    interrupt_id = asked.id if named is True else named or None
    with pytest.raises(RunHasFailed, match="ZeroDivisionError: out of paper") as raised:
        card.answer("y", id=interrupt_id)
    assert isinstance(raised.value.__cause__, ZeroDivisionError)


@pytest.mark.parametrize("named", [True, False])
def test_answer_to_a_question_that_was_open_when_the_review_failed_is_refused(named):
    card = nbhitl.review(graphs.seed(), SEED_INPUT, answers=[object()])
    with pytest.raises(InvalidAnswer, match="a checkpoint cannot keep"):
        _ = card.result
    (asked,) = card._core.state.unanswered
    assert not card.waits
    with pytest.raises(RunHasFailed, match="a checkpoint cannot keep"):
        card.answer("x", id=asked.interrupt.id if named else None)
    assert card._core.state.unanswered == (asked,)


def test_thread_that_was_abandoned_on_purpose_asks_nothing_without_an_error():
    card = nbhitl.review(graphs.seed(), SEED_INPUT)
    assert card.interrupts
    card.abandon()
    with pytest.raises(Abandoned):
        _ = card.result
    assert card.interrupts == ()
    with pytest.raises(RunHasFailed, match="abandoned"):
        card.answer("x")


def test_run_that_ended_well_asks_nothing():
    card = nbhitl.review(graphs.seed(), SEED_INPUT, answers=["x"])
    assert card.result == {"some_text": "x"}
    assert card.interrupts == ()


@pytest.mark.parametrize("is_awaited", [False, True], ids=["wait", "await"])
def test_keyboard_interrupt_of_a_node_is_raised_as_by_invoke(is_awaited):
    own = KeyboardInterrupt("of the node")

    def stop(_state: Any) -> Any:
        raise own

    builder: Any = StateGraph(MessagesState)
    builder.add_node("stop", stop).add_edge(START, "stop")
    graph = builder.compile(checkpointer=InMemorySaver())
    with pytest.raises(KeyboardInterrupt) as alone:
        graph.invoke({"messages": []}, {"configurable": {"thread_id": "1"}})
    card = nbhitl.review(graph, {"messages": []})

    async def awaited() -> Any:
        return await card

    with pytest.raises(KeyboardInterrupt) as raised:
        _ = asyncio.run(awaited()) if is_awaited else card.wait()
    assert (raised.value, alone.value) == (own, own)
