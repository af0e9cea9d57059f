"""Lets requests that are not recorded pass by vcrpy.

vcrpy reads each response to the end before the client sees the beginning. That would hold back the stream of a
LangGraph server, and of each further host that is not recorded.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from importlib import import_module
from inspect import signature
from typing import Any, NamedTuple

from vcr.patch import force_reset
from vcr.stubs import VCRConnection

from nbhitl.models.hosts import is_recorded

OF_AIOHTTP = ("_request", "_build_url", "_prepare_headers")
"""Methods of a session of aiohttp; vcrpy patches the first, and no public method sees all requests."""

OPTIONS = "nbhitl_options"
"""Attribute that nbhitl adds to a request of vcrpy: further arguments of the client's."""


class Original(NamedTuple):
    """A library's method that sends a request; ``passing`` makes the method that decides whether vcrpy sees it."""

    kind: Any
    name: str
    method: Callable[..., Any]
    passing: Callable[..., Any]


def originals() -> Iterator[Original]:
    """Yield the methods that vcrpy is going to patch."""
    for library in ("httpx", "httpx2"):
        if (module := _imported(library)) is not None:
            for kind, name in (("HTTPTransport", "handle_request"), ("AsyncHTTPTransport", "handle_async_request")):
                yield Original(getattr(module, kind), name, getattr(getattr(module, kind), name), _of_httpx)
    session = getattr(_imported("aiohttp"), "ClientSession", None)
    if all(hasattr(session, name) for name in OF_AIOHTTP):
        yield Original(session, "_request", vars(session)["_request"], _of_aiohttp)


@contextmanager
def installed(found: Iterable[Original]) -> Iterator[None]:
    """Have vcrpy, which has patched these methods meanwhile, see recorded requests only."""
    with ExitStack() as stack:
        for kind, name, method, passing in found:
            _set(stack, kind, name, passing(getattr(kind, name), method))
        # `http.client`, and urllib3 and requests, which are built on it, have connections of vcrpy's.
        _set(stack, VCRConnection, "request", _noting_options(VCRConnection.request))
        for kind in _connections():
            _set(stack, kind, "getresponse", _of_connection(kind.getresponse))
        yield


def _connections() -> Iterator[Any]:
    """Yield the classes of vcrpy's connections; first the classes for urllib3, which take only vcrpy's responses."""
    names = ("VCRRequestsHTTPConnection", "VCRRequestsHTTPSConnection")
    if (module := _imported("vcr.stubs.urllib3_stubs")) is not None:
        yield from (getattr(module, name) for name in names)
    yield VCRConnection


def _imported(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        return None


def _set(stack: ExitStack, kind: Any, name: str, method: Callable[..., Any]) -> None:
    stack.callback(setattr, kind, name, getattr(kind, name))
    setattr(kind, name, method)


def _of_httpx(patched: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def handle(self: Any, request: Any) -> Any:
        method = patched if is_recorded(str(request.url), request.headers) else original
        return method(self, request)

    return handle


def _of_aiohttp(patched: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    async def request(self: Any, method: str, url: Any, **options: Any) -> Any:
        whole = self._build_url(url)  # vcrpy would see the path alone where the session has the host
        if is_recorded(str(whole), self._prepare_headers(options.get("headers"))):
            return await patched(self, method, whole, **options)
        return await original(self, method, url, **options)

    return request


def _noting_options(patched: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(patched)
    def request(self: Any, *args: Any, **options: Any) -> None:
        patched(self, *args, **options)
        known = signature(patched).parameters
        setattr(self._vcr_request, OPTIONS, {name: each for name, each in options.items() if name not in known})

    return request


def _of_connection(patched: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(patched)
    def getresponse(self: Any, *args: Any, **given: Any) -> Any:
        request = self._vcr_request
        if is_recorded(request.uri, request.headers):
            return patched(self, *args, **given)
        connection = self.real_connection
        with force_reset():
            # urllib3 says here whether the response is read at once; vcrpy drops that.
            options = getattr(request, OPTIONS, {})
            connection.request(request.method, self._url(request.uri), request.body_bytes, request.headers, **options)
        return connection.getresponse()

    return getresponse
