"""Reads the writes that LangGraph keeps beside a checkpoint, by task."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from langgraph.checkpoint.base import CheckpointTuple
from langgraph.types import Interrupt as Raised

from nbhitl.engines.local import journal, kept_drafts, openings, unsaved
from nbhitl.engines.local.state import NULL_TASK
from nbhitl.engines.names import ERROR, INTERRUPT, RESUME, ROUTED

CONTROL = frozenset({INTERRUPT, RESUME, ERROR, ROUTED})
"""Channels for the course of a task; a write to a further channel is an output: the task has finished."""

OUR_CHANNELS = frozenset({journal.CHANNEL, kept_drafts.CHANNEL, openings.CHANNEL, openings.ASIDE, unsaved.CHANNEL})
"""Channels of nbhitl's notes beside a checkpoint, which belong to no task."""


@dataclass
class TaskWrites:
    """The writes of a task.

    Attributes
    ----------
    answers
        The answers that the task has taken.
    raised
        The interrupts that the task raised last.
    error
        The exception of the task.
    is_routed
        Whether the node's error handler works in place of the failed task.
    has_finished
        Whether the task has written an output.
    """

    answers: Sequence[Any] = ()
    raised: Sequence[Raised[Any]] = ()
    error: Any = None
    is_routed: bool = False
    has_finished: bool = False

    def without_values(self) -> "TaskWrites":
        """Return the writes without the values of answers, which may be large, but with their number."""
        return replace(self, answers=(None,) * len(self.answers), error=None)


def by_task(saved: CheckpointTuple) -> dict[str, TaskWrites]:
    """Return the writes beside a checkpoint, by the tasks' ids."""
    tasks: dict[str, TaskWrites] = {}
    for task_id, channel, value in saved.pending_writes or ():
        if task_id == NULL_TASK or channel in OUR_CHANNELS:
            continue
        task = tasks.setdefault(task_id, TaskWrites())
        if channel == RESUME:
            task.answers = value if isinstance(value, list) else [value]
        elif channel == INTERRUPT:
            task.raised = tuple(value)
        elif channel == ERROR:
            task.error = value
        elif channel == ROUTED:
            task.is_routed = True
        else:
            task.has_finished = True
    return tasks
