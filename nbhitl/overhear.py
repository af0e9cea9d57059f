"""What nodes print and log, heard by whoever watches the run; it is printed and logged all the same.

A run's context (`contextvars`) tells its own prints from those of other runs and cells: LangGraph runs nodes in copies
of the context that the run was started in.
"""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO

from nbhitl.thread import Chunk, Watch

_watching: ContextVar[Watch | None] = ContextVar("nbhitl_watching", default=None)
_lock = threading.Lock()
_at_work = 0


@contextmanager
def overheard(watch: Watch) -> Iterator[None]:
    """Give ``watch`` what is printed and logged in this context, as chunks of mode ``"log"``."""
    token = _watching.set(watch)
    _listen(+1)
    try:
        yield
    finally:
        _listen(-1)
        _watching.reset(token)


def _listen(change: int) -> None:
    """Put ourselves between the nodes and the output while any run works."""
    global _at_work  # noqa: PLW0603 - sys.stdout and the root logger are global, too
    with _lock:
        _at_work += change
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if _at_work and stream is not None and not isinstance(stream, _Overheard):
                setattr(sys, name, _Overheard(stream))
            elif not _at_work and isinstance(stream, _Overheard):
                setattr(sys, name, stream.stream)
        root = logging.getLogger()
        # Without a handler of the user's, logging writes warnings to sys.stderr, where they are heard; a handler of
        # ours would silence them.
        if _at_work and root.handlers and _HANDLER not in root.handlers:
            root.addHandler(_HANDLER)
        elif not _at_work:
            root.removeHandler(_HANDLER)


def _tell(text: str) -> None:
    watch = _watching.get()
    if watch is not None and text:
        watch(Chunk("log", text))


class _Overheard:
    """A text stream that is listened to; everything else about it is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        _tell(text)
        return self.stream.write(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.stream)


class _Handler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        if _watching.get() is None:
            return
        try:
            _tell(f"{record.levelname} {record.name}: {record.getMessage()}\n")
        except Exception:  # noqa: BLE001 - as the handlers of logging: a bad record must not end what logs it
            self.handleError(record)


_HANDLER = _Handler()
