"""The way to a server: address, credentials, HTTP client, and the errors of requests in nbhitl's own words.

Credentials live in closures and in the HTTP client only, so that no ``repr``, ``vars`` or list of variables shows a
credential. Exceptions of httpx and the SDK carry request headers and the server's answer. So each is replaced by a new
error, raised outside of the ``except`` block: the foreign exception is not even the context of the new error.
"""

import asyncio
import base64
import json
import math
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from nbhitl.errors import NbhitlError, ServerRefused, ServerUnreachable, ThreadNotFound, UsageError
from nbhitl.jsontext import is_number

T = TypeVar("T")

CONNECT_RETRIES = 2
"""Retries cover the half second in which a server is being restarted; after that an absent server is reported."""

CONNECT_SECONDS = 5.0
SHORT_SECONDS = 10.0
"""For requests that start no run."""

SILENT_SECONDS = 12.0
"""Longest silence of a run at work before nbhitl looks at the run; servers send a sign of life every five seconds."""

SHORTEST_SECRET = 6
"""Shorter header values count as no secret: to blot out such a value would blot out ordinary words."""

LONGEST_DETAIL = 300
"""Characters of a server's own explanation that are quoted."""

NO_ROUTE = (404, 405)
NOT_FOUND = 404
SERVER_FAILED = 500

NEVER_SENT_ALONG = frozenset({"accept", "accept-encoding", "connection", "content-length", "content-type", "host"})
"""Headers that are not taken over from a client: each belongs to that client's own requests."""

FOREIGN = (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, TypeError)
"""Exceptions of the SDK and httpx: ``ValueError`` for a body that is no JSON, ``TypeError`` for a value JSON lacks."""

LASTING = ("/stream", "/join")
"""Ends of the paths of requests that last as long as a run and show signs of life."""

MakeTransport = Callable[[], httpx.AsyncBaseTransport]
Special = Mapping[int, Callable[[str], Exception]]
"""HTTP status -> error made from the server's explanation, where the caller can explain better than this module."""


class _Aside(Exception):
    """Carries the error for the user to a caller that first tries another way.

    Attributes
    ----------
    error
        The error for the user.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class InDoubt(_Aside):
    """The connection was cut, or the server failed, after the request may have arrived."""


class NoRoute(_Aside):
    """The server has no such route."""


@dataclass(frozen=True)
class Access:
    """Address of a server, and the way to get in.

    Attributes
    ----------
    url
        The server's address, without credentials.
    headers
        Names of the headers that carry credentials.
    make_client
        Makes the HTTP client, on the loop that will use the client.
    clean
        Masks our credentials in a text that came from elsewhere.
    """

    url: str
    headers: tuple[str, ...]
    make_client: Callable[[], httpx.AsyncClient] = field(repr=False)
    clean: Callable[[str], str] = field(repr=False)

    async def ask(
        self,
        what: str,
        call: Awaitable[T],
        *,
        seconds: float | None = None,
        lasts: bool = False,
        starts: bool = False,
        special: Special | None = None,
    ) -> T:
        """Await ``call``, a request of the SDK; raise errors in nbhitl's own words.

        Parameters
        ----------
        what
            The purpose of the request: "read the thread".
        call
            The SDK's coroutine.
        seconds
            Time limit of the request; by default `SHORT_SECONDS`.
        lasts
            Whether the request lasts as long as a run, without a time limit.
        starts
            Whether the request works on a run. Then `InDoubt` tells of a request that may have arrived, and
            `NoRoute` of a request that the server does not know.
        special
            Errors for single HTTP statuses.

        Raises
        ------
        ServerError
            If the request fails.
        UsageError
            If the value to send cannot become JSON.
        """
        try:
            async with asyncio.timeout(None if lasts else seconds or SHORT_SECONDS):
                return await call
        except NbhitlError as error:
            problem: Exception = error.with_traceback(None)
        except FOREIGN as error:
            problem = self._explained(what, error, special or {})
            aside = _aside(error) if starts else None
            problem = aside(problem) if aside else problem
        raise problem

    async def each(self, what: str, parts: AsyncIterator[T], *, special: Special | None = None) -> AsyncIterator[T]:
        """Yield the parts of a stream of the SDK; raise errors as `ask` does."""
        async with aclosing(parts):  # type: ignore[type-var]  # an async generator, as the SDK makes them
            while True:
                part = await self.ask(what, anext(parts, None), lasts=True, starts=True, special=special)
                if part is None:
                    return
                yield part

    def _explained(self, what: str, error: Exception, special: Special) -> Exception:
        prefix = f"Cannot {what}: "
        if isinstance(error, httpx.HTTPStatusError):
            return self._status_explained(prefix, error.response, special)
        if type(error) is httpx.TransportError:  # raised by the SDK when the response is no event stream
            return ServerRefused(f"{prefix}{self.url} is no LangGraph server. Check the URL.")
        if isinstance(error, httpx.TransportError | TimeoutError):
            return ServerUnreachable(prefix + self._transport_explained(error))
        if isinstance(error, TypeError):
            problem = self.clean(str(error))
            return UsageError(f"{prefix}the value cannot be sent as JSON ({problem}). Give plain values.")
        return ServerRefused(
            f"{prefix}{self.url} is no LangGraph server ({type(error).__name__}: the answer is not JSON). "
            "Check the URL."
        )

    def _transport_explained(self, error: Exception) -> str:
        name = type(error).__name__
        match error:
            case httpx.ConnectError() if "CERTIFICATE" in str(error):
                return f"the TLS certificate of {self.url} is not trusted ({name}). Set SSL_CERT_FILE."
            case httpx.ConnectError() if "SSL" in str(error):
                return f"{self.url} speaks no TLS ({name}). Write http:// for a server without TLS."
            case httpx.ConnectError() | httpx.ConnectTimeout():
                return f"nothing answers at {self.url} ({name}). Start the server, or check the URL."
            case httpx.TimeoutException() | TimeoutError():
                return f"{self.url} has not answered in time ({name}). Check whether the server is busy or stuck."
        return f"the connection to {self.url} was cut ({name}). Check the server and try again."

    def _status_explained(self, prefix: str, response: httpx.Response, special: Special) -> Exception:
        status, detail = response.status_code, self.clean(_detail(response))
        if _is_no_route(response):
            return ServerRefused(
                f"{prefix}{self.url} is no LangGraph server (HTTP {status}). Check the URL and its path."
            )
        if make := special.get(status):
            return make(detail)
        error = ThreadNotFound if status == NOT_FOUND else ServerRefused
        return error(f"{prefix}{self.url} {self._status_in_words(status, detail)}")

    def _status_in_words(self, status: int, detail: str) -> str:
        given = "The key or headers given are not accepted" if self.headers else "Give api_key= or headers="
        match status:
            case 401:
                return f"lets nobody in without credentials (HTTP 401). {given}; see nbhitl.remote."
            case 403:
                return f"forbids this request (HTTP 403). {given}, or lack the permission; see nbhitl.remote."
            case 404:
                return "found nothing (HTTP 404). A development server that is stopped forgets all threads."
            case 429:
                return "gets too many requests (HTTP 429). Wait and try again."
            case _ if status >= SERVER_FAILED:
                return f"failed (HTTP {status}). The log of the server says why."
        return f"refused the request (HTTP {status}){f': {detail}' if detail else ''}."


def access(
    server: Any,
    headers: Mapping[str, str] | None,
    api_key: str | None,
    timeout: float | None,
    transport: MakeTransport | None,
) -> Access:
    """Take over address and credentials of a URL, or of an SDK client.

    Raises
    ------
    UsageError
        If ``server`` is neither, a header cannot be sent, or ``timeout`` is no time; the message holds no credentials.
    """
    _check_timeout(timeout)
    if isinstance(server, str | httpx.URL):
        base, auth, own, cookies = str(server), None, {}, None
    else:
        http = _http_client(server, transport)
        base, auth, own, cookies = str(http.base_url), http.auth, dict(http.headers), http.cookies
    url, basic = _without_credentials(base)
    sent = _headers(own, headers, api_key)
    secrets = _secrets(sent, basic, cookies)
    named = [name for name in sent if name != "user-agent"]
    # an Auth object, or user:password@ in the URL, ends up in this header
    named += ["authorization"] if (auth or basic) and "authorization" not in sent else []
    url_auth = httpx.BasicAuth(*basic) if basic else None

    def make_client() -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=url,
            headers=sent,
            auth=auth or url_auth,
            cookies=cookies,
            timeout=httpx.Timeout(timeout, connect=CONNECT_SECONDS, pool=None),
            transport=transport() if transport else httpx.AsyncHTTPTransport(retries=CONNECT_RETRIES),
            event_hooks={"request": [expect_signs_of_life], "response": [refuse_web_page]},
        )

    async def expect_signs_of_life(request: httpx.Request) -> None:
        if request.url.path.endswith(LASTING):
            limits = request.extensions["timeout"]
            limits["read"] = min(SILENT_SECONDS, limits["read"] or SILENT_SECONDS)

    async def refuse_web_page(response: httpx.Response) -> None:
        if response.has_redirect_location:
            raise ServerRefused(f"{url} redirects to another address (HTTP {response.status_code}). Check the URL.")
        if response.is_success and "html" in response.headers.get("content-type", ""):
            raise ServerRefused(f"{url} answered with a web page: this is no LangGraph server. Check the URL.")
        # else the SDK would reconnect after a cut: for a minute, with warnings in the user's cell
        response.headers.pop("location", None)

    def clean(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, "•••")
        return text

    return Access(url, tuple(named), make_client, clean)


def _http_client(server: Any, transport: MakeTransport | None) -> httpx.Client | httpx.AsyncClient:
    http = getattr(getattr(server, "http", None), "client", None)
    if not isinstance(http, httpx.Client | httpx.AsyncClient):
        raise UsageError(
            f"nbhitl.remote takes the URL of a LangGraph server, a langgraph_sdk client or a RemoteGraph, not "
            f"{type(server).__name__}. Write nbhitl.remote('http://localhost:2024', 'agent')."
        )
    own = getattr(http, "_transport", None)
    if own is not None and transport is None and not isinstance(own, httpx.HTTPTransport | httpx.AsyncHTTPTransport):
        raise UsageError(
            f"This client sends through its own {type(own).__name__}, which belongs to its event loop. Give "
            "nbhitl.remote a transport= that makes such a transport, or the server's URL."
        )
    return http


def _without_credentials(base: str) -> tuple[str, tuple[str, str] | None]:
    try:
        url: httpx.URL | None = httpx.URL(base)
    except (httpx.InvalidURL, ValueError):  # the message may quote a password
        url = None
    if url is None or url.scheme not in ("http", "https") or not url.host:
        raise UsageError(f"{_quotable(base)!r} is not the URL of a server. Write the URL like 'http://localhost:2024'.")
    if url.query or url.fragment:
        raise UsageError("The URL of a server has no ? and no #; give credentials as api_key= or headers=.")
    basic = (url.username, url.password) if url.userinfo else None
    return str(url.copy_with(username=None, password=None)).rstrip("/"), basic


def _quotable(url: str) -> str:
    """Return an invalid URL without possible secrets: the part before the last @ and the part after ? or #."""
    return re.split("[?#]", re.sub(r"(?s)^(\w+://)?.*@", r"\1", url))[0]


def _check_timeout(timeout: Any) -> None:
    if timeout is not None and not (is_number(timeout) and 0 < timeout < math.inf):
        raise UsageError(f"timeout= is a number of seconds above 0, or None, not {timeout!r}.")


def _headers(own: Mapping[str, str], given: Mapping[str, str] | None, api_key: str | None) -> dict[str, str]:
    """Return the headers to send; refuse a header that HTTP would refuse later, in an error that quotes the value."""
    if given is not None and not isinstance(given, Mapping):
        raise UsageError(f"headers= is a mapping of names to texts, not a {type(given).__name__}.")
    for name in given or ():
        if not isinstance(name, str):
            raise UsageError(f"{name!r} is no name of a header.")
    sent: dict[str, Any] = {name.lower(): value for name, value in own.items() if name.lower() not in NEVER_SENT_ALONG}
    sent |= {name.lower(): value for name, value in (given or {}).items()}
    if api_key is not None:
        sent["x-api-key"] = api_key
    for name, value in sent.items():
        if not isinstance(value, str) or not value.strip().isascii() or not value.strip().isprintable():
            raise UsageError(f"The header {name!r} is no line of ASCII text, so that it cannot be sent.")
        if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
            raise UsageError(f"{name!r} is no name of a header.")
    return {name: value.strip() for name, value in sent.items()}


def _secrets(sent: Mapping[str, str], basic: tuple[str, str] | None, cookies: httpx.Cookies | None) -> list[str]:
    """Return the texts that must not be seen, the longest first, so that no part of a longer text is left."""
    values = [value for name, value in sent.items() if name != "user-agent"]
    values += [value for _, value in ({} if cookies is None else cookies).items()]
    if basic:
        values += [*basic, base64.b64encode(":".join(basic).encode()).decode()]
    values += [word for value in values for word in value.split()]  # "Bearer <token>"
    return sorted({value for value in values if len(value) >= SHORTEST_SECRET}, key=len, reverse=True)


def _detail(response: httpx.Response) -> str:
    """Return the server's own explanation of a refusal, on a single line; "" where the body is no such JSON."""
    body = _json(response)
    if isinstance(listed := body.get("detail"), list):  # as FastAPI lists the faults of a request
        body = {"detail": "; ".join(str(each["msg"]) for each in listed if isinstance(each, dict) and "msg" in each)}
    text = next((body[key] for key in ("detail", "message", "error") if isinstance(body.get(key), str)), "")
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_DETAIL else f"{line[: LONGEST_DETAIL - 1]}…"


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        body = json.loads(response.content)
    except (httpx.StreamError, ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _is_no_route(response: httpx.Response) -> bool:
    """Whether an ordinary web server answered and no route of LangGraph's."""
    body = _json(response)
    return response.status_code in NO_ROUTE and (not body or body.get("detail") in ("Not Found", "Method Not Allowed"))


def _aside(error: Exception) -> type[_Aside] | None:
    match error:
        case httpx.HTTPStatusError():
            failed = error.response.status_code >= SERVER_FAILED
            return NoRoute if _is_no_route(error.response) else InDoubt if failed else None
        case httpx.ConnectError() | httpx.ConnectTimeout():
            return None
        case httpx.TransportError() | TimeoutError() if type(error) is not httpx.TransportError:
            return InDoubt
    return None
