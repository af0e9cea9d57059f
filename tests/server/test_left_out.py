"""Questions that a served thread's state leaves out, though a person can answer."""

from typing import Any

import pytest
from langgraph_sdk import get_sync_client

import nbhitl

pytestmark = pytest.mark.needs("langgraph_server")

both_places = pytest.mark.parametrize("place", ["", "_inside"], ids=["root", "subgraph"])


def node(place, name):
    return f"sub/{name}" if place else name


def notes(card):
    return card._core.engine.notes


@both_places
def test_question_of_a_served_error_handler_is_asked_and_the_handler_gets_both_answers(fast_server, place):
    card = nbhitl.review(nbhitl.remote(fast_server, f"handled{place}"), {"value": ""})
    assert [(each.node, each.value) for each in card.interrupts] == [(node(place, "work"), "what now?")]
    card.answer("retry")
    assert [(each.node, each.value) for each in card.interrupts] == [(node(place, "work"), "and then?")]
    card.answer("stop")
    assert card.result == {"value": "retry, stop"}
    assert notes(card) == ()


@both_places
def test_question_of_a_served_error_handler_that_is_asked_again_takes_the_place_of_the_question_before(
    fast_server, place
):
    card: Any = nbhitl.review(nbhitl.remote(fast_server, f"handled{place}"), {"value": ""})
    card.answer("retry")
    assert [each.value for each in card.interrupts] == ["and then?"]
    card.ask_again()
    assert [each.value for each in card.interrupts] == ["what now?"]
    card.answer("wait")
    card.answer("stop")
    assert card.result == {"value": "wait, stop"}


def test_served_error_handlers_of_tasks_side_by_side_each_get_an_answer(fast_server):
    card = nbhitl.review(nbhitl.remote(fast_server, "handled_twice"), {"texts": []})
    assert [each.value for each in card.interrupts] == ["what now?"] * 2
    card.answer_all({each.id: number for number, each in enumerate(card.interrupts)})
    assert sorted(card.result["texts"]) == ["0", "1"]


def test_error_handler_that_waits_is_named_in_another_kernel_and_asks_again(fast_server):
    server = nbhitl.remote(fast_server, "handled")
    first = nbhitl.review(server, {"value": ""})
    first.answer("retry")
    assert [each.value for each in first.interrupts] == ["and then?"]
    card: Any = nbhitl.open(server, thread_id=str(first.thread_id))
    (stop,) = card.interrupts
    assert stop.value["failed in"] == "work"
    (note,) = notes(card)
    assert note.startswith("Node 'work' has failed, and the node's error handler waits for an answer")
    card.answer(None)
    assert [each.value for each in card.interrupts] == ["and then?"]
    card.answer("stop")
    assert card.result == {"value": "retry, stop"}


@both_places
@pytest.mark.parametrize(
    ("graph", "answers", "error"),
    [("routed", ("nowhere", "out"), "KeyError: nowhere"), ("reduced", ("bad", "good"), "RuntimeError: refused")],
)
def test_served_answer_that_an_edge_or_a_reducer_refuses_can_be_mended(fast_server, graph, answers, error, place):
    bad, good = answers
    card: Any = nbhitl.review(nbhitl.remote(fast_server, f"{graph}{place}"), {"value": ""})
    card.answer(bad)
    (asked,) = card.interrupts
    assert (asked.node, asked.value) == (node(place, "ask"), "where to?")
    assert (asked.former.value, asked.former.error) == (bad, error)
    card.answer(good)
    assert card.result == {"value": good}


@both_places
def test_answer_that_a_served_reducer_refuses_is_mended_in_another_kernel(fast_server, place):
    server = nbhitl.remote(fast_server, f"reduced{place}")
    first = nbhitl.review(server, {"value": ""})
    first.answer("bad")
    assert first.interrupts
    card: Any = nbhitl.open(server, thread_id=str(first.thread_id))
    assert [(each.value, each.former.value) for each in card.interrupts] == [("where to?", "bad")]
    card.answer("good")
    assert card.result == {"value": "good"}


def test_edge_that_raised_on_the_answer_of_another_client_is_named_with_the_way_to_ask_again(fast_server):
    with get_sync_client(url=fast_server, api_key=None) as client:
        thread_id = client.threads.create()["thread_id"]
        paused: Any = client.runs.wait(thread_id, "routed", input={"value": ""})
        (asked,) = paused["__interrupt__"]
        client.runs.wait(thread_id, "routed", command={"resume": {asked["id"]: "nowhere"}}, raise_error=False)
        checkpoint: Any = client.threads.get_state(thread_id)["checkpoint"]["checkpoint_id"]
    card = nbhitl.open(nbhitl.remote(fast_server, "routed"), thread_id=thread_id)
    assert [each.value["stopped after"] for each in card.interrupts] == ["ask"]
    (note,) = notes(card)
    assert f"card.fork({checkpoint!r})" in note
    branch = card.fork(checkpoint)
    assert [each.value for each in branch.interrupts] == ["where to?"]
    branch.answer("out")
    assert branch.result == {"value": "out"}
