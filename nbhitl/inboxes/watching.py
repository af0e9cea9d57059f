"""Looks for waiting threads repeatedly, as long as a page shows the list."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from nbhitl.engines import Threads
from nbhitl.errors import NbhitlError
from nbhitl.inboxes.presence import Presence
from nbhitl.kernel.background import background_loop
from nbhitl.runs.waiting import WaitingThread

EVERY = 1.0
SELDOM = 2.0
"""Seconds between quick looks, and between slow looks: answers given elsewhere are seen within 3 seconds."""

FIRST = 10
"""Threads that are shown before all were looked at."""

SHARE = 20
"""A pause lasts SHARE times as long as the look before, within the bounds of EVERY and SELDOM."""

SEEN_FOR = 30.0
"""Seconds for which a sign of the page counts."""


class ThreadWatching:
    """Looks at the threads repeatedly, on the event loop to which the threads belong.

    Parameters
    ----------
    threads
        The threads.
    presence
        Tells other inboxes which of the threads are open here.
    tell
        Called on the loop with the waiting threads, and with the reason after a failed look.
    tell_first
        Called first with some of the newest threads, where there are many.
    """

    def __init__(
        self,
        threads: Threads,
        presence: Presence,
        tell: Callable[[Sequence[WaitingThread], str], None],
        tell_first: Callable[[Sequence[WaitingThread]], None],
    ) -> None:
        self._threads, self._presence, self._tell, self._tell_first = threads, presence, tell, tell_first
        self._has_looked = False
        self._loop = asyncio.get_running_loop() if threads.on_kernel_loop else background_loop()
        self._soon = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._noting: asyncio.Task[None] | None = None
        self._until = 0.0

    def look(self) -> None:
        """Look now, and go on for a while; callable from any OS thread."""
        self._until = time.monotonic() + SEEN_FOR
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._wake)

    def end(self) -> None:
        """Stop looking at once: tests and benchmarks do not wait until the last sign of a page is too old."""
        self._until = 0.0
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._soon.set)

    def _wake(self) -> None:
        self._soon.set()
        if self._task is None or self._task.done():
            self._task = self._loop.create_task(self._run())

    async def _first(self) -> None:
        """Tell some of the newest threads, before the look at all threads."""
        if not self._has_looked:
            self._has_looked = True
            try:
                newest = await self._threads.newest(FIRST)
            except Exception:  # noqa: BLE001 - the look at all threads says why
                return
            if newest:
                self._tell_first(newest)

    async def _run(self) -> None:
        await self._first()
        while time.monotonic() < self._until:  # a page may show the list again while the notes end
            await self._presence.end(await self._looks())

    async def _looks(self) -> Sequence[WaitingThread]:
        """Look repeatedly, until no page shows the list any more; return the threads of the last look."""
        found: Sequence[WaitingThread] = ()
        while time.monotonic() < self._until:
            self._soon.clear()
            began = time.monotonic()
            try:
                found, why = await self._threads.waiting(), ""
            except NbhitlError as error:  # a server or a database may be away for a while
                found, why = [], str(error)
            except Exception as error:  # noqa: BLE001 - of users' checkpointers and schemas: the page tells the error
                found, why = [], f"{type(error).__name__}: {error}"
            self._tell(found, why)
            if not why:
                self._note(found)
            with suppress(TimeoutError):
                pause = min(SELDOM, max(EVERY, SHARE * (time.monotonic() - began)))
                await asyncio.wait_for(self._soon.wait(), pause)
        return found

    def _note(self, found: Sequence[WaitingThread]) -> None:
        """Note the open threads beside the looks: a slow note must not delay a look."""
        if self._noting is None or self._noting.done():
            self._noting = self._loop.create_task(self._presence.tell(found))
