"""A stand-in for VS Code's extension for Jupyter: runs the cells, relays the kernel to the webview.

Made after the extension's behaviour: a cell is sent when the cell before has ended; the webview gets every message of
every channel, and each request to run a cell before the kernel does; messages of the webview go to the main shell, as
if the kernel had no subshells; outputs belong to the notebook's document, which no widget reaches.
"""

import asyncio
import json
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.jsonutil import json_default
from jupyter_client.manager import AsyncKernelManager
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, StaticFileHandler
from tornado.websocket import WebSocketHandler

PAGE = Path(__file__).parent / "page"
REQUIRE = PAGE / "node_modules" / "requirejs"

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
CHANNELS = ("iopub", "shell", "stdin", "control")
START_SECONDS = 60

Message = dict[str, Any]


class Cell:
    """A cell of the document, and the execution of the cell."""

    def __init__(self, index: int, node: Any) -> None:
        self.index, self.node = index, node
        self.request = ""
        self.has_ended = asyncio.Event()
        self.status = ""
        self._missing: set[str] = set()

    def begin(self, request: str) -> None:
        self.request, self.status = request, ""
        self._missing = {"reply", "idle"}
        self.has_ended.clear()
        self.node.outputs.clear()

    def hear(self, part: str) -> None:
        self._missing.discard(part)
        if not self._missing:
            self.has_ended.set()


class Extension:
    """The kernel of a notebook, and the document.

    Parameters
    ----------
    document
        The notebook.
    env
        The environment of the kernel.
    folder
        The working directory of the kernel.
    """

    def __init__(self, document: Any, env: Mapping[str, str], folder: Path) -> None:
        self.document = document
        self.cells = [Cell(index, node) for index, node in enumerate(document.cells)]
        self._env, self._folder = dict(env), folder
        self._socket: WebSocketHandler | None = None
        self._closed = asyncio.Event()  # the connection to the page
        self._known: set[str] = set()  # models with a state
        self._taken: dict[str, asyncio.Event] = {}
        self._asks: Message = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._manager = AsyncKernelManager(kernel_name="python3")
        await self._manager.start_kernel(cwd=str(self._folder), env=self._env)
        self._client = self._manager.client()
        self._client.start_channels()
        await self._client.wait_for_ready(timeout=START_SECONDS)
        for name in CHANNELS:
            self._begin(self._read(name))

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._socket is not None:
            self._socket.close()
            await self._closed.wait()
        self._client.stop_channels()
        await self._manager.shutdown_kernel(now=True)

    # --- the page -------------------------------------------------------------------------------

    def open(self, socket: WebSocketHandler) -> None:
        self._socket = socket
        self._tell("notebook", cells=[cell.node.source for cell in self.cells])
        self._tell_of_kernel()

    def close(self) -> None:
        self._closed.set()

    def hear(self, message: Message) -> None:
        """Obey a message of the page."""
        match message["kind"]:
            case "run":
                self._begin(self._run_all())
            case "interrupt":
                self._begin(self._manager.interrupt_kernel())
            case "restart":
                self._begin(self._restart())
            case "input":
                reply = self._client.session.msg("input_reply", {"value": message["value"]}, parent=self._asks)
                self._client.stdin_channel.send(reply)
            case "taken":
                if taken := self._taken.pop(message["id"], None):
                    taken.set()
            case "to kernel":
                self._pass_on(json.loads(message["text"]))

    def _tell(self, kind: str, **content: Any) -> None:
        if self._socket is None:  # messages of the kernel's start, before there is a page
            return
        self._socket.write_message(json.dumps({"kind": kind, **content}, default=json_default))

    def _tell_of_kernel(self) -> None:
        model = {"id": "kernel", "name": "python3"}
        self._tell("begin", options={"clientId": self._client.session.session, "username": "me", "model": model})

    def _pass_on(self, message: Message) -> None:
        """Send a message of the webview to the kernel, with the message's own header."""
        channel = self._client.control_channel if message["channel"] == "control" else self._client.shell_channel
        header = message["header"]
        ids = {"msg_id": header["msg_id"], "msg_type": header["msg_type"]}
        rest = {key: message.get(key) or {} for key in ("parent_header", "metadata", "content")}
        self._client.session.send(channel.socket, {**ids, "header": header, **rest})

    # --- the kernel -----------------------------------------------------------------------------

    async def _run_all(self) -> None:
        for cell in self.cells:
            await self._run(cell)
            if cell.status != "ok":
                return

    async def _run(self, cell: Cell) -> None:
        content = {
            "code": cell.node.source,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": True,
            "stop_on_error": False,
        }
        where = {"cellId": f"vscode-notebook-cell:{self._folder}/notebook.ipynb#W{cell.index}sZmlsZQ%3D%3D"}
        message = self._client.session.msg("execute_request", content, metadata=where)
        request = message["header"]["msg_id"]
        cell.begin(request)
        self._tell("clear", cell=cell.index)
        self._tell("state", cell=cell.index, state="running")
        taken = self._taken[request] = asyncio.Event()
        self._tell("running", id=request, request={**_wire(message), "channel": "shell"})
        await taken.wait()
        self._client.shell_channel.send(message)
        await cell.has_ended.wait()
        self._tell("state", cell=cell.index, state=cell.status)

    async def _restart(self) -> None:
        await self._manager.restart_kernel(now=True)
        self._known.clear()
        self._tell("end")
        self._tell_of_kernel()

    async def _read(self, name: str) -> None:
        channel = getattr(self._client, f"{name}_channel")
        while True:
            message = await channel.get_msg(timeout=None)
            content, kind = message["content"], message["header"]["msg_type"]
            if kind == "comm_open":
                self._known.add(content["comm_id"])
            if kind == "input_request":
                self._asks = message
                self._tell("input", prompt=content["prompt"])
            text = json.dumps({**_wire(message), "channel": name}, default=json_default)
            self._tell("from kernel", id=uuid.uuid4().hex, text=text)
            for cell in self.cells:  # also cells that have ended, until the next run of the cell
                if cell.request and message["parent_header"].get("msg_id") == cell.request:
                    self._add_to(cell, kind, content)

    def _add_to(self, cell: Cell, kind: str, content: Message) -> None:
        """Put the outputs of a cell into the document, and into the webview."""
        if kind == "execute_reply":
            cell.status = content["status"]
            cell.hear("reply")
        elif kind == "status" and content["execution_state"] == "idle":
            cell.hear("idle")
        elif kind in ("display_data", "execute_result", "stream", "error"):
            message = {"header": {"msg_type": kind}, "content": content}
            output = nbformat.v4.output_from_msg(message)
            cell.node.outputs.append(output)
            view = output.get("data", {}).get(WIDGET_VIEW, {})
            self._tell("output", cell=cell.index, output=output, isKnown=view.get("model_id") in self._known)

    def _begin(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _wire(message: Message) -> Message:
    parts = ("header", "parent_header", "metadata", "content")
    return {**{part: message[part] for part in parts}, "buffers": []}


class _Socket(WebSocketHandler):
    def initialize(self, extension: Extension) -> None:
        self._extension = extension

    def open(self, *_args: str, **_kwargs: str) -> None:
        self._extension.open(self)

    def on_message(self, message: str | bytes) -> None:
        self._extension.hear(json.loads(message))

    def on_close(self) -> None:
        self._extension.close()


@contextmanager
def serve(
    sources: Sequence[str], folder: Path, bundle: Path, nbextensions: Path, env: Mapping[str, str]
) -> Iterator[tuple[str, Extension]]:
    """Serve the page of a notebook of these cells, in a separate thread; yield the address, and the extension."""
    document = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    sockets = bind_sockets(0, "127.0.0.1")
    is_up, loops = threading.Event(), list[asyncio.AbstractEventLoop]()
    extension = Extension(document, env, folder)
    over = asyncio.Event()

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        await extension.start()
        files = [
            (r"/nbextensions/(.*)", StaticFileHandler, {"path": str(nbextensions)}),
            (r"/(webview\.bundle\.js)", StaticFileHandler, {"path": str(bundle)}),
            (r"/(require\.js)", StaticFileHandler, {"path": str(REQUIRE)}),
            (r"/(.*)", StaticFileHandler, {"path": str(PAGE)}),
        ]
        server = HTTPServer(Application([(r"/extension", _Socket, {"extension": extension}), *files]))
        server.add_sockets(sockets)
        is_up.set()
        await over.wait()
        server.stop()
        await extension.end()
        await server.close_all_connections()

    thread = threading.Thread(target=asyncio.run, args=(run(),), name="vscode")
    thread.start()
    try:
        assert is_up.wait(START_SECONDS), "the kernel does not start"
        yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}/workbench.html", extension
    finally:
        loops[0].call_soon_threadsafe(over.set)
        thread.join(START_SECONDS)
