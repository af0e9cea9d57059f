"""Reading payloads, which are anybody's: what is not as it should be is ``None``, and nothing here raises."""

import re
from collections.abc import Mapping
from typing import Any

ASKING = (
    *("instruction", "instructions", "question", "prompt", "message", "ask", "request", "title", "task", "description"),
    "text",
)
"""Keys that hold what a person is asked to do, the likeliest first.

An instruction goes before a question: beside it, the question is what was asked of the model.
"""

ENDINGS = ("_question", "_prompt", "_instruction", "_instructions", "_message")
"""How other keys end that hold it."""

SHORT = 300
"""Characters of a text that stands above a form; a longer one is part of what is shown."""

MOST = 1_000
"""Keys and items of what a convention asks with; larger payloads are none."""


def mapping(value: Any) -> Mapping[str, Any] | None:
    """Return a mapping whose keys are all texts."""
    if not isinstance(value, Mapping) or len(value) > MOST:
        return None
    return value if all(isinstance(key, str) for key in value) else None


def mappings(value: Any) -> list[Mapping[str, Any]] | None:
    """Return a list of such mappings that is not empty."""
    if not isinstance(value, list | tuple) or not 0 < len(value) <= MOST:
        return None
    found = [each for each in map(mapping, value) if each is not None]
    return found if len(found) == len(value) else None


def texts(value: Any) -> list[str] | None:
    """Return a list of texts that is not empty."""
    if not isinstance(value, list | tuple) or not 0 < len(value) <= MOST:
        return None
    return list(value) if all(isinstance(each, str) for each in value) else None


def asks(payload: Any) -> tuple[str, str] | None:
    """Return the key and the text of a mapping's question, where it has a short one.

    A text that ends as a question does is one, whatever its key and language; so is the only text of a mapping whose
    key is not written in Latin letters.
    """
    found = payload if isinstance(payload, Mapping) else {}
    short = {key: text for key, text in found.items() if isinstance(key, str) and _is_short(text)}
    by_name = {_plain(key): key for key in reversed(short)}
    keys = [by_name[name] for name in ASKING if name in by_name]
    keys += [key for name, key in by_name.items() if name.endswith(ENDINGS)]
    keys += [
        by_name[name] for name in ("action", "content") if name in by_name and _is_sentence(short.get(by_name[name]))
    ]
    keys += [key for key, text in short.items() if text.rstrip().endswith(QUESTION_MARKS)]
    if len(found) == 1:
        keys += [key for key in short if not key.isascii()]
    return (keys[0], short[keys[0]]) if keys else None


def headlines(payload: Any) -> list[str]:
    """Return the texts of a mapping in which a person may be told what to answer, the likeliest first."""
    found = payload if isinstance(payload, Mapping) else {}
    texts_by_name = {_plain(key): text for key, text in found.items() if isinstance(key, str) and isinstance(text, str)}
    named = [texts_by_name[name] for name in ASKING if name in texts_by_name]
    asked = asks(payload)
    return [*named, *([asked[1]] if asked is not None and asked[1] not in named else [])]


def _is_short(text: Any) -> bool:
    return isinstance(text, str) and 0 < len(text.strip()) <= SHORT


def _is_sentence(text: str | None) -> bool:
    """Tell whether a text is more than a name: an action may be one, or a sentence to a person."""
    return text is not None and len(text.split()) > 2  # noqa: PLR2004


def _plain(key: str) -> str:
    """Return a key as others write it: ``userQuestion`` and ``User question`` are ``user_question``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[\s-]+", "_", key).lower()


QUESTION_MARKS = ("?", "\N{FULLWIDTH QUESTION MARK}", "\N{ARABIC QUESTION MARK}", "\N{GREEK QUESTION MARK}")


def without(payload: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Return the rest of a mapping."""
    return {key: value for key, value in payload.items() if key not in keys}
