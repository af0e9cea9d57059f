"""Adds to a state of LangGraph the questions that the state leaves out.

LangGraph counts a task as finished, and the task's question as settled, as soon as the task has written an output: also
where the conditional edge after the node then raised. And a node's ``error_handler`` works in a task that no state
lists: the state lists the failed task. The writes beside the checkpoint tell both.
"""

from collections.abc import Mapping

from langgraph.checkpoint.base import CheckpointTuple
from langgraph.types import PregelTask, StateSnapshot

from nbhitl.engines.failures import came_through
from nbhitl.engines.local import unsaved
from nbhitl.engines.local.past import interrupt_id
from nbhitl.engines.local.written import TaskWrites, by_task
from nbhitl.runs.run import HANDLER

REFUSED = (AssertionError, LookupError, TypeError, ValueError)
"""Usual exceptions of a state's schema that refuses a value: a pydantic model raises a ValueError."""

READS_VALUES = "langgraph.pregel._algo"
"""LangGraph's module that makes a state of saved values: an exception of a database does not pass through it."""


def completed(state: StateSnapshot, saved: CheckpointTuple) -> StateSnapshot:
    """Return a state with all questions of its tasks; a task whose step could not be saved has raised nothing.

    A question is left out only where a task of the state has raised an exception.

    Parameters
    ----------
    state
        A state, as LangGraph gives it.
    saved
        The checkpoint of the state.
    """
    writes, cut_off = by_task(saved), unsaved.read(saved)
    tasks = tuple(_completed(task, state, writes) for task in state.tasks)
    tasks = tuple(task._replace(error=None) if task.id in cut_off else task for task in tasks)
    is_open = {task.name for task, before in zip(tasks, state.tasks, strict=True) if task is not before}
    coming = (*state.next, *sorted(is_open - set(state.next)))
    return state._replace(tasks=tasks, next=coming)


def _completed(task: PregelTask, state: StateSnapshot, writes: Mapping[str, TaskWrites]) -> PregelTask:
    own = writes.get(task.id, TaskWrites())
    if own.is_routed:
        return _handler(task, state, writes)
    if task.error is not None and own.raised and not task.interrupts:
        return task._replace(interrupts=tuple(own.raised), result=None)
    return task


def _handler(task: PregelTask, state: StateSnapshot, writes: Mapping[str, TaskWrites]) -> PregelTask:
    """Return the task of the node's error handler, which works in the place of a failed task."""
    around = (state.config or {}).get("configurable", {}).get("checkpoint_ns")
    place = f"{around}|" if around else ""
    for key, handler in writes.items():
        namespace = f"{place}{task.name}:{task.id}|{HANDLER}{task.name}:{key}"
        if handler.raised and _asks(namespace, handler):
            return task._replace(id=key, error=handler.error, interrupts=tuple(handler.raised), state=None, result=None)
    return task._replace(interrupts=())  # the failed task never runs again: its question cannot be answered


def _asks(namespace: str, task: TaskWrites) -> bool:
    """Tell whether a task in this namespace has raised the interrupt: the interrupt's id proves it."""
    return any(interrupt_id(namespace, before) == task.raised[0].id for before in range(len(task.answers) + 1))


def is_refusal(error: BaseException) -> bool:
    """Tell whether the state's schema, or a reducer of the state, refuses a value: a dataclass may raise anything."""
    return isinstance(error, REFUSED) or came_through(error, READS_VALUES)
