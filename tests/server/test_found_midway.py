"""A served run that is found midway, and an answer that another client's answer overtakes there."""

import uuid
from pathlib import Path

import pytest
from langgraph_sdk import get_sync_client

import nbhitl
from nbhitl.errors import AlreadyAnswered, LeftoverAnswers, NobodyThere
from nbhitl.kernel import block
from tests.server.helpers import SEED_INPUT

pytestmark = pytest.mark.needs("langgraph_server")

QUESTIONS = {"questions": ["same", "same", "same"]}


@pytest.fixture
def other_client(fast_server):
    with get_sync_client(url=fast_server, api_key=None) as client:
        yield client


@pytest.fixture
def two(fast_server):
    return nbhitl.remote(fast_server, "two")


@pytest.fixture
def key():
    return str(uuid.uuid4())


def stands_still(card):
    block(
        lambda: card._core.state.phase in ("asking", "finished"),
        card._core.subscribe,
        lock=card._core.lock,
        listens=False,
    )


@pytest.mark.parametrize("answers", [["A", "B"], {"two_in_a_row": ["A", "B"]}])
def test_answers_go_on_behind_the_answers_of_an_earlier_review_and_are_never_left_over(two, key, answers):
    card = nbhitl.review(two, {}, key=key)
    card.answer("A")
    assert [asked.value for asked in card.interrupts] == ["second"]
    for _ in range(2):
        assert nbhitl.review(two, {}, key=key, answers=answers).result["answers"] == ["A", "B"]


def test_surplus_answer_is_left_over_in_later_executions(two, key):
    for _ in range(2):
        with pytest.raises(LeftoverAnswers, match="answer 3"):
            _ = nbhitl.review(two, {}, key=key, answers=["A", "B", "C"]).result


def test_parallel_tasks_of_the_same_node_keep_the_places_of_their_questions(fast_server, key):
    server = nbhitl.remote(fast_server, "parallel")
    card = nbhitl.review(server, QUESTIONS, key=key)
    second = card.interrupts[1]
    card.answer("B", id=second.id, now=True)
    stands_still(card)
    again = nbhitl.review(server, QUESTIONS, key=key, answers=["A", "B", "C"])
    assert sorted(answer for _, answer in again.result["answers"]) == ["A", "B", "C"]
    places = {answered.ordinal: answered.value for answered in again._core.state.answered}
    assert places == {0: "A", 2: "C"}


def test_answer_that_was_changed_in_a_fork_counts_once(two, key):
    card = nbhitl.review(two, {}, key=key)
    card.answer("A")
    assert card.interrupts
    card.ask_again()
    card.answer("changed")
    assert [asked.value for asked in card.interrupts] == ["second"]
    assert nbhitl.review(two, {}, key=key, answers=["A", "B"]).result["answers"] == ["changed", "B"]


@pytest.mark.parametrize("answers", [["A", "B"], {"two_in_a_row": ["A", "B"]}])
def test_where_another_client_has_answered_the_next_answer_is_not_guessed(two, key, other_client, answers):
    card = nbhitl.review(two, {}, key=key)
    assert card.interrupts
    other_client.runs.wait(card.thread_id, "two", command={"resume": "theirs"})
    with pytest.raises(NobodyThere, match="another client answered some of the questions"):
        _ = nbhitl.review(two, {}, key=key, answers=answers).result
    one_for_all = nbhitl.review(two, {}, key=key, answers={"two_in_a_row": "B"})
    assert one_for_all.result["answers"] == ["theirs", "B"]


def test_ended_run_of_another_client_gives_the_result_of_this_run(agent, key, other_client):
    card = nbhitl.review(agent, SEED_INPUT, key=key)
    assert card.interrupts
    other_client.runs.wait(card.thread_id, "agent", command={"resume": "theirs"})
    result = nbhitl.review(agent, SEED_INPUT, key=key, answers=["mine"]).result
    assert result == {"some_text": "theirs"}


@pytest.fixture
def acting(fast_server, tmp_path, other_client):
    """Return a card whose question another client has answered, the gate until which the node works, and the ledger."""
    ledger, gate = tmp_path / "ledger", tmp_path / "gate"
    server = nbhitl.remote(fast_server, "acts")
    card = nbhitl.review(server, {"ledger": str(ledger), "gate": str(gate)})
    (asked,) = card.interrupts
    other_client.runs.create(card.thread_id, "acts", command={"resume": {asked.id: "theirs"}})
    block(lambda: card._core.state.snapshot.busy, card._core.subscribe, lock=card._core.lock, listens=False)
    return card, gate, ledger


def test_answer_during_the_work_on_another_clients_answer_is_told_to_be_too_late(acting):
    card, gate, ledger = acting
    card.answer("mine")
    Path(gate).touch()
    with pytest.raises(AlreadyAnswered, match=r"Answered at .*came too late: it was not given"):
        _ = card.result
    assert card.result["answer"] == "theirs"
    assert ledger.read_text().count("mine") == 0
    assert len(card._core.state.late) == 1
