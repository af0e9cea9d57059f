"""Entries that nbhitl writes beside a checkpoint: which questions were answered, with which value, when and by whom.

LangGraph keeps an answer from the moment at which the node takes the answer, and shows the question as pending until
the node's step is saved. So after a crash in between, or after the node raised, a question looks open although the
answer is fixed: the node gets the first answer in any case. The entry, written before the answer is sent and into the
same database (``BaseCheckpointSaver.put_writes``), distinguishes such a question from an unanswered question.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from langgraph.checkpoint.base import CheckpointTuple

from nbhitl.runs.decided import UNKNOWN, Decided
from nbhitl.user import whoami

CHANNEL = "__nbhitl_answer__"

LATE = "late"
"""Origin of a note that cancels the note before: another client was faster, and nothing was sent."""

GONE_ON = "gone on"
"""Key in place of an interrupt's id: the run went on from a stop without a question."""


NOTHING: Mapping[str, Decided] = {}


@dataclass(frozen=True)
class JournalEntry:
    """An answer that was sent.

    Attributes
    ----------
    value, by, at
        The answer, the decider and the time.
    origin
        The kind of decider; empty in notes of older versions, as all that follows.
    node, asked, asker
        The node that asked, the payload, and the caller within the node: LangGraph overwrites the payload where the
        same node asks again.
    schema
        The JSON Schema of the answer, where the node gave one.
    asked_at
        The time at which the question was seen; ``None`` where the run was found midway.
    shown
        The answer without secrets, where it holds secrets.
    is_stop
        Whether the run had stopped without a question.
    ruled
        The rules that decided on tool calls; see `Decided`.
    seconds, flag
        The marks of an item of a batch; see `Decided`.
    cancels
        For an entry of origin `LATE`: the task id of the cancelled note.
    """

    value: Any
    by: str
    at: str
    origin: str = ""
    node: str = ""
    asked: Any = UNKNOWN
    asker: str = ""
    schema: dict[str, Any] | None = None
    asked_at: str | None = None
    shown: Any = UNKNOWN
    is_stop: bool = False
    ruled: Sequence[str | None] = ()
    seconds: float | None = None
    flag: str = ""
    cancels: str = ""

    def told(self) -> str:
        """Return the time, and the user."""
        return f"{datetime.fromisoformat(self.at).astimezone():%H:%M:%S on %Y-%m-%d} by {self.by}"


KNOWN = frozenset(each.name for each in fields(JournalEntry))


def write(
    answers: Mapping[str, Any], decided: Mapping[str, Decided] = NOTHING, by: str = ""
) -> tuple[list[tuple[str, Any]], str]:
    """Return the writes that note these answers, and a task id for these writes, which is no task of the graph.

    ``by``: the user of this process, where the name is known already.
    """
    written = {
        key: {"value": value, **(_told(decided[key], by) if key in decided else {"by": by or whoami(), "at": _now()})}
        for key, value in answers.items()
    }
    return [(CHANNEL, written)], str(uuid.uuid4())


def _told(decided: Decided, by: str) -> dict[str, Any]:
    """Return the data that a note keeps of a decision besides the answer, without empty values."""
    interrupt = decided.interrupt
    told = {
        "by": decided.by or by or whoami(),
        "at": decided.at.isoformat(timespec="milliseconds"),
        "origin": decided.origin,
        "node": interrupt.node,
        "asked": interrupt.value,
        "asker": interrupt.asker,
        "schema": interrupt.response_schema,
        "asked_at": decided.asked_at and decided.asked_at.isoformat(timespec="milliseconds"),
        "shown": decided.shown,
        "is_stop": interrupt.is_stop,
        "ruled": list(decided.ruled),
        "seconds": UNKNOWN if decided.seconds is None else decided.seconds,
        "flag": decided.flag,
    }
    also_empty = ("asked", "shown", "seconds")
    # An array, which a question may be, has no truth value.
    return {key: each for key, each in told.items() if each is not UNKNOWN and (key in also_empty or each)}


def read(saved: CheckpointTuple | None) -> dict[str, JournalEntry]:
    """Return the notes beside a checkpoint, by interrupt id; the last note of each interrupt."""
    return dict(entries(saved))


def entries(saved: CheckpointTuple | None) -> list[tuple[str, JournalEntry]]:
    """Return all notes beside a checkpoint, each with the interrupt id, as often as an answer was sent.

    The oldest note is first, because a checkpointer returns writes in no order; cancelled notes are left out.
    """
    writes = (saved.pending_writes or ()) if saved else ()
    noted = [(task_id, value) for task_id, channel, value in writes if channel == CHANNEL and is_note(value)]
    found = [(key, _entry(entry), task_id) for task_id, each in noted for key, entry in each.items()]
    kept: list[tuple[str, JournalEntry, str]] = []
    for key, entry, note in sorted(
        found, key=lambda each: (datetime.fromisoformat(each[1].at), each[1].origin == LATE)
    ):
        if entry.origin != LATE:
            kept.append((key, entry, note))
        elif before := [each for each in kept if each[0] == key and _is_cancelled(each[1], each[2], entry)]:
            kept.remove(before[-1])
    return [(key, entry) for key, entry, _ in kept]


def _is_cancelled(noted: JournalEntry, note: str, late: JournalEntry) -> bool:
    """Tell whether a note is the cancelled note: of older versions only the author is known."""
    return note == late.cancels if late.cancels else noted.by == late.by


def take_back(ids: Iterable[str], note: str) -> tuple[list[tuple[str, Any]], str]:
    """Return the writes that cancel a note, with the task id ``note``, of answers that were not sent in the end."""
    entry = {"value": None, "by": whoami(), "at": _now(), "origin": LATE, "cancels": note}
    return [(CHANNEL, dict.fromkeys(ids, entry))], str(uuid.uuid4())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def is_note(value: Any) -> bool:
    """Tell whether a write in our channel is a note of this or an older version; other programs may write there."""
    return isinstance(value, Mapping) and all(
        isinstance(each, Mapping) and "value" in each and isinstance(each.get("by"), str) and _is_time(each.get("at"))
        for each in value.values()
    )


def _is_time(text: Any) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _entry(noted: Mapping[str, Any]) -> JournalEntry:
    """Return a noted answer; a newer version may note more."""
    return JournalEntry(**{key: value for key, value in noted.items() if key in KNOWN})
