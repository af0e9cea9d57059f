"""Runs a server that ends together with the starting process, however that process ends; a separate program.

``python guard.py FOLDER... -- COMMAND...``: when the standard input ends, because the process at the other end has
ended, the server and all its children are ended, first with SIGTERM, and the folders are removed.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

STOP_SECONDS = 10.0


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status."""
    end_of_folders = arguments.index("--")
    folders, command = arguments[:end_of_folders], arguments[end_of_folders + 1 :]
    signal.signal(signal.SIGTERM, _survive)  # not SIG_IGN, which the server would inherit
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - the starting process names the command
    ending = threading.Event()

    def end_with_parent() -> None:
        sys.stdin.buffer.read()
        ending.set()
        _end(server, folders)

    waiting = threading.Thread(target=end_with_parent, daemon=True)
    waiting.start()
    status = server.wait()
    if ending.is_set():
        waiting.join()
    return status


def _survive(*_: object) -> None:
    pass


def _end(server: "subprocess.Popen[bytes]", folders: Sequence[str]) -> None:
    _signal_all(server, "SIGTERM")
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(STOP_SECONDS)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    _signal_all(server, "SIGKILL")


def _signal_all(server: "subprocess.Popen[bytes]", name: str) -> None:
    """Signal all processes in the session of this process, including this process."""
    if os.name == "posix":
        os.killpg(os.getpgrp(), getattr(signal, name))
    else:
        server.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
