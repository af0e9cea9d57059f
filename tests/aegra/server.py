"""A running Aegra."""

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.environments import AEGRA
from tests.postgres import free_port

START_SECONDS = 60.0
POLL_SECONDS = 0.05
STOP_SECONDS = 10.0

SETTINGS = {
    "CRON_ENABLED": "false",
    "ENABLE_PROMETHEUS_METRICS": "false",
    "LANGSMITH_TRACING": "false",
    "LOG_LEVEL": "WARNING",
}
"""Environment variables of a server that talks to the tests only."""


@contextmanager
def running(graphs: Mapping[str, str], database: str, folder: Path) -> Iterator[str]:
    """Run Aegra and yield the URL.

    Parameters
    ----------
    graphs
        Name -> ``"/path/of/module.py:name"``.
    database
        URL of an empty PostgreSQL database.
    folder
        The server's working directory; the log is written there.
    """
    config, log, port = folder / "aegra.json", folder / "log.txt", free_port()
    config.write_text(json.dumps({"graphs": dict(graphs)}))
    # a developer's API keys in the environment must not reach a server of the tests
    inherited = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    inherited.pop("PYTHONPATH", None)
    settings = {**inherited, **SETTINGS, "DATABASE_URL": database, "AEGRA_CONFIG": str(config)}
    command = [
        str(AEGRA.program),
        "-m",
        "uvicorn",
        "aegra_api.main:app",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    url = f"http://127.0.0.1:{port}"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [*command, "--no-access-log"], cwd=folder, env=settings, stdout=out, stderr=out, start_new_session=True
        ) as process,
    ):
        try:
            _wait_until_up(process, url, log)
            yield url
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
            process.kill()


def _wait_until_up(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_up(url):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"Aegra is not up at {url}. The end of its log:\n{log.read_text()[-4000:]}")
        time.sleep(POLL_SECONDS)


def _is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", trust_env=False).is_success
    except httpx.TransportError:
        return False
