"""An inbox in the page: the rows and the opened cards."""

import html
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbhitl.core.review_core import ReviewCore
from nbhitl.engines import Threads
from nbhitl.inboxes.listing import Listing
from nbhitl.inboxes.presence import Presence
from nbhitl.inboxes.row import WaitingRow
from nbhitl.inboxes.watching import ThreadWatching
from nbhitl.kernel import running_cell
from nbhitl.protocol import InboxHead, InboxMessage, InboxRow, OpenedThread
from nbhitl.runs.waiting import WaitingThread
from nbhitl.text.characters import shown
from nbhitl.user import named

if TYPE_CHECKING:
    from nbhitl.ui.widget import InboxWidget

KEPT = 20
"""Number of opened cards that are kept although the thread no longer waits: a page may still show such a card."""

TOGETHER = "="
"""Begins the key of a card of several threads. The ids of all threads follow: a thread may be in several such cards."""


@dataclass(frozen=True)
class OpenedCard:
    """A card within the inbox.

    Attributes
    ----------
    model_id
        The id of the card's widget.
    core
        The review.
    holder
        The object that keeps the review alive.
    close
        Closes the widget, which is not freed otherwise.
    """

    model_id: str
    core: ReviewCore
    holder: object
    close: Callable[[], None]


class _Follower:
    """Lets the inbox look at the threads as soon as a run pauses or ends after an answer in the inbox."""

    def __init__(self, core: ReviewCore, watching: ThreadWatching) -> None:
        self._core, self._watching = core, watching
        self._went_on, self._ends = False, core.state.ends
        core.add_viewer(self._look)

    def _look(self) -> None:
        goes_on, ends = self._core.goes_on(), self._core.state.ends
        # The answer and the end of a quick run may show as a single change.
        if not goes_on and (self._went_on or ends != self._ends):
            self._watching.look()
        self._went_on, self._ends = goes_on, ends


class InboxPage:
    """Keeps the page's list up to date, and opens threads.

    Parameters
    ----------
    threads
        The threads.
    presence
        Tells other inboxes the threads that are open here.
    open_card
        Opens a thread, or several in a single card.
    has_batches
        Whether several threads can be opened in a single card.
    """

    def __init__(
        self,
        threads: Threads,
        presence: Presence,
        open_card: Callable[[Sequence[str]], OpenedCard],
        *,
        has_batches: bool,
    ) -> None:
        self._name, self._presence, self._open_card = threads.graph_name, presence, open_card
        self._listing = Listing(threads.graph_name, presence, has_batches=has_batches)
        self._watching = ThreadWatching(threads, presence, self._tell, self._tell_first)
        self._kept: dict[str, OpenedCard] = {}
        self._followers: dict[str, _Follower] = {}
        self._rows: list[InboxRow] = []
        self._widget: InboxWidget | None = None

    def show(self) -> None:
        """Show the list in the running cell."""
        model_id = self.widget().model_id
        self._watching.look()
        view = {"version_major": 2, "version_minor": 0, "model_id": model_id}
        running_cell().show_card({"application/vnd.jupyter.widget-view+json": view, **placeholder(self._name)})

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
        """Publish these threads; ``None`` stands for the last published threads."""
        try:
            if waiting is not None:
                self._rows = list(map(_written, self._listing.rows(waiting)))
                self._tell_cards()
            self.widget().publish(head, self._rows)
        except Exception:
            logging.getLogger("nbhitl").exception("The inbox could not be drawn.")

    def _tell_cards(self) -> None:
        """Tell the opened cards who has the questions open elsewhere, so that a card asks before sending an answer."""
        answering = {row["thread"]: row["answering"] for row in self._rows if row["answering"]}
        for card in list(self._kept.values()):
            card.core.elsewhere.tell(answering)

    def _on_message(self, message: InboxMessage) -> None:
        if message["kind"] == "inbox_seen":
            self._presence.sign(message["page"], message["open"], named(message.get("by", "")))
        self._watching.look()
        if message["kind"] == "open_thread":
            self._open(message["thread"], message["together"])

    def _open(self, thread_id: str, together: Sequence[str]) -> None:
        key = TOGETHER + "\n".join([thread_id, *together]) if together else thread_id
        if key in self._kept and self._waits(key):
            return  # the page shows the kept card, with its draft
        opened: OpenedThread = {"kind": "opened_thread", "card": "", "problem": ""}
        dropped: list[OpenedCard] = []
        try:
            card = self._open_card([thread_id, *together])
            opened["card"] = card.model_id
            dropped += filter(None, [self._kept.pop(key, None)])
            self._kept[key] = card
            self._followers[key] = _Follower(card.core, self._watching)
        except Exception as error:  # noqa: BLE001 - of the engine, or of a user's form: the page tells the error
            opened["problem"] = f"{type(error).__name__}: {error}"
        self._tell_cards()
        dropped += self._let_go()
        widget = self.widget()
        widget.cards = {**{key: card for key, card in widget.cards.items() if key in self._kept}, key: opened}
        for card in dropped:  # after the page has learnt the cards that are left
            card.close()

    def _waits(self, key: str) -> bool:
        """Tell whether an opened card is still of use: the thread is in the list, or the joint card is not over."""
        if key.startswith(TOGETHER):
            return not self._kept[key].core.state.over
        return any(row["thread"] == key for row in self._rows)

    def _let_go(self) -> list[OpenedCard]:
        """Take the oldest cards that are of no use out of the kept cards; return these."""
        over = [key for key in self._kept if not self._waits(key)][:-KEPT]
        for key in over:
            self._followers.pop(key, None)
        return [self._kept.pop(key) for key in over]


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
        "answering": shown(row.answering),
        "alike": row.alike,
    }
