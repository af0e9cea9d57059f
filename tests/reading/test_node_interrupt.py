"""``NodeInterrupt``, raised by a node's code: takes no answer, so the card says how to go on."""

import warnings
from typing import Any, TypedDict

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import NodeInterrupt
from langgraph.graph import START, StateGraph

import nbhitl
from nbhitl.engines.remote.json_format import read_state
from nbhitl.errors import InvalidAnswer, NobodyThere

pytestmark = pytest.mark.filterwarnings("ignore:NodeInterrupt is deprecated")


class State(TypedDict, total=False):
    text: str
    out: str


def graph(interrupt_id: str | None = None) -> Any:
    def check(state: State) -> State:
        if len(state["text"]) > 5:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                raise NodeInterrupt(f"Longer than 5 characters: {state['text']}", id=interrupt_id)
        return {"out": state["text"].upper()}

    builder: Any = StateGraph(State)
    builder.add_node("first", lambda _state: {}).add_node("check", check)
    return builder.add_edge(START, "first").add_edge("first", "check").compile(checkpointer=InMemorySaver())


def test_node_interrupt_is_left_with_another_state_as_in_plain_langgraph():
    plain, config = graph(), {"configurable": {"thread_id": "1"}}
    plain.invoke({"text": "hello world"}, config)
    plain.update_state(config, {"text": "hi"})
    card = nbhitl.review(graph(), {"text": "hello world"}, record=False, answers=[{"text": "hi"}])
    assert card.wait() == plain.invoke(None, config) == {"text": "hi", "out": "HI"}


@pytest.mark.parametrize("interrupt_id", [None, "too_long"])
def test_card_of_a_node_interrupt_says_that_no_answer_settles_it_and_offers_the_state(interrupt_id):
    card = nbhitl.review(graph(interrupt_id), {"text": "hello world"}, record=False)
    with pytest.raises(NobodyThere):
        assert card.result
    (asked,) = card.interrupts
    assert asked.is_stop
    assert asked.value["NodeInterrupt"] == "Longer than 5 characters: hello world"
    with pytest.raises(InvalidAnswer, match="None to go on as it is, or a mapping"):
        card.answer("yes")
    card.answer({"text": "hi"})
    assert card.result == {"text": "hi", "out": "HI"}


def test_going_on_with_the_same_state_raises_the_node_interrupt_again():
    card = nbhitl.review(graph(), {"text": "hello world"}, record=False, answers=[None, None, {"text": "hi"}])
    assert card.wait()["out"] == "HI"


@pytest.mark.parametrize("interrupt_id", ["placeholder-id", "too_long"])
def test_served_state_with_such_an_interrupt_has_no_question(interrupt_id):
    interrupt = {"value": "too long", "id": interrupt_id}
    task = {"name": "check", "interrupts": [interrupt], "state": None, "error": None, "result": None, "path": []}
    snapshot = read_state({"values": {}, "next": ["check"], "tasks": [task], "interrupts": [interrupt]})
    assert (snapshot.interrupts, snapshot.raised) == ((), ("too long",))


def test_thread_that_waits_on_a_node_interrupt_is_opened_with_the_state_and_not_as_cut_off():
    waiting, config = graph(), {"configurable": {"thread_id": "1"}}
    waiting.invoke({"text": "hello world"}, config)
    card = nbhitl.open(waiting, thread_id="1", record=False)
    with pytest.raises(NobodyThere):
        assert card.result
    (asked,) = card.interrupts
    assert asked.former is None
    card.answer({"text": "hi"})
    assert card.result["out"] == "HI"
