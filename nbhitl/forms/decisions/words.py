"""Words that decide: the words that agree, the words that refuse, and the choices that the text of a payload names."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nbhitl.forms.reading import SHORT, headlines

PAIRS = (
    ("yes", "no"),
    ("y", "n"),
    ("approve", "reject"),
    ("approved", "rejected"),
    ("accept", "reject"),
    ("accepted", "rejected"),
    ("confirm", "cancel"),
    ("confirmed", "cancelled"),
    ("ok", "cancel"),
    ("okay", "cancel"),
    ("continue", "stop"),
    ("proceed", "cancel"),
    ("true", "false"),
    ("allow", "deny"),
    ("agree", "disagree"),
)

AGREEING = {good for good, _ in PAIRS} | {"allowed", "go", "sure", "yeah", "yep", "correct", "good", "lgtm"}
REFUSING = {bad for _, bad in PAIRS} | {"decline", "declined", "abort", "deny", "denied", "ignore", "quit", "exit"}

MOST = 8
"""Number of words of a payload that are offered as choices."""

WORD = r"[A-Za-z][\w-]{0,19}"
QUOTED = rf"['\"`\u2018\u2019\u201c\u201d]({WORD})['\"`\u2018\u2019\u201c\u201d]"
BETWEEN = r"\s*(?:,|/|\||\bor\b|,\s*or\b)\s*"
LISTED = re.compile(rf"{QUOTED}(?:{BETWEEN}{QUOTED})+", re.IGNORECASE)
BRACKETED = re.compile(rf"[(\[<{{]\s*({WORD}(?:\s*(?:/|\||,|\bor\b)\s*{WORD})+)\s*[)\]>}}]", re.IGNORECASE)
BARE = re.compile(rf"\b({WORD})\s*(?:/|\||\bor\b)\s*({WORD})\b", re.IGNORECASE)

LONGEST = 2_000
"""Characters of a text that are searched for choices."""


def agrees(word: Any) -> bool:
    """Tell whether a word means yes."""
    return isinstance(word, str) and word.strip().lower() in AGREEING


def refuses(word: Any) -> bool:
    """Tell whether a word means no."""
    return isinstance(word, str) and word.strip().lower() in REFUSING


def named_in(payload: Any) -> list[str]:
    """Return the choices that the text of a payload names: "enter 'approve' or 'reject'", "(y/n)"."""
    for text in [payload] if isinstance(payload, str) else headlines(payload):
        if found := _named(text[:LONGEST]):
            return found[:MOST]
    return []


def with_opposite(literals: Sequence[str]) -> list[str]:
    """Return the literals; where all agree, also the opposite of the first literal."""
    if not literals or not all(map(agrees, literals)):
        return list(literals)
    bad = dict(reversed(PAIRS)).get(literals[0].strip().lower())
    return [*literals, _as_written(bad, literals[0])] if bad else list(literals)


def with_named(literals: Sequence[str], named: Iterable[str]) -> list[str]:
    """Return the literals of the source, with the words of the payload that the code can only take for yes or no.

    A word that agrees is added only where no literal agrees, a word that refuses only where no literal refuses.
    """
    found = list(literals)
    known = {word.lower() for word in literals}
    knows_good, knows_bad = any(map(agrees, literals)), any(map(refuses, literals))
    for word in named:
        is_taken = (agrees(word) and knows_good) or (refuses(word) and knows_bad)
        if word.lower() not in known and not is_taken and (agrees(word) or refuses(word)):
            found.append(word)
    return found


def _named(text: str) -> list[str]:
    if listed := LISTED.search(text):
        return _unique(re.findall(QUOTED, listed[0], re.IGNORECASE))
    if bracketed := BRACKETED.search(text):
        words = re.split(r"\s*(?:/|\||,|\bor\b)\s*", bracketed[1], flags=re.IGNORECASE)
        if any(agrees(word) or refuses(word) for word in words):
            return _unique(word.lower() if len(word) == 1 else word for word in words)
    for bare in BARE.finditer(text):
        if agrees(bare[1]) and refuses(bare[2]):
            return [bare[1].lower(), bare[2].lower()]
    return []


def _unique(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


def _is_short(word: Any) -> bool:
    return isinstance(word, str) and len(word) <= SHORT


def _as_written(word: str, like: str) -> str:
    return word.upper() if like.isupper() else word.capitalize() if like[:1].isupper() else word


def options_of(payload: Any) -> list[Any]:
    """Return the options that a mapping lists, where all are texts or numbers; an empty list otherwise."""
    found = payload if isinstance(payload, Mapping) else {}
    for key in ("options", "choices", "allowed_decisions", "actions"):
        listed = found.get(key)
        if not isinstance(listed, list | tuple) or not 0 < len(listed) <= MOST * 4:
            continue
        if all(isinstance(each, int | float) or _is_short(each) for each in listed):
            return list(listed)
    return []
