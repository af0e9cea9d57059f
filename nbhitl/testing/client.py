"""A notebook client that answers reviews over the real widget protocol, as a page does."""

import asyncio
import os
import uuid
from collections.abc import Callable
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete
from nbformat import NotebookNode

from nbhitl.protocol import Question

Answer = Callable[[Question], str | None]
"""Gets a question, returns the text that the person leaves in the editor; ``None`` leaves it unanswered."""


class PersonClient(NotebookClient):
    """Executes a notebook and answers its cards by comm messages; no browser, no recorded answers.

    Parameters
    ----------
    nb
        The notebook; executed in place, as by `nbclient.NotebookClient`.
    answer
        Gets each open question once, and again where its answer did not get through or the node raised on it.
    **options
        Passed to `nbclient.NotebookClient`.

    Attributes
    ----------
    refused
        The kernel's refusals (`nbhitl.protocol.Refused`), in order.
    """

    def __init__(self, nb: NotebookNode, answer: Answer, **options: Any) -> None:
        super().__init__(nb, **options)
        self.answer = answer
        self.refused: list[dict[str, Any]] = []
        self.widget_registry["anywidget"] = {"AnyModel": _Card}
        self._sent: set[str] = set()  # ids of our own messages

    async def async_start_new_kernel(self, **options: Any) -> None:
        """Start the kernel and tell it that somebody is there to answer."""
        options["env"] = {**os.environ, **options.get("env", {}), "NBHITL_ANSWERS": "live"}
        await super().async_start_new_kernel(**options)

    def send(self, comm_id: str, content: dict[str, Any]) -> None:
        """Send a custom message to the widget behind ``comm_id``."""
        assert self.kc is not None, "the kernel has not been started"
        data = {"method": "custom", "content": content}
        message = self.kc.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        self._sent.add(message["header"]["msg_id"])
        self.kc.shell_channel.send(message)

    async def _async_poll_output_msg(self, parent_msg_id: str, cell: NotebookNode, cell_index: int) -> None:
        """Process also what our messages caused; nbclient drops what is not parented to the running cell."""
        assert self.kc is not None, "the kernel has not been started"
        while True:
            message = await self.kc.iopub_channel.get_msg(timeout=None)
            parent = message["parent_header"].get("msg_id")
            of_widget = message["msg_type"].startswith("comm_")
            caused = parent in self._sent and message["msg_type"] != "status"
            if parent == parent_msg_id or of_widget or caused:
                try:
                    self.process_message(message, cell, cell_index)
                except CellExecutionComplete:
                    return


class _Card:
    """The front end's half of one widget, as nbclient's widget registry makes it for each ``comm_open``."""

    def __init__(self, comm_id: str, state: dict[str, Any], _kernel_client: object, client: PersonClient) -> None:
        self._comm_id, self._client = comm_id, client
        self._seen: set[tuple[str, str | None]] = set()
        self._look(state)

    def handle_msg(self, message: dict[str, Any]) -> None:
        """Take a message of the kernel: a new view, or the reply to an answer."""
        data = message["content"]["data"]
        if data["method"] == "update":
            self._look(data["state"])
        elif data["method"] == "custom":
            self._reply(data["content"])

    def _look(self, state: dict[str, Any]) -> None:
        view = state.get("view", {"questions": []})
        for question in view["questions"]:
            standing = question["standing"]
            if standing["kind"] == "open" and (question["id"], standing["problem"]) not in self._seen:
                self._seen.add((question["id"], standing["problem"]))
                draft = self._client.answer(question)
                if draft is not None:
                    # Not from inside nbclient's handler: the comm is registered only after this returns.
                    asyncio.get_running_loop().call_soon(self._answer, question["id"], view["revision"], draft)

    def _answer(self, interrupt_id: str, revision: int, draft: str) -> None:
        answer = {
            "kind": "answer",
            "request": uuid.uuid4().hex,
            "id": interrupt_id,
            "revision": revision,
            "draft": draft,
        }
        self._client.send(self._comm_id, answer)

    def _reply(self, content: dict[str, Any]) -> None:
        if content["kind"] == "refused":
            self._client.refused.append(content)
        elif content["kind"] == "accepted" and content["record"] is not None:
            outcome = {"kind": "not_recorded", "reason": "answered by a test"}
            self._client.send(
                self._comm_id, {"kind": "record_outcome", "request": content["request"], "outcome": outcome}
            )
