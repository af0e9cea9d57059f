"""Texts, in the final form that a terminal would show; numbers are compared by value."""

import math
import re

NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)(?![\w.])")
"""A number that may be rounded: with a point or an exponent. Whole numbers are exact."""


def finished(text: str) -> str:
    """Return a printed text in the final form: without the lines that progress bars overwrote."""
    text = _without_taken_back(text.replace("\r\n", "\n"))
    if "\r" not in text:
        return text
    *lines, last = text.split("\n")
    return "\n".join([*(_last_written(line.rstrip("\r")) for line in lines), _last_written(last)])


def _without_taken_back(text: str) -> str:
    """Return a text without characters that backspaces removed; a backspace at the beginning of a line does nothing."""
    if "\b" not in text:
        return text
    left: list[str] = []
    for character in text:
        if character == "\b" and left and left[-1] != "\n":
            left.pop()
        else:
            left.append(character)
    return "".join(left)


def _last_written(line: str) -> str:
    """Return the part of a line after the last carriage return that has a text behind."""
    return line[line.rfind("\r", 0, max(len(line) - 1, 0)) + 1 :]


def same_text(stored: str, got: str, tolerance: float) -> bool:
    """Tell whether two texts are the same, up to rounding in their numbers."""
    if stored == got or not tolerance:
        return stored == got
    if NUMBER.split(stored) != NUMBER.split(got):  # no sign stands for a number: a text may hold any sign
        return False
    pairs = zip(NUMBER.findall(stored), NUMBER.findall(got), strict=True)
    return all(close(before, now, tolerance) for before, now in pairs)


def close(stored: str, got: str, tolerance: float) -> bool:
    """Tell whether two numbers, or two texts, are the same up to rounding."""
    if stored == got:
        return True
    if not (NUMBER.fullmatch(stored) or NUMBER.fullmatch(got)):
        return False
    try:
        return math.isclose(float(stored), float(got), rel_tol=tolerance, abs_tol=tolerance * 1e-3)
    except ValueError:
        return False
