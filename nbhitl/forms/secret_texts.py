"""The secret texts of an answer, and further values without these texts: a result may hold an answer again."""

from collections.abc import Iterator, Mapping
from typing import Any

from nbhitl.forms.schema import as_json
from nbhitl.forms.secrets import BLOTTED, DEEPEST
from nbhitl.jsontext import is_number, plain

BOTTOM = 600
"""Levels of a value that can be kept as JSON."""

SHORTEST = 4
"""Characters of a secret that is looked for within texts: shorter secrets would blot out ordinary words."""


def hidden_texts(value: Any, shown: Any) -> frozenset[str]:
    """Return the texts of a value that are blotted out for display; long numbers as texts."""
    return frozenset() if shown is value else frozenset(_hidden(as_json(value), plain(shown), 0))


def _hidden(value: Any, shown: Any, depth: int) -> Iterator[str]:
    if (isinstance(shown, str) and shown == BLOTTED) or (depth >= DEEPEST and shown != value):
        yield from _texts_in(value, depth)
    elif depth < DEEPEST and isinstance(value, Mapping) and isinstance(shown, Mapping):
        for key in value.keys() & shown.keys():
            yield from _hidden(value[key], shown[key], depth + 1)
    elif depth < DEEPEST and isinstance(value, list | tuple) and isinstance(shown, list | tuple):
        for each, blot in zip(value, shown, strict=False):
            yield from _hidden(each, blot, depth + 1)


def _texts_in(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str) and value not in ("", BLOTTED):
        yield value
    elif is_number(value) and len(str(value)) >= SHORTEST:
        yield str(value)
    elif depth < BOTTOM and isinstance(value, Mapping | list | tuple):
        for each in [*value, *value.values()] if isinstance(value, Mapping) else value:
            yield from _texts_in(each, depth + 1)


def without(secrets: frozenset[str], value: Any) -> Any:
    """Return a payload with all occurrences of the texts blotted out, and the numbers with such a text."""
    if not secrets:
        return value
    if isinstance(value, str):
        for secret in sorted(secrets, key=len, reverse=True):
            value = value.replace(secret, BLOTTED) if len(secret) >= SHORTEST or value == secret else value
        return value
    if isinstance(value, dict):
        return {without(secrets, key): without(secrets, each) for key, each in value.items()}
    if is_number(value):
        return BLOTTED if str(value) in secrets else value
    return [without(secrets, each) for each in value] if isinstance(value, list) else value
