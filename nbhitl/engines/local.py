"""The local engine: a compiled graph and its checkpointer, in this process. The only importer of langgraph."""

import asyncio
import difflib
import json
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Literal, cast
from weakref import WeakValueDictionary

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import UnknownInterruptError
from langgraph.pregel import Pregel
from langgraph.types import Command, StateSnapshot

from nbhitl.background import in_thread
from nbhitl.engines.base import SnippetLines
from nbhitl.errors import AlreadyAnswered, ThreadNotFound, ThreadWaits, UsageError
from nbhitl.thread import Interrupt, Leg, Snapshot

Run = Literal["sync", "async"]

STRICT = "__pregel_strict_resume"
"""LangGraph's private switch: a resume for an interrupt that is not pending raises instead of being kept."""

OPTIONS = frozenset(
    {
        "context",
        "control",
        "durability",
        "interrupt_after",
        "interrupt_before",
        "output_keys",
        "print_mode",
        "stream_mode",
        "version",
    }
)
"""What `Pregel.invoke` takes besides input and config."""

_LOCKS: WeakValueDictionary[tuple[int, str], threading.Lock] = WeakValueDictionary()
_LOCKS_LOCK = threading.Lock()
"""One lock a thread of a checkpointer, whichever reviews look at it."""

NO_CHECKPOINTER = (
    "No checkpointer in the graph: checkpoints are kept in memory until the kernel ends (or give checkpointer=)."
)


def is_graph(target: Any) -> bool:
    """Tell whether ``target`` is a compiled graph, of the graph or of the functional API."""
    return isinstance(target, Pregel)


class LocalEngine:
    """One thread of a compiled graph.

    Parameters
    ----------
    graph
        The compiled graph; never changed (a copy gets the checkpointer).
    config
        LangGraph's ``RunnableConfig``; its ``thread_id`` names the thread, a new one is made without it.
    thread_id
        The thread; wins over the one in ``config``.
    checkpointer
        Used instead of the graph's own.
    run
        ``"sync"``: ``graph.invoke`` in a worker thread; ``"async"``: ``graph.ainvoke`` on the loop of the cell.
        By default async where a node or tool has only an async form or the checkpointer is bound to a loop.
    **options
        Passed to ``graph.invoke``; see `OPTIONS`.
    """

    watch_every = None
    has_snippets = False

    def __init__(
        self,
        graph: Pregel[Any, Any, Any, Any],
        config: Mapping[str, Any] | None = None,
        *,
        thread_id: str | None = None,
        checkpointer: Any = None,
        run: Run | None = None,
        **options: Any,
    ) -> None:
        _check(options, run)
        self.graph_name = graph.name
        self.notes: tuple[str, ...] = ()
        self._graph = self._with_checkpointer(graph, checkpointer)
        self._options = options
        self._config, self.thread_id = _with_thread(config or {}, thread_id)
        self._lock = _lock_of(self._graph.checkpointer, self.thread_id)
        self._run: Run = run or ("async" if needs_async(self._graph) else "sync")
        self.on_kernel_loop = self._run == "async" and _loop_is_running()

    @property
    def runs_on(self) -> str:
        """Where the run works."""
        if self._run == "sync":
            return "this kernel, in a worker thread (sync)"
        return f"this kernel, on {'its' if self.on_kernel_loop else 'a'} event loop (async)"

    async def start(self, value: Any) -> Leg:
        """Start a run; see `Engine.start`."""
        async with self._turn():  # the look and the run in one turn: no other review comes between
            if value is not None and not isinstance(value, Command):
                await self._refuse_to_drop_a_question()
            return await self._leg(value, self._config, self._options)

    async def resume(self, answers: Mapping[str, Any]) -> Leg:
        """Resume the run; see `Engine.resume`."""
        config = self._head(**{STRICT: True})
        try:
            async with self._turn():
                return await self._leg(Command(resume=dict(answers)), config, self._durable)
        except UnknownInterruptError as error:
            raise AlreadyAnswered(f"Not pending any more: {', '.join(error.interrupt_ids)}.") from None

    async def proceed(self) -> Leg:
        """Go on from a stop; see `Engine.proceed`."""
        async with self._turn():
            return await self._leg(None, self._head(), self._durable)

    async def read(self) -> Snapshot:
        """Read the thread's state; see `Engine.read`."""
        snapshot = await self._read()
        if snapshot.raw.created_at is None:
            raise ThreadNotFound(
                f"The checkpointer has no thread {self.thread_id!r}. Check thread_id=, and that the graph was "
                "compiled with the checkpointer that holds it (or give checkpointer=)."
            )
        return snapshot

    def why_not_kept(self, value: Any) -> str | None:
        """Return why the checkpointer cannot keep ``value``; see `Engine.why_not_kept`."""
        serde = getattr(self._graph.checkpointer, "serde", None)
        try:
            if serde is not None:
                serde.dumps_typed(value)
        except Exception as error:  # noqa: BLE001 - whatever the serializer says is the reason
            return f"{type(error).__name__}: {error}"
        return "it has a lone surrogate, which a checkpoint would change" if _has_lone_surrogate(value) else None

    def snippets(self, interrupt_id: str, value: Any) -> SnippetLines:
        """Raise: what lives in this process cannot be resumed from another."""
        raise LookupError("A graph in this kernel cannot be resumed from elsewhere.")

    async def _leg(self, value: Any, config: Mapping[str, Any], options: Mapping[str, Any]) -> Leg:
        output = await self._call(self._graph.invoke, self._graph.ainvoke, value, config, **options)
        return Leg(output, await self._read())

    async def _read(self) -> Snapshot:
        state = await self._call(self._graph.get_state, self._graph.aget_state, self._head(), subgraphs=True)
        # A run that was killed may leave tasks behind while `next` is empty: it only looks finished.
        coming = state.next or tuple(task.name for task in state.tasks)
        return Snapshot(tuple(_unique(_pending(state))), coming, state.values, raw=state)

    def _head(self, **configurable: Any) -> dict[str, Any]:
        """Return the config for the head of the thread: from an old checkpoint LangGraph would replay old answers."""
        configurable = {**self._config["configurable"], **configurable}
        configurable.pop("checkpoint_id", None)
        return {**self._config, "configurable": configurable}

    @property
    def _durable(self) -> dict[str, Any]:
        """The options of a resume: an answer given is on disk before the next step, whatever happens to the kernel."""
        return {"durability": "sync", **self._options}

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Have the thread to oneself: LangGraph would run the node of two concurrent resumes twice."""
        if not self._lock.acquire(blocking=False):
            await in_thread(self._lock.acquire)
        try:
            yield
        finally:
            self._lock.release()

    async def _call(self, plain: Callable[..., Any], native: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._run == "sync":
            return await in_thread(plain, *args, **kwargs)
        return await native(*args, **kwargs)

    async def _refuse_to_drop_a_question(self) -> None:
        snapshot = await self._read()
        if snapshot.interrupts:
            raise ThreadWaits(
                f"Thread {self.thread_id!r} waits for an answer to node {snapshot.interrupts[0].node!r}; new input "
                f"would drop the question. Open it with nbhitl.open(graph, thread_id={self.thread_id!r}), or use "
                "another thread_id."
            )

    def _with_checkpointer(self, graph: Pregel[Any, Any, Any, Any], given: Any) -> Pregel[Any, Any, Any, Any]:
        if given is not None:
            return graph.copy(update={"checkpointer": given})
        if graph.checkpointer is None or isinstance(graph.checkpointer, bool):
            self.notes += (NO_CHECKPOINTER,)
            return graph.copy(update={"checkpointer": InMemorySaver()})
        return graph


def _has_lone_surrogate(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    except (TypeError, ValueError, RecursionError):  # no JSON; the serializer has had its say
        return False
    return False


def _lock_of(checkpointer: Any, thread_id: str) -> threading.Lock:
    with _LOCKS_LOCK:
        return _LOCKS.setdefault((id(checkpointer), thread_id), threading.Lock())


def needs_async(graph: Pregel[Any, Any, Any, Any]) -> bool:
    """Tell whether a node or tool of ``graph`` has only an async form, or its checkpointer is bound to a loop."""
    if isinstance(getattr(graph.checkpointer, "loop", None), asyncio.AbstractEventLoop):
        return True
    subgraphs = (subgraph for _, subgraph in graph.get_subgraphs(recurse=True))
    graphs = [graph, *(subgraph for subgraph in subgraphs if isinstance(subgraph, Pregel))]
    return any(_async_only(node.bound) for each in graphs for node in each.nodes.values())


def _async_only(bound: Any) -> bool:
    if any(_async_only(step) for step in getattr(bound, "steps", ())):
        return True
    tools = getattr(bound, "tools_by_name", {}).values()
    if any(getattr(tool, "func", ...) is None and getattr(tool, "coroutine", None) for tool in tools):
        return True
    return getattr(bound, "func", ...) is None and getattr(bound, "afunc", None) is not None


def _check(options: Mapping[str, Any], run: str | None) -> None:
    if unknown := options.keys() - OPTIONS:
        known = sorted(OPTIONS | {"answers", "checkpointer", "config", "input", "run"})
        close = [match for name in sorted(unknown) for match in difflib.get_close_matches(name, known, 1)]
        raise UsageError(
            f"Unknown: {', '.join(f'{name}=' for name in sorted(unknown))}."
            + (f" Did you mean {', '.join(f'{name}=' for name in close)}?" if close else "")
            + f" There are {', '.join(known)}."
        )
    if run not in (None, "sync", "async"):
        raise UsageError(f'run= is "sync" or "async", not {run!r}.')


def _with_thread(config: Mapping[str, Any], thread_id: str | None) -> tuple[dict[str, Any], str]:
    # As LangGraph does: what is no key of a RunnableConfig stands for one of `configurable`.
    loose = {key: value for key, value in config.items() if key not in RunnableConfig.__annotations__}
    config = {key: value for key, value in config.items() if key not in loose}
    configurable = {**loose, **(config.get("configurable") or {})}
    thread_id = thread_id or configurable.get("thread_id") or str(uuid.uuid4())
    return {**config, "configurable": {**configurable, "thread_id": thread_id}}, thread_id


def _pending(state: StateSnapshot, path: tuple[str, ...] = ()) -> Iterator[Interrupt]:
    """Yield the pending interrupts, those of subgraphs first: there the path of the node is whole."""
    for task in state.tasks:
        here = (*path, task.name)
        if isinstance(task.state, StateSnapshot):
            yield from _pending(task.state, here)
        for interrupt in task.interrupts:
            # Whatever the node gave: in a state it is JSON Schema.
            schema = cast("dict[str, Any] | None", interrupt.response_schema)
            yield Interrupt(interrupt.id, "/".join(here), interrupt.value, schema)


def _unique(interrupts: Iterator[Interrupt]) -> Iterator[Interrupt]:
    """Drop repeats: the interrupt of a subgraph is listed again by the task that runs it."""
    seen: set[str] = set()
    for interrupt in interrupts:
        if interrupt.id not in seen:
            seen.add(interrupt.id)
            yield interrupt


def _loop_is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
