"""All that waits for a person: what users call."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

from nbhitl.api.review import Review
from nbhitl.api.reviewing import open as open_thread
from nbhitl.auditing.rows import Rows
from nbhitl.engines import Threads, threads_of
from nbhitl.errors import CannotWaitHere
from nbhitl.inboxes.listing import Listing
from nbhitl.inboxes.row import WaitingRow
from nbhitl.kernel.background import finish
from nbhitl.model.waiting import WaitingThread

AWAITED = (
    "The graph works on the event loop of the kernel, which would wait for itself here: write "
    "`async for card in nbhitl.inbox(graph).cards():`."
)


class Inbox(Rows[WaitingRow]):
    """The threads that wait for a person, the newest question first; made by `nbhitl.inbox`.

    A sequence of rows as they were when it was made, with `to_frame`; `look` reads them again.
    """

    COLUMNS = ("asked", "tool", "node", "since", "assistant", "failed", "thread")
    WRITE = "nbhitl.inbox(graph)"

    def __init__(self, rows: Iterable[WaitingRow] = (), *, later: Any = None, of: "Threadbox | None" = None) -> None:
        super().__init__(rows, later=later)
        self._of = of

    def look(self) -> "Inbox":
        """Return the threads that wait now; awaited where the inbox is."""
        assert self._of is not None, "a part of an inbox"
        return self._of.inbox()

    def cards(self) -> "Cards":
        """Return the reviews of these threads, one after the other, for ``for`` and ``async for``.

        Each is opened when the one before is done with: answered, or left as it is. A thread that asks once more comes
        once more; one that somebody else has answered meanwhile does not come.
        """
        assert self._of is not None, "a part of an inbox"
        return Cards(self._of)


class Threadbox:
    """The threads of one graph or server, and how they are opened."""

    def __init__(self, graph: Any, threads: Threads, options: Mapping[str, Any]) -> None:
        self._graph, self._options = graph, options
        self.threads = threads
        self.listing = Listing(threads.graph_name)

    def inbox(self) -> Inbox:
        """Return what waits now."""
        if self.threads.on_kernel_loop:
            return Inbox(later=self.rows, of=self)
        return Inbox(finish(self.rows()), of=self)

    async def rows(self) -> list[WaitingRow]:
        """Return the rows of what waits now."""
        return self.listing.rows(await self.threads.waiting())

    def open(self, thread_id: str) -> Review:
        """Open a thread: its answers are not recorded in the notebook, which would ask nobody else's thread again."""
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

    async def __aiter__(self) -> AsyncIterator[Review]:
        while (each := self._next(await self._of.threads.waiting())) is not None:
            card = self._of.open(each.thread_id)
            await card.opened()
            if card.waits:
                yield card

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

    As the last line of a cell it is a list of them, which follows what happens: choose a thread, answer its card, go on
    with the next. ``for card in nbhitl.inbox(graph).cards():`` is the same from code.

    Threads are found whoever started them, also those whose last resume failed and those at a static breakpoint. Those
    at which a run works are left out.

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
        A sequence of rows with `to_frame` and `cards`. It is awaited, ``await nbhitl.inbox(graph)``, where the
        checkpointer is one of asyncio.

    Raises
    ------
    NotAnEngine
        If ``graph`` is neither.
    UsageError
        If the graph has no checkpointer.
    """
    given = {} if checkpointer is None else {"checkpointer": checkpointer}
    found = threads_of(graph, **given)
    return Threadbox(graph, found, {**given, **options, "forms": forms}).inbox()
