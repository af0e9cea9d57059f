"""The inbox of a server: threads that any client has started."""

import httpx
import pytest

import nbhitl
from nbhitl.engines import threads_of
from nbhitl.engines.remote import remote
from nbhitl.engines.remote.threads import ServedThreads
from nbhitl.inboxes.presence import Presence
from nbhitl.kernel.background import finish
from nbhitl.user import whoami
from tests.inboxes.test_page import WITHIN, Shown
from tests.server.helpers import CLIENTS, NEEDS, SEED_INPUT, counted, sdk

pytestmark = pytest.mark.needs("langgraph_server")


def started(url, assistant, value):
    with sdk(url) as client:
        thread = client.threads.create()["thread_id"]
        client.runs.wait(thread, assistant, input=value)
    return thread


def row_of(inbox, thread):
    return next((row for row in inbox if row.thread == thread), None)


def test_threads_of_the_sdk_are_listed_in_the_words_of_their_form_and_answered(agent, fast_server):
    thread = started(fast_server, "agent", SEED_INPUT)
    row = row_of(nbhitl.inbox(agent), thread)
    assert (row.asked, row.assistant, row.failed) == ("Revise the text: original text", "agent", None)
    assert row.node == "human_node"
    assert row.since is not None
    for card in nbhitl.inbox(agent).cards():
        if card.thread_id == thread:
            card.answer("Edited text")
            assert card.result == {"some_text": "Edited text"}
            break
    assert row_of(nbhitl.inbox(agent), thread) is None


def test_an_answer_of_the_sdk_takes_the_thread_out_of_the_inbox(agent, fast_server):
    thread = started(fast_server, "agent", SEED_INPUT)
    inbox = nbhitl.inbox(agent)
    assert row_of(inbox, thread) is not None
    with sdk(fast_server) as client:
        client.runs.wait(thread, "agent", command={"resume": "theirs"})
    assert row_of(inbox.look(), thread) is None


def test_branches_of_a_comparison_that_ask_again_are_not_listed(fast_server):
    agent = remote(fast_server, "two")
    card = nbhitl.review(agent, {})
    assert [each.value for each in card.interrupts] == ["first"]
    found = nbhitl.compare(agent, card, answers=["one", "two"])
    assert [each.asks for each in found] == ["second"] * 2
    listed = {row.thread for row in nbhitl.inbox(agent)}
    assert card.thread_id in listed
    assert not listed & {each.thread for each in found}
    newest = finish(threads_of(agent).newest(50))
    assert not {each.thread_id for each in newest} & {each.thread for each in found}


@pytest.mark.parametrize("client", [pytest.param(name, marks=pytest.mark.needs(*NEEDS[name])) for name in CLIENTS])
def test_an_answer_of_any_client_leaves_every_open_inbox_in_time(agent, fast_server, client, tmp_path):
    thread = started(fast_server, "agent", SEED_INPUT)
    asks = waiting_at(agent, thread).interrupts[0].id
    lines = getattr(agent.thread(thread).snippets(asks, "theirs"), client)
    pages = Shown(agent), Shown(remote(fast_server, "agent"))
    for page in pages:
        page.until(lambda widget: thread in listed(widget))
    CLIENTS[client](lines, tmp_path)
    for page in pages:
        page.until(lambda widget: thread not in listed(widget), WITHIN)


def listed(widget):
    return [row["thread"] for row in widget.rows]


def test_a_thread_whose_last_resume_failed_is_listed_with_the_exception(fast_server):
    picky = remote(fast_server, "picky")
    thread = started(fast_server, "picky", {})
    with sdk(fast_server) as client:
        client.runs.wait(thread, "picky", command={"resume": "a few"}, raise_error=False)
        assert client.threads.get(thread)["status"] == "error"
    row = row_of(nbhitl.inbox(picky), thread)
    assert row.failed == "ValueError: invalid literal for int() with base 10: 'a few'"


def test_threads_of_further_graphs_are_not_listed(agent, fast_server):
    thread = started(fast_server, "two", {})
    assert row_of(nbhitl.inbox(agent), thread) is None
    assert row_of(nbhitl.inbox(remote(fast_server, "two")), thread) is not None


def test_a_thread_at_a_static_breakpoint_comes_once_and_is_gone_on_with(fast_server):
    clerk = remote(fast_server, "clerk")
    with sdk(fast_server) as client:
        thread = client.threads.create()["thread_id"]
        client.runs.wait(thread, "clerk", input={"messages": "Pay"}, interrupt_before=["tools"])
    row = row_of(nbhitl.inbox(clerk), thread)
    assert row.node == "tools"
    came = [card.thread_id for card in nbhitl.inbox(clerk).cards()]
    assert came.count(thread) == 1


def waiting_at(agent, thread):
    return next((each for each in finish(threads_of(agent).waiting()) if each.thread_id == thread), None)


def test_question_open_in_an_inbox_is_seen_in_further_inboxes_and_changes_no_state_or_run(agent, fast_server):
    thread = started(fast_server, "agent", SEED_INPUT)
    ann, ben, eve = (Presence(threads_of(agent), process=each) for each in ("ann", "ben", "eve"))
    with sdk(fast_server) as client:
        before = client.threads.get_state(thread), client.threads.get_history(thread)
        for each in (ann, ben):
            each.sign("page", [thread])
            finish(each.tell([waiting_at(agent, thread)]))
        seen = waiting_at(agent, thread)
        assert len(seen.openings) == 2
        assert (ann.others(seen), ben.others(seen), eve.others(seen)) == (ann.others(seen),) * 3
        assert (client.threads.get_state(thread), client.threads.get_history(thread)) == before
        finish(ann.end([seen]))
        assert [each.viewer.partition("/")[0] for each in waiting_at(agent, thread).openings] == ["ben"]
        result = client.runs.wait(thread, "agent", command={"resume": "theirs"})
        assert result == {"some_text": "theirs"}
        told = client.threads.get(thread), client.threads.get_state(thread), client.runs.list(thread)
        assert whoami() not in str(told)


def test_the_notes_of_kernels_that_died_long_ago_are_deleted(agent, fast_server):
    thread = started(fast_server, "agent", SEED_INPUT)
    long_ago = Presence(threads_of(agent), process="long ago", clock=lambda: 1_000_000.0)
    threads = threads_of(agent)
    now = Presence(threads, process="now")
    with sdk(fast_server) as client:
        for each in (long_ago, now):
            each.sign("page", [thread])
            finish(each.tell([one for one in finish(threads.waiting()) if one.thread_id == thread]))
        kept = [item["key"] for item in client.store.search_items(("nbhitl", "open"))["items"]]
    assert [key for key in kept if key.startswith(thread)] == [f"{thread} {now._viewer}"]


def test_a_look_leaves_the_states_of_the_threads_on_the_server(agent, fast_server):
    started(fast_server, "agent", SEED_INPUT)
    (row,) = finish(ServedThreads(agent)._page(limit=1))
    assert "values" not in row


def test_first_rows_are_a_single_request_and_an_opened_card_three_for_any_number_of_threads(fast_server):
    threads = [started(fast_server, "agent", SEED_INPUT) for _ in range(2)]
    server, transport = counted(fast_server, "agent")
    newest = finish(threads_of(server).newest(2))
    assert [each.thread_id for each in newest] == threads[::-1]
    assert transport.lines == ["POST search"]
    transport.requests.clear()
    card = nbhitl.open(server, thread_id=threads[0], record=False)
    assert card.interrupts
    assert transport.lines == [f"GET {threads[0]}", "GET state", "GET runs"]


class KnowsNoFields(httpx.AsyncHTTPTransport):
    """A server that refuses to list some fields only."""

    async def handle_async_request(self, request):
        if b'"select"' in request.content:
            return httpx.Response(422, json={"detail": "select is not known"}, request=request)
        return await super().handle_async_request(request)


def test_a_server_that_lists_whole_rows_only_has_an_inbox_as_well(fast_server):
    thread = started(fast_server, "agent", SEED_INPUT)
    inbox = nbhitl.inbox(remote(fast_server, "agent", transport=KnowsNoFields))
    assert row_of(inbox, thread).asked == "Revise the text: original text"
