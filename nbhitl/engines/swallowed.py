"""Finds pauses that a graph swallows, as far as the stream tells: for runs on a server, where the code is elsewhere.

A question of a graph inside of a node is streamed by that graph. If the node's own task then ends without a pause, the
node's code has caught the pause, and nobody is asked. For an ``interrupt()`` that is caught in the very task of the
call, a server streams nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from nbhitl.runs.run import Watch, seeing_tasks

INSTEAD = (
    "The call pauses the run by raising GraphInterrupt, which was caught. Move the call out of the `try`, catch a "
    "narrower exception, put `except GraphBubbleUp: raise` (from langgraph.errors) first, or leave out "
    "return_exceptions=True."
)


class Swallowed:
    """Sees the tasks of a run; safe to read after the run has ended."""

    def __init__(self) -> None:
        self._asked: dict[str, tuple[tuple[str, str], ...]] = {}  # by interrupt: the surrounding tasks, as (name, id)
        self._told: dict[str, None] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each pause that was swallowed."""
        return tuple(self._told)

    def seen_by(self, watch: Watch) -> Watch:
        """Return a function that takes the chunks of the run, for the watcher and for this object."""
        return seeing_tasks(self._saw, watch)

    def _saw(self, task: Mapping[str, Any], path: tuple[str, ...]) -> None:
        key, name = str(task.get("id")), str(task.get("name"))
        if "triggers" in task:  # the task begins
            return
        interrupts = task.get("interrupts")
        around = tuple((each.rpartition(":")[0], each.rpartition(":")[2]) for each in path)
        if isinstance(interrupts, list | tuple) and interrupts:
            self._asks(interrupts, (*around, (name, key)))
        else:
            self._ended(key)

    def _asks(self, interrupts: Sequence[Any], tasks: tuple[tuple[str, str], ...]) -> None:
        for each in interrupts:
            asked = each.get("id") if isinstance(each, Mapping) else None
            if isinstance(asked, str):
                self._asked.setdefault(asked, tasks)

    def _ended(self, key: str) -> None:
        """Note that a task has ended without a pause."""
        for tasks in self._asked.values():
            level = next((number for number, (_, each) in enumerate(tasks[:-1]) if each == key), None)
            if level is not None:
                self._tell([each for each, _ in tasks], level + 1)

    def _tell(self, names: list[str], level: int) -> None:
        node, asked = "/".join(names[:level]), "/".join(names)
        self._told[f"Node {node!r} asked nobody: interrupt() of node {asked!r} was without effect. {INSTEAD}"] = None
