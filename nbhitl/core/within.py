"""The time that a person has, and the answer that is given after that time, as users write them."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, SupportsFloat

from nbhitl.errors import UsageError

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

UNITS = {"s": 1.0, "sec": 1.0, "second": 1.0, "min": MINUTE, "minute": MINUTE, "h": HOUR, "hour": HOUR, "day": DAY}
UNITS |= {"week": 7 * DAY}

WRITTEN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+?)s?\s*")

LONGEST = 10 * 366 * DAY
"""Most seconds: more is no time that a person has, and no date that a page can tell."""

SHORT = 40
"""Characters of a text that the message quotes."""

NEVER = object()
"""Stands for no answer: the question waits for ever."""


@dataclass(frozen=True)
class Within:
    """The seconds that a person has, and the answer that is given after that time."""

    seconds: float
    otherwise: Any


def checked_within(within: Any, otherwise: Any) -> Within | None:
    """Return the time and the answer as users write them; ``None`` where users give neither.

    Raises
    ------
    UsageError
        If only ``within`` or only ``otherwise`` is given, or ``within`` is no time.
    """
    if within is None and otherwise is NEVER:
        return None
    if within is None:
        raise UsageError('otherwise= is the answer when the time is over; say which time: within="10 min".')
    if otherwise is NEVER:
        raise UsageError('within= needs the answer that is given then: otherwise=nbhitl.reject("nobody answered").')
    return Within(_seconds(within), otherwise)


def _seconds(within: Any) -> float:
    if isinstance(within, timedelta):
        seconds = within.total_seconds()
    elif isinstance(within, SupportsFloat) and not isinstance(within, bool):  # NumPy's numbers as well
        seconds = _as_float(within)
    else:
        found = WRITTEN.fullmatch(within.lower()) if isinstance(within, str) else None
        unit = UNITS.get(found[2]) if found is not None else None
        seconds = float(found[1]) * unit if found is not None and unit is not None else 0.0
    if not 0 < seconds <= LONGEST:
        raise UsageError(
            f'within= takes a time up to 10 years: "10 min", "90 s", "2 h", "3 days", seconds or a timedelta, '
            f"not {_short(within)}."
        )
    return seconds


def _as_float(number: SupportsFloat) -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"
