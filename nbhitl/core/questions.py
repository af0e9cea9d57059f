"""Questions of a review: open ones, settled ones, and finding one again after a fork."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from nbhitl.answers import Answer
from nbhitl.model.decided import Decided
from nbhitl.model.run import AskedAt, Checkpoint, Interrupt, Snapshot
from nbhitl.protocol import Origin

QuestionKey: TypeAlias = tuple[str, int]
"""A question's node and ordinal, which stay when it is asked again; its record stands under them."""


@dataclass(frozen=True)
class Offer:
    """An answer given before, offered where its question is asked again.

    ``why``: a sibling's answer had to be asked again, and with it the whole step; the person changes their mind; or
    the node asks something else now than what was answered.
    """

    value: Any
    why: Literal["sibling", "changed", "other question", "kept"]


@dataclass(frozen=True)
class Asked:
    """A question that is not settled yet.

    Attributes
    ----------
    since
        The session's revision when it was asked; an answer that looked at an older one is stale.
    rank
        Orders the questions of a review, whoever answered when: the step, its branch, and when it was asked.
    number
        How many questions, of all nodes, came before in the run.
    why_unplaced
        Why an answer to it would not be found again in a run from the start; ``None`` where it would.
    seen_at
        The time at which it was asked here; ``None`` where the run was found midway.
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
    seen_at: datetime | None = field(default_factory=lambda: datetime.now(UTC), compare=False)

    @property
    def title(self) -> str:
        """The question in a message about it."""
        node = self.interrupt.node
        return f"The stop at {node}" if self.interrupt.is_stop else f"The question of node {node!r}"

    @property
    def at(self) -> AskedAt:
        """Where it stands among the questions of its run."""
        return AskedAt(self.interrupt.node, self.ordinal, self.number)

    @property
    def decided(self) -> Decided:
        """Who decided on it, and when; it must have its answer."""
        answer = self.answer
        assert answer is not None, "decided before the answer"
        return Decided(self.interrupt, answer.value, answer.shown, answer.origin, answer.by, answer.at, self.seen_at)

    @property
    def needs_fork(self) -> bool:
        """Whether the thread already holds another answer, so that this one would not reach the node.

        The same answer does reach it: it is the one that the thread holds.
        """
        former = self.interrupt.former
        if former is None or self.answer is None or self.interrupt.is_stop:
            return False  # to go on from a stop keeps what the step has saved; a fork would run it again
        return bool(former.error) or not former.is_known or former.digest != self.answer.digest

    def as_answered(self) -> "Answered":
        """Return the question as a settled one; it must have its answer."""
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
    """A settled question; ``value`` means nothing where the origin is ``elsewhere``."""

    interrupt: Interrupt
    ordinal: int
    value: Any
    origin: Origin
    checkpoint: Checkpoint = None
    answer: Answer | None = None
    told: str = ""
    """When it was answered elsewhere, and by whom, where that is known."""
    rank: tuple[int, int, int] = (0, 0, 0)
    """See `Asked`."""
    late: Answer | None = None
    """The answer that was given here and came too late."""
    number: int = 0
    why_unplaced: str | None = None

    @property
    def at(self) -> AskedAt:
        """Where it stands among the questions of its run."""
        return AskedAt(self.interrupt.node, self.ordinal, self.number)


def in_order(answered: Iterable[Answered]) -> list[Answered]:
    """Return settled questions in the order in which they are asked where all of a step are answered together."""
    return sorted(answered, key=lambda each: each.rank)


@dataclass(frozen=True)
class Found:
    """An interrupt that a fork asks anew, and what it was before.

    ``is_sure``: it is that question and no other, so that its answer may go out unasked.
    """

    interrupt: Interrupt
    before: Asked | Answered | None
    is_sure: bool = False


def find_again(interrupts: Sequence[Interrupt], known: Iterable[Asked | Answered]) -> list[Found]:
    """Pair interrupts that a fork asks anew with what they were before.

    Sure are those of one node that ask the same, if they are as many as before: LangGraph lists them in the same
    order. What is left over is paired in the order of its node, to be offered only.
    """
    left = sorted(known, key=lambda each: each.ordinal)
    found: dict[str, Found] = {}
    for interrupt in interrupts:
        now = [each for each in interrupts if is_same_question(each, interrupt)]
        before = [each for each in left if is_same_question(each.interrupt, interrupt)]
        if len(now) == len(before):
            found |= {each.id: Found(each, was, is_sure=True) for each, was in zip(now, before, strict=True)}
    taken = {id(each.before) for each in found.values()}
    left = [each for each in left if id(each) not in taken]
    for interrupt in interrupts:
        if interrupt.id not in found:
            was = next((each for each in left if each.interrupt.node == interrupt.node), None)
            found[interrupt.id] = Found(interrupt, was)
            left = [each for each in left if each is not was]
    return [found[interrupt.id] for interrupt in interrupts]


def is_same_question(one: Interrupt, other: Interrupt) -> bool:
    """Whether two interrupts, of one node, ask the same."""
    return one.node == other.node and one.digest == other.digest


def cut_off_beside(snapshot: Snapshot) -> str | None:
    """Say which nodes of a step that asks were cut off at work; ``None`` where there are none."""
    asking = {interrupt.node.split("/")[0] for interrupt in snapshot.interrupts}
    others = sorted(set(snapshot.next) - asking - set(snapshot.finished))
    if not others:
        return None
    return (
        f"The run was cut off while {', '.join(others)} had not been saved: it may have run already, with what it "
        "does outside the graph. An answer runs it again."
    )


def question_key(question: Asked | Answered) -> QuestionKey:
    """Return the key of a question in its review; its id changes when it is asked again in a fork."""
    return question.interrupt.node, question.ordinal
