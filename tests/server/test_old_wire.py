"""A server older than langgraph 0.6, over real HTTP: questions are read, and answered by a bare value."""

import asyncio

import pytest

from nbhitl.engines.remote import remote
from nbhitl.errors import AlreadyAnswered, InvalidAnswer, UnsupportedPause
from tests.server.fakes import OldServer, fake_server
from tests.server.helpers import CLIENTS, NEEDS, run, unwatched


def test_questions_are_answered_in_turn():
    old = OldServer({"q": 1}, {"q": 1})
    with fake_server(old) as url:
        server = remote(url, "agent")

        async def review():
            engine = server.thread()
            segment = await engine.start({}, unwatched)
            for answer in ("first", {"a": [1]}):
                (interrupt,) = segment.snapshot.interrupts
                assert (interrupt.node, interrupt.value) == ("ask", {"q": 1})
                segment = await engine.resume({interrupt.id: answer}, unwatched)
            return segment, await engine.read()

        segment, read = run(review, server)
    assert segment.snapshot == read
    assert (read.next, read.busy) == ((), False)
    assert old.commands == [{"resume": "first"}, {"resume": {"a": [1]}}]


def test_answered_question_is_refused():
    with fake_server(OldServer("first?", "second?")) as url:
        server = remote(url, "agent")

        async def review():
            engine = server.thread()
            (first,) = (await engine.start({}, unwatched)).snapshot.interrupts
            await engine.resume({first.id: "x"}, unwatched)
            await engine.resume({first.id: "x"}, unwatched)

        with pytest.raises(AlreadyAnswered):
            run(review, server)


@pytest.mark.parametrize(
    ("old", "value", "error"),
    [
        (OldServer("a?", "b?", together=True), "x", UnsupportedPause),
        (OldServer("a?"), None, InvalidAnswer),
    ],
    ids=["two at once", "None"],
)
def test_answer_that_would_go_astray_is_not_sent(old, value, error):
    with fake_server(old) as url:
        server = remote(url, "agent")

        async def review():
            engine = server.thread()
            segment = await engine.start({}, unwatched)
            await engine.resume({segment.snapshot.interrupts[0].id: value}, unwatched)

        with pytest.raises(error, match="Update langgraph on the server"):
            run(review, server)
    assert old.commands == []


@pytest.mark.parametrize("client", [pytest.param(name, marks=pytest.mark.needs(*NEEDS[name])) for name in CLIENTS])
def test_lines_for_further_clients_resume_with_the_bare_value(client, tmp_path):
    old = OldServer("a?")
    with fake_server(old) as url:
        server = remote(url, "agent")

        async def review():
            engine = server.thread()
            (interrupt,) = (await engine.start({}, unwatched)).snapshot.interrupts
            lines = getattr(engine.snippets(interrupt.id, "it's"), client)
            await asyncio.to_thread(CLIENTS[client], lines, tmp_path)

        run(review, server)
    assert old.commands == [{"resume": "it's"}]
