"""Adds to a served thread's state the questions that the state leaves out.

A state lists a task that has raised without the task's question, though the question can still be answered: where the
edge after the node raised on the answer, and where the node's ``error_handler`` asks, in a task that no state lists.
The server tells both elsewhere: the first in an earlier state, the second in the stream of the run.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nbhitl.engines.failures import raised
from nbhitl.runs.run import HANDLER, Watch, seeing_tasks

Place = tuple[str, ...]
"""The tasks around a task, outer graphs first, each as ``"name:id"``; last the name of the task's node."""

WAITS = "interrupted"
"""LangGraph's status of a thread whose last run has paused."""

MAY_HAVE_ASKED = (
    "The run has failed behind node {node!r}, and the server does not tell whether the node had asked. To run the node "
    "again, in a copy of the thread, write card.fork({checkpoint!r})."
)
HANDLER_MAY_ASK = (
    "Node {node!r} has failed, and the node's error handler waits for an answer to a question that the server does not "
    "tell: go on, and the handler asks again."
)


class LeftOut:
    """Keeps the questions that were seen in a thread; safe to read from any thread while a run is seen."""

    def __init__(self) -> None:
        self._listed: dict[str, list[Any]] = {}  # by the task's id
        self._handlers: dict[Place, dict[str, list[Any]]] = {}  # by the node, then by the id of the handler's task

    def seen_by(self, watch: Watch) -> Watch:
        """Return a function that takes the chunks of a run, for the watcher and for this object."""
        return seeing_tasks(self._saw, watch)

    def _saw(self, task: Mapping[str, Any], path: tuple[str, ...]) -> None:
        name = str(task.get("name"))
        if not name.startswith(HANDLER):
            return
        key, interrupts = str(task.get("id")), task.get("interrupts")
        of_node = dict(self._handlers.get(place := (*path, name.removeprefix(HANDLER)), {}))
        if isinstance(interrupts, list) and interrupts:
            of_node[key] = interrupts
        else:  # the handler begins, or has ended
            of_node.pop(key, None)
        self._handlers[place] = of_node

    def completed(self, state: Any, around: Place = ()) -> Any:
        """Return the JSON of a state with all known questions of the tasks."""
        if not isinstance(state, dict) or not isinstance(state.get("tasks"), list):
            return state
        handlers = {place[-1]: iter(each.items()) for place, each in self._handlers.items() if place[:-1] == around}
        tasks = [self._completed(task, around, handlers) for task in state["tasks"]]
        if all(task is before for task, before in zip(tasks, state["tasks"], strict=True)):
            return state
        return {**state, "tasks": tasks}

    def _completed(self, task: Any, around: Place, handlers: Mapping[str, Iterator[tuple[str, list[Any]]]]) -> Any:
        if not isinstance(task, dict):
            return task
        key, name = str(task.get("id")), str(task.get("name"))
        inner = self.completed(task.get("state"), (*around, f"{name}:{key}"))
        if inner is not task.get("state"):
            task = {**task, "state": inner}
        if task.get("error"):
            handler, interrupts = next(handlers.get(name, iter(())), (None, []))
            if handler is not None:
                return {**task, "id": handler, "error": None, "interrupts": interrupts, "result": None}
            if not task.get("interrupts") and key in self._listed:
                return {**task, "interrupts": self._listed[key], "result": None}
        if task.get("interrupts"):
            self._listed[key] = task["interrupts"]
        return task


def notes_on(state: Mapping[str, Any], status: str) -> Iterable[str]:
    """Yield a note for each task of a (completed) state that may have a question that nbhitl has not seen.

    ``status``: LangGraph's name for the status of the thread.
    """
    for task in state.get("tasks") or ():
        if raised(task.get("error")) is None or task.get("interrupts"):
            continue
        if task.get("result") is not None:
            yield MAY_HAVE_ASKED.format(node=task.get("name"), checkpoint=state.get("checkpoint_id"))
        elif status == WAITS:
            yield HANDLER_MAY_ASK.format(node=task.get("name"))
