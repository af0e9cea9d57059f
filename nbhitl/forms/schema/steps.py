"""The number of keywords that one value is tested against: a schema that doubles itself would have no end."""

from contextvars import ContextVar

_left: ContextVar[list[int]] = ContextVar("left")


class TooMuch(Exception):
    """Testing a value against this schema would take for ever."""


def allow_steps(count: int) -> None:
    """Set how many keywords may be tested from here on."""
    _left.set([count])


def step() -> None:
    """Count one keyword that is tested.

    Raises
    ------
    TooMuch
        If there were too many.
    """
    left = _left.get()
    left[0] -= 1
    if left[0] < 0:
        raise TooMuch
