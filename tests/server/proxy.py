"""A proxy before a real server that fails single requests as networks and proxies do."""

import http.client
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.server.fakes import Reply

HOP_BY_HOP = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})


class Fault(Enum):
    """A fault of a request."""

    LOST = auto()
    """The request does not arrive, and the connection is closed."""
    REPLY_LOST = auto()
    """The request arrives; the connection is cut before the reply."""
    CUT = auto()
    """The connection is cut after the first part of the reply."""
    ENDED = auto()
    """The reply ends after the first part as if complete."""
    SILENT = auto()
    """The request does not arrive, and no reply ever comes."""
    STALLED = auto()
    """The request arrives; after the first part of the reply nothing comes any more."""


Plan = Callable[[str, str], "Fault | Reply | None"]
"""Method and path -> the fault of the request, or a reply in place of the server's; ``None``: no fault."""


@dataclass
class Proxy:
    """A proxy at ``url``; ``plan`` may be changed at any time."""

    target: str
    url: str = ""
    plan: Plan = lambda method, path: None
    forwarded: Counter[str] = field(default_factory=Counter)
    """Number of requests that arrived at the server, by method and last part of the path."""
    closing: threading.Event = field(default_factory=threading.Event)

    def once(self, ending: str, fault: "Fault | Reply", *, method: str = "POST") -> threading.Event:
        """Fail the next request whose path ends so; return an event that is set when this has happened."""
        done = threading.Event()

        def plan(asked: str, path: str) -> "Fault | Reply | None":
            if done.is_set() or asked != method or not path.endswith(ending):
                return None
            done.set()
            return fault

        self.plan = plan
        return done

    def always(self, fault: "Fault | Reply") -> None:
        """Fail every request."""
        self.plan = lambda method, path: fault


class _Handler(BaseHTTPRequestHandler):
    server: "_Listening"
    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.partition("?")[0]
        fault = self.server.proxy.plan(self.command, path)
        if isinstance(fault, Reply):
            self._reply(fault)
        elif fault is Fault.LOST:
            self.close_connection = True
        elif fault is Fault.SILENT:
            self._hang()
        else:
            self.server.proxy.forwarded[f"{self.command} {path.rsplit('/', 1)[-1]}"] += 1
            self._forward(content, fault)

    do_GET = do_POST = do_DELETE = handle_any  # noqa: N815 - http.server's names

    def _reply(self, reply: Reply) -> None:
        body = reply.body if isinstance(reply.body, bytes) else b"{}"
        self.send_response(reply.status)
        for name, value in {"content-type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _hang(self) -> None:
        self.server.proxy.closing.wait()
        self.close_connection = True

    def _forward(self, content: bytes, fault: "Fault | None") -> None:
        there = http.client.HTTPConnection(urlsplit(self.server.proxy.target).netloc)
        try:
            there.request(self.command, self.path, content, dict(self.headers.items()))
            answer = there.getresponse()
            if fault is Fault.REPLY_LOST:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            self._pass_on(answer, fault)
        except OSError:  # client or server is gone
            self.close_connection = True
        finally:
            there.close()

    def _pass_on(self, answer: http.client.HTTPResponse, fault: "Fault | None") -> None:
        while part := answer.read1(65536):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            if fault is Fault.STALLED:
                return self._hang()
            if fault is Fault.CUT:
                self.close_connection = True
                return None
            if fault is Fault.ENDED:
                break
        self.wfile.write(b"0\r\n\r\n")
        return None

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Write nothing."""


class _Listening(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.proxy = proxy

    def handle_error(self, request: object, client_address: object) -> None:
        """Write nothing: a client that is gone is no error here."""


@contextmanager
def proxy_before(target: str) -> Iterator[Proxy]:
    """Start a proxy before the server at ``target``."""
    proxy = Proxy(target)
    server = _Listening(proxy)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    proxy.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield proxy
    finally:
        proxy.closing.set()
        server.shutdown()
        server.server_close()
