"""Kernels for notebooks under test: forked from a warm process, or started plainly."""

import asyncio
import itertools
import json
import os
import signal
import sys
import uuid
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from nbhitl.testing.runner.forkserver import ForkRequest
from nbhitl.testing.runner.warm import WarmProcess


class ForkServer:
    """The other end of `nbhitl.testing.runner.forkserver`; belongs to the event loop of the first fork.

    Parameters
    ----------
    warm
        A process that was started earlier; by default a process is started for the first kernel.
    """

    def __init__(self, warm: WarmProcess | None = None) -> None:
        self._process, self._is_attached = warm, False
        self._requests = itertools.count()
        self._forked: dict[int, asyncio.Future[ForkedProcess]] = {}
        self._children: dict[int, ForkedProcess] = {}

    async def fork(self, arguments: list[str], cwd: str, env: dict[str, str]) -> "ForkedProcess":
        """Return the process of a new kernel.

        Parameters
        ----------
        arguments
            The kernel's arguments: ``["-f", connection_file]``.
        cwd, env
            The kernel's working directory and complete environment.
        """
        if not self._is_attached:
            await self._attach()
        number = next(self._requests)
        request: ForkRequest = {"kind": "fork", "request": number, "arguments": arguments, "cwd": cwd, "env": env}
        future: asyncio.Future[ForkedProcess] = asyncio.get_running_loop().create_future()
        self._forked[number] = future
        self._write.write(json.dumps(request).encode() + b"\n")
        return await future

    async def _attach(self) -> None:
        self._process = self._process or WarmProcess()
        self._is_attached = True
        self._write = os.fdopen(self._process.write, "wb", buffering=0)
        reader = asyncio.StreamReader()
        self._transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(self._process.read, "rb")
        )
        self._listening = asyncio.create_task(self._listen(reader))

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                self._take(json.loads(line))
        finally:  # no message will be read any more: end all waits
            for future in self._waiting():
                future.set_exception(RuntimeError("The process that kernels are forked from has ended unexpectedly."))
            for child in self._children.values():
                child.has_ended(-signal.SIGKILL)
            self._process, self._is_attached = None, False  # the next kernel starts a new process

    def _waiting(self) -> "list[asyncio.Future[ForkedProcess]]":
        return [future for future in self._forked.values() if not future.done()]

    def _take(self, message: Any) -> None:
        pid = message["pid"]
        # The child's message "ready" may come before the server's message "forked".
        child = self._children[pid] = self._children.get(pid) or ForkedProcess(pid)
        match message["kind"]:
            case "forked":
                future = self._forked.pop(message["request"])
                if not future.done():  # or the caller was cancelled; then the kernel ends with the server
                    future.set_result(child)
            case "ready":
                child.is_ready.set()
            case "ended":
                del self._children[pid]
                child.has_ended(message["status"])

    async def close(self) -> None:
        """End the server, and with the server every remaining kernel."""
        if self._process is None:
            return
        if not self._is_attached:
            await self._attach()
        process = self._process
        self._write.close()
        await self._listening
        self._transport.close()
        await asyncio.to_thread(process.wait)


class ForkedProcess:
    """A forked kernel, with those parts of `subprocess.Popen` that a provisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.is_ready, self.ended = asyncio.Event(), asyncio.Event()

    def has_ended(self, status: int) -> None:
        """Note the end that the server reported."""
        self.returncode = status
        self.is_ready.set()  # a waiting caller then finds the kernel dead
        self.ended.set()

    def poll(self) -> int | None:
        """Return the exit status; ``None`` while the kernel runs."""
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the kernel has ended: another process may have the number by now."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)


class ForkedKernel(LocalProvisioner):
    """Provides a kernel by forking; everything else is Jupyter's own."""

    server: ForkServer
    process: Any = None  # a ForkedProcess

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork, with the arguments of a plain start."""
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        cwd = str(kwargs.get("cwd") or Path.cwd())
        self.process = await self.server.fork(arguments, cwd, dict(kwargs["env"]))
        await self.process.is_ready.wait()  # a client that connects too early tries again only 0.1 s later
        self.pid, self.pgid, self.cwd = self.process.pid, self.process.pid, cwd  # the kernel leads a session
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the end without polling."""
        if self.process is None:
            return 0
        await self.process.ended.wait()
        status: int | None = self.process.returncode
        self.process = None
        return status

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel and to the processes started by the kernel."""
        if self.process is not None and self.process.returncode is None:
            await super().send_signal(signum)


def let_fork(manager: KernelManager, server: ForkServer) -> None:
    """Let a manager fork the kernel, if the result is the same: for an ipykernel on this very interpreter."""
    spec = manager.kernel_spec
    argv = list(spec.argv) if spec else []
    is_ours = "ipykernel_launcher" in argv and argv[0] in (sys.executable, "python", f"python{sys.version_info.major}")
    if not is_ours or spec is None or spec.metadata.get("kernel_provisioner"):
        return
    provisioner = ForkedKernel(kernel_id=uuid.uuid4().hex, kernel_spec=spec, parent=manager)
    provisioner.server = server
    manager.provisioner = provisioner
