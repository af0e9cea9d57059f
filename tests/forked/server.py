"""The process that forks a kernel for each `tests.forked.launcher`.

Run by `tests.forked` as ``python -m tests.forked.server LISTENER``, the number of a listening socket. A launcher sends
its standard streams and the kernel's arguments, folder and environment variables, then the numbers of signals for the
kernel; the launcher gets the kernel's exit status. The imports, and the change of a child into a kernel, are those of
`nbhitl.testing.runner.forkserver`.
"""

import array
import json
import os
import selectors
import signal
import socket
import sys
from typing import Any

from nbhitl.testing.runner import forkserver
from nbhitl.testing.runner.forkserver import ForkRequest

STREAMS = 3


class Server:
    """The kernels by the connection to their launchers.

    Parameters
    ----------
    listener
        The socket to which launchers connect.
    """

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._kernels: dict[socket.socket, int] = {}
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> ForkRequest | None:
        """Fork for each launcher; return the request in the child, and ``None`` at the end of standard input."""
        while True:
            with selectors.DefaultSelector() as events:
                for each in (sys.stdin, self._woken, *self._kernels, self._listener):
                    events.register(each, selectors.EVENT_READ)
                ready = {key.fileobj for key, _ in events.select()}
            if self._woken in ready:
                os.read(self._woken, 1024)
            self._tell_of_ended()
            # Before a new kernel is forked: a restarted kernel uses the ports of the former kernel.
            for connection in [each for each in self._kernels if each in ready]:
                self._pass_on(connection)
            if sys.stdin in ready:
                for connection in list(self._kernels):
                    self._kill(connection)
                return None
            if self._listener in ready and (request := self._fork()):
                return request

    def _fork(self) -> ForkRequest | None:
        """Fork for the next launcher; return the request in the child, and ``None`` in this process."""
        connection, _ = self._listener.accept()
        received = _receive(connection)
        if received is None:
            connection.close()
            return None
        request, streams = received
        pid = os.fork()
        if pid == 0:
            self._leave_the_server(connection, streams)
            return request
        os.setpgid(pid, pid)  # here too: the first signal may come before the child's own call
        for stream in streams:
            os.close(stream)
        self._kernels[connection] = pid
        return None

    def _leave_the_server(self, connection: socket.socket, streams: list[int]) -> None:
        os.setpgid(0, 0)  # signals reach the kernel and processes started by the kernel, and no process else
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for each in (self._listener, connection, *self._kernels):
            each.close()
        for end in (self._woken, self._wake):
            os.close(end)
        for standard, stream in enumerate(streams):
            os.dup2(stream, standard)
            os.close(stream)

    def _pass_on(self, connection: socket.socket) -> None:
        try:
            numbers = connection.recv(100)
        except ConnectionResetError:
            numbers = b""
        if not numbers:
            self._kill(connection)
        for number in numbers:
            os.killpg(self._kernels[connection], number)

    def _kill(self, connection: socket.socket) -> None:
        """End the kernel of a launcher that was killed, and wait for the end: the kernel's ports are free then."""
        pid = self._kernels.pop(connection)
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        connection.close()

    def _tell_of_ended(self) -> None:
        for connection, pid in list(self._kernels.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._kernels[connection]
                _send(connection, str(os.waitstatus_to_exitcode(status)))
                connection.close()


def _receive(connection: socket.socket) -> tuple[ForkRequest, list[int]] | None:
    """Read the streams and the request of a launcher; ``None`` if the launcher was killed."""
    streams = array.array("i")
    first, extra, _, _ = connection.recvmsg(1, socket.CMSG_SPACE(STREAMS * streams.itemsize))
    for _, _, content in extra:
        streams.frombytes(content)
    with connection.makefile("rb") as lines:
        line = lines.readline() if first else b""
    if not line.endswith(b"\n"):
        for stream in streams:
            os.close(stream)
        return None
    wanted: dict[str, Any] = json.loads(line)
    request: ForkRequest = {
        "kind": "fork",
        "request": 0,
        "arguments": wanted["arguments"],
        "cwd": wanted["cwd"],
        "env": wanted["env"],
    }
    return request, list(streams)


def _send(connection: socket.socket, text: str) -> None:
    try:
        connection.sendall(text.encode())
    except (BrokenPipeError, ConnectionResetError):  # the launcher was killed at the same moment
        return


def main(number: int) -> None:
    """Serve until standard input ends; in a child, become a kernel."""
    own_path = forkserver._path_without_environment()
    forkserver._import_heavy()
    request = Server(socket.socket(fileno=number)).serve()
    if request is not None:
        nobody = os.open(os.devnull, os.O_WRONLY)  # the client finds out itself that the kernel is ready
        forkserver._be_kernel(request, own_path, nobody)


if __name__ == "__main__":
    main(int(sys.argv[1]))
