"""Refusing an answer, at the places where it does not fit."""

from collections.abc import Iterable, Sequence

from nbhitl.errors import InvalidAnswer
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


def flaw(message: str, *path: str) -> Flaw:
    """Return one flaw."""
    return {"kind": "flaw", "path": list(path), "message": message}


def below(flaws: Iterable[Flaw], *path: str) -> list[Flaw]:
    """Return flaws of a part as flaws of the whole."""
    return [{**each, "path": [*path, *each["path"]]} for each in flaws]
