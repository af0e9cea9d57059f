"""nbhitl's own event loop, and threads for blocking calls: runs go on there between cells."""

import asyncio
import atexit
import concurrent.futures.thread
import contextvars
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from functools import cache, partial
from typing import Any, TypeVar

from nbhitl.errors import CannotWaitHere

STOP_SECONDS = 1.0

T = TypeVar("T")


@cache
def background_loop() -> asyncio.AbstractEventLoop:
    """Return the loop; the first call starts it, in a daemon thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=_run, args=(loop,), name="nbhitl", daemon=True)
    thread.start()
    atexit.register(_end, loop, thread)
    return loop


if hasattr(os, "register_at_fork"):  # a forked child inherits the loop, but not the thread
    os.register_at_fork(after_in_child=background_loop.cache_clear)


def call_later(seconds: float, call: Callable[[], object]) -> None:
    """Call a function on the background loop after so many seconds; from any thread."""
    loop = background_loop()
    loop.call_soon_threadsafe(lambda: loop.call_later(seconds, call))


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the background loop, block until the end, and return the result.

    Raises
    ------
    CannotWaitHere
        On that loop.
    KeyboardInterrupt
        If SIGINT arrived; the coroutine is cancelled then.
    """
    if is_on_background_loop():
        work.close()
        raise CannotWaitHere("A run of nbhitl works on this very event loop: do this outside of a node.")
    ended = queue.SimpleQueue[None]()  # not a `threading.Event`: SIGINT could leave its lock taken
    running = asyncio.run_coroutine_threadsafe(work, background_loop())
    running.add_done_callback(lambda _: ended.put(None))
    try:
        ended.get()
    except BaseException:
        running.cancel()
        raise
    return running.result()


def is_on_background_loop() -> bool:
    """Tell whether the caller runs on the background loop."""
    try:
        return asyncio.get_running_loop() is background_loop()
    except RuntimeError:
        return False


async def in_thread(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run a blocking call in a daemon thread reserved for the call, in the caller's context.

    Not in asyncio's thread pool: the pool is small, so that a few long runs would delay all others, and Python joins
    the pool's threads at exit.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()
    work = partial(contextvars.copy_context().run, call, *args, **kwargs)

    def settle(error: BaseException | None, result: Any) -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(result)
        else:
            done.set_exception(error)

    def run() -> None:
        error: BaseException | None = None
        result = None
        try:
            result = work()
        except StopIteration as stop:  # a future cannot hold StopIteration
            error = RuntimeError(f"StopIteration was raised: {stop}")
        except BaseException as raised:  # noqa: BLE001 - every exception reaches the awaiting caller
            error = raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, error, result)

    _in_worker(run)
    return await done


_Inbox = queue.SimpleQueue[Callable[[], None]]

_IDLE: "deque[_Inbox]" = deque()
"""Idle threads, the most recent last, which works next; further threads are started when needed."""

MOST_IDLE = 4
"""Idle threads that are kept: starting a thread takes as long as all the rest of nbhitl's work for an answer."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_IDLE.clear)


def _in_worker(job: Callable[[], None]) -> None:
    try:
        inbox = _IDLE.pop()
    except IndexError:
        inbox = queue.SimpleQueue()
        threading.Thread(target=_work_off, args=(inbox,), name="nbhitl run", daemon=True).start()
    inbox.put(job)


def _work_off(inbox: _Inbox) -> None:
    while True:
        inbox.get()()
        if len(_IDLE) >= MOST_IDLE:
            return
        _IDLE.append(inbox)


def let_end() -> None:
    """Let the program end without waiting for runs that nobody waits for any more.

    LangGraph calls nodes in a thread pool, and Python joins the threads of all pools at exit, even daemons. Daemon
    threads of a pool were started by a daemon thread, which is a run of nbhitl.
    """
    queues = getattr(concurrent.futures.thread, "_threads_queues", {})
    for thread in list(queues):
        if thread.daemon:
            queues.pop(thread, None)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    """Run the loop until stopped: asyncio lets SystemExit and KeyboardInterrupt of a node escape from the loop."""
    while True:
        try:
            loop.run_forever()
        except (SystemExit, KeyboardInterrupt):
            continue  # the task that raised keeps the exception
        return


def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    """Cancel the open reviews: at the end of a script asyncio would warn about each pending task."""

    async def cancel_all() -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        loop.stop()

    asyncio.run_coroutine_threadsafe(cancel_all(), loop)
    thread.join(STOP_SECONDS)
