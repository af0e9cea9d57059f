"""Reads a thread's state, as LangGraph gives the state, into a `Snapshot`."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from langgraph.checkpoint.base import CheckpointTuple
from langgraph.pregel import Pregel
from langgraph.types import GraphOutput, PregelTask, StateSnapshot
from langgraph.types import Interrupt as LangGraphInterrupt

from nbhitl.engines.failures import raised
from nbhitl.engines.local.functions import subgraphs_of
from nbhitl.engines.local.journal import CHANNEL, JournalEntry
from nbhitl.engines.local.options import Graph
from nbhitl.engines.names import RESUME, is_answerable
from nbhitl.engines.whose import WITH_CALLS, open_calls, tool_in_state
from nbhitl.runs.run import Interrupt, Snapshot, StuckAnswer

PULL = "__pregel_pull"
"""First part of the path of a task that no `Send` has started."""

NULL_TASK = "00000000-0000-0000-0000-000000000000"
"""LangGraph's task id for writes that belong to no task."""


MAPPERS = frozenset({"_output_mapper", "_state_mapper"})
"""Attributes of a compiled graph with functions that make the models of output and state."""


def levels_of(state: StateSnapshot) -> Iterator[StateSnapshot]:
    """Yield the states of the graph and of all subgraphs."""
    yield state
    for task in state.tasks:
        if isinstance(task.state, StateSnapshot):
            yield from levels_of(task.state)


def asking_levels(state: StateSnapshot) -> Iterator[StateSnapshot]:
    """Yield the states, of the graph and of all subgraphs, in which a task has asked."""
    if any(task.interrupts for task in state.tasks):
        yield state
    for task in state.tasks:
        if isinstance(task.state, StateSnapshot):
            yield from asking_levels(task.state)


def asking_tasks(state: StateSnapshot) -> Iterator[tuple[str, str]]:
    """Yield the interrupts of a state, each with the asking task, interrupts of subgraphs last."""
    for level in asking_levels(state):
        for task in level.tasks:
            yield from ((interrupt.id, task.id) for interrupt in task.interrupts)


def overwritten(state: StateSnapshot) -> set[str]:
    """Return the interrupts of subgraphs whose state was updated after they had asked: such subgraphs ask anew.

    The surrounding graph still lists the old interrupts; an answer to an old interrupt reaches nobody.
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
    """Return the ids of all tasks of a state, including tasks of subgraphs, and the id for no task."""
    inner = (task_ids(task.state) for task in state.tasks if isinstance(task.state, StateSnapshot))
    return {NULL_TASK, *(task.id for task in state.tasks)}.union(*inner)


def holds_answer(saved: CheckpointTuple | None) -> bool:
    """Tell whether an answer was sent to the questions of a checkpoint, or noted: a new question has none."""
    writes = (saved.pending_writes or ()) if saved else ()
    return any(channel in (RESUME, CHANNEL) for _, channel, _ in writes)


def resumed_tasks(saved: CheckpointTuple | None) -> set[str]:
    """Return the ids of the tasks that have taken an answer, beside a checkpoint."""
    writes = (saved.pending_writes or ()) if saved else ()
    return {task_id for task_id, channel, answers in writes if channel == RESUME and answers != []}


class SavedLevels(NamedTuple):
    """The checkpoints of a state as the checkpointer has them; without a question none are read.

    Attributes
    ----------
    head
        The checkpoint of the state itself.
    levels
        The checkpoints of the graph and of all subgraphs in which a task has asked.
    """

    head: CheckpointTuple | None = None
    levels: Sequence[Any] = ()


def several_tools(graph: Graph, state: StateSnapshot) -> Iterator[PregelTask]:
    """Yield the tasks of a state that run several of a model's tool calls, side by side, and ask for the first time.

    A question of a graph that a tool calls is no question of the task: the called graph has a separate task.
    """
    if not _may_call_tools(state.values) or len(open_calls(state.values)) <= 1:
        return
    for task in state.tasks:
        node = graph.nodes.get(task.name)
        runs_tools = task.path[0] == PULL and hasattr(getattr(node, "bound", None), "tools_by_name")
        if runs_tools and _first_question(state, task) in {interrupt.id for interrupt in task.interrupts}:
            yield task


def _may_call_tools(values: Any) -> bool:
    """Tell whether the values of a state may hold a model's tool calls."""
    return not isinstance(values, dict) or not values.keys().isdisjoint(WITH_CALLS)


def _first_question(state: StateSnapshot, task: PregelTask) -> str:
    """Return the id that LangGraph gives to the first question of a task."""
    place = f"{task.name}:{task.id}"
    around = state.config.get("configurable", {}).get("checkpoint_ns")
    return LangGraphInterrupt.from_ns(None, f"{around}|{place}" if around else place).id


@dataclass(frozen=True)
class Sent:
    """The answers that were sent to the questions of a state.

    ``notes`` are our own entries by interrupt id, ``tasks`` the tasks that took an answer, ``in_doubt`` the interrupts
    whose tasks may have taken an answer, ``refusal`` the error of the state's schema on a value that an answer caused.
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
        The answers to the thread's questions.
    busy
        Whether another run is at work on the thread.
    """
    pending = tuple(_unique(_pending(state, sent)))
    # A killed run may leave tasks behind while `next` is empty: the thread only looks finished.
    coming = state.next or tuple(task.name for task in state.tasks)
    failures = [told for task in state.tasks if not task.interrupts and (told := raised(task.error))]
    return Snapshot(
        tuple(each for each in pending if is_answerable(each.id)),
        coming,
        state.values,
        busy=busy,
        checkpoint=(state.config or {}).get("configurable", {}).get("checkpoint_id"),
        finished=tuple(task.name for task in state.tasks if task.result is not None and not task.interrupts),
        raised=tuple(each.value for each in pending if not is_answerable(each.id)),
        failed=failures[0] if failures else None if pending else sent.refusal,
        raw=state,
    )


def read_with(graph: Graph) -> Graph:
    """Return a graph to read states with: the same graph, where LangGraph can read the states of all subgraphs.

    The states of a ``RemoteGraph`` are on a server: LangGraph would look there for a checkpoint of this thread, and
    fail. The questions of such a subgraph are in the state of the surrounding node as well.
    """
    instead = {}
    for name, node in graph.nodes.items():
        inner = next(iter(subgraphs_of(node)), None)
        if isinstance(inner, Pregel):
            if (read := read_with(inner)) is not inner:
                instead[name] = node.copy({"subgraphs": [read]})
        elif inner is not None:
            instead[name] = node.copy({"subgraphs": []})
    return copy_of(graph, nodes={**graph.nodes, **instead}) if instead else graph


def copy_of(graph: Graph, **update: Any) -> Graph:
    """Return a copy with these attributes; LangGraph's own copy loses the functions in `MAPPERS` (``v2``)."""
    copy = graph.copy(update)
    for name in MAPPERS & vars(graph).keys():
        setattr(copy, name, vars(graph)[name])
    return copy


def output_of(graph: Graph, values: Any, options: Mapping[str, Any]) -> Any:
    """Return the value of ``invoke`` with these options, for a run that ends with these values.

    That is the part of the values in the output schema or in ``output_keys``. The chunks of a ``stream_mode`` other
    than ``values`` cannot be returned: the chunks were not kept.
    """
    keys = options.get("output_keys") or graph.output_channels
    if isinstance(values, dict) and not isinstance(graph.stream_channels_asis, str):  # else the value itself
        is_one = isinstance(keys, str)
        values = values.get(keys) if is_one else {key: each for key, each in values.items() if key in keys}
    if options.get("version") != "v2":
        return values
    schema = getattr(graph, "_output_mapper", None)  # makes the output schema's model or dataclass
    return GraphOutput(value=schema(values) if schema and isinstance(values, dict) else values)


def _pending(state: StateSnapshot, sent: Sent, path: tuple[str, ...] = ()) -> Iterator[Interrupt]:
    """Yield the pending interrupts, interrupts of subgraphs first: these have the complete path of the node."""
    calls_tools = _may_call_tools(state.values)
    for task in state.tasks:
        here = (*path, task.name)
        if isinstance(task.state, StateSnapshot):
            yield from _pending(task.state, sent, here)
        for interrupt in task.interrupts:
            # In a state the schema is JSON Schema, for any class that the node gave.
            schema = cast("dict[str, Any] | None", interrupt.response_schema)
            # Where a schema has refused a value, an answer to any of these caused the value: all are asked again.
            may_have_it = task.id in sent.tasks or interrupt.id in sent.in_doubt or sent.refusal is not None
            former = _former(interrupt.id, task, sent) if may_have_it else None
            tool = tool_in_state(state.values, task.name, task.path, len(state.tasks)) if calls_tools else ""
            node = _node_of("/".join(here), sent.notes.get(interrupt.id))
            yield Interrupt(interrupt.id, node, interrupt.value, schema, former=former, asker=tool)


def _node_of(task: str, entry: JournalEntry | None) -> str:
    """Return the node that asks in a task: a node of a subgraph, where the subgraph's state lists nothing any more."""
    return entry.node if entry is not None and entry.node.startswith(f"{task}/") else task


def _former(interrupt_id: str, task: PregelTask, sent: Sent) -> StuckAnswer | None:
    error, entry = raised(task.error) or sent.refusal, sent.notes.get(interrupt_id)
    if entry is not None:
        return StuckAnswer(is_known=True, value=entry.value, error=error)
    return None if error is None else StuckAnswer(error=error)


def _unique(interrupts: Iterator[Interrupt]) -> Iterator[Interrupt]:
    """Drop repeats: the task that runs a subgraph lists the subgraph's interrupts again."""
    seen: set[str] = set()
    for interrupt in interrupts:
        if interrupt.id not in seen:
            seen.add(interrupt.id)
            yield interrupt
