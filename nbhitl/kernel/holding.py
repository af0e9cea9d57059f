"""Holding a cell until somebody has answered: with ``await``, or by blocking."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any, Protocol

from nbhitl.errors import CannotWaitHere, WaitBroken, WaitCancelled, WaitTimeout
from nbhitl.kernel.background import let_end
from nbhitl.kernel.shell_tap import Tap, holds_messages_back, tap_of
from nbhitl.kernel.sigint import defer_sigint
from nbhitl.kernel.surroundings import running_kernel

TICK = 0.1
"""Seconds between wake-ups: a quiet loop would not notice ■ (SIGINT) until the next message."""

Subscribe = Callable[[Callable[[], None]], Callable[[], None]]
"""Registers a callback, called from any thread after a change; returns a function that unregisters the callback."""

STAYS = "The question stays open: answer in its card, or with card.answer(...), and read card.result."

GOES_ON = "The run goes on, as long as this program does: card.result waits for it, card.stop() stops it."

Goes = Callable[[], bool]
"""Tells whether a run is at work and goes on after the wait has ended; by default (`bool`) no run is."""


NO_BLOCKING_WAIT = (
    "`.wait()` cannot hold a cell in this kernel: an answer would wait behind the cell. Write "
    "`await nbhitl.review(...)`, or a bare `card` as last line and `card.result` in the next cell."
)

NO_WAIT = (
    "No cell can wait for an answer in this kernel: the answer would wait behind the cell. Write "
    "`card = nbhitl.review(...)`, a bare `card` as last line, and `card.result` in the next cell."
)


@contextmanager
def held_cell(
    goes_on: Goes,
    *,
    blocking: bool,
    awaits_answers: bool = False,
    is_of_run: Callable[[BaseException], bool] = lambda _error: False,
) -> Iterator[None]:
    """Let a cell wait in the block, which begins before the card is shown.

    Parameters
    ----------
    goes_on
        See `Goes`.
    blocking
        Whether the cell is to block.
    awaits_answers
        Whether the cell, which does not block, awaits answers from the page.
    is_of_run
        Whether an exception is the outcome of the run, and reaches the caller as it is.

    Raises
    ------
    CannotWaitHere
        If this kernel has no way to let answers through meanwhile.
    WaitBroken
        If ■ or Ctrl+C interrupts the wait.
    """
    try:
        # Each context manager that was entered is left again: SIGINT is raised in `block`, or between the two.
        with (
            defer_sigint() if blocking else nullcontext(),
            _answers_pass(blocking=blocking, awaits_answers=awaits_answers),
        ):
            yield
    except KeyboardInterrupt as error:
        if is_of_run(error):
            raise
        raise WaitBroken(f"The wait was interrupted. {_what_follows(goes_on)}") from error


def _answers_pass(*, blocking: bool, awaits_answers: bool) -> AbstractContextManager[Any]:
    """Let answers through to a cell that is about to wait, so that an early answer is not lost."""
    kernel = running_kernel()
    if kernel is None or threading.current_thread() is not threading.main_thread():
        return nullcontext()
    tap = tap_of(kernel)
    if tap is not None:
        return tap.open()
    if (blocking or awaits_answers) and holds_messages_back(kernel):
        raise CannotWaitHere(NO_WAIT)
    if blocking:
        raise CannotWaitHere(NO_BLOCKING_WAIT)
    return nullcontext()


async def hold(
    is_over: Callable[[], bool], subscribe: Subscribe, seconds: float | None = None, *, goes_on: Goes = bool
) -> None:
    """Wait until ``is_over()``.

    Parameters
    ----------
    is_over
        Tested after every change; the state decides, not the event, so that no change is missed.
    subscribe
        See `Subscribe`.
    seconds
        How long to wait at most.
    goes_on
        See `Goes`.

    Raises
    ------
    WaitCancelled
        If the wait was cancelled, as by ■.
    WaitTimeout
        If the wait took longer than ``seconds``.
    """
    loop = asyncio.get_running_loop()
    tap, late = _open_tap(), _Late(seconds, goes_on)
    woken: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        if not woken.done():
            woken.set_result(None)

    def wake_from_any_thread() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(wake)

    ends = [listen(wake_from_any_thread) for listen in (subscribe, *([tap.subscribe] if tap else []))]
    try:
        while not is_over():
            late.check()
            woken = loop.create_future()  # a change since `is_over` wakes this future too: waking happens on this loop
            tick = loop.call_later(TICK, wake)
            try:
                await woken
            finally:
                tick.cancel()
            if tap is not None:
                tap.handle_all()
    except asyncio.CancelledError as error:
        _let_end()
        raise WaitCancelled(f"The wait was cancelled. {_what_follows(goes_on)}") from error
    finally:
        for end in ends:
            end()


class Lock(Protocol):
    """The lock held while ``is_over`` is called."""

    def acquire(self, *, timeout: float) -> bool:
        """Acquire the lock, or return false after ``timeout`` seconds."""

    def release(self) -> None:
        """Release the lock."""


def block(
    is_over: Callable[[], bool],
    subscribe: Subscribe,
    seconds: float | None = None,
    *,
    lock: Lock,
    goes_on: Goes = bool,
    listens: bool = True,
) -> None:
    """Block until ``is_over()``.

    Parameters
    ----------
    is_over, subscribe, seconds
        As for `hold`.
    lock
        Held while ``is_over`` is called; no other holder may keep the lock for long.
    goes_on
        See `Goes`.
    listens
        Whether to handle comm messages of the page meanwhile, where `held_cell` lets messages through.

    Raises
    ------
    WaitTimeout
        If the wait took longer than ``seconds``.
    KeyboardInterrupt
        If SIGINT arrived.
    """
    tap, late = _open_tap() if listens else None, _Late(seconds, goes_on)
    # Not a `threading.Event`: an interrupt would leave the event's lock taken, and block threads that report changes.
    news = queue.SimpleQueue[Any]() if tap is None else tap.inbox

    def wake() -> None:
        news.put(None)

    with defer_sigint(wake) as interrupts:
        unsubscribe = subscribe(wake)
        try:
            while True:
                interrupts.stop_if_came()
                # In steps: Python does not notice a SIGINT that arrives just before the wait for a lock begins.
                if lock.acquire(timeout=TICK):  # SIGINT is deferred, so no interrupt is raised before the `try`
                    try:
                        if is_over():
                            return
                    finally:
                        lock.release()
                late.check()
                if tap is not None:
                    tap.handle_within(TICK, interrupts)
                else:
                    with suppress(queue.Empty):
                        news.get(timeout=TICK)
        except KeyboardInterrupt:
            _let_end()
            raise
        finally:
            unsubscribe()


def _let_end() -> None:
    """Let Ctrl+C end a program at once, as without nbhitl; a kernel goes on."""
    if running_kernel() is None:
        let_end()


def _what_follows(goes_on: Goes) -> str:
    return GOES_ON if goes_on() else STAYS


def _open_tap() -> Tap | None:
    """Return the tap if `held_cell` has opened the tap and this is the main thread."""
    kernel = running_kernel()
    is_main = threading.current_thread() is threading.main_thread()
    tap = tap_of(kernel, only_if_made=True) if kernel is not None and is_main else None
    return tap if tap is not None and tap.is_open else None


class _Late:
    """Tells when a wait has taken too long."""

    def __init__(self, seconds: float | None, goes_on: Goes) -> None:
        self._seconds, self._goes_on = seconds, goes_on
        self._until = None if seconds is None else time.monotonic() + seconds

    def check(self) -> None:
        if self._until is not None and time.monotonic() >= self._until:
            if self._goes_on():
                raise WaitTimeout(f"The run did not end within {self._seconds:g} s. {GOES_ON}")
            raise WaitTimeout(f"Nobody answered within {self._seconds:g} s. {STAYS}")
