"""Frees the result of a review that no code holds any more, and threads that nbhitl itself keeps in memory."""

import weakref
from collections import deque
from collections.abc import Callable

from nbhitl.core.driver import Driver
from nbhitl.core.session import Session
from nbhitl.core.shared import SharedSession
from nbhitl.core.watching import Watching
from nbhitl.engines import Engine

KEPT_THREADS = 20
"""Number of such threads that are kept although no code holds the review, so that an answer can still be changed."""

_RELEASED: "deque[weakref.WeakMethod[Callable[[], None]]]" = deque()
"""Functions that free such threads, the oldest first."""


def _drop_frames(error: BaseException | None) -> None:
    """Drop the frames, which hold a node's objects, from an exception that only a card still shows."""
    while error is not None and error.__traceback__ is not None:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__


class LettingGo:
    """Frees, after the end of the run, the objects that only code could ask for.

    Parameters
    ----------
    engine
        The engine, which may keep a thread in memory.
    shared
        The session, with the result.
    driver
        Works on the loop of the engine.
    watching
        Keeps the chunks of the run.
    """

    def __init__(self, engine: Engine, shared: SharedSession, driver: Driver, watching: Watching) -> None:
        self._engine, self._shared, self._driver, self._watching = engine, shared, driver, watching

    def begin(self) -> None:
        """Free the objects now, and after each further end of the run."""
        self._shared.add_viewer(self._let_go)
        self._let_go()

    def _let_go(self) -> None:
        state = self._shared.state
        for asked in state.asked:
            _drop_frames(asked.problem)
        if not state.over or state.is_released:
            return
        self._watching.let_go()
        self._shared.change(Session.release)
        if self._engine.is_private:
            _RELEASED.append(weakref.WeakMethod(self._close_soon))
            while len(_RELEASED) > KEPT_THREADS:
                if (close := _RELEASED.popleft()()) is not None:
                    close()

    def _close_soon(self) -> None:  # not at once: in the midst of another review's change
        self._driver.call_soon(self._close)

    def _close(self) -> None:
        """Free the thread as well: the last answer cannot be changed any more."""
        if self._shared.state.is_released:
            self._engine.let_go()
            self._shared.change(Session.close)
