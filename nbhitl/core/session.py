"""The session: past questions, open questions, next action. A state machine without I/O.

The session learns events of the engine, takes answers only in `accept`, and gives the engine orders (`take`). Looks at
the thread (`segment_ended`, `seen`) ask questions in `nbhitl.core.asking`, and `asked_again` is in
`nbhitl.core.forking`; this module is the way of an answer: `accept`, `take`, and the failures of a segment.

A session is not thread-safe; `nbhitl.core.shared` guards the session with a lock, and gives other code a snapshot
(`state`). For the phases, see `nbhitl.core.phases`.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from nbhitl.answers import Answer
from nbhitl.core.forking import Forks
from nbhitl.core.phases import Asking, Failed, Finished, Forking, GoingOn, Order, Running, Sending
from nbhitl.core.problems import WrittenLater
from nbhitl.core.questions import Asked
from nbhitl.core.state import asked_anew
from nbhitl.errors import (
    AlreadyAnswered,
    CheckpointerError,
    InvalidAnswer,
    NobodyThere,
    RunCancelled,
    ServerRefused,
    ServerUnreachable,
    UsageError,
)
from nbhitl.runs.past import AskedAt
from nbhitl.runs.run import Snapshot

__all__ = ["NOT_SENT", "Order", "Session"]

NOT_SENT = (ServerUnreachable, ServerRefused, InvalidAnswer, CheckpointerError)
"""Failures after which the question is still open: the answer did not arrive, or could not be sent."""


FROM_HERE = ("person", "code", "rule", "time")
"""Origins of answers while a person may be there: the question is open again where such an answer fails."""


class Session(Forks):
    """A review, from the start of the run to the end."""

    # --- answers ------------------------------------------------------------------------------

    def accept(self, asked: Asked, answer: Answer) -> Asked:
        """Take an answer that was validated for a question; all answers, from any source, pass through this method.

        Raises
        ------
        AlreadyAnswered, UnknownInterrupt, RunHasFailed
            As for `question_for`; `AlreadyAnswered` also if the question was asked anew after the validation.
        """
        now = self.question_for(answer)
        if now.since != asked.since:
            raise AlreadyAnswered(asked_anew(now))
        taken = self.open[answer.id] = replace(now, answer=answer, problem=None, unsent=None)
        self._step()
        return taken

    def send_now(self) -> None:
        """Send the held answers without waiting for answers to their siblings.

        Raises
        ------
        UsageError
            If no answer is held, or a fork is needed first, which asks all these questions again.
        """
        held = [asked for asked in self.open.values() if asked.answer is not None]
        if not isinstance(self.now, Asking) or not held:
            raise UsageError("No answer is held: there is nothing to send.")
        if any(asked.needs_fork or asked.interrupt.former is not None for asked in self.open.values()):
            # The node would get the former answer in the thread, though the person has not given this answer again.
            raise UsageError("A question that is asked again goes out together with its siblings: answer them first.")
        self._go(Asking(send_now=True))

    def retry(self) -> None:
        """Run the failed runs of a batch again; open questions stay open.

        Raises
        ------
        UsageError
            If a run is at work, or none has failed.
        """
        if self.snapshot.tally is None or not self.snapshot.tally.failed:
            raise UsageError("No run has failed: there is nothing to retry.")
        if isinstance(self.now, Asking | Finished):
            self._go_retrying(Order("retry"))
        elif isinstance(self.now, Running) and isinstance(self.now.errand, Sending):
            self.retry_is_due = True
        else:
            raise UsageError("A run is at work: wait for its end before you retry.")

    def _go_retrying(self, order: Order | None) -> None:
        self._retried = {each.interrupt.id: each for each in self.settled}
        self._go(Running(GoingOn(), order))

    def send_held(self, interrupt_id: str) -> None:
        """Send the held answers, if the answer to this question is still among these, and not in flight already."""
        asked = self.open.get(interrupt_id)
        if asked is not None and asked.answer is not None and isinstance(self.now, Asking):
            self.send_now()

    def stop(self) -> None:
        """Note that the run at work was asked to stop.

        Raises
        ------
        UsageError
            If no run of this review is at work.
        """
        if isinstance(self.now, Asking) and self.open and not self.unanswered:  # answered, but not sent yet
            self._reopen(self.open, RunCancelled("Stopped before the answer was sent."))
            self._step()
        elif not self.at_work or isinstance(self.now, Asking | Finished | Failed):
            raise UsageError(f"No run of this review is at work ({self.phase}): there is nothing to stop.")
        else:
            self._go(replace(self.now, stopping=True))

    # --- the next action ----------------------------------------------------------------------

    def take(self) -> Order | None:
        """Return the next order: of a person, or to send answers, once every open question has an answer."""
        if self.retry_is_due and isinstance(self.now, Asking | Finished):
            self.retry_is_due = False
            self._go_retrying(None)
            return Order("retry")
        if isinstance(self.now, Running) and self.now.order is not None:
            order = self.now.order
            self.now = replace(self.now, order=None)
            return order
        ready = self._ready()
        if not ready:
            return None
        self.nobody = None
        for key in ready:
            del self.open[key]
        asked_at = {key: asked.at for key, asked in ready.items() if asked.why_unplaced is None}
        if any(asked.needs_fork for asked in ready.values()):
            return self._fork_for(ready, asked_at)
        self._go(Running(Sending(ready)))
        return _order_to_send(ready, asked_at)

    def _ready(self) -> Mapping[str, Asked]:
        """Return the open questions whose answers can go out now."""
        if not isinstance(self.now, Asking) or self.snapshot.busy:
            return {}
        is_batch = self.snapshot.tally is not None  # its questions are independent of each other
        if self.unanswered and not self.now.send_now and not is_batch:
            return {}
        return {key: asked for key, asked in self.open.items() if asked.answer is not None}

    # --- failures -----------------------------------------------------------------------------

    def segment_failed(self, error: BaseException, snapshot: Snapshot | None = None, *, by_node: bool = False) -> None:
        """Note that a segment raised an exception; questions that can still be answered are open again.

        Parameters
        ----------
        error
            The exception.
        snapshot
            The state of the thread afterwards, where readable. A question in flight that is still pending there is the
            question on whose answer the node raised the exception.
        by_node
            Whether a node raised the exception, of whatever type.
        """
        snapshot = None if snapshot is None else self._marked(snapshot)
        was_not_sent = isinstance(error, NOT_SENT) and not by_node
        in_flight = self.in_flight
        is_forking = isinstance(self.now, Running) and isinstance(self.now.errand, Forking)
        from_here = all(a.answer and a.answer.origin in FROM_HERE for a in in_flight.values())
        if self._before is not None and was_not_sent:
            self._restore(f"The question could not be asked again, and nothing has changed: {error}")
        elif not in_flight or not from_here:
            self._fail_at(error, snapshot)
        elif was_not_sent or is_forking:
            self.settled += self.to_ask_again
            if is_forking and not was_not_sent:
                self.pause = replace(self.pause, fork_began=True)
            self._reopen(in_flight, error)
        elif snapshot is not None and self._has_question_for_a_person(snapshot):
            self._reopen_pending(snapshot, error)
        else:
            self._fail_at(error, snapshot)

    def _has_question_for_a_person(self, snapshot: Snapshot) -> bool:
        """Whether a node that raised an exception on an answer can be given another answer."""
        return _is_stuck(snapshot) or any(each.id in self.in_flight for each in snapshot.interrupts)

    def _reopen_pending(self, snapshot: Snapshot, error: BaseException) -> None:
        """Open the questions again that are pending after a node raised on an answer; settle all other questions."""
        in_flight = dict(self.in_flight)
        ids = [interrupt.id for interrupt in snapshot.interrupts]
        asked = {key: in_flight.pop(key) for key in ids if key in in_flight}
        self.snapshot = snapshot
        self._settle(in_flight)
        self._settle_gone(ids)
        self._reopen(asked, error, was_sent=True)
        self._ask_what_is_new(snapshot)

    def _fail_at(self, error: BaseException, snapshot: Snapshot | None) -> None:
        """Fail, with the present state of the thread, from which the next input continues."""
        self.snapshot = snapshot or self.snapshot
        self.fail(error)

    def _reopen(self, questions: Mapping[str, Asked], problem: BaseException, *, was_sent: bool = False) -> None:
        """Open the questions again whose answers were refused, or on whose answers a node has raised an exception."""
        why = problem if isinstance(problem, Exception) else RuntimeError(WrittenLater(lambda: repr(problem)))
        self._go(Asking())
        for key, asked in questions.items():
            unsent = None if was_sent else asked.answer
            self.open[key] = replace(asked, answer=None, problem=why, since=self.revision, unsent=unsent)

    def overtaken(self, error: AlreadyAnswered) -> None:
        """Note that the engine refused the answers, because one of the questions was answered elsewhere.

        Nothing was sent, so that answers to other questions are kept. Questions that `seen` still finds pending are
        sent once more, and asked again with ``error`` if refused again.
        """
        in_flight = self.in_flight
        self.settled += self.to_ask_again
        self._go(Asking())
        for key, asked in in_flight.items():
            kept = None if asked.problem is not None else asked.answer  # refused before, where there is a problem
            unsent = asked.answer if kept is None else None
            self.open[key] = replace(asked, answer=kept, problem=error, since=self.revision, unsent=unsent)

    # --- events of the review -----------------------------------------------------------------

    def unanswerable(self, why: NobodyThere) -> None:
        """Note that nothing answers the open questions in place of a person, with the reason."""
        self.nobody = why
        self._step()

    def touch(self) -> None:
        """Note that the display has changed, but not the session."""
        self._step()

    def reconsider(self, ids: Collection[str]) -> None:
        """Ask these open questions anew, because other rules apply now; held answers of rules are taken back."""
        for key in ids:
            asked = self.open.get(key)
            if asked is None:
                continue
            is_ruled = asked.answer is not None and any(asked.answer.ruled)
            answer = None if is_ruled else asked.answer
            self.open[key] = replace(asked, answer=answer, since=self.revision + 1)
        self._step()

    def note(self, *notes: str) -> None:
        """Add notes for a person."""
        self.notes += notes
        self._step()

    def release(self) -> None:
        """Drop the result and the state, which no code asks for any more. The answers stay."""
        match self.now:
            case Finished():
                self.now = Finished(None, is_released=True)
            case Failed():
                self.now = Failed(None, is_released=True)
        self.snapshot = replace(self.snapshot, values=None, raw=None)

    def close(self) -> None:
        """Note that the thread does not exist any more, so that nothing can be asked again."""
        self.is_closed = True
        self._step()


def _is_stuck(snapshot: Snapshot) -> bool:
    """Whether a node raised an error on an answer of another client, or on an earlier answer."""
    return any(interrupt.former is not None and interrupt.former.error for interrupt in snapshot.interrupts)


def _order_to_send(ready: Mapping[str, Asked], asked_at: Mapping[str, AskedAt]) -> Order:
    """Return the order that sends the answers of questions, by interrupt id."""
    decided = {key: asked.decided for key, asked in ready.items()}
    answers = {key: asked.answer.value for key, asked in ready.items() if asked.answer is not None}
    stop = next((asked for asked in ready.values() if asked.interrupt.is_stop), None)
    if stop is not None:  # a stop is always the only question
        return Order("proceed", stop=stop, asked=asked_at, decided=decided)
    again = tuple(key for key, asked in ready.items() if asked.interrupt.former is not None)
    return Order("resume", answers, again=again, asked=asked_at, decided=decided)
