"""A process that has imported the heavy packages, and forks kernels.

Run by `nbhitl.testing.runner.kernels` as ``python -m nbhitl.testing.runner.forkserver READ WRITE``, the numbers of two
pipes. The process reads a `ForkRequest` per line and writes a `Forked`, `Ready` or `Ended` per line. The process starts
no thread, no event loop and no zmq context, and runs no notebook: a child gets the state of a fresh interpreter after
these imports.
"""

import gc
import importlib
import json
import os
import selectors
import signal
import sys
from typing import Any, Literal

from typing_extensions import TypedDict

HEAVY = (
    "asyncio",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.core.payloadpage",
    "IPython.extensions.storemagic",
    "anywidget",
    "ipykernel.debugger",  # imports debugpy: half of a kernel's start time
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "ipykernel.subshell_manager",
    "ipywidgets",
    "langchain_core.tracers.run_collector",
    "langchain_core.tracers.stdout",
    "langgraph.checkpoint.memory",
    "langgraph.func",
    "langgraph.graph",
    "langgraph.graph.message",
    "langgraph.types",
    "matplotlib_inline.backend_inline",
    "nbhitl.api.auditing",
    "nbhitl.api.comparing",
    "nbhitl.api.inboxing",  # imports the further functions for users
    "nbhitl.engines.local",
    "nbhitl.engines.local.engine",
    "nbhitl.ui.widget",
    "tornado.platform.asyncio",
)
"""Imported before forking, if installed; no package that keeps a random state or starts threads."""


class ForkRequest(TypedDict):
    """Asks for a kernel."""

    kind: Literal["fork"]
    request: int
    arguments: list[str]
    cwd: str
    env: dict[str, str]


class Forked(TypedDict):
    """The kernel's process has begun."""

    kind: Literal["forked"]
    request: int
    pid: int


class Ready(TypedDict):
    """The kernel listens on its sockets."""

    kind: Literal["ready"]
    pid: int


class Ended(TypedDict):
    """A kernel's process has ended; the status is as in `subprocess.Popen.returncode`."""

    kind: Literal["ended"]
    pid: int
    status: int


def main(read: int, write: int) -> None:
    """Serve until the other end is closed; in a child, become a kernel."""
    own_path = _path_without_environment()
    _import_heavy()
    request = _serve(read, write)
    if request is not None:
        _be_kernel(request, own_path, write)


def _import_heavy() -> None:
    gc.disable()
    for name in HEAVY:
        try:
            importlib.import_module(name)
        except ImportError:
            continue  # a notebook that needs this package reports the error
    gc.enable()
    gc.collect()
    gc.freeze()  # a child's collector then does not touch, and so not copy, shared memory


def _serve(read: int, write: int) -> ForkRequest | None:
    """Fork for each request; return the request in the child, and ``None`` when the other end is closed."""
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    requests, children = os.fdopen(read, "rb", buffering=0), set[int]()
    with selectors.DefaultSelector() as events:
        events.register(requests, selectors.EVENT_READ)
        events.register(woken, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in events.select()}
            if woken in ready:
                os.read(woken, 1024)
                _tell_of_ended(children, write)
            if requests not in ready:
                continue
            line = requests.readline()
            if not line:
                _end(children)
                return None
            request: ForkRequest = json.loads(line)
            pid = os.fork()
            if pid == 0:
                _leave_the_server((woken, wake), requests)
                return request
            children.add(pid)
            _write(write, {"kind": "forked", "request": request["request"], "pid": pid})


def _leave_the_server(ends: tuple[int, ...], requests: Any) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    requests.close()
    for end in ends:
        os.close(end)
    os.setsid()  # signals reach the kernel and processes started by the kernel, and no process else


def _tell_of_ended(children: set[int], write: int) -> None:
    for child in list(children):
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            children.remove(pid)
            _write(write, {"kind": "ended", "pid": pid, "status": os.waitstatus_to_exitcode(status)})


def _end(children: set[int]) -> None:
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _write(write: int, message: Forked | Ready | Ended) -> None:
    try:
        os.write(write, json.dumps(message).encode() + b"\n")
    except BrokenPipeError:  # the other end is closed: the next read returns nothing
        return


def _path_without_environment() -> list[str]:
    """Return ``sys.path`` without the entries of ``PYTHONPATH``, and without the first entry, which ``-m`` adds."""
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return [entry for entry in sys.path[1:] if entry not in given]


def _be_kernel(request: ForkRequest, own_path: list[str], write: int) -> None:
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    given = [entry for entry in request["env"].get("PYTHONPATH", "").split(os.pathsep) if entry]
    sys.path[:] = [*given, *own_path]
    sys.argv = ["ipykernel_launcher", *request["arguments"]]

    from ipykernel.kernelapp import IPKernelApp

    from nbhitl.kernel.typed_input import plug_in

    ends_with_server = f"--IPKernelApp.parent_handle={os.getppid()}"
    app: Any = IPKernelApp.instance()
    app.initialize([*request["arguments"], ends_with_server])
    # nbhitl was imported before the kernel existed, so the notebook's `import nbhitl` plugs nothing in.
    plug_in()
    _plug_in_models_at_the_first_cell(app.shell)
    _write(write, {"kind": "ready", "pid": os.getpid()})
    os.close(write)
    app.start()


def _plug_in_models_at_the_first_cell(shell: Any) -> None:
    """Let models be built without keys in a replay: only a running cell tells which notebook this is."""
    from nbhitl.models import plug_in

    def at_the_first_cell(_info: Any) -> None:
        shell.events.unregister("pre_run_cell", at_the_first_cell)
        plug_in()

    shell.events.register("pre_run_cell", at_the_first_cell)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
