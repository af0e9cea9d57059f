"""Texts: finished as a terminal would show them, compared with numbers by value."""

import math
import re

NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)(?![\w.])")
"""A number that may be rounded: with a point or an exponent. Whole numbers are exact."""

OVERWRITTEN = re.compile(r"[^\n]*\r(?!\n)(?=[^\n])")
TAKEN_BACK = re.compile(r"[^\n]\x08")


def finished(text: str) -> str:
    """Return a printed text as it stands in the end: what progress bars wrote over is gone."""
    text = text.replace("\r\n", "\n")
    while (without := TAKEN_BACK.sub("", text)) != text:
        text = without
    return OVERWRITTEN.sub("", text)


def same_text(stored: str, got: str, tolerance: float) -> bool:
    """Tell whether two texts are the same, up to rounding in their numbers."""
    if stored == got or not tolerance:
        return stored == got
    if NUMBER.sub("#", stored) != NUMBER.sub("#", got):
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
