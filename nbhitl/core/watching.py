"""The chunks of a run: kept for ``card.stream``, and shown in the card while the run works."""

import logging
import threading
import warnings
from collections.abc import Sequence

from nbhitl.core.kept import MOST, MOST_BYTES, Kept
from nbhitl.core.progress import Seen
from nbhitl.kernel.background import background_loop
from nbhitl.kernel.subscribers import Listener, Subscribers, Unsubscribe
from nbhitl.model.run import Chunk
from nbhitl.protocol import Progress

SHOWN_EVERY = 0.1
"""Seconds between two updates of the display."""


class Watching:
    """Watches the segments of a review.

    Attributes
    ----------
    seen
        The progress of the run.
    has_begun
        Whether the run has shown any progress.
    """

    def __init__(self) -> None:
        self.seen = Seen()
        self.has_begun = False
        self._viewers, self._readers = Subscribers(), Subscribers()
        self._lock = threading.Lock()
        self._is_due = False
        self._kept = Kept()

    def progress(self) -> Progress:
        """Return the progress to be shown now."""
        return self.seen.view()

    def segment_begins(self) -> None:
        """Note that a segment begins."""
        self.seen.new_segment()

    def saw(self, chunk: Chunk) -> None:
        """Take a chunk of the stream; called from any thread."""
        with self._lock:
            self._kept.add(chunk)
        self._readers.tell()
        try:
            is_news = self.seen.add(chunk)
        except Exception:  # an event of the graph may be anything, and must not end the run
            logging.getLogger("nbhitl").exception("A chunk of the stream could not be shown: %s", chunk.mode)
        else:
            if is_news:
                self._show_soon()

    def segment_ended(self) -> None:
        """Note that the segment has ended."""
        self.seen.segment_ended()
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
        """Drop the chunks, which no code will read."""
        with self._lock:
            self._kept.clear()

    def subscribe(self, listener: Listener) -> Unsubscribe:
        """Call ``listener`` at each chunk, from any thread; return a function that ends the calls."""
        return self._readers.add(listener)

    def add_viewer(self, show: Listener) -> None:
        """Call a bound method on the background loop, while the object lives, at most every `SHOWN_EVERY` seconds."""
        self._viewers.add_weakly(show)

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
        self.has_begun = True
        self._viewers.tell()
