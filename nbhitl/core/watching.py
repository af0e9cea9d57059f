"""The chunks of a run: kept for ``card.stream``, the last ones within bounds, and shown while the run works."""

import logging
import sys
import threading
import warnings
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import islice
from typing import Any

from nbhitl.core.progress import MODES, Seen
from nbhitl.kernel.background import background_loop, call_later, is_on_background_loop
from nbhitl.kernel.subscribers import Listener, Subscribers, Unsubscribe
from nbhitl.protocol import Progress
from nbhitl.runs.run import Chunk

MOST = 10_000
"""Chunks that are kept."""

MOST_BYTES = 32_000_000
"""Bytes of the data of the kept chunks. Data that several chunks share, such as the texts of a state that is streamed
after each step, counts once."""

LARGE = 1_000
"""Bytes from which a text, or an array, counts only once for all chunks that share the object."""

LOOKED_AT = 5_000
"""Parts of a chunk's data that are weighed; a larger chunk is weighed by the average of these parts."""

SMALL = 64
"""Bytes that are assumed for every other part."""

PLAIN = frozenset({bool, float, int, type(None)})
CONTAINERS = frozenset({dict, frozenset, list, set, tuple})
"""Types of most parts of a state, which are small. These types are recognised first: a run waits while a chunk is
weighed, and to look for an attribute, or to ask whether a value is a mapping, takes ten times as long."""


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
        """Keep a chunk; drop the oldest chunks above the bounds. The last chunk is kept with any weight."""
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
        seen += min(len(parts), left)
        for part in islice(parts, left):
            kind = type(part)
            if kind in PLAIN:
                small += SMALL
                continue
            if kind in CONTAINERS:
                small += SMALL
                waiting.append(part.values() if kind is dict else part)
                continue
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
    if isinstance(value, str | bytes):
        return None
    if isinstance(value, Mapping):
        return value.values()
    if isinstance(value, list | tuple | set | frozenset):  # of a subclass
        return value
    return vars(value).values() if hasattr(value, "__dict__") and not isinstance(value, type) else None


UNCHANGED = frozenset({"tasks", "updates", "log"})
"""Modes of which the progress reads only parts that LangGraph or nbhitl made for the chunk. The data of other modes are
objects of a node, which the node may change later."""

SHOWN_EVERY = 0.1
"""Seconds between two updates of the display."""

Mark = Callable[[Seen], None]
"""Stands between chunks where a segment begins or ends."""

MOST_UNSEEN = 1_000
"""Chunks that wait to become progress; more come together where a node blocks the loop that draws."""


class Watching:
    """Watches the segments of a review.

    A run waits only until a chunk is put aside; the progress is made of the chunks when somebody looks. Data that are
    objects of a node are read at once: the node may change an object later, and users' code makes an object's text.

    Attributes
    ----------
    has_begun
        Whether the run has shown any progress.
    """

    def __init__(self) -> None:
        self.has_begun = False
        self._seen = Seen()
        self._unseen: deque[Chunk | Mark] = deque()  # of which the progress does not know
        # A single thread at a time, so that chunks keep their order; a chunk that fails is logged, and the line of the
        # log is a chunk as well.
        self._catching_up = threading.RLock()
        self._viewers = Subscribers()
        self._readers: Subscribers | None = None  # most runs are not read
        self._lock = threading.Lock()
        self._is_due = self._has_news = False
        self._kept = Kept()

    @property
    def seen(self) -> Seen:
        """The progress of the run, as seen so far."""
        with self._catching_up:
            while self._unseen:
                self._add(self._unseen.popleft())
        return self._seen

    def _add(self, chunk: Chunk | Mark) -> None:
        if not isinstance(chunk, Chunk):
            chunk(self._seen)
            return
        try:
            self._seen.add(chunk)
        except Exception:  # an event of the graph may be anything, and must not end the run
            logging.getLogger("nbhitl").exception("A chunk of the stream could not be shown: %s", chunk.mode)

    def progress(self) -> Progress:
        """Return the progress to be shown now."""
        return self.seen.view()

    def segment_begins(self) -> None:
        """Note that a segment begins."""
        self._unseen.append(Seen.new_segment)
        if not is_on_background_loop():
            return
        with self._lock:  # at once, because the first chunk would wake the loop in the midst of the graph's work
            is_due, self._is_due = self._is_due, True
        if not is_due:
            background_loop().call_later(SHOWN_EVERY, self._show_now)

    def saw(self, chunk: Chunk) -> None:
        """Take a chunk of the stream; called from any thread."""
        with self._lock:
            self._kept.add(chunk)
        if self._readers is not None:
            self._readers.tell()
        if chunk.mode not in MODES:
            return
        self._unseen.append(chunk)
        if chunk.mode not in UNCHANGED or len(self._unseen) > MOST_UNSEEN:
            _ = self.seen
        self._show_soon()

    def segment_ended(self) -> None:
        """Note that the segment has ended."""
        self._unseen.append(Seen.segment_ended)
        self._show_soon()

    def since(self, position: int) -> tuple[Sequence[Chunk], int]:
        """Return the chunks from ``position`` on, and the position after the last chunk."""
        with self._lock:
            missing, chunks, after = self._kept.first - position, self._kept.since(position), self._kept.after
        if missing > 0:
            warnings.warn(
                f"{missing} older chunks are not kept any more (the last {MOST:,} are, in {MOST_BYTES // 1_000_000} MB "
                "at most): read card.stream() while the run works.",
                stacklevel=3,
            )
        return chunks, after

    def has_since(self, position: int) -> bool:
        """Tell whether there are chunks from ``position`` on."""
        with self._lock:
            return position < self._kept.after

    def let_go(self) -> None:
        """Drop the chunks, which no code will read; a page still shows the progress."""
        _ = self.seen
        with self._lock:
            self._kept.clear()

    def subscribe(self, listener: Listener) -> Unsubscribe:
        """Call ``listener`` at each chunk, from any thread; return a function that ends the calls."""
        with self._lock:
            self._readers = self._readers or Subscribers()
        return self._readers.add(listener)

    def add_viewer(self, show: Listener) -> None:
        """Call a bound method on the background loop, while the object lives, at most every `SHOWN_EVERY` seconds."""
        self._viewers.add_weakly(show)

    def _show_soon(self) -> None:
        with self._lock:
            self._has_news = True
            if self._is_due:
                return
            self._is_due = True
        call_later(SHOWN_EVERY, self._show_now)

    def _show_now(self) -> None:
        with self._lock:
            has_news, self._is_due, self._has_news = self._has_news, False, False
        _ = self.seen  # also where nobody looks, so that the chunks are let go of
        if has_news:
            self.has_begun = True
            self._viewers.tell()
