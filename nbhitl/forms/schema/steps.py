"""Limits the number of keywords that a value is tested against: a schema that doubles itself would have no end."""

from contextvars import ContextVar

_left: ContextVar[list[int]] = ContextVar("left")


class TooMuch(Exception):
    """The test of a value against this schema would take for ever."""


def allow_steps(count: int) -> None:
    """Set the number of keywords that may be tested from here on."""
    _left.set([count])


def step() -> None:
    """Count a keyword that is tested.

    Raises
    ------
    TooMuch
        If too many keywords were tested.
    """
    left = _left.get()
    left[0] -= 1
    if left[0] < 0:
        raise TooMuch
