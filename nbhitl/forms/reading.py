"""Reading payloads, which are anybody's: what is not as it should be is ``None``, and nothing here raises."""

from collections.abc import Mapping
from typing import Any

ASKING = ("question", "prompt", "instruction", "instructions", "message", "title", "task")
"""Keys that hold what a person is asked to do, the likeliest first."""

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
    """Return the key and the text of a mapping's question, where it has a short one."""
    found = payload if isinstance(payload, Mapping) else {}
    pairs = ((key, found.get(key)) for key in ASKING)
    return next(((key, text) for key, text in pairs if isinstance(text, str) and 0 < len(text.strip()) <= SHORT), None)


def without(payload: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Return the rest of a mapping."""
    return {key: value for key, value in payload.items() if key not in keys}
