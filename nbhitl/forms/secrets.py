"""Secrets in answers: a secret reaches the node, and is neither shown nor stored."""

from collections.abc import Mapping
from typing import Any

from nbhitl.forms.schema import Compiled, as_json
from nbhitl.forms.schema.hidden import Hidden, SearchTooLong

BLOTTED = "\N{BULLET}" * 8
"""Replaces a secret."""

DEEPEST = 64
"""Most levels of an answer that are searched; deeper values are blotted out."""


def blotted(value: Any, compiled: Compiled) -> Any:
    """Return ``value`` with secrets blotted out; the same object if ``value`` has no secret.

    Parameters
    ----------
    value
        An answer: JSON, or Python objects such as pydantic models.
    compiled
        The compiled schema of the answer's form.
    """
    hidden = compiled.hidden
    if not hidden.any:
        return value
    written = as_json(value, hide=True)
    hidden.begin()
    try:
        shown = _blotted(written, [hidden.document.root], hidden, 0)
    except SearchTooLong:
        return BLOTTED
    return value if shown is written else shown


def asks_for_secrets(part: Any) -> bool:
    """Tell whether a field, or a part of a field, has a control for a secret."""
    if isinstance(part, Mapping):
        is_one = part.get("format") == "secret" or part.get("kind") == "secret"
        return is_one or any(map(asks_for_secrets, part.values()))
    return isinstance(part, list) and any(map(asks_for_secrets, part))


def _blotted(value: Any, schemas: list[Any], hidden: Hidden, depth: int) -> Any:
    if value is None or value == "":
        return value
    holding = hidden.of_the_same(schemas)
    if depth > DEEPEST or hidden.is_secret(holding):
        return BLOTTED

    def blotted(part: Any, place: str | int) -> Any:
        return _blotted(part, hidden.at(holding, place), hidden, depth + 1)

    if isinstance(value, Mapping):
        parts = {key: blotted(each, str(key)) for key, each in value.items()}
        return parts if any(parts[key] is not value[key] for key in value) else value
    if isinstance(value, list | tuple):
        items = [blotted(each, place) for place, each in enumerate(value)]
        return items if any(now is not was for now, was in zip(items, value, strict=True)) else value
    return value
