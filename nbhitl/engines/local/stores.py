"""What a checkpointer holds of all threads: quickly where its tables are known, else by its public ``list``."""

from collections.abc import Awaitable, Callable
from typing import Any

Call = Callable[..., Awaitable[Any]]
"""Calls the sync or the async form of a function, whichever the run uses."""


async def thread_ids(saver: Any, *, is_sync: bool) -> list[str]:
    """Return the ids of all threads."""
    storage = getattr(saver, "storage", None)
    if isinstance(storage, dict):  # InMemorySaver
        return [str(each) for each in list(storage)]
    found: dict[str, None] = {}
    if is_sync:
        for each in saver.list(None):
            found.setdefault(str(each.config["configurable"]["thread_id"]))
    else:
        async for each in saver.alist(None):
            found.setdefault(str(each.config["configurable"]["thread_id"]))
    return list(found)
