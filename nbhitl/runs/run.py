"""A thread and its runs as nbhitl sees them, the same for every engine."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from nbhitl.jsontext import Digested
from nbhitl.runs.past import Past
from nbhitl.runs.shape import Shape

Checkpoint = Any
"""Names a checkpoint of a thread in the engine's own terms; opaque to all code but the engine."""


@dataclass(frozen=True)
class StuckAnswer:
    """An answer that was sent and did not settle the interrupt.

    LangGraph keeps such an answer and gives the same answer to the node on every resume, until a fork asks the
    question again.

    Attributes
    ----------
    is_known
        Whether ``value`` is the answer; some servers do not tell.
    value
        The answer.
    error
        The exception that the node raised on the answer, as ``"ValueError: too large"``; ``None`` where the run was
        cut off instead, so that the step may already have run.
    """

    is_known: bool = False
    value: Any = None
    error: str | None = None
    _digested: Digested = field(default_factory=Digested, repr=False, compare=False)

    @property
    def digest(self) -> str:
        """The digest of the answer."""
        return self._digested.of(self.value)

    def is_same(self, other: "StuckAnswer | None") -> bool:
        """Tell whether both are the same answer with the same outcome; without the value's ``==``."""
        if other is None or other is self:
            return other is self
        return (self.is_known, self.error, self.digest) == (other.is_known, other.error, other.digest)


@dataclass(frozen=True)
class Halt:
    """The place where a graph of a thread stands before the next nodes: the graph itself, or a subgraph in a node.

    Attributes
    ----------
    path
        The nodes around the graph, outer graphs first; empty for the graph itself.
    next
        Names of the nodes that come next, without duplicates.
    values
        The values of the graph's state.
    keys
        The keys of the state, also of those without a value; ``None`` if unknown.
    added_to
        The state's keys whose reducer adds to the present value; ``None`` if unknown.
    by_id
        The keys in ``added_to`` whose reducer replaces a message by a message with the same id; ``None`` if unknown.
    tools
        The nodes in ``next`` that run tool calls.
    is_within
        Whether the run stands somewhere within ``next``, in a graph that LangGraph does not show.
    checkpoint
        Names the checkpoint of this state.
    shown
        A person's view of the state; ``None`` until somebody has looked at the state.
    """

    path: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    values: Any = None
    keys: frozenset[str] | None = None
    added_to: frozenset[str] | None = None
    by_id: frozenset[str] | None = None
    tools: frozenset[str] = frozenset()
    is_within: bool = False
    checkpoint: str | None = None
    shown: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

    @property
    def place(self) -> str:
        """The name of the graph in the thread: the path of the nodes around the graph."""
        return "/".join(self.path)


@dataclass(frozen=True)
class Interrupt:
    """A pending interrupt of a thread.

    Attributes
    ----------
    id
        LangGraph's id of the interrupt; it changes with every thread and fork.
    node
        Path of the node that asks, outer graphs first: ``"research/review"``.
    value
        The payload, as given to ``interrupt(payload)``.
    response_schema
        JSON Schema of the answer, where the node gave one.
    is_stop
        Whether the run stopped before ``node`` without a LangGraph interrupt (at a static breakpoint, or because the
        run was cut off) and asks to go on. ``value`` is then the person's view of the stop: see `nbhitl.runs.stops`.
    former
        The answer to this interrupt that the thread already holds, if any.
    halts
        For a stop: where the graphs of the thread stand.
    can_update
        For a stop: whether the state of the (only) halt can be changed before the run goes on.
    before
        For a stop: the values of each graph, by its `Halt.place`, at the stop before; ``None`` for the first.
    ignore
        The parts of the payload that recording and comparison leave out; see `nbhitl.review`.
    checkpoint
        For a question of a batch: the checkpoint that asks this question again; ``None`` for the snapshot's.
    asker
        The known callers of ``interrupt()`` within the node: tools, agents, nodes of graphs called there, from the
        outside in (``"ask_researcher > researcher > search"``).
    reads
        The node's use of the answer, as read from the node's source; ``None`` if unknown.
    """

    id: str
    node: str
    value: Any
    response_schema: dict[str, Any] | None = None
    is_stop: bool = False
    former: StuckAnswer | None = None
    halts: tuple[Halt, ...] = field(default=(), repr=False, compare=False)
    can_update: bool = field(default=False, repr=False, compare=False)
    before: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)
    ignore: tuple[str, ...] = field(default=(), repr=False, compare=False)
    asker: str = field(default="", compare=False)
    reads: Shape | None = field(default=None, repr=False, compare=False)
    checkpoint: Checkpoint = field(default=None, repr=False, compare=False)
    _digested: Digested = field(default_factory=Digested, repr=False, compare=False)

    @property
    def digest(self) -> str:
        """The digest of the payload."""
        return self._digested.of(self.value)

    def is_same(self, other: "Interrupt | None") -> bool:
        """Tell whether both are the same interrupt, in the same state in the thread; without the payload's ``==``."""
        if other is None or other is self:
            return other is self
        mine, theirs = ((each.id, each.node, each.is_stop, each.response_schema) for each in (self, other))
        return mine == theirs and self.has_former_of(other) and self.digest == other.digest

    def has_former_of(self, other: "Interrupt") -> bool:
        """Tell whether the thread holds the same answer, or none, to both interrupts."""
        return other.former is None if self.former is None else self.former.is_same(other.former)

    def asks_as(self, other: "Interrupt") -> bool:
        """Tell whether both interrupts ask the same in the same node.

        Paths of different depth are compared over the length of the shorter path.
        """
        names = (self.node.split("/"), other.node.split("/"))
        near = min(map(len, names))
        return names[0][:near] == names[1][:near] and self.digest == other.digest

    @property
    def changed(self) -> tuple[str, ...] | None:
        """For a stop: the keys of the state that have changed since the stop before; ``None`` for the first."""
        if self.before is None:
            return None
        keys: list[str] = []
        for halt in self.halts:
            values = halt.values if isinstance(halt.values, Mapping) else {}
            before = self.before.get(halt.place)
            keys += [key for key, value in values.items() if not _is_as(value, before, key)]
        return tuple(keys)

    @property
    def who(self) -> str:
        """The node and the asker within the node, for display."""
        return f"{self.node} > {self.asker}" if self.asker else self.node


def _is_as(value: Any, before: Any, key: str) -> bool:
    """Tell whether a value of a state is unchanged."""
    if not isinstance(before, Mapping) or key not in before:
        return False
    try:
        return value is before[key] or bool(value == before[key])
    except Exception:  # noqa: BLE001 - a data frame compares to no boolean; a user's class may raise anything
        return False


@dataclass(frozen=True)
class Chunk:
    """A chunk of LangGraph's stream, of a local or a served run.

    Attributes
    ----------
    mode
        LangGraph's ``stream_mode``: ``"values"``, ``"updates"``, ``"custom"``, ``"messages"`` or ``"tasks"``; ``"log"``
        for the printed output and log records of nodes in this process; and ``"tokens"`` for the output of models,
        where LangGraph's ``"messages"`` is not streamed.
    data
        LangGraph's data in that mode; a text for ``"log"``; for ``"tokens"`` a pair as in ``"messages"``, with the
        message as JSON.
    path
        The chunk's subgraph, outer graphs first (``("research:<task id>",)``); empty for the graph itself.
    """

    mode: str
    data: Any
    path: tuple[str, ...] = ()


class NodeRaised(Exception):
    """Wraps an exception of nbhitl that a node raised, by a review in the node, say: the engine did not raise it."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(repr(error))
        self.error = error


Watch = Callable[[Chunk], None]
"""Receives the chunks of a run; called from any thread, must not block and must not raise."""


HANDLER = "__error_handler__"
"""First part of the name of a task of LangGraph in which a node's error handler works; the node's name follows."""


def seeing_tasks(saw: Callable[[Mapping[str, Any], tuple[str, ...]], None], watch: Watch) -> Watch:
    """Return a watch that gives each event of a task, with the path, to ``saw``, and every chunk to ``watch``."""

    def both(chunk: Chunk) -> None:
        if chunk.mode == "tasks" and isinstance(chunk.data, Mapping):
            saw(chunk.data, chunk.path)
        watch(chunk)

    return both


class FailedRun(NamedTuple):
    """An item of a batch whose run failed: the number from 1, the input, and the exception as text."""

    number: int
    input: str
    error: str


class Several(NamedTuple):
    """An item of a batch, from 0, that asks several questions side by side, and how many of these are decided."""

    item: int
    decided: int
    total: int


class Tally(NamedTuple):
    """Progress of a batch, counted in items.

    Attributes
    ----------
    total
        The number of items.
    decided, skipped, failed
        The items with an answer to each question so far, the skipped items, the items with a failed run.
    flagged
        The items with a note.
    open, waiting
        The items that ask now, and the items whose run has not begun.
    failures
        The first failed items.
    several
        The items that ask several questions side by side.
    """

    total: int
    decided: int
    skipped: int
    failed: int
    flagged: int
    open: int
    waiting: int = 0
    failures: tuple[FailedRun, ...] = ()
    several: tuple[Several, ...] = ()


class Recalled(NamedTuple):
    """An answer that the run of an item of a batch had got before the batch found the run.

    Attributes
    ----------
    interrupt
        The question, as the batch names questions.
    ordinal
        How many questions of this node came before.
    value
        The answer, with the marks of the item and without secrets.
    """

    interrupt: Interrupt
    ordinal: int
    value: Any


@dataclass(frozen=True)
class Snapshot:
    """The state of a thread at a moment.

    Attributes
    ----------
    interrupts
        The pending interrupts, in LangGraph's order.
    next
        Names of the nodes that would run next; empty when the run has ended.
    values
        The state's values.
    busy
        Whether a run is at work on the thread, so that the rest is about to change.
    checkpoint
        The checkpoint of this state; `Engine.ask_again` and `Engine.start` can go on from there.
    finished
        Names of the nodes of the current step that have already finished: a fork runs them again.
    raised
        The values of the ``NodeInterrupt`` that nodes of the current step raised: no answer settles these.
    failed
        The exception of a node of the current step without a pending question, as ``"ValueError: too large"``.
    is_paused
        Whether the run is known to have stopped here at a static breakpoint without a resume since: no node in
        ``next`` has run.
    halts
        Where the graphs of the thread stand, for a run that has stopped without a question; empty where the engine
        knows only ``next`` and ``values``.
    marks
        nbhitl's marks in the metadata of the thread's run: the keys that begin with ``nbhitl_``.
    tally
        The progress of a batch, whose questions are independent of each other; ``None`` for the thread of a run.
    item_pasts
        For a batch: the pasts of the runs that were found, before the open questions; grows with the batch.
    recalled
        For a batch: the answers that runs had got before the batch found them; grows with the batch.
    unsent
        For a batch: the ids of the questions whose answers the runs may not have got so far.
    overtaken
        For a batch: the ids of the questions whose answers came too late, because another client had answered the run;
        grows with the batch.
    unread
        For a batch: why the threads of some runs cannot be read at present; empty where all can.
    raw
        The engine's own state object, as ``card.state`` shows it.
    """

    interrupts: tuple[Interrupt, ...] = ()
    next: tuple[str, ...] = ()
    values: Any = None
    busy: bool = False
    checkpoint: Checkpoint = field(default=None, repr=False, compare=False)
    finished: tuple[str, ...] = ()
    raised: tuple[Any, ...] = ()
    failed: str | None = None
    is_paused: bool = False
    halts: tuple[Halt, ...] = field(default=(), repr=False)
    marks: Mapping[str, Any] = field(default_factory=dict, compare=False)
    raw: Any = field(default=None, repr=False, compare=False)
    tally: Tally | None = field(default=None, compare=False)
    item_pasts: Sequence[Past] = field(default=(), repr=False, compare=False)
    recalled: Sequence[Recalled] = field(default=(), repr=False, compare=False)
    unsent: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    overtaken: Sequence[str] = field(default=(), repr=False, compare=False)
    unread: str = field(default="", repr=False, compare=False)

    @property
    def is_end(self) -> bool:
        """Whether a run has ended in this state."""
        return not (self.interrupts or self.next or self.busy)

    @property
    def is_stop(self) -> bool:
        """Whether the run stands still without a question, as far as a single look shows."""
        return bool(self.next) and not self.interrupts and not self.busy


@dataclass(frozen=True)
class RunSegment:
    """A segment of a run, from the start or a resume to the next pause or the end.

    Attributes
    ----------
    output
        The result of the engine's ``invoke`` (or ``runs.wait``).
    snapshot
        The thread's state, read after the segment.
    is_cut
        Whether the nodes that come next may have run already: the segment was stopped in the middle of a step, or the
        thread was found in this state.
    is_found
        Whether the thread was found in this state, without a run by this review.
    """

    output: Any
    snapshot: Snapshot
    is_cut: bool = False
    is_found: bool = False


First = Callable[[Watch], Awaitable[RunSegment]]
"""Makes the first segment of a review, or of an item of a batch."""
