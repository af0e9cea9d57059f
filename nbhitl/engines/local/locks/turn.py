"""The turn of a thread, and the place that keeps turns: this process, unless a lock reaches further."""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from types import TracebackType
from typing import Literal, cast

from nbhitl.kernel.background import in_thread

FIRST_PAUSE, LONGEST_PAUSE = 0.005, 0.2


Reach = Literal["process", "file", "database"]

ONE_PROCESS = "Two kernels that answer the same question at the same moment could both run the node: "


class LockPlace:
    """Keeps the turns of a checkpointer: in this process, and further where a subclass adds a lock."""

    blocks = False
    """Whether a lock takes a request over a network."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.reach: Reach = "process"
        self.note: str | None = None
        self._guard = threading.Lock()
        self._taken: set[int] = set()

    def take(self, key: int) -> bool:
        """Take a turn unless taken already; does not wait."""
        with self._guard:
            if key in self._taken or not self._lock(key):
                return False
            self._taken.add(key)
            return True

    def give_back(self, key: int) -> None:
        """Release the turn."""
        with self._guard:
            self._taken.discard(key)
            self._unlock(key)

    def _lock(self, key: int) -> bool:
        return True

    def _unlock(self, key: int) -> None:
        pass

    def _only_here(self, why: str) -> bool:
        """Work without a lock among processes rather than not at all, and set `note`."""
        self.reach, self.note = "process", ONE_PROCESS + why
        return True


class ThreadTurn:
    """The right to work on a thread: an async context manager for any loop and thread. Not to be nested.

    Parameters
    ----------
    find
        Finds the place that keeps the turns of the checkpointer; may wait for the database.
    promised
        Returns the reach of that place as far as known without waiting.
    thread_id
        The thread.
    """

    def __init__(self, find: Callable[[], Awaitable[LockPlace]], promised: Callable[[], Reach], thread_id: str) -> None:
        self._find, self._promised = find, promised
        digest = blake2b(thread_id.encode("utf-8", "surrogatepass"), digest_size=4).digest()
        self._key = int.from_bytes(digest) >> 1  # fits half of a 64-bit advisory key, and a Windows file offset
        self._place: LockPlace | None = None
        self._held: LockPlace | None = None

    @property
    def reach(self) -> Reach:
        """The extent of the turn: this process, all processes on this file, or all processes on this database.

        Before the first turn, the reach that the checkpointer's type promises.
        """
        return self._place.reach if self._place is not None else self._promised()

    @property
    def note(self) -> str | None:
        """Why the turn does not reach as far as the checkpointer; ``None`` where the reach is complete."""
        return self._place.note if self._place is not None else None

    def is_mine(self) -> bool:
        """Tell whether this object holds the turn."""
        return self._held is not None

    async def is_held_elsewhere(self) -> bool:
        """Tell whether another session works on the thread right now, in this process or elsewhere.

        The check tries to take the turn: two checks at the same moment may see each other.
        """
        if self.is_mine():
            return False
        place = await self._where()
        if await _take(place, self._key):
            await _give_back(place, self._key)
            return False
        return True

    async def __aenter__(self) -> None:
        place, pause = await self._where(), FIRST_PAUSE
        while not await _take(place, self._key):
            await asyncio.sleep(pause)
            pause = min(pause * 1.6, LONGEST_PAUSE)
        self._held = place

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        place, self._held = self._held, None
        assert place is not None, "left a turn that was not taken"
        await _give_back(place, self._key)

    async def _where(self) -> LockPlace:
        if self._place is None or self._place.pid != os.getpid():  # a forked child has locks of its own
            self._place = await self._find()
        return self._place


async def _take(place: LockPlace, key: int) -> bool:
    if not place.blocks:
        return place.take(key)
    attempt = _Attempt(place, key)
    try:
        return cast("bool", await in_thread(attempt.run))
    except BaseException:
        attempt.forget()
        raise


async def _give_back(place: LockPlace, key: int) -> None:
    if place.blocks:
        await in_thread(place.give_back, key)  # the thread goes on when this coroutine is cancelled
    else:
        place.give_back(key)


class _Attempt:
    """An attempt in a thread; a lock acquired after cancellation is released again."""

    def __init__(self, place: LockPlace, key: int) -> None:
        self._place, self._key = place, key
        self._lock = threading.Lock()
        self._has_taken = self._is_forgotten = False

    def run(self) -> bool:
        taken = self._place.take(self._key)
        with self._lock:
            self._has_taken, forgotten = taken, self._is_forgotten
        if taken and forgotten:
            self._place.give_back(self._key)
        return taken

    def forget(self) -> None:
        with self._lock:
            self._is_forgotten, taken = True, self._has_taken
        if taken:
            threading.Thread(target=self._place.give_back, args=[self._key], daemon=True).start()
