"""Refusing an answer, at the places where it does not fit."""

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
        With the first of them as its message, and all as its ``flaws``.
    """
    if not flaws:
        return
    first, more = flaws[0], len(flaws) - 1
    place = ".".join(first["path"])
    also = f" (and {more} more)" if more else ""
    raise InvalidAnswer(f"{place}: {first['message']}{also}" if place else f"{first['message']}{also}", flaws)


def refuse_unknown_keys(given: Mapping[str, Any], known: Sequence[str], name: str) -> None:
    """Raise where a mapping has a key that nothing reads: what stands under it would be lost without a word.

    Parameters
    ----------
    given
        A decision, or a part of one.
    known
        The keys that it may have.
    name
        What the message calls it.

    Raises
    ------
    InvalidAnswer
        If there is one; the message says which key was probably meant.
    """
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            meant = f"did you mean {near[0]!r}? " if near else ""
            raise InvalidAnswer(
                f"{name} has the key {cut(key, 80)!r}, which nothing reads; {meant}keys: {', '.join(known)}"
            )


def flaw(message: str, *path: str) -> Flaw:
    """Return one flaw."""
    return {"kind": "flaw", "path": list(path), "message": message}


def below(flaws: Iterable[Flaw], *path: str) -> list[Flaw]:
    """Return flaws of a part as flaws of the whole."""
    return [{**each, "path": [*path, *each["path"]]} for each in flaws]
