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

    The second SIGINT is handled at once, so that a person can still interrupt code that hangs. Python's handler is set
    once for the outermost block, because to set a handler takes longer than most blocks: the blocks within tell the
    handler whether to defer.
    """

    def __init__(self, handler: Callable[..., Any]) -> None:
        self._handler = handler
        self._came: list[tuple[Any, ...]] = []
        self._lets_through = False
        self.wakes: list[Callable[[], None]] = []

    def __enter__(self) -> "Interrupts":
        signal.signal(signal.SIGINT, self.note)
        return self

    def __exit__(self, *_raised: object) -> None:
        signal.signal(signal.SIGINT, self._handler)
        self.raise_if_came()

    def note(self, *arguments: Any) -> None:
        """Note a SIGINT: the signal handler while the block runs."""
        if self._lets_through:
            self._handler(*arguments)
            return
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
        return _Through(self)

    def let_through(self, *, lets: bool) -> bool:
        """Handle each SIGINT at once from now on, or defer; return whether each was handled at once before."""
        before, self._lets_through = self._lets_through, lets
        return before

    def defer_anew(self) -> list[tuple[Any, ...]] | None:
        """Defer SIGINT again in a part that handles each at once; return the SIGINTs from before that part.

        ``None`` where SIGINT is deferred already.
        """
        if not self._lets_through:
            return None
        earlier, self._came, self._lets_through = self._came, [], False
        return earlier

    def end_anew(self, earlier: list[tuple[Any, ...]]) -> None:
        """Handle each SIGINT at once again, also a SIGINT that has arrived since `defer_anew`."""
        since, self._came, self._lets_through = self._came, earlier, True
        if since:
            self._handler(*since[0])


class _Through:
    """A class and no generator: a generator left by an interrupt would defer SIGINT again when collected."""

    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts

    def __enter__(self) -> None:
        self._before = self._interrupts.let_through(lets=True)

    def __exit__(self, *_raised: object) -> None:
        self._interrupts.let_through(lets=self._before)


class _Within:
    """A block nested in a block that defers SIGINT already, or handles each at once for a while."""

    def __init__(self, outer: Interrupts, wake: Callable[[], None]) -> None:
        self._outer, self._wake = outer, wake

    def __enter__(self) -> Interrupts:
        self._outer.wakes.append(self._wake)
        self._earlier = self._outer.defer_anew()
        return self._outer

    def __exit__(self, *_raised: object) -> None:
        self._outer.wakes.remove(self._wake)
        if self._earlier is not None:
            self._outer.end_anew(self._earlier)


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
