"""The function `nbhitl.inbox`."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from nbhitl.api.batching import BY_ITSELF, batch_of_threads
from nbhitl.api.options import REVIEW_OPTIONS, check_opening
from nbhitl.api.review import Review
from nbhitl.api.reviewing import open as open_thread
from nbhitl.auditing.rows import Rows
from nbhitl.engines import Threads, threads_of
from nbhitl.errors import CannotWaitHere, UsageError
from nbhitl.inboxes.listing import Listing
from nbhitl.inboxes.presence import Opened, Presence
from nbhitl.inboxes.row import WaitingRow
from nbhitl.kernel import current_surroundings
from nbhitl.kernel.background import background_loop, finish
from nbhitl.runs.waiting import WaitingThread
from nbhitl.ui.inbox import InboxPage, OpenedCard

AWAITED = (
    "The graph works on the event loop of the kernel, which would wait for itself here: write "
    "`async for card in nbhitl.inbox(graph).cards():`."
)


OF_EACH_THREAD = {"thread_id", "key", "record"}
"""Options that `inbox` refuses. Answers are not recorded: a replay would find different threads."""


class Inbox(Rows[WaitingRow]):
    """The threads that wait for a person, the newest question first; made by `nbhitl.inbox`.

    A sequence of rows, with `to_frame`; `look` reads the rows again.
    """

    COLUMNS = ("asked", "tool", "node", "since", "assistant", "failed", "answering", "thread")
    DRAWN = COLUMNS
    TOLD = ("asked", "tool", "node", "assistant", "failed", "answering")
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
        if self._of is None:
            raise NotImplementedError("a part of an inbox is a table")  # so that IPython shows the HTML
        if not current_surroundings().in_kernel:
            print(repr(self))  # noqa: T201 - a terminal shows it
            return
        self._of.page.show()

    def look(self) -> "Inbox":
        """Return the threads that wait now; to be awaited where the inbox is awaited."""
        assert self._of is not None, "a part of an inbox"
        return self._of.inbox()

    def cards(self, *, over_others: bool = False) -> "Cards":
        """Return the reviews of the threads in turn, for ``for`` and ``async for``.

        The next review is opened at the next step of the loop, whether the review before was answered or not; the loop
        waits while the run works on an answer. A thread with a new question comes again; a thread that was answered
        elsewhere meanwhile does not come. Other inboxes are told which thread is open here.

        Parameters
        ----------
        over_others
            Whether threads come as well that somebody has open in another inbox (the column ``answering``).

        Raises
        ------
        CannotWaitHere
            By ``for``, where the graph works on the event loop of the kernel: write ``async for``.
        """
        assert self._of is not None, "a part of an inbox"
        return Cards(self._of, over_others=over_others)


class Threadbox:
    """The threads of a graph or server, and the options for a review of a thread."""

    def __init__(self, graph: Any, threads: Threads, options: Mapping[str, Any]) -> None:
        self._graph, self._options = graph, options
        self.threads = threads
        self.presence = Presence(threads)
        self.has_batches = not any(options.get(each) for each in BY_ITSELF)
        self.listing = Listing(threads.graph_name, self.presence, has_batches=self.has_batches)

    @cached_property
    def page(self) -> InboxPage:
        """The list in the page."""
        return InboxPage(self.threads, self.presence, self._card, has_batches=self.has_batches)

    def _card(self, thread_ids: Sequence[str]) -> OpenedCard:
        first, *others = thread_ids
        card = batch_of_threads(self._graph, thread_ids, **self._options) if others else self.open(first)
        card.core.elsewhere.is_in_inbox = True
        return OpenedCard(card.embed(), card.core, card, card.close_embedded)

    def inbox(self) -> Inbox:
        """Return the inbox as of now."""
        return Inbox(later=self.rows, of=self)

    async def rows(self) -> list[WaitingRow]:
        """Return the rows as of now."""
        return self.listing.rows(await self.threads.waiting())

    def open(self, thread_id: str) -> Review:
        """Open a thread, without a record in the notebook."""
        return open_thread(self._graph, thread_id=thread_id, record=False, **self._options)


class Cards:
    """The reviews of an inbox; see `Inbox.cards`."""

    def __init__(self, of: Threadbox, *, over_others: bool) -> None:
        self._of, self._over_others = of, over_others
        self._done: set[tuple[str, object]] = set()

    def __iter__(self) -> Iterator[Review]:
        if self._of.threads.on_kernel_loop:
            raise CannotWaitHere(AWAITED)
        opened = Opened(Presence(self._of.threads), background_loop())
        try:
            while (each := self._next(finish(self._of.threads.waiting()))) is not None:
                opened.now(each)
                card = self._of.open(each.thread_id)
                if card.interrupts:
                    yield card
                    card.settle()  # the run may ask again, and the next look must see that
        finally:
            opened.now(None)

    async def __aiter__(self) -> AsyncIterator[Review]:
        loop = asyncio.get_running_loop() if self._of.threads.on_kernel_loop else background_loop()
        opened = Opened(Presence(self._of.threads), loop)
        try:
            while (each := self._next(await self._of.threads.waiting())) is not None:
                opened.now(each)
                card = self._of.open(each.thread_id)
                await card.opened()
                if card.waits:
                    yield card
                    await card.settled()
        finally:
            opened.now(None)

    def _next(self, waiting: list[WaitingThread]) -> WaitingThread | None:
        for each in waiting:
            key = each.thread_id, each.checkpoint
            if not each.interrupts:  # the state cannot be read: the list tells why
                continue
            if key not in self._done and (self._over_others or not self._of.presence.somebody_else(each)):
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
    are left out, and so are threads of another graph with the same checkpointer, as far as the threads tell: the
    checkpoint names another agent (``create_agent(name=...)``), or this graph lacks the asking node, or the tool to
    decide on. Further checkpoints name no graph: give graphs with nodes of the same names a checkpointer each.

    A row names the person who has the thread open in the inbox of another kernel, or has begun to answer in a card
    there; an answer over this person is sent only when given twice. A server keeps these names in the store, a
    database in a note beside the checkpoint; a server without a store, or a checkpointer that keeps no notes, keeps
    no names.

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
        If the graph has no checkpointer, or an option is refused as by `nbhitl.open`.
    """
    if refused := sorted(options.keys() & OF_EACH_THREAD):
        raise UsageError(f"inbox() takes no {', '.join(f'{each}=' for each in refused)}: it opens every thread.")
    if checkpointer is not None:
        options["checkpointer"] = checkpointer
    of_runs = {name: options[name] for name in options.keys() - REVIEW_OPTIONS - {"config"}}
    found = threads_of(graph, **of_runs)
    options["forms"] = forms
    check_opening(graph, **options)
    return Threadbox(graph, found, options).inbox()
