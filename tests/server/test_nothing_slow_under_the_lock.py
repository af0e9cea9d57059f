"""Reviews of served graphs: under the lock no value is compared, copied or written."""

import threading

import pytest
from langgraph_sdk import get_sync_client

import nbhitl
from nbhitl.errors import RunFailed
from tests.locks import places_under_the_lock, shown
from tests.server.helpers import SEED_INPUT

pytestmark = pytest.mark.needs("langgraph_server")


@pytest.fixture
def under_lock():
    with places_under_the_lock() as found:
        yield found


def test_answer_and_another_answer_in_a_fork(agent, under_lock):
    card = shown(nbhitl.review(agent, SEED_INPUT))
    card.answer("first")
    assert card.result == {"some_text": "first"}
    card.ask_again()
    shown(card).answer("second")
    assert card.result == {"some_text": "second"}
    assert under_lock == []


def test_answers_to_questions_side_by_side(fast_server, under_lock):
    card = shown(nbhitl.review(nbhitl.remote(fast_server, "parallel"), {"questions": ["a", "b"]}))
    first, second = card.interrupts
    card.answer("1", id=first.id)
    card.answer("2", id=second.id)
    assert card.result["answers"] == [["a", "1"], ["b", "2"]]
    assert under_lock == []


def test_run_that_fails(fast_server, under_lock):
    with pytest.raises(RunFailed):
        _ = nbhitl.review(nbhitl.remote(fast_server, "raises"), SEED_INPUT).result
    assert under_lock == []


def test_answer_of_another_client(fast_server, agent, under_lock):
    card = shown(nbhitl.review(agent, SEED_INPUT))
    (asked,) = card.interrupts
    assert card.thread_id is not None
    changed = threading.Event()
    card._core.subscribe(changed.set)
    with get_sync_client(url=fast_server, api_key=None) as client:
        client.runs.wait(card.thread_id, "agent", command={"resume": {asked.id: "theirs"}})
    card._core.look()
    assert changed.wait(30)
    assert card.result == {"some_text": "theirs"}
    assert under_lock == []
