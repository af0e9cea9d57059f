"""Starting the process that kernels are forked from: early, so that it imports while others do something else."""

import os
import subprocess
import sys

CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"  # where frameworks of the system do not survive it


class WarmProcess:
    """`nbhitl.testing.runner.forkserver` in a process of its own.

    Attributes
    ----------
    write, read
        Our ends of the two pipes.
    """

    def __init__(self) -> None:
        (their_read, self.write), (self.read, their_write) = os.pipe(), os.pipe()
        command = [sys.executable, "-m", "nbhitl.testing.runner.forkserver", str(their_read), str(their_write)]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
            command,
            pass_fds=(their_read, their_write),
            env={**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"},  # else debugpy warns, once for all
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl+C is for us: the kernels end with us
        )
        os.close(their_read)
        os.close(their_write)

    def wait(self) -> None:
        """Wait for its end, which comes when our ends of the pipes are closed."""
        self._process.wait()
