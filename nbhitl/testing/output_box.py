"""The front end's half of an `ipywidgets.Output`: outputs that go into a widget, and not into a cell."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from nbformat.v4 import output_from_msg

if TYPE_CHECKING:
    from nbformat import NotebookNode

REGISTRY = "@jupyter-widgets/output", "OutputModel"
"""The module and the model of the widget, for nbclient's registry."""


class Sender(Protocol):
    """The client, as far as a box needs the client.

    Attributes
    ----------
    widget_state
        The states of widgets by id, for the notebook's metadata; empty in a client that stores none.
    """

    widget_state: Any

    def tell_widget(self, comm_id: str, data: dict[str, Any]) -> None:
        """Send data to the widget behind ``comm_id``."""

    def register_output_hook(self, msg_id: str, hook: Any) -> None:
        """Give outputs of a request to a hook."""

    def remove_output_hook(self, msg_id: str, hook: Any) -> None:
        """End `register_output_hook`."""

    def note_display(self, display_id: str | None, output: "NotebookNode") -> None:
        """Take note of an output, for updates of the display."""


class OutputBox:
    """Collects the outputs of a box, and tells the kernel; in place of nbclient's own `OutputWidget`.

    nbclient's class expects a widget state, which not every client stores, and sends past the socket's
    wrapper for asyncio: the reply to the cell can then stay unread, and the cell seems to run for ever.

    Attributes
    ----------
    comm_id
        The widget's id.
    outputs
        The outputs so far.
    """

    def __init__(self, comm_id: str, state: Mapping[str, Any], _kernel_client: object, client: Sender) -> None:
        self.comm_id, self._client = comm_id, client
        self.outputs: list[Any] = []
        self._clears_next = False
        self._request = ""
        self._take(state)

    def handle_msg(self, message: dict[str, Any]) -> None:
        """Take a message of the kernel; an echo of our own message is none."""
        data = message["content"]["data"]
        if data.get("method") == "update":
            self._take(data.get("state", {}))

    def _take(self, state: Mapping[str, Any]) -> None:
        if "outputs" in state:
            self.outputs = list(state["outputs"])
        if "msg_id" in state and state["msg_id"] != self._request:
            if self._request:
                self._client.remove_output_hook(self._request, self)
            self._request = state["msg_id"]
            if self._request:
                self._client.register_output_hook(self._request, self)

    # --- called by nbclient in place of the outputs of a cell ---------------------------------------------------

    def output(self, _outs: object, message: dict[str, Any], display_id: str | None, _cell_index: int) -> None:
        """Add an output."""
        try:
            output = output_from_msg(message)  # type: ignore[no-untyped-call]
        except ValueError:  # a message that is no output
            return
        if self._clears_next:
            self.outputs, self._clears_next = [], False
        last = self.outputs[-1] if self.outputs else {}
        if output["output_type"] == "stream" and output["name"] == last.get("name"):
            last["text"] += output["text"]
        else:
            self.outputs.append(output)
            self._client.note_display(display_id, output)
        self.tell_outputs()

    def clear_output(self, _outs: object, message: dict[str, Any], _cell_index: int) -> None:
        """Remove all outputs, now or with the next output."""
        self._clears_next = bool(message["content"].get("wait"))
        if not self._clears_next:
            self.outputs = []
            self.tell_outputs()

    def tell_outputs(self) -> None:
        """Tell the kernel the outputs: a notebook may read the outputs of a box."""
        if self.comm_id in self._client.widget_state:
            self._client.widget_state[self.comm_id]["outputs"] = self.outputs
        self._client.tell_widget(
            self.comm_id, {"method": "update", "state": {"outputs": self.outputs}, "buffer_paths": []}
        )
