"""Reading payloads of any shape: a value of an unexpected shape gives ``None``, and no function raises."""

import re
from collections.abc import Mapping
from typing import Any

ASKING = (
    *("instruction", "instructions", "question", "prompt", "message", "ask", "request", "title", "task", "description"),
    "text",
)
"""Keys that hold the instruction to the person, the likeliest first.

An instruction goes before a question, because beside an instruction the question is the user's question to the model.
"""

ENDINGS = ("_question", "_prompt", "_instruction", "_instructions", "_message")
"""Suffixes of further keys that hold the instruction."""

SHORT = 300
"""Most characters of a prompt above a form; a longer text is drawn with the payload."""

MOST = 1_000
"""Most keys and items of a convention's payload; a larger value belongs to no convention."""


def mapping(value: Any) -> Mapping[str, Any] | None:
    """Return ``value`` if it is a mapping whose keys are all strings."""
    if not isinstance(value, Mapping) or len(value) > MOST:
        return None
    return value if all(isinstance(key, str) for key in value) else None


def mappings(value: Any) -> list[Mapping[str, Any]] | None:
    """Return ``value`` as a list if it is a non-empty list of such mappings."""
    if not isinstance(value, list | tuple) or not 0 < len(value) <= MOST:
        return None
    found = [each for each in map(mapping, value) if each is not None]
    return found if len(found) == len(value) else None


def texts(value: Any) -> list[str] | None:
    """Return ``value`` as a list if it is a non-empty list of strings."""
    if not isinstance(value, list | tuple) or not 0 < len(value) <= MOST:
        return None
    return list(value) if all(isinstance(each, str) for each in value) else None


def asks(payload: Any) -> tuple[str, str] | None:
    """Return the key and the text of a mapping's short question; ``None`` if there is none.

    A text that ends with a question mark is a question under any key and in any language. So is the only text of a
    mapping whose key is not ASCII.
    """
    found = payload if isinstance(payload, Mapping) else {}
    short = {key: text for key, text in found.items() if isinstance(key, str) and _is_short(text)}
    by_name = {_plain(key): key for key in reversed(short)}
    keys = [by_name[name] for name in ASKING if name in by_name]
    keys += [key for name, key in by_name.items() if name.endswith(ENDINGS)]
    maybe = [by_name[name] for name in ("action", "content") if name in by_name]
    keys += [key for key in maybe if _is_sentence(short[key])]
    keys += [key for key, text in short.items() if text.rstrip().endswith(QUESTION_MARKS)]
    if len(found) == 1:
        keys += [key for key in short if not key.isascii()]
    return (keys[0], short[keys[0]]) if keys else None


def headlines(payload: Any) -> list[str]:
    """Return the texts of a mapping that may tell the person how to answer, the likeliest first."""
    found = payload if isinstance(payload, Mapping) else {}
    texts_by_name = {_plain(key): text for key, text in found.items() if isinstance(key, str) and isinstance(text, str)}
    named = [texts_by_name[name] for name in ASKING if name in texts_by_name]
    asked = asks(payload)
    return [*named, *([asked[1]] if asked is not None and asked[1] not in named else [])]


def _is_short(text: Any) -> bool:
    return isinstance(text, str) and 0 < len(text.strip()) <= SHORT


def _is_sentence(text: str) -> bool:
    """Tell whether a text is a sentence: the text under ``action`` may be a mere name."""
    return len(text.split()) > 2  # noqa: PLR2004


def _plain(key: str) -> str:
    """Return a key in snake case: ``userQuestion`` and ``User question`` are ``user_question``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[\s-]+", "_", key).lower()


QUESTION_MARKS = ("?", "\N{FULLWIDTH QUESTION MARK}", "\N{ARABIC QUESTION MARK}", "\N{GREEK QUESTION MARK}")


def without(payload: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Return a mapping without some keys."""
    return {key: value for key, value in payload.items() if key not in keys}
