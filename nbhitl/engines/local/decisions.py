"""The decisions of a thread, read from the checkpoints and from our notes beside the checkpoints.

A note of ours tells everything (`journal`). For an answer of another client, LangGraph keeps the value beside the
checkpoint (``__resume__``), and for each task the payload of the last question (``__interrupt__``).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from langgraph.checkpoint.base import CheckpointTuple
from langgraph.types import Interrupt as Raised
from langgraph.types import StateSnapshot

from nbhitl.engines.local import journal
from nbhitl.engines.local.journal import GONE_ON, JournalEntry
from nbhitl.engines.local.past import Place, interrupt_id
from nbhitl.engines.local.written import TaskWrites, by_task
from nbhitl.engines.whose import tool_in_state
from nbhitl.jsontext import digest
from nbhitl.runs.decided import UNKNOWN, PastDecision, PastStep, on_the_way, with_current
from nbhitl.runs.run import HANDLER, Interrupt


@dataclass(frozen=True)
class SavedStep:
    """A checkpoint, as far as it tells of decisions.

    Attributes
    ----------
    place, before, at
        Namespace and id of the checkpoint, the id of the checkpoint before, and the time.
    root
        The id of the checkpoint of the graph itself from which the subgraph ran.
    tasks
        The tasks that have asked, by id.
    notes
        Our notes of answers, with their interrupts' ids.
    failed
        The tasks that have raised, and have gone on in an error handler.
    """

    place: Place
    before: str | None
    at: str
    root: str
    tasks: Mapping[str, TaskWrites]
    notes: Sequence[tuple[str, JournalEntry]]
    failed: Collection[str] = ()

    def namespace_of(self, task_id: str, name: str) -> str:
        """Return the namespace of a task of this node, which may be the task of the node's error handler."""
        own = _within(self.place[0], name, task_id)
        around = [_within(self.place[0], name, each) for each in self.failed]
        within = [own, *(_within(each, f"{HANDLER}{name}", task_id) for each in around)]
        task = self.tasks[task_id]
        return next(
            (each for each in within if any(_place_of(one, each, task) is not None for one in task.raised)), own
        )

    def has_asked(self, task_id: str, name: str) -> bool:
        """Tell whether a task of this node has asked: the interrupt's id proves it."""
        namespace, task = self.namespace_of(task_id, name), self.tasks[task_id]
        return any(_place_of(each, namespace, task) is not None for each in task.raised)

    def name_of(self, task_id: str, nodes: Mapping[str, str]) -> str | None:
        """Return the name of a task's node, if a note has a name that the interrupt's id proves.

        ``nodes`` are the paths of the nodes that asked, by interrupt, as far as notes tell.
        """
        names = [nodes.get(each.id, "").rpartition("/")[2] for each in self.tasks[task_id].raised]
        return next((name for name in names if name and self.has_asked(task_id, name)), None)


def step_of(saved: CheckpointTuple) -> SavedStep:
    """Return the part of a checkpoint that tells of decisions; the values may be large."""
    configurable = saved.config["configurable"]
    namespace, name = configurable.get("checkpoint_ns", ""), configurable["checkpoint_id"]
    tasks = by_task(saved)
    return SavedStep(
        (namespace, name),
        (saved.parent_config or {}).get("configurable", {}).get("checkpoint_id"),
        str(saved.checkpoint["ts"]),
        saved.metadata.get("parents", {}).get("", name) if namespace else name,
        {key: task for key, task in tasks.items() if task.raised or task.answers},
        journal.entries(saved),
        frozenset(key for key, task in tasks.items() if task.is_routed),
    )


def to_name(steps: Sequence[SavedStep]) -> list[Place]:
    """Return the places whose tasks must be known by name, where our notes do not tell the name."""
    nodes = _noted_nodes(steps)
    return [step.place for step in steps if any(step.name_of(task_id, nodes) is None for task_id in step.tasks)]


def _noted_nodes(steps: Sequence[SavedStep]) -> dict[str, str]:
    return {key: entry.node for step in steps for key, entry in step.notes}


def steps_of(states: Sequence[StateSnapshot]) -> tuple[PastStep, ...]:
    """Return the checkpoints of LangGraph's history in the opposite order: the oldest first."""
    before = {_id(state.config): _id(state.parent_config) for state in states}
    current = on_the_way({str(key): each for key, each in before.items()}, _id(states[0].config) if states else None)
    return tuple(
        PastStep(
            str(_id(state.config)),
            _id(state.parent_config),
            state.created_at,
            str((state.metadata or {}).get("source")),
            state.next,
            state.values,
            _id(state.config) in current,
        )
        for state in reversed(states)
    )


def _id(config: Any) -> str | None:
    found = (config or {}).get("configurable", {}).get("checkpoint_id")
    return None if found is None else str(found)


def decisions_of(
    steps: Sequence[SavedStep], states: Mapping[Place, StateSnapshot | None], pending: Collection[str]
) -> tuple[PastDecision, ...]:
    """Return the decisions of a thread, the oldest first.

    Parameters
    ----------
    steps
        All checkpoints of the thread, with the checkpoints of subgraphs.
    states
        LangGraph's states at the places of `to_name`; ``None`` where LangGraph does not see a subgraph.
    pending
        The interrupts that are pending at the end of the thread.
    """
    reading = _DecisionsReading(steps, states, frozenset(pending))
    found = sorted(reading.all(), key=lambda each: (each.at or each.asked_at or "", each.checkpoint))
    before = {step.root: step.before for step in steps if not step.place[0]}
    return with_current(found, before, max(before, default=None))


@dataclass
class _Question:
    """A question of a task; ``is_last``: the answer ended the step of the task."""

    interrupt: Interrupt
    answer: Any
    is_answered: bool
    is_last: bool


@dataclass
class _DecisionsReading:
    """Joins notes and LangGraph's own writes, so that each decision is told once."""

    steps: Sequence[SavedStep]
    states: Mapping[Place, StateSnapshot | None]
    pending: frozenset[str]
    told: set[str] = field(default_factory=set)
    nodes: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.nodes = _noted_nodes(self.steps)

    def all(self) -> Iterator[PastDecision]:
        notes: dict[str, list[tuple[SavedStep, JournalEntry]]] = {}
        for step in self.steps:
            for key, entry in step.notes:
                if key == GONE_ON:
                    yield from _stop(step, entry)
                else:
                    notes.setdefault(key, []).append((step, entry))
        ended = {(step.place[0], step.before): step.at for step in self.steps}
        # The innermost graph first: the graphs around list the question of an inner graph once more.
        for step in sorted(self.steps, key=lambda step: -len(_names(step.place[0]))):
            for task_id, task in step.tasks.items():
                yield from self._of_task(step, task_id, task, notes, ended.get(step.place))
        for key, noted in notes.items():  # a checkpointer that keeps no writes of tasks that have finished
            if key not in self.told:
                step, entry = noted[-1]
                yield _noted(key, entry, step.root, entry.asked_at or step.at, None)

    def _of_task(
        self,
        step: SavedStep,
        task_id: str,
        task: TaskWrites,
        notes: Mapping[str, Sequence[tuple[SavedStep, JournalEntry]]],
        ended: str | None,
    ) -> Iterator[PastDecision]:
        asked_at: str | None = step.at
        for question in self._questions(step, task_id, task):
            key = question.interrupt.id
            entries = [entry for _, entry in notes.get(key, ())]
            if key in self.told or not (question.is_answered or entries):
                continue
            self.told.add(key)
            if entries:
                entry = _effective(entries, question.answer)
                decision = _noted(key, entry, step.root, entry.asked_at or asked_at, question.interrupt)
            else:
                at = ended if question.is_last else None
                decision = PastDecision(
                    question.interrupt, question.answer, at=at, asked_at=asked_at, checkpoint=step.root
                )
            asked_at = decision.at
            yield decision

    def _name_and_tool(self, step: SavedStep, task_id: str) -> tuple[str | None, str]:
        """Return the node of a task, if known, and the tool that the task calls; no tool where the task calls none."""
        state = self.states.get(step.place)
        found = None
        if state is not None:
            found = next((each for each in state.tasks if each.id == task_id), None)
        if state is None or found is None:
            failed = [each.name for each in (state.tasks if state else ()) if each.id in step.failed]
            handles = (name for name in failed if step.has_asked(task_id, name))
            return step.name_of(task_id, self.nodes) or next(handles, None), ""
        return found.name, tool_in_state(state.values, found.name, found.path, len(state.tasks))

    def _questions(self, step: SavedStep, task_id: str, task: TaskWrites) -> Iterator[_Question]:
        """Yield the questions of a task in order, as far as known."""
        name, tool = self._name_and_tool(step, task_id)
        path = _names(step.place[0]) + ([name] if name is not None else [])
        namespace = step.namespace_of(task_id, name) if name is not None else None
        last = task.raised[0] if task.raised else None
        place = _place_of(last, namespace, task)
        if last is not None and place is None:  # an inner graph, or a graph that LangGraph does not show, has asked
            place = max(0, len(task.answers) - (task.has_finished or last.id not in self.pending))
        node = "/".join(path) or "?"
        count = max(len(task.answers), 0 if place is None else place + 1)
        for number in range(count):
            is_given = number < len(task.answers)
            if last is not None and number == place:
                key = last.id or _id_of(namespace, task_id, number)
                schema: Any = last.response_schema
                asked = Interrupt(key, node, last.value, schema, asker=tool)
            else:
                asked = Interrupt(_id_of(namespace, task_id, number), node, UNKNOWN, None, asker=tool)
            answer = task.answers[number] if is_given else UNKNOWN
            yield _Question(asked, answer, is_given or task.has_finished, task.has_finished and number == count - 1)


def _place_of(last: Raised[Any] | None, namespace: str | None, task: TaskWrites) -> int | None:
    """Return the number of answers of the task before the last interrupt; ``None`` if unknown."""
    if last is None or namespace is None:
        return None
    numbers = range(len(task.answers) + 1)
    return next((number for number in numbers if interrupt_id(namespace, number) == last.id), None)


def _within(namespace: str, name: str, task_id: str) -> str:
    """Return the namespace of a task."""
    return "|".join(filter(None, (namespace, f"{name}:{task_id}")))


def _names(namespace: str) -> list[str]:
    """Return the names of the nodes around a subgraph."""
    names = [part.partition(":")[0] for part in namespace.split("|") if part]
    return [name for name in names if not name.isdigit()]


def _effective(entries: Sequence[JournalEntry], answer: Any) -> JournalEntry:
    """Return the note of the answer that LangGraph took; the last note if that is unknown."""
    if answer is UNKNOWN or len(entries) == 1:
        return entries[-1]
    same = [entry for entry in entries if digest(entry.value) == digest(answer)]
    return same[-1] if same else entries[-1]


def _noted(
    key: str, entry: JournalEntry, checkpoint: str, asked_at: str | None, seen: Interrupt | None
) -> PastDecision:
    """Return a decision of which we have a note; an old note tells neither node nor payload."""
    if entry.node or seen is None:
        asked = Interrupt(key, entry.node or "?", entry.asked, entry.schema, asker=entry.asker)
    else:
        asked = seen
    is_blotted = entry.shown is not UNKNOWN
    return PastDecision(
        asked,
        entry.shown if is_blotted else entry.value,
        is_blotted,
        entry.origin or "person",
        entry.by,
        entry.at,
        asked_at,
        checkpoint,
        entry.value if is_blotted else UNKNOWN,
        seconds=entry.seconds,
        ruled=tuple(entry.ruled),
        flag=entry.flag,
    )


def _stop(step: SavedStep, entry: JournalEntry) -> Iterator[PastDecision]:
    if entry.node:  # older notes do not tell the decision
        asked = Interrupt(f"{GONE_ON} {step.root}", entry.node, entry.asked, is_stop=entry.is_stop)
        answer, is_blotted = (entry.value, False) if entry.shown is UNKNOWN else (entry.shown, True)
        yield PastDecision(
            asked,
            answer,
            is_blotted=is_blotted,
            origin=entry.origin,
            by=entry.by,
            at=entry.at,
            asked_at=entry.asked_at or step.at,
            checkpoint=step.root,
        )


def _id_of(namespace: str | None, task_id: str, number: int) -> str:
    """Return the id of a task's question; an id of our own where the place of the task is unknown."""
    return interrupt_id(namespace, number) if namespace is not None else f"{task_id}|{number}"
