"""Notes beside a checkpoint: the tasks that have raised because a graph called by the node could not save a step.

Such a graph may have a separate checkpointer. Where that checkpointer fails, the step has done its work, and for
LangGraph the exception is the node's, as if the node had refused the answer. The note tells both cases apart, in any
kernel.
"""

import uuid
from types import FrameType
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple

from nbhitl.engines.failures import frames_of

CHANNEL = "__nbhitl_unsaved__"

SAVES = frozenset({"aput", "aput_writes", "put", "put_writes"})
"""The methods with which LangGraph saves a step."""


def is_of_saving(error: BaseException) -> bool:
    """Tell whether an exception, or its cause, came from the saving of a step."""
    cause: BaseException | None = error
    seen: set[int] = set()
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        if any(map(_saves, frames_of(cause))):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _saves(frame: FrameType) -> bool:
    return frame.f_code.co_name in SAVES and isinstance(frame.f_locals.get("self"), BaseCheckpointSaver)


def write(tasks: list[str]) -> tuple[list[tuple[str, Any]], str]:
    """Return the write that notes tasks, by id, and a task id for this write, which is no task of the graph."""
    return [(CHANNEL, tasks)], str(uuid.uuid4())


def read(saved: CheckpointTuple) -> set[str]:
    """Return the ids of the noted tasks beside a checkpoint."""
    return {task for _, channel, tasks in saved.pending_writes or () if channel == CHANNEL for task in tasks}
