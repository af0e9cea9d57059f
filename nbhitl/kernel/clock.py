"""The clock by which a person's time ends; tests replace the clock."""

import time
from collections.abc import Callable
from typing import Protocol

from nbhitl.kernel.background import call_later


class Clock(Protocol):
    """Tells the time, and calls something later."""

    def now(self) -> float:
        """Return seconds that only grow."""

    def wall(self) -> float:
        """Return seconds since 1970, for a page that counts down."""

    def call_later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call something after so many seconds, on another thread."""


class SystemClock:
    """The clock of this machine; the calls are made on the background loop."""

    def now(self) -> float:
        """Return the seconds that the machine was awake."""
        return time.monotonic()

    def wall(self) -> float:
        """Return the time of day."""
        return time.time()

    def call_later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call ``call`` on the background loop."""
        call_later(seconds, call)


_CLOCKS: list[Clock] = [SystemClock()]


def clock() -> Clock:
    """Return the clock in use."""
    return _CLOCKS[-1]
