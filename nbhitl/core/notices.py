"""Tells the user's callables when a person is needed, and when nobody is needed any more: for mail, a chat, a phone."""

import asyncio
import inspect
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nbhitl.errors import UsageError
from nbhitl.runs.run import Interrupt

SLOW_SECONDS = 10.0
"""Seconds after which the card notes that a callable has not returned."""


@dataclass(frozen=True)
class Notice:
    """Passed to ``notify=`` and to the callable of `nbhitl.notify`.

    Attributes
    ----------
    needed
        Whether a person is needed; false when no person is needed any more.
    graph
        Name of the graph.
    thread_id
        The thread of the run; ``None`` before a server has made the thread.
    interrupts
        The open interrupts without an answer; empty where nobody is needed.
    """

    needed: bool
    graph: str
    thread_id: str | None
    interrupts: tuple[Interrupt, ...] = ()


Notify = Callable[[Notice], Any]
Note = Callable[[str], None]

_for_all: list[Notify] = []


def notify(call: Notify | None) -> None:
    """Call ``call`` whenever a review of this kernel needs a person, and when the person is no longer needed.

    Parameters
    ----------
    call
        Receives a `Notice`, in a separate thread; may be ``async``. An exception, or a call that does not return,
        becomes a note in the card and changes nothing else. ``None`` ends the notices. Reviews with ``notify=`` call
        that instead. Replays, and reviews with answers in the source, call nothing.

    Raises
    ------
    UsageError
        If ``call`` is not callable.
    """
    checked = checked_notify(call)
    _for_all[:] = [] if checked is None else [checked]


def checked_notify(call: Any) -> Notify | None:
    """Return ``call``, which is to be a callable or ``None``.

    Raises
    ------
    UsageError
        If ``call`` is something else.
    """
    if call is not None and not callable(call):
        raise UsageError(f"notify takes a callable that receives a nbhitl.Notice, not {call!r}.")
    checked: Notify | None = call
    return checked


class Notifier:
    """Tells a callable about the changes of a review, in order, in a separate thread.

    Parameters
    ----------
    call
        The review's own callable; ``None`` for that of `notify`.
    graph
        Name of the graph.
    """

    def __init__(self, call: Notify | None, graph: str) -> None:
        self._own, self._graph = call, graph
        self._told: Notify | None = None
        self._lock = threading.Lock()
        self._queue: deque[tuple[Notify, Notice, Note]] = deque()
        self._works = False
        self._revision = 0  # looked at last

    def look(self, waiting: tuple[Interrupt, ...], revision: int, thread_id: str | None, note: Note) -> None:
        """Tell about a change, if any; from any thread, and without waiting for a callable.

        Parameters
        ----------
        waiting
            The interrupts without an answer.
        revision
            The revision of the review with these interrupts; of two looks at once the later revision counts.
        thread_id
            The thread of the run.
        note
            Puts a note into the card.
        """
        with self._lock:
            if revision < self._revision or bool(waiting) == (self._told is not None):
                return
            self._revision = revision
            # The callable that was told that a person is needed is told when that is over.
            call = self._told or self._own or next(iter(_for_all), None)
            self._told = call if waiting else None
            if call is None:
                return
            self._queue.append((call, Notice(bool(waiting), self._graph, thread_id, waiting), note))
            if self._works:
                return
            self._works = True
        threading.Thread(target=self._work, name="nbhitl notices", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._queue:
                    self._works = False
                    return
                call, notice, note = self._queue.popleft()
            _call(call, notice, note)


def _call(call: Notify, notice: Notice, note: Note) -> None:
    name = getattr(call, "__name__", type(call).__name__)
    slow = threading.Timer(SLOW_SECONDS, note, [f"notify: {name} has not returned for {SLOW_SECONDS:.0f} s."])
    slow.daemon = True
    slow.start()
    try:
        found = call(notice)
        if inspect.iscoroutine(found):
            asyncio.run(found)
    except BaseException as error:  # noqa: BLE001 - the user's code: a command ends with SystemExit, also on success
        if not isinstance(error, SystemExit) or error.code:
            note(f"notify: {name} raised {type(error).__name__}: {error}")
    finally:
        slow.cancel()
