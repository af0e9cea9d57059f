"""Holding a cell with ``await``."""

import asyncio
import sys
from collections.abc import Callable

from nbhitl.errors import CannotWaitHere

TICK = 0.1
"""Seconds between wake-ups: a quiet loop would not notice ■ (SIGINT) until the next message."""

FIRST_IPYKERNEL = (7, 0)
"""The first ipykernel that handles comm messages while a cell awaits: from subshells, which JupyterLab 4.4 and
Notebook 7.4 use; from 7.4 on from any client."""


async def hold(is_over: Callable[[], bool], subscribe: Callable[[Callable[[], None]], Callable[[], None]]) -> None:
    """Wait until ``is_over()``.

    Parameters
    ----------
    is_over
        Tested after every change; the state decides, not the event, so that none is missed.
    subscribe
        Registers a callback, called from any thread after a change; returns what unregisters it.
    """
    loop = asyncio.get_running_loop()
    woken: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        if not woken.done():
            woken.set_result(None)

    def wake_from_any_thread() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(wake)

    unsubscribe = subscribe(wake_from_any_thread)
    try:
        while not is_over():
            woken = loop.create_future()  # a change since `is_over` wakes it all the same: that is done on this loop
            tick = loop.call_later(TICK, wake)
            try:
                await woken
            finally:
                tick.cancel()
    finally:
        unsubscribe()


def refuse_where_an_answer_cannot_arrive() -> None:
    """Raise where a comm message stays queued behind the awaiting cell.

    Raises
    ------
    CannotWaitHere
        If the kernel is an ipykernel older than `FIRST_IPYKERNEL`.
    """
    ipykernel = sys.modules.get("ipykernel")
    if ipykernel is None or ipykernel.version_info[:2] >= FIRST_IPYKERNEL:
        return
    raise CannotWaitHere(
        f"`await` cannot hold a cell for a person on ipykernel {ipykernel.__version__}: the answer would wait behind "
        "the cell. Either update ipykernel to 7 or later, or write `card = nbhitl.review(...)` with a bare `card` "
        "as last line, and read `card.result` in the next cell."
    )
