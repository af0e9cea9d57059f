"""The chunks of a review for code to read; see `Review.stream`."""

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import nullcontext
from typing import Any

from nbhitl.core.review_core import Hold
from nbhitl.errors import UsageError
from nbhitl.kernel import block, held_cell, hold
from nbhitl.kernel.subscribers import Listener, Unsubscribe

Modes = str | Sequence[str]


def refuse_unstreamed(stream_mode: Modes, streams: Collection[str]) -> None:
    """Refuse a mode that the run does not stream: no chunk would ever come.

    Raises
    ------
    UsageError
        If the run does not stream a mode; the message has the argument to write.
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
        while self._block():
            yield from self._new()
        yield from self._new()
        try:
            self._core.outcome()
        finally:
            del self  # as in `Review.result`

    async def __aiter__(self) -> AsyncIterator[Any]:
        while await self._hold_cell():
            for chunk in self._new():
                yield chunk
        for chunk in self._new():
            yield chunk
        try:
            self._core.outcome()
        finally:
            del self  # as in `Review.result`

    def _block(self) -> bool:
        """Block while the run works and no new chunk comes; return whether further chunks may come.

        Code does not wait for a person here, but waits for a client that gives recorded answers, as for a record.
        """
        core = self._core
        waits = core.place.is_replay

        def may_come() -> bool:
            return not core.is_settled if waits else core.works

        def is_over() -> bool:
            over = self._has_new() or not may_come()
            if not over:
                core.driver.check_can_block()
            return over

        core.needed()
        with held_cell(core.goes_on, blocking=True) if waits else nullcontext():
            block(is_over, self._subscribe, lock=core.lock, goes_on=core.goes_on, listens=waits)
        return may_come()

    async def _hold_cell(self) -> bool:
        """Wait for a new chunk, the end of the run, or a person's answer; return whether further chunks may come."""
        core = self._core
        core.needed()
        await hold(lambda: self._has_new() or core.is_settled, self._subscribe, goes_on=core.goes_on)
        return not core.is_settled

    def _subscribe(self, listener: Listener) -> Unsubscribe:
        ends = (self._core.subscribe(listener), self._core.watching.subscribe(listener))

        def end_both() -> None:
            for end in ends:
                end()

        return end_both

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
