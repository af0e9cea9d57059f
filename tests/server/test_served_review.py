"""The public functions with a server: the same card and the same promises as with a local graph."""

import asyncio
import time
import uuid
from contextlib import suppress

import pytest
from langgraph_sdk import get_sync_client
from langgraph_sdk.errors import NotFoundError

import nbhitl
from nbhitl.errors import (
    Abandoned,
    AlreadyAnswered,
    AssistantNotFound,
    MayHaveRun,
    RunFailed,
    ServerUnreachable,
    ThreadNotFound,
)
from tests.server.helpers import SEED_INPUT, WITHIN

pytestmark = pytest.mark.needs("langgraph_server")


@pytest.fixture
def other_client(fast_server):
    with get_sync_client(url=fast_server, api_key=None) as client:
        yield client


def test_served_review_returns_the_result_of_the_run(agent):
    assert nbhitl.review(agent, SEED_INPUT, answers=["Edited text"]).result == {"some_text": "Edited text"}


def test_awaited_served_review_returns_the_result_of_the_run(agent):
    async def cell():
        return await nbhitl.review(agent, SEED_INPUT, answers=["Edited text"])

    assert asyncio.run(cell()) == {"some_text": "Edited text"}


def test_parallel_questions_are_answered_in_order(fast_server):
    card = nbhitl.review(nbhitl.remote(fast_server, "parallel"), {"questions": ["a", "b"]}, answers=["A", "B"])
    assert card.result["answers"] == [["a", "A"], ["b", "B"]]


def test_thread_of_another_client_is_opened_and_answered(agent, other_client):
    thread_id = other_client.threads.create()["thread_id"]
    other_client.runs.wait(thread_id, "agent", input=SEED_INPUT)
    card = nbhitl.open(agent, thread_id=thread_id)
    card.answer("Edited text")
    assert card.result == {"some_text": "Edited text"}
    assert other_client.threads.get_state(thread_id)["values"] == {"some_text": "Edited text"}


def test_card_notices_within_three_seconds_that_another_client_answered(agent, other_client):
    card = nbhitl.review(agent, SEED_INPUT)
    (interrupt,) = card.interrupts
    other_client.runs.wait(card.thread_id, "agent", command={"resume": {interrupt.id: "theirs"}})
    deadline = time.monotonic() + WITHIN
    while card.interrupts and time.monotonic() < deadline:
        time.sleep(0.02)
    assert card.result == {"some_text": "theirs"}


@pytest.mark.parametrize(
    ("assistant", "error"), [("raises", RunFailed), ("agnet", AssistantNotFound)], ids=["node raises", "no assistant"]
)
def test_error_of_the_run_is_raised_where_the_result_is_requested(fast_server, assistant, error):
    card = nbhitl.review(nbhitl.remote(fast_server, assistant), {})
    with pytest.raises(error):
        _ = card.result


def test_good_answer_gets_through_after_any_number_that_the_node_raised_on(fast_server):
    card = nbhitl.review(nbhitl.remote(fast_server, "picky"), {"answer": ""})
    for number in range(3):
        card.answer(f"bad {number}")
        with pytest.raises(RunFailed, match=f"bad {number}"):
            _ = card.result
    card.answer("3")
    assert card.result["answer"] == 3


def test_keyed_conversation_does_not_double_in_repeated_cells(agent):
    key = str(uuid.uuid4())
    for _ in range(2):
        card = nbhitl.review(agent, SEED_INPUT, key=key)
        if card.interrupts:
            card.answer("first turn")
        assert card.result == {"some_text": "first turn"}
        turn = card.send({"some_text": "and?"}, answers=["second turn"])
        assert turn.result == {"some_text": "second turn"}
        assert turn.thread_id == card.thread_id


def test_answer_can_be_changed_and_the_thread_abandoned_and_deleted(agent):
    card = nbhitl.review(agent, SEED_INPUT)
    card.answer("first")
    assert card.result == {"some_text": "first"}
    card.ask_again()
    card.answer("second")
    assert card.result == {"some_text": "second"}
    card.delete()
    with pytest.raises(Abandoned, match="deleted"):
        _ = card.result
    with pytest.raises(ThreadNotFound):
        _ = nbhitl.open(agent, thread_id=str(card.thread_id)).result


def test_absent_server_is_told_where_the_result_is_requested():
    card = nbhitl.review(nbhitl.remote("http://127.0.0.1:9", "agent"), {})
    with pytest.raises(ServerUnreachable, match="Start the server"):
        _ = card.result


def test_answer_to_a_subgraph_that_was_updated_meanwhile_is_refused_by_name(fast_server, other_client):
    card = nbhitl.review(nbhitl.remote(fast_server, "subgraph"), {})
    (asked,) = card.interrupts
    state = other_client.threads.get_state(card.thread_id, subgraphs=True)
    inner = state["tasks"][0]["state"]["checkpoint"]
    other_client.threads.update_state(card.thread_id, {"runs": 10}, checkpoint=inner, as_node="__start__")
    card.answer("yes", id=asked.id)
    (again,) = card.interrupts
    assert again.id != asked.id
    assert [each.origin for each in card._core.state.answered] == ["elsewhere"]
    with pytest.raises(AlreadyAnswered, match="was updated after this question was asked"):
        card.answer("once more")
    card.answer("once more")
    assert card.result["answers"] == ["once more"]


@pytest.fixture
def at_work(fast_server, tmp_path, other_client):
    """Return a function that makes a review whose node is at work, and the file that ends this work."""

    def begin(**given):
        card = nbhitl.review(nbhitl.remote(fast_server, "slow"), {"gate": str(tmp_path / "gate")}, **given)
        if given:
            card.core.needed()
        else:
            card.answer("yes")
        until_true(lambda: is_at_work(card))
        return card

    def is_at_work(card):
        with suppress(NotFoundError):
            return card.thread_id and other_client.threads.get_state(card.thread_id)["next"] == ["wait_at_gate"]
        return False

    return begin, tmp_path / "gate"


def until_true(holds):
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def cancel(client, card):
    (run,) = [each for each in client.runs.list(card.thread_id) if each["status"] in ("pending", "running")]
    client.runs.cancel(card.thread_id, run["run_id"])


@pytest.mark.parametrize("who", ["card", "client"])
def test_run_that_was_stopped_in_a_node_warns_that_the_node_may_have_run(at_work, other_client, who):
    begin, gate = at_work
    card = begin()
    if who == "card":
        card.stop()
    else:
        cancel(other_client, card)
    (stop,) = card.interrupts
    assert (stop.node, next(iter(stop.value))) == ("wait_at_gate", "cut off or stopped at")
    assert "may have run already" in str(card.core.state.may_have_run(card.core.state.question(stop.id)))
    gate.touch()
    card.answer(None)
    assert card.result["answer"] == "yes"


def test_answers_do_not_run_a_node_of_a_cancelled_run_for_the_second_time(at_work, other_client, fast_server):
    begin, gate = at_work
    card = begin(answers={"ask": ["yes"], "wait_at_gate": [None]})
    cancel(other_client, card)
    with pytest.raises(MayHaveRun, match="'wait_at_gate' was cut off"):
        card.wait()
    gate.touch()
    again = nbhitl.open(nbhitl.remote(fast_server, "slow"), thread_id=card.thread_id)
    again.answer(None)
    assert again.result["answer"] == "yes"
