"""HTTP requests of a notebook, recorded and replayed as calls of models are: for clients that LangChain does not call.

vcrpy patches the HTTP libraries. This module decides which requests are recorded, and how they are written: without
headers, without keys in addresses and bodies, and of a model's API without ids and times.
"""

import base64
import json
from collections.abc import Iterator
from contextlib import ExitStack
from types import NoneType
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from vcr.cassette import Cassette
from vcr.filters import decode_response
from vcr.request import Request

from nbhitl.jsontext import plain
from nbhitl.models import keys, passing
from nbhitl.models.calls import RunningCall, running_request
from nbhitl.models.hosts import is_recorded, text_of
from nbhitl.models.said import Again, Json, Shapes
from nbhitl.models.steady import AskedCall, Numbers, each_text, ids_of_prompts, texts_in

KEPT_HEADERS = ("content-type", "location")
"""Headers of a response that are recorded: clients need the type to read the body, and the address of a redirect."""

CONVERSATIONS = ("messages", "input")
"""Members of a request to a model that hold a conversation."""

EVENTS = "text/event-stream"

DATA = "data: "

CALL = "nbhitl_call"
"""Attribute that nbhitl adds to a request of vcrpy: the call of the request."""

_installed = ExitStack()
"""Holds vcrpy's patches, for as long as the kernel lives."""


def install() -> None:
    """Have vcrpy patch the HTTP libraries; a second call does nothing."""
    if getattr(install, "is_done", False):
        return
    originals = list(passing.originals())
    _installed.enter_context(_Tape.use(path="", record_on_exception=False))
    _installed.enter_context(passing.installed(originals))
    install.is_done = True  # type: ignore[attr-defined]


def uninstall() -> None:
    """Take the patches out again."""
    _installed.close()
    install.is_done = False  # type: ignore[attr-defined]


class _Tape(Cassette):  # type: ignore[misc]
    """Stands where vcrpy has the file of a test: asks the record of the notebook instead."""

    def _load(self) -> None:
        self.rewound = True

    def _save(self, force: bool = False) -> None:
        """Do nothing: the record is written when the cell ends."""

    @property
    def write_protected(self) -> bool:
        return False

    def can_play_response_for(self, request: Request) -> bool:
        call = _call_of(request)
        return call is not None and call.is_replayed

    def play_response(self, request: Request) -> Json:
        call = _call_of(request)
        assert call is not None, "vcrpy asks first whether there is a response"
        return response_of(call.again())

    def append(self, request: Request, response: Json) -> None:
        call = _call_of(request)
        if call is not None:
            call.ended(lambda: said_in(response, of_model=_is_of_model(request)))


def _call_of(request: Request) -> RunningCall | None:
    """Return the call of a request; ``None`` if not recorded. The same call however often vcrpy asks."""
    if not hasattr(request, CALL):
        call = None
        if is_recorded(request.uri, request.headers):
            headers = {name: text_of(value) for name, value in request.headers.items()}
            query = [value for _, value in parse_qsl(urlsplit(request.uri).query)]
            call = running_request(asked_in(request), keys.note_sent(headers, query))
        setattr(request, CALL, call)
    call_or_none: RunningCall | None = getattr(request, CALL)
    return call_or_none


# --- how requests are written ---------------------------------------------------------------------


def asked_in(request: Request) -> AskedCall:
    """Return a request as a call: the address and the body, a conversation in the body as messages."""
    address = urlsplit(request.uri)
    query = [(name, value) for name, value in parse_qsl(address.query) if not keys.SECRET.fullmatch(name)]
    url = address._replace(query=urlencode(query), fragment="", netloc=address.netloc.rpartition("@")[2]).geturl()
    body = _body_of(request)
    settings: Json = {"model": f"{request.method} {keys.masked(url)}"}
    texts = texts_in(body)
    kept = ids_of_prompts(texts if _is_to_model(body) else ((text, True) for text, _ in texts))
    asked = _asked(settings, body, Numbers(kept=kept))
    return asked.with_numbered(_asked(settings, body, Numbers()))


def _asked(settings: Json, body: Any, number: Numbers) -> AskedCall:
    """Return a call with numbers in place of ids."""
    if not isinstance(body, dict):
        return AskedCall(settings, [{"body": each_text(body, number)}] if body else [])
    body = each_text(_without_secrets(body), number)
    name = next((name for name in CONVERSATIONS if _is_conversation(body.get(name))), None)
    messages = [] if name is None else [_message(each) for each in body.pop(name)]
    # The address comes first for the reader; a `model` in the body must not replace the address.
    return AskedCall(settings | {"body": body}, messages)


def _body_of(request: Request) -> Any:
    """Return the body of a request: JSON, a text, or the bytes as base64."""
    data = _data_of(request)
    if not isinstance(data, bytes):
        return data
    boundary = text_of(request.headers.get("content-type", "")).partition("boundary=")[2].strip('"')
    if boundary:  # made anew for each request
        data = data.replace(boundary.encode(), b"boundary")
    return _read(data)


def _data_of(request: Request) -> Any:
    """Return the body as bytes; of aiohttp, which passes the values of ``json=`` and ``data=``, as JSON."""
    body = request.body
    if hasattr(body, "read"):
        body = body.read()
    if isinstance(body, Iterator):
        body = b"".join(body)
    if isinstance(body, bytes | bytearray | NoneType):
        return bytes(body or b"")
    fields = getattr(body, "_fields", None)  # a form of aiohttp, which no public name tells
    value = plain(body if fields is None else [[dict(about), each] for about, _, each in fields])
    return value if isinstance(value, dict) else json.dumps(value, ensure_ascii=False)


def _read(data: bytes) -> Any:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return base64.b64encode(data).decode()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, dict) else text


def _without_secrets(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_secrets(each) for each in value]
    if isinstance(value, dict):
        return {
            key: keys.MASK if isinstance(each, str) and keys.SECRET.fullmatch(key) else _without_secrets(each)
            for key, each in value.items()
        }
    return value


def _is_conversation(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, dict) and isinstance(each.get("role"), str) for each in value
    )


def _message(message: Json) -> Json:
    rest = {key: each for key, each in message.items() if key not in ("role", "content")}
    return {message["role"]: message.get("content"), **({"with": rest} if rest else {})}


def _is_of_model(request: Request) -> bool:
    """Tell whether a request asks a model: the answer of a model has new ids and times each time."""
    return _is_to_model(_body_of(request))


def _is_to_model(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("model"), str)


def said_in(response: Json, *, of_model: bool) -> Json:
    """Return a response of vcrpy's as an answer.

    Parameters
    ----------
    response
        The response, with ``status``, ``headers`` and ``body``.
    of_model
        Whether ids are written as shapes, and times as zero.
    """
    read = decode_response(response)
    headers = {name.lower(): text_of(values) for name, values in read["headers"].items()}
    kept = {name: keys.masked(headers[name]) for name in KEPT_HEADERS if name in headers}
    written: Json = {"status": read["status"]["code"], "headers": kept}
    data = read["body"]["string"] or b""
    data = data.encode() if isinstance(data, str) else data
    shapes = Shapes(keeps_times=True) if of_model else None
    if EVENTS in headers.get("content-type", ""):
        return written | {"events": [_event(line, shapes) for line in data.decode(errors="replace").split("\n")]}
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return written | {"base64": base64.b64encode(data).decode()}
    return written | _written(text, shapes)


def _written(text: str, shapes: Shapes | None) -> Json:
    """Return a text; JSON as such where nothing is lost by that."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {"text": keys.masked(text)}
    if shapes is not None:
        return {"json": shapes.written(value)}
    return {"text": keys.masked(text)}


def _event(line: str, shapes: Shapes | None) -> Any:
    """Return a line of a stream of events; the JSON of a ``data`` line as such."""
    if shapes is not None and line.startswith(DATA):
        try:
            value = json.loads(line[len(DATA) :])
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict | list):
            return shapes.written(value)
    return keys.masked(line)


def response_of(again: Again) -> Json:
    """Return a recorded answer as vcrpy has a response."""
    said = again.made()
    if "events" in said:
        lines = [each if isinstance(each, str) else f"{DATA}{json.dumps(each)}" for each in said["events"]]
        data = "\n".join(lines).encode()
    elif "json" in said:
        data = json.dumps(said["json"]).encode()
    else:
        data = said["text"].encode() if "text" in said else base64.b64decode(said.get("base64", ""))
    headers = {name: [value] for name, value in said.get("headers", {}).items()}
    return {"status": {"code": said["status"], "message": ""}, "headers": headers, "body": {"string": data}}
