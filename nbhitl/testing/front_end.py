"""The front end's half of a card, for programs that stand for a page: a client of notebooks, or this process itself."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from nbhitl.protocol.entries import Reader


class FrontEnd(ABC):
    """Reads the messages of the kernel, and writes the messages of a page.

    Attributes
    ----------
    seen
        The entries that the kernel has written so far.
    """

    def __init__(self) -> None:
        self.seen = Reader()

    @property
    def revision(self) -> int:
        """The revision of the present view."""
        return self.seen.revision

    def tell(self, kind: str, *, request: str = "", **content: Any) -> str:
        """Send a message of the page; return the request's id."""
        request = request or uuid.uuid4().hex
        self._send({"kind": kind, "request": request, **content})
        return request

    def take(self, data: Mapping[str, Any]) -> None:
        """Take a message of the kernel: the first state, a change of the state, or a reply."""
        if data.get("method") == "custom":
            self._replied(data["content"])
        elif "state" in data:
            self.seen.take(data["state"])
            self._changed(data["state"])

    @abstractmethod
    def _send(self, message: dict[str, Any]) -> None:
        """Send a message to the kernel."""

    @abstractmethod
    def _changed(self, state: Mapping[str, Any]) -> None:
        """Note that these keys of the state have changed."""

    @abstractmethod
    def _replied(self, reply: dict[str, Any]) -> None:
        """Take a reply of the kernel."""
