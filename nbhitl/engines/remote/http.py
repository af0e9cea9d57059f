"""The way to a server: address, credentials, HTTP client; and what goes wrong on it, in our own words.

Credentials live in closures and in the HTTP client only, so that no ``repr``, ``vars`` or list of variables shows
them. What httpx and the SDK raise carries request headers and the server's answer along: none of it leaves here but
as a new error, raised outside of the ``except`` so that the first one is not even its context.
"""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from nbhitl.errors import NbhitlError, ServerRefused, ServerUnreachable, ThreadNotFound, UsageError

T = TypeVar("T")

CONNECT_RETRIES = 2
"""Half a second for a server that is just being started again; an absent one is told of after that."""

CONNECT_SECONDS = 5.0
SHORT_SECONDS = 10.0
"""For requests that start no run."""

SILENT_SECONDS = 12.0
"""For a run at work to send nothing at all, before it is looked at: servers send a sign of life every five seconds."""

SHORTEST_SECRET = 6
"""Shorter header values are no secrets, and would blot out ordinary words."""

LONGEST_DETAIL = 300
"""Characters of a server's own explanation that are quoted."""

NO_ROUTE = (404, 405)
NOT_FOUND = 404
SERVER_FAILED = 500

NEVER_SENT_ALONG = frozenset({"accept", "accept-encoding", "connection", "content-length", "content-type", "host"})
"""Headers of a client taken over that belong to its own requests."""

FOREIGN = (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, TypeError)
"""What the SDK and httpx raise: ``ValueError`` for a body that is no JSON, ``TypeError`` for what cannot become it."""

LASTING = ("/stream", "/join")
"""How the paths end of requests that last as long as a run and show signs of life."""

MakeTransport = Callable[[], httpx.AsyncBaseTransport]
Special = Mapping[int, Callable[[str], Exception]]
"""HTTP status -> error made from the server's explanation, where the caller knows better than this module."""


class _Aside(Exception):
    """Carries the error that people see, to whoever first tries to do better.

    Attributes
    ----------
    error
        That error.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class InDoubt(_Aside):
    """The connection was cut, or the server failed, after the request may have arrived."""


class NoRoute(_Aside):
    """The server does not know this request at all."""


@dataclass(frozen=True)
class Access:
    """Where a server is, and how to get in.

    Attributes
    ----------
    url
        Its address, without credentials.
    headers
        Names of the headers that carry credentials.
    make_client
        Makes the HTTP client, on the loop that is to use it.
    clean
        Takes our credentials out of a text that came from elsewhere.
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
        """Await ``call``, a request of the SDK; say what went wrong in our own words.

        Parameters
        ----------
        what
            What the request is for: "read the thread".
        call
            The SDK's coroutine.
        seconds
            Time it has; by default `SHORT_SECONDS`.
        lasts
            Whether it lasts as long as a run, and has all the time there is.
        starts
            Whether it works on a run, so that what may have arrived is to be told apart, as `InDoubt`, and what the
            server does not know, as `NoRoute`.
        special
            Errors for single HTTP statuses.

        Raises
        ------
        ServerError
            Whatever is in the way.
        UsageError
            If what was to be sent cannot become JSON.
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
        """Yield the parts of a stream of the SDK; say what went wrong as `ask` does."""
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
        if type(error) is httpx.TransportError:  # the SDK's, for a stream that is none
            return ServerRefused(f"{prefix}what answers at {self.url} is no LangGraph server. Check the URL.")
        if isinstance(error, httpx.TransportError | TimeoutError):
            return ServerUnreachable(prefix + self._transport_explained(error))
        if isinstance(error, TypeError):
            return UsageError(f"{prefix}it cannot be sent as JSON ({self.clean(str(error))}). Give plain values.")
        return ServerRefused(
            f"{prefix}what answers at {self.url} is no LangGraph server ({type(error).__name__}: its answer is not "
            "JSON). Check the URL."
        )

    def _transport_explained(self, error: Exception) -> str:
        name = type(error).__name__
        match error:
            case httpx.ConnectError() if "CERTIFICATE" in str(error):
                return f"the TLS certificate of {self.url} is not trusted ({name}). Set SSL_CERT_FILE."
            case httpx.ConnectError() if "SSL" in str(error):
                return f"what answers at {self.url} speaks no TLS ({name}). Write http:// if it is meant so."
            case httpx.ConnectError() | httpx.ConnectTimeout():
                return f"nothing answers at {self.url} ({name}). Start the server, or check the URL."
            case httpx.TimeoutException() | TimeoutError():
                return f"{self.url} has not answered in time ({name}). Look whether the server is busy, or stuck."
        return f"the connection to {self.url} was cut ({name}). Look at the server, and try again."

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
                return f"forbids it (HTTP 403). {given}, or these are not meant for this; see nbhitl.remote."
            case 404:
                return "does not know it (HTTP 404). A development server forgets its threads when it is stopped."
            case 429:
                return "gets too many requests (HTTP 429). Wait, and try again."
            case _ if status >= SERVER_FAILED:
                return f"failed (HTTP {status}). Its log says why."
        return f"refused it (HTTP {status}){f': {detail}' if detail else ''}."


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
        If ``server`` is neither, or something cannot be sent; the message holds no credentials.
    """
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
            raise ServerRefused(f"{url} sends its visitors elsewhere (HTTP {response.status_code}). Check the URL.")
        if response.is_success and "html" in response.headers.get("content-type", ""):
            raise ServerRefused(f"{url} answered with a web page, so it is no LangGraph server. Check the URL.")
        # where the SDK would go on by itself after a cut: for a minute, with warnings in the user's cell
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
    except (httpx.InvalidURL, ValueError):  # its message may quote a password
        url = None
    if url is None or url.scheme not in ("http", "https") or not url.host:
        raise UsageError(f"{_quotable(base)!r} is not the URL of a server; write it like 'http://localhost:2024'.")
    if url.query or url.fragment:
        raise UsageError("The URL of a server has no ? and no #; give credentials as api_key= or headers=.")
    basic = (url.username, url.password) if url.userinfo else None
    return str(url.copy_with(username=None, password=None)).rstrip("/"), basic


def _quotable(url: str) -> str:
    """Return what is no URL without all that may be a secret: what stands before the last @ and after ? or #."""
    return re.split("[?#]", re.sub(r"(?s)^(\w+://)?.*@", r"\1", url))[0]


def _headers(own: Mapping[str, str], given: Mapping[str, str] | None, api_key: str | None) -> dict[str, str]:
    """Return what to send; refuse what HTTP would refuse later, in an error that quotes the value."""
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
    """Return the texts that must not be seen, the longest first, so that none is left in part."""
    values = [value for name, value in sent.items() if name != "user-agent"]
    values += [value for _, value in ({} if cookies is None else cookies).items()]
    if basic:
        values += [*basic, base64.b64encode(":".join(basic).encode()).decode()]
    values += [word for value in values for word in value.split()]  # "Bearer <token>"
    return sorted({value for value in values if len(value) >= SHORTEST_SECRET}, key=len, reverse=True)


def _detail(response: httpx.Response) -> str:
    """Return the server's own explanation of a refusal, on one line; "" where it gives none as JSON."""
    body = _json(response)
    if isinstance(listed := body.get("detail"), list):  # as FastAPI tells what is wrong with a request
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
    """Whether no route of LangGraph's answered, but just any web server."""
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
