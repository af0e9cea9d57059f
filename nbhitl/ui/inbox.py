"""An inbox in the page: the rows and the opened cards."""

import html
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from nbhitl.engines import Threads
from nbhitl.inboxes.listing import Listing
from nbhitl.inboxes.row import WaitingRow
from nbhitl.inboxes.watching import Watching
from nbhitl.kernel import show
from nbhitl.protocol import InboxHead, InboxMessage, InboxRow, OpenedThread
from nbhitl.runs.waiting import WaitingThread
from nbhitl.text.characters import shown

if TYPE_CHECKING:
    from nbhitl.ui.widget import InboxWidget

KEPT = 20
"""Opened cards of threads that do not wait any more: somebody may look at them still."""


class InboxPage:
    """Keeps the page's list as it is now, and opens threads.

    Parameters
    ----------
    threads
        The threads.
    open_card
        Opens a thread; returns the model id of the card, and an object that keeps the card alive.
    """

    def __init__(self, threads: Threads, open_card: Callable[[str], tuple[str, object]]) -> None:
        self._name, self._open_card = threads.graph_name, open_card
        self._listing = Listing(threads.graph_name)
        self._watching = Watching(threads, self._tell, self._tell_first)
        self._kept: dict[str, object] = {}
        self._rows: list[InboxRow] = []
        self._widget: InboxWidget | None = None

    def show(self) -> None:
        """Show the list in the running cell."""
        model_id = self.widget().model_id
        self._watching.look()
        view = {"version_major": 2, "version_minor": 0, "model_id": model_id}
        show({"application/vnd.jupyter.widget-view+json": view, **placeholder(self._name)})

    def widget(self) -> "InboxWidget":
        """Return the widget of the list."""
        from nbhitl.ui.widget import InboxWidget  # half a second of imports

        if self._widget is None:
            self._widget = InboxWidget(self._head(is_read=False), self._on_message)
        return self._widget

    def _head(self, *, is_read: bool, problem: str = "") -> InboxHead:
        return {"kind": "inbox_head", "title": self._name, "is_read": is_read, "problem": problem}

    def _tell(self, waiting: Sequence[WaitingThread], why_not: str) -> None:
        self._draw(None if why_not else waiting, self._head(is_read=True, problem=why_not))

    def _tell_first(self, newest: Sequence[WaitingThread]) -> None:
        self._draw(newest, self._head(is_read=False))

    def _draw(self, waiting: Sequence[WaitingThread] | None, head: InboxHead) -> None:
        """Publish these threads, or the threads before."""
        try:
            if waiting is not None:
                self._rows = list(map(_written, self._listing.rows(waiting)))
            self.widget().publish(head, self._rows)
        except Exception:
            logging.getLogger("nbhitl").exception("The inbox could not be drawn.")

    def _on_message(self, message: InboxMessage) -> None:
        self._watching.look()
        if message["kind"] == "open_thread":
            self._open(message["thread"])

    def _open(self, thread_id: str) -> None:
        if thread_id in self._kept and any(row["thread"] == thread_id for row in self._rows):
            return  # with the draft in it
        opened: OpenedThread = {"kind": "opened_thread", "card": "", "problem": ""}
        try:
            opened["card"], self._kept[thread_id] = self._open_card(thread_id)
        except Exception as error:  # noqa: BLE001 - of the engine, or a form of the user's: it is told in the page
            opened["problem"] = f"{type(error).__name__}: {error}"
        self._let_go()
        widget = self.widget()
        widget.cards = {**{key: card for key, card in widget.cards.items() if key in self._kept}, thread_id: opened}

    def _let_go(self) -> None:
        waiting = {row["thread"] for row in self._rows}
        over = [key for key in self._kept if key not in waiting]
        for key in over[:-KEPT]:
            del self._kept[key]


def placeholder(graph: str) -> dict[str, str]:
    """Return the constant output for places without widgets."""
    text = f"Inbox of {shown(graph)}"
    hint = "The list is drawn where the notebook runs."
    return {
        "text/plain": text,
        "text/html": f'<div style="opacity:.75"><b>{html.escape(text)}</b> <small>{hint}</small></div>',
    }


def _written(row: WaitingRow) -> InboxRow:
    return {
        "kind": "inbox_row",
        "thread": row.thread,
        "asked": shown(row.asked),
        "tool": shown(row.tool),
        "node": shown(row.node),
        "since": row.since.isoformat() if row.since is not None else "",
        "assistant": shown(row.assistant),
        "failed": shown(row.failed or ""),
        "text": shown(row.text),
    }
