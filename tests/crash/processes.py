"""Processes with a single task each: hold the turn of a thread, look at the turn, or resume threads.

`hold` holds the turn until this process closes the connection, `look` says whether the turn is free, and `resume` is
told questions, answers all questions of a message at once, and says the outcomes.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from langgraph.types import Command

from nbhitl.engines import connect
from nbhitl.engines.local.locks import turn_of
from nbhitl.engines.remote import remote
from nbhitl.errors import AlreadyAnswered
from tests.crash.paying import paying
from tests.crash.stores import opened, set_up
from tests.forks import PROCESSES

SOON = 0.002
"""Seconds between the message to all processes and the moment of the answers."""

Question = tuple[str, str]
"""Ids of a thread and of its pending interrupt."""


Task = Callable[..., Coroutine[Any, Any, None]]
"""A function of this module: the first argument is the connection to the process that started the task."""


@dataclass(frozen=True)
class Told:
    """A process with a task, and the connection to the process."""

    process: BaseProcess
    connection: Connection

    def tell(self, what: Any) -> None:
        self.connection.send(what)

    def said(self) -> Any:
        return self.connection.recv()


@contextmanager
def started(task: Task, *arguments: str, count: int = 1) -> Iterator[list[Told]]:
    """Run a task in so many processes; yield when all processes are ready, and kill them at the end."""
    with ExitStack() as stack:
        all_told = [stack.enter_context(_running(task, arguments)) for _ in range(count)]
        for told in all_told:
            assert told.said() == "ready"
        yield all_told


@contextmanager
def _running(task: Task, arguments: Sequence[str]) -> Iterator[Told]:
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=_work, args=(task, theirs, *arguments), daemon=True)
    process.start()
    theirs.close()  # so that the end of the process is the end of the connection
    try:
        yield Told(process, ours)
    finally:
        ours.close()
        process.kill()
        process.join()


def answered_at_once(processes: Sequence[Told], questions: Sequence[Question]) -> list[list[str]]:
    """Have all processes answer each question at the same moment; return the sorted outcomes for each question."""
    moment = time.monotonic() + SOON  # all processes of a machine share this clock
    for told in processes:
        told.tell({"at": moment, "questions": questions})
    return [sorted(outcomes) for outcomes in zip(*[told.said() for told in processes], strict=True)]


@asynccontextmanager
async def targets(where: str, ledger: str | Path) -> AsyncIterator[Any]:
    """Yield an argument for `connect`: a graph on a store, or the graph of a server."""
    if where.startswith("http"):
        server = remote(where, "agent")
        try:
            yield server
        finally:
            await server.aclose()
    else:
        async with opened(where) as saver:
            yield paying(ledger, saver)


async def asked(where: str, ledger: str | Path, count: int) -> list[Question]:
    """Make threads that wait for an answer."""
    if not where.startswith("http"):
        await set_up(where)
    async with targets(where, ledger) as target:
        at_a_time = asyncio.Semaphore(10)

        async def ask() -> Question:
            engine = connect(target)
            async with at_a_time:
                segment = await engine.start({"paid": ""}, lambda chunk: None)
            assert engine.thread_id is not None
            return engine.thread_id, segment.snapshot.interrupts[0].id

        return await asyncio.gather(*[ask() for _ in range(count)])


# --- in the process ---------------------------------------------------------------------------

Resume = Callable[[str, Mapping[str, Any]], Awaitable[Any]]


def _work(task: Task, connection: Connection, *arguments: str) -> None:
    asyncio.run(task(connection, *arguments))


async def hold(connection: Connection, store: str, thread_id: str) -> None:
    """Hold the turn until the connection is closed."""
    async with opened(store) as saver, turn_of(saver, thread_id):
        connection.send("ready")
        with suppress(EOFError):
            await asyncio.to_thread(connection.recv)


async def look(connection: Connection, store: str, thread_id: str) -> None:
    """Say whether the turn is free."""
    connection.send("ready")
    async with opened(store) as saver:
        connection.send("held elsewhere" if await turn_of(saver, thread_id).is_held_elsewhere() else "free")


async def resume(connection: Connection, where: str, ledger: str, how: str) -> None:
    """Answer questions at the told moments; ``how`` is "nbhitl", or "raw" for LangGraph or the SDK alone.

    ``where`` is a store, or the URL of a server.
    """
    async with AsyncExitStack() as stack:
        target = await stack.enter_async_context(targets(where, ledger))
        send = nbhitl_way(target) if how == "nbhitl" else await raw_way(target, where, stack)
        connection.send("ready")
        with suppress(EOFError):
            while told := await asyncio.to_thread(connection.recv):
                while time.monotonic() < told["at"]:  # exact to microseconds, unlike a sleep
                    pass
                outcomes = [outcome(send, *question) for question in told["questions"]]
                connection.send(await asyncio.gather(*outcomes))


def nbhitl_way(target: Any) -> Resume:
    return lambda thread_id, answers: connect(target, thread_id=thread_id).resume(answers, lambda chunk: None)


async def raw_way(target: Any, where: str, stack: AsyncExitStack) -> Resume:
    """Return a function that resumes as LangGraph's documentation does."""
    if where.startswith("http"):
        from langgraph_sdk import get_client

        client = await stack.enter_async_context(get_client(url=where, api_key=None))
        return lambda thread_id, answers: client.runs.wait(thread_id, "agent", command={"resume": dict(answers)})

    async def local(thread_id: str, answers: Mapping[str, Any]) -> None:
        config = {"configurable": {"thread_id": thread_id}}
        if hasattr(target.checkpointer, "loop"):
            await target.ainvoke(Command(resume=answers), config)
        else:
            target.invoke(Command(resume=answers), config)

    return local


async def outcome(send: Resume, thread_id: str, interrupt_id: str) -> str:
    """Resume; return "resumed", or the name of the error."""
    try:
        await send(thread_id, {interrupt_id: "yes"})
    except AlreadyAnswered:
        return "AlreadyAnswered"
    except Exception as error:  # noqa: BLE001 - every outcome is counted
        return type(error).__name__
    return "resumed"
