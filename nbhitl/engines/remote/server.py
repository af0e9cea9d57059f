"""A graph on a LangGraph server, and how it is named. The only importer of langgraph_sdk."""

import asyncio
import weakref
from collections.abc import Mapping
from typing import Any, Never

from langgraph_sdk.client import LangGraphClient

from nbhitl.engines.remote.engine import RemoteEngine
from nbhitl.engines.remote.http import Access, MakeTransport, access
from nbhitl.engines.remote.run import Way
from nbhitl.errors import UsageError

OPTIONS = frozenset(
    {
        "context",
        "durability",
        "interrupt_after",
        "interrupt_before",
        "langsmith_tracing",
        "metadata",
        "on_disconnect",
        "webhook",
    }
)
"""What the SDK's ``runs.wait`` takes for a run, besides what the engine itself decides."""

CONFIG_KEYS = frozenset({"configurable", "metadata", "recursion_limit", "run_name", "tags"})
"""What of a ``RunnableConfig`` has a meaning on a server; callbacks, for one, live in this process."""


def remote(
    server: Any,
    assistant: str | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    api_key: str | None = None,
    timeout: float | None = 300.0,
    transport: MakeTransport | None = None,
) -> "Server":
    """Name a graph on a LangGraph server; give it to `review` or `open` in place of a compiled graph.

    Nothing is sent yet, and no key is taken from the environment.

    Parameters
    ----------
    server
        The server's URL; or a client of langgraph_sdk, or a LangGraph ``RemoteGraph``, whose address and credentials
        are taken over (the client itself is not used: it belongs to its own event loop).
    assistant
        Name of the graph, or id of the assistant; may be left out for a ``RemoteGraph``.
    headers
        Sent with every request.
    api_key
        Sent as the header ``x-api-key``.
    timeout
        Seconds without a byte from the server after which a request is given up; ``None``: never. A run that is
        watched is looked after when it has been silent for 12 seconds, and followed if it is still at work.
    transport
        Makes the ``httpx`` transport, for a proxy or certificates of your own.

    Raises
    ------
    UsageError
        If one of these cannot be meant.

    Examples
    --------
    >>> server = remote("http://localhost:2024", "agent")
    >>> server
    nbhitl.remote('http://localhost:2024', 'agent')
    """
    config: Mapping[str, Any] | None = None
    if type(server).__name__ == "RemoteGraph":  # importing it to ask would take two seconds
        assistant, config = assistant or server.assistant_id, server.config
        server = server.client or server.sync_client
    if not isinstance(assistant, str) or not assistant:
        raise UsageError("Which graph on the server? Write nbhitl.remote('http://localhost:2024', 'agent').")
    return Server(access(server, headers, api_key, timeout, transport), assistant, config)


class Server:
    """A graph on a LangGraph server; made by `remote`."""

    __slots__ = ("__weakref__", "_clients", "_config", "access", "assistant", "way")

    def __init__(self, access: Access, assistant: str, config: Mapping[str, Any] | None) -> None:
        self.assistant = assistant
        self.access = access
        self.way = Way()
        self._config = config
        # a client belongs to the loop that first used it
        self._clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, LangGraphClient]
        self._clients = weakref.WeakKeyDictionary()

    def __repr__(self) -> str:
        return f"nbhitl.remote({self.url!r}, {self.assistant!r})"

    def __reduce__(self) -> Never:
        raise TypeError("A server is not pickled: its credentials would be, too. Write nbhitl.remote(...) again.")

    @property
    def url(self) -> str:
        """The server's address, without credentials."""
        return self.access.url

    def thread(
        self,
        thread_id: str | None = None,
        config: Mapping[str, Any] | None = None,
        *,
        tokens: bool = False,
        **options: Any,
    ) -> RemoteEngine:
        """Return an engine for one thread.

        Parameters
        ----------
        thread_id
            The thread; by default the one in ``config``, or else a new one.
        config
            LangGraph's ``RunnableConfig``, as ``graph.invoke`` takes it.
        tokens
            Whether every chat model is made to stream; by default models are called as the graph calls them.
        **options
            ``context``, ``durability``, ``interrupt_before`` and the like; see `OPTIONS`.

        Raises
        ------
        UsageError
            If an option, or something in ``config``, has no meaning on a server.
        """
        _check_options(options)
        config, named = _split_config(_merged(self._config, config))
        return RemoteEngine(self, thread_id or named, config, options, tokens=tokens)

    async def aclose(self) -> None:
        """Close the connections that were opened on this loop."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    def client(self) -> LangGraphClient:
        """Return our own SDK client for the running loop."""
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            client = self._clients[loop] = LangGraphClient(self.access.make_client())
            weakref.finalize(self, _close_soon, loop, client).atexit = False
        return self._clients[loop]


_CLOSING: set[asyncio.Task[None]] = set()
"""Keeps these tasks alive: a loop holds its tasks only weakly."""


def _close_soon(loop: asyncio.AbstractEventLoop, client: LangGraphClient) -> None:
    """Close the connections of a server that nobody holds any more, on the loop they belong to."""

    def close() -> None:
        task = loop.create_task(client.aclose())
        _CLOSING.add(task)
        task.add_done_callback(_CLOSING.discard)

    if not loop.is_closed():
        loop.call_soon_threadsafe(close)


def _check_options(options: Mapping[str, Any]) -> None:
    if unknown := options.keys() - OPTIONS:
        raise UsageError(
            f"Runs on a server take no {', '.join(f'{name}=' for name in sorted(unknown))}. "
            f"They take: {', '.join(sorted(OPTIONS | {'tokens'}))}."
        )


def _merged(base: Mapping[str, Any] | None, config: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a RemoteGraph's own config with the review's on top."""
    base, config = base or {}, config or {}
    merged = {**base, **config}
    if "configurable" in merged:
        merged["configurable"] = {**base.get("configurable", {}), **config.get("configurable", {})}
    return merged


def _split_config(config: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Return what of ``config`` is sent with each run, and the thread it names."""
    if unknown := config.keys() - CONFIG_KEYS:
        raise UsageError(
            f"config={{{', '.join(f'{key!r}: ...' for key in sorted(unknown))}}} has no meaning on a server. "
            f"It takes: {', '.join(sorted(CONFIG_KEYS))}."
        )
    configurable = dict(config.get("configurable") or {})
    thread_id = configurable.pop("thread_id", None)
    if checkpoint := configurable.keys() & {"checkpoint_id", "checkpoint_ns"}:
        raise UsageError(
            f"config names a {checkpoint.pop()}: on a server a review goes on from the end of its thread. Leave it out."
        )
    sent = {**config, "configurable": configurable}
    return {key: value for key, value in sent.items() if value}, None if thread_id is None else str(thread_id)
