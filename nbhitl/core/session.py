"""The session: what was asked, what is still open, what to do next. A state machine without I/O.

The session is told the engine's news (`segment_ended`, `segment_failed`, `asked_again`, `seen`), takes answers at one
door (`accept`), and gives the engine orders (`take`). A session is not thread-safe; the review guards it by one lock.

::

    starting ──▶ asking ◀──▶ running ──▶ finished ──▶ running (asked again)
        └───────────┴───────────┴─────▶ failed
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from nbhitl.answers import OUT_OF_ORDER, Answer, copied
from nbhitl.core.questions import Answered, Asked, Found, Offer, cut_off_beside, find_again, is_same_question
from nbhitl.errors import (
    AlreadyAnswered,
    CheckpointerClosed,
    InvalidAnswer,
    NobodyThere,
    RunCancelled,
    RunHasFailed,
    ServerRefused,
    ServerUnreachable,
    UnknownInterrupt,
    UsageError,
)
from nbhitl.jsontext import sentence
from nbhitl.model.decided import UNKNOWN, Decided
from nbhitl.model.run import AskedAt, Checkpoint, Interrupt, Past, PastQuestion, RunSegment, Snapshot
from nbhitl.model.stops import GO_ON, PausedStep, halts_of, has_run, place_of, step_of, stop_at, where

Phase = Literal["starting", "asking", "running", "finished", "failed"]

NOT_SENT = (ServerUnreachable, ServerRefused, InvalidAnswer, CheckpointerClosed)
"""Failures after which the question is still open: the answer did not arrive, or was not fit to be sent."""


NOBODY_TO_SAY = (
    "Nobody is there to say whether that may happen again, so nothing was sent. Look what was done, then answer in the "
    "card; or write may_run_again=True if running it twice is fine (in a file of answers: $may_run_again: true)."
)

TOO_LATE = "it was not given to the node, and nothing of it is recorded."


@dataclass(frozen=True)
class Order:
    """What the engine is to do next: `resume` with ``answers``, `ask_again` at ``checkpoint``, or what it says."""

    kind: Literal["resume", "proceed", "ask_again", "abandon", "delete"]
    answers: Mapping[str, Any] = field(default_factory=dict)
    checkpoint: Checkpoint = None
    again: tuple[str, ...] = ()
    """The interrupts of which a person knows that the thread holds this very answer already."""
    step: PausedStep = GO_ON
    """What is done with the state before the run goes on."""
    pending: tuple[str, ...] = ()
    """The interrupts that must be pending still: where somebody was faster, a fork would take back what came of it."""
    asked: Mapping[str, AskedAt] = field(default_factory=dict, compare=False)
    """Where the questions stand in their run that are answered, or asked again."""
    decided: Mapping[str, Decided] = field(default_factory=dict, compare=False)
    """Who decided on the questions that are answered."""


class Session:
    """One review, from the start of the run to its end.

    Parameters
    ----------
    fit
        Returns the resume value for an answer to an interrupt, or raises `InvalidAnswer` with the reason: the form's
        say, and the engine's.
    ignore
        What of a payload is set aside where it is recorded and compared; see `nbhitl.review`.
    without_secrets
        Returns the resume value without secrets, the same object where it holds none.
    """

    def __init__(
        self,
        fit: Callable[[Interrupt, Any], Any] = lambda _interrupt, value: value,
        ignore: Sequence[str] = (),
        without_secrets: Callable[[Interrupt, Any], Any] = lambda _interrupt, value: value,
    ) -> None:
        self._fit, self._ignore, self._without_secrets = fit, tuple(ignore), without_secrets
        self.phase: Phase = "starting"
        self.revision = 0
        self.result: Any = None
        self.error: BaseException | None = None
        self.nobody: NobodyThere | None = None
        self.snapshot = Snapshot()
        self.stopping = False
        self.notes: tuple[str, ...] = ()
        self.may_run_again = False  # where nobody is there
        self._open: dict[str, Asked] = {}
        self._in_flight: dict[str, Asked] = {}
        self._answered: list[Answered] = []
        self._again: list[Answered] = []  # settled, and about to be asked again
        self._kept: list[Asked] = []  # answers that wait for a fork to come to their question
        self.late: list[Asked] = []  # questions whose answer from here came too late
        self.ends = 0  # how often the run has ended
        self.is_released = False  # of its result and state; until something happens again
        self._is_closed = False  # nothing can be asked again
        self.lost: Exception | None = None  # told once, to code whose answer came too late, or whose order failed
        self._order: Order | None = None
        self._send_now = False
        self._forking = False  # the answers in flight wait for their questions to be asked again
        self._fork_began = False
        self._before: dict[str, Any] | None = None  # the session before a person asked again, or ended the thread
        self.past = Past()
        self._settled_before: list[PastQuestion] = []  # of the run, before it was found
        self._unseen: frozenset[str] = frozenset()  # nodes that a fork asks what was answered before we came
        self._places: dict[str, AskedAt] = {}  # of questions that were pending when it was found
        self._per_node: Counter[str] = Counter()  # questions so far
        self._stops = 0
        self._steps: list[Checkpoint] = []  # at which something was asked
        self._branches: list[str] = []  # of the last of them, in which something was asked
        self._ranks = 0
        self._cut_off: str | None = None  # what was cut off beside the questions
        self._was_stopped = False  # by a person, so that the run stands where it would not have stopped by itself
        self._at_stop: dict[str, Any] | None = None  # the state at the last stop, by graph

    # --- looking ------------------------------------------------------------------------------

    @property
    def over(self) -> bool:
        """Whether nothing can happen any more, unless a person asks again."""
        return self.phase in ("finished", "failed")

    @property
    def at_work(self) -> bool:
        """Whether a run of ours works."""
        return self.phase in ("starting", "running") and not self.snapshot.busy

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

    @property
    def last_decision(self) -> tuple[Answered, ...]:
        """The answers that went out together last, where they can be changed: asked again in a fork."""
        if not self.can_ask_again:
            return ()
        last = self._answered[-1]
        return tuple(answered for answered in self._answered if answered.checkpoint == last.checkpoint)

    @property
    def can_ask_again(self) -> bool:
        """Whether there is a last decision: told without a look at all that was answered."""
        if self.phase not in ("asking", "finished", "failed") or not self._answered or self._is_closed:
            return False
        last = self._answered[-1]
        return last.checkpoint is not None and not last.interrupt.is_stop and last.origin != "elsewhere"

    @property
    def settled_siblings(self) -> tuple[str, ...]:
        """The nodes whose settled questions a fork would ask again together with the open ones."""
        return tuple(a.interrupt.node for a in self._answered if self._is_of_this_step(a))

    def may_have_run(self, asked: Asked) -> str | None:
        """Say what may have happened already that an answer to this question does again; ``None`` if nothing."""
        former, node = asked.interrupt.former, asked.interrupt.node
        if self.may_run_again:
            return None
        if former is not None and not former.error:
            given = "" if asked.interrupt.is_stop else "was given an answer, and "
            return (
                f"Node {node!r} {given}was cut off before its step was saved: it may have run already, with what it "
                "does outside the graph."
            )
        return self._cut_off

    def only_goes_on(self, asked: Asked) -> bool:
        """Whether a question is none of the run's: it was cut off, and can be gone on with."""
        has_failed = asked.interrupt.former is not None and bool(asked.interrupt.former.error)
        is_cut_off = asked.interrupt.is_stop and asked.why_unplaced is not None
        return is_cut_off and not has_failed and not self._was_stopped

    def interrupt(self, interrupt_id: str) -> Interrupt:
        """Return an open interrupt.

        Raises
        ------
        AlreadyAnswered, UnknownInterrupt
            If it is not open.
        """
        return self.question(interrupt_id).interrupt

    def question(self, interrupt_id: str) -> Asked:
        """Return an open question.

        Raises
        ------
        AlreadyAnswered, UnknownInterrupt
            If it is not open.
        """
        if asked := self._open.get(interrupt_id):
            return asked
        raise self._why_not(interrupt_id)

    # --- the door -----------------------------------------------------------------------------

    def answer(self, answer: Answer) -> Asked:
        """Take one answer at once: look for its question, validate its value and accept it.

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
            If the value does not fit the question, or the engine cannot take it as it is.
        """
        asked = self.question_for(answer)
        return self.accept(asked, self.validated(asked, answer))

    def question_for(self, answer: Answer) -> Asked:
        """Return the open question that an answer is for.

        Raises
        ------
        AlreadyAnswered, UnknownInterrupt
            As `answer`.
        """
        asked = self._open.get(answer.id)
        if asked is None:
            raise self._why_not(answer.id)
        if asked.answer is not None:
            raise AlreadyAnswered(f"{_name(asked)} has been answered already, {_when_and_how(asked.answer)}.")
        if answer.revision is not None and answer.revision < asked.since:
            raise AlreadyAnswered(_asked_anew(asked))
        return asked

    def validated(self, asked: Asked, answer: Answer) -> Answer:
        """Return the answer with the resume value that its form makes of its value.

        No state of the session is read or changed here, so that a form may take its time while others look.

        Raises
        ------
        InvalidAnswer
            As `answer`.
        """
        try:
            value = self._fit(asked.interrupt, copied(answer.value))
        except InvalidAnswer as error:
            raise InvalidAnswer(
                f"{_name(asked)} cannot be answered with this value: {sentence(error)}", error.flaws
            ) from None
        shown = self._without_secrets(asked.interrupt, value)
        return replace(answer, value=value, shown=UNKNOWN if shown is value else shown)

    def accept(self, asked: Asked, answer: Answer) -> Asked:
        """Take an answer that was validated for a question; every answer, whoever gives it, comes through here.

        Raises
        ------
        AlreadyAnswered
            As `answer`; also if the question was asked anew since the answer was validated for it.
        UnknownInterrupt
            As `answer`.
        """
        now = self.question_for(answer)
        if now.since != asked.since:
            raise AlreadyAnswered(_asked_anew(now))
        taken = self._open[answer.id] = replace(now, answer=answer, problem=None)
        self._step()
        return taken

    def send_now(self) -> None:
        """Send the answers that are held without waiting for those to their siblings.

        Raises
        ------
        UsageError
            If none is held, or if the thread must be forked first, which asks all of them again.
        """
        held = [asked for asked in self._open.values() if asked.answer is not None]
        if self.phase != "asking" or not held:
            raise UsageError("No answer is held: there is nothing to send.")
        if any(asked.needs_fork or asked.interrupt.former is not None for asked in self._open.values()):
            # The node would get the answer that the thread holds for it, though nobody has given it again.
            raise UsageError("A question that is asked again goes out together with its siblings: answer them first.")
        self._send_now = True
        self._step()

    def ask_again(self) -> None:
        """Ask what was answered last once more, in a fork of the thread; the former answers are offered.

        Raises
        ------
        UsageError
            If a run is at work, or nothing was answered that can be asked again.
        """
        if self.phase in ("starting", "running"):
            raise UsageError("A run is at work: wait for it, or stop it (card.stop()), before you ask again.")
        group = self.last_decision
        if not group:
            raise UsageError("Nothing has been answered in this review that could be asked again.")
        self._remember()
        self._answered = [answered for answered in self._answered if answered not in group]
        self._open, self._again = {}, list(group)
        self._count_anew(group[-1].checkpoint)
        self._order = Order("ask_again", checkpoint=group[-1].checkpoint, asked={a.interrupt.id: a.at for a in group})
        self.error, self.nobody = None, None
        self._go("running")

    def end_thread(self, kind: Literal["abandon", "delete"]) -> None:
        """Order the thread's end.

        Raises
        ------
        UsageError
            If a run is at work.
        """
        if self.phase in ("starting", "running"):
            raise UsageError("A run is at work in this thread: wait for it, or stop it first (card.stop()).")
        self._remember()
        self._open, self._order = {}, Order(kind)
        self._go("running")

    def stop(self) -> None:
        """Note that the run at work was asked to stop.

        Raises
        ------
        UsageError
            If no run of ours is at work.
        """
        if self.phase == "asking" and self._open and not self.unanswered:  # answered, and not on its way yet
            self._reopen(self._open, RunCancelled("Stopped before the answer was sent."))
        elif not self.at_work:
            raise UsageError(f"No run of this review is at work ({self.phase}): there is nothing to stop.")
        else:
            self.stopping = True
        self._step()

    def take(self) -> Order | None:
        """Return what to do next: what a person ordered; or to send, once every open question has its answer."""
        if self._order is not None:
            order, self._order = self._order, None
            return order
        ready = {key: asked for key, asked in self._open.items() if asked.answer is not None}
        if self.phase != "asking" or not ready or self.snapshot.busy or (self.unanswered and not self._send_now):
            return None
        self._send_now = False
        self._in_flight, self._open = ready, {k: asked for k, asked in self._open.items() if k not in ready}
        self.nobody = None
        self._go("running")
        self._forking = any(asked.needs_fork for asked in ready.values())
        asked_at = {key: asked.at for key, asked in ready.items() if asked.why_unplaced is None}
        decided = {key: asked.decided for key, asked in ready.items()}
        if self._forking:
            self._again = [answered for answered in self._answered if self._is_of_this_step(answered)]
            self._answered = [answered for answered in self._answered if answered not in self._again]
            self._count_anew(self.snapshot.checkpoint)
            # After a fork that began and failed the head is its copy, in which nothing is pending yet.
            pending = () if self._fork_began else tuple(ready)
            asked_at |= {answered.interrupt.id: answered.at for answered in self._again}
            return Order("ask_again", checkpoint=self.snapshot.checkpoint, pending=pending, asked=asked_at)
        answers = {key: copied(asked.answer.value) for key, asked in ready.items() if asked.answer is not None}
        stop = next((asked.interrupt for asked in ready.values() if asked.interrupt.is_stop), None)
        if stop is not None:  # it is the only one
            return Order("proceed", step=step_of(stop, answers[stop.id]), asked=asked_at, decided=decided)
        again = tuple(key for key, asked in ready.items() if asked.interrupt.former is not None)
        return Order("resume", answers, again=again, asked=asked_at, decided=decided)

    # --- what the engine says -----------------------------------------------------------------

    def found(self, segment: RunSegment, past: Past) -> None:
        """Note that the run was found as it stands: the ordinals of its questions go on from those that came before."""
        self.past = past
        self._settled_before = [each for each in past.questions if each.id is None]
        for number, each in enumerate(past.questions):
            if each.id is not None:
                self._places[each.id] = AskedAt(each.node, self._per_node[each.node], number)
            self._per_node[each.node] += 1
        self.segment_ended(segment)
        self._open = {key: replace(asked, seen_at=None) for key, asked in self._open.items()}

    def segment_ended(self, segment: RunSegment, told: str = "") -> None:
        """Note that the run paused or ended; ``told`` as for `seen`."""
        segment = replace(segment, snapshot=self._marked(segment.snapshot))
        self._was_stopped, self.stopping = self.stopping, False
        held = {interrupt.id: interrupt for interrupt in segment.snapshot.interrupts if interrupt.former is not None}
        for key in self._in_flight.keys() & held.keys():  # stopped while the node worked on the answer
            asked = self._in_flight.pop(key)
            self._open[key] = replace(asked, interrupt=held[key], since=self.revision + 1, answer=None, problem=None)
        self._settle_in_flight()
        self._settle_gone({interrupt.id for interrupt in segment.snapshot.interrupts}, told)
        self._continue_with(segment.snapshot, segment.output, may_have_run=segment.is_cut)

    def segment_failed(self, error: BaseException, snapshot: Snapshot | None = None, *, by_node: bool = False) -> None:
        """Note that a segment raised; where an answer may be given again the questions are open again.

        Parameters
        ----------
        error
            What it raised.
        snapshot
            The thread's state after it, where it could be read. A question of ours that is still pending there is one
            on whose answer the node raised.
        by_node
            Whether it was a node that raised, whatever its exception is.
        """
        self.stopping = False
        snapshot = None if snapshot is None else self._marked(snapshot)
        not_sent = isinstance(error, NOT_SENT) and not by_node
        from_here = all(a.answer and a.answer.origin in ("person", "code") for a in self._in_flight.values())
        pending = {} if snapshot is None else {interrupt.id: interrupt for interrupt in snapshot.interrupts}
        if self._before is not None and not_sent:
            self._restore(f"That failed, and nothing has changed: {error}")
        elif not self._in_flight or not from_here:
            self._fail_at(error, snapshot)
        elif not_sent or self._forking:
            self._answered += self._again
            self._fork_began = self._fork_began or (self._forking and not not_sent)
            self._reopen(self._in_flight, error)
        elif snapshot is not None and (self._in_flight.keys() & pending.keys() or _is_stuck(snapshot)):
            self.snapshot = snapshot
            asked = {key: self._in_flight.pop(key) for key in pending if key in self._in_flight}
            self._settle_in_flight()
            self._settle_gone(pending)
            self._reopen(asked, error)
            self._ask_what_is_new(snapshot)
        else:
            self._fail_at(error, snapshot)

    def asked_again(self, segment: RunSegment) -> None:
        """Note that a fork asks anew, with new ids: what was answered for the same question is sent, or offered."""
        segment = replace(segment, snapshot=self._marked(segment.snapshot))
        changing = self._before is not None
        known: list[Asked | Answered] = [*self._in_flight.values(), *self._again]
        self._in_flight, self._again, self._before = {}, [], None
        self.stopping = self._forking = self._fork_began = False
        self.snapshot = segment.snapshot
        self._go("asking")
        unseen, self._unseen = self._unseen, frozenset()
        seen = [each for each in segment.snapshot.interrupts if each.node not in unseen]
        pairs = find_again(seen, [each for each in known if each.interrupt.node not in unseen])
        pairs += [Found(each, None) for each in segment.snapshot.interrupts if each.node in unseen]
        order = [each.id for each in segment.snapshot.interrupts]
        for pair in sorted(pairs, key=lambda pair: order.index(pair.interrupt.id)):
            self._open[pair.interrupt.id] = self._as_again(pair, changing=changing)
        used = [pair.before for pair in pairs]
        self._kept = [each for each in known if isinstance(each, Asked) and each not in used]
        if self._kept and self._open:
            nodes = ", ".join(sorted({each.interrupt.node for each in self._kept}))
            self.notes += (f"{nodes} asks something else first; your answer is offered when its question comes.",)
        if not self._open:
            self._continue_with(segment.snapshot, segment.output)

    def _as_again(self, pair: Found, *, changing: bool) -> Asked:
        """Return a question that a fork asks anew, with its answer where that may go out unasked."""
        interrupt, before = pair.interrupt, pair.before
        if before is None:
            return self._new(interrupt)
        self._per_node[interrupt.node] = max(self._per_node[interrupt.node], before.ordinal + 1)
        again = Asked(
            interrupt,
            before.ordinal,
            self.revision,
            self.snapshot.checkpoint,
            rank=self._rank_of(interrupt),
            number=before.number,
        )
        if isinstance(before, Answered):
            return replace(again, offer=Offer(before.value, "changed" if changing else "sibling"))
        if before.answer is None:
            return again
        if interrupt.former is not None:  # the fork did not get rid of the answer before
            return replace(again, problem=RunCancelled("The thread could not be forked: the answer was not sent."))
        if not pair.is_sure:
            return replace(again, offer=Offer(before.answer.value, "other question"))
        return replace(again, answer=replace(before.answer, id=interrupt.id, revision=None))

    def not_ended(self, error: Exception) -> None:
        """Note that the thread could not be ended; everything is as before."""
        self.lost = error
        self._restore(f"The thread could not be ended, and nothing has changed: {type(error).__name__}: {error}")

    def overtaken(self, error: AlreadyAnswered) -> None:
        """Note that the engine refused the answers: one of the questions was answered elsewhere.

        Nothing was sent, so the answers to the others are kept; what `seen` finds still pending is sent once more, and
        asked again with ``error`` if that is refused as well.
        """
        self._go("asking")
        for key, asked in self._in_flight.items():
            retried = asked.problem is not None
            self._open[key] = replace(
                asked, answer=None if retried else asked.answer, problem=error, since=self.revision
            )
        self._answered += self._again
        self._in_flight, self._again, self._forking = {}, [], False

    def overtakes(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Return the open questions whose answer came too late, if this is the thread's state."""
        if self._order is not None or snapshot.busy:
            return ()
        pending = {interrupt.id: interrupt for interrupt in snapshot.interrupts}
        held = {key: asked for key, asked in self._open.items() if asked.answer and not asked.interrupt.is_stop}
        return tuple(key for key, asked in held.items() if key not in pending or _is_stuck_since(asked, pending[key]))

    def seen(self, snapshot: Snapshot, told: str = "", output: Any = ...) -> None:
        """Compare with the thread's state: questions that are gone from it were answered elsewhere.

        ``told`` says when and by whom those of `overtakes` were answered.
        ``output``: what ``invoke`` returns for a run that ends in this state; by default the state's values.
        """
        if self._order is not None or self._in_flight:  # a person was quicker than the look
            return
        self.snapshot = snapshot = self._marked(snapshot)
        pending = {interrupt.id for interrupt in snapshot.interrupts}
        stopped = bool(snapshot.next) and not snapshot.interrupts and not snapshot.busy
        if stopped:
            pending |= self._stops_as_seen(snapshot)
        self._settle_gone(pending, told)
        if not self._open or self._is_news(snapshot):
            self._continue_with(snapshot, snapshot.values if output is ... else output, may_have_run=True)

    def seen_gone(self, error: Exception) -> None:
        """Note that the thread is not there any more; what is being sent finds that out for itself."""
        if not self.at_work:
            self.fail(error)

    def unanswerable(self, why: NobodyThere) -> None:
        """Note that nothing answers the open questions in place of a person, and why."""
        self.nobody = why
        self._step()

    def touch(self) -> None:
        """Note that what is shown has changed, though not the session itself."""
        self._step()

    def release(self) -> None:
        """Let go of the result and of the state: no code asks for them any more. What was answered stays."""
        self.result, self.error, self.is_released = None, None, True
        self.snapshot = replace(self.snapshot, values=None, raw=None)

    def close(self) -> None:
        """Note that the thread is gone, and with it what could be asked again."""
        self._is_closed = True
        self._step()

    def fail(self, error: BaseException) -> None:
        """End the session with ``error``."""
        self._settle_in_flight()
        self._answered += self._again
        self._again, self._before, self.stopping = [], None, False
        self.error = error
        self._go("failed")

    # --- inside -------------------------------------------------------------------------------

    def _continue_with(self, snapshot: Snapshot, output: Any, *, may_have_run: bool = False) -> None:
        self.snapshot = snapshot
        if snapshot.busy:  # another client's run is at work; what is pending is about to change
            if self.phase != "running":
                self._go("running")
        elif snapshot.interrupts:
            note = self._cut_off = cut_off_beside(snapshot) if may_have_run else None
            if note is not None and note not in self.notes:
                self.notes += (note,)
            self._go("asking")
            self._ask_what_is_new(snapshot)
        elif snapshot.next:
            self._go("asking")
            self._stops += 1
            stop = stop_at(snapshot, self._stops, may_have_run=may_have_run, before=self._at_stop)
            self._ask(replace(stop, ignore=self._ignore))
            self._at_stop = {place_of(halt): halt.values for halt in halts_of(snapshot)}
        else:
            self._tell_of_unused()
            self.result = output
            self._go("finished")

    def _stops_as_seen(self, snapshot: Snapshot) -> set[str]:
        """Return the open stops at which the thread still stands; one whose state was changed is asked anew."""
        halts, as_seen = halts_of(snapshot), set()
        for key, asked in self._open.items():
            if not asked.interrupt.is_stop:
                continue
            if {halt.checkpoint for halt in halts} == {halt.checkpoint for halt in asked.interrupt.halts}:
                as_seen.add(key)
            elif asked.interrupt.node == where(halts) and asked.why_unplaced is None:
                self._per_node[asked.interrupt.node] -= 1  # the stop is the same one, and so is its ordinal
        return as_seen

    def _marked(self, snapshot: Snapshot) -> Snapshot:
        """Return a snapshot whose interrupts say what of them is set aside."""
        if not self._ignore:
            return snapshot
        marked = tuple(replace(interrupt, ignore=self._ignore) for interrupt in snapshot.interrupts)
        return replace(snapshot, interrupts=marked)

    def _tell_of_unused(self) -> None:
        if self._kept:
            nodes = ", ".join(sorted({each.interrupt.node for each in self._kept}))
            self.notes += (f"Asked again, {nodes} did not ask any more: the answer was not used.",)
            self._kept = []

    def _count_anew(self, checkpoint: Checkpoint) -> None:
        """Let the ordinals go on from what stays settled after a fork at ``checkpoint``."""
        asked_again = [each for each in self._settled_before if each.checkpoint == checkpoint]
        self._unseen = frozenset(each.node for each in asked_again)
        self._settled_before = [each for each in self._settled_before if each.checkpoint != checkpoint]
        self._per_node = Counter(each.node for each in self._settled_before)
        self._per_node.update(answered.interrupt.node for answered in self._answered)

    def _ask(self, interrupt: Interrupt) -> None:
        self._open[interrupt.id] = self._new(interrupt)

    def _new(self, interrupt: Interrupt) -> Asked:
        why_unplaced = self._why_unplaced(interrupt)
        next_one = AskedAt(interrupt.node, self._per_node[interrupt.node], self._per_node.total())
        _, ordinal, number = self._places.pop(interrupt.id, next_one)
        if ordinal == next_one.ordinal and (why_unplaced is None or not interrupt.is_stop):
            self._per_node[interrupt.node] += 1
        asked = Asked(
            interrupt,
            ordinal,
            self.revision,
            self.snapshot.checkpoint,
            rank=self._rank_of(interrupt),
            number=number,
            why_unplaced=why_unplaced,
        )
        kept = next((each for each in self._kept if is_same_question(each.interrupt, interrupt)), None)
        if kept is None or kept.answer is None:
            return asked
        self._kept.remove(kept)
        return replace(asked, offer=Offer(kept.answer.value, "kept"))

    def _rank_of(self, interrupt: Interrupt) -> tuple[int, int, int]:
        """Return where a question that is asked now stands among all; see `Asked`.

        Where some answers of a step are sent before the others, its branches go on one before the other. Branches are
        compared first, so that this makes no difference.
        """
        checkpoint, branch = self.snapshot.checkpoint, interrupt.node.split("/")[0]
        if not self._steps or checkpoint is None or checkpoint != self._steps[-1]:
            self._steps.append(checkpoint)
            self._branches = []
        if branch not in self._branches:
            self._branches.append(branch)
        self._ranks += 1
        return len(self._steps), self._branches.index(branch), self._ranks

    def _why_unplaced(self, interrupt: Interrupt) -> str | None:
        if interrupt.is_stop and (self._was_stopped or interrupt.former is not None or has_run(interrupt)):
            return "a run that is not cut off does not ask this"
        if self.past.why_unknown is not None:
            return f"how many questions of this run came before is not known: {self.past.why_unknown}"
        if interrupt.node in self.past.unsure:
            return f"how many questions of this node came before is not known: {OUT_OF_ORDER}"
        return None

    def _ask_what_is_new(self, snapshot: Snapshot) -> None:
        for interrupt in snapshot.interrupts:
            if asked := self._open.get(interrupt.id):  # its siblings' answers were sent before its own
                self._open[interrupt.id] = self._as_now(asked, interrupt)
            else:
                self._ask(interrupt)

    def _as_now(self, asked: Asked, interrupt: Interrupt) -> Asked:
        """Return an open question as the thread has it now.

        Where the thread holds another client's answer since, whoever answered, or is about to, does not know of it.
        """
        if not _is_stuck_since(asked, interrupt):
            return replace(asked, interrupt=interrupt)
        problem = asked.problem
        if asked.answer is not None:
            problem = AlreadyAnswered(
                f"{_name(asked)} has been answered by another client meanwhile, and that answer did not settle it. "
                "Yours came too late, and was not given: look at the question again."
            )
            self._lose(asked, problem)
        return replace(asked, interrupt=interrupt, answer=None, problem=problem, since=self.revision)

    def _is_news(self, snapshot: Snapshot) -> bool:
        """Whether another client's answers led to further questions, or one of them stuck."""
        known = {key: asked.interrupt for key, asked in self._open.items()}
        return not snapshot.busy and any(known.get(each.id) != each for each in snapshot.interrupts)

    def _lose(self, asked: Asked, why: AlreadyAnswered) -> None:
        """Note that an answer came too late; code is told, and a person sees it."""
        self.late.append(asked)
        if asked.answer is not None and asked.answer.origin == "code":
            self.lost = why

    def _settle_gone(self, pending: Collection[str], told_of: str = "") -> None:
        for key in [key for key in self._open if key not in pending]:
            asked = self._open.pop(key)
            told = str(asked.problem) if isinstance(asked.problem, AlreadyAnswered) else ""
            # To go on from a stop is what the other client did; a decision that the engine refused is another matter.
            is_late = not asked.interrupt.is_stop or isinstance(asked.problem, AlreadyAnswered)
            if asked.answer is not None and is_late:
                told = told or told_of or f"{_name(asked)} has been answered by another client."
                self._lose(asked, AlreadyAnswered(f"{told} The answer given here came too late: {TOO_LATE}"))
            gone = Answered(
                asked.interrupt,
                asked.ordinal,
                None,
                "elsewhere",
                asked.checkpoint,
                told=told,
                number=asked.number,
                late=asked.answer if is_late else None,
            )
            self._answered.append(gone)
            self._step()

    def _reopen(self, questions: Mapping[str, Asked], problem: BaseException) -> None:
        why = problem if isinstance(problem, Exception) else RuntimeError(repr(problem))
        self._in_flight, self._again = {}, []
        self._go("asking")
        reopened = {key: replace(a, answer=None, problem=why, since=self.revision) for key, a in questions.items()}
        self._open |= reopened

    def _fail_at(self, error: BaseException, snapshot: Snapshot | None) -> None:
        """Fail, with the thread as it stands: the next turn goes on from there."""
        self.snapshot = snapshot or self.snapshot
        self.fail(error)

    def _remember(self) -> None:
        self._before = {key: _copy(vars(self)[key]) for key in RESTORED}

    def _restore(self, note: str) -> None:
        vars(self).update(self._before or {})
        self._again, self._order, self._before = [], None, None
        self.notes += (note,)
        self._step()
        # Meanwhile they were not open: who answers must have seen them since.
        self._open = {key: replace(asked, since=self.revision) for key, asked in self._open.items()}

    def _is_of_this_step(self, answered: Answered) -> bool:
        return answered.checkpoint is not None and answered.checkpoint == self.snapshot.checkpoint

    def _settle_in_flight(self) -> None:
        self._answered, self._in_flight = list(self.answered), {}

    def why_failed(self, said: str = "No question is open") -> RunHasFailed | None:
        """Return what a failed run answers to whoever looks for its questions; ``None`` where it has not failed."""
        if self.phase != "failed" or self.error is None:
            return None
        name, text = type(self.error).__name__, str(self.error)
        failed = RunHasFailed(f"{said}: the run has failed with {name}{': ' if text else ''}{text}")
        failed.__cause__ = self.error
        return failed

    def _why_not(self, interrupt_id: str) -> Exception:
        answered_id = interrupt_id in {answered.interrupt.id for answered in self.answered}
        said = "The question has been answered, and no other is open" if answered_id else "No question is open"
        if (failed := self.why_failed(said)) is not None:
            return failed
        for answered in reversed(self.answered):
            if answered.interrupt.id == interrupt_id:
                how = "by another client" if answered.answer is None else _when_and_how(answered.answer)
                return AlreadyAnswered(f"The question of node {answered.interrupt.node!r} has been answered {how}.")
        if self.over:
            return AlreadyAnswered(f"The run is over ({self.phase}); no question is open.")
        ids = ", ".join(self._open) or "none"
        return UnknownInterrupt(f"No open question has the id {interrupt_id!r}; open: {ids} (see card.interrupts).")

    def _go(self, phase: Phase) -> None:
        self.phase, self.is_released = phase, False
        self.ends += phase in ("finished", "failed")
        self._step()

    def _step(self) -> None:
        self.revision += 1


RESTORED = (
    "phase",
    "result",
    "error",
    "is_released",
    "nobody",
    "snapshot",
    "_open",
    "_answered",
    "_per_node",
    "_settled_before",
)
"""What is as before again where the engine could not do what was ordered."""


def _copy(value: Any) -> Any:
    return value.copy() if isinstance(value, dict | list) else value


def _is_stuck_since(asked: Asked, now: Interrupt) -> bool:
    """Whether the thread holds an answer to an open question that it did not hold when it was asked."""
    return now.former is not None and now.former != asked.interrupt.former


def _is_stuck(snapshot: Snapshot) -> bool:
    """Whether a node raised on another client's answer, or on an earlier one."""
    return any(interrupt.former is not None and interrupt.former.error for interrupt in snapshot.interrupts)


def _name(asked: Asked) -> str:
    return (
        f"The stop at {asked.interrupt.node}"
        if asked.interrupt.is_stop
        else f"The question of node {asked.interrupt.node!r}"
    )


def _asked_anew(asked: Asked) -> str:
    return f"{_name(asked)} was asked anew since this answer was written; look at it again."


def _when_and_how(answer: Answer) -> str:
    return f"at {answer.at.astimezone():%H:%M:%S} ({answer.origin})"
