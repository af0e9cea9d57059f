"""Processes of a soak: each is heard until its end, or is killed at some moment."""

import asyncio
import multiprocessing
import time
from collections.abc import Callable
from typing import Any

SECONDS = 90.0
"""A process that sends nothing for so long hangs; a process that sends news may take longer in total."""

FROM_ONE_PROCESS = multiprocessing.get_context("forkserver")
FROM_ONE_PROCESS.set_forkserver_preload(
    ["tests.bench.soak_person", "langgraph.checkpoint.sqlite", "nbhitl.engines.remote"]
)

Take = Callable[[Any], bool]
"""Takes a message of a process; returns whether the message is the last."""


async def run_process(
    live: Callable[..., None], job: Any, take: Take, kills: list[tuple[float, int]], kill_after: float | None
) -> bool:
    """Run ``live(job, pipe)`` in a process; kill the process after ``kill_after`` seconds, or if the process hangs.

    Returns
    -------
    bool
        Whether the process came to an end without a kill. A kill, with time and process id, is added to ``kills``.
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
    """Take the messages of the process until its end."""
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
