"""Processes of a soak: run to their end, or killed at some moment, and heard until then."""

import asyncio
import multiprocessing
import time
from collections.abc import Callable
from typing import Any

SECONDS = 90.0
"""A process that says nothing for so long hangs: on a busy machine a process that works may take longer in all."""

FROM_ONE_PROCESS = multiprocessing.get_context("forkserver")
FROM_ONE_PROCESS.set_forkserver_preload(
    ["tests.bench.soak_person", "langgraph.checkpoint.sqlite", "nbhitl.engines.remote"]
)

Take = Callable[[Any], bool]
"""Takes what a process says; returns whether that was the last."""


async def run_process(
    live: Callable[..., None], job: Any, take: Take, kills: list[tuple[float, int]], kill_after: float | None
) -> bool:
    """Run ``live(job, pipe)`` in a process to its end; kill the process after some seconds, or where it hangs.

    Returns
    -------
    bool
        Whether the process came to its end by itself. A kill, with time and process id, is added to ``kills``.
    """
    ours, theirs = FROM_ONE_PROCESS.Pipe()
    process = FROM_ONE_PROCESS.Process(target=live, args=(job, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        async with asyncio.timeout(SECONDS if kill_after is None else kill_after) as limit:
            loop = asyncio.get_running_loop()

            def heard(said: Any) -> bool:
                if kill_after is None:
                    limit.reschedule(loop.time() + SECONDS)
                return take(said)

            await _listen(ours, heard)
    except TimeoutError:
        kills.append((time.monotonic(), process.pid or 0))
        process.kill()
        await _listen(ours, take)
        return False
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()
    return True


async def _listen(ours: Any, take: Take) -> None:
    """Take what the process says until it has ended."""
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(ours.fileno(), ready.set)
    try:
        while True:
            await ready.wait()
            ready.clear()
            while ours.poll():
                if take(ours.recv()):
                    return
    except (EOFError, OSError):
        return
    finally:
        loop.remove_reader(ours.fileno())
