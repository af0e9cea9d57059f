"""A session that threads and loops share: changed under a lock, and read as snapshots."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TypeVar

from nbhitl.core.session import Session
from nbhitl.core.state import ReviewState
from nbhitl.kernel.sigint import defer_sigint
from nbhitl.kernel.subscribers import Listener, Subscribers, Unsubscribe

T = TypeVar("T")


class SharedSession:
    """A session with a lock.

    Only the decisions of the session, which take microseconds, happen under the lock; slower work (forms, sources of
    answers, drawing, writing JSON) happens before or after, on a snapshot.

    Parameters
    ----------
    session
        The state machine; changed only in `change`.

    Attributes
    ----------
    lock
        Guards the session.
    """

    def __init__(self, session: Session) -> None:
        # `with` takes and releases an RLock in one step of the interpreter: an interrupt cannot leave the lock taken
        self.lock = threading.RLock()
        self._session = session
        self._state: ReviewState | None = None  # made at the first read, dropped at the next change
        self._shown_meanwhile: ReviewState | None = None  # the state before a block of `as_one_change`
        self._nested = 0  # blocks of `as_one_change` that are open
        self._drawn = 0  # the revision that all viewers know
        self._telling: list[int] = []  # the threads that notify, or are in `as_one_change`
        self._viewers, self._waiters = Subscribers(), Subscribers()

    @property
    def state(self) -> ReviewState:
        """The present review; a reader waits only for changes of other threads."""
        with self.lock:
            return self.now if self._shown_meanwhile is None else self._shown_meanwhile

    @property
    def now(self) -> ReviewState:
        """The present review also within a block of `as_one_change`, where `state` is older; not for display."""
        with self.lock:
            if self._state is None:
                self._state = self._session.state()
            return self._state

    @property
    def is_drawn(self) -> bool:
        """Whether all viewers know the state; always true in a notifying thread, which would wait for itself."""
        with self.lock:
            return self._drawn >= self._session.revision or threading.get_ident() in self._telling

    def change(self, change: Callable[[Session], T]) -> T:
        """Apply ``change`` to the session and notify viewers; the only method that changes the session.

        Viewers are notified without the lock, and before any waiting code goes on.
        """
        with _uncut():
            has_changed = False
            try:
                with self.lock:
                    before = self._session.revision
                    self._state = None
                    try:
                        return change(self._session)
                    finally:
                        has_changed = self._session.revision != before
            finally:
                if has_changed:
                    self._tell()

    @contextmanager
    def as_one_change(self) -> Iterator[ReviewState]:
        """Show several changes in the block as a single change; `state` stays as before until the block ends."""
        with _uncut():
            with self.lock:
                self._shown_meanwhile = before = self.state
                self._nested += 1
                self._telling.append(threading.get_ident())
            try:
                yield before
            finally:
                with self.lock:
                    self._telling.remove(threading.get_ident())
                    self._nested -= 1
                    is_last = self._nested == 0
                    if is_last:
                        self._shown_meanwhile = None
                    has_changed = self._drawn < self._session.revision
                if is_last and has_changed:
                    self._tell()

    def read(self, read: Callable[[Session], T]) -> T:
        """Return the result of ``read`` on the session itself; as current as `now`."""
        with self.lock:
            return read(self._session)

    def _tell(self) -> None:
        me = threading.get_ident()
        with self.lock:
            if self._shown_meanwhile is not None:
                return  # notified at the end of the block
            revision = self._session.revision
            self._telling.append(me)
        try:
            self._viewers.tell()
        finally:
            with self.lock:
                self._telling.remove(me)
                self._drawn = max(self._drawn, revision)
        self._waiters.tell()

    def add_viewer(self, draw: Listener) -> None:
        """Call a bound method after each change, while the object lives, before any waiting code goes on."""
        self._viewers.add_weakly(draw)

    def subscribe(self, listener: Listener) -> Unsubscribe:
        """Call ``listener`` after each change, from any thread; return a function that ends the calls."""
        return self._waiters.add(listener)


def _uncut() -> AbstractContextManager[object]:
    """Keep a SIGINT from cutting a change in two; only the main thread receives SIGINT."""
    return defer_sigint() if threading.current_thread() is threading.main_thread() else nullcontext()


def lost(session: Session) -> Exception | None:
    """Return, only once, the exception about a lost answer or a failed order from code."""
    told, session.lost = session.lost, None
    return told
