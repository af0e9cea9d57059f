"""Runs a server that ends with the process that started it, however that ends; a program of its own.

``python guard.py FOLDER... -- COMMAND...``: at the end of its standard input, which comes when whoever holds the other
end is gone, the server and everything it started are ended, kindly first, and the folders are removed.
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
    """Run the command; return its status."""
    end_of_folders = arguments.index("--")
    folders, command = arguments[:end_of_folders], arguments[end_of_folders + 1 :]
    signal.signal(signal.SIGTERM, _survive)  # no SIG_IGN: the server would inherit that
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - whoever starts this says what to run
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
    """Signal everything in the session of this process, itself included."""
    if os.name == "posix":
        os.killpg(os.getpgrp(), getattr(signal, name))
    else:
        server.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
