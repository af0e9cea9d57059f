"""The state of a review: read by any code, changed by the session only, and copied for code outside of the session."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from nbhitl.answers import Answer
from nbhitl.core.phases import (
    Asking,
    ChangingAnswers,
    Failed,
    Finished,
    Forking,
    Pause,
    Phase,
    PhaseName,
    Running,
    Sending,
    Starting,
)
from nbhitl.core.problems import WrittenLater
from nbhitl.core.questions import Answered, Asked
from nbhitl.errors import AlreadyAnswered, NobodyThere, RunHasFailed, UnknownInterrupt
from nbhitl.runs.past import Past
from nbhitl.runs.run import Interrupt, Snapshot
from nbhitl.runs.stops import looked_at

NOBODY_TO_SAY = (
    "Nobody is there to say whether that may happen again, so nothing was sent. Look what was done, then answer in the "
    "card; or write may_run_again=True if running it twice is fine (in a file of answers: $may_run_again: true)."
)

NONE: Mapping[str, Asked] = {}


class Reading:
    """The readable part of a review: of the session itself under the lock, and of a `ReviewState` without a lock.

    Attributes
    ----------
    now
        The phase.
    revision
        Counts the changes of the display.
    snapshot
        The last known state of the thread.
    open
        The open questions, by interrupt id, including questions whose answer is held until all siblings have answers.
    settled
        The settled questions, in order; without answers in flight.
    late
        Questions to which an answer from here came too late.
    nobody
        The reason why nothing answers in place of a person.
    notes
        Notes for a person.
    unread
        The reason why the last look could not read the thread; empty where the look could.
    past
        The questions before the run was found.
    pause
        The circumstances of the last pause.
    ends
        The number of times that the run has ended.
    is_closed
        Whether nothing can be asked again.
    may_run_again
        Whether a step that may have run already may be run again where nobody is there.
    """

    now: Phase
    revision: int
    snapshot: Snapshot
    open: Mapping[str, Asked]
    settled: tuple[Answered, ...]
    late: tuple[Asked, ...]
    nobody: NobodyThere | None
    notes: tuple[str, ...]
    unread: str
    past: Past
    pause: Pause
    ends: int
    is_closed: bool
    may_run_again: bool

    @property
    def phase(self) -> PhaseName:
        """The name of the phase."""
        return self.now.name

    @property
    def result(self) -> Any:
        """The result of a run that has ended; ``None`` before, and once released."""
        return self.now.result if isinstance(self.now, Finished) else None

    @property
    def error(self) -> BaseException | None:
        """The exception with which the run has failed."""
        return self.now.error if isinstance(self.now, Failed) else None

    @property
    def failure(self) -> BaseException | None:
        """The exception of the run; where no person is there, also the reason why an available answer is not used."""
        if self.error is not None or self.nobody is None:
            return self.error
        problems = [asked.problem for asked in self.asked if asked.problem is not None]
        return next(iter(problems), None if type(self.nobody) is NobodyThere else self.nobody)

    @property
    def is_released(self) -> bool:
        """Whether result and state are dropped, until the next event."""
        return isinstance(self.now, Finished | Failed) and self.now.is_released

    @property
    def stopping(self) -> bool:
        """Whether the run at work was asked to stop."""
        return isinstance(self.now, Starting | Running) and self.now.stopping

    @property
    def in_flight(self) -> Mapping[str, Asked]:
        """The questions whose answers are on their way, by interrupt id."""
        if isinstance(self.now, Running) and isinstance(self.now.errand, Sending | Forking):
            return self.now.errand.in_flight
        return NONE

    @property
    def to_ask_again(self) -> tuple[Answered, ...]:
        """The settled questions that a fork is about to ask again."""
        if isinstance(self.now, Running) and isinstance(self.now.errand, Forking | ChangingAnswers):
            return self.now.errand.again
        return ()

    @property
    def over(self) -> bool:
        """Whether nothing can happen any more, unless a person asks again."""
        return isinstance(self.now, Finished | Failed)

    @property
    def at_work(self) -> bool:
        """Whether a run of ours works."""
        return isinstance(self.now, Starting | Running) and not self.snapshot.busy

    @property
    def asked(self) -> tuple[Asked, ...]:
        """The open questions, including questions whose answer is held until all siblings have answers."""
        return tuple(self.open.values())

    @property
    def unanswered(self) -> tuple[Asked, ...]:
        """The open questions without an answer."""
        return tuple(asked for asked in self.open.values() if asked.answer is None)

    @property
    def waits(self) -> bool:
        """Whether a question is open and has no answer; a run that has failed takes none."""
        return bool(self.unanswered) and not self.over

    @property
    def waiting(self) -> tuple[Interrupt, ...]:
        """The interrupts for which a person is needed now."""
        return tuple(asked.interrupt for asked in self.unanswered) if self.phase == "asking" else ()

    @property
    def answered(self) -> tuple[Answered, ...]:
        """The answered questions, in order, including questions with answers in flight."""
        return (*self.settled, *(asked.as_answered() for asked in self.in_flight.values()))

    def is_on_its_way(self, interrupt_id: str) -> bool:
        """Tell whether a question is open, has an answer that no node has had so far, or was answered too late."""
        is_late = any(asked.interrupt.id == interrupt_id for asked in self.late)
        is_unsent = interrupt_id in self.snapshot.unsent or interrupt_id in self.in_flight
        return is_late or is_unsent or interrupt_id in self.open

    @property
    def last_decision(self) -> tuple[Answered, ...]:
        """The answers that were sent together last, where a fork can ask again; otherwise empty."""
        if not self.can_ask_again:
            return ()
        last = self.settled[-1]
        return tuple(answered for answered in self.settled if answered.checkpoint == last.checkpoint)

    @property
    def can_ask_again(self) -> bool:
        """Whether there is a last decision; fast, without a look at all answers."""
        if isinstance(self.now, Starting | Running) or not self.settled or self.is_closed:
            return False
        last = self.settled[-1]
        return last.checkpoint is not None and not last.interrupt.is_stop and last.origin != "elsewhere"

    @property
    def settled_siblings(self) -> tuple[str, ...]:
        """The nodes whose settled questions a fork would ask again, together with the open questions."""
        return tuple(a.interrupt.node for a in self.settled if self.is_of_this_step(a))

    def may_have_run(self, asked: Asked) -> str | None:
        """Return a message on the step that may have run already and that an answer would repeat; ``None`` if none."""
        former, node = asked.interrupt.former, asked.interrupt.node
        if self.may_run_again:
            return None
        if former is not None and not former.error:
            given = "" if asked.interrupt.is_stop else "was given an answer, and "
            return (
                f"Node {node!r} {given}was cut off before its step was saved: the node may have run already, with "
                "effects outside the graph."
            )
        return self.pause.cut_off

    def only_goes_on(self, asked: Asked) -> bool:
        """Whether a question is not from the run: the run was cut off, and can only continue."""
        has_failed = asked.interrupt.former is not None and bool(asked.interrupt.former.error)
        is_cut_off = asked.interrupt.is_stop and asked.why_unplaced is not None
        return is_cut_off and not has_failed and not self.pause.was_stopped

    def interrupt(self, interrupt_id: str) -> Interrupt:
        """Return an open interrupt.

        Raises
        ------
        AlreadyAnswered, UnknownInterrupt
            If the interrupt is not open.
        """
        return self.question(interrupt_id).interrupt

    def question(self, interrupt_id: str) -> Asked:
        """Return an open question.

        Raises
        ------
        AlreadyAnswered, UnknownInterrupt
            If the question is not open.
        """
        if asked := self.open.get(interrupt_id):
            return asked
        raise self._why_not(interrupt_id)

    def question_for(self, answer: Answer) -> Asked:
        """Return the open question of an answer.

        Raises
        ------
        AlreadyAnswered, UnknownInterrupt
            If no question with this id is open, the question has an answer, or was asked anew after the revision to
            which the answer refers.
        RunHasFailed
            If the run has failed: an answer to a question that was open then would never be sent.
        """
        if self.over:
            raise self._why_not(answer.id)
        asked = self.question(answer.id)
        if asked.answer is not None:
            raise AlreadyAnswered(f"{asked.title} has been answered already, {when_and_how(asked.answer)}.")
        if answer.revision is not None and answer.revision < asked.since:
            raise AlreadyAnswered(asked_anew(asked))
        return asked

    def why_failed(self, said: str = "No question is open") -> RunHasFailed | None:
        """Return the exception for code that looks for questions of a failed run; ``None`` if the run did not fail."""
        error = self.error
        if error is None:
            return None
        failed = RunHasFailed(WrittenLater(lambda: f"{said}: the run has failed with {_named(error)}"))
        failed.__cause__ = error
        return failed

    def _why_not(self, interrupt_id: str) -> Exception:
        answered_id = interrupt_id in {answered.interrupt.id for answered in self.answered}
        said = "The question has been answered, and no other is open" if answered_id else "No question is open"
        if (failed := self.why_failed(said)) is not None:
            return failed
        for answered in reversed(self.answered):
            if answered.interrupt.id == interrupt_id:
                how = "by another client" if answered.answer is None else when_and_how(answered.answer)
                return AlreadyAnswered(f"The question of node {answered.interrupt.node!r} has been answered {how}.")
        if self.over:
            return AlreadyAnswered(f"The run is over ({self.phase}); no question is open.")
        ids = ", ".join(self.open) or "none"
        return UnknownInterrupt(f"No open question has the id {interrupt_id!r}; open: {ids} (see card.interrupts).")

    def is_of_this_step(self, answered: Answered) -> bool:
        """Tell whether a settled question was asked at the checkpoint where the thread stands."""
        return answered.checkpoint is not None and answered.checkpoint == self.snapshot.checkpoint


@dataclass(frozen=True)
class ReviewState(Reading):
    """An immutable snapshot of a session, for any thread to read; see `Reading`."""

    now: Phase
    revision: int
    snapshot: Snapshot
    open: Mapping[str, Asked]
    settled: tuple[Answered, ...]
    late: tuple[Asked, ...]
    nobody: NobodyThere | None
    notes: tuple[str, ...]
    unread: str
    past: Past
    pause: Pause
    ends: int
    is_closed: bool
    may_run_again: bool

    def prepared(self, snapshot: Snapshot, *, is_fork: bool) -> Snapshot:
        """Return a snapshot in which each interrupt that is open already is the very object that is open.

        To compare payloads, and to look at a state, runs slow code of users: this is done before the session is told,
        without the lock.

        Parameters
        ----------
        snapshot
            The thread as read.
        is_fork
            Whether a fork asks, so that the questions are compared with the former questions.
        """
        interrupts = tuple(map(self._as_known, snapshot.interrupts))
        if is_fork:
            in_flight = [asked.interrupt for asked in self.in_flight.values()]
            settled = [answered.interrupt for answered in self.to_ask_again]
            for interrupt in (*interrupts, *in_flight, *settled):
                _ = interrupt.digest
        return replace(looked_at(snapshot) if snapshot.is_stop else snapshot, interrupts=interrupts)

    def _as_known(self, interrupt: Interrupt) -> Interrupt:
        """Return the open interrupt where equal; else the new interrupt, with the digests for later comparisons."""
        known = self.open.get(interrupt.id)
        if known is None:
            return interrupt
        try:
            is_same = bool(interrupt == known.interrupt)  # faster than digests of large payloads
        except Exception:  # noqa: BLE001 - the comparison of data frames is no boolean; user code may raise
            is_same = False
        return known.interrupt if is_same or interrupt.is_same(known.interrupt) else interrupt


class LiveState(Reading):
    """The state that a session changes; the base of the session."""

    open: dict[str, Asked]

    def __init__(self) -> None:
        self.now = Starting()
        self.revision = 0
        self.snapshot = Snapshot()
        self.open = {}
        self.settled = ()
        self.late = ()
        self.nobody = None
        self.notes = ()
        self.unread = ""
        self.past = Past()
        self.pause = Pause()
        self.ends = 0
        self.is_closed = False
        self.may_run_again = False

    def state(self) -> ReviewState:
        """Return a copy of the present state, unaffected by later changes."""
        return ReviewState(
            now=self.now,
            revision=self.revision,
            snapshot=self.snapshot,
            open=dict(self.open),
            settled=self.settled,
            late=self.late,
            nobody=self.nobody,
            notes=self.notes,
            unread=self.unread,
            past=self.past,
            pause=self.pause,
            ends=self.ends,
            is_closed=self.is_closed,
            may_run_again=self.may_run_again,
        )

    def _go(self, phase: Phase) -> None:
        """Enter a phase."""
        self.now = phase
        self.ends += self.over
        self._step()

    def _go_asking(self) -> None:
        """Enter the asking phase; while asking already, keep the order to send answers now."""
        self._go(self.now if isinstance(self.now, Asking) else Asking())

    def _step(self) -> None:
        """Note that the display has changed."""
        self.revision += 1

    def _note(self, note: str) -> None:
        self.notes += (note,)


def _named(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def when_and_how(answer: Answer) -> str:
    """Return the time of an answer, and the kind of decider."""
    return f"at {answer.at.astimezone():%H:%M:%S} ({answer.origin})"


def asked_anew(asked: Asked) -> str:
    """Return the reason for refusing an answer that was written before the question was asked anew."""
    return f"{asked.title} was asked anew after this answer was drafted. Review the answer, and send it again."
