"""Small HTTP servers whose replies a test chooses: refusals, web pages, cut connections, the wire of old servers."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """A reply; a ``body`` of bytes is sent unchanged, any other as JSON."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    """Whether the connection ends before the announced length was sent."""


def stream(*events: tuple[str, Any], **reply: Any) -> Reply:
    """Return the reply of a run that is watched; ``events`` are pairs of name and data."""
    text = "".join(f"event: {name}\r\ndata: {json.dumps(data)}\r\n\r\n" for name, data in events)
    headers = {"content-type": "text/event-stream", **reply.pop("headers", {})}
    return Reply(body=text.encode(), headers=headers, **reply)


Answer = Callable[[str, str, Any], Reply]
"""Method, path and decoded body -> reply."""


@contextmanager
def fake_server(answer: Answer) -> Iterator[str]:
    """Serve ``answer`` on any free port; yields the URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length") or 0))
            reply = answer(self.command, self.path, json.loads(content) if content else None)
            self._send(reply)

        do_GET = do_POST = handle_any  # noqa: N815 - http.server's names

        def _send(self, reply: Reply) -> None:
            content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            if reply.cut and not reply.headers:
                self.close_connection = True
                return
            self.send_response(reply.status)
            headers = {"content-type": "application/json", **reply.headers}
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content) + (1 if reply.cut else 0)))
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = reply.cut

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class OldServer:
    """A server older than langgraph 0.6, whose interrupts have no id and whose resume is a bare value.

    The graph asks the ``questions`` in turn, or, with ``together``, all at once.
    """

    def __init__(self, *questions: Any, together: bool = False) -> None:
        self.questions = list(questions)
        self.together = together
        self.answers: list[Any] = []
        self.commands: list[Any] = []
        self.started = False

    def __call__(self, method: str, path: str, body: Any) -> Reply:
        match method, path.partition("?")[0].rsplit("/", 1)[-1]:
            case "GET", "state":
                return Reply(body=self.state()) if self.started else Reply(404, {"detail": "Thread not found"})
            case "GET", _:
                return Reply(body={"thread_id": "x", "status": "interrupted" if self.open else "idle"})
            case "POST", "wait":
                return Reply(body=self.wait(body))
        return Reply(404, {"detail": "Not Found"})

    @property
    def open(self) -> list[Any]:
        rest = self.questions[len(self.answers) :]
        return rest if self.together else rest[:1]

    def wait(self, body: Any) -> Any:
        self.started = True
        if (command := body.get("command")) is not None:
            self.commands.append(command)
            self.answers.append(command["resume"])
        return {"answers": self.answers}

    def state(self) -> Any:
        tasks = [
            {
                "id": f"task-{n}",
                "name": "ask",
                "error": None,
                "interrupts": [{"value": value, "resumable": True, "ns": [f"ask:task-{n}"], "when": "during"}],
                "checkpoint": None,
                "state": None,
            }
            for n, value in enumerate(self.open, start=len(self.answers))
        ]
        return {"values": {"answers": self.answers}, "next": ["ask" for _ in tasks], "tasks": tasks, "checkpoint": {}}
