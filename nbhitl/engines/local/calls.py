"""Sees each ``interrupt()`` of a run that has no answer, and what became of its pause.

`interrupt` pauses by raising, and any ``except Exception`` on the way stops that: the node goes on, and nobody is
asked. Which code catches cannot be read off for sure, so it is looked at while the graph runs: an ``interrupt()`` that
finds no answer for its task asks the scratchpad that the run was started with, and that one is ours. What LangGraph
streams of the task then tells whether it paused.

The only module that knows the private names of LangGraph's this takes. Where one of them is gone nothing is seen, and
the run is as ever.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from types import FrameType
from typing import Any

from nbhitl.thread import Chunk, Watch

SCRATCHPAD = "__pregel_scratchpad"
"""Key of the scratchpad in a config: a task's own asks that of the graph it is part of, up to the one of the run."""

NAMESPACE = "checkpoint_ns"
BELOW, END = "|", ":"
"""What stands between the levels of a namespace, and between a node's name and its task's id."""

RUNS_A_TASK = ("run_with_retry", "arun_with_retry")
"""The functions of LangGraph's that call a node; above them is what another task does."""

LIBRARIES = ("langgraph.", "langchain_core.", "langchain.")

INSTEAD = (
    "It pauses the run by raising GraphInterrupt, and that was caught. Move the call out of the `try`, catch a "
    "narrower exception, put `except GraphBubbleUp: raise` (from langgraph.errors) first, or leave out "
    "return_exceptions=True."
)


@dataclass(frozen=True)
class Call:
    """One ``interrupt()`` that had no answer.

    Attributes
    ----------
    id
        LangGraph's id of the interrupt that it raised.
    tasks
        The tasks that it was called in, outer graphs first, as ``(name, id)``.
    place
        The line that called it: ``"line 3 of ask()"``.
    tool
        Name of the tool that called it.
    """

    id: str
    tasks: tuple[tuple[str, str], ...]
    place: str
    tool: str | None = None

    @property
    def node(self) -> str:
        """Path of the node, outer graphs first."""
        return "/".join(name for name, _ in self.tasks)


class Calls:
    """Collects the calls of one leg; `get_null_resume` is what LangGraph calls."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._went_on: set[str] = set()  # tasks that ended, well or with an exception, and did not pause

    def within(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return a config whose run is seen."""
        return {**config, "configurable": {**config.get("configurable", {}), SCRATCHPAD: self}}

    def get_null_resume(self, consume: bool = False) -> None:
        """Note that an ``interrupt()`` has no answer."""
        if not consume:
            return
        try:
            call = _call(inspect.currentframe())
        except Exception:  # noqa: BLE001 - another LangGraph: rather see nothing than disturb the run
            return
        self._calls.append(call)

    def seen_by(self, watch: Watch) -> Watch:
        """Return what takes the chunks of the run, for whoever watches and for ourselves."""

        def both(chunk: Chunk) -> None:
            self._saw(chunk)
            watch(chunk)

        return both

    def _saw(self, chunk: Chunk) -> None:
        task = chunk.data
        if chunk.mode == "tasks" and isinstance(task, Mapping) and "interrupts" in task and not task["interrupts"]:
            self._went_on.add(str(task.get("id")))

    @property
    def tools(self) -> Mapping[str, str]:
        """The tools that have asked, by interrupt; of several that did under one id, the first."""
        return {call.id: call.tool for call in reversed(self._calls) if call.tool}

    def swallowed(self) -> tuple[str, ...]:
        """Return a sentence for each call that did not pause the run."""
        return tuple(dict.fromkeys(filter(None, map(self._told, self._calls))))

    def _told(self, call: Call) -> str | None:
        path = [name for name, _ in call.tasks]
        for level in range(len(path), 0, -1):
            if call.tasks[level - 1][1] in self._went_on:
                where = f"Node {'/'.join(path[:level])!r}"
                inner = f" of node {call.node!r}" if level < len(path) else ""
                tool = f", in the tool {call.tool!r}," if call.tool else ""
                return f"{where} asked nobody: interrupt() in {call.place}{inner}{tool} was without effect. {INSTEAD}"
        return None


def _call(frame: FrameType | None) -> Call:
    interrupt = next(each for each in _outwards(frame) if _is(each, "langgraph.types", "interrupt"))
    values = interrupt.f_locals
    namespace = values["conf"][NAMESPACE]
    key = interrupt.f_globals["_interrupt_id"](namespace, len(values["scratchpad"].resume))
    callers = list(_outwards(interrupt.f_back))
    within = takewhile(lambda each: not _is(each, "langgraph.pregel._retry", *RUNS_A_TASK), callers)
    tool = next((each for each in within if _is(each, "langchain_core.tools.base", "run", "arun")), None)
    return Call(
        id=key,
        tasks=tuple(_tasks(namespace)),
        place=_place(callers),
        tool=None if tool is None else str(tool.f_locals["self"].name),
    )


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _is(frame: FrameType, module: str, *names: str) -> bool:
    return frame.f_code.co_name in names and frame.f_globals.get("__name__") == module


def _tasks(namespace: str) -> Iterator[tuple[str, str]]:
    """Yield the tasks of a namespace; a number in it counts the subgraphs of one task."""
    for part in namespace.split(BELOW):
        name, colon, task = part.rpartition(END)
        if colon:
            yield name, task


def _place(callers: list[FrameType]) -> str:
    """Return the line of the user's that called, or of a library where it is that."""
    users = (each for each in callers if not f"{each.f_globals.get('__name__')}.".startswith(LIBRARIES))
    is_library = f"{callers[0].f_globals.get('__name__')}.".startswith(LIBRARIES)
    frame = callers[0] if is_library else next(users, callers[0])
    name = frame.f_code.co_name
    line = frame.f_lineno if name == "<module>" else frame.f_lineno - frame.f_code.co_firstlineno + 1
    return f"line {line} of {name if name.startswith('<') else f'{name}()'}"
