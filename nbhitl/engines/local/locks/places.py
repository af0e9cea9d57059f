"""The places that keep turns beyond this process: a file beside a SQLite database, and PostgreSQL."""

import os
import selectors
import sys
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbhitl.engines.local.locks.turn import LockPlace

if TYPE_CHECKING:
    import psycopg

if sys.platform == "win32":
    import msvcrt

    def _lock_byte(file: int, offset: int) -> None:
        os.lseek(file, offset, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

    def _unlock_byte(file: int, offset: int) -> None:
        os.lseek(file, offset, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _lock_byte(file: int, offset: int) -> None:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, offset)

    def _unlock_byte(file: int, offset: int) -> None:
        fcntl.lockf(file, fcntl.LOCK_UN, 1, offset)


SUFFIX = ".nbhitl-turns"
LINGER_SECONDS = 10.0
"""Time that an unused connection is kept: a review takes several turns in a row."""

KEEP_SECONDS = 5.0
"""Seconds between checks of a connection that holds a turn, where no event reports its end."""

RECONNECT_SECONDS = 0.1

NAMESPACE = int.from_bytes(b"nbhi")
"""First half of the advisory lock keys, so that the keys do not collide with other programs' keys."""


class File(LockPlace):
    """A byte for each thread, in a file beside the database.

    The locks of POSIX belong to the process and end with the first descriptor of the file that is closed. So there is
    a single descriptor, open as long as any turn is taken.
    """

    def __init__(self, database: str) -> None:
        super().__init__()
        self._database = database
        self._file: int | None = None

    def _lock(self, key: int) -> bool:
        path = self._database + SUFFIX
        try:
            if self._file is None:
                self._file = _open(path, like=self._database)
            _lock_byte(self._file, key)
        except OSError as error:
            opened = self._file is not None
            self._close_unused()
            if opened and isinstance(error, BlockingIOError | PermissionError):  # both mean: locked by another process
                return False
            return self._only_here(f"{path} cannot be locked ({error.strerror}).")
        self.reach, self.note = "file", None
        return True

    def _unlock(self, key: int) -> None:
        if self._file is not None:
            _unlock_byte(self._file, key)
        self._close_unused()

    def _close_unused(self) -> None:
        if self._file is not None and not self._taken:
            os.close(self._file)
            self._file = None


def _open(path: str, like: str) -> int:
    """Open the file of turns, for the same people as the database."""
    try:
        return os.open(path, os.O_RDWR)
    except FileNotFoundError:
        mode = Path(like).stat().st_mode & 0o666
        file = os.open(path, os.O_RDWR | os.O_CREAT, mode)
        if sys.platform != "win32":
            os.fchmod(file, mode)  # independent of the umask, as SQLite does for its own extra files
        return file


class Database(LockPlace):
    """Advisory locks of a PostgreSQL session. The locks are re-entrant, so `LockPlace` keeps the book for this process.

    A server may end the session while a node works for long: after ``idle_session_timeout``, or with all sessions at a
    restart. Other processes then see the turn as free. So a thread watches the connection as long as a turn is held,
    and takes the locks again in a new session.
    """

    blocks = True

    def __init__(self, connect: "Callable[[], psycopg.Connection[Any]]") -> None:
        super().__init__()
        self._connect = connect
        self._session: psycopg.Connection[Any] | None = None
        self._close: Callable[[], object] = lambda: None
        self._closing: threading.Timer | None = None
        self._keeper: threading.Thread | None = None
        self._lost: set[int] = set()  # turns whose locks ended with a session

    def take(self, key: int) -> bool:
        """Take a turn unless taken already, and watch the connection; does not wait."""
        taken = super().take(key)
        with self._guard:
            if taken and self._session is not None and self._keeper is None:
                arguments = (weakref.ref(self), self._session)
                self._keeper = threading.Thread(target=_keep, args=arguments, name="nbhitl-turns", daemon=True)
                self._keeper.start()
        return taken

    def _lock(self, key: int) -> bool:
        import psycopg

        try:
            try:
                return self._try(key)
            except psycopg.OperationalError:
                if self._session is None:  # the connecting failed
                    raise
                self._end_session()  # the idle connection had ended
                return self._try(key)
        except psycopg.Error as error:
            self._end_session()
            return self._only_here(f"PostgreSQL gave no lock ({str(error).strip()}).")

    def _try(self, key: int) -> bool:
        import psycopg

        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
        if self._session is None:
            self._session = self._connect()
            self._close = weakref.finalize(self, _close_own, self._session, os.getpid())  # also when the program ends
            served_by = self._ask("SELECT pg_backend_pid()")
            if served_by != self._session.info.backend_pid:
                # A pooler may send each request to another session, so that a lock would stay behind in one session.
                return self._pooled()
            with suppress(psycopg.Error):  # the parameter exists since PostgreSQL 14
                self._session.execute("SET idle_session_timeout = 0")
        taken = bool(self._ask("SELECT pg_try_advisory_lock(%s, %s)", NAMESPACE, key))
        self.reach, self.note = "database", None
        if not taken:
            self._linger()
        return taken

    def _unlock(self, key: int) -> None:
        import psycopg

        try:
            if self._session is not None:
                self._ask("SELECT pg_advisory_unlock(%s, %s)", NAMESPACE, key)
        except psycopg.Error:
            self._end_session()  # the lock ends with the session
        self._linger()

    def keep(self) -> "tuple[psycopg.Connection[Any] | None, float]":
        """Check that the turns are held; return the connection and the seconds to wait, ``None`` and 0 at the end."""
        with self._guard:
            if not self._taken or self.reach != "database":
                self._keeper = None
                return None, 0
            if not self._is_alive():
                self._end_session()
                self._lost = set(self._taken)
            is_held = self._hold_again()
            return self._session, KEEP_SECONDS if is_held else RECONNECT_SECONDS

    def _is_alive(self) -> bool:
        import psycopg

        try:
            return self._session is not None and self._ask("SELECT 1") == 1
        except psycopg.Error:
            return False

    def _hold_again(self) -> bool:
        """Take the locks that ended with a session; return whether this process has all of them."""
        import psycopg

        self._lost &= self._taken
        try:
            self._lost = {key for key in self._lost if not self._try(key)}  # another process may hold a lock briefly
        except psycopg.Error:  # for example, the server restarts
            return False
        return not self._lost

    def _ask(self, query: Any, *values: int) -> Any:
        assert self._session is not None
        row = self._session.execute(query, values).fetchone()
        return None if row is None else row[0]

    def _pooled(self) -> bool:
        self._end_session()
        return self._only_here("locks do not work through a connection pooler. Connect to PostgreSQL itself.")

    def _linger(self) -> None:
        if self._session is not None and not self._taken and self._closing is None:
            self._closing = threading.Timer(LINGER_SECONDS, _end_unused, [weakref.ref(self)])
            self._closing.daemon = True
            self._closing.start()

    def end_unused(self) -> None:
        """Close the connection if no turn needs it."""
        with self._guard:
            if not self._taken and self._closing is threading.current_thread():
                self._closing = None
                self._end_session()

    def _end_session(self) -> None:
        self._close()
        self._session = None


def _keep(place: "weakref.ref[Database]", session: "psycopg.Connection[Any] | None") -> None:
    """Watch the turns of a place as long as the place exists and holds turns."""
    seconds = KEEP_SECONDS
    while seconds:
        _wait_for_news(session, seconds)
        database = place()
        session, seconds = (None, 0) if database is None else database.keep()
        del database  # a strong reference would keep the place alive for ever


def _wait_for_news(session: "psycopg.Connection[Any] | None", seconds: float) -> None:
    """Wait until the server sends something, which as a rule is the end of the session."""
    import psycopg

    if session is None or session.closed:
        time.sleep(seconds)
        return
    with suppress(OSError, ValueError, psycopg.Error), selectors.DefaultSelector() as selector:
        selector.register(session.fileno(), selectors.EVENT_READ)
        selector.select(seconds)


def _end_unused(place: "weakref.ref[Database]") -> None:
    if (database := place()) is not None:
        database.end_unused()


def _close_own(session: "psycopg.Connection[Any]", pid: int) -> None:
    if os.getpid() == pid:  # a forked child would say goodbye in its parent's name
        session.close()
