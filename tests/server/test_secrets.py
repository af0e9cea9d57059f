"""Only the server sees the canaries in the key, the headers and the URL."""

import copy
import pickle
import traceback

import httpx
import pytest

from nbhitl.engines.remote import remote
from tests.server.fakes import Reply, fake_server
from tests.server.helpers import run, unwatched
from tests.server.test_refusals import PENDING, THREAD

KEY, TOKEN, PASSWORD, COOKIE = "canary-key-1234", "canary-token-5678", "canary-password-9", "canary-cookie-0"
CANARIES = (KEY, TOKEN, PASSWORD, COOKIE)


def with_canaries(url, **options):
    url = url.replace("http://", f"http://user:{PASSWORD}@")
    headers = {"cookie": COOKIE, "x-token": f"Bearer {TOKEN}"}
    return remote(url, "agent", api_key=KEY, headers=headers, **options)


def assert_no_canary(text):
    assert not [canary for canary in CANARIES if canary in text], text


ECHO = "; ".join(CANARIES)
"""A text of a server that quotes the request, as debugging pages do."""


REPLIES = {
    "400": Reply(400, {"detail": ECHO}),
    "401": Reply(401, {"detail": ECHO}),
    "404": Reply(404, {"detail": ECHO}),
    "409": Reply(409, {"detail": ECHO}),
    "422": Reply(422, {"message": ECHO}),
    "500": Reply(500, b"Traceback: " + ECHO.encode()),
    "web page": Reply(body=ECHO.encode(), headers={"content-type": "text/html"}),
    "no JSON": Reply(body=ECHO.encode()),
    "redirect": Reply(302, b"", {"location": f"http://elsewhere/?{KEY}"}),
    "node error": Reply(body={"__error__": {"error": KEY, "message": ECHO}}),
    "odd state": Reply(body={"tasks": [{"name": "n", "interrupts": [{"id": KEY}]}]}),
    "cut": Reply(cut=True),
}


@pytest.fixture(autouse=True)
def little_patience(monkeypatch):
    monkeypatch.setattr("nbhitl.engines.remote.run.FOLLOW_SECONDS", 0.2)


@pytest.mark.parametrize("action", ["start", "read", "resume"])
@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_no_canary_in_an_error_a_traceback_or_a_cause(reply, action):
    states = [Reply(body=PENDING)] if action == "resume" else []

    def answer(method, path, body):
        return states.pop() if states else reply

    with fake_server(answer) as url:
        server = with_canaries(url)
        engine = server.thread(None if action == "start" else THREAD)
        work = {
            "start": lambda: engine.start({}, unwatched),
            "read": engine.read,
            "resume": lambda: engine.resume({"a" * 32: 1}, unwatched),
        }
        with pytest.raises(Exception) as caught:  # noqa: PT011 - no exception may tell a canary
            run(work[action], server)
    error = caught.value
    assert type(error).__module__ == "nbhitl.errors", error
    assert error.__cause__ is None
    assert error.__context__ is None
    assert_no_canary("".join(traceback.format_exception(error)))
    assert_no_canary(repr(error) + str(getattr(error, "__notes__", "")))
    assert_no_canary(_locals_of_http_frames(error))


def _locals_of_http_frames(error):
    """Return the variables of other packages that IPython's verbose traceback would show."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    foreign = [frame for frame in frames if "httpx" in frame.f_code.co_filename or "_sdk" in frame.f_code.co_filename]
    return repr([frame.f_locals for frame in foreign])


def test_no_canary_where_nobody_listens():
    server = with_canaries("http://127.0.0.1:9")
    with pytest.raises(Exception, match="nothing answers") as caught:
        run(lambda: server.thread().start({}, unwatched), server)
    assert_no_canary("".join(traceback.format_exception(caught.value)))


def test_no_canary_in_the_handle_or_the_engine():
    server = with_canaries("http://x:1")
    engine = server.thread(THREAD)
    shown = [repr(server), str(server), f"{server}", repr(engine), engine.runs_on, repr(engine.__dict__)]
    shown += [repr(getattr(server, name)) for name in dir(server) if not name.startswith("__")]
    assert_no_canary(" ".join(shown))
    with pytest.raises(TypeError):
        vars(server)


@pytest.mark.parametrize("keep", [pickle.dumps, copy.copy, copy.deepcopy])
def test_handle_is_neither_pickled_nor_copied(keep):
    with pytest.raises(TypeError, match="credentials") as caught:
        keep(with_canaries("http://x:1"))
    assert_no_canary("".join(traceback.format_exception(caught.value)))


def test_lines_for_further_clients_name_the_variables_and_have_no_canary():
    lines = with_canaries("http://x:1").thread(THREAD, {"configurable": {"token": TOKEN}}).snippets("a" * 32, "x")
    for text in (lines.python, lines.javascript, lines.curl):
        assert_no_canary(text)
        assert "LANGGRAPH_API_KEY" in text
        assert "LANGGRAPH_AUTHORIZATION" in text
        assert "LANGGRAPH_X_TOKEN" in text
        assert "user" not in text
        assert "configurable are not repeated" in text


def test_server_does_get_the_canaries():
    got = {}

    def note(request):
        got.update(request.headers)
        return httpx.Response(200, json=PENDING)

    server = with_canaries("http://x:1", transport=lambda: httpx.MockTransport(note))
    run(server.thread(THREAD).read, server)
    assert (got["x-api-key"], got["x-token"], got["cookie"]) == (KEY, f"Bearer {TOKEN}", COOKIE)
