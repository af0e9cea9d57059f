"""The inbox of a server: threads that any client has started."""

import pytest

import nbhitl
from nbhitl.engines.remote import remote
from tests.server.helpers import SEED_INPUT, sdk

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


def test_a_thread_whose_last_resume_failed_is_listed_with_the_exception(fast_server):
    picky = remote(fast_server, "picky")
    thread = started(fast_server, "picky", {})
    with sdk(fast_server) as client:
        client.runs.wait(thread, "picky", command={"resume": "a few"}, raise_error=False)
        assert client.threads.get(thread)["status"] == "error"
    row = row_of(nbhitl.inbox(picky), thread)
    assert row.failed == "ValueError: invalid literal for int() with base 10: 'a few'"


def test_threads_of_other_graphs_are_not_listed(agent, fast_server):
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
