"""A claim on a question, for servers that run both of two simultaneous resumes (Aegra ignores ``multitask_strategy``).

Such a server has no compare-and-set, so a claim narrows the window and does not close it: each client writes a claim
into the thread's metadata, waits until a claim written at the same moment must have arrived, and goes on only if the
client's own claim is the claim that stayed and no run is at work. LangGraph's own servers need no claim; their mark is
the metadata of saved states (``langgraph_version`` and the like).
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
    """Tell by a thread's state whether the server may run two resumes at once."""
    if not isinstance(state, Mapping) or not any("id" in interrupt for interrupt in _interrupts(state)):
        return False  # interrupts without ids: an old server of LangGraph's
    return not any(key.startswith(SIGNED) for key in state.get("metadata") or ())


async def claim(thread: ServedThread) -> None:
    """Claim the thread's questions.

    Raises
    ------
    AlreadyAnswered
        If another client claims the questions at the same moment, or another client's run is at work.
    """
    mine = f"{uuid.uuid4()} {whoami()}"
    try:
        await thread.mark({CLAIM: mine})
    except ServerRefused:  # the server keeps no metadata: only the look at the state before protects
        return
    await asyncio.sleep(SETTLES_AFTER)
    stayed, is_busy = await thread.claimed(CLAIM)
    if stayed != mine:
        raise AlreadyAnswered(f"Answered at this moment by {str(stayed).partition(' ')[2] or 'another client'}.")
    if is_busy:
        raise AlreadyAnswered("Another client has just answered; that run is at work. Nothing was sent twice.")


def _interrupts(state: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    tasks = state.get("tasks")
    for task in tasks if isinstance(tasks, list) else ():
        found = task.get("interrupts") if isinstance(task, Mapping) else None
        yield from (each for each in found or () if isinstance(each, Mapping))
