"""A kernel whose cells are held, driven by raw messages: the client sends the messages of a page, in any order."""

import queue
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from jupyter_client.manager import start_new_kernel

from nbhitl.protocol.entries import Reader
from tests.environments import IPYKERNELS
from tests.kernel.notebooks import kernel_env

SECONDS = 30.0
"""Most seconds for a message; a stuck kernel fails after this time."""

SETUP = """
import nbhitl
from tests import graphs
graph, order = graphs.seed(), []
"""


class Held:
    """A kernel and the kernel's client."""

    def __init__(self, manager: Any, client: Any, subshell: str | None = None) -> None:
        self._manager, self._client, self.subshell = manager, client, subshell
        self.outputs: dict[str, list[str]] = defaultdict(list)  # by request
        self.displayed: dict[str, list[dict[str, Any]]] = defaultdict(list)  # by request
        self.begun: set[str] = set()  # requests that the kernel has begun to handle
        self._questions: list[dict[str, Any]] = []
        self._known: set[str] = set()
        self._cards: dict[str, Reader] = defaultdict(Reader)  # by comm
        self._ended: dict[str, str] = {}

    def run(self, source: str) -> str:
        """Send a cell, and do not wait for its end."""
        request: str = self._client.execute(source, allow_stdin=True)
        return request

    def see(self, until: Callable[[], Any]) -> Any:
        """Read the kernel's messages until ``until()`` is true; return the value of ``until()``."""
        while not (seen := until()):
            try:
                message = self._client.get_iopub_msg(timeout=SECONDS)
            except queue.Empty:
                raise TimeoutError(f"the kernel is stuck; it said {dict(self.outputs)}") from None
            self._take(message)
        return seen

    def end_of(self, *requests: str) -> list[str]:
        """Wait until the cells have ended; return the status of each: ok, error or aborted."""
        while missing := [request for request in requests if request not in self._ended]:
            reply = self._client.get_shell_msg(timeout=SECONDS)
            if reply["msg_type"] == "execute_reply":
                self._ended[reply["parent_header"]["msg_id"]] = reply["content"]["status"]
            assert missing
        self.see(lambda: not set(requests) - set(self._idle))
        return [self._ended[request] for request in requests]

    def asked(self) -> dict[str, Any]:
        """Wait for a new question; return the question with the comm of the card and the revision of the view."""
        return self.see(lambda: self._questions.pop(0) if self._questions else None)  # type: ignore[no-any-return]

    def answer(self, question: dict[str, Any], text: str, **more: Any) -> str:
        """Answer as a page does; return the id of the message."""
        content = {
            "kind": "answer",
            "request": uuid.uuid4().hex,
            "id": question["id"],
            "revision": question["revision"],
            "draft": text,
            **more,
        }
        return self.send("comm_msg", {"comm_id": question["comm"], "data": {"method": "custom", "content": content}})

    def send(self, kind: str, content: dict[str, Any]) -> str:
        """Send a message on the shell channel, to the subshell if the kernel has one; return the message's id."""
        message = self._client.session.msg(kind, content)
        if self.subshell is not None:
            message["header"]["subshell_id"] = self.subshell
        self._client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def card_of(self, question: dict[str, Any]) -> Reader:
        """Return the card of a question, as read by the page."""
        return self._cards[question["comm"]]

    def greet(self, question: dict[str, Any]) -> None:
        """Wait until the card has answered a hello: earlier messages have arrived, and the cell waits."""
        sent = self.hello(question)
        self.see(lambda: "(idle)" in self.outputs[sent])

    def hello(self, question: dict[str, Any]) -> str:
        """Greet a card as a page does that draws the card; return the id of the message."""
        hello = {"kind": "hello", "request": uuid.uuid4().hex}
        return self.send("comm_msg", {"comm_id": question["comm"], "data": {"method": "custom", "content": hello}})

    def reply_to(self, request: str) -> dict[str, Any]:
        """Wait for a reply on the shell channel."""
        while True:
            reply: dict[str, Any] = self._client.get_shell_msg(timeout=SECONDS)
            if reply["parent_header"]["msg_id"] == request:
                return reply
            if reply["msg_type"] == "execute_reply":
                self._ended[reply["parent_header"]["msg_id"]] = reply["content"]["status"]

    def interrupt(self) -> None:
        self._manager.interrupt_kernel()

    @property
    def _idle(self) -> list[str]:
        return [request for request, said in self.outputs.items() if "(idle)" in said]

    def _take(self, message: dict[str, Any]) -> None:
        content, request = message["content"], message["parent_header"].get("msg_id", "")
        said = self.outputs[request]
        match message["msg_type"]:
            case "status" if content["execution_state"] == "idle":
                said.append("(idle)")
            case "status":
                self.begun.add(request)
            case "stream":
                said.append(content["text"])
            case "execute_result":
                said.append(content["data"]["text/plain"])
            case "display_data":
                self.displayed[request].append({"output_type": "display_data", **content})
            case "error":
                said.append(f"{content['ename']}: {content['evalue']}")
            case "comm_open" | "comm_msg":
                said += [kind] if (kind := content["data"].get("content", {}).get("kind")) else []
                self._look(content)

    def _look(self, content: dict[str, Any]) -> None:
        card = self._cards[content["comm_id"]]
        state = content["data"].get("state") or {}
        card.take(state)
        if "view" not in state:
            return
        for question in card.questions:
            if question["standing"]["kind"] == "open" and question["id"] not in self._known:
                self._known.add(question["id"])
                self._questions.append({**question, "comm": content["comm_id"], "revision": card.revision})


@contextmanager
def kernel(version: str) -> Iterator[Held]:
    """Start a kernel of some version of ipykernel; ``"installed"`` names the version of this environment."""
    env = kernel_env()
    if version != "installed":
        env["PYTHONPATH"] = f"{IPYKERNELS.folder(version)}:{env['PYTHONPATH']}"
    manager, client = start_new_kernel(env=env, extra_arguments=["--log-level=ERROR"])
    try:
        client.execute_interactive(SETUP, timeout=60)
        yield Held(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def make_subshell(held: Held) -> str | None:
    """Make a subshell, as JupyterLab does for comm messages; ``None`` where the kernel has no subshells."""
    client = held._client
    client.control_channel.send(client.session.msg("create_subshell_request", {}))
    reply = client.get_control_msg(timeout=SECONDS)
    subshell: str | None = reply["content"].get("subshell_id")
    return subshell
