"""Defer ■ and Ctrl+C (SIGINT) to a safe moment.

Python raises `KeyboardInterrupt` in the main thread at any bytecode: in a destructor, which prints the exception and
goes on; between a change of the session and its consequences; in the ``__enter__`` of a lock written in Python, such as
`threading.Condition`, which then stays locked for ever. Code that must not be cut in two defers SIGINT.
"""

import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any


class Interrupts:
    """Collects SIGINTs that arrive while they are deferred; a context manager for the block that defers.

    The second SIGINT is handled at once, so that a person can still interrupt code that hangs.
    """

    def __init__(self, handler: Callable[..., Any]) -> None:
        self._handler = handler
        self._came: list[tuple[Any, ...]] = []
        self.wakes: list[Callable[[], None]] = []

    def __enter__(self) -> "Interrupts":
        signal.signal(signal.SIGINT, self.note)
        return self

    def __exit__(self, *_raised: object) -> None:
        signal.signal(signal.SIGINT, self._handler)
        self.raise_if_came()

    def note(self, *arguments: Any) -> None:
        """Note a SIGINT: the signal handler while the block runs."""
        if self._came:
            self._handler(*arguments)
        self._came.append(arguments)
        for wake in self.wakes:
            wake()

    def raise_if_came(self) -> None:
        """Call the deferred handler if a SIGINT arrived; as a rule the handler raises `KeyboardInterrupt`.

        Raises
        ------
        KeyboardInterrupt
            If a SIGINT arrived.
        """
        if self._came:
            arguments = self._came[0]
            self._came.clear()
            self._handler(*arguments)

    def stop_if_came(self) -> None:
        """Do as `raise_if_came`, and raise even if the handler leaves the raising to an event loop, which waits for us.

        Raises
        ------
        KeyboardInterrupt
            If a SIGINT arrived.
        """
        if self._came:
            self.raise_if_came()
            raise KeyboardInterrupt

    def allow_sigint(self) -> AbstractContextManager[Any]:
        """Handle each SIGINT at once in a part of the block."""
        return _Through(self, self._handler)


class _Through:
    """A class and no generator: a generator left by an interrupt would defer SIGINT again when collected."""

    def __init__(self, interrupts: Interrupts, handler: Callable[..., Any]) -> None:
        self._interrupts, self._handler = interrupts, handler

    def __enter__(self) -> None:
        signal.signal(signal.SIGINT, self._handler)

    def __exit__(self, *_raised: object) -> None:
        signal.signal(signal.SIGINT, self._interrupts.note)


class _Within:
    """A block nested in a block that defers SIGINT already."""

    def __init__(self, outer: Interrupts, wake: Callable[[], None]) -> None:
        self._outer, self._wake = outer, wake

    def __enter__(self) -> Interrupts:
        self._outer.wakes.append(self._wake)
        return self._outer

    def __exit__(self, *_raised: object) -> None:
        self._outer.wakes.remove(self._wake)


class _None(Interrupts):
    """Used where no SIGINT arrives: in another thread, or where Python does not handle the signal."""

    def __enter__(self) -> "Interrupts":
        return self

    def __exit__(self, *_raised: object) -> None:
        pass

    def allow_sigint(self) -> AbstractContextManager[Any]:
        return nullcontext()


def _nothing(*_arguments: object) -> None:
    pass


_NONE = _None(_nothing)


def defer_sigint(wake: Callable[[], None] = _nothing) -> AbstractContextManager[Interrupts]:
    """Defer SIGINT until the block ends or asks; only the main thread receives SIGINT.

    Parameters
    ----------
    wake
        Called from the signal handler, at any bytecode, when a SIGINT arrives.
    """
    if threading.current_thread() is not threading.main_thread():
        return _NONE
    handler = signal.getsignal(signal.SIGINT)
    outer = _putting_off(handler)
    if outer is not None:
        return _Within(outer, wake)
    if not callable(handler):
        return _NONE
    interrupts = Interrupts(handler)
    interrupts.wakes.append(wake)
    return interrupts


def allow_sigint() -> AbstractContextManager[Any]:
    """Handle SIGINT at once in the block, even inside `defer_sigint`: for users' code, which may hang."""
    if threading.current_thread() is not threading.main_thread():
        return nullcontext()
    outer = _putting_off(signal.getsignal(signal.SIGINT))
    return nullcontext() if outer is None else outer.allow_sigint()


def _putting_off(handler: Any) -> Interrupts | None:
    owner = getattr(handler, "__self__", None)
    return owner if isinstance(owner, Interrupts) else None
