"""A thread's state as LangGraph gives it, read as a `Snapshot`."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, cast

from langgraph.checkpoint.base import CheckpointTuple
from langgraph.pregel import Pregel
from langgraph.types import GraphOutput, PregelTask, StateSnapshot

from nbhitl.engines.failures import raised
from nbhitl.engines.local.journal import JournalEntry
from nbhitl.engines.local.options import Graph
from nbhitl.engines.names import RAISED
from nbhitl.engines.whose import open_calls, tool_in_state
from nbhitl.model.run import Interrupt, Snapshot, StuckAnswer

RESUME = "__resume__"
"""Channel in which LangGraph keeps the answers that a task has taken."""

PULL = "__pregel_pull"
"""How the path of a task begins that was not sent to its node by a `Send`."""

NULL_TASK = "00000000-0000-0000-0000-000000000000"
"""LangGraph's task id for what belongs to no task."""


MAPPERS = frozenset({"_output_mapper", "_state_mapper"})
"""Attributes of a compiled graph that make the models of its output and its state."""


def asking_levels(state: StateSnapshot) -> Iterator[StateSnapshot]:
    """Yield the states, of the graph and of its subgraphs, in which a task has asked."""
    if any(task.interrupts for task in state.tasks):
        yield state
    for task in state.tasks:
        if isinstance(task.state, StateSnapshot):
            yield from asking_levels(task.state)


def asking_tasks(state: StateSnapshot) -> Iterator[tuple[str, str]]:
    """Yield the interrupts of a state, each with the task that asks, those of subgraphs last."""
    for level in asking_levels(state):
        for task in level.tasks:
            yield from ((interrupt.id, task.id) for interrupt in task.interrupts)


def overwritten(state: StateSnapshot) -> set[str]:
    """Return the interrupts of subgraphs whose state was updated since they asked: they ask anew, with other ids.

    The graph around them still lists what they asked before; an answer to that reaches nobody.
    """
    gone: set[str] = set()
    for task in state.tasks:
        if isinstance(task.state, StateSnapshot):
            gone |= overwritten(task.state)
            if (task.state.metadata or {}).get("source") == "update":
                listed = {interrupt.id for inner in asking_levels(task.state) for interrupt in _listed(inner)}
                gone |= {interrupt.id for interrupt in task.interrupts} - listed
    return gone


def _listed(state: StateSnapshot) -> Iterator[Any]:
    for task in state.tasks:
        yield from task.interrupts


def task_ids(state: StateSnapshot) -> set[str]:
    """Return the ids of all tasks of a state, those of its subgraphs included, and the one that stands for none."""
    inner = (task_ids(task.state) for task in state.tasks if isinstance(task.state, StateSnapshot))
    return {NULL_TASK, *(task.id for task in state.tasks)}.union(*inner)


def resumed_tasks(saved: CheckpointTuple | None) -> set[str]:
    """Return the ids of the tasks that have taken an answer, beside one checkpoint."""
    writes = (saved.pending_writes or ()) if saved else ()
    return {task_id for task_id, channel, answers in writes if channel == RESUME and answers != []}


def several_tools(graph: Graph, state: StateSnapshot) -> Iterator[PregelTask]:
    """Yield the tasks of a state that run several of a model's calls of tools, side by side."""
    for task in state.tasks if len(open_calls(state.values)) > 1 else ():
        node = graph.nodes.get(task.name)
        if task.interrupts and task.path[0] == PULL and node is not None and hasattr(node.bound, "tools_by_name"):
            yield task


@dataclass(frozen=True)
class Sent:
    """What was sent to the questions of a state.

    Our own notes by interrupt id, the tasks that took an answer, the interrupts whose tasks may have taken it, and why
    the state's schema refused what came of that.
    """

    notes: Mapping[str, JournalEntry] = field(default_factory=dict)
    tasks: Set[str] = frozenset()
    in_doubt: Set[str] = frozenset()
    refusal: str | None = None


def snapshot_of(state: StateSnapshot, sent: Sent, *, busy: bool) -> Snapshot:
    """Return the snapshot of a state that was read with ``subgraphs=True``.

    Parameters
    ----------
    state
        The head of the thread.
    sent
        The answers that were sent to its questions.
    busy
        Whether another run is at work on the thread.
    """
    pending = tuple(_unique(_pending(state, sent)))
    # A run that was killed may leave tasks behind while `next` is empty: it only looks finished.
    coming = state.next or tuple(task.name for task in state.tasks)
    failures = [told for task in state.tasks if not task.interrupts and (told := raised(task.error))]
    return Snapshot(
        tuple(each for each in pending if each.id != RAISED),
        coming,
        state.values,
        busy=busy,
        checkpoint=(state.config or {}).get("configurable", {}).get("checkpoint_id"),
        finished=tuple(task.name for task in state.tasks if task.result is not None and not task.interrupts),
        raised=tuple(each.value for each in pending if each.id == RAISED),
        failed=failures[0] if failures else None if pending else sent.refusal,
        raw=state,
    )


def read_with(graph: Graph) -> Graph:
    """Return the graph to read states with: the same one, where it can read those of all its subgraphs.

    Those of a ``RemoteGraph`` are on its server: LangGraph would look there for a checkpoint of this thread, and fail.
    What it asked stands in the state of the node around it as well.
    """
    instead = {}
    for name, node in graph.nodes.items():
        inner = node.subgraphs[0] if node.subgraphs else None
        if isinstance(inner, Pregel):
            if (read := read_with(inner)) is not inner:
                instead[name] = node.copy({"subgraphs": [read]})
        elif inner is not None:
            instead[name] = node.copy({"subgraphs": []})
    return copy_of(graph, nodes={**graph.nodes, **instead}) if instead else graph


def copy_of(graph: Graph, **update: Any) -> Graph:
    """Return a copy with these attributes; LangGraph's own leaves out what makes a model of the values (``v2``)."""
    copy = graph.copy(update)
    for name in MAPPERS & vars(graph).keys():
        setattr(copy, name, vars(graph)[name])
    return copy


def output_of(graph: Graph, values: Any, options: Mapping[str, Any]) -> Any:
    """Return what ``invoke`` with these options returns where a run ends with these values.

    That is the output schema's part of them, or that of ``output_keys``. The chunks that a ``stream_mode`` other than
    ``values`` returns are of the past.
    """
    keys = options.get("output_keys") or graph.output_channels
    if isinstance(values, dict) and not isinstance(graph.stream_channels_asis, str):  # else the value itself
        is_one = isinstance(keys, str)
        values = values.get(keys) if is_one else {key: each for key, each in values.items() if key in keys}
    if options.get("version") != "v2":
        return values
    schema = getattr(graph, "_output_mapper", None)  # makes the model or dataclass of the output schema
    return GraphOutput(value=schema(values) if schema and isinstance(values, dict) else values)


def _pending(state: StateSnapshot, sent: Sent, path: tuple[str, ...] = ()) -> Iterator[Interrupt]:
    """Yield the pending interrupts, those of subgraphs first: there the path of the node is whole."""
    for task in state.tasks:
        here = (*path, task.name)
        if isinstance(task.state, StateSnapshot):
            yield from _pending(task.state, sent, here)
        for interrupt in task.interrupts:
            # Whatever the node gave: in a state it is JSON Schema.
            schema = cast("dict[str, Any] | None", interrupt.response_schema)
            # Where a schema has refused something, it came of an answer to one of these: all are asked again.
            may_have_it = task.id in sent.tasks or interrupt.id in sent.in_doubt or sent.refusal is not None
            former = _former(interrupt.id, task, sent) if may_have_it else None
            tool = tool_in_state(state.values, task.name, task.path, len(state.tasks))
            yield Interrupt(interrupt.id, "/".join(here), interrupt.value, schema, former=former, asker=tool)


def _former(interrupt_id: str, task: PregelTask, sent: Sent) -> StuckAnswer | None:
    error, entry = raised(task.error) or sent.refusal, sent.notes.get(interrupt_id)
    if entry is not None:
        return StuckAnswer(is_known=True, value=entry.value, error=error)
    return None if error is None else StuckAnswer(error=error)


def _unique(interrupts: Iterator[Interrupt]) -> Iterator[Interrupt]:
    """Drop repeats: the interrupt of a subgraph is listed again by the task that runs it."""
    seen: set[str] = set()
    for interrupt in interrupts:
        if interrupt.id not in seen:
            seen.add(interrupt.id)
            yield interrupt
