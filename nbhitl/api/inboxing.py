"""The function `nbhitl.inbox`."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from nbhitl.api.review import Review
from nbhitl.api.reviewing import open as open_thread
from nbhitl.auditing.rows import Rows
from nbhitl.engines import Threads, threads_of
from nbhitl.errors import CannotWaitHere
from nbhitl.inboxes.listing import Listing
from nbhitl.inboxes.row import WaitingRow
from nbhitl.kernel import current_surroundings
from nbhitl.kernel.background import finish
from nbhitl.runs.waiting import WaitingThread
from nbhitl.ui.inbox import InboxPage

AWAITED = (
    "The graph works on the event loop of the kernel, which would wait for itself here: write "
    "`async for card in nbhitl.inbox(graph).cards():`."
)


class Inbox(Rows[WaitingRow]):
    """The threads that wait for a person, the newest question first; made by `nbhitl.inbox`.

    A sequence of rows, with `to_frame`; `look` reads the rows again.
    """

    COLUMNS = ("asked", "tool", "node", "since", "assistant", "failed", "thread")
    TOLD = ("asked", "tool", "node", "assistant", "failed")
    WRITE = "nbhitl.inbox(graph)"

    def __init__(self, rows: Iterable[WaitingRow] = (), *, later: Any = None, of: "Threadbox | None" = None) -> None:
        super().__init__(rows, later=later)
        self._of = of

    @property
    def known(self) -> tuple[WaitingRow, ...]:
        """The rows, read at the first use: the list in the page reads the threads by itself."""
        if self._later is not None and self._of is not None and not self._of.threads.on_kernel_loop:
            self._rows, self._later = self.in_order(finish(self._of.rows())), None
        return super().known

    def _ipython_display_(self) -> None:
        assert self._of is not None, "a part of an inbox"
        if not current_surroundings().in_kernel:
            print(repr(self))  # noqa: T201 - a terminal shows it
            return
        self._of.page.show()

    def look(self) -> "Inbox":
        """Return the threads that wait now; awaited as the inbox is."""
        assert self._of is not None, "a part of an inbox"
        return self._of.inbox()

    def cards(self) -> "Cards":
        """Return the reviews of the threads, one after the other, for ``for`` and ``async for``.

        The next review is opened at the next turn of the loop, whether the review before was answered or not; the loop
        waits while the run works on an answer. A thread with a new question comes again; a thread that was answered
        elsewhere meanwhile does not come.
        """
        assert self._of is not None, "a part of an inbox"
        return Cards(self._of)


class Threadbox:
    """The threads of one graph or server, and the options for a review of a thread."""

    def __init__(self, graph: Any, threads: Threads, options: Mapping[str, Any]) -> None:
        self._graph, self._options = graph, options
        self.threads = threads
        self.listing = Listing(threads.graph_name)

    @cached_property
    def page(self) -> InboxPage:
        """The list in the page."""
        return InboxPage(self.threads, self._card)

    def _card(self, thread_id: str) -> tuple[str, Review]:
        card = self.open(thread_id)
        return card.embed(), card

    def inbox(self) -> Inbox:
        """Return the inbox as of now."""
        return Inbox(later=self.rows, of=self)

    async def rows(self) -> list[WaitingRow]:
        """Return the rows as of now."""
        return self.listing.rows(await self.threads.waiting())

    def open(self, thread_id: str) -> Review:
        """Open a thread without a record in the notebook: a replay would find other threads."""
        return open_thread(self._graph, thread_id=thread_id, record=False, **self._options)


class Cards:
    """The reviews of an inbox; see `Inbox.cards`."""

    def __init__(self, of: Threadbox) -> None:
        self._of = of
        self._done: set[tuple[str, object]] = set()

    def __iter__(self) -> Iterator[Review]:
        if self._of.threads.on_kernel_loop:
            raise CannotWaitHere(AWAITED)
        while (each := self._next(finish(self._of.threads.waiting()))) is not None:
            card = self._of.open(each.thread_id)
            if card.interrupts:
                yield card
                card.settle()  # the run may ask again, and the next look must see that

    async def __aiter__(self) -> AsyncIterator[Review]:
        while (each := self._next(await self._of.threads.waiting())) is not None:
            card = self._of.open(each.thread_id)
            await card.opened()
            if card.waits:
                yield card
                await card.settled()

    def _next(self, waiting: list[WaitingThread]) -> WaitingThread | None:
        for each in waiting:
            key = each.thread_id, each.checkpoint
            if key not in self._done:
                self._done.add(key)
                return each
        return None


def inbox(
    graph: Any,
    *,
    checkpointer: Any = None,
    forms: Mapping[str, Any] | None = None,
    **options: Any,
) -> Inbox:
    """Return all threads of a graph or server that wait for a person.

    As the last line of a cell the inbox is a live list: open a thread, answer the card, go on with the next thread.
    From code: ``for card in nbhitl.inbox(graph).cards():``.

    Threads of all clients are found, also after a failed resume and at a static breakpoint. Threads with a run at work
    are left out.

    Parameters
    ----------
    graph
        A compiled graph with a checkpointer, or a server from `nbhitl.remote`.
    checkpointer
        Used instead of the graph's own.
    forms, **options
        As for `nbhitl.open`, for each thread that is opened.

    Returns
    -------
    Inbox
        A sequence of rows with `to_frame` and `cards`. With a checkpointer for asyncio write
        ``await nbhitl.inbox(graph)``.

    Raises
    ------
    NotAnEngine
        If ``graph`` is something else.
    UsageError
        If the graph has no checkpointer.
    """
    given = {} if checkpointer is None else {"checkpointer": checkpointer}
    found = threads_of(graph, **given)
    return Threadbox(graph, found, {**given, **options, "forms": forms}).inbox()
