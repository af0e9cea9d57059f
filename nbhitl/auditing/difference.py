"""The differences of two values in words: a line for each changed part."""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from nbhitl.auditing.words import Words
from nbhitl.jsontext import flat

LONGEST = 200
"""Characters of a value that a line shows."""

AROUND = 3
"""Words before and after a change that a line shows."""

DEEPEST = 20

MISSING = object()


def difference(proposed: Any, given: Any) -> str:
    """Return a line for each part that is different; empty where all parts are equal."""
    return "\n".join(_lines(proposed, given, "", 0))


def _parts(before: Any, after: Any, path: str) -> list[tuple[str, Any, Any]] | None:
    """Return the place of each part of two mappings or two lists, and both parts; ``None`` for other values."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        keys = dict.fromkeys([*before, *after])
        start = f"{path}." if path else ""
        return [(f"{start}{key}", before.get(key, MISSING), after.get(key, MISSING)) for key in keys]
    if isinstance(before, list) and isinstance(after, list):
        pairs = zip_longest(before, after, fillvalue=MISSING)
        return [(f"{path}[{number}]", was, now) for number, (was, now) in enumerate(pairs)]
    return None


def _lines(before: Any, after: Any, path: str, depth: int) -> Iterator[str]:
    if depth < DEEPEST and (parts := _parts(before, after, path)) is not None:
        for place, was, now in parts:
            yield from _lines(was, now, place, depth + 1)
    elif before is not after and (type(before) is not type(after) or before != after):
        named = f"{path}: " if path else ""
        if isinstance(before, str) and isinstance(after, str):
            yield named + changed_words(before, after)
        else:
            yield f"{named}{_said(before)} → {_said(after)}"


def changed_words(before: str, after: str) -> str:
    """Return the words between the first and the last change: ``"[-original-]{+Edited+} text"``.

    The time grows with the number of words, not with the square.
    """
    old, new = before.split(" "), after.split(" ")
    shortest = min(len(old), len(new))
    first = next((n for n in range(shortest) if old[n] != new[n]), shortest)
    last = next((n for n in range(shortest - first) if old[-1 - n] != new[-1 - n]), shortest - first)
    removed, added = (" ".join(each[first : len(each) - last]) for each in (old, new))
    lead, rest = new[max(0, first - AROUND) : first], new[len(new) - last :][:AROUND]
    marked = (f"[-{_cut(removed)}-]" if removed else "") + (f"{{+{_cut(added)}+}}" if added else "")
    begins = ["…"] if first > AROUND else []
    ends = ["…"] if last > AROUND else []
    return " ".join([*begins, *lead, marked, *rest, *ends])


def _said(value: Any) -> str:
    if value is MISSING:
        return "nothing"
    return _cut(" ".join(value.split()) if isinstance(value, Words) else flat(value))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
