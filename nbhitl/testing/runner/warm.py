"""Starts the process from which kernels are forked early, so that the imports run beside further work."""

import os
import subprocess
import sys

CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"  # macOS: system frameworks do not survive a fork


class WarmProcess:
    """`nbhitl.testing.runner.forkserver` in a separate process.

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
            env={**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"},  # else debugpy warns
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl+C reaches this process only, which then ends the kernels
        )
        os.close(their_read)
        os.close(their_write)

    def wait(self) -> None:
        """Wait for the end, which comes after our ends of the pipes are closed."""
        self._process.wait()
