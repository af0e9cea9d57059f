"""What a review lets go of, once no code holds the review: the result, and threads in memory of nbhitl's own."""

import weakref
from collections import deque
from collections.abc import Callable

from nbhitl.core.driver import Driver
from nbhitl.core.session import Session
from nbhitl.core.shared import SharedSession
from nbhitl.core.watching import Watching
from nbhitl.engines import Engine

KEPT_THREADS = 20
"""Threads in memory of nbhitl's own that are kept where no code holds the review: an answer can be changed in them."""

_RELEASED: "deque[weakref.WeakMethod[Callable[[], None]]]" = deque()
"""Functions that let go of such threads, the oldest first."""


def _drop_frames(error: BaseException | None) -> None:
    """Drop the frames of a node from an exception that only a card still shows: they hold the node's objects."""
    while error is not None and error.__traceback__ is not None:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__


class LettingGo:
    """Lets go of what only code asks for, after the end of the run.

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
        """Let go now, and whenever the run comes to another end."""
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
        """Let go of the thread as well: its last answer cannot be changed any more."""
        if self._shared.state.is_released:
            self._engine.let_go()
            self._shared.change(Session.close)
