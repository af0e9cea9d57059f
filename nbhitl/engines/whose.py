"""Finds the caller that asks within a node: the tool, the agent, or the node of a graph called there.

A subgraph that is a node has a place in the state. A subgraph that a tool or a node calls has none: LangGraph lists the
question for the surrounding node, usually ``tools``. The stream of tasks tells the rest, for local and for served runs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nbhitl.jsontext import cut
from nbhitl.runs.conversation import part
from nbhitl.runs.run import Interrupt, Watch, seeing_tasks

BELOW = " > "
TOOLS = "tools"
"""Name of a `ToolNode` in LangChain and its documentation."""

AGENT = "lc_agent_name"
"""Key of the metadata of an agent's tasks and checkpoints."""

WITH_CALLS = ("messages", "__type")
"""Keys of states, and of inputs of tasks, that may hold tool calls."""

LONGEST = 200
"""Longest name of a caller that is shown: names come from untrusted sources."""


@dataclass(frozen=True)
class _Task:
    name: str
    tool: str | None
    agent: str | None


class Whose:
    """Collects the callers of questions; safe to read from any thread while a run is seen.

    Attributes
    ----------
    knows_any
        Whether anything was seen from which a caller could be named.
    """

    def __init__(self) -> None:
        self.knows_any = False
        self._tasks: dict[str, _Task] = {}
        self._asked: dict[str, list[_Task | None]] = {}  # by interrupt, outer graphs first; `None` for an unseen task
        self._tools: dict[str, str] = {}

    def seen_by(self, watch: Watch) -> Watch:
        """Return a function that takes the chunks of a run, for the watcher and for this object."""
        return seeing_tasks(self.saw, watch)

    def asked_by_tool(self, interrupt_id: str, tool: str) -> None:
        """Note the tool that has asked, in a task that runs several tools."""
        self.knows_any = True
        self._tools[interrupt_id] = tool

    def named(self, interrupts: Sequence[Interrupt]) -> tuple[Interrupt, ...]:
        """Return the interrupts with their callers, as far as seen."""
        return tuple(replace(each, asker=self._asker(each) or each.asker) for each in interrupts)

    def saw(self, task: Mapping[str, Any], path: tuple[str, ...]) -> None:
        """Take an event of a task, whose graph is in the tasks of ``path``."""
        self.knows_any = True
        key = str(task.get("id"))
        if "triggers" in task:
            name = str(task.get("name"))
            tool = _tool_of(task.get("input"), name)
            self._tasks[key] = _Task(name, tool, agent_in(task.get("metadata")))
            return
        interrupts = task.get("interrupts")
        if not isinstance(interrupts, list | tuple) or not interrupts:
            self._tasks.pop(key, None)
            return
        for interrupt in interrupts:
            asked = interrupt.get("id") if isinstance(interrupt, Mapping) else None
            levels = [each.rpartition(":")[2] for each in path]
            tasks = [self._tasks.get(each) for each in (*levels, key)]
            if isinstance(asked, str) and len(tasks) > len(self._asked.get(asked, ())):
                self._asked[asked] = tasks  # each surrounding graph lists the interrupt again

    def _asker(self, interrupt: Interrupt) -> str:
        tasks = self._asked.get(interrupt.id, [])
        known = interrupt.node.split("/")
        parts: list[str] = []
        agent = tasks[0].agent if tasks and tasks[0] else None
        for level, task in enumerate(tasks):
            if task is None:
                continue
            if task.agent is not None and task.agent != agent:
                agent = task.agent
                parts.append(agent)
            own = None if level < len(known) else task.name
            tool = self._tools.get(interrupt.id) if level == len(tasks) - 1 else None
            parts += filter(None, [tool or task.tool or own])
        if not parts and interrupt.id in self._tools:
            parts = [self._tools[interrupt.id]]
        return cut(BELOW.join(dict.fromkeys(parts)), LONGEST)


def agent_in(metadata: Any) -> str | None:
    """Return the name of the agent that metadata of a task or checkpoint name; ``None`` where no agent is named."""
    found = metadata.get(AGENT) if isinstance(metadata, Mapping) else None
    return found if isinstance(found, str) and found else None


def tool_in_state(state: Any, name: str, path: Sequence[Any], tasks: int) -> str:
    """Return the tool that a task of a thread's state is about to call; empty if not sure.

    Parameters
    ----------
    state
        The state's values.
    name, path
        The task's name, and LangGraph's path of the task: agents send each call to a separate task.
    tasks
        The number of tasks in the step.
    """
    calls = open_calls(state)
    if len(path) > 1 and path[0] == "__pregel_push" and isinstance(path[1], int) and len(calls) == tasks > path[1] >= 0:
        return str(calls[path[1]]["name"])
    return str(calls[0]["name"]) if name == TOOLS and len(calls) == 1 else ""


def asking_side_by_side(state: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the paths of the nodes of a served thread that ask while several tool calls wait in the same task.

    If such a node runs tools, the node runs the tools side by side.
    """
    tasks = state.get("tasks")
    several = len(open_calls(state.get("values"))) > 1
    for task in tasks if isinstance(tasks, list) else ():
        here = (*path, str(task.get("name")))
        place = task.get("path")
        is_sent = isinstance(place, list) and place[:1] == ["__pregel_push"]  # each call has a separate task
        if isinstance(inner := task.get("state"), Mapping):
            yield from asking_side_by_side(inner, here)
        elif several and task.get("interrupts") and not is_sent:
            yield here


def _tool_of(given: Any, name: str) -> str | None:
    """Return the tool that a task is to call by the task's input, if the input is a single call."""
    if isinstance(given, Mapping) and given.get("__type") == "tool_call_with_context":
        calls: Any = [given.get("tool_call")]
    elif isinstance(given, list) and all(map(_is_call, given)):
        calls = given
    else:
        calls = open_calls(given) if name == TOOLS else []
    return str(calls[0]["name"]) if len(calls) == 1 and _is_call(calls[0]) else None


def _is_call(value: Any) -> bool:
    return isinstance(value, Mapping) and "args" in value and isinstance(value.get("name"), str)


def open_calls(state: Any) -> list[Any]:
    """Return the tool calls in the last message of a model that no tool has answered yet."""
    messages = state if isinstance(state, list) else part(state, "messages")
    answered = set()
    for message in reversed(messages if isinstance(messages, list) else []):
        if calls := part(message, "tool_calls"):
            open_calls = [each for each in calls if _is_call(each) and each.get("id") not in answered]
            return open_calls if isinstance(calls, list) else []
        if (answer := part(message, "tool_call_id")) is None:
            return []
        answered.add(answer)
    return []
