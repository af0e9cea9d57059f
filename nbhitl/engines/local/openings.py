"""Notes beside a checkpoint: the inboxes and cards that have the question open.

Each note is a write in a channel that no graph has (``BaseCheckpointSaver.put_writes``), so that the state and the run
do not change. A checkpointer never replaces such a write: the last note of a viewer counts.
"""

import uuid
from collections.abc import Iterable
from typing import Any

from nbhitl.runs.openings import Opening, last_of_each, read_opening

CHANNEL = "__nbhitl_open__"


def write(opening: Opening) -> tuple[list[tuple[str, Any]], str]:
    """Return the write that notes an opening, and a task id for this write, which is no task of the graph."""
    return [(CHANNEL, dict(vars(opening)))], str(uuid.uuid4())


def read(writes: Iterable[tuple[str, Any]]) -> tuple[Opening, ...]:
    """Return the last note of each viewer among writes, given as channel and value."""
    return last_of_each(read_opening(value) for channel, value in writes if channel == CHANNEL)
