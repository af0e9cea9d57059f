"""The chunks of a review for code to read; see `Review.stream`."""

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from typing import Any

from nbhitl.core.review_core import Hold
from nbhitl.errors import UsageError

Modes = str | Sequence[str]


def refuse_unstreamed(stream_mode: Modes, streams: Collection[str]) -> None:
    """Refuse a mode that the run does not stream: no chunk would ever come.

    Raises
    ------
    UsageError
        If the run does not stream a mode; the message says what to write.
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
    """The chunks of a review, from the first chunk on, as ``graph.stream`` gives chunks; see `Review.stream`.

    Parameters
    ----------
    hold
        Holds the review, which keeps the chunks while code reads.
    stream_mode, subgraphs
        As for ``graph.stream``.
    """

    def __init__(self, hold: Hold, stream_mode: Modes, *, subgraphs: bool) -> None:
        self._hold, self._core = hold, hold.core
        self._mode, self._subgraphs = stream_mode, subgraphs
        self._position = 0

    def __iter__(self) -> Iterator[Any]:
        while self._core.block(self._has_new, self._core.watching.subscribe):
            yield from self._new()
        yield from self._new()
        try:
            self._core.outcome()
        finally:
            del self  # as in `Review.result`

    async def __aiter__(self) -> AsyncIterator[Any]:
        while await self._core.hold(self._has_new, self._core.watching.subscribe):
            for chunk in self._new():
                yield chunk
        for chunk in self._new():
            yield chunk
        try:
            self._core.outcome()
        finally:
            del self  # as in `Review.result`

    def _has_new(self) -> bool:
        return self._core.watching.has_since(self._position)

    def _new(self) -> Iterator[Any]:
        chunks, after = self._core.watching.since(self._position)
        modes = (self._mode,) if isinstance(self._mode, str) else tuple(self._mode)
        for position, chunk in enumerate(chunks, after - len(chunks) + 1):
            self._position = position  # before the chunk is yielded: code that leaves the loop can continue later
            if chunk.mode in modes and (self._subgraphs or not chunk.path):
                parts: list[Any] = [chunk.path] if self._subgraphs else []
                parts += [] if isinstance(self._mode, str) else [chunk.mode]
                yield (*parts, chunk.data) if parts else chunk.data
