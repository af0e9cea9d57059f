"""The outputs of the tasks of one segment, shown in the order in which LangGraph planned the tasks."""

from collections.abc import Callable, Mapping
from typing import Any

from langgraph.config import get_config

from nbhitl.engines.local.calls import tasks_of
from nbhitl.kernel.output_order import OutputLane
from nbhitl.model.run import Chunk, Watch


class TaskOutputs:
    """Tells the output lane of a review which tasks are at work, and which task an output belongs to.

    Parameters
    ----------
    lane
        The place of the review's outputs among the outputs of the cell.
    """

    def __init__(self, lane: OutputLane) -> None:
        self._lane = lane
        self._planned: dict[str, tuple[str, tuple[str, ...]]] = {}  # name and path of each task at work, by id

    def seen_by(self, watch: Watch) -> Watch:
        """Return a function that passes each chunk of the run to this object and then to ``watch``."""

        def both(chunk: Chunk) -> None:
            self._saw(chunk)
            watch(chunk)

        return both

    def show(self, output: Callable[[], Any]) -> tuple[bool, Any]:
        """Show an output of the task at work in this context; see `OutputLane.show`."""
        return self._lane.show(_task_here(), output)

    def over(self) -> None:
        """Note that the segment has ended."""
        self._planned.clear()
        self._lane.end_all()

    def _saw(self, chunk: Chunk) -> None:
        data = chunk.data
        if chunk.mode == "tasks" and isinstance(data, Mapping):
            key = str(data.get("id"))
            if "triggers" in data:
                self._planned[key] = (str(data.get("name")), chunk.path)
                self._lane.begin(key, _task_here())  # the surrounding task: of a subgraph, or a caller
            else:
                self._ended(key)
        elif chunk.mode == "updates" and isinstance(data, Mapping) and (data.get("__metadata__") or {}).get("cached"):
            for name in data.keys() - {"__metadata__"}:  # the task ended in an earlier segment and was planned again
                place = (name, chunk.path)
                key = next((each for each, planned in self._planned.items() if planned == place), "")
                self._ended(key)

    def _ended(self, task: str) -> None:
        self._planned.pop(task, None)
        self._lane.end(task)


def _task_here() -> str | None:
    """Return the innermost task that works in this context."""
    try:
        namespace = get_config()["configurable"]["checkpoint_ns"]
    except (RuntimeError, KeyError):
        return None
    tasks = list(tasks_of(str(namespace)))
    return tasks[-1][1] if tasks else None
