"""A claim on a question, for servers that run two simultaneous resumes both (Aegra ignores ``multitask_strategy``).

Nothing there compares and sets, so a claim narrows the window and does not close it: each client writes its own into
the thread's metadata, waits until one that wrote at the same moment must be seen, and goes on only if its own is the
one that stayed, with no run at work. LangGraph's own servers, which need none, sign the metadata of what they save
(``langgraph_version`` and the like).
"""

import asyncio
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from nbhitl.engines.remote.looking import ServedThread
from nbhitl.errors import AlreadyAnswered, ServerRefused
from nbhitl.user import whoami

CLAIM = "nbhitl_claim"
SIGNED = "langgraph_"
SETTLES_AFTER = 0.15
"""Seconds in which a claim of another client, made on the same state, has arrived."""


def is_needed(state: Any) -> bool:
    """Tell by a thread's state whether its server may run two resumes at once."""
    if not isinstance(state, Mapping) or not any("id" in interrupt for interrupt in _interrupts(state)):
        return False  # the old wire, of LangGraph's servers only
    return not any(key.startswith(SIGNED) for key in state.get("metadata") or ())


async def claim(thread: ServedThread) -> None:
    """Claim the thread's questions.

    Raises
    ------
    AlreadyAnswered
        If another client claims them at the same moment, or its run is at work.
    """
    mine = f"{uuid.uuid4()} {whoami()}"
    try:
        await thread.mark({CLAIM: mine})
    except ServerRefused:  # it keeps no metadata: then what can be had is the look before
        return
    await asyncio.sleep(SETTLES_AFTER)
    stayed, is_busy = await thread.claimed(CLAIM)
    if stayed != mine:
        raise AlreadyAnswered(f"Answered at this moment by {str(stayed).partition(' ')[2] or 'another client'}.")
    if is_busy:
        raise AlreadyAnswered("Another client has just answered; its run is at work. Nothing was sent twice.")


def _interrupts(state: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    tasks = state.get("tasks")
    for task in tasks if isinstance(tasks, list) else ():
        found = task.get("interrupts") if isinstance(task, Mapping) else None
        yield from (each for each in found or () if isinstance(each, Mapping))
