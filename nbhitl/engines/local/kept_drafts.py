"""Drafts beside a checkpoint: a text that somebody typed and did not send is there again in another kernel.

A draft is a pending write of a task that the graph does not have, so LangGraph ignores the write, as it ignores the
notes of `nbhitl.engines.local.journal`. Checkpointers keep the first write of an ordinary channel, and the last write
of a channel in LangGraph's ``WRITES_IDX_MAP``. `CHANNEL` is a channel of that map that LangGraph itself no longer
uses: a draft is stored once, and each change replaces the draft before.
"""

import uuid
from collections.abc import Collection
from typing import Any

from langgraph.checkpoint.base import CheckpointTuple

from nbhitl.runs.drafts import KeptDraft, read_draft

CHANNEL = "__scheduled__"

MARK = "nbhitl_draft"
"""Key of the draft in the value of the write; another writer of the channel has no such key."""

TASKS = uuid.UUID("0d3b6a1e-9c0f-5a51-8f5e-3a52b0a4b0c7")
"""Namespace of the ids of the tasks."""


def write(interrupt_id: str, draft: KeptDraft | None) -> tuple[list[tuple[str, Any]], str]:
    """Return the writes that keep or drop a draft, and the task id for these writes."""
    return [(CHANNEL, {MARK: draft and draft.written()})], str(uuid.uuid5(TASKS, interrupt_id))


def read(saved: CheckpointTuple | None, ids: Collection[str]) -> dict[str, KeptDraft]:
    """Return the drafts beside a checkpoint, by interrupt."""
    tasks = {str(uuid.uuid5(TASKS, each)): each for each in ids}
    found = {
        tasks[task_id]: read_draft(value.get(MARK))
        for task_id, channel, value in (saved.pending_writes or () if saved else ())
        if channel == CHANNEL and task_id in tasks and isinstance(value, dict)
    }
    return {key: draft for key, draft in found.items() if draft is not None}
