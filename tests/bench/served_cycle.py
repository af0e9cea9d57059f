"""The time that a review's engine adds to a cycle on a server: start to interrupt, resume to end.

``python -m tests.bench.served_cycle`` runs six kinds of cycles in turn on the same server, and prints the medians. The
first cycle is the SDK as in LangGraph's documentation, the last cycle is the engine. In between, the requests of the
SDK become the requests of the engine in steps, and each step tells the price of a single thing: looks at the state,
runs that are streamed in place of waited for, the further stream modes, and nbhitl's own work. The server looks at the
queue of runs every 10 ms; on `langgraph dev` a run waits up to 500 ms, which hides the difference.

The processor time of this process and of the server is printed as well: other programs disturb that time less.
"""

import asyncio
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

from nbhitl.engines.remote import Server, remote
from nbhitl.engines.remote.run import MODES
from nbhitl.runs.run import Chunk
from tests.server.helpers import SEED_INPUT, Counting

SERVER = Path(__file__).parents[1] / "server"
WARM_UP = 5
CYCLES = 60
AIM_MS = 5.0


@dataclass(frozen=True)
class Took:
    """Milliseconds of a cycle: on the wall, and of the processors for this process and the server."""

    wall: float
    here: float
    there: float


async def sdk_cycle(client: LangGraphClient) -> None:
    """Run the cycle that the documentation of LangGraph shows."""
    thread = await client.threads.create()
    paused = await client.runs.wait(thread["thread_id"], "agent", input=SEED_INPUT)
    assert isinstance(paused, dict)
    resume = {paused["__interrupt__"][0]["id"]: "Edited text"}
    await client.runs.wait(thread["thread_id"], "agent", command={"resume": resume})


async def engine_cycle(server: Server) -> None:
    """Run the cycle through the engine."""
    engine = server.thread()
    segment = await engine.start(SEED_INPUT, unwatched)
    await engine.resume({segment.snapshot.interrupts[0].id: "Edited text"}, unwatched)


async def requests_by_the_sdk(server: Server, *, looks: bool, modes: tuple[str, ...]) -> None:
    """Send the requests of the engine by the SDK alone; without ``modes`` the runs are waited for."""
    client, thread_id = server.client(), str(uuid.uuid4())
    settings: Any = {"multitask_strategy": "reject"}
    if modes:
        settings |= {"stream_mode": list(modes), "stream_subgraphs": True}

    async def run(**given: Any) -> Any:
        if not modes:
            return await client.runs.wait(thread_id, "agent", **given, **settings)
        parts = [part async for part in client.runs.stream(thread_id, "agent", **given, **settings)]
        return next(part.data for part in reversed(parts) if part.event == "values")

    async def look() -> None:
        if looks:
            await client.threads.get_state(thread_id, subgraphs=True)

    paused = await run(input=SEED_INPUT, if_not_exists="create")
    await look()
    await look()
    await run(command={"resume": {paused["__interrupt__"][0]["id"]: "Edited text"}})
    await look()


def unwatched(chunk: Chunk) -> None:
    """Ignore a chunk: only the times of the run are measured."""


def processor_ms(pid: int) -> float:
    """Return the processor time that a process has used so far; 0 where the system does not tell."""
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        total += int(task.read_text().split()[0])
    return total / 1e6


async def timed(work: Callable[[], Awaitable[None]], pid: int) -> Took:
    """Return the milliseconds that ``work`` takes."""
    there, here, began = processor_ms(pid), time.process_time(), time.perf_counter()
    await work()
    wall, used = time.perf_counter() - began, time.process_time() - here
    return Took(wall * 1000, used * 1000, processor_ms(pid) - there)


async def measure(url: str, pid: int) -> tuple[dict[str, list[Took]], list[str]]:
    """Return the times of each kind of cycle, and the requests of a cycle of the engine."""
    counting = Counting()
    client, server = get_client(url=url, api_key=None), remote(url, "agent", transport=lambda: counting)
    cycles: dict[str, Callable[[], Awaitable[None]]] = {
        "SDK": lambda: sdk_cycle(client),
        "SDK, thread made by the run": lambda: requests_by_the_sdk(server, looks=False, modes=()),
        "SDK, and three looks": lambda: requests_by_the_sdk(server, looks=True, modes=()),
        "SDK, and values streamed": lambda: requests_by_the_sdk(server, looks=True, modes=("values",)),
        "SDK, and all modes streamed": lambda: requests_by_the_sdk(server, looks=True, modes=(*MODES, "tasks")),
        "RemoteEngine": lambda: engine_cycle(server),
    }
    took: dict[str, list[Took]] = {name: [] for name in cycles}
    async with client:
        for _ in range(WARM_UP + CYCLES):
            for name, cycle in cycles.items():
                counting.requests.clear()
                took[name].append(await timed(cycle, pid))
        await server.aclose()
    return {name: times[WARM_UP:] for name, times in took.items()}, counting.lines


def added(times: list[Took], before: list[Took]) -> float:
    """Return the median of the milliseconds by which a cycle is longer than the cycle before in the same turn."""
    return statistics.median(ours.wall - theirs.wall for ours, theirs in zip(times, before, strict=True))


def main() -> None:
    """Start a server, measure, print."""
    command = [sys.executable, str(SERVER / "fast_server.py"), str(SERVER / "graphs" / "langgraph.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = next(line for line in process.stdout if line.startswith("PORT=")).removeprefix("PORT=").strip()
        try:
            took, requests = asyncio.run(measure(f"http://127.0.0.1:{port}", process.pid))
        finally:
            process.kill()
    print(f"served cycle, medians of {CYCLES}, ms: {'wall':>9}   processor here   on the server   the step adds")
    before: list[Took] = []
    for name, times in took.items():
        wall, here, there = (statistics.median(getattr(each, kind) for each in times) for kind in Took.__annotations__)
        step = f"{added(times, before):+15.1f}" if before else ""
        print(f"{name:<36} {wall:9.1f} {here:16.1f} {there:15.1f} {step}")
        before = times
    in_all = added(took["RemoteEngine"], took["SDK"])
    print(f"added: {in_all:.1f} ms on the wall (aim: at most {AIM_MS:.0f} ms)")
    print(f"requests of one cycle: {', '.join(requests)} (SDK: create, wait, wait)")


if __name__ == "__main__":
    main()
