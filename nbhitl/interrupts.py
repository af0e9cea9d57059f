"""■ and Ctrl+C (SIGINT) at a moment of our choosing.

Python raises `KeyboardInterrupt` in the main thread wherever it is just then: in a destructor, which prints it and goes
on; in the middle of a change of the session; in the ``__enter__`` of a lock that is written in Python, as
`threading.Condition` is, so that it stays taken for ever. What must not be cut in two puts interrupts off.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any


class Interrupts:
    """Those that came while they are put off; entered for the block in which they are."""

    def __init__(self, handler: Callable[..., Any], wake: Callable[[], None]) -> None:
        self._handler, self._wake = handler, wake
        self._came: list[tuple[Any, ...]] = []

    def __enter__(self) -> "Interrupts":
        signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_raised: object) -> None:
        signal.signal(signal.SIGINT, self._handler)
        self.raise_if_came()

    def _note(self, *arguments: Any) -> None:
        self._came.append(arguments)
        self._wake()

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

    def let_through(self) -> AbstractContextManager[None]:
        """Put none off in a part of the block."""
        return self._let_through()

    @contextmanager
    def _let_through(self) -> Iterator[None]:
        signal.signal(signal.SIGINT, self._handler)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, self._note)


class _None(Interrupts):
    """Where none come: in another thread, or where a block around this one puts them off."""

    def __init__(self) -> None:
        super().__init__(lambda: None, lambda: None)

    def __enter__(self) -> "Interrupts":
        return self

    def __exit__(self, *_raised: object) -> None:
        pass

    def let_through(self) -> AbstractContextManager[None]:
        return nullcontext()


_NONE = _None()


def put_off(wake: Callable[[], None] = lambda: None) -> AbstractContextManager[Interrupts]:
    """Let an interrupt wait until the block has ended; only the main thread gets any.

    Parameters
    ----------
    wake
        Called in the middle of anything when one comes.
    """
    if threading.current_thread() is not threading.main_thread():
        return _NONE
    handler = signal.getsignal(signal.SIGINT)
    is_put_off = isinstance(getattr(handler, "__self__", None), Interrupts)  # by a block around this one
    return Interrupts(handler, wake) if callable(handler) and not is_put_off else _NONE
