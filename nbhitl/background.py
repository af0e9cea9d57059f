"""nbhitl's own event loop, in a daemon thread: runs go on there while cells come and go."""

import asyncio
import threading
from functools import cache


@cache
def background_loop() -> asyncio.AbstractEventLoop:
    """Return the loop; the first call starts it."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="nbhitl", daemon=True).start()
    return loop
