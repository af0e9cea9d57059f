"""■ and Ctrl+C (SIGINT) at a moment of our choosing.

Python raises `KeyboardInterrupt` in the main thread wherever it is just then: in a destructor, which prints it and goes
on; between a change of the session and what follows from it; in the ``__enter__`` of a lock that is written in Python,
as `threading.Condition` is, so that it stays taken for ever. What must not be cut in two puts interrupts off.
"""

import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any


class Interrupts:
    """Those that came while they are put off; entered for the block in which they are.

    The second one comes at once: whoever insists is not kept waiting by code that hangs.
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
        """Take one: this is the signal handler meanwhile."""
        if self._came:
            self._handler(*arguments)
        self._came.append(arguments)
        for wake in self.wakes:
            wake()

    def raise_if_came(self) -> None:
        """Let what came do what it does: raise `KeyboardInterrupt`, as a rule.

        Raises
        ------
        KeyboardInterrupt
            If one came.
        """
        if self._came:
            arguments = self._came[0]
            self._came.clear()
            self._handler(*arguments)

    def stop_if_came(self) -> None:
        """Do as `raise_if_came`, and raise also where its handler leaves that to an event loop, which waits for us.

        Raises
        ------
        KeyboardInterrupt
            If one came.
        """
        if self._came:
            self.raise_if_came()
            raise KeyboardInterrupt

    def allow_sigint(self) -> AbstractContextManager[Any]:
        """Put none off in a part of the block."""
        return _Through(self, self._handler)


class _Through:
    """No generator: what an interrupt left of one would put interrupts off again when it is collected."""

    def __init__(self, interrupts: Interrupts, handler: Callable[..., Any]) -> None:
        self._interrupts, self._handler = interrupts, handler

    def __enter__(self) -> None:
        signal.signal(signal.SIGINT, self._handler)

    def __exit__(self, *_raised: object) -> None:
        signal.signal(signal.SIGINT, self._interrupts.note)


class _Within:
    """A block within one that puts interrupts off already."""

    def __init__(self, outer: Interrupts, wake: Callable[[], None]) -> None:
        self._outer, self._wake = outer, wake

    def __enter__(self) -> Interrupts:
        self._outer.wakes.append(self._wake)
        return self._outer

    def __exit__(self, *_raised: object) -> None:
        self._outer.wakes.remove(self._wake)


class _None(Interrupts):
    """Where none come: in another thread, or where they are not Python's to handle."""

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
    """Let an interrupt wait until the block has ended, or asks for it; only the main thread gets any.

    Parameters
    ----------
    wake
        Called in the middle of anything when one comes.
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
    """Put no interrupts off in the block, whoever does around it: for users' code, which may hang."""
    if threading.current_thread() is not threading.main_thread():
        return nullcontext()
    outer = _putting_off(signal.getsignal(signal.SIGINT))
    return nullcontext() if outer is None else outer.allow_sigint()


def _putting_off(handler: Any) -> Interrupts | None:
    owner = getattr(handler, "__self__", None)
    return owner if isinstance(owner, Interrupts) else None
