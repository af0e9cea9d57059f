"""Numbers that people write on a command line."""

import argparse
from contextlib import suppress


def positive_seconds(text: str) -> float:
    """Return a number of seconds, as a ``type`` of `argparse`.

    Raises
    ------
    ArgumentTypeError
        If the text is no positive number.
    """
    with suppress(ValueError):
        if float(text) > 0:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text} is no positive number of seconds")


def positive_count(text: str) -> int:
    """Return a whole number from 1, as a ``type`` of `argparse`.

    Raises
    ------
    ArgumentTypeError
        If the text is no such number.
    """
    with suppress(ValueError):
        if int(text) >= 1:
            return int(text)
    raise argparse.ArgumentTypeError(f"{text} is no whole number from 1")
