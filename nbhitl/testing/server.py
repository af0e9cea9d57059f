"""A private LangGraph development server, for notebooks and tests."""

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import Self

import httpx

from nbhitl.errors import ServerUnreachable, UsageError

START_SECONDS = 60.0
STOP_SECONDS = 15.0
"""Longer than the guard's own limit, after which the guard kills."""

GUARD = Path(__file__).with_name("guard.py")
POLL_SECONDS = 0.1
LOG_LINES = 30
"""Number of lines of the server's log that an error quotes."""

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
SAID = re.compile(r"http://127\.0\.0\.1:\d+")
THREADS = ".langgraph_api"
"""Folder of the server's threads, in the working directory."""

QUIET = {
    "LANGGRAPH_CLI_NO_ANALYTICS": "1",
    "LANGGRAPH_NO_VERSION_CHECK": "true",
    "LANGSMITH_TRACING": "false",
}
"""Environment that keeps a server from contacting other hosts."""


class DevServer:
    """A running ``langgraph dev`` on this machine; ends with `stop`, with the ``with`` block, or with this process.

    If this process is killed, a guard beside the server ends the server.

    Needs ``pip install "langgraph-cli[inmem]"``. As with ``langgraph dev`` in a terminal, threads in a folder
    ``.langgraph_api`` beside the configuration are loaded again; a folder that did not exist is removed at the end.


    Parameters
    ----------
    config
        The ``langgraph.json``; the file's folder becomes the server's working directory.
    port
        The port to use; 0 for any free port. The server takes another port if this port is taken: read `url`.
    jobs
        Number of simultaneous runs.

    Attributes
    ----------
    url
        The server's URL.

    Raises
    ------
    UsageError
        If the file does not exist, or the LangGraph CLI is not installed.
    ServerUnreachable
        If the server does not start; the message ends with the server's log.

    Examples
    --------
    ::

        with DevServer("agent/langgraph.json") as server:
            agent = nbhitl.remote(server.url, "agent")
    """

    def __init__(self, config: str | Path = "langgraph.json", *, port: int = 0, jobs: int = 10) -> None:
        path = Path(config).resolve()
        if not path.is_file():
            raise UsageError(f"No file {path}. DevServer takes the path of a langgraph.json.")
        if importlib.util.find_spec("langgraph_cli") is None or importlib.util.find_spec("langgraph_api") is None:
            raise UsageError("DevServer runs `langgraph dev`: pip install 'langgraph-cli[inmem]'.")
        scratch = tempfile.mkdtemp(prefix="nbhitl-server-")
        self._log = Path(scratch) / "log.txt"
        kept = path.parent / THREADS
        port = port or _free_port()
        folders = [scratch, *([] if kept.exists() else [str(kept)])]
        self._process = self._start(path, port, jobs, folders)
        self._finalizer = weakref.finalize(self, _end, self._process, folders, os.getpid())
        self.url = f"http://127.0.0.1:{port}"
        try:
            self._wait_until_up()
        except BaseException:
            self.stop()
            raise

    def __repr__(self) -> str:
        return f"DevServer({self.url!r}{'' if self._finalizer.alive else ', stopped'})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the server and all its children; a second call does nothing."""
        self._finalizer()

    def _start(self, config: Path, port: int, jobs: int, folders: Iterable[str]) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(GUARD), *folders, "--"]
        command += [sys.executable, "-m", "langgraph_cli", "dev", "--no-browser", "--no-reload"]
        command += ["--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
        command += ["--n-jobs-per-worker", str(jobs)]
        with self._log.open("wb") as log:
            return subprocess.Popen(  # noqa: S603 - the CLI of this environment, with a file the caller named
                command,
                cwd=config.parent,
                env={**os.environ, **QUIET},
                stdin=subprocess.PIPE,  # closed at the end of this process, which the guard notices
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that the whole group can be ended, and Ctrl-C in a cell spares the server
            )

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._is_up():
            if self._process.poll() is not None:
                raise ServerUnreachable(
                    f"`langgraph dev` has ended (status {self._process.returncode}). {self._tail()}"
                )
            if time.monotonic() > deadline:
                raise ServerUnreachable(f"`langgraph dev` is not up after {START_SECONDS:.0f} s. {self._tail()}")
            time.sleep(POLL_SECONDS)

    def _is_up(self) -> bool:
        """Tell whether *this* server answers; before the log names the port, another server may listen there."""
        said = SAID.search(self._read_log())
        if said is None:
            return False
        self.url = said[0]
        try:
            return httpx.get(f"{self.url}/ok", trust_env=False).is_success
        except httpx.TransportError:
            return False

    def _read_log(self) -> str:
        return COLOURS.sub("", self._log.read_text(encoding="utf-8", errors="replace"))

    def _tail(self) -> str:
        lines = self._read_log().splitlines()[-LOG_LINES:]
        return "\n".join(["The end of the server's log:", *lines])


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def _end(process: subprocess.Popen[bytes], folders: Iterable[str], owner: int) -> None:
    """End the server and all its children; does nothing in a fork of the starting process."""
    if os.getpid() != owner:
        return
    assert process.stdin is not None, "started with a pipe"
    process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        _kill(process)
        process.wait()
    for folder in folders:  # a server that failed has left a log, which was read before
        shutil.rmtree(folder, ignore_errors=True)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if os.name != "posix":
        process.kill()
        return
    with contextlib.suppress(ProcessLookupError):  # all of the group has ended
        os.killpg(process.pid, signal.SIGKILL)
