"""A thread as nbhitl sees it, whichever engine runs it."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from nbhitl.jsontext import digest
from nbhitl.model.shape import Shape

Checkpoint = Any
"""Names one checkpoint of a thread, in the engine's own terms; only that engine looks into it."""


@dataclass(frozen=True)
class StuckAnswer:
    """An answer that was sent and did not settle the interrupt.

    LangGraph keeps such an answer: whatever is sent next, the node gets this one again, until the question is asked
    anew in a fork.

    Attributes
    ----------
    is_known
        Whether ``value`` is the answer; some servers do not tell.
    value
        The answer.
    error
        What the node raised on it, as ``"ValueError: too large"``; ``None`` where the run was cut off instead, so
        that the step may already have run.
    """

    is_known: bool = False
    value: Any = None
    error: str | None = None


@dataclass(frozen=True)
class Halt:
    """Where one graph of a thread stands before its next nodes: the graph itself, or a subgraph in one of its nodes.

    Attributes
    ----------
    path
        The nodes around it, outer graphs first; empty for the graph itself.
    next
        Names of the nodes that come next, each once.
    values
        Its state's values.
    added_to
        Those of its keys whose reducer adds to what is there; ``None`` where that is not known.
    by_id
        Those of them whose reducer puts messages in the place of others with their id; ``None`` where not known.
    tools
        Those of ``next`` that run tool calls.
    is_within
        Whether the run stands somewhere within ``next``, in a graph that LangGraph does not show.
    checkpoint
        Names the checkpoint of this state.
    """

    path: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    values: Any = None
    added_to: frozenset[str] | None = None
    by_id: frozenset[str] | None = None
    tools: frozenset[str] = frozenset()
    is_within: bool = False
    checkpoint: str | None = None


@dataclass(frozen=True)
class Interrupt:
    """One pending interrupt of a thread.

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
        Whether it is none of LangGraph's: the run stopped before ``node`` without a question (a static breakpoint, or
        a run that was cut off) and asks to go on. ``value`` is what a person sees of it: see `nbhitl.model.stops`.
    former
        The answer that the thread already holds for it, if there is one.
    halts
        For a stop: where the graphs of the thread stand.
    can_update
        For a stop: whether the state of the (only) one can be changed before the run goes on.
    changed
        For a stop: the keys of the state that have changed since the stop before; ``None`` for the first.
    ignore
        What of the payload is set aside where it is recorded and compared; see `nbhitl.review`.
    asker
        Who asks within the node, as far as it was seen: tools, agents, nodes of graphs that are called there, outer
        ones first (``"ask_researcher > researcher > search"``).
    reads
        What the node does with the answer, as far as its source tells; ``None`` where that is not known.
    """

    id: str
    node: str
    value: Any
    response_schema: dict[str, Any] | None = None
    is_stop: bool = False
    former: StuckAnswer | None = None
    halts: tuple[Halt, ...] = field(default=(), repr=False, compare=False)
    can_update: bool = field(default=False, repr=False, compare=False)
    changed: tuple[str, ...] | None = field(default=None, repr=False, compare=False)
    ignore: tuple[str, ...] = field(default=(), repr=False, compare=False)
    asker: str = field(default="", compare=False)

    def asks_as(self, other: "Interrupt") -> bool:
        """Tell whether it asks the same, in the same node: the node's name, where one of them lies deeper."""
        names = (self.node.split("/"), other.node.split("/"))
        near = min(map(len, names))
        return names[0][:near] == names[1][:near] and digest(self.value) == digest(other.value)

    @property
    def who(self) -> str:
        """The node, and who asks within it: for people."""
        return f"{self.node} > {self.asker}" if self.asker else self.node

    reads: Shape | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Chunk:
    """One chunk of LangGraph's stream, of a local run or of a served one.

    Attributes
    ----------
    mode
        LangGraph's ``stream_mode``: ``"values"``, ``"updates"``, ``"custom"``, ``"messages"`` or ``"tasks"``; ``"log"``
        for what nodes print and log in this process; and ``"tokens"`` for what models say, where LangGraph's
        ``"messages"`` is not streamed.
    data
        What LangGraph gives in that mode; a text for ``"log"``; for ``"tokens"`` a pair as in ``"messages"``, with the
        message as JSON.
    path
        The subgraph it comes from, outer graphs first (``("research:<task id>",)``); empty for the graph itself.
    """

    mode: str
    data: Any
    path: tuple[str, ...] = ()


class NodeRaised(Exception):
    """A node raised an exception of nbhitl's own (it reviewed something itself, say): not to be taken for ours."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(repr(error))
        self.error = error


Watch = Callable[[Chunk], None]
"""Sees a run work; called from any thread, must not block and must not raise."""


@dataclass(frozen=True)
class Snapshot:
    """What a thread's state says at one moment.

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
        The checkpoint that this is the state of; `Engine.ask_again` and `Engine.start` can go on from there.
    finished
        Names of the nodes of the current step that have already finished: a fork runs them again.
    raised
        The values of the ``NodeInterrupt`` that nodes of the current step raised: no answer settles these.
    failed
        What a node of the current step raised, as ``"ValueError: too large"``, where no question is pending for it.
    is_paused
        Whether it is known that the run stopped here at a static breakpoint and was not gone on with: nothing that
        comes next has run.
    halts
        Where the graphs of the thread stand, for a run that has stopped without a question; empty where the engine
        knows no more of that than ``next`` and ``values``.
    marks
        What nbhitl wrote into the metadata of the thread's run: the keys that begin with ``nbhitl_``.
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

    @property
    def is_end(self) -> bool:
        """Whether a run has ended in this state."""
        return not (self.interrupts or self.next or self.busy)


class AskedAt(NamedTuple):
    """Where a question stands among those of its run.

    Attributes
    ----------
    node
        Path of the node.
    ordinal
        How many questions of this node came before.
    number
        How many questions of all nodes came before.
    """

    node: str
    ordinal: int
    number: int


@dataclass(frozen=True)
class PastQuestion:
    """A question that a run asked before a review found it.

    Attributes
    ----------
    node
        Path of the node.
    id
        The interrupt's id where it is pending still; ``None`` where it is settled.
    checkpoint
        The checkpoint that asked: where the thread is forked there, it is asked again.
    """

    node: str
    id: str | None = None
    checkpoint: Checkpoint = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Past:
    """The questions of a run that was found midway, in the order in which a review asks them.

    Attributes
    ----------
    questions
        The settled ones and those that are pending.
    unsure
        The nodes of which it cannot be told in which order their questions come.
    is_in_order
        Whether the order of all of them is known.
    why_unknown
        Why it is not known what was asked; ``None`` where it is.
    """

    questions: tuple[PastQuestion, ...] = ()
    unsure: frozenset[str] = frozenset()
    is_in_order: bool = True
    why_unknown: str | None = None

    @property
    def settled(self) -> tuple[AskedAt, ...]:
        """The settled questions, and where they stand."""
        count: Counter[str] = Counter()
        settled: list[AskedAt] = []
        for number, each in enumerate(self.questions):
            if each.id is None:
                settled.append(AskedAt(each.node, count[each.node], number))
            count[each.node] += 1
        return tuple(settled)


@dataclass(frozen=True)
class RunSegment:
    """One stretch of a run, from its start or a resume to the next pause or the end.

    Attributes
    ----------
    output
        What the engine's ``invoke`` (or ``runs.wait``) returned.
    snapshot
        The thread's state, read after it.
    is_cut
        Whether the nodes that come next may have run already: it was stopped in the middle of a step, or was not run
        here at all but found like this.
    is_found
        Whether it was not run here at all: the thread was found like this.
    """

    output: Any
    snapshot: Snapshot
    is_cut: bool = False
    is_found: bool = False
