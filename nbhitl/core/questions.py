"""The questions of a review, open and settled; and the search for a question after a fork."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from nbhitl.answers import Answer
from nbhitl.protocol import Origin
from nbhitl.runs.decided import Decided
from nbhitl.runs.past import AskedAt
from nbhitl.runs.run import Checkpoint, Interrupt, Snapshot

QuestionKey: TypeAlias = tuple[str, int]
"""Node and ordinal of a question. Both stay the same when the question is asked again; the record uses this key."""


@dataclass(frozen=True)
class Offer:
    """A former answer, offered where the question is asked again.

    ``why``: the answer of a sibling had to be asked again, with the whole step; the person wants to change the answer;
    the node now asks another question; or the answer was kept until the question came.
    """

    value: Any
    why: Literal["sibling", "changed", "other question", "kept"]


@dataclass(frozen=True)
class Asked:
    """A question that is not settled yet.

    Attributes
    ----------
    since
        The session's revision at the time of asking; an answer to an older revision is stale.
    rank
        Orders the questions of a review, independent of the order of answers: by step, branch, and time of asking.
    number
        The number of earlier questions in the run, of all nodes.
    why_unplaced
        The reason why a run from the start would not find the answer; ``None`` where the run would find the answer.
    unsent
        The last answer, where the answer was taken but never reached the node, and the question is open again.
    seen_at
        The time of asking here; ``None`` where the run was found midway.
    """

    interrupt: Interrupt
    ordinal: int
    since: int
    checkpoint: Checkpoint = None
    answer: Answer | None = None
    problem: Exception | None = None
    offer: Offer | None = None
    rank: tuple[int, int, int] = (0, 0, 0)
    number: int = 0
    why_unplaced: str | None = None
    unsent: Answer | None = None
    seen_at: datetime | None = field(default_factory=lambda: datetime.now(UTC), compare=False)

    @property
    def title(self) -> str:
        """The name of the question in messages."""
        node = self.interrupt.node
        return f"The stop at {node}" if self.interrupt.is_stop else f"The question of node {node!r}"

    @property
    def at(self) -> AskedAt:
        """The place of the question among the questions of the run."""
        return AskedAt(self.interrupt.node, self.ordinal, self.number)

    @property
    def decided(self) -> Decided:
        """The decision on an answered question: answer, decider and time."""
        answer = self.answer
        assert answer is not None, "decided before the answer"
        return Decided(
            self.interrupt,
            answer.value,
            answer.shown,
            origin=answer.decider,
            by=answer.by,
            at=answer.at,
            asked_at=self.seen_at,
            ruled=tuple(None if each is None else each["rule"] for each in answer.ruled),
        )

    @property
    def needs_fork(self) -> bool:
        """Whether the thread already holds a different answer, so that this answer would not reach the node.

        If the thread holds the same answer, no fork is needed.
        """
        former = self.interrupt.former
        if former is None or self.answer is None or self.interrupt.is_stop:
            return False  # to go on from a stop keeps the saved part of the step, which a fork would repeat
        return bool(former.error) or not former.is_known or former.digest != self.answer.digest

    def as_answered(self) -> "Answered":
        """Return an answered question as a settled question."""
        assert self.answer is not None, "as_answered() before the answer"
        return Answered(
            self.interrupt,
            self.ordinal,
            self.answer.value,
            self.answer.origin,
            self.checkpoint,
            self.answer,
            rank=self.rank,
            number=self.number,
            why_unplaced=self.why_unplaced,
        )


@dataclass(frozen=True)
class Answered:
    """A settled question; ``value`` has no meaning where the origin is ``elsewhere``."""

    interrupt: Interrupt
    ordinal: int
    value: Any
    origin: Origin
    checkpoint: Checkpoint = None
    answer: Answer | None = None
    told: str = ""
    """The time and the person of an answer elsewhere, in words, where known."""
    rank: tuple[int, int, int] = (0, 0, 0)
    """See `Asked`."""
    late: Answer | None = None
    """The answer that was given here too late."""
    number: int = 0
    why_unplaced: str | None = None

    @property
    def at(self) -> AskedAt:
        """The place of the question among the questions of the run."""
        return AskedAt(self.interrupt.node, self.ordinal, self.number)

    def as_late(self, since: int) -> Asked:
        """Return the question as it was asked, with the answer that came too late."""
        return Asked(
            self.interrupt,
            self.ordinal,
            since,
            self.checkpoint,
            self.answer,
            rank=self.rank,
            number=self.number,
            why_unplaced=self.why_unplaced,
        )

    def as_elsewhere(self) -> "Answered":
        """Return the question as another client has answered the question, before the answer from here."""
        return replace(self, value=None, origin="elsewhere", answer=None, late=self.answer)


def in_order(answered: Iterable[Answered]) -> list[Answered]:
    """Return settled questions in the order of asking, for a step whose questions are answered together."""
    return sorted(answered, key=lambda each: each.rank)


@dataclass(frozen=True)
class Paired:
    """An interrupt that a fork asks again, with the former question.

    ``is_sure``: the question is certainly the same, so that the former answer may be sent without asking.
    """

    interrupt: Interrupt
    before: Asked | Answered | None
    is_sure: bool = False


def find_again(interrupts: Sequence[Interrupt], known: Iterable[Asked | Answered]) -> list[Paired]:
    """Pair the interrupts that a fork asks with the former questions.

    A pair is sure where a node asks the same question as often as before, because LangGraph keeps the order. Other
    interrupts are paired in the order of their node, for offers only.
    """
    former = sorted(known, key=lambda each: each.ordinal)
    found = _surely_again(interrupts, former)
    taken = {id(each.before) for each in found.values()}
    left = [each for each in former if id(each) not in taken]
    for interrupt in interrupts:
        if interrupt.id in found:
            continue
        was = next((each for each in left if each.interrupt.node == interrupt.node), None)
        found[interrupt.id] = Paired(interrupt, was)
        left = [each for each in left if each is not was]
    return [found[interrupt.id] for interrupt in interrupts]


def _surely_again(interrupts: Sequence[Interrupt], former: Sequence[Asked | Answered]) -> dict[str, Paired]:
    """Return the sure pairs, by interrupt."""
    found: dict[str, Paired] = {}
    for interrupt in interrupts:
        now = [each for each in interrupts if is_same_question(each, interrupt)]
        before = [each for each in former if is_same_question(each.interrupt, interrupt)]
        if len(now) == len(before):
            for each, was in zip(now, before, strict=True):
                found[each.id] = Paired(each, was, is_sure=True)
    return found


def is_same_question(one: Interrupt, other: Interrupt) -> bool:
    """Whether two interrupts come from the same node with the same question."""
    return one.node == other.node and one.digest == other.digest


def cut_off_beside(snapshot: Snapshot) -> str | None:
    """Return a note that names the nodes of the asking step that were cut off; ``None`` where there are none."""
    asking = {interrupt.node.split("/")[0] for interrupt in snapshot.interrupts}
    others = sorted(set(snapshot.next) - asking - set(snapshot.finished))
    if not others:
        return None
    nodes, them = ", ".join(others), "it" if len(others) == 1 else "them"
    return (
        f"The run was cut off before {nodes} had been saved: {nodes} may have run already, with effects outside the "
        f"graph. An answer runs {them} again."
    )


def question_key(question: Asked | Answered) -> QuestionKey:
    """Return the key of a question in the review; the id would change with a fork."""
    return question.interrupt.node, question.ordinal
