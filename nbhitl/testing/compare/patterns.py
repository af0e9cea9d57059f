"""Applies the patterns of a notebook or a file in a separate process: nothing else can stop `re`.

A pattern such as ``^(a+)+$`` can take practically forever on a few dozen characters. No rule separates such patterns
from useful patterns, so each pattern is tried; if a pattern does not end, the process is killed and the pattern is
named.
"""

import atexit
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar

SECONDS = 10.0
"""Default time limit for all patterns of a cell."""

Pattern = tuple[re.Pattern[str], str]

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)

WORK = """
import json, re, sys
for line in sys.stdin:
    patterns, text = json.loads(line)
    for number, (pattern, put) in enumerate(patterns):
        print(number, flush=True)
        text = re.sub(pattern, put, text)
    print("done", flush=True)
    print(json.dumps(text), flush=True)
"""


class TooSlow(Exception):
    """A pattern did not end in time; the message names the pattern."""


@contextmanager
def within(seconds: float | None) -> Iterator[None]:
    """Limit the time of all patterns that are applied in the block."""
    token = _deadline.set(time.monotonic() + (SECONDS if seconds is None else seconds))
    try:
        yield
    finally:
        _deadline.reset(token)


def replaced(patterns: Sequence[Pattern], text: str) -> str:
    """Return a text with all matches of the patterns replaced, in order.

    Raises
    ------
    TooSlow
        If a pattern does not end in time.
    """
    if not patterns or not text:
        return text
    deadline = _deadline.get()
    return _WORKER.replaced(patterns, text, SECONDS if deadline is None else deadline - time.monotonic())


class _Worker:
    """The process; started at the first use, and again after having been killed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        atexit.register(self.stop)

    def replaced(self, patterns: Sequence[Pattern], text: str, seconds: float) -> str:
        with self._lock:
            process = self._started()
            clock = threading.Timer(max(seconds, 0.0), process.kill)
            clock.daemon = True
            clock.start()
            at = 0
            try:
                assert process.stdin is not None
                assert process.stdout is not None
                with suppress(BrokenPipeError):
                    process.stdin.write(json.dumps([[(each.pattern, put) for each, put in patterns], text]) + "\n")
                    process.stdin.flush()
                while (line := process.stdout.readline().strip()) != "done":
                    if not line:
                        self._end()
                        raise TooSlow(_told(patterns[at][0], text))
                    at = int(line)
                found: str = json.loads(process.stdout.readline())
                return found
            finally:
                clock.cancel()

    def stop(self) -> None:
        with self._lock:
            self._end()

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own lines
                [sys.executable, "-I", "-S", "-c", WORK],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="ascii",  # JSON escapes everything else
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with suppress(OSError):
                        stream.close()


def _told(pattern: re.Pattern[str], text: str) -> str:
    return (
        f"The pattern {pattern.pattern!r}, which replaces parts of outputs, did not end in time on {len(text):,} "
        "characters. Write a pattern without a repeat inside a repeat, such as (a+)+."
    )


_WORKER = _Worker()
