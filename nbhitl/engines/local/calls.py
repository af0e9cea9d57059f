"""Sees each ``interrupt()`` of a run without an answer, and whether the call has paused the run.

`interrupt` pauses by raising, and any ``except Exception`` on the way stops the exception: the node goes on, and nobody
is asked. Which code catches cannot be read from the source for sure, so the graph is watched while running: an
``interrupt()`` without an answer in the task asks the scratchpad that the run was started with, and this scratchpad is
ours. LangGraph's stream then tells whether the task has paused.

The only module that knows the private names of LangGraph for this purpose. If such a name is gone, nothing is seen, and
the run works as usual.
"""

import inspect
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import takewhile
from types import FrameType
from typing import Any

from nbhitl.answers.volatile import steady
from nbhitl.engines.swallowed import INSTEAD
from nbhitl.engines.whose import AGENT, WITH_CALLS, Whose, open_calls
from nbhitl.jsontext import digest
from nbhitl.runs.run import HANDLER

SCRATCHPAD = "__pregel_scratchpad"
"""Key of the scratchpad in a config: a task's own scratchpad asks the surrounding graph's, up to the run's."""

NAMESPACE = "checkpoint_ns"
BELOW, END = "|", ":"
"""Separators: between the levels of a namespace, and between a node's name and the task's id."""

RUNS_A_TASK = ("run_with_retry", "arun_with_retry")
"""The functions of LangGraph that call a node; frames above belong to another task."""

LIBRARIES = ("langgraph.", "langchain_core.", "langchain.")


@dataclass(frozen=True)
class InterruptCall:
    """An ``interrupt()`` without an answer.

    Attributes
    ----------
    id
        LangGraph's id of the raised interrupt.
    tasks
        The tasks around the call, outer graphs first, as ``(name, id)``.
    place
        The line of the call: ``"line 3 of ask()"``.
    tool, tool_call
        Name of the tool that called, and the id of the model's call of this tool.
    payload, schema
        The payload, and the JSON Schema of the answer.
    key
        Identifies the call when the task runs again: the id of the model's call, or a digest of the payload; empty
        until the calls of the task have to be told apart.
    is_one_of_several
        Whether the task had several tools to call.
    """

    id: str
    tasks: tuple[tuple[str, str], ...]
    place: str
    payload: Any
    schema: Any = None
    tool: str | None = None
    tool_call: str | None = None
    key: str = ""
    is_one_of_several: bool = False

    @property
    def task(self) -> str:
        """Id of the innermost task."""
        return self.tasks[-1][1]

    @property
    def node(self) -> str:
        """Path of the node, outer graphs first."""
        return "/".join(name for name, _ in self.tasks)


@dataclass(frozen=True)
class GivenResume:
    """An answer, and the key of the call to answer; or the digest of the payload, where no more is known."""

    value: Any
    key: str

    def is_for(self, call: InterruptCall) -> bool:
        """Tell whether the answer is for this call."""
        return self.key in (call.key, asking(call.payload))


class Calls:
    """Collects the unanswered calls of a segment; LangGraph calls `get_null_resume`.

    Parameters
    ----------
    whose
        Learns the tasks that may tell who asks within a node.
    given
        Answers to hand over to particular calls, by task.
    """

    def __init__(self, whose: Whose, given: Mapping[str, Sequence[GivenResume]] | None = None) -> None:
        self._whose = whose
        self._plain: set[str] = set()  # tasks that call no tool, and that are of no agent
        self._given = {task: list(answers) for task, answers in (given or {}).items()}
        self._lock = threading.Lock()  # tools ask in several threads
        self._several: set[str] = set()
        self._came: Counter[tuple[str, str]] = Counter()
        self._calls: list[InterruptCall] = []
        self._is_blind = False  # a call came that could not be read
        self.begun: set[str] = set()
        """The tasks that have begun."""
        self._went_on: set[str] = set()  # tasks that ended, well or with an exception, and did not pause

    def within(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return a config whose run is seen here."""
        return {**config, "configurable": {**config.get("configurable", {}), SCRATCHPAD: self}}

    @property
    def unanswered(self) -> tuple[InterruptCall, ...]:
        """The calls that have paused the run, in order, each with a key."""
        with self._lock:
            self._give_keys()
        return tuple(call for call in self._calls if self._went_on_at(call) is None)

    @property
    def may_be_side_by_side(self) -> bool:
        """Whether a task may have asked several questions side by side; see `doubled`."""
        return len(self._calls) > 1 or any(call.is_one_of_several for call in self._calls)

    @property
    def are_unseen(self) -> bool:
        """Whether the calls of this LangGraph cannot be seen: a call was not read, or an answer reached no call."""
        paused = self.begun - self._went_on - {call.task for call in self._calls}
        return self._is_blind or any(self._given.get(task) for task in paused)

    def get_null_resume(self, consume: bool = False) -> Any:
        """Return the answer to an ``interrupt()`` whose scratchpad has none; without an answer note the call."""
        if not consume:
            return None
        try:
            frame = _interrupt(inspect.currentframe())
            call = _call(frame, self._several)
            in_turn = frame.f_locals["idx"] == len(frame.f_locals["scratchpad"].resume)
            is_alone = _is_on_the_nodes_stack(frame)
        except Exception:  # noqa: BLE001 - an unknown LangGraph: rather see nothing than disturb the run
            self._is_blind = True
            return None
        with self._lock:
            if not is_alone or call.task in self._given:  # now, because the code beside may change the payload
                self._give_keys()
                call = self._known_again(call)
                answers = self._given.get(call.task, [])
                mine = next((each for each in answers if each.is_for(call)), None)
                if mine is not None and in_turn:  # else LangGraph would give this answer to an earlier call
                    answers.remove(mine)
                    return mine.value
            self._calls.append(call)
        return None

    def _give_keys(self) -> None:
        self._calls = [call if call.key else self._known_again(call) for call in self._calls]

    def _known_again(self, call: InterruptCall) -> InterruptCall:
        """Return the call with a key; a tool that asks several times gets a number in the key."""
        key = call.tool_call or asking(call.payload)
        nth = self._came[call.task, key]
        self._came[call.task, key] += 1
        return replace(call, key=f"{key}, {nth}" if nth else key)

    def saw(self, task: Mapping[str, Any], path: tuple[str, ...]) -> None:
        """Take an event of a task."""
        key = str(task.get("id"))
        if "triggers" in task:
            self.begun.add(key)
            if not path and _is_plain(task):
                self._plain.add(key)
            elif len(open_calls(task.get("input"))) > 1:
                self._several.add(key)
        if "interrupts" in task and not task["interrupts"]:
            self._went_on.add(key)
        if key not in self._plain:
            self._whose.saw(task, path)

    @property
    def tools(self) -> Mapping[str, str]:
        """The tools that have asked, by interrupt; of several tools with the same id, the first."""
        return {call.id: call.tool for call in reversed(self._calls) if call.tool}

    def swallowed(self) -> tuple[str, ...]:
        """Return a sentence for each call that did not pause the run."""
        return tuple(dict.fromkeys(filter(None, map(self._told, self._calls))))

    def _told(self, call: InterruptCall) -> str | None:
        level = self._went_on_at(call)
        if level is None:
            return None
        path = [name for name, _ in call.tasks]
        where = f"Node {'/'.join(path[:level])!r}"
        inner = f" of node {call.node!r}" if level < len(path) else ""
        tool = f", in the tool {call.tool!r}," if call.tool else ""
        return f"{where} asked nobody: interrupt() in {call.place}{inner}{tool} was without effect. {INSTEAD}"

    def _went_on_at(self, call: InterruptCall) -> int | None:
        """Return the level, from 1, of the innermost task around a call that has gone on without a pause."""
        levels = range(len(call.tasks), 0, -1)
        return next((level for level in levels if call.tasks[level - 1][1] in self._went_on), None)


def _is_plain(task: Mapping[str, Any]) -> bool:
    """Tell whether a task that begins has no tool to call, and is of no agent."""
    given, metadata = task.get("input"), task.get("metadata")
    return isinstance(given, dict) and given.keys().isdisjoint(WITH_CALLS) and AGENT not in (metadata or {})


def _interrupt(frame: FrameType | None) -> FrameType:
    return next(each for each in _outwards(frame) if _is(each, "langgraph.types", "interrupt"))


def _is_on_the_nodes_stack(interrupt: FrameType) -> bool:
    """Tell whether a node calls here, and not a thread or a coroutine beside others that the node has started."""
    return any(_is(each, "langgraph.pregel._retry", *RUNS_A_TASK) for each in _outwards(interrupt))


def _call(interrupt: FrameType, several: Set[str]) -> InterruptCall:
    values = interrupt.f_locals
    namespace, adapter = values["conf"][NAMESPACE], values["adapter"]
    callers = list(_outwards(interrupt.f_back))
    within = takewhile(lambda each: not _is(each, "langgraph.pregel._retry", *RUNS_A_TASK), callers)
    tool = next((each for each in within if _is(each, "langchain_core.tools.base", "run", "arun")), None)
    tasks = tuple(tasks_of(namespace))
    return InterruptCall(
        id=interrupt.f_globals["_interrupt_id"](namespace, len(values["scratchpad"].resume)),
        tasks=tasks,
        place=_place(callers),
        payload=values["value"],
        schema=adapter.json_schema() if adapter else values["response_schema"],
        tool=None if tool is None else str(tool.f_locals["self"].name),
        tool_call=None if tool is None else tool.f_locals.get("tool_call_id"),
        is_one_of_several=tool is not None and tasks[-1][1] in several,
    )


def asking(payload: Any) -> str:
    """Return an identity for a question whose caller is not known."""
    return digest(payload, steady)


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _is(frame: FrameType, module: str, *names: str) -> bool:
    return frame.f_code.co_name in names and frame.f_globals.get("__name__") == module


def tasks_of(namespace: str) -> Iterator[tuple[str, str]]:
    """Yield the tasks of a namespace; a number in the namespace counts the subgraphs of a task.

    The task of a node's error handler works in the place of the failed task, whose name it gets here.
    """
    parts = [(name, task) for name, colon, task in (part.rpartition(END) for part in namespace.split(BELOW)) if colon]
    for place, (name, task) in enumerate(parts):
        if not any(below == f"{HANDLER}{name}" for below, _ in parts[place + 1 : place + 2]):
            yield name.removeprefix(HANDLER), task


def _place(callers: list[FrameType]) -> str:
    """Return the user's line that called; a library's line if a library called."""
    users = (each for each in callers if not f"{each.f_globals.get('__name__')}.".startswith(LIBRARIES))
    is_library = f"{callers[0].f_globals.get('__name__')}.".startswith(LIBRARIES)
    frame = callers[0] if is_library else next(users, callers[0])
    name = frame.f_code.co_name
    line = frame.f_lineno if name == "<module>" else frame.f_lineno - frame.f_code.co_firstlineno + 1
    return f"line {line} of {name if name.startswith('<') else f'{name}()'}"
