"""A graph on a LangGraph server, and the function that names such a graph. The only importer of langgraph_sdk."""

import asyncio
import weakref
from collections.abc import Mapping
from typing import Any, Never

from langgraph_sdk.client import LangGraphClient

from nbhitl.engines.remote.engine import RemoteEngine
from nbhitl.engines.remote.http import Access, MakeTransport, access
from nbhitl.engines.remote.run import Way
from nbhitl.errors import UsageError
from nbhitl.text.characters import escaped

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
"""Options of a run that the SDK's ``runs.wait`` takes; all further options are decided by the engine."""

CONFIG_KEYS = frozenset({"configurable", "metadata", "recursion_limit", "run_name", "tags"})
"""Keys of a ``RunnableConfig`` with a meaning on a server; callbacks, for example, live in this process."""


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
        are taken over. The client itself is not used: a client belongs to an event loop.
    assistant
        Name of the graph, or id of the assistant; may be left out for a ``RemoteGraph``.
    headers
        Headers of every request.
    api_key
        API key, sent as the header ``x-api-key``.
    timeout
        Seconds without a byte from the server after which a request fails; ``None``: never. A run that is watched is
        looked at after 12 seconds of silence, and followed if still at work.
    transport
        Makes the ``httpx`` transport, for a proxy or certificates of your own.

    Raises
    ------
    UsageError
        If an argument is invalid.

    Examples
    --------
    >>> server = remote("http://localhost:2024", "agent")
    >>> server
    nbhitl.remote('http://localhost:2024', 'agent')
    """
    config: Mapping[str, Any] | None = None
    if type(server).__name__ == "RemoteGraph":  # the import for an isinstance check would take two seconds
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
        return escaped(f"nbhitl.remote({self.url!r}, {self.assistant!r})")

    def __reduce__(self) -> Never:
        raise TypeError("A server is not pickled, because of the credentials. Write nbhitl.remote(...) again.")

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
        """Return an engine for a thread.

        Parameters
        ----------
        thread_id
            The thread; by default the thread in ``config``, or else a new thread.
        config
            LangGraph's ``RunnableConfig``, as ``graph.invoke`` takes it.
        tokens
            Whether every chat model is made to stream; by default models are called as the graph calls them.
        **options
            ``context``, ``durability``, ``interrupt_before`` and the like; see `OPTIONS`.

        Raises
        ------
        UsageError
            If an option, or a key in ``config``, has no meaning on a server.
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
    """Close the connections of a server that nothing refers to any more, on their event loop."""

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
            f"Allowed are: {', '.join(sorted(OPTIONS | {'tokens'}))}."
        )


def _merged(base: Mapping[str, Any] | None, config: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a RemoteGraph's own config with the review's config on top."""
    base, config = base or {}, config or {}
    merged = {**base, **config}
    if "configurable" in merged:
        merged["configurable"] = {**base.get("configurable", {}), **config.get("configurable", {})}
    return merged


def _split_config(config: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Return the part of ``config`` that is sent with each run, and the id of the thread."""
    if unknown := config.keys() - CONFIG_KEYS:
        raise UsageError(
            f"config={{{', '.join(f'{key!r}: ...' for key in sorted(unknown))}}} has no meaning on a server. "
            f"Allowed are: {', '.join(sorted(CONFIG_KEYS))}."
        )
    configurable = dict(config.get("configurable") or {})
    thread_id = configurable.pop("thread_id", None)
    if checkpoint := configurable.keys() & {"checkpoint_id", "checkpoint_ns"}:
        raise UsageError(
            f"config names a {checkpoint.pop()}: on a server a review goes on from the thread's end. Remove the key."
        )
    sent = {**config, "configurable": configurable}
    return {key: value for key, value in sent.items() if value}, None if thread_id is None else str(thread_id)
