"""Before an answer: a thread on which nothing was written since the question is not worked out again."""

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.pregel import Pregel
from langgraph.types import Command, interrupt

import nbhitl
from nbhitl.core.driver import Driver
from tests import graphs
from tests.graphs import SEED_INPUT


@pytest.fixture
def done(monkeypatch):
    """What was done, in order: states read by LangGraph, and steps of nodes; no look comes by itself."""
    found: list[str] = []
    monkeypatch.setattr(Driver, "_patience", lambda _driver: None)
    get_state = Pregel.get_state

    def seen(*args, **kwargs):
        found.append("state")
        return get_state(*args, **kwargs)

    monkeypatch.setattr(Pregel, "get_state", seen)
    return found


def asking(done, make=graphs.compile_node):
    def node(state):
        answer = interrupt({"text": state["some_text"]})
        done.append(f"node: {answer}")
        if answer == "bad":
            raise ValueError(answer)
        return {"some_text": answer}

    graph = make(node, checkpointer=InMemorySaver())
    card = nbhitl.review(graph, SEED_INPUT)
    (asked,) = card.interrupts
    done.clear()
    return graph, card, asked


def test_answer_to_an_untouched_thread_is_sent_without_another_look_at_the_state(done):
    _, card, _ = asking(done)
    card.answer("good")
    assert card.result == {"some_text": "good"}
    assert done == ["node: good", "state"]


def test_answer_of_another_client_that_got_stuck_is_seen_before_an_answer(done):
    graph, card, asked = asking(done)
    with pytest.raises(ValueError, match="bad"):
        graph.invoke(Command(resume={asked.id: "bad"}), {"configurable": {"thread_id": card.thread_id}})
    done.clear()
    card.answer("good")
    assert card.interrupts
    assert [each for each in done if each.startswith("node")] == []
    assert card._core.state.unanswered[0].interrupt.former is not None


def test_state_that_another_client_updated_is_read_before_an_answer(done):
    graph, card, _ = asking(done)
    graph.update_state({"configurable": {"thread_id": card.thread_id}}, {"some_text": "other"}, as_node="__start__")
    done.clear()
    card.answer("good")
    assert card.interrupts
    assert [each for each in done if each.startswith("node: good")] == []


def test_question_of_a_subgraph_is_read_anew_before_an_answer(done):
    def within(node, **options):
        return graphs.compile_node(graphs.compile_node(node), "outer", **options)

    _, card, _ = asking(done, within)
    card.answer("good")
    assert card.result == {"some_text": "good"}
    assert done[0] == "state"
