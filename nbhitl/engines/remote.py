"""The served engine: a thread on a LangGraph server. The only importer of langgraph_sdk."""

import asyncio
import uuid
import weakref
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Never

from langgraph_sdk.client import LangGraphClient

from nbhitl.engines import wire
from nbhitl.engines.base import SnippetLines
from nbhitl.engines.connection import Access, MakeTransport, Special, access
from nbhitl.engines.snippets import Resume, snippets
from nbhitl.errors import (
    AlreadyAnswered,
    AssistantNotFound,
    InvalidAnswer,
    RunFailed,
    ServerError,
    ServerRefused,
    ThreadNotFound,
    ThreadWaits,
    UsageError,
)
from nbhitl.thread import Leg, Snapshot

STRICT = "__pregel_strict_resume"
"""LangGraph's private switch: a resume for an interrupt that is not pending raises instead of being kept."""

WATCH_EVERY = 1.5

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

NOT_EVERYWHERE = ("configurable", "context", "interrupt_after", "interrupt_before")
"""Settings of a run that a snippet does not repeat: their values may be secrets."""


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
        Seconds without a byte from the server after which a request is given up; servers send a sign of life every
        few seconds while a run works. ``None``: never.
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

    __slots__ = ("__weakref__", "_access", "_clients", "_config", "assistant")

    def __init__(self, way: Access, assistant: str, config: Mapping[str, Any] | None) -> None:
        self.assistant = assistant
        self._access = way
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
        return self._access.url

    def thread(
        self, thread_id: str | None = None, config: Mapping[str, Any] | None = None, **options: Any
    ) -> "RemoteEngine":
        """Return an engine for one thread.

        Parameters
        ----------
        thread_id
            The thread; by default the one in ``config``, or else a new one.
        config
            LangGraph's ``RunnableConfig``, as ``graph.invoke`` takes it.
        **options
            ``context``, ``durability``, ``interrupt_before`` and the like; see `OPTIONS`.

        Raises
        ------
        UsageError
            If an option, or something in ``config``, has no meaning on a server.
        """
        _check_options(options)
        config, named = _split_config(_merged(self._config, config))
        return RemoteEngine(self, self._access, thread_id or named, config, options)

    async def aclose(self) -> None:
        """Close the connections that were opened on this loop."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    def client(self) -> LangGraphClient:
        """Return our own SDK client for the running loop."""
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            client = self._clients[loop] = LangGraphClient(self._access.make_client())
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


class _Doubt(ServerRefused):
    """A run was refused; perhaps the assistant does not exist."""


class RemoteEngine:
    """One thread on a LangGraph server; made by `Server.thread`."""

    on_kernel_loop = False
    watch_every = WATCH_EVERY
    notes: tuple[str, ...] = ()
    has_snippets = True

    def __init__(
        self,
        server: Server,
        way: Access,
        thread_id: str | None,
        config: dict[str, Any],
        options: dict[str, Any],
    ) -> None:
        self.graph_name = server.assistant
        self.thread_id = thread_id
        self._server, self._access = server, way
        self._config, self._options = config, options

    @property
    def runs_on(self) -> str:
        """Where the run works."""
        return f"the LangGraph server {self._server.url}"

    async def start(self, value: Any) -> Leg:
        """Start a run; see `Engine.start`. The server makes the thread if it does not know it."""
        _check_input(value)
        if self.thread_id is None:
            self.thread_id = str(uuid.uuid4())  # ours, so that it is known even if the connection is cut
        elif value is not None:
            await self._refuse_to_drop_a_question()
        return await self._leg("start the run", {409: self._at_work}, input=value, if_not_exists="create")

    async def resume(self, answers: Mapping[str, Any]) -> Leg:
        """Resume the run; see `Engine.resume`."""
        for value in answers.values():
            if problem := wire.why_not_exact(value):
                raise InvalidAnswer(f"This answer cannot be sent to a server as it is: {problem}.")
        pending = (await self._state()).interrupts
        if gone := answers.keys() - {interrupt.id for interrupt in pending}:
            raise AlreadyAnswered(f"Not pending any more: {', '.join(sorted(gone))}.")
        command = wire.resume_command(pending, answers)
        return await self._leg("resume the run", {409: self._overtaken}, command=command, strict_resume=True)

    async def proceed(self) -> Leg:
        """Go on from a stop; see `Engine.proceed`."""
        return await self._leg("go on with the run", {409: self._at_work}, input=None)

    async def read(self) -> Snapshot:
        """Read the thread's state; see `Engine.read`.

        Whether a run is at work has to be asked for separately, and a run may begin or end between two requests. So
        the thread is asked first: not busy, then a question or an end in the state is as settled as it looks. A stop
        without a question may be a run that has just begun: it counts when it is found again, unchanged.
        """
        snapshot = await self._look()
        if not _is_stop(snapshot):
            return snapshot
        again = await self._look()
        return replace(again, busy=again.busy or (_is_stop(again) and again.raw != snapshot.raw))

    def why_not_kept(self, value: Any) -> str | None:
        """Return why JSON cannot carry ``value``; see `Engine.why_not_kept`."""
        return wire.why_not_exact(value)

    def snippets(self, interrupt_id: str, value: Any) -> SnippetLines:
        """Return lines that resume this interrupt from other clients."""
        if self.thread_id is None:
            raise LookupError("There is no thread to resume yet.")
        old = interrupt_id.startswith(wire.MADE_UP)
        command = wire.bare_command(value) if old else {"resume": {interrupt_id: value}}
        resume = Resume(
            self._server.url, self.graph_name, self.thread_id, command, self._access.headers, tuple(self._remarks())
        )
        return snippets(resume)

    # --- requests -----------------------------------------------------------------------------

    async def _leg(self, what: str, special: Special, **run: Any) -> Leg:
        output = await self._wait(what, special, **run)
        if error := wire.run_error(output):
            raise self._failed(*error)
        snapshot = await self._state()
        if _is_stop(snapshot):  # a breakpoint; or another client's run, which is waited for as if it were ours
            while (snapshot := await self.read()).busy:  # noqa: ASYNC110 - a server sends no events of it
                await asyncio.sleep(WATCH_EVERY)
        return Leg(output, snapshot)

    async def _look(self) -> Snapshot:
        busy = await self._busy()
        snapshot = await self._state()
        if not busy and wire.is_untouched(snapshot.raw):
            raise ThreadNotFound(f"No run has begun in thread {self.thread_id!r} on {self._server.url} yet.")
        return replace(snapshot, busy=busy)

    async def _wait(self, what: str, special: Special, **run: Any) -> Any:
        settings = {**run, "durability": "sync", **self._options, **self._run_config(strict="strict_resume" in run)}
        call = self._server.client().runs.wait(  # type: ignore[call-overload]
            self.thread_id, self.graph_name, multitask_strategy="reject", raise_error=False, **settings
        )
        special = {400: _Doubt, 404: _Doubt, 422: _Doubt, **special}
        try:
            return await self._access.ask(what, call, seconds=None, special=special)
        except _Doubt as error:
            detail = str(error)
        raise await self._why_refused(what, detail)

    async def _state(self) -> Snapshot:
        call = self._server.client().threads.get_state(self._known_thread(), subgraphs=True)
        special = {404: self._no_thread, 400: self._bad_thread_id, 422: self._bad_thread_id}
        state = await self._access.ask("read the thread", call, special=special)
        return wire.read_state(state, self._server.url)

    async def _busy(self) -> bool:
        call = self._server.client().threads.get(self._known_thread())
        special = {404: self._no_thread, 400: self._bad_thread_id, 422: self._bad_thread_id}
        thread = await self._access.ask("look whether the thread is busy", call, special=special)
        return wire.read_busy(thread, self._server.url)

    async def _assistants(self) -> list[str]:
        """Return the names of what can be run on the server."""
        call = self._server.client().assistants.search(limit=100)
        return wire.read_assistants(await self._access.ask("list the assistants", call), self._server.url)

    async def _refuse_to_drop_a_question(self) -> None:
        try:
            pending = (await self._state()).interrupts
        except ThreadNotFound:
            if not _is_uuid(self.thread_id):
                raise
            return  # a new one, with the id it was given
        if pending:
            raise ThreadWaits(
                f"Thread {self.thread_id!r} waits for an answer to node {pending[0].node!r}; new input would drop the "
                f"question. Answer it first: nbhitl.open(server, thread_id={self.thread_id!r})."
            )

    def _run_config(self, *, strict: bool) -> dict[str, Any]:
        """Return ``config`` for a run; a server takes no ``configurable`` beside ``context``, so no switch either."""
        config = dict(self._config)
        if strict and not self._options.get("context"):
            config["configurable"] = {**config.get("configurable", {}), STRICT: True}
        return {"config": config} if config else {}

    def _known_thread(self) -> str:
        if self.thread_id is None:
            raise ThreadNotFound("There is no thread yet: start a run first, or give thread_id=.")
        return self.thread_id

    def _remarks(self) -> list[str]:
        given = [name for name in NOT_EVERYWHERE if self._options.get(name) or self._config.get(name)]
        return [f"The review's own {' and '.join(given)} are not repeated here."] if given else []

    # --- refusals in words --------------------------------------------------------------------

    def _failed(self, name: str, message: str) -> Exception:
        if name == "UnknownInterruptError":
            return self._overtaken(message)
        return RunFailed(
            f"{self._access.clean(f'{name}: {message}')} (raised on the server {self._server.url}, in thread "
            f"{self.thread_id!r}; its log has the traceback)"
        )

    def _overtaken(self, detail: str) -> Exception:
        return AlreadyAnswered(f"Another client has resumed thread {self.thread_id!r} first; nothing was sent twice.")

    def _at_work(self, detail: str) -> Exception:
        return ServerRefused(
            f"Another run is at work in thread {self.thread_id!r} on {self._server.url} (HTTP 409). Look at it with "
            f"nbhitl.open(server, thread_id={self.thread_id!r})."
        )

    def _no_thread(self, detail: str) -> Exception:
        return ThreadNotFound(
            f"No thread {self.thread_id!r} on {self._server.url}. Check thread_id= and the URL; a development server "
            "forgets its threads when it is stopped."
        )

    def _bad_thread_id(self, detail: str) -> Exception:
        if _is_uuid(self.thread_id):
            return ServerRefused(f"{self._server.url} refused to read thread {self.thread_id!r}: {detail}")
        return ThreadNotFound(
            f"No thread {self.thread_id!r} on {self._server.url}: LangGraph servers name threads by UUIDs. To open a "
            "thread give the id that its client got; to start one leave the id out, or make a lasting one: "
            "str(uuid.uuid5(uuid.NAMESPACE_URL, 'any name'))."
        )

    async def _why_refused(self, what: str, detail: str) -> Exception:
        if not _is_uuid(self.thread_id):
            return self._bad_thread_id(detail)
        try:
            known = await self._assistants()
        except ServerError:  # its first refusal says more than this second one
            known = [self.graph_name]
        if self.graph_name in known:
            return ServerRefused(f"Cannot {what}: {self._server.url} refused it: {detail}")
        names = ", ".join(repr(name) for name in known if not _is_uuid(name))
        return AssistantNotFound(
            f"No assistant {self.graph_name!r} on {self._server.url}. There are: {names or 'none'}. "
            "Name one of these, or add the graph to the server's langgraph.json."
        )


def _is_stop(snapshot: Snapshot) -> bool:
    """Whether the run stands still without a question, as far as can be seen at one moment."""
    return bool(snapshot.next) and not snapshot.interrupts and not snapshot.busy


def _is_uuid(text: str | None) -> bool:
    try:
        uuid.UUID(text)
    except (ValueError, TypeError, AttributeError):
        return False
    return True


def _check_options(options: Mapping[str, Any]) -> None:
    if unknown := options.keys() - OPTIONS:
        raise UsageError(
            f"Runs on a server take no {', '.join(f'{name}=' for name in sorted(unknown))}. "
            f"They take: {', '.join(sorted(OPTIONS))}."
        )


def _check_input(value: Any) -> None:
    if (type(value).__name__, type(value).__module__) == ("Command", "langgraph.types"):
        raise UsageError("A Command is no input for a server. To answer a question, open its thread: nbhitl.open(...).")
    if problem := wire.why_not_exact(value, json_only=False):
        raise UsageError(f"This input cannot be sent to a server as it is: {problem}.")


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
