"""Finds the questions of a run so far, from the writes that LangGraph keeps beside checkpoints.

Nobody notes which question of a node was the first. But a task's answers stay beside the checkpoint from which the task
ran (``__resume__``), as does the last interrupt that the task raised. So a review that finds a thread midway can count
each node's earlier questions, whoever answered.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from langgraph.checkpoint.base import CheckpointTuple
from langgraph.types import Interrupt as Raised
from langgraph.types import PregelTask, StateSnapshot

from nbhitl.engines.local import journal
from nbhitl.engines.local.written import TaskWrites, by_task
from nbhitl.engines.names import INTERRUPT
from nbhitl.runs.past import Past, PastQuestion
from nbhitl.runs.run import Interrupt
from nbhitl.runs.stops import meets

LIMIT = 5_000
"""Most checkpoints of a thread that are read, the newest first."""

NO_LIST = "the checkpointer does not list checkpoints"
TOO_LONG = f"the run's start is not among the newest {LIMIT:,} checkpoints of the thread"

Rounds = list[list[PastQuestion]]
"""Questions of a task, one after another; a round with several questions was asked side by side."""

Place = tuple[str, str]
"""Namespace and id of a checkpoint."""


@dataclass(frozen=True)
class Saved:
    """A checkpoint, without its values.

    Attributes
    ----------
    place
        Namespace and id.
    before
        The id of the previous checkpoint.
    root
        The id of the root graph's checkpoint, from which the subgraph ran.
    source
        LangGraph's name for the cause of the checkpoint.
    resumed
        The channels' versions at the last resume.
    versions
        The channels' versions.
    tasks
        The writes of the tasks, by the tasks' ids.
    noted
        The interrupts with an answer in our journal.
    """

    place: Place
    before: str | None
    root: str
    source: str
    resumed: Any
    versions: Any
    tasks: Mapping[str, TaskWrites]
    noted: frozenset[str] = frozenset()

    @property
    def has_asked(self) -> bool:
        """Whether a task of this checkpoint has raised an interrupt or taken an answer."""
        return any(task.raised or task.answers for task in self.tasks.values())


@dataclass(frozen=True)
class Breakpoints:
    """The nodes before and after which a run stops: static breakpoints."""

    before: Collection[str] | str = ()
    after: Collection[str] | str = ()

    def __bool__(self) -> bool:
        return bool(self.before or self.after)

    def stop(self, nodes: Collection[str], *, after: Collection[str]) -> bool:
        """Tell whether a run stops between these nodes."""
        return meets(self.before, nodes) or meets(self.after, after)


def light(saved: CheckpointTuple) -> Saved:
    """Return the needed parts of a checkpoint, without the values, which may be large."""
    configurable = saved.config["configurable"]
    namespace, name = configurable.get("checkpoint_ns", ""), configurable["checkpoint_id"]
    before = (saved.parent_config or {}).get("configurable", {}).get("checkpoint_id")
    return Saved(
        (namespace, name),
        before,
        saved.metadata.get("parents", {}).get("", name) if namespace else name,
        str(saved.metadata.get("source")),
        saved.checkpoint["versions_seen"].get(INTERRUPT),
        saved.checkpoint["channel_versions"],
        {key: task.without_values() for key, task in by_task(saved).items()},
        frozenset(journal.read(saved).keys() - {journal.GONE_ON}),
    )


def run_to(head: str | None, saved: Sequence[Saved]) -> list[Saved] | None:
    """Return the checkpoints of the run that ends at ``head``, from the input on; ``None`` if any are missing."""
    roots = {each.place[1]: each for each in saved if not each.place[0]}
    line: list[Saved] = []
    following: str | None = head
    while following is not None:
        each = roots.get(following)
        if each is None:
            return None
        if line and line[-1].source == "fork" and line[-1].versions == each.versions:
            each = replace(each, tasks={}, noted=frozenset())  # the fork runs these tasks anew
        line.append(each)
        following = None if each.source == "input" else each.before
    return line[::-1]


def to_look_at(
    run: Sequence[Saved], saved: Sequence[Saved], breakpoints: Breakpoints
) -> tuple[list[Place], list[Saved]]:
    """Return the places whose tasks must be known by name, and the checkpoints of subgraphs in this run."""
    line = {each.place[1] for each in run if each.tasks}
    inner = sorted((each for each in saved if each.place[0] and each.root in line), key=lambda each: each.place[1])
    roots = {each.root for each in inner if each.has_asked}
    places = [each.place for each in run if breakpoints or each.has_asked or each.place[1] in roots]
    return places + [each.place for each in inner], inner


def past_of(
    run: Sequence[Saved],
    inner: Sequence[Saved],
    states: Mapping[Place, StateSnapshot | None],
    pending: Sequence[Interrupt],
    breakpoints: Breakpoints,
) -> Past:
    """Return the questions of a run.

    Parameters
    ----------
    run, inner
        The checkpoints of the run, of the root graph and of subgraphs, the oldest first.
    states
        LangGraph's states for the places; ``None`` for a subgraph that a node's code calls, which LangGraph hides.
    pending
        The interrupts that are pending at the end of the run.
    breakpoints
        The run's stops without a question.
    """
    reading = _Reading(inner, states, {each.id: each for each in pending})
    asked: list[PastQuestion] = []
    before: tuple[str, ...] = ()
    for number, saved in enumerate(run):
        state = states.get(saved.place)
        coming = tuple(state.next) if state is not None else ()
        was_resumed = saved.has_asked or (number + 1 < len(run) and run[number + 1].resumed != saved.resumed)
        if was_resumed and coming and breakpoints.stop(coming, after=before):
            asked.append(PastQuestion(", ".join(coming), checkpoint=saved.place[1]))
        before = coming
        rounds = reading.of_run(saved) if state is not None and saved.tasks else []
        asked += [replace(each, checkpoint=saved.place[1]) for one in rounds for each in one]
    return Past(tuple(asked), frozenset(reading.unsure), is_in_order=reading.is_in_order)


@dataclass
class _Reading:
    """Puts the questions of a run in the order of a review that always answers all open questions together."""

    inner: Sequence[Saved]
    states: Mapping[Place, StateSnapshot | None]
    pending: Mapping[str, Interrupt]
    unsure: set[str] = field(default_factory=set)
    is_in_order: bool = True
    nameless: set[str] = field(default_factory=set)

    def of_run(self, saved: Saved) -> Rounds:
        """Return the questions of a step of the root graph.

        Some checkpointers drop the last answer of a task that has finished. If the task's name is known, the
        interrupt's id reveals that answer; if not, our journal does.
        """
        self.nameless = set()
        rounds = self.step(saved, ())
        settled = [each for one in rounds for each in one if each.id is None]
        lacking = len(saved.noted - self.pending.keys()) - len(settled)
        if lacking > 0 and len(self.nameless) == 1:
            (node,) = self.nameless
            of_node = [
                number for number, one in enumerate(rounds) if any(each.node == node for each in one if not each.id)
            ]
            at = of_node[-1] + 1 if of_node else 0
            rounds[at:at] = [[PastQuestion(node)]] * lacking
        elif lacking > 0:
            self._lose_order(_nodes(rounds))
        return rounds

    def step(self, saved: Saved, path: tuple[str, ...]) -> Rounds:
        state = self.states.get(saved.place)
        if state is None or not _is_of(state, saved):
            # A subgraph that LangGraph hides: the questions count as questions of the calling node.
            self.nameless.add("/".join(path))
            nameless = [self._own(task, None, set()) for _, task in sorted(saved.tasks.items())]
            rounds = [_questions(path, *own) for own in nameless]
            return self._side_by_side(list(filter(None, rounds)), sorts="/".join(path))
        known = {task.id for task in state.tasks}
        hidden = [task for key, task in sorted(saved.tasks.items()) if key not in known and task.answers]
        caller = self._caller(state, saved) if hidden else None
        rounds = [self._of_task(task, saved, path, hidden if task is caller else []) for task in state.tasks]
        return self._side_by_side(list(filter(None, rounds)))

    def _of_task(self, task: PregelTask, saved: Saved, path: tuple[str, ...], hidden: Sequence[TaskWrites]) -> Rounds:
        here = (*path, task.name)
        namespace = "|".join(filter(None, (saved.place[0], f"{task.name}:{task.id}")))
        rounds: Rounds = []
        for each in self._below(namespace, saved):
            rounds += self.step(each, here)
        within = {each.id for one in rounds for each in one if each.id}
        settled, open_ids = self._own(saved.tasks.get(task.id, TaskWrites()), namespace, within)
        settled += sum(self._own(each, None, set())[0] for each in hidden)
        self.nameless |= {"/".join(here)} if hidden else set()
        own = _questions(here, settled, open_ids)
        if (own and rounds) or (hidden and len(open_ids) > 1):  # the order is unknown
            self._lose_order({"/".join(here), *_nodes(rounds)})
        return rounds + own

    def _below(self, namespace: str, saved: Saved) -> Iterator[Saved]:
        lasting = namespace.rpartition(":")[0]  # of a subgraph with a separate checkpointer
        for each in self.inner:
            place = each.place[0]
            called = place.removeprefix(f"{namespace}|")
            is_called = place in (namespace, lasting) or (called != place and called.isdigit())
            if is_called and each.root == saved.root:
                yield each

    def _own(self, task: TaskWrites, namespace: str | None, within: set[str]) -> tuple[int, list[str]]:
        """Return the number of settled questions of a task, and the ids of pending questions."""
        open_ids = [each.id for each in task.raised if each.id in self.pending and each.id not in within]
        return self._settled(task, namespace, open_ids), open_ids

    def _settled(self, task: TaskWrites, namespace: str | None, open_ids: Sequence[str]) -> int:
        if namespace is not None and task.raised:
            for before in range(len(task.answers) + 1):
                if interrupt_id(namespace, before) == task.raised[0].id:
                    # The state's schema may have refused a value that the answer caused: then the question is asked
                    # again.
                    return before + (task.has_finished and not open_ids)
        # The last answer may not have settled the pending question.
        is_stuck = bool(task.answers) and bool(open_ids) and self.pending[open_ids[0]].former is not None
        return len(task.answers) - is_stuck

    def _caller(self, state: StateSnapshot, saved: Saved) -> PregelTask | None:
        """Return the task that called ``@task`` functions: LangGraph lists only the caller."""
        asking = [task for task in state.tasks if saved.tasks.get(task.id, TaskWrites()).raised]
        if len(asking or state.tasks) == 1:
            return (asking or list(state.tasks))[0]
        self._lose_order({task.name for task in state.tasks})
        return None

    def _side_by_side(self, tasks: Sequence[Rounds], sorts: str | None = None) -> Rounds:
        if sorts is not None and len(tasks) > 1:
            self._lose_order({sorts})
        for node in _nodes([one for rounds in tasks for one in rounds]):
            if _is_ambiguous([rounds for rounds in tasks if node in _nodes(rounds)]):
                self.unsure.add(node)
        self.is_in_order = self.is_in_order and not _is_ambiguous(tasks)
        longest = max(map(len, tasks), default=0)
        return [[each for rounds in tasks for one in rounds[n : n + 1] for each in one] for n in range(longest)]

    def _lose_order(self, nodes: Collection[str]) -> None:
        self.unsure |= set(nodes)
        self.is_in_order = False


def _is_of(state: StateSnapshot, saved: Saved) -> bool:
    """Tell whether the state is of the graph that asked there: for a hidden subgraph, LangGraph reads another state."""
    return not saved.has_asked or not saved.tasks.keys().isdisjoint(task.id for task in state.tasks)


def interrupt_id(namespace: str, answered: int) -> str:
    """Return the id of a task's interrupt after this number of answers."""
    return Raised.from_ns(None, f"{namespace}|{answered}" if answered else namespace).id


def _questions(path: tuple[str, ...], settled: int, open_ids: Sequence[str]) -> Rounds:
    node = "/".join(path)
    rounds = [[PastQuestion(node)] for _ in range(settled)]
    return [*rounds, [PastQuestion(node, each) for each in open_ids]] if open_ids else rounds


def _nodes(rounds: Rounds) -> set[str]:
    return {each.node for one in rounds for each in one}


def _is_ambiguous(tasks: Sequence[Rounds]) -> bool:
    """Tell whether a task is further on than a task that may ask more: then the order of questions is unknown."""
    waiting = [len(rounds) for rounds in tasks if any(each.id for each in rounds[-1])]
    return bool(waiting) and max(map(len, tasks)) > min(waiting)
