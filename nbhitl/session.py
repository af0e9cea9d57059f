"""The session: what was asked, what is still open, what to send. A state machine without I/O.

It is told what the engine saw (`leg_ended`, `leg_failed`, `seen`), takes answers at one door (`answer`), and says
what to send (`take`). It is not thread-safe; the review guards it by one lock.

::

    starting ──▶ asking ──▶ running ──▶ asking … ──▶ finished
        └───────────┴─────────┴────────────────────▶ failed
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from nbhitl.answers import Answer
from nbhitl.errors import (
    AlreadyAnswered,
    InvalidAnswer,
    NobodyThere,
    ServerRefused,
    ServerUnreachable,
    UnknownInterrupt,
)
from nbhitl.protocol import Origin
from nbhitl.thread import Interrupt, Leg, Snapshot

Phase = Literal["starting", "asking", "running", "finished", "failed"]

MAY_BE_ANSWERED_AGAIN = (ServerUnreachable, ServerRefused, InvalidAnswer)
"""Failures after which the question is still open: the answer did not arrive, or was not fit to be sent."""


@dataclass(frozen=True)
class Asked:
    """A question that is not settled yet.

    ``since`` is the session's revision when it was asked; an answer that looked at an older one is stale.
    """

    interrupt: Interrupt
    ordinal: int
    since: int
    answer: Answer | None = None
    problem: Exception | None = None

    def as_answered(self) -> "Answered":
        """Return the question as a settled one; it must have its answer."""
        assert self.answer is not None, "as_answered() before the answer"
        return Answered(self.interrupt, self.ordinal, self.answer.value, self.answer.origin)


@dataclass(frozen=True)
class Answered:
    """A settled question; ``value`` means nothing where the origin is ``elsewhere``."""

    interrupt: Interrupt
    ordinal: int
    value: Any
    origin: Origin


class Session:
    """One review, from the start of the run to its end.

    Parameters
    ----------
    why_not
        Says why the engine could not take a value as it is; ``None`` where it can.
    """

    def __init__(self, why_not: Callable[[Any], str | None] = lambda _value: None) -> None:
        self._why_not_kept = why_not
        self.phase: Phase = "starting"
        self.revision = 0
        self.result: Any = None
        self.error: BaseException | None = None
        self.nobody: NobodyThere | None = None
        self.snapshot = Snapshot()
        self._open: dict[str, Asked] = {}
        self._in_flight: dict[str, Asked] = {}
        self._answered: list[Answered] = []
        self._per_node: Counter[str] = Counter()
        self._stops = 0

    # --- looking ------------------------------------------------------------------------------

    @property
    def over(self) -> bool:
        """Whether nothing can happen any more."""
        return self.phase in ("finished", "failed")

    @property
    def asked(self) -> tuple[Asked, ...]:
        """The open questions, those included whose answer is held until their siblings have one."""
        return tuple(self._open.values())

    @property
    def unanswered(self) -> tuple[Asked, ...]:
        """The open questions without an answer."""
        return tuple(asked for asked in self._open.values() if asked.answer is None)

    @property
    def answered(self) -> tuple[Answered, ...]:
        """The questions that have been answered, in order; those on their way included."""
        return (*self._answered, *(asked.as_answered() for asked in self._in_flight.values()))

    def interrupt(self, interrupt_id: str) -> Interrupt:
        """Return an open interrupt.

        Raises
        ------
        AlreadyAnswered, UnknownInterrupt
            If it is not open.
        """
        if asked := self._open.get(interrupt_id):
            return asked.interrupt
        raise self._why_not(interrupt_id)

    # --- the door -----------------------------------------------------------------------------

    def answer(self, answer: Answer) -> Asked:
        """Take one answer; every answer, whoever gives it, comes through here.

        Returns
        -------
        Asked
            The question with its answer.

        Raises
        ------
        AlreadyAnswered
            If the question has an answer, or was asked anew after the revision the answer looked at.
        UnknownInterrupt
            If no question with this id was asked.
        InvalidAnswer
            If the engine cannot take the value as it is, or if the question is a stop and the value not ``None``.
        """
        asked = self._open.get(answer.id)
        if asked is None:
            raise self._why_not(answer.id)
        if asked.answer is not None:
            raise AlreadyAnswered(f"{_name(asked)} has been answered already ({asked.answer.origin}).")
        if answer.revision is not None and answer.revision < asked.since:
            raise AlreadyAnswered(f"{_name(asked)} was asked anew since this answer was written; look at it again.")
        if asked.interrupt.is_stop and answer.value is not None:
            raise InvalidAnswer(
                f"The run stopped before {asked.interrupt.node} without a question, so there is nothing to answer but "
                "None: go on. To change the state first, use graph.update_state."
            )
        if why_not := self._why_not_kept(answer.value):
            raise InvalidAnswer(f"{_name(asked)} cannot be answered with this value as it is: {why_not}")
        asked = replace(asked, answer=answer, problem=None)
        self._open[answer.id] = asked
        self._step()
        return asked

    def take(self) -> dict[str, Any] | None:
        """Return what to send (interrupt id -> value) once every open question has its answer, else ``None``.

        A stop, which is answered by going on, is not in it.
        """
        if self.phase != "asking" or not self._open or self.unanswered or self.snapshot.busy:
            return None
        self._in_flight, self._open = self._open, {}
        self.nobody = None
        self._go("running")
        return {
            key: asked.answer.value
            for key, asked in self._in_flight.items()
            if asked.answer is not None and not asked.interrupt.is_stop
        }

    # --- what the engine says -----------------------------------------------------------------

    def leg_ended(self, leg: Leg) -> None:
        """Note that the run paused or ended."""
        self._settle_in_flight()
        self._continue_with(leg.snapshot, leg.output)

    def leg_failed(self, error: BaseException) -> None:
        """Note that starting or resuming failed; where an answer may be given again the questions are open again."""
        from_here = all(a.answer and a.answer.origin in ("person", "code") for a in self._in_flight.values())
        if isinstance(error, MAY_BE_ANSWERED_AGAIN) and self._in_flight and from_here:
            for key, asked in self._in_flight.items():
                self._open[key] = replace(asked, answer=None, problem=error)
            self._in_flight = {}
            self._go("asking")
        else:
            self.fail(error)

    def overtaken(self, error: AlreadyAnswered) -> None:
        """Note that the engine refused the answers: one of the questions was answered elsewhere.

        Nothing was sent, so the answers to the others are kept; what `seen` finds still pending is sent once more, and
        asked again with ``error`` if that is refused as well.
        """
        for key, asked in self._in_flight.items():
            retried = asked.problem is not None
            self._open[key] = replace(asked, answer=None if retried else asked.answer, problem=error)
        self._in_flight = {}
        self._go("asking")

    def seen(self, snapshot: Snapshot) -> None:
        """Compare with the thread's state: questions that are gone from it were answered elsewhere."""
        self.snapshot = snapshot
        pending = {interrupt.id for interrupt in snapshot.interrupts}
        stopped = bool(snapshot.next) and not snapshot.interrupts and not snapshot.busy
        if stopped:
            pending |= {key for key, asked in self._open.items() if asked.interrupt.is_stop}
        for key in [key for key in self._open if key not in pending]:
            asked = self._open.pop(key)
            self._answered.append(Answered(asked.interrupt, asked.ordinal, None, "elsewhere"))
            self._step()
        if not self._open:
            self._continue_with(snapshot, snapshot.values)

    def unanswerable(self, why: NobodyThere) -> None:
        """Note that nothing answers the open questions in place of a person, and why."""
        self.nobody = why
        self._step()

    def touch(self) -> None:
        """Note that what is shown has changed, though not the session itself."""
        self._step()

    def fail(self, error: BaseException) -> None:
        """End the session with ``error``."""
        self._settle_in_flight()
        self.error = error
        self._go("failed")

    # --- inside -------------------------------------------------------------------------------

    def _continue_with(self, snapshot: Snapshot, output: Any) -> None:
        self.snapshot = snapshot
        if snapshot.busy:  # another client's run is at work; what is pending is about to change
            if self.phase != "running":
                self._go("running")
        elif snapshot.interrupts:
            self._go("asking")
            for interrupt in snapshot.interrupts:
                self._ask(interrupt)
        elif snapshot.next:
            self._go("asking")
            self._ask(self._stop_before(snapshot.next))
        else:
            self.result = output
            self._go("finished")

    def _stop_before(self, nodes: tuple[str, ...]) -> Interrupt:
        self._stops += 1
        return Interrupt(f"stop-{self._stops}", ", ".join(nodes), {"next": list(nodes)}, is_stop=True)

    def _ask(self, interrupt: Interrupt) -> None:
        ordinal = self._per_node[interrupt.node]
        self._per_node[interrupt.node] += 1
        self._open[interrupt.id] = Asked(interrupt, ordinal, self.revision)

    def _settle_in_flight(self) -> None:
        self._answered, self._in_flight = list(self.answered), {}

    def _why_not(self, interrupt_id: str) -> Exception:
        for answered in reversed(self.answered):
            if answered.interrupt.id == interrupt_id:
                by = "by another client" if answered.origin == "elsewhere" else f"({answered.origin})"
                return AlreadyAnswered(f"The question of node {answered.interrupt.node!r} has been answered {by}.")
        if self.over:
            return AlreadyAnswered(f"The run is over ({self.phase}); no question is open.")
        ids = ", ".join(self._open) or "none"
        return UnknownInterrupt(f"No open question has the id {interrupt_id!r}; open: {ids} (see card.interrupts).")

    def _go(self, phase: Phase) -> None:
        self.phase = phase
        self._step()

    def _step(self) -> None:
        self.revision += 1


def _name(asked: Asked) -> str:
    return f"The question of node {asked.interrupt.node!r}"
