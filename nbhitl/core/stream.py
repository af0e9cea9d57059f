"""What a run streams: kept for ``card.stream``, and shown in the card while it works."""

import logging
import threading
import warnings
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from typing import Any

from nbhitl.core.kept import MOST, MOST_BYTES, Kept
from nbhitl.core.progress import Seen
from nbhitl.core.shared import SharedSession
from nbhitl.errors import UsageError
from nbhitl.kernel.background import background_loop
from nbhitl.model.run import Chunk
from nbhitl.protocol import Progress

SHOWN_EVERY = 0.1
"""Seconds between two updates of what is shown."""


class Watching:
    """Watches the segments of a review.

    Parameters
    ----------
    show
        Shows progress; called on the background loop, every `SHOWN_EVERY` at most.
    """

    def __init__(self, show: Callable[[Seen], None]) -> None:
        self._show = show
        self._seen = Seen()
        self._lock = threading.Lock()
        self._is_due = False
        self._kept = Kept()
        self._listeners: list[Callable[[], None]] = []

    def progress(self) -> Progress:
        """Return what is to be shown now."""
        return self._seen.view()

    def segment_begins(self) -> None:
        """Note that a segment begins."""
        self._seen.new_segment()

    def saw(self, chunk: Chunk) -> None:
        """Take a chunk of the stream; called from any thread."""
        with self._lock:
            self._kept.add(chunk)
            listeners = list(self._listeners)
        for tell in listeners:
            tell()
        try:
            is_news = self._seen.add(chunk)
        except Exception:  # an event is anybody's, and what a run shows must not end the run
            logging.getLogger("nbhitl").exception("A chunk of the stream could not be shown: %s", chunk.mode)
        else:
            if is_news:
                self._show_soon()

    def segment_ended(self) -> None:
        """Note that it has ended."""
        self._seen.segment_ended()
        self._show_soon()

    def since(self, position: int) -> tuple[Sequence[Chunk], int]:
        """Return the chunks from ``position`` on, and the position after them."""
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
        """Let go of the chunks: nobody reads them any more."""
        with self._lock:
            self._kept.clear()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` at each chunk, from any thread; return what ends that."""
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _show_soon(self) -> None:
        with self._lock:
            if self._is_due:
                return
            self._is_due = True
        loop = background_loop()
        loop.call_soon_threadsafe(lambda: loop.call_later(SHOWN_EVERY, self._show_now))

    def _show_now(self) -> None:
        with self._lock:
            self._is_due = False
        self._show(self._seen)


Modes = str | Sequence[str]


def refuse_unstreamed(stream_mode: Modes, streams: Collection[str]) -> None:
    """Raise where a run does not stream a mode: no chunk of it would ever come.

    Raises
    ------
    UsageError
        If it does not; the message says what to write.
    """
    modes = (stream_mode,) if isinstance(stream_mode, str) else stream_mode
    for mode in modes if streams else ():
        if mode in streams:
            continue
        if mode == "messages":
            raise UsageError(
                "This review streams no tokens: its models are called as the graph calls them. Write "
                "nbhitl.review(..., tokens=True), which makes every chat model stream, as graph.stream does with "
                'stream_mode="messages".'
            )
        raise UsageError(
            f"This review does not stream {mode!r}, but {', '.join(sorted(streams))}. A further mode of LangGraph's "
            "is streamed where the review is given it as stream_mode=."
        )


class Stream:
    """The chunks of a review, from its first one on, as ``graph.stream`` gives them; see `Review.stream`.

    Parameters
    ----------
    watching
        Keeps the chunks.
    shared
        Says whether more can come.
    stream_mode, subgraphs
        As for ``graph.stream``.
    of
        The review, which keeps its chunks while somebody reads them.
    """

    def __init__(
        self, watching: Watching, shared: SharedSession, stream_mode: Modes, *, subgraphs: bool, of: object
    ) -> None:
        self._of = of
        self._watching, self._shared = watching, shared
        self._mode, self._subgraphs = stream_mode, subgraphs
        self._position = 0

    def __iter__(self) -> Iterator[Any]:
        while self._shared.block(self._has_new, self._watching.subscribe):
            yield from self._new()
        yield from self._new()
        try:
            self._shared.outcome()
        finally:
            del self  # as in `Review.result`

    async def __aiter__(self) -> AsyncIterator[Any]:
        while await self._shared.hold(self._has_new, self._watching.subscribe):
            for chunk in self._new():
                yield chunk
        for chunk in self._new():
            yield chunk
        try:
            self._shared.outcome()
        finally:
            del self  # as in `Review.result`

    def _has_new(self) -> bool:
        return self._watching.has_since(self._position)

    def _new(self) -> Iterator[Any]:
        chunks, after = self._watching.since(self._position)
        modes = (self._mode,) if isinstance(self._mode, str) else tuple(self._mode)
        for position, chunk in enumerate(chunks, after - len(chunks) + 1):
            self._position = position  # before the chunk is given: whoever leaves the loop can come back
            if chunk.mode in modes and (self._subgraphs or not chunk.path):
                parts: list[Any] = [chunk.path] if self._subgraphs else []
                parts += [] if isinstance(self._mode, str) else [chunk.mode]
                yield (*parts, chunk.data) if parts else chunk.data
