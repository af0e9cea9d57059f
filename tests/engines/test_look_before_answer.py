"""Before an answer the thread is read again: another client may have written since the question."""

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.pregel import Pregel
from langgraph.types import Command, interrupt

import nbhitl
from nbhitl.kernel.background import finish
from tests import graphs
from tests.graphs import SEED_INPUT


@pytest.fixture
def done(monkeypatch):
    """Return the states that LangGraph reads, and the steps of nodes, in order."""
    found: list[str] = []
    get_state = Pregel.get_state

    def seen(*args, **kwargs):
        found.append("state")
        return get_state(*args, **kwargs)

    monkeypatch.setattr(Pregel, "get_state", seen)
    return found


class SaverWithOneTuplePerCheckpoint(InMemorySaver):
    """Returns the same object each time; a later write is added to the list in this object."""

    def __init__(self):
        super().__init__()
        self._given = {}

    def get_tuple(self, config):
        found = super().get_tuple(config)
        if found is None:
            return None
        given = self._given.setdefault(found.config["configurable"]["checkpoint_id"], found)
        given.pending_writes[:] = found.pending_writes
        return given


class SaverThatNeedsATenant(InMemorySaver):
    """Refuses a config without the key that only the graph's own config has."""

    def get_tuple(self, config):
        tenant = config["configurable"]["tenant"]
        found = super().get_tuple(config)
        if found is not None:
            found.config["configurable"]["tenant"] = tenant
        return found


def asking(done, make=graphs.compile_node, saver=InMemorySaver):
    def node(state):
        answer = interrupt({"text": state["some_text"]})
        done.append(f"node: {answer}")
        if answer == "bad":
            raise ValueError(answer)
        return {"some_text": answer}

    graph = make(node, checkpointer=saver())
    card = nbhitl.review(graph, SEED_INPUT)
    (asked,) = card.interrupts
    done.clear()
    return graph, card, asked


def get_stuck(graph, card, asked):
    """Answer as another client, so that the node raises."""
    with pytest.raises(ValueError, match="bad"):
        graph.invoke(Command(resume={asked.id: "bad"}), {"configurable": {"thread_id": card.thread_id}})


def answer_comes_too_late(card, done):
    done.clear()
    card.answer("good")
    assert card.interrupts
    former = card._core.state.unanswered[0].interrupt.former
    return former is not None and not former.is_known and not [each for each in done if each.startswith("node")]


@pytest.mark.parametrize("saver", [InMemorySaver, SaverWithOneTuplePerCheckpoint])
def test_answer_of_another_client_that_got_stuck_is_seen_before_an_answer(done, saver):
    graph, card, asked = asking(done, saver=saver)
    get_stuck(graph, card, asked)
    assert answer_comes_too_late(card, done)


def test_answer_that_got_stuck_between_the_two_reads_of_a_look_is_seen_before_an_answer(done, monkeypatch):
    graph, card, asked = asking(done)
    get_state = Pregel.get_state

    def then_stuck(*args, **kwargs):
        state = get_state(*args, **kwargs)
        monkeypatch.setattr(Pregel, "get_state", get_state)
        get_stuck(graph, card, asked)
        return state

    monkeypatch.setattr(Pregel, "get_state", then_stuck)
    finish(card._core.engine.read())
    assert answer_comes_too_late(card, done)


def test_head_is_read_with_the_keys_that_the_checkpointer_needs(done):
    def make(node, **options):
        return graphs.compile_node(node, **options).with_config(configurable={"tenant": "ours"})

    _, card, _ = asking(done, make, SaverThatNeedsATenant)
    card.answer("good")
    assert card.result == {"some_text": "good"}


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
