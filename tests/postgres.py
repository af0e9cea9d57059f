"""A PostgreSQL server for the tests, on a free port of this machine; the folder is removed at the end."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

DEBIAN = Path("/usr/lib/postgresql")
START_SECONDS = 30.0
POLL_SECONDS = 0.02
STOP_SECONDS = 10.0

FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "unix_socket_directories": "",
}
"""Settings for speed: the databases need not survive a crash."""


@cache
def programs() -> Path | None:
    """Return the folder of `initdb` and `postgres`: Debian's newest, which is not on PATH, else the folder on PATH."""
    versions = [folder for folder in DEBIAN.glob("*") if (folder / "bin" / "initdb").exists()]
    if versions:
        return max(versions, key=lambda folder: float(folder.name)) / "bin"
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


class Postgres:
    """A server that `running` has started."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._known: set[str] = set()

    def url(self, database: str) -> str:
        """Return the URL of a database, and create the database at the first call."""
        import psycopg

        if database not in self._known:
            with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
                connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(database)))
            self._known.add(database)
        return self._url(database)

    def _url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"


@contextmanager
def running() -> Iterator[Postgres]:
    """Run a server; everybody on this machine may connect to it."""
    bin_folder = programs()
    assert bin_folder is not None, "no initdb, neither in /usr/lib/postgresql nor on PATH: apt-get install postgresql"
    folder = Path(tempfile.mkdtemp(prefix="nbhitl-postgres-"))
    who = _who(folder)
    try:
        options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]
        subprocess.run(
            [bin_folder / "initdb", "-D", folder / "data", *options], **who, check=True, stdout=subprocess.DEVNULL
        )
        with _served(bin_folder / "postgres", folder, who) as port:
            yield Postgres(port)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _served(program: Path, folder: Path, who: dict[str, Any]) -> Iterator[int]:
    port, log = free_port(), folder / "log"
    settings = [word for name, value in FAST.items() for word in ("-c", f"{name}={value}")]
    command = [str(program), "-D", str(folder / "data"), "-h", "127.0.0.1", "-p", str(port), *settings]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, **who) as process:
        try:
            _wait_until_up(process, port, log)
            yield port
        finally:
            process.send_signal(signal.SIGINT)  # closes open connections; SIGTERM would wait for the clients
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
            process.kill()


def _wait_until_up(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres").close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL is not up. Its log:\n{log.read_text()}") from error
            time.sleep(POLL_SECONDS)
        else:
            return


def _who(folder: Path) -> dict[str, Any]:
    """Return the user for `subprocess`, who becomes the owner of the folder: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": folder}


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port
