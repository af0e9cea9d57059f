"""The places where the contract is run: each saver, each server, and the scripted engine."""

import asyncio
import functools
import inspect
import threading
from abc import abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from nbhitl.engines import Engine, connect, scripted
from nbhitl.engines.remote import remote
from tests.engines import contract_flows, contract_graphs

SECONDS = 30.0
"""A situation that takes longer is judged to hang."""


class Connect(Protocol):
    """Makes engines for threads of a situation's graph; without an id, for a new thread."""

    def __call__(self, thread_id: str | None = None, config: Mapping[str, Any] | None = None, **options: Any) -> Engine:
        """Return an engine for a thread."""

    @abstractmethod
    def elsewhere(self) -> AbstractAsyncContextManager["Connect"]:
        """Yield the same graph with a new connection, as in another kernel."""

    @abstractmethod
    async def checkpoints(self, thread_id: str) -> int:
        """Return the number of checkpoints of the thread."""


class Place(Protocol):
    """A place where graphs run."""

    def open(self, graph: str) -> AbstractAsyncContextManager[Connect]:
        """Open a graph at the place; connections belong to the running loop."""


Situation = Callable[..., Awaitable[None]]


async def play(place: Place, graph: str, situation: Situation, **parameters: Any) -> None:
    async with asyncio.timeout(SECONDS), place.open(graph) as connect:
        await situation(connect, **parameters)


def on(graph: str | None = None) -> Callable[[Situation], Callable[..., None]]:
    """Make a test of a situation: a coroutine that gets `Connect` for ``graph``, and fixtures or parameters by name.

    Without ``graph``, the test's parameter ``graph`` names the graph.
    """

    def decorate(situation: Situation) -> Callable[..., None]:
        @functools.wraps(situation)
        def test(place: Place | Ahead, **parameters: Any) -> None:
            if isinstance(place, Ahead):
                return place.result.result()
            return asyncio.run(play(place, graph or parameters.pop("graph"), situation, **parameters))

        own = list(inspect.signature(situation).parameters)[1:]
        names = ["place", *([] if graph else ["graph"]), *own]
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        signature = inspect.Signature([inspect.Parameter(name, kind) for name in names])
        vars(test).update(__signature__=signature, graph=graph, situation=situation)
        return test

    return decorate


# --- in this process --------------------------------------------------------------------------

OpenSaver = Callable[[], AbstractAsyncContextManager[Any]]


@dataclass(frozen=True)
class Local:
    """A graph in this process, with a checkpointer that is opened for each situation."""

    open_saver: OpenSaver
    run: Literal["sync", "async"]

    @asynccontextmanager
    async def open(self, graph: str) -> AsyncIterator[Connect]:
        """Open a graph with a checkpointer."""
        async with self.open_saver() as saver:
            with_saver = getattr(contract_graphs, graph).copy(update={"checkpointer": saver})
            yield _LocalConnect(with_saver, self.run, functools.partial(self.open, graph))


@dataclass(frozen=True)
class _LocalConnect:
    graph: Any
    run: Literal["sync", "async"]
    elsewhere: Callable[[], AbstractAsyncContextManager[Connect]]

    def __call__(self, thread_id: str | None = None, config: Mapping[str, Any] | None = None, **options: Any) -> Engine:
        return connect(self.graph, config, thread_id=thread_id, run=self.run, **options)

    async def checkpoints(self, thread_id: str) -> int:
        config: Any = {"configurable": {"thread_id": thread_id}}
        saver = self.graph.checkpointer
        if self.run == "sync":
            return len(list(saver.list(config)))
        return len([each async for each in saver.alist(config)])


def memory() -> OpenSaver:
    saver = InMemorySaver()

    @asynccontextmanager
    async def opened() -> AsyncIterator[Any]:
        yield saver

    return opened


def sync_saver(kind: Any, where: str) -> OpenSaver:
    @asynccontextmanager
    async def opened() -> AsyncIterator[Any]:
        with kind.from_conn_string(where) as saver:
            yield saver

    return opened


def async_saver(kind: Any, where: str) -> OpenSaver:
    return lambda: kind.from_conn_string(where)


# --- on a server ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Served:
    """A graph on a server."""

    url: str

    @asynccontextmanager
    async def open(self, graph: str) -> AsyncIterator[Connect]:
        """Open a graph of the server."""
        server = remote(self.url, graph)
        try:
            yield _ServedConnect(server, functools.partial(self.open, graph))
        finally:
            await server.aclose()


@dataclass(frozen=True)
class _ServedConnect:
    server: Any
    elsewhere: Callable[[], AbstractAsyncContextManager[Connect]]

    def __call__(self, thread_id: str | None = None, config: Mapping[str, Any] | None = None, **options: Any) -> Engine:
        return connect(self.server, config, thread_id=thread_id, **options)

    async def checkpoints(self, thread_id: str) -> int:
        return len(await self.server.client().threads.get_history(thread_id, limit=100))


DEV = "langgraph dev"


@dataclass(frozen=True)
class Ahead:
    """A situation started ahead: `langgraph dev` takes a second for each run, but works on ten runs at a time."""

    result: "Future[None]"


AT_A_TIME = 10


@contextmanager
def all_at_once(
    place: Place, tests: Mapping[str, tuple[Callable[..., None], dict[str, Any]]]
) -> Iterator[dict[str, Ahead]]:
    """Play all these situations (any name -> test made by `on`, parameters of the test) on a loop in a thread."""
    loop, seats = asyncio.new_event_loop(), asyncio.Semaphore(AT_A_TIME)

    async def seated(test: Any, parameters: dict[str, Any]) -> None:
        async with seats:
            await play(place, test.graph or parameters.pop("graph"), test.situation, **parameters)

    async def stop() -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield {name: Ahead(asyncio.run_coroutine_threadsafe(seated(*test), loop)) for name, test in tests.items()}
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


# --- scripted ---------------------------------------------------------------------------------


class Scripted:
    """The public scripted engine, with generators that ask the questions of the graphs of the same name."""

    @asynccontextmanager
    async def open(self, graph: str) -> AsyncIterator[Connect]:
        """Open a generator."""
        yield _ScriptedConnect(scripted(getattr(contract_flows, graph), name=graph))


@dataclass(frozen=True)
class _ScriptedConnect:
    engine: Any

    def __call__(self, thread_id: str | None = None, config: Mapping[str, Any] | None = None, **options: Any) -> Engine:
        assert not options
        return connect(self.engine)

    @asynccontextmanager
    async def elsewhere(self) -> AsyncIterator[Connect]:
        yield self

    async def checkpoints(self, thread_id: str) -> int:
        raise AssertionError("a generator has no checkpoints")


# --- all places; the servers are fixtures of conftest.py ---------------------------------------

Make = Callable[[pytest.FixtureRequest], Place | Ahead]


def file_of(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("tmp_path") / "checkpoints.db")


def sqlite(request: pytest.FixtureRequest) -> Place:
    from langgraph.checkpoint.sqlite import SqliteSaver

    return Local(sync_saver(SqliteSaver, file_of(request)), "sync")


def sqlite_async(request: pytest.FixtureRequest) -> Place:
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    return Local(async_saver(AsyncSqliteSaver, file_of(request)), "async")


def postgres_sync(request: pytest.FixtureRequest) -> Place:
    from langgraph.checkpoint.postgres import PostgresSaver

    return Local(sync_saver(PostgresSaver, request.getfixturevalue("database")), "sync")


def postgres_async(request: pytest.FixtureRequest) -> Place:
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver

    return Local(async_saver(AsyncPostgresSaver, request.getfixturevalue("database")), "async")


MAKE: dict[str, Make] = {
    "InMemorySaver, sync": lambda request: Local(memory(), "sync"),
    "InMemorySaver, async": lambda request: Local(memory(), "async"),
    "SqliteSaver": sqlite,
    "AsyncSqliteSaver": sqlite_async,
    "PostgresSaver": postgres_sync,
    "AsyncPostgresSaver": postgres_async,
    DEV: lambda request: request.getfixturevalue("dev_results")[request.node.nodeid],
    "Aegra": lambda request: Served(request.getfixturevalue("contract_aegra")),
    "scripted": lambda request: Scripted(),
}

NEEDS = {
    "PostgresSaver": ["postgresql"],
    "AsyncPostgresSaver": ["postgresql"],
    DEV: ["langgraph_server"],
    "Aegra": ["postgresql", "aegra"],
}
