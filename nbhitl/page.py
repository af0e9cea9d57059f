"""The page of one review: the card it shows, and the messages it sends."""

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nbhitl import card
from nbhitl.answers import Answer
from nbhitl.drive import Change
from nbhitl.engines import Engine
from nbhitl.errors import NbhitlError
from nbhitl.forms import form_for
from nbhitl.protocol import (
    AnswerMessage,
    KernelMessage,
    PageMessage,
    RecordOutcome,
    RecordStatus,
    SnippetsRequest,
    View,
)
from nbhitl.session import Asked, Session
from nbhitl.waiting import show

if TYPE_CHECKING:
    from nbhitl.widget import CardWidget


class Page:
    """Draws a session, and hands what a person does to the door.

    Parameters
    ----------
    engine
        Whose names and snippets are shown.
    session, lock
        What is drawn, and what guards it.
    change
        Changes the session.
    door
        Takes an answer; every answer comes through it.
    execution
        Token of the cell's execution, for the record.
    """

    def __init__(
        self,
        engine: Engine,
        session: Session,
        lock: threading.Condition,
        *,
        change: Change,
        door: Callable[[Answer], Asked],
        execution: str,
    ) -> None:
        self._engine, self._session, self._lock = engine, session, lock
        self._change, self._door, self._execution = change, door, execution
        self._widget: CardWidget | None = None
        self._records: dict[str, RecordStatus] = {}
        self._requests: dict[str, str] = {}  # request of an answer -> interrupt id

    @property
    def is_shown(self) -> bool:
        """Whether the card has been shown."""
        return self._widget is not None

    def show(self) -> None:
        """Show the card in the running cell."""
        show(self._mime_bundle())

    def draw(self) -> None:
        """Publish the view, if the card has been shown; called under the lock.

        It never raises: whoever waits for the run is told of it, whether it can be shown or not.
        """
        if self._widget is None:
            return
        try:
            self._widget.view = dict(self._view())
        except Exception:
            logging.getLogger("nbhitl").exception("The card could not be drawn; the review goes on.")

    def _mime_bundle(self) -> dict[str, Any]:
        from nbhitl.widget import CardWidget  # half a second of imports: only when a card is shown

        with self._lock:
            if self._widget is None:
                self._widget = CardWidget(self._view(), self._on_message, self._lock)
        view = {"version_major": 2, "version_minor": 0, "model_id": self._widget.model_id}
        return {"application/vnd.jupyter.widget-view+json": view, **card.placeholder(self._engine.graph_name)}

    def _view(self) -> View:
        return card.view_of(
            self._session,
            graph=self._engine.graph_name,
            runs_on=self._engine.runs_on,
            notes=self._engine.notes,
            snippets=self._engine.has_snippets,
            records=self._records,
        )

    def _on_message(self, message: PageMessage) -> KernelMessage | None:
        try:
            match message["kind"]:
                case "hello":
                    return {"kind": "welcome", "request": message["request"]}
                case "answer":
                    return self._on_answer(message)
                case "snippets_request":
                    return self._on_snippets_request(message)
                case "record_outcome":
                    self._on_record_outcome(message)
                    return None
        except Exception as error:
            if not isinstance(error, NbhitlError):
                logging.getLogger("nbhitl").exception("A message of the card failed: %s", message["kind"])
            return {"kind": "refused", "request": message["request"], "problem": card.problem_of(error)}

    def _on_answer(self, message: AnswerMessage) -> KernelMessage:
        value = self._value(message["id"], message["draft"])
        asked = self._door(Answer(message["id"], value, "person", message["revision"]))
        self._requests[message["request"]] = message["id"]
        record = card.record_to_write(asked, self._execution)
        return {"kind": "accepted", "request": message["request"], "record": record}

    def _on_snippets_request(self, message: SnippetsRequest) -> KernelMessage:
        lines = self._engine.snippets(message["id"], self._value(message["id"], message["draft"]))
        return {
            "kind": "snippets",
            "request": message["request"],
            "python": lines.python,
            "javascript": lines.javascript,
            "curl": lines.curl,
        }

    def _on_record_outcome(self, message: RecordOutcome) -> None:
        interrupt_id = self._requests.get(message["request"])
        if interrupt_id is not None:  # else: an answer to a kernel that was restarted since
            self._records[interrupt_id] = message["outcome"]
            self._change(Session.touch)

    def _value(self, interrupt_id: str, draft: str) -> Any:
        """Return the resume value that a draft stands for."""
        with self._lock:
            interrupt = self._session.interrupt(interrupt_id)
        return form_for(interrupt).value(draft)
