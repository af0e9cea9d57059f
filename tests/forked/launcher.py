"""Stands for a forked kernel: the process that Jupyter starts, sends signals to, and waits for.

Imports nothing but a few modules of the standard library, because each kernel has such a process.
"""

import array
import json
import os
import signal
import socket
import sys

PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
"""The end of the connection stands for SIGKILL."""


def main(address: str, arguments: list[str]) -> None:
    """Have a kernel forked with these arguments, and end as the kernel ends."""
    request = {"arguments": arguments, "cwd": os.getcwd(), "env": dict(os.environ)}  # noqa: PTH109 - light
    standard_streams = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))]
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        connection.sendmsg([b"\n"], standard_streams)
        connection.sendall(json.dumps(request).encode() + b"\n")
        for each in PASSED_ON:
            signal.signal(each, lambda number, _frame: connection.sendall(bytes([number])))
        status = int(connection.recv(100) or -signal.SIGKILL)
    if status >= 0:
        os._exit(status)
    if -status in PASSED_ON:
        signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[3:])
