"""What nbhitl writes beside a checkpoint: which of its questions were answered, with what, when and by whom.

LangGraph keeps an answer from the moment the node takes it, and shows the question as pending until the node's step is
saved. So after a crash in between, or after the node raised, a question looks open and is not: whatever is sent next,
the node gets the first answer. The entry, written before the answer is sent and into the same database
(``BaseCheckpointSaver.put_writes``), tells such a question from one that nobody has answered.
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
"""In place of an interrupt's id: that the run was gone on with from a stop without a question."""


@dataclass(frozen=True)
class JournalEntry:
    """One answer that was sent."""

    value: Any
    by: str
    at: str

    def told(self) -> str:
        """Return when, and by whom."""
        return f"{datetime.fromisoformat(self.at).astimezone():%H:%M:%S on %Y-%m-%d} by {self.by}"


def write(answers: Mapping[str, Any]) -> tuple[list[tuple[str, Any]], str]:
    """Return the writes that note these answers, and the task id they are filed under: of no task of the graph."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    entries = {key: {"value": value, "by": whoami(), "at": at} for key, value in answers.items()}
    return [(CHANNEL, entries)], str(uuid.uuid4())


def read(saved: CheckpointTuple | None) -> dict[str, JournalEntry]:
    """Return what was noted beside a checkpoint, by interrupt id."""
    writes = (saved.pending_writes or ()) if saved else ()
    noted = [value for _, channel, value in writes if channel == CHANNEL]
    return {key: JournalEntry(**entry) for entries in noted for key, entry in entries.items()}
