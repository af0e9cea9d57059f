"""Processes with a single task each: hold the turn of a thread, look at the turn, or resume threads.

``python -m tests.crash.processes hold STORE THREAD`` holds the turn until stdin ends.
``python -m tests.crash.processes look STORE THREAD`` says whether the turn is free.
``python -m tests.crash.processes resume WHERE LEDGER HOW`` reads lines of questions, answers all questions of a
line at once, and prints the outcomes. WHERE is a store or the URL of a server, HOW is "nbhitl" or "raw" (LangGraph or
the SDK alone).
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from langgraph.types import Command

from nbhitl.engines import connect
from nbhitl.engines.local.locks import turn_of
from nbhitl.engines.remote import remote
from nbhitl.errors import AlreadyAnswered
from tests.crash.paying import paying
from tests.crash.stores import opened, set_up
from tests.tools import ROOT

SOON = 0.002
"""Seconds between the message to all processes and the moment of the answers."""

Question = tuple[str, str]
"""Ids of a thread and of its pending interrupt."""


class Told:
    """A process of this module, and the messages to and from the process."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def tell(self, what: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()

    def said(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args!r} ended with {self.process.wait()}")
        return json.loads(line)


@contextmanager
def started(*arguments: str, count: int = 1) -> Iterator[list[Told]]:
    """Run this module in so many processes; yield when all processes are ready, and kill them at the end."""
    command = [sys.executable, "-m", __name__, *arguments]
    with ExitStack() as stack:
        all_told = [stack.enter_context(_running(command)) for _ in range(count)]
        for told in all_told:
            assert told.said() == "ready"
        yield all_told


@contextmanager
def _running(command: list[str]) -> Iterator[Told]:
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Told(process)
        finally:
            process.kill()


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


async def hold(store: str, thread_id: str) -> None:
    async with opened(store) as saver, turn_of(saver, thread_id):
        say("ready")
        await asyncio.to_thread(sys.stdin.read)


async def look(store: str, thread_id: str) -> None:
    say("ready")
    async with opened(store) as saver:
        say("held elsewhere" if await turn_of(saver, thread_id).is_held_elsewhere() else "free")


async def resume(where: str, ledger: str, how: str) -> None:
    async with AsyncExitStack() as stack:
        target = await stack.enter_async_context(targets(where, ledger))
        send = nbhitl_way(target) if how == "nbhitl" else await raw_way(target, where, stack)
        say("ready")
        while line := await asyncio.to_thread(sys.stdin.readline):
            told = json.loads(line)
            while time.monotonic() < told["at"]:  # exact to microseconds, unlike a sleep
                pass
            say(await asyncio.gather(*[outcome(send, *question) for question in told["questions"]]))


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


def say(what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    commands: dict[str, Any] = {"hold": hold, "look": look, "resume": resume}
    asyncio.run(commands[sys.argv[1]](*sys.argv[2:]))
