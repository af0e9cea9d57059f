"""A provider of models that speaks OpenAI's protocol: calls `pay` where the prompt asks to, and then says "done"."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CALL = {"id": "call-1", "type": "function", "function": {"name": "pay", "arguments": '{"amount": 5}'}}


class _Provider(BaseHTTPRequestHandler):
    def log_message(self, *_args: Any) -> None:
        """Write nothing to stderr."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        has_paid = body["messages"][-1]["role"] == "tool"
        said: Any = {"content": "All done."} if has_paid else {"content": None, "tool_calls": [CALL]}
        if body.get("stream"):
            content = said["content"]
            pieces = content.split(" ") if isinstance(content, str) else []
            deltas: list[Any] = [{"content": each} for each in pieces] or [{"tool_calls": [CALL]}]
            lines = [f"data: {json.dumps({'choices': [{'delta': each}]})}\n\n" for each in deltas]
            self._reply("text/event-stream", "".join([*lines, "data: [DONE]\n\n"]))
            return
        usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
        choice = {"message": {"role": "assistant", **said}, "finish_reason": "stop" if has_paid else "tool_calls"}
        self._reply("application/json", json.dumps({"choices": [choice], "usage": usage}))

    def _reply(self, kind: str, text: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


@contextmanager
def provider() -> Iterator[str]:
    """Run a provider on a free port; yield the URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Provider)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1/chat/completions"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
