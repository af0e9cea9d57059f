"""Finds the ``interrupt()`` of a node that sent a payload, by the constants in the payload."""

from collections.abc import Mapping
from typing import Any

from nbhitl.engines.local.reading.values import Either, KeptValue, Known, Row, SaidValue

DEEPEST = 5
SCALARS = (str, int, float, bool, type(None))


def likeness(pattern: Any, payload: Any, depth: int = 0) -> int | None:
    """Return how much of a payload the source determines; ``None`` if the source contradicts the payload."""
    if depth > DEEPEST:
        return 0
    match pattern:
        case Either(values=values):
            found = [score for each in values if (score := likeness(each, payload, depth)) is not None]
            return max(found) if found else None
        case Known(value=value) if type(value) in SCALARS:
            return 2 if type(value) is type(payload) and value == payload else None
        case SaidValue(pieces=pieces):
            return _said(pieces, payload) if type(payload) is str else None
        case KeptValue(items=items, is_whole=is_whole):
            return _mapping(items, payload, depth, is_whole=is_whole) if isinstance(payload, Mapping) else None
        case Row(items=row):
            return _row(row, payload, depth) if isinstance(payload, list | tuple) else None
    return 0


def _mapping(items: Mapping[str, Any], payload: Mapping[Any, Any], depth: int, *, is_whole: bool) -> int | None:
    if items.keys() - payload.keys() or (is_whole and payload.keys() - items.keys()):
        return None
    total = 1
    for key, pattern in items.items():
        score = likeness(pattern, payload[key], depth + 1)
        if score is None:
            return None
        total += 1 + score
    return total


def _row(row: tuple[Any, ...], payload: Any, depth: int) -> int | None:
    if len(row) != len(payload):
        return None
    scores = [likeness(pattern, each, depth + 1) for pattern, each in zip(row, payload, strict=True)]
    return None if None in scores else 1 + sum(score for score in scores if score is not None)


def _said(pieces: tuple[str | None, ...], text: str) -> int | None:
    """Find the constant pieces of a text, in order."""
    told = [piece for piece in pieces if piece]
    if not told:
        return 0
    if pieces[0] and not text.startswith(pieces[0]):
        return None
    if pieces[-1] and not text.endswith(pieces[-1]):
        return None
    at = 0
    for piece in told:
        at = text.find(piece, at)
        if at < 0:
            return None
        at += len(piece)
    return 1
