"""HTTP requests of clients that LangChain's models do not use are recorded beside the calls of models, and replayed."""

import asyncio
import http.client
import json
import os
import socket
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from nbhitl.errors import LeftoverCalls, PromptChanged, UnrecordedCall, UsageError
from nbhitl.models import keys, sidecar, traffic
from nbhitl.models.hosts import checked_hosts
from tests.models import ways
from tests.models.recording import cell

HOST = "provider.test"
HOSTS = (HOST,)
ASKS = {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture(scope="module", autouse=True)
def patched_libraries():
    traffic.install()
    yield
    traffic.uninstall()


@pytest.fixture(autouse=True)
def known_host(monkeypatch):
    """Let a host name lead to this machine: requests to addresses of this machine are never recorded."""
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **options: resolve(_here(host), *rest, **options))


def _here(host):
    return "127.0.0.1" if host in (HOST, HOST.encode(), "other.test") else host


@pytest.fixture
def url(server):
    return server.url.replace("127.0.0.1", HOST)


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", ways.KEY)
    return tmp_path / "report.ipynb"


@pytest.fixture
def record(notebook):
    return notebook.with_name("report.models.jsonl")


def sync_httpx(url, body=ASKS):
    with httpx.Client() as client:
        return client.post(f"{url}/v1/chat/completions", json=body, headers=bearer()).json()


def sync_urllib(url, body=ASKS):
    headers = {"content-type": "application/json", **bearer()}
    request = urllib.request.Request(f"{url}/v1/chat/completions", json.dumps(body).encode(), headers)  # noqa: S310
    with urllib.request.urlopen(request) as response:  # noqa: S310
        return json.load(response)


def sync_requests(url, body=ASKS):
    requests = pytest.importorskip("requests")
    return requests.post(f"{url}/v1/chat/completions", json=body, headers=bearer()).json()


def async_httpx(url, body=ASKS):
    async def ask():
        async with httpx.AsyncClient() as client:
            return (await client.post(f"{url}/v1/chat/completions", json=body, headers=bearer())).json()

    return asyncio.run(ask())


def openai_client(url):
    openai = pytest.importorskip("openai")
    with openai.OpenAI(base_url=f"{url}/v1") as client:
        whole = client.chat.completions.create(**ASKS)
        chunks = client.chat.completions.create(**ASKS, stream=True)
        words = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    return whole.choices[0].message.content, whole.created > 0, words


def bearer():
    return {"Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"}


def text_of(answer):
    return answer["choices"][0]["message"]["content"]


def aiohttp_client(url, body=ASKS):
    aiohttp = pytest.importorskip("aiohttp")

    async def ask():
        async with aiohttp.ClientSession(url, headers=bearer()) as session:
            return await (await session.post("/v1/chat/completions", json=body)).json()

    return asyncio.run(ask())


@pytest.mark.parametrize("ask", [sync_httpx, async_httpx, sync_urllib, sync_requests, aiohttp_client])
def test_request_is_replayed_as_recorded(server, url, notebook, record, ask):
    server.seen.clear()
    with cell(notebook, "all", hosts=HOSTS):
        recorded = [text_of(ask(url)) for _ in range(2)]
    assert recorded == ["Answer 1 to Hello", "Answer 2 to Hello"]
    before = len(server.calls)
    with cell(notebook, "none", hosts=HOSTS):
        assert [text_of(ask(url)) for _ in range(2)] == recorded
    assert len(server.calls) == before
    text = record.read_text()
    assert ways.KEY not in text
    assert not any(word in text.lower() for word in ("authorization", "x-request-id", "user-agent"))


@pytest.mark.needs("langchain_openai")
def test_raw_client_is_built_and_replayed_without_a_key(server, url, notebook, record, monkeypatch):
    with cell(notebook, "all", hosts=HOSTS):
        content, _, words = openai_client(url)
    before = len(server.calls)
    assert sidecar.read(record).sent == {"OPENAI_API_KEY"}
    monkeypatch.delenv("OPENAI_API_KEY")
    with cell(notebook, "none", hosts=HOSTS):
        keys.put_sendable(sidecar.read(record).sent)
        assert openai_client(url) == (content, False, words)
    assert len(server.calls) == before


@pytest.mark.needs("langchain_openai")
def test_embeddings_of_langchain_are_replayed(notebook, monkeypatch):
    embeddings = pytest.importorskip("langchain_openai").OpenAIEmbeddings
    answer = {"object": "list", "model": "e", "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -1.0]}]}
    with answering(json.dumps(answer).encode(), "application/json") as (url, asked):

        def embed():
            model = embeddings(model="e", base_url=f"{url}/v1", check_embedding_ctx_length=False)
            return model.embed_query("rooms")

        with cell(notebook, "all", hosts=HOSTS):
            recorded = embed()
        with cell(notebook, "none", hosts=HOSTS):
            assert embed() == recorded == [0.5, -1.0]
        assert len(asked) == 1


class answering:  # noqa: N801 - used as a function
    """A server that always gives the same answer; ``asked`` are the paths of the requests."""

    def __init__(self, body, kind, **headers):
        said = {"content-type": kind, "content-length": str(len(body)), **headers}
        asked: list[str] = []
        self.asked = asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.rfile.read(int(self.headers.get("content-length", 0)))
                asked.append(self.path)
                self.send_response(200)
                for name, value in said.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 - named by the standard library

            def log_message(self, *_args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://{HOST}:{self.server.server_address[1]}", self.asked

    def __exit__(self, *_error):
        self.server.shutdown()
        self.server.server_close()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"created_at": "2024-05-01", "id": "call_0123456789"}', "application/json"),
        ("Zürich \u2028 ok".encode(), "text/plain; charset=utf-8"),
        (bytes(range(256)), "image/png"),
        (b"", "text/plain"),
        (b"data: 5\n\ndata: [DONE]\n\n", "text/event-stream"),
    ],
)
def test_fetched_bytes_are_the_same_in_the_replay(notebook, body, kind):
    with answering(body, kind) as (url, asked):
        with cell(notebook, "all", hosts=HOSTS):
            assert httpx.get(url).content == body
        with cell(notebook, "none", hosts=HOSTS):
            again = httpx.get(url)
        assert (again.content, again.headers["content-type"]) == (body, kind)
        assert len(asked) == 1


def test_secret_in_an_address_or_a_body_is_not_written_and_does_not_tell_requests_apart(notebook, record):
    with answering(b"ok", "text/plain") as (url, _):
        with cell(notebook, "all", hosts=HOSTS):
            httpx.post(f"{url}/a?api_key=canary-1&page=2", json={"password": "canary-2", "name": "Ann"})
        with cell(notebook, "none", hosts=HOSTS):
            httpx.post(f"{url}/a?api_key=other&page=2", json={"password": "other", "name": "Ann"})
    assert "canary" not in record.read_text()
    assert "page=2" in record.read_text()


def test_changed_request_fails_with_the_difference(server, url, notebook):
    with cell(notebook, "all", hosts=HOSTS):
        sync_httpx(url)
    changed = {**ASKS, "messages": [{"role": "user", "content": "Goodbye"}], "temperature": 1}
    with pytest.raises(PromptChanged) as caught, cell(notebook, "none", hosts=HOSTS):
        sync_httpx(url, changed)
    assert "\n-user: Hello\n+body.temperature: 1\n+user: Goodbye" in str(caught.value)
    assert f"POST {url}/v1/chat/completions" in str(caught.value)


def test_ids_of_a_conversation_are_no_change_and_an_id_in_a_prompt_is(server, url, notebook):
    def about(number, document):
        call, made = f"call_{number}23abc45", f"123e4567-e89b-42d3-a456-42661417400{number}"
        function = {"name": "book", "arguments": document}
        said = {"role": "assistant", "tool_calls": [{"id": call, "type": "function", "function": function}]}
        results = [
            {"role": "tool", "tool_call_id": call, "content": f"Booked {made}"},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call, "content": made}]},
        ]
        asked = [{"role": "user", "content": f"Book {document}"}, said, *results, {"role": "user", "content": made}]
        return sync_httpx(url, {**ASKS, "messages": asked})["choices"][0]["message"]["content"]

    document, other = ("3f2b1c4d-1111-4222-8333-444455556666", "99999999-1111-4222-8333-444455556666")
    with cell(notebook, "all", hosts=HOSTS):
        recorded = about(1, document)
    with cell(notebook, "none", hosts=HOSTS):
        assert about(2, document) == recorded
    with pytest.raises(PromptChanged, match=other), cell(notebook, "none", hosts=HOSTS):
        about(2, other)


def test_id_in_a_request_to_no_model_tells_requests_apart(notebook):
    names = [f"{number}f2b1c4d-1111-4222-8333-444455556666" for number in (1, 2)]
    with answering(b"ok", "text/plain") as (url, _), cell(notebook, "all", hosts=HOSTS):
        for name in names:
            httpx.post(url, json={"id": name})
    recorded = sidecar.read(sidecar.beside(notebook)).calls
    assert [call.asked.settings["body"] for call in recorded] == [{"id": name} for name in names]


def test_changed_form_of_aiohttp_is_told(notebook):
    aiohttp = pytest.importorskip("aiohttp")

    async def send(url, name):
        form = aiohttp.FormData()
        form.add_field("name", name)
        async with aiohttp.ClientSession() as session:
            return await (await session.post(url, data=form)).read()

    with answering(b"ok", "text/plain") as (url, asked):
        with cell(notebook, "all", hosts=HOSTS):
            assert asyncio.run(send(url, "Ann")) == b"ok"
        with cell(notebook, "none", hosts=HOSTS):
            assert asyncio.run(send(url, "Ann")) == b"ok"
        with pytest.raises(PromptChanged, match="Bob"), cell(notebook, "none", hosts=HOSTS):
            asyncio.run(send(url, "Bob"))
        assert len(asked) == 1


def test_request_more_and_request_less_are_named(server, url, notebook):
    with cell(notebook, "all", hosts=HOSTS):
        sync_httpx(url)
    with pytest.raises(UnrecordedCall, match="once more"), cell(notebook, "none", hosts=HOSTS):
        assert sync_httpx(url) != sync_httpx(url)
    with pytest.raises(LeftoverCalls), cell(notebook, "none", hosts=HOSTS):
        pass


def test_requests_to_further_hosts_to_this_machine_and_to_langgraph_are_not_recorded(server, url, notebook, record):
    with cell(notebook, "all", hosts=["*"]):
        sync_httpx(server.url)
        httpx.post(f"{url}/x/chat/completions", json=ASKS, headers={"user-agent": "langgraph-sdk-py/0.3"})
    with cell(notebook, "new", hosts=HOSTS):
        sync_httpx(url.replace(HOST, "other.test"))
    assert sidecar.read(record).calls == []


def pieces_of_httpx(url):
    with httpx.stream("GET", url) as response:
        yield from response.iter_raw(5)


def pieces_of_urllib(url):
    with urllib.request.urlopen(url) as response:  # noqa: S310
        while piece := response.read1(5):
            yield piece


def pieces_of_requests(url):
    requests = pytest.importorskip("requests")
    with requests.get(url, stream=True) as response:
        yield from response.iter_content(5)


def pieces_of_aiohttp(url):
    aiohttp = pytest.importorskip("aiohttp")
    runner = asyncio.Runner()

    async def begin():
        session = aiohttp.ClientSession()
        return session, await session.get(url)

    with runner:
        session, response = runner.run(begin())
        while piece := runner.run(response.content.read(5)):
            yield piece
        runner.run(session.close())


@pytest.mark.parametrize("pieces", [pieces_of_httpx, pieces_of_urllib, pieces_of_requests, pieces_of_aiohttp])
def test_stream_of_a_host_that_is_not_recorded_arrives_piece_by_piece(notebook, pieces):
    first_seen = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"first")
            self.wfile.flush()
            self.wfile.write(b"rest" if first_seen.wait(30) else b"held back")

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.02}).start()
    with cell(notebook, "all", hosts=["*"]):
        arriving = pieces(f"http://127.0.0.1:{server.server_address[1]}")
        assert next(arriving) == b"first"
        first_seen.set()
        assert b"".join(arriving) == b"rest"
    server.shutdown()
    server.server_close()


@pytest.mark.needs("langchain_openai")
def test_call_of_a_langchain_model_is_recorded_once_though_the_host_is_recorded_as_well(server, url, notebook, record):
    with cell(notebook, "all", hosts=HOSTS):
        ways.MAKERS["ChatOpenAI"](url).invoke("Hello")
    (call,) = sidecar.read(record).calls
    assert "ai" in (call.said or {})


@pytest.mark.parametrize("send", [sync_httpx, sync_urllib])
def test_placeholder_of_a_key_is_never_sent(server, notebook, record, monkeypatch, send):
    monkeypatch.setenv("OPENAI_API_KEY", keys.SENDABLE)
    url, before = server.url.replace("127.0.0.1", HOST), len(server.calls)
    record.write_text('{"nbhitl models": 1, "keys": []}\n')
    with pytest.raises(UnrecordedCall), cell(notebook, "none", hosts=HOSTS):
        send(url.replace(HOST, "other.test"))
    with pytest.raises(UnrecordedCall), cell(notebook, "none", hosts=HOSTS):
        send(url)
    assert len(server.calls) == before


@pytest.mark.parametrize(
    ("hosts", "named"),
    [
        ("api.openai.com", "a list of hosts"),
        ([5], "a list of hosts"),
        (["https://api.openai.com"], "the host alone"),
        (["api.openai.com:443"], "the host alone"),
        ([""], "the host alone"),
        (["localhost"], "this machine"),
        (["127.0.0.1"], "this machine"),
    ],
)
def test_hosts_that_are_none_are_refused_by_name(hosts, named):
    with pytest.raises(UsageError, match=named):
        checked_hosts(hosts)


def test_plain_connection_of_the_standard_library_is_replayed(notebook):
    with answering(b"plain", "text/plain") as (url, asked):

        def fetch():
            connection = http.client.HTTPConnection(url.removeprefix("http://"))
            connection.request("GET", "/page")
            return connection.getresponse().read()

        with cell(notebook, "all", hosts=HOSTS):
            assert fetch() == b"plain"
        with cell(notebook, "none", hosts=HOSTS):
            assert fetch() == b"plain"
        assert asked == ["/page"]
