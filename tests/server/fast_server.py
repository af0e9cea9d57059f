"""A LangGraph server for tests: a single process, any free port, a queue that is looked at every 10 ms.

``python fast_server.py graphs/langgraph.json`` prints ``PORT=<n>`` when ready. `langgraph dev` looks at the queue twice
a second, so a test of a seed flow takes two seconds there and a tenth here.
"""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

QUEUE_EVERY = 0.01


def set_up_environment(config: Path, port: int) -> None:
    """Tell langgraph_api, before the import, to serve the graphs of a config and to store nothing."""
    os.chdir(config.parent)
    sys.path.insert(0, str(config.parent))
    os.environ |= {
        "DATABASE_URI": ":memory:",
        "REDIS_URI": "fake",
        "MIGRATIONS_PATH": "__inmem",
        "LANGGRAPH_RUNTIME_EDITION": "inmem",
        "LANGSERVE_GRAPHS": json.dumps(json.loads(config.read_text())["graphs"]),
        "LANGSMITH_LANGGRAPH_API_VARIANT": "local_dev",
        "LANGSMITH_TRACING": "false",
        "LANGGRAPH_DISABLE_FILE_PERSISTENCE": "true",
        "LANGGRAPH_ALLOW_BLOCKING": "true",
        "LANGGRAPH_API_URL": f"http://127.0.0.1:{port}",
        "FF_CRONS_ENABLED": "false",
        "N_JOBS_PER_WORKER": "10",
        "LOG_LEVEL": "WARNING",
    }


def hurry_queue() -> None:
    """Look at the queue every 10 ms instead of twice a second."""
    from langgraph_runtime_inmem import ops

    next_runs = ops.Runs.next

    async def next_runs_soon(wait: bool, limit: int = 1) -> AsyncIterator[Any]:
        if wait:
            await asyncio.sleep(QUEUE_EVERY)
        async for run in next_runs(wait=False, limit=limit):
            yield run

    ops.Runs.next = staticmethod(next_runs_soon)


def main() -> None:
    """Serve until killed."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    set_up_environment(Path(sys.argv[1]).resolve(), port)
    import uvicorn

    hurry_queue()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            print(f"PORT={port}", flush=True)

    config = uvicorn.Config("langgraph_api.server:app", log_level="warning", access_log=False)
    Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
