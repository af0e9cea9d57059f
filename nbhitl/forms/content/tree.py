"""Any value as JSON text for a tree; a large value is pruned to its first parts, so that the text stays valid JSON."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from nbhitl.forms.content.prose import Room
from nbhitl.jsontext import write
from nbhitl.protocol import Tree

PRUNED = ((50, 1_000), (15, 200), (5, 60))
"""Ever smaller limits for a large value: the parts of each list and mapping, the characters of each text."""

VALUES = 1_000
"""Most values in a pruned value."""

DEEPEST = 20


def tree_shown(value: Any, room: Room) -> Tree:
    """Return a value as a tree."""
    text, is_whole = write(value, room.limit)
    for parts, characters in () if is_whole else PRUNED:
        text, is_whole = write(_Pruned(parts, characters).of(value, 0), room.limit)
        if is_whole:
            break
    if not is_whole:
        text = '"…"'
    room.characters -= len(text)
    return {"kind": "tree", "text": text}


class _Pruned:
    """Keeps the first parts of a value, with a note for parts that are left out."""

    def __init__(self, parts: int, characters: int) -> None:
        self._parts, self._characters, self._left = parts, characters, VALUES

    def of(self, value: Any, depth: int) -> Any:
        self._left -= 1
        if isinstance(value, str):
            more = len(value) - self._characters
            return value if more <= 0 else f"{value[: self._characters]}… ({more:,} characters more)"
        if value is None or isinstance(value, bool | int | float):
            return value
        if depth > DEEPEST or self._left < 0:
            return "…"
        if isinstance(value, Mapping):
            return self._mapping(value, depth)
        if isinstance(value, list | tuple):
            return self._list(value, depth)
        return self._other(value)

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> Any:
        kept = {key: self.of(each, depth + 1) for key, each in islice(value.items(), self._parts)}
        more = len(value) - len(kept)
        return {**kept, "…": f"{more:,} more"} if more else kept

    def _list(self, value: Any, depth: int) -> Any:
        kept = [self.of(each, depth + 1) for each in value[: self._parts]]
        more = len(value) - len(kept)
        return [*kept, f"… {more:,} more"] if more else kept

    def _other(self, value: Any) -> Any:
        text, is_whole = write(value, self._characters)
        return value if is_whole else f"{text}…"
