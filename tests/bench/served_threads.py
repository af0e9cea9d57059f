"""A server with many threads, some of which wait: the in-memory runtime of `langgraph dev`, in a separate process."""

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langgraph_sdk import get_client

from nbhitl.engines.remote import Server, remote
from tests.bench import served_filler
from tests.server.helpers import SEED_INPUT

SERVER = Path(__file__).parents[1] / "server"

CONVERSATION = "x" * 2_000


@contextmanager
def serving(threads: int, waits: int) -> Iterator[tuple[Server, int]]:
    """Yield a server with so many threads, and the process id: every ``waits``-th thread waits, the rest has ended."""
    graphs = {"agent": f"{SERVER / 'graphs' / 'seed.py'}:graph", "fills": f"{served_filler.__file__}:graph"}
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "langgraph.json"
        config.write_text(json.dumps({"dependencies": ["."], "graphs": graphs}))
        command = [sys.executable, str(SERVER / "fast_server.py"), str(config)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            port = next(line for line in process.stdout if line.startswith("PORT=")).removeprefix("PORT=").strip()
            url = f"http://127.0.0.1:{port}"
            try:
                asyncio.run(_fill(url, threads, waits))
                yield remote(url, "agent"), process.pid
            finally:
                process.kill()


async def _fill(url: str, threads: int, waits: int) -> None:
    async with get_client(url=url, api_key=None) as client:
        waiting = (await client.threads.create())["thread_id"]
        await client.runs.wait(waiting, "agent", input=SEED_INPUT)
        ended = (await client.threads.create(graph_id="agent", supersteps=_ended()))["thread_id"]
        await client.runs.wait(
            None, "fills", input={"waiting": waiting, "ended": ended, "threads": threads, "waits": waits}
        )


def _ended() -> list[dict[str, Any]]:
    """Return the steps of a run that has ended, with a state as large as in a conversation."""
    update = {"values": {"some_text": CONVERSATION}, "as_node": "__input__"}
    return [{"updates": [update]}, {"updates": [{"values": {"some_text": CONVERSATION}, "as_node": "human_node"}]}]
