"""A provider of models on this machine that speaks the wires of OpenAI and of Anthropic, streaming or not.

Each answer has new ids and times, and equal prompts get different answers. The prompt decides on the answer: a prompt
that asks to pay gets a call of the tool, if there is a tool, and a prompt that asks to fail gets a failure.
"""

import itertools
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


class Provider(ThreadingHTTPServer):
    """The server; ``calls`` are the bodies of all requests, ``headers`` the headers of the last request."""

    daemon_threads = True

    def __init__(self, port: int = 0, first_token: float = 0.0, token: float = 0.0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.calls: list[Any] = []
        self.headers: dict[str, str] = {}
        self.seen: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.first_token, self.token = first_token, token

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Write nothing to stderr when a client is gone."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Provider

    def log_message(self, *_args: Any) -> None:
        """Write nothing to stderr."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.server.lock:
            self.server.calls.append(body)
            self.server.headers = dict(self.headers)
            asked = json.dumps(body.get("messages", body.get("prompt")))
            self.server.seen[asked] += 1
            nth = self.server.seen[asked]
        time.sleep(self.server.first_token)
        if "prompt" in body and not _fails(asked, nth):
            return self._complete(body, nth)
        text, call = (None, None) if "prompt" in body else _answer(body, nth)
        if text is None:
            told = {
                "message": f"Overloaded: key {self.headers.get('authorization')}, req_{uuid.uuid4().hex}",
                "code": 529,
            }
            return self._json({"type": "error", "error": {"type": "overloaded_error", **told}}, 500)
        wire = _openai if "chat/completions" in self.path else _anthropic
        whole, events = wire(body, text, call)
        return self._events(events) if body.get("stream") else self._json(whole)

    def _complete(self, body: Any, nth: int) -> None:
        prompts = body["prompt"] if isinstance(body["prompt"], list) else [body["prompt"]]
        choices = [
            {"text": f"Text {nth} to {each}", "index": n, "finish_reason": "stop", "logprobs": None}
            for n, each in enumerate(prompts)
        ]
        made = {"id": f"cmpl-{uuid.uuid4().hex}", "object": "text_completion", "created": int(time.time())}
        if body.get("stream"):
            words = str(choices[0]["text"]).split()
            parts = [
                {**made, "model": body["model"], "choices": [{**choices[0], "text": f"{each} "}]} for each in words
            ]
            return self._events([f"data: {json.dumps(each)}\n\n" for each in parts] + ["data: [DONE]\n\n"])
        return self._json({**made, "model": body["model"], "choices": choices, "usage": USAGE})

    def _json(self, value: Any, status: int = 200) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.send_header("x-request-id", f"req_{uuid.uuid4().hex}")
        self.end_headers()
        self.wfile.write(data)

    def _events(self, events: list[str]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in events:
            data = event.encode()
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()
            time.sleep(self.server.token)
        self.wfile.write(b"0\r\n\r\n")


def _fails(prompt: str, nth: int) -> bool:
    return "always fail" in prompt or ("fail once" in prompt and nth == 1)


def _text_of(content: Any) -> str:
    if isinstance(content, list):
        return " ".join(part.get("text", "") for part in content)
    return content or ""


def _answer(body: Any, nth: int) -> tuple[str | None, tuple[str, Any] | None]:
    """Return the text, ``None`` for a failure, and the call of a tool."""
    last = body["messages"][-1]
    has_result = last["role"] == "tool" or (
        isinstance(last["content"], list) and any(part.get("type") == "tool_result" for part in last["content"])
    )
    prompt = _text_of(last["content"])
    tools = [tool.get("function", tool)["name"] for tool in body.get("tools", ())]
    if _fails(prompt, nth):
        return None, None
    if body.get("response_format") or (body.get("output_config") or {}).get("format"):
        return json.dumps({"name": "Ann", "age": 30 + nth}), None
    if "Person" in tools:
        return "", ("Person", {"name": "Ann", "age": 30 + nth})
    if tools and not has_result and "pay" in prompt.lower():
        return "I pay. " if "speak" in prompt else "", (tools[0], {"amount": 5})
    if has_result:
        return "All done.", None
    return f"Answer {nth} to {prompt[:40]}", None


def _openai(body: Any, text: str, call: Any) -> tuple[Any, list[str]]:
    made: Any = {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "created": int(time.time()),
        "model": f"{body['model']}-2024-07-18",
        "system_fingerprint": f"fp_{uuid.uuid4().hex[:10]}",
    }
    asked = {"name": call[0], "arguments": json.dumps(call[1])} if call else None
    calls = [{"id": f"call_{uuid.uuid4().hex[:24]}", "type": "function", "function": asked}] if call else None
    end = "tool_calls" if call else "stop"
    message = {"role": "assistant", "content": text or None, **({"tool_calls": calls} if calls else {})}
    choice = {"index": 0, "message": message, "finish_reason": end}
    whole = {**made, "object": "chat.completion", "choices": [choice], "usage": USAGE}

    def chunk(delta: Any, finish: str | None = None) -> str:
        choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
        return f"data: {json.dumps({**made, 'object': 'chat.completion.chunk', 'choices': choices})}\n\n"

    events = [chunk({"role": "assistant", "content": ""}), *(chunk({"content": word}) for word in _words(text))]
    if calls and asked:
        events.append(chunk({"tool_calls": [{"index": 0, **calls[0], "function": {**asked, "arguments": ""}}]}))
        events += [
            chunk({"tool_calls": [{"index": 0, "function": {"arguments": part}}]})
            for part in _parts(asked["arguments"])
        ]
    events.append(chunk({}, end))
    if (body.get("stream_options") or {}).get("include_usage"):
        usage = {**made, "object": "chat.completion.chunk", "choices": [], "usage": USAGE}
        events.append(f"data: {json.dumps(usage)}\n\n")
    return whole, [*events, "data: [DONE]\n\n"]


def _anthropic(body: Any, text: str, call: Any) -> tuple[Any, list[str]]:
    blocks: list[Any] = [{"type": "text", "text": text}] if text else []
    if call:
        blocks.append({"type": "tool_use", "id": f"toolu_{uuid.uuid4().hex[:24]}", "name": call[0], "input": call[1]})
    end = {"stop_reason": "tool_use" if call else "end_turn", "stop_sequence": None}
    usage = {"input_tokens": 11, "output_tokens": 7}
    message = {"id": f"msg_{uuid.uuid4().hex[:24]}", "type": "message", "role": "assistant", "model": body["model"]}
    whole = {**message, "content": blocks, "usage": usage, **end}

    def event(kind: str, **data: Any) -> str:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n"

    started = {
        **message,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**usage, "output_tokens": 1},
    }
    events = [event("message_start", message=started)]
    for index, block in enumerate(blocks):
        is_text = block["type"] == "text"
        empty = {**block, "text": ""} if is_text else {**block, "input": {}}
        events.append(event("content_block_start", index=index, content_block=empty))
        deltas = (
            [{"type": "text_delta", "text": word} for word in _words(text)]
            if is_text
            else [{"type": "input_json_delta", "partial_json": part} for part in _parts(json.dumps(block["input"]))]
        )
        events += [event("content_block_delta", index=index, delta=delta) for delta in deltas]
        events.append(event("content_block_stop", index=index))
    events += [event("message_delta", delta=end, usage={"output_tokens": 7}), event("message_stop")]
    return whole, events


def _words(text: str) -> Iterator[str]:
    words = text.split(" ")
    return (word if last else f"{word} " for word, last in zip(words, [False] * (len(words) - 1) + [True], strict=True))


def _parts(text: str) -> Iterator[str]:
    return ("".join(part) for part in itertools.batched(text, 5)) if hasattr(itertools, "batched") else iter([text])


@contextmanager
def provider(**options: Any) -> Iterator[Provider]:
    """Run a provider on a free port."""
    server = Provider(**options)
    thread = threading.Thread(target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


if __name__ == "__main__":  # for notebooks: `python -m tests.models.provider`
    with provider(port=8000) as running:
        print(running.url)
        threading.Event().wait()
