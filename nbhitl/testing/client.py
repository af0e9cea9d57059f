"""A notebook client that answers reviews over the real widget protocol, as a page does."""

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete
from nbformat import NotebookNode, from_dict

from nbhitl import unquoted
from nbhitl.answers.notebook_file import ANSWERS_VARIABLE, LIVE
from nbhitl.decisions import to_json
from nbhitl.protocol import DecidedMessage, Earlier, Question
from nbhitl.testing.front_end import FrontEnd
from nbhitl.testing.output_box import REGISTRY, OutputBox


@dataclass(frozen=True)
class Resume:
    """An answer in the form of a resume value, or of decisions (`nbhitl.approve`); not a text in the editor."""

    value: Any


OUTPUTS = frozenset({"stream", "display_data", "update_display_data", "clear_output"})
"""Messages that a run may still cause after the end of the cell."""

GiveAnswer = Callable[[Question], str | Resume | None]
"""Gets a question, returns the text that the person leaves in the editor; ``None`` leaves the question unanswered."""


class PersonClient(NotebookClient):
    """Executes a notebook and answers the cards by comm messages; no browser, no recorded answers.

    All effects of an answer (prints, errors, new outputs) are kept, also while no cell or another cell runs.

    Parameters
    ----------
    nb
        The notebook; executed in place, as by `nbclient.NotebookClient`.
    answer
        Gets each open question once, and again after the answer was lost or the node raised on the answer.
    **options
        Passed to `nbclient.NotebookClient`.

    Attributes
    ----------
    refused
        The kernel's refusals (`nbhitl.protocol.Refused`), in order.
    """

    _says = LIVE
    """Told to the kernel: the value of ``NBHITL_ANSWERS``."""

    def __init__(self, nb: NotebookNode, answer: GiveAnswer, **options: Any) -> None:
        super().__init__(nb, **options)
        self.answer = answer
        self.refused: list[dict[str, Any]] = []
        self.cards: list[Card] = []
        self.boxes: list[OutputBox] = []
        self.widget_registry["anywidget"] = {"AnyModel": Card}
        module, model = REGISTRY
        self.widget_registry[module] = {model: self._new_box}
        self._shown: dict[str, list[Any]] = {}  # outputs by the id of their display
        self._to_clear: set[int] = set()  # cells whose outputs go with the next output
        self._sent: set[str] = set()  # ids of our own messages
        self._cells: dict[str, tuple[NotebookNode, int]] = {}  # by the request that executed them
        self._sending: set[asyncio.Future[Any]] = set()

    async def async_start_new_kernel(self, **options: Any) -> None:
        """Start the kernel, with the sign that a person is there to answer."""
        options["env"] = {**os.environ, **options.get("env", {}), ANSWERS_VARIABLE: self._says}
        await super().async_start_new_kernel(**options)

    def send(self, comm_id: str, content: dict[str, Any]) -> None:
        """Send a custom message to the widget behind ``comm_id``."""
        self.tell_widget(comm_id, {"method": "custom", "content": content})

    def tell_widget(self, comm_id: str, data: dict[str, Any]) -> None:
        """Send data to the widget behind ``comm_id``."""
        assert self.kc is not None, "the kernel has not been started"
        message = self.kc.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        self._sent.add(message["header"]["msg_id"])
        # Not the channel's send(): that bypasses the socket's wrapper for asyncio, which then misses messages of that
        # moment. The reply to a cell would stay unread, and the cell would seem to run for ever.
        sending = self.kc.shell_channel.socket.send_multipart(self.kc.session.serialize(message))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)

    # --- hooks for subclasses ---------------------------------------------------------

    def on_earlier(self, card: "Card", earlier: Earlier) -> None:
        """Take note of the questions that a card's run asked before the review found the run."""

    def on_decided(self, card: "Card", decided: DecidedMessage) -> None:
        """Take the record of a decision without a person, which a page writes into the notebook."""
        outcome = {"kind": "not_recorded", "reason": "decided in a test"}
        card.tell("record_outcome", request=decided["request"], outcome=outcome)

    def on_question(self, card: "Card", question: Question) -> None:
        """Answer an open question that was not seen before."""
        answer = self.answer(question)
        if isinstance(answer, Resume):
            card.resume(question["id"], answer.value)
        elif answer is not None:
            card.tell("answer", id=question["id"], revision=card.revision, draft=answer)

    def on_reply(self, card: "Card", reply: dict[str, Any]) -> None:
        """Take a reply of the kernel."""
        if reply["kind"] == "refused":
            self.refused.append(reply)
        elif reply["kind"] == "accepted" and reply["record"] is not None:
            outcome = {"kind": "not_recorded", "reason": "answered by a test"}
            card.tell("record_outcome", request=reply["request"], outcome=outcome)

    # --- messages of the kernel -------------------------------------------------------------------

    async def take_next(self, parent: str, cell: NotebookNode, cell_index: int) -> bool:
        """Process the kernel's next message; return whether the message ends ``parent``.

        Processed are also effects of our own messages, and outputs of a run whose cell has ended: nbclient drops
        messages whose parent is not the running cell.
        """
        assert self.kc is not None, "the kernel has not been started"
        message = await self.kc.iopub_channel.get_msg(timeout=None)
        of = message["parent_header"].get("msg_id")
        of_widget = message["msg_type"].startswith("comm_")
        caused = of in self._sent and message["msg_type"] != "status"
        if of != parent and of in self._cells and message["msg_type"] in OUTPUTS:
            self.process_message(message, *self._cells[of])
        elif of == parent or of_widget or caused:
            try:
                self.process_message(message, cell, cell_index)
            except CellExecutionComplete:
                return True
        return False

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        """Process a message; a delayed ``clear_output`` clears the outputs of the same cell only."""
        self.clear_before_next_output = cell_index in self._to_clear
        try:
            return super().process_message(msg, cell, cell_index)
        finally:
            (self._to_clear.add if self.clear_before_next_output else self._to_clear.discard)(cell_index)

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        """Add an output to a cell, or to a box."""
        added = super().output(outs, msg, display_id, cell_index)
        if added is not None:
            self.note_display(display_id, added)
        return added

    def note_display(self, display_id: str | None, output: NotebookNode) -> None:
        """Take note of an output, for updates of the display."""
        if display_id:
            self._shown.setdefault(display_id, []).append(output)

    def _update_display_id(self, display_id: str, msg: dict[str, Any]) -> None:
        """Update all outputs of a display; nbclient goes by places, which change with each recorded answer."""
        shown = self._shown.get(display_id, [])
        for output in shown:
            output.update(from_dict({part: msg["content"][part] for part in ("data", "metadata")}))  # type: ignore[no-untyped-call]
        for box in self.boxes:
            if any(mine is output for mine in box.outputs for output in shown):
                box.tell_outputs()

    def remove_output_hook(self, msg_id: str, hook: Any) -> None:
        """End a hook: boxes of concurrent tasks end in any order, not only the last one first."""
        if hook in (hooks := self.output_hook_stack[msg_id]):
            hooks.remove(hook)

    def _new_box(self, comm_id: str, state: dict[str, Any], kernel_client: object, client: Any) -> OutputBox:
        box = OutputBox(comm_id, state, kernel_client, client)
        self.boxes.append(box)
        return box

    async def _async_poll_output_msg(self, parent_msg_id: str, cell: NotebookNode, cell_index: int) -> None:
        self._cells[parent_msg_id] = cell, cell_index
        self._to_clear.discard(cell_index)
        while not await self.take_next(parent_msg_id, cell, cell_index):
            pass


class Card(FrontEnd):
    """The front end's half of a card; nbclient's widget registry makes a card for each ``comm_open``.

    Attributes
    ----------
    model_id
        The id in the outputs of cells.
    waits_for
        Requests without a reply so far.
    """

    def __init__(self, comm_id: str, state: dict[str, Any], _kernel_client: object, client: PersonClient) -> None:
        super().__init__()
        self.model_id, self._client = comm_id, client
        self.waits_for: set[str] = set()
        self._answered = 0  # the revision with the last answer that the kernel has accepted
        self._seen: set[tuple[str, str | None]] = set()
        self._decided = 0
        self._earlier = 0  # found runs whose earlier questions were passed on
        client.cards.append(self)
        self.take({"state": state})

    @property
    def is_busy(self) -> bool:
        """Whether the run works, or a reply of the kernel or the view with an answer is due."""
        if not self.seen.is_card:
            return bool(self.waits_for)
        works = self.seen.phase["kind"] in ("starting", "running") or self.seen.revision < self._answered
        return bool(self.waits_for) or works

    def resume(self, interrupt_id: str, value: Any, **more: Any) -> str:
        """Answer with a resume value, or with decisions; return the request."""
        told = to_json(value)
        if more.get("recorded", {}).get("words"):
            told = unquoted.to_json(told)
        return self.tell("resume", id=interrupt_id, revision=self.revision, value=json.dumps(told), **more)

    def handle_msg(self, message: dict[str, Any]) -> None:
        """Take a message of the kernel; called by nbclient."""
        self.take(message["content"]["data"])

    def _send(self, message: dict[str, Any]) -> None:
        if message["kind"] != "record_outcome":  # which has no reply
            self.waits_for.add(message["request"])
        # Not from inside nbclient's handler: the comm is registered only after this returns.
        asyncio.get_running_loop().call_soon(self._client.send, self.model_id, message)

    def _replied(self, reply: dict[str, Any]) -> None:
        self.waits_for.discard(reply["request"])
        if reply["kind"] == "accepted":
            self._answered = reply["revision"]
        self._client.on_reply(self, reply)

    def _changed(self, state: Mapping[str, Any]) -> None:
        if not self.seen.is_card or "view" not in state:
            return
        for earlier in self.seen.earlier_from(self._earlier):
            self._earlier += 1
            self._client.on_earlier(self, earlier)
        decided, self._decided = self.seen.decided[self._decided :], len(self.seen.decided)
        for each in decided:
            self._client.on_decided(self, each)
        for question in self.seen.questions:
            standing = question["standing"]
            if standing["kind"] == "open" and (question["id"], standing["problem"]) not in self._seen:
                self._seen.add((question["id"], standing["problem"]))
                self._client.on_question(self, question)
