"""The servers: a fast server in a separate process for nearly every test, and a real `langgraph dev`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbhitl.engines.remote import Server, remote
from nbhitl.testing import DevServer

HERE = Path(__file__).parent
CONFIG = HERE / "graphs" / "langgraph.json"


@pytest.fixture(scope="session")
def fast_server() -> Iterator[str]:
    """Return the URL of a server that looks at the queue every 10 ms."""
    command = [sys.executable, str(HERE / "fast_server.py"), str(CONFIG)]
    # a developer's API keys must not reach the server: tests of secrets read the wire
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{said_port(process)}"
        finally:
            process.kill()


def said_port(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("PORT="):
            return int(line.removeprefix("PORT="))
    raise AssertionError(f"the server has ended with status {process.wait()} before it listened")


@pytest.fixture(scope="session")
def dev_server() -> Iterator[DevServer]:
    """Return a real `langgraph dev`."""
    with DevServer(CONFIG) as server:
        yield server


@pytest.fixture
def agent(fast_server: str) -> Server:
    """Return the seed graph on the fast server."""
    return remote(fast_server, "agent")
