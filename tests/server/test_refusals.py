"""Each failure to reach a run has a message of a single line: the failed request, the address, and the next step."""

import asyncio
import socket
import time
import uuid
from typing import Any

import httpx
import pytest
from langgraph_sdk import get_client, get_sync_client

from nbhitl.engines import threads_of
from nbhitl.engines.remote import remote
from nbhitl.errors import (
    AlreadyAnswered,
    AssistantNotFound,
    ServerError,
    ServerRefused,
    ServerUnreachable,
    ThreadNotFound,
    UsageError,
)
from tests.server.fakes import Reply, fake_server, stream
from tests.server.helpers import SEED_INPUT, run, unwatched


@pytest.fixture(autouse=True)
def little_patience(monkeypatch):
    monkeypatch.setattr("nbhitl.engines.remote.run.FOLLOW_SECONDS", 0.2)


THREAD = str(uuid.uuid4())
PENDING = {
    "values": {},
    "next": ["ask"],
    "tasks": [{"name": "ask", "interrupts": [{"value": "?", "id": "a" * 32}]}],
}


def start(url, **options):
    server = remote(url, "agent", **options)
    return run(lambda: server.thread().start(SEED_INPUT, unwatched), server)


def read(url, **options):
    server = remote(url, "agent", **options)
    return run(server.thread(THREAD).read, server)


def resume(url, **options):
    server = remote(url, "agent", **options)
    return run(lambda: server.thread(THREAD).resume({"a" * 32: "x"}, unwatched), server)


def always(*args, **kwargs):
    return lambda method, path, body: Reply(*args, **kwargs)


def on_run(reply):
    """Reply to a run with ``reply``, and to every further request as for a thread that waits."""

    def answer(method, path, body):
        return reply if path.endswith("/runs/stream") else Reply(body=PENDING)

    return answer


# --- no connection ----------------------------------------------------------------------------


def test_absent_server_is_told_of_within_three_seconds():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # a port without a listener
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(ServerUnreachable, match=f"nothing answers at {url} .*Start the server") as caught:
            start(url)
    assert time.monotonic() - began < 3
    assert "\n" not in str(caught.value)


def test_https_to_a_server_without_tls_says_so():
    with fake_server(always(body=PENDING)) as url, pytest.raises(ServerUnreachable, match="speaks no TLS.*http://"):
        read(url.replace("http://", "https://"))


def test_cut_connection_is_told_of():
    with fake_server(always(cut=True)) as url, pytest.raises(ServerUnreachable, match=f"connection to {url} was cut"):
        start(url)


def test_server_that_stays_silent_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ServerUnreachable, match="has not answered in time"):
            read(url, timeout=0.1)


# --- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ask", [start, read, resume])
@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "lets nobody in .*401.*api_key= or headers="),
        (403, "forbids this request .*403"),
        (429, "too many requests .*429.*Wait"),
        (500, "failed .*500.*log of the server says why"),
        (503, "failed .*503"),
    ],
)
def test_http_status_is_told_with_the_next_step(ask, status, told):
    with (
        fake_server(always(status, {"detail": "internals"})) as url,
        pytest.raises(ServerRefused, match=told) as caught,
    ):
        ask(url)
    assert url in str(caught.value)
    assert "internals" not in str(caught.value)


def test_refused_key_is_told_apart_from_a_missing_key():
    with fake_server(always(401)) as url, pytest.raises(ServerRefused, match="key or headers given are not accepted"):
        read(url, api_key="something")


def test_conflict_on_resume_means_that_somebody_was_faster():
    with fake_server(on_run(Reply(409, {"detail": "busy"}))) as url, pytest.raises(AlreadyAnswered, match="first"):
        resume(url)


@pytest.mark.parametrize(
    ("resume_of_theirs", "error", "told"),
    [
        ({"a" * 32: 1}, AlreadyAnswered, "Answered at 2020-02-03 04:05:06"),
        ("bare", AlreadyAnswered, "first"),
        ({"b" * 32: 1}, ServerRefused, "Another run is at work"),
        (None, ServerRefused, "Another run is at work"),
    ],
    ids=["the same question", "some question", "another question", "no question"],
)
def test_conflict_on_resume_tells_the_state_of_the_run_at_work(resume_of_theirs, error, told):
    kwargs = {"command": {"resume": resume_of_theirs}}
    theirs = {"run_id": "1", "status": "running", "created_at": "2020-02-03T04:05:06", "kwargs": kwargs}

    def answer(method, path, body):
        if method == "POST":
            return Reply(409, {"detail": "busy"})
        return Reply(body=[theirs] if path.partition("?")[0].endswith("/runs") else PENDING)

    with fake_server(answer) as url, pytest.raises(error, match=told):
        resume(url)


def test_unknown_interrupt_on_resume_means_that_somebody_was_faster():
    failed = stream(("error", {"error": "UnknownInterruptError", "message": "x"}))
    with fake_server(on_run(failed)) as url, pytest.raises(AlreadyAnswered, match="first"):
        resume(url)


@pytest.mark.parametrize("ask", [start, read])
@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"<html>Welcome</html>", headers={"content-type": "text/html"}),
        Reply(body=b"Welcome", headers={"content-type": "text/plain"}),
        Reply(404, b"<html>no such page</html>", headers={"content-type": "text/html"}),
        Reply(404, {"detail": "Not Found"}),
        Reply(302, b"", headers={"location": "https://login.example.org/?secret=1"}),
        Reply(307, b"", headers={"location": "/elsewhere"}),
        Reply(body="just text"),
        Reply(body=[1, 2]),
        Reply(body={"tasks": 3}),
        Reply(body=b""),
    ],
    ids=lambda reply: f"{reply.status} {reply.body!r}",
)
def test_server_of_another_kind_is_refused_by_name(ask, reply):
    answer, told = always(reply.status, reply.body, reply.headers), "Check the URL|Check that the URL"
    with fake_server(answer) as url, pytest.raises(ServerRefused, match=told) as caught:
        ask(url)
    assert url in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.needs("langgraph_server")
def test_unknown_assistant_is_named_with_the_known_assistants(fast_server):
    server = remote(fast_server, "agnet")
    with pytest.raises(AssistantNotFound, match=f"'agnet' on {fast_server}. There are: .*'agent', .*'parallel'"):
        run(lambda: server.thread().start(SEED_INPUT, unwatched), server)


@pytest.mark.needs("langgraph_server")
def test_unknown_assistant_leaves_no_thread_behind(fast_server):
    server = remote(fast_server, "agnet")

    async def review():
        engine = server.thread()
        with pytest.raises(AssistantNotFound):
            await engine.start(SEED_INPUT, unwatched)
        await engine.read()

    with pytest.raises(ThreadNotFound):
        run(review, server)


@pytest.mark.needs("langgraph_server")
def test_unknown_assistant_id_is_not_found(fast_server):
    server = remote(fast_server, str(uuid.uuid4()))
    with pytest.raises(AssistantNotFound):
        run(lambda: server.thread().start(SEED_INPUT, unwatched), server)


@pytest.mark.needs("langgraph_server")
def test_assistant_may_be_named_by_id(fast_server):
    with get_sync_client(url=fast_server, api_key=None) as client:
        (assistant,) = client.assistants.search(graph_id="agent")
    server = remote(fast_server, assistant["assistant_id"])
    assert run(lambda: server.thread().start(SEED_INPUT, unwatched), server).snapshot.interrupts


@pytest.mark.needs("langgraph_server")
def test_refused_option_is_told_in_the_words_of_the_server(agent):
    with pytest.raises(ServerRefused, match='"later" is not one of "sync"'):
        run(lambda: agent.thread(durability="later").start(SEED_INPUT, unwatched), agent)


# --- arguments of remote() --------------------------------------------------------------------


@pytest.mark.parametrize(
    "server",
    [
        "localhost:2024",
        "ftp://x",
        "http://",
        "",
        "http://x:port",
        "http://x/?key=SECRET",
        "http://u:SECRET@x:y/",
        "http://u:SE/CR?ET#SECRET@x:y/",
        "u:SECRET@x:2024",
        7,
        None,
    ],
    ids=repr,
)
def test_value_that_names_no_server_is_refused_without_a_secret(server):
    with pytest.raises(UsageError) as caught:
        remote(server, "agent")
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    ("server", "quoted"),
    [("localhost:2024", "'localhost:2024'"), ("http://u:SECRET@x:y/a?key=SECRET", "'http://x:y/a'")],
)
def test_value_that_names_no_server_is_quoted_without_credentials(server, quoted):
    with pytest.raises(UsageError, match=f"^{quoted} is not the URL of a server"):
        remote(server, "agent")


@pytest.mark.parametrize("assistant", [None, "", 3])
def test_assistant_has_to_be_named(assistant):
    with pytest.raises(UsageError, match="Which graph"):
        remote("http://localhost:2024", assistant)


@pytest.mark.parametrize(
    "headers", [{"x-key": "SECRET\nx: y"}, {"x-key": "SECRETÄ"}, {"x key": "SECRET"}, {"": "SECRET"}]
)
def test_header_that_cannot_be_sent_is_refused_without_the_value(headers):
    with pytest.raises(UsageError) as caught:
        remote("http://localhost:2024", "agent", headers=headers)
    assert "SECRET" not in str(caught.value)


def sent_headers(server):
    """Return the headers that a server gets."""
    got = {}

    def note(request):
        got.update(request.headers)
        return httpx.Response(200, json=PENDING)

    handle = remote(server, "agent", transport=lambda: httpx.MockTransport(note))
    run(handle.thread(THREAD).read, handle)
    return got, handle


def test_key_in_the_environment_is_not_sent(monkeypatch):
    for name in ("LANGGRAPH_API_KEY", "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY"):
        monkeypatch.setenv(name, "CANARY")
    headers, _ = sent_headers("http://x:1")
    assert "CANARY" not in str(headers)


@pytest.mark.parametrize("make", [get_client, get_sync_client])
def test_address_and_credentials_of_a_client_are_taken_over(make):
    client = make(url="http://x:1/base", api_key="k", headers={"authorization": "Bearer b"})
    headers, server = sent_headers(client)
    assert (headers["x-api-key"], headers["authorization"]) == ("k", "Bearer b")
    assert server.url == "http://x:1/base"
    asyncio.run(client.aclose()) if make is get_client else client.close()


def test_remote_graph_is_taken_over_with_assistant_and_config():
    from langgraph.pregel.remote import RemoteGraph

    graph = RemoteGraph("agent", url="http://x:1", api_key="k").with_config({"configurable": {"thread_id": THREAD}})
    server = remote(graph)
    assert (server.url, server.assistant, server.thread().thread_id) == ("http://x:1", "agent", THREAD)


def test_client_of_a_server_in_this_process_is_refused_with_the_next_step():
    client = get_client(url=None, api_key=None)
    with pytest.raises(UsageError, match="transport="):
        remote(client, "agent")
    asyncio.run(client.aclose())


def test_credentials_in_the_url_are_sent_and_not_shown():
    headers, server = sent_headers("http://user:pass%40word@x:1/base/")
    assert headers["authorization"] == httpx.BasicAuth("user", "pass@word")._auth_header
    assert server.url == "http://x:1/base"


def test_every_refusal_is_an_exception_of_nbhitl():
    assert issubclass(ServerUnreachable, ServerError)


# --- a thread that moves between two looks ----------------------------------------------------


def moving(*looks):
    """Reply to each look at the thread (status, then state) with the next pair; the last pair is given again."""
    rest = list(looks)

    def answer(method, path, body):
        if path.endswith("/runs/stream"):
            return stream(("values", {}), ("end", None))
        status, step = rest[0]
        if "/state" not in path:
            return Reply(body={"status": status})
        if len(rest) > 1:
            del rest[0]
        return Reply(body={"values": {"step": step}, "next": ["work"] if step else [], "tasks": []})

    return answer


@pytest.mark.parametrize(
    ("looks", "busy", "over"),
    [
        ([("busy", 1)], True, False),
        ([("idle", 1), ("idle", 2)], True, False),
        ([("idle", 1), ("busy", 1)], True, False),
        ([("idle", 1), ("idle", 1)], False, False),
        ([("idle", 1), ("idle", 0)], False, True),
        ([("idle", 0)], False, True),
    ],
    ids=["busy", "moved on", "busy by now", "breakpoint", "ended by now", "ended"],
)
def test_thread_counts_as_standing_still_only_where_nothing_moves(looks, busy, over):
    with fake_server(moving(*looks)) as url:
        snapshot = read(url)
    assert (snapshot.busy, not snapshot.next) == (busy, over)


def test_segment_ends_when_the_run_of_another_client_in_the_thread_has_ended(monkeypatch):
    monkeypatch.setattr("nbhitl.engines.remote.segments.WATCH_EVERY", 0.01)
    with fake_server(moving(("busy", 1), ("busy", 2), ("busy", 3), ("idle", 0))) as url:
        assert start(url).snapshot.next == ()


WAITING = {
    "thread_id": THREAD,
    "status": "interrupted",
    "metadata": {},
    "updated_at": "2026-01-01T00:00:00+00:00",
    "interrupts": {"task": [{"value": "?", "id": "a" * 32}]},
}


def test_thread_that_waits_no_more_is_forgotten_with_its_payload():
    rows = [WAITING]
    with fake_server(lambda _method, path, _body: Reply(body=rows if path == "/threads/search" else PENDING)) as url:
        server = remote(url, "agent")
        threads: Any = threads_of(server)
        assert {each.thread_id for each in run(threads.waiting, server)} == {THREAD}
        assert threads._looked_at.keys() == {THREAD}
        rows.clear()
        assert run(threads.waiting, server) == []
        assert threads._looked_at == {}


@pytest.mark.parametrize("status", [404, 429, 500])
def test_threads_that_wait_are_listed_where_the_store_of_openings_refuses(status):
    def reply(method, path, body):
        if path.startswith("/store"):
            return Reply(status, {"detail": "no items here"})
        return Reply(body=[WAITING] if path == "/threads/search" else PENDING)

    with fake_server(reply) as url:
        server = remote(url, "agent")
        threads = threads_of(server)
        assert {each.thread_id for each in run(threads.waiting, server)} == {THREAD}
        assert {each.thread_id for each in run(threads.waiting, server)} == {THREAD}
