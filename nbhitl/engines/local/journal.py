"""Entries that nbhitl writes beside a checkpoint: which questions were answered, with which value, when and by whom.

LangGraph keeps an answer from the moment at which the node takes the answer, and shows the question as pending until
the node's step is saved. So after a crash in between, or after the node raised, a question looks open although the
answer is fixed: the node gets the first answer in any case. The entry, written before the answer is sent and into the
same database (``BaseCheckpointSaver.put_writes``), distinguishes such a question from an unanswered question.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from langgraph.checkpoint.base import CheckpointTuple

from nbhitl.user import whoami

CHANNEL = "__nbhitl_answer__"

GONE_ON = "gone on"
"""Key in place of an interrupt's id: the run went on from a stop without a question."""


@dataclass(frozen=True)
class JournalEntry:
    """An answer that was sent."""

    value: Any
    by: str
    at: str

    def told(self) -> str:
        """Return the time, and the user."""
        return f"{datetime.fromisoformat(self.at).astimezone():%H:%M:%S on %Y-%m-%d} by {self.by}"


def write(answers: Mapping[str, Any]) -> tuple[list[tuple[str, Any]], str]:
    """Return the writes that note these answers, and a task id for these writes, which is no task of the graph."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    entries = {key: {"value": value, "by": whoami(), "at": at} for key, value in answers.items()}
    return [(CHANNEL, entries)], str(uuid.uuid4())


def read(saved: CheckpointTuple | None) -> dict[str, JournalEntry]:
    """Return the entries beside a checkpoint, by interrupt id."""
    writes = (saved.pending_writes or ()) if saved else ()
    noted = [value for _, channel, value in writes if channel == CHANNEL]
    return {key: JournalEntry(**entry) for entries in noted for key, entry in entries.items()}
