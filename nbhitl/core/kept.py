"""The chunks of a run, for code that reads `Review.stream` later: the last chunks, within bounds."""

import sys
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import Any

from nbhitl.model.run import Chunk

MOST = 10_000
"""Chunks that are kept."""

MOST_BYTES = 32_000_000
"""Bytes of the data of the kept chunks. Data that several chunks share, such as the texts of a state that is streamed
after each step, counts once."""

LARGE = 1_000
"""Bytes from which a text, or an array, is looked for in other chunks."""

LOOKED_AT = 5_000
"""Parts of a chunk's data that are weighed; a larger chunk is weighed by the average of these parts."""

SMALL = 64
"""Bytes that any other part is assumed to take."""


class Kept:
    """Keeps chunks; not thread-safe.

    Parameters
    ----------
    most, most_bytes
        The bounds.

    Attributes
    ----------
    after
        The position after the last chunk.
    weight
        The bytes that are kept, about.
    """

    def __init__(self, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self.after = 0
        self.weight = 0
        self._chunks: list[tuple[Chunk, int, tuple[tuple[int, int], ...]] | None] = []
        self._first = 0  # of the list
        self._in_use: Counter[int] = Counter()  # large parts, by id: a chunk that is kept holds them

    def add(self, chunk: Chunk) -> None:
        """Keep a chunk; drop the oldest chunks above the bounds. The last chunk is kept whatever the weight."""
        small, large = _weigh(chunk.data)
        self._chunks.append((chunk, small, large))
        self.after += 1
        self.weight += small
        for key, size in large:
            self.weight += 0 if self._in_use[key] else size
            self._in_use[key] += 1
        while self.after - self.first > 1 and (self.after - self.first > self._most or self.weight > self._most_bytes):
            self._let_go()

    @property
    def first(self) -> int:
        """The position of the oldest chunk that is kept."""
        return self.after - (len(self._chunks) - self._first)

    def since(self, position: int) -> Sequence[Chunk]:
        """Return the chunks that are kept, from a position on."""
        at = self._first + max(0, position - self.first)
        return [kept[0] for kept in self._chunks[at:] if kept is not None]

    def clear(self) -> None:
        """Let go of all chunks."""
        self._chunks.clear()
        self._in_use.clear()
        self._first = self.weight = 0

    def _let_go(self) -> None:
        oldest = self._chunks[self._first]
        assert oldest is not None, "let go of once"
        _, small, large = oldest
        self.weight -= small
        for key, size in large:
            self._in_use[key] -= 1
            if not self._in_use[key]:
                del self._in_use[key]
                self.weight -= size
        self._chunks[self._first] = None
        self._first += 1
        if self._first > len(self._chunks) // 2:
            del self._chunks[: self._first]
            self._first = 0


def _weigh(data: Any) -> tuple[int, tuple[tuple[int, int], ...]]:
    """Return the bytes of all small parts, and the large parts by id."""
    try:
        return _weighed(data)
    except Exception:  # noqa: BLE001 - the value's own code raised
        return SMALL, ()


def _weighed(data: Any) -> tuple[int, tuple[tuple[int, int], ...]]:
    small = seen = unseen = 0
    large: dict[int, int] = {}
    waiting: list[Collection[Any]] = [(data,)]
    while waiting:
        parts = waiting.pop()
        left = max(0, LOOKED_AT - seen)
        unseen += max(0, len(parts) - left)
        for part in islice(parts, left):
            seen += 1
            size = _size(part)
            if size >= LARGE:
                large[id(part)] = size
            else:
                small += size
            if (inside := _inside(part)) is not None:
                waiting.append(inside)
    average = (small + sum(large.values())) // max(1, seen)
    return small + unseen * average, tuple(large.items())


def _size(value: Any) -> int:
    if isinstance(value, str | bytes | bytearray):
        return sys.getsizeof(value)
    if hasattr(type(value), "memory_usage"):  # pandas
        usage = value.memory_usage()
        return int(usage.sum() if hasattr(usage, "sum") else usage)
    return int(value.nbytes) if hasattr(type(value), "nbytes") else SMALL  # NumPy


def _inside(value: Any) -> Collection[Any] | None:
    if isinstance(value, Mapping):
        return value.values()
    if isinstance(value, list | tuple | set | frozenset):
        return value
    return vars(value).values() if hasattr(value, "__dict__") and not isinstance(value, type) else None
