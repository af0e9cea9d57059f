"""What a review's engine adds to a cycle on a server: start to interrupt, resume to end.

``python -m tests.bench.served_cycle`` runs the same cycle through the SDK alone and through `RemoteEngine`, by turns
and on one server, and prints the medians and the requests counted. The server looks at its queue every 10 ms; on
`langgraph dev` a run waits up to 500 ms, which hides the difference.
"""

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

from nbhitl.engines.remote import Server, remote
from nbhitl.runs.run import Chunk
from tests.server.helpers import SEED_INPUT, Counting

SERVER = Path(__file__).parents[1] / "server"
WARM_UP = 5
CYCLES = 60
AIM_MS = 15.0


async def sdk_cycle(client: LangGraphClient) -> None:
    """Do what the documentation of LangGraph shows."""
    thread = await client.threads.create()
    paused = await client.runs.wait(thread["thread_id"], "agent", input=SEED_INPUT)
    assert isinstance(paused, dict)
    resume = {paused["__interrupt__"][0]["id"]: "Edited text"}
    await client.runs.wait(thread["thread_id"], "agent", command={"resume": resume})


async def engine_cycle(server: Server) -> None:
    """Do the same through the engine."""
    engine = server.thread()
    segment = await engine.start(SEED_INPUT, unwatched)
    await engine.resume({segment.snapshot.interrupts[0].id: "Edited text"}, unwatched)


def unwatched(chunk: Chunk) -> None:
    """See nothing: the times are those of the run."""


async def timed(work: Callable[[], Awaitable[None]]) -> float:
    """Return the milliseconds that ``work`` takes."""
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1000


async def measure(url: str) -> tuple[list[float], list[float], list[str]]:
    """Return the times of the SDK and of the engine, by turns, and the requests of one cycle."""
    counting = Counting()
    client, server = get_client(url=url, api_key=None), remote(url, "agent", transport=lambda: counting)
    sdk, engine = [], []
    async with client:
        for _ in range(WARM_UP + CYCLES):
            sdk.append(await timed(lambda: sdk_cycle(client)))
            counting.requests.clear()
            engine.append(await timed(lambda: engine_cycle(server)))
        await server.aclose()
    return sdk[WARM_UP:], engine[WARM_UP:], counting.lines


def main() -> None:
    """Start a server, measure, print."""
    command = [sys.executable, str(SERVER / "fast_server.py"), str(SERVER / "graphs" / "langgraph.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = next(line for line in process.stdout if line.startswith("PORT=")).removeprefix("PORT=").strip()
        try:
            sdk, engine, requests = asyncio.run(measure(f"http://127.0.0.1:{port}"))
        finally:
            process.kill()
    medians = statistics.median(sdk), statistics.median(engine)
    added = statistics.median(ours - theirs for ours, theirs in zip(engine, sdk, strict=True))
    print(f"served cycle, median of {CYCLES}: SDK {medians[0]:.1f} ms, RemoteEngine {medians[1]:.1f} ms")
    print(f"added: {added:.1f} ms (aim: at most {AIM_MS:.0f} ms), ratio {medians[1] / medians[0]:.2f}")
    print(f"requests of one cycle: {', '.join(requests)} (SDK: create, wait, wait)")


if __name__ == "__main__":
    main()
