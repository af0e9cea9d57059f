"""nbhitl's own event loop, in a daemon thread: runs go on there while cells come and go."""

import asyncio
import atexit
import threading
from functools import cache

STOP_SECONDS = 1.0


@cache
def background_loop() -> asyncio.AbstractEventLoop:
    """Return the loop; the first call starts it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="nbhitl", daemon=True)
    thread.start()
    atexit.register(_end, loop, thread)
    return loop


def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    """Cancel the reviews that are still open, or asyncio would complain of each at the end of a script."""

    async def cancel_all() -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        loop.stop()

    asyncio.run_coroutine_threadsafe(cancel_all(), loop)
    thread.join(STOP_SECONDS)
