"""Adds to a served thread's state the questions that the state leaves out.

A state lists a task that has raised without the task's question, though the question can still be answered: where the
edge after the node raised on the answer, and where the node's ``error_handler`` asks, in a task that no state lists.
The server tells both elsewhere: the first in an earlier state, the second in the stream of the run.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from nbhitl.engines.failures import raised
from nbhitl.engines.remote import json_format
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


class _Handling(NamedTuple):
    """A task of an error handler that waits for an answer."""

    interrupts: list[Any]
    works_for: frozenset[str]
    """The tasks of the node that the handler may work for: tasks of one step may fail side by side."""


class LeftOut:
    """Keeps the questions that were seen in a thread; safe to read from any thread while a run is seen.

    A question is shown with the failed task of its own checkpoint only: in a fork, or after another client has
    answered, the same node fails in a task with a different id.
    """

    def __init__(self) -> None:
        # Both are replaced and never changed, for readers in other threads.
        self._listed: Mapping[str, list[Any]] = {}  # by the task's id
        self._handlers: Mapping[Place, Mapping[str, _Handling]] = {}  # by node, then by the id of the task
        self._begun: dict[Place, set[str]] = {}  # by node: tasks of the present run without success

    def seen_by(self, watch: Watch) -> Watch:
        """Return a function that takes the chunks of a run, for the watcher and for this object."""
        self._begun = {}
        return seeing_tasks(self._saw, watch)

    def _saw(self, task: Mapping[str, Any], path: tuple[str, ...]) -> None:
        name, key = str(task.get("name")), str(task.get("id"))
        if name.startswith(HANDLER):
            self._saw_handler(task, (*path, name.removeprefix(HANDLER)))
        elif "result" in task and not task.get("error"):
            self._begun.get((*path, name), set()).discard(key)
        else:
            self._begun.setdefault((*path, name), set()).add(key)

    def _saw_handler(self, task: Mapping[str, Any], place: Place) -> None:
        key, interrupts = str(task.get("id")), task.get("interrupts")
        works_for = frozenset(self._begun.get(place, ()))
        known = self._handlers.get(place, {})
        # A handler of an earlier checkpoint never asks again.
        of_node = {other: each for other, each in known.items() if other != key and each.works_for & works_for}
        if isinstance(interrupts, list) and interrupts:  # else the handler begins, or has ended
            of_node[key] = _Handling(interrupts, works_for)
        elsewhere = {other: each for other, each in self._handlers.items() if other != place}
        self._handlers = {**elsewhere, place: of_node} if of_node else elsewhere

    def completed(self, state: Any) -> Any:
        """Return the JSON of a thread's present state with all known questions of the tasks."""
        present: dict[str, list[Any]] = {}
        completed = self._completed_graph(state, (), present)
        self._listed = present
        return completed

    def _completed_graph(self, state: Any, around: Place, present: dict[str, list[Any]]) -> Any:
        if not isinstance(state, dict) or not isinstance(state.get("tasks"), list):
            return state
        shown: set[str] = set()
        tasks = [self._completed(task, around, shown, present) for task in state["tasks"]]
        if all(task is before for task, before in zip(tasks, state["tasks"], strict=True)):
            return state
        return {**state, "tasks": tasks}

    def _completed(self, task: Any, around: Place, shown: set[str], present: dict[str, list[Any]]) -> Any:
        if not isinstance(task, dict):
            return task
        key, name = str(task.get("id")), str(task.get("name"))
        inner = self._completed_graph(task.get("state"), (*around, f"{name}:{key}"), present)
        if inner is not task.get("state"):
            task = {**task, "state": inner}
        listed = task.get("interrupts") or self._listed.get(key)
        if listed:
            present[key] = listed
        if not task.get("error"):
            return task
        for handler, each in self._handlers.get((*around, name), {}).items():
            if key in each.works_for and handler not in shown:
                shown.add(handler)
                return {**task, "id": handler, "error": None, "interrupts": each.interrupts, "result": None}
        if listed and not task.get("interrupts"):
            return {**task, "interrupts": listed, "result": None}
        return task


def notes_on(state: Mapping[str, Any], status: str) -> Iterable[str]:
    """Yield a note for each task of the outermost graph that may have a question that nbhitl has not seen.

    The questions of subgraphs need no note: the graph around a subgraph lists these questions.

    Parameters
    ----------
    state
        A completed state.
    status
        LangGraph's name for the status of the thread.
    """
    for task in state.get("tasks") or ():
        if raised(task.get("error")) is None or task.get("interrupts"):
            continue
        if task.get("result") is None:
            if status == WAITS:
                yield HANDLER_MAY_ASK.format(node=task.get("name"))
        elif checkpoint := json_format.checkpoint_id(state):
            yield MAY_HAVE_ASKED.format(node=task.get("name"), checkpoint=checkpoint)
