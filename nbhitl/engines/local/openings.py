"""Notes beside a checkpoint: the inboxes and cards that have the question open, and questions that wait for nobody.

Each note is a write in a channel that no graph has (``BaseCheckpointSaver.put_writes``), so that the state and the run
do not change. A checkpointer never replaces such a write: the last note of a viewer counts.
"""

import uuid
from collections.abc import Iterable
from typing import Any

from nbhitl.runs.openings import Opening, last_of_each, read_opening
from nbhitl.runs.run import Interrupt

CHANNEL = "__nbhitl_open__"

ASIDE = "__nbhitl_aside__"
"""Of a question on a branch of `nbhitl.compare`, which inboxes leave out."""


def write(opening: Opening) -> tuple[list[tuple[str, Any]], str]:
    """Return the write that notes an opening, and a task id for this write, which is no task of the graph."""
    return [(CHANNEL, dict(vars(opening)))], str(uuid.uuid4())


def write_aside(interrupts: Iterable[Interrupt]) -> tuple[list[tuple[str, Any]], str]:
    """Return the write that leaves these questions out of inboxes, and a task id for this write."""
    return [(ASIDE, _ids(interrupts))], str(uuid.uuid4())


def are_aside(interrupts: Iterable[Interrupt], writes: Iterable[tuple[str, Any]]) -> bool:
    """Tell whether inboxes leave these questions out; a node that asks once more has another question there."""
    ids = _ids(interrupts)
    return any(channel == ASIDE and value == ids for channel, value in writes)


def _ids(interrupts: Iterable[Interrupt]) -> list[str]:
    return sorted(each.id for each in interrupts if not each.is_stop)


def read(writes: Iterable[tuple[str, Any]]) -> tuple[Opening, ...]:
    """Return the last note of each viewer among writes, given as channel and value."""
    return last_of_each(read_opening(value) for channel, value in writes if channel == CHANNEL)
