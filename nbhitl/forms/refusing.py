"""Refusing an answer, with the places of the flaws."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nbhitl.errors import InvalidAnswer
from nbhitl.jsontext import cut
from nbhitl.protocol import Flaw


def refuse(flaws: Sequence[Flaw]) -> None:
    """Raise where there are flaws.

    Raises
    ------
    InvalidAnswer
        With the first flaw as the message, and all flaws as ``flaws``.
    """
    if not flaws:
        return
    first, more = flaws[0], len(flaws) - 1
    place = ".".join(first["path"])
    also = f" (and {more} more)" if more else ""
    raise InvalidAnswer(f"{place}: {first['message']}{also}" if place else f"{first['message']}{also}", flaws)


def refuse_unknown_keys(given: Mapping[str, Any], known: Sequence[str], name: str) -> None:
    """Raise where a mapping has a key that no code reads: the key's value would be lost silently.

    Parameters
    ----------
    given
        A decision, or a part of a decision.
    known
        The allowed keys.
    name
        The mapping's name in the message.

    Raises
    ------
    InvalidAnswer
        If there is an unknown key; the message suggests the key that was probably meant.
    """
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            meant = f"did you mean {near[0]!r}? " if near else ""
            raise InvalidAnswer(
                f"{name} has the key {cut(key, 80)!r}, which nothing reads; {meant}keys: {', '.join(known)}"
            )


def flaw(message: str, *path: str) -> Flaw:
    """Return a flaw at a path."""
    return {"kind": "flaw", "path": list(path), "message": message}


def below(flaws: Iterable[Flaw], *path: str) -> list[Flaw]:
    """Return flaws of a part as flaws of the whole."""
    return [{**each, "path": [*path, *each["path"]]} for each in flaws]
