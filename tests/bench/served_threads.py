"""A server with many threads, of which some wait: the in-memory runtime of `langgraph dev`, in a process of its own."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langgraph_sdk import get_client

from nbhitl.engines.remote import Server, remote
from tests.server.helpers import SEED_INPUT

SERVER = Path(__file__).parents[1] / "server"

AT_ONCE = 10
"""Requests at the same time while the server is filled."""

CONVERSATION = "x" * 2_000


@contextmanager
def serving(threads: int, waits: int) -> Iterator[Server]:
    """Return a server with so many threads: one of so many waits, the others have ended."""
    command = [sys.executable, str(SERVER / "fast_server.py"), str(SERVER / "graphs" / "langgraph.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = next(line for line in process.stdout if line.startswith("PORT=")).removeprefix("PORT=").strip()
        url = f"http://127.0.0.1:{port}"
        try:
            asyncio.run(_fill(url, threads, waits))
            yield remote(url, "agent")
        finally:
            process.kill()


async def _fill(url: str, threads: int, waits: int) -> None:
    async with get_client(url=url, api_key=None) as client:
        at_once = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> None:
            async with at_once:
                if number % waits == 0:
                    thread = (await client.threads.create())["thread_id"]
                    await client.runs.wait(thread, "agent", input=SEED_INPUT)
                else:
                    await client.threads.create(graph_id="agent", supersteps=_ended())

        await asyncio.gather(*map(one, range(threads)))


def _ended() -> list[dict[str, Any]]:
    """Return the steps of a run that has ended, with a state as large as that of a conversation."""
    update = {"values": {"some_text": CONVERSATION}, "as_node": "__input__"}
    return [{"updates": [update]}, {"updates": [{"values": {"some_text": CONVERSATION}, "as_node": "human_node"}]}]
