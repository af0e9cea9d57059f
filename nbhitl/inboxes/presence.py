"""Tells other inboxes the open questions of an inbox, and knows the open questions of other inboxes."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from nbhitl.engines import Threads
from nbhitl.runs.openings import FIRST, MOST, Opening, new_viewer, others_in, this_process, told
from nbhitl.runs.waiting import WaitingThread
from nbhitl.user import whoami

SIGN_FOR = 30.0
"""Seconds for which the sign of a page that shows an opened thread counts."""


@dataclass(frozen=True)
class _Noted:
    """The last note on a thread."""

    waiting: WaitingThread
    opening: Opening


@dataclass(frozen=True)
class _Sign:
    """The last sign of a page: the page shows the inbox, with these threads opened."""

    at: float
    opened: tuple[str, ...]
    by: str


class Presence:
    """The questions that an inbox has open.

    Parameters
    ----------
    threads
        The threads beside which notes are kept.
    process
        The id of the process: the inboxes of a process count as a single person.
    clock
        The time in seconds since 1970.
    """

    def __init__(self, threads: Threads, *, process: str | None = None, clock: Callable[[], float] = time.time) -> None:
        self._threads, self._clock = threads, clock
        self._process = process or this_process()
        self._viewer = new_viewer(self._process)
        self._noted: dict[str, _Noted] = {}
        self._signs: dict[str, _Sign] = {}  # by page

    def sign(self, page: str, opened: Sequence[str], by: str = "") -> None:
        """Note which threads a page shows opened, and the person; callable from any OS thread."""
        now = self._clock()
        fresh = {key: each for key, each in self._signs.copy().items() if now - each.at < SIGN_FOR}
        self._signs = {**fresh, page: _Sign(now, tuple(opened), by)}

    @property
    def opened(self) -> Mapping[str, str]:
        """The threads that a page shows opened, or has shown a moment ago, with the person's name where known."""
        return {thread: sign.by for sign in self._fresh_signs() for thread in sign.opened}

    def _fresh_signs(self) -> list[_Sign]:
        now = self._clock()
        return [sign for sign in self._signs.copy().values() if now - sign.at < SIGN_FOR]

    def others(self, waiting: WaitingThread) -> tuple[str, ...]:
        """Return the names of the people who have the question open in inboxes of other processes."""
        return others_in(waiting.openings, self._process, self._clock())

    def told(self, waiting: WaitingThread) -> str:
        """Return who else has the question open, as a sentence; empty where nobody has."""
        return told(self.others(waiting), self._mine())

    def somebody_else(self, waiting: WaitingThread) -> bool:
        """Tell whether another person has the question open; a kernel of the same person that died does not count."""
        return not set(self.others(waiting)) <= self._mine()

    def _mine(self) -> set[str]:
        """Return the names of the person here."""
        return {sign.by or whoami() for sign in self._fresh_signs()} or {whoami()}

    async def tell(self, waiting: Sequence[WaitingThread]) -> None:
        """Note which of the waiting threads are open now; the notes of all others end.

        Never raises: a note that cannot be kept must not end an inbox.
        """
        there, wanted = {each.thread_id: each for each in waiting}, self.opened
        for thread_id in [key for key in self._noted if key not in wanted]:
            noted = self._noted.pop(thread_id, None)  # perhaps closed meanwhile, by the end of the inbox
            if noted is not None:
                await self._close(noted, there.get(thread_id))
        for thread_id in wanted.keys() & there.keys():
            await self._open(there[thread_id], wanted[thread_id])

    async def end(self, waiting: Sequence[WaitingThread]) -> None:
        """End all notes: no page shows the inbox any more."""
        self._signs = {}
        await self.tell(waiting)

    async def tell_of_loop(self, before: WaitingThread | None, now: WaitingThread | None) -> None:
        """Note the thread that a loop has open, for as long as notes count: a loop gives no further signs."""
        if before is not None and before.thread_id in self._noted:
            await self._close(self._noted.pop(before.thread_id), before)
        if now is not None:
            await self._open(now, "", lasts=MOST)

    async def _open(self, waiting: WaitingThread, by: str, *, lasts: float = FIRST) -> None:
        before, now = self._noted.get(waiting.thread_id), self._clock()
        if before is not None and before.waiting.checkpoint == waiting.checkpoint:
            if not before.opening.is_due(now):
                return
            lasts = before.opening.next_lasts()
        opening = Opening(self._viewer, by or whoami(), now, now + lasts)
        self._noted[waiting.thread_id] = _Noted(waiting, opening)
        await self._note(waiting, opening)

    async def _close(self, noted: _Noted, now_waiting: WaitingThread | None) -> None:
        """End a note; nothing is written where the thread no longer asks the noted question."""
        if now_waiting is not None and now_waiting.checkpoint == noted.waiting.checkpoint:
            now = self._clock()
            await self._note(now_waiting, Opening(self._viewer, noted.opening.by, now, now))

    async def _note(self, waiting: WaitingThread, opening: Opening) -> None:
        try:
            await self._threads.note_opening(waiting, opening)
        except Exception:  # noqa: BLE001 - of any checkpointer or server: the inbox works without notes
            return


class Opened:
    """The single thread that a loop over the cards of an inbox has open.

    Parameters
    ----------
    presence
        The presence of the inbox.
    loop
        The event loop of the threads: notes are written on this loop, and no caller waits for a note.
    """

    def __init__(self, presence: Presence, loop: asyncio.AbstractEventLoop) -> None:
        self._presence, self._loop = presence, loop
        self._before: WaitingThread | None = None

    def now(self, waiting: WaitingThread | None) -> None:
        """Note the thread that is open from now on, or none; callable from any OS thread."""
        before, self._before = self._before, waiting
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._note, before, waiting)

    def _note(self, before: WaitingThread | None, now: WaitingThread | None) -> None:
        work = self._presence.tell_of_loop(before, now)
        task = self._loop.create_task(work)
        _NOTING.add(task)
        task.add_done_callback(_NOTING.discard)


_NOTING: set[asyncio.Task[None]] = set()
"""Holds the tasks that write notes: a loop holds tasks only weakly."""
