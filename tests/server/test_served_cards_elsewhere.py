"""Cards on a shared server: cards and inboxes of all kernels tell that a person has begun to answer in a kernel."""

import asyncio
import threading

import httpx
import pytest

import nbhitl
from nbhitl.core import elsewhere, others
from nbhitl.engines import threads_of
from nbhitl.engines.remote import remote
from nbhitl.engines.remote.openings import PLACE
from nbhitl.errors import SomebodyAnswers
from nbhitl.inboxes.presence import Presence
from nbhitl.kernel.background import finish
from tests.inboxes.test_cards_elsewhere import ANN, BEN, WITHIN, Card, over
from tests.server.helpers import SEED_INPUT, sdk
from tests.server.test_served_inbox import started, waiting_at

pytestmark = pytest.mark.needs("langgraph_server")


def opened(server, thread, kernel=""):
    return Card(nbhitl.open(server, thread_id=thread, record=False), kernel)


def has_written(card):
    """Wait until the note of a card is in the store."""

    async def written():
        await card.page._begun._task

    finish(written())


def notes_on(client, thread):
    items = client.store.search_items(PLACE, limit=100)["items"]
    return [item["value"]["by"] for item in items if item["value"]["thread"] == thread]


def test_persons_who_begin_see_the_names_of_each_other_and_no_run_or_state_has_the_names(
    agent, fast_server, monkeypatch
):
    monkeypatch.setattr(others, "EVERY", 0.0)
    thread = started(fast_server, "agent", SEED_INPUT)
    here, there = opened(agent, thread, "ann's kernel"), opened(remote(fast_server, "agent"), thread, "ben's kernel")
    with sdk(fast_server) as client:
        before = client.threads.get_state(thread), client.threads.get_history(thread)
        here.begins(ANN)
        has_written(here)
        there.until_said(over(ANN))
        there.begins(BEN)
        here.until_said(over(BEN))
        seen = Presence(threads_of(agent), process="third").others(waiting_at(agent, thread))
        assert sorted(seen) == [ANN, BEN]
        assert (client.threads.get_state(thread), client.threads.get_history(thread)) == before
        with pytest.raises(SomebodyAnswers, match=f"{ANN} is answering"):
            there.answers()
        monkeypatch.setattr(elsewhere, "DELIBERATE_AFTER", 0.0)
        there.answers()
        assert there.review.result == {"some_text": "Edited text"}
        told = client.threads.get(thread), client.threads.get_state(thread), client.runs.list(thread)
        assert ANN not in str(told)
        assert BEN not in str(told)


def test_note_of_an_answering_person_is_deleted_once_the_question_is_settled(agent, fast_server):
    thread = started(fast_server, "agent", SEED_INPUT)
    card = opened(agent, thread)
    card.begins(ANN)
    has_written(card)
    with sdk(fast_server) as client:
        assert notes_on(client, thread) == [ANN]
        card.answers()
        assert card.review.result == {"some_text": "Edited text"}
        has_written(card)
        assert notes_on(client, thread) == []


class SlowStore(httpx.AsyncHTTPTransport):
    """A server whose store does not reply until the test lets it."""

    may_answer = threading.Event()
    asked = threading.Event()

    async def handle_async_request(self, request):
        if "/store/" in request.url.path:
            self.asked.set()
            await asyncio.to_thread(self.may_answer.wait, WITHIN)
        return await super().handle_async_request(request)


def test_a_store_that_does_not_answer_delays_neither_the_opening_nor_an_answer(fast_server):
    thread = started(fast_server, "agent", SEED_INPUT)
    card = opened(remote(fast_server, "agent", transport=SlowStore), thread)
    assert SlowStore.asked.wait(WITHIN)
    card.begins(ANN)
    card.answers()
    assert card.review.result == {"some_text": "Edited text"}
    assert not SlowStore.may_answer.is_set()
    SlowStore.may_answer.set()
