"""HTTP requests of a notebook, recorded and replayed as calls of models are: for clients that LangChain does not call.

vcrpy patches the HTTP libraries. This module decides which requests are recorded, and how they are written: without
headers, without keys in addresses and bodies, and of a model's API without ids and times.
"""

import base64
import ipaddress
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from fnmatch import fnmatchcase
from functools import wraps
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from vcr.cassette import Cassette
from vcr.filters import decode_response
from vcr.request import Request

from nbhitl.errors import UnrecordedCall, UsageError
from nbhitl.models import keys
from nbhitl.models.active import ACTIVE
from nbhitl.models.calls import Running, running_request
from nbhitl.models.said import Again, Json, Shapes
from nbhitl.models.steady import Asked, each_text, numbers
from nbhitl.models.wrapping import is_inside

KEPT_HEADERS = ("content-type", "location")
"""Headers of a response that are recorded: clients need the type to read the body, and the address of a redirect."""

SDK = "langgraph-sdk-py"
"""Beginning of the ``User-Agent`` of LangGraph's clients."""

CONVERSATIONS = ("messages", "input")
"""Members of a request to a model that hold a conversation."""

EVENTS = "text/event-stream"

DATA = "data: "

CALL = "nbhitl_call"
"""Attribute that nbhitl adds to a request of vcrpy: the call of the request."""

_installed = ExitStack()
"""Holds vcrpy's patches, for as long as the kernel lives."""


# --- which requests -----------------------------------------------------------------------------


def checked_hosts(hosts: Any) -> tuple[str, ...]:
    """Return the patterns of hosts whose requests are recorded.

    Raises
    ------
    UsageError
        If ``hosts`` is no sequence of names of hosts, or names this machine.
    """
    if isinstance(hosts, str) or not isinstance(hosts, Sequence) or not all(isinstance(each, str) for each in hosts):
        raise UsageError(f'http= is a list of hosts, for example ["api.openai.com"], not {hosts!r}.')
    for host in hosts:
        if not host or any(sign in host for sign in "/:@ "):
            raise UsageError(f"http= has {host!r}: write the host alone, without scheme, port and path.")
        if _is_this_machine(host):
            raise UsageError(f"http= has {host!r}: requests to this machine are never recorded.")
    return tuple(host.lower() for host in hosts)


def _is_this_machine(host: str) -> bool:
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def is_recorded(url: str, headers: Mapping[str, Any]) -> bool:
    """Tell whether a request belongs into the record.

    Raises
    ------
    UnrecordedCall
        If the request is not recorded and carries the placeholder of a key.
    """
    host = (urlsplit(url).hostname or "").lower()
    hosts = ACTIVE[0].hosts if ACTIVE else ()
    is_meant = any(fnmatchcase(host, pattern) for pattern in hosts) and not _is_this_machine(host)
    is_of_graph = _text(headers.get("user-agent", "")).startswith(SDK)
    if is_meant and not is_of_graph and not is_inside():
        return True
    if keys.SENDABLE in url or any(keys.SENDABLE in _text(value) for value in headers.values()):
        raise UnrecordedCall(
            f"A request to {host} carries the placeholder of a key, which stands for a key that a replay does not "
            f"need, and {host} is not recorded. Add the host to record_models(http=…) and record the cell again, or "
            "set the key."
        )
    return False


def install() -> None:
    """Have vcrpy patch the HTTP libraries; calling it again does nothing."""
    if getattr(install, "is_done", False):
        return
    originals = list(_transports())
    _installed.enter_context(_Tape.use(path="", record_on_exception=False))
    for kind, name, original in originals:
        patched = getattr(kind, name)
        setattr(kind, name, _bypassed(patched, original))
        _installed.callback(setattr, kind, name, patched)
    install.is_done = True  # type: ignore[attr-defined]


def uninstall() -> None:
    """Take the patches out again."""
    _installed.close()
    install.is_done = False  # type: ignore[attr-defined]


def _transports() -> Iterator[tuple[Any, str, Any]]:
    """Yield the methods in which httpx sends a request."""
    for library in ("httpx", "httpx2"):
        try:
            module = import_module(library)
        except ImportError:
            continue
        for kind, name in (("HTTPTransport", "handle_request"), ("AsyncHTTPTransport", "handle_async_request")):
            yield getattr(module, kind), name, getattr(getattr(module, kind), name)


def _bypassed(patched: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that uses vcrpy only for requests that are recorded.

    vcrpy reads each response to the end before the client sees the beginning, which would hold back the stream of a
    LangGraph server.
    """

    @wraps(original)
    def handle(self: Any, request: Any) -> Any:
        method = patched if is_recorded(str(request.url), request.headers) else original
        return method(self, request)

    return handle


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
            call.ended(said_in(response, of_model=_is_of_model(request)))


def _call_of(request: Request) -> Running | None:
    """Return the call of a request; ``None`` if not recorded. The same call however often vcrpy asks."""
    if not hasattr(request, CALL):
        call = None
        if is_recorded(request.uri, request.headers):
            headers = {name: _text(value) for name, value in request.headers.items()}
            query = [value for _, value in parse_qsl(urlsplit(request.uri).query)]
            call = running_request(asked_in(request), keys.note_sent(headers, query))
        setattr(request, CALL, call)
    call_or_none: Running | None = getattr(request, CALL)
    return call_or_none


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " ".join(_text(each) for each in value)
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


# --- how requests are written--------------------------------------------------------------------


def asked_in(request: Request) -> Asked:
    """Return a request as a call: the address and the body, a conversation in the body as messages."""
    address = urlsplit(request.uri)
    query = [(name, value) for name, value in parse_qsl(address.query) if not keys.SECRET.fullmatch(name)]
    url = address._replace(query=urlencode(query), fragment="", netloc=address.netloc.rpartition("@")[2]).geturl()
    body = _body_of(request)
    number = numbers()
    settings: Json = {"model": f"{request.method} {keys.masked(url)}"}
    if not isinstance(body, dict):
        return Asked(settings, [{"body": each_text(body, number)}] if body else [])
    body = each_text(_without_secrets(body), number)
    name = next((name for name in CONVERSATIONS if _is_conversation(body.get(name))), None)
    messages = [] if name is None else [_message(each) for each in body.pop(name)]
    # The address comes first for the reader; a `model` in the body must not replace the address.
    return Asked(settings | {"body": body}, messages)


def _body_of(request: Request) -> Any:
    """Return the body of a request: JSON, a text, or the bytes as base64."""
    data = request.body_bytes or b""
    boundary = _text(request.headers.get("content-type", "")).partition("boundary=")[2].strip('"')
    if boundary:  # made anew for each request
        data = data.replace(boundary.encode(), b"boundary")
    return _read(data)


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
    """Tell whether a request asks a model: its answer has ids and times that are new each time."""
    body = _body_of(request)
    return isinstance(body, dict) and isinstance(body.get("model"), str)


def said_in(response: Json, *, of_model: bool) -> Json:
    """Return a response of vcrpy's as an answer.

    Parameters
    ----------
    response
        Its ``status``, ``headers`` and ``body``.
    of_model
        Whether ids are written as their shapes, and times as none.
    """
    read = decode_response(response)
    headers = {name.lower(): _text(values) for name, values in read["headers"].items()}
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
