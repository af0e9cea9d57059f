"""Helpers of the tests of served graphs: loops, further clients, a transport that counts."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

from nbhitl.engines.remote import RemoteEngine, Server, remote
from nbhitl.runs.run import Chunk, Snapshot
from tests.tools import ROOT

T = TypeVar("T")

SEED_INPUT = {"some_text": "original text"}
WITHIN = 3.0
"""Most seconds until another client's answer is seen."""

CLIENT_SECONDS = 60.0


def unwatched(_chunk: Chunk) -> None:
    """Look away."""


def run(work: Callable[[], Awaitable[T]], *servers: Server) -> T:
    """Run ``work`` on a new loop, and close the connections of the servers on this loop."""

    async def main() -> T:
        try:
            return await work()
        finally:
            for server in servers:
                await server.aclose()

    return asyncio.run(main())


@contextmanager
def sdk(url: str) -> Iterator[SyncLangGraphClient]:
    """Yield a sync client of LangGraph's SDK, as another program uses."""
    client = get_sync_client(url=url)
    try:
        yield client
    finally:
        client.close()


async def until(engine: RemoteEngine, wanted: Callable[[Snapshot], bool], seconds: float = WITHIN) -> Snapshot:
    """Read the thread until the snapshot is as wanted."""
    async with asyncio.timeout(seconds):
        while not wanted(snapshot := await engine.read()):  # noqa: ASYNC110 - another client's work sets no event here
            await asyncio.sleep(0.02)
    return snapshot


class Counting(httpx.AsyncHTTPTransport):
    """Notes each request before sending."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return await super().handle_async_request(request)

    @property
    def lines(self) -> list[str]:
        return [f"{request.method} {request.url.path.rsplit('/', 1)[-1]}" for request in self.requests]


def counted(url: str, assistant: str, **options: Any) -> tuple[Server, Counting]:
    transport = Counting()
    return remote(url, assistant, transport=lambda: transport, **options), transport


# --- further clients, run as people do --------------------------------------------------------


def run_python(lines: str, folder: Path, **environment: str) -> str:
    return _run([sys.executable, _write(folder / "client.py", lines)], **environment)


def run_javascript(lines: str, folder: Path, **environment: str) -> str:
    """Run a module with links to the packages beside the file, where Node looks for packages."""
    packages = folder / "node_modules"
    if not packages.exists():
        packages.symlink_to(ROOT / "js" / "node_modules")
    return _run(["node", _write(folder / "client.mjs", lines)], **environment)


def run_shell(lines: str, folder: Path, **environment: str) -> str:
    return _run(["bash", _write(folder / "client.sh", lines)], **environment)


ONE_AFTER_THE_OTHER = {
    "python": [sys.executable, "-c", "import runpy, sys\nfor path in sys.argv[1:]: runpy.run_path(path)"],
    "javascript": ["node", "--input-type=module", "-e", "for (const path of process.argv.slice(1)) await import(path)"],
    "curl": ["bash", "-c", 'for path; do bash "$path" || exit 1; done', "bash"],
}
"""Programs that run files unchanged in a single process: each start of Python would take a second."""

ENDINGS = {"python": ".py", "javascript": ".mjs", "curl": ".sh"}


def run_each(client: str, scripts: Iterable[str], folder: Path) -> None:
    """Run the scripts of a client, in turn."""
    (folder / "node_modules").symlink_to(ROOT / "js" / "node_modules")
    files = [_write(folder / f"{n}{ENDINGS[client]}", lines) for n, lines in enumerate(scripts)]
    _run([*ONE_AFTER_THE_OTHER[client], *files])


CLIENTS: dict[str, Callable[..., str]] = {"python": run_python, "javascript": run_javascript, "curl": run_shell}
NEEDS = {"python": (), "javascript": ("node", "js_packages"), "curl": ("curl",)}


def _write(path: Path, lines: str) -> str:
    path.write_text(lines, encoding="utf-8")
    return str(path)


def _run(command: list[str], **environment: str) -> str:
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=CLIENT_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
