"""How a look at the thread opens and settles questions, and how questions are numbered."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nbhitl.answers import OUT_OF_ORDER
from nbhitl.core.phases import Failed, Finished, GoingOn, QuestionCounts, Running
from nbhitl.core.questions import Answered, Asked, Offer, cut_off_beside, is_same_question
from nbhitl.core.state import LiveState
from nbhitl.errors import AlreadyAnswered
from nbhitl.runs.past import AskedAt, Past, PastQuestion
from nbhitl.runs.run import Checkpoint, Interrupt, RunSegment, Snapshot
from nbhitl.runs.stops import halts_of, has_run, stop_at, where


class Numbering:
    """Counts the questions of a run: ordinal in the node, number among all questions, and rank for display."""

    def __init__(self) -> None:
        self._per_node: Counter[str] = Counter()  # questions so far
        self._places: dict[str, AskedAt] = {}  # of questions that were pending when the run was found
        self._settled_before: tuple[PastQuestion, ...] = ()  # before the run was found
        self._stops = 0
        self._steps: list[Checkpoint] = []  # with questions
        self._branches: dict[str, int] = {}  # branches of the last step that have asked, in order
        self._ranks = 0

    @property
    def counts(self) -> QuestionCounts:
        """The counts that a fork changes; `set_back` restores the counts if the fork fails."""
        return self._per_node.copy(), self._settled_before

    def set_back(self, counts: QuestionCounts) -> None:
        """Return to former counts."""
        self._per_node, self._settled_before = counts[0].copy(), counts[1]

    def found(self, past: Past) -> None:
        """Let the ordinals go on from the questions that were asked before the run was found."""
        self._settled_before += tuple(each for each in past.questions if each.id is None)
        for number, each in enumerate(past.questions, self._per_node.total()):
            if each.id is not None:
                self._places[each.id] = AskedAt(each.node, self._per_node[each.node], number)
            self._per_node[each.node] += 1

    def forked(self, checkpoint: Checkpoint, settled: Iterable[Answered]) -> frozenset[str]:
        """Continue the ordinals from the questions that stay settled after a fork at ``checkpoint``.

        Returns
        -------
        frozenset
            The nodes with questions that were answered before the run was found, and that the fork asks again.
        """
        unseen = frozenset(each.node for each in self._settled_before if each.checkpoint == checkpoint)
        self._settled_before = tuple(each for each in self._settled_before if each.checkpoint != checkpoint)
        self._per_node = Counter(each.node for each in self._settled_before)
        self._per_node.update(answered.interrupt.node for answered in settled)
        return unseen

    def next_stop(self) -> int:
        """Count a stop; return the number of the stop."""
        self._stops += 1
        return self._stops

    def place_of(self, interrupt: Interrupt, *, counts: bool) -> AskedAt:
        """Return the place of a new question; ``counts``: whether the next question of the node comes after."""
        node = interrupt.node
        next_one = AskedAt(node, self._per_node[node], self._per_node.total())
        place = self._places.pop(interrupt.id, next_one)
        if counts and place.ordinal == next_one.ordinal:
            self._per_node[node] += 1
        return place

    def asked_at_least(self, node: str, ordinal: int) -> None:
        """Note that a question with this ordinal is asked again."""
        self._per_node[node] = max(self._per_node[node], ordinal + 1)

    def ask_again_at(self, interrupt_id: str, place: AskedAt) -> None:
        """Note that a question that is asked again keeps the place."""
        self._places[interrupt_id] = place

    def take_back(self, node: str) -> None:
        """Note that the last question of a node is asked anew, with the same ordinal."""
        self._per_node[node] -= 1

    def rank_of(self, interrupt: Interrupt, checkpoint: Checkpoint) -> tuple[int, int, int]:
        """Return the rank of a question that is asked now; see `Asked`.

        Where some answers of a step are sent before others, the branches continue at different times. Branches are
        compared first, so that these times do not matter.
        """
        branch = interrupt.node.split("/")[0]
        if not self._steps or checkpoint is None or checkpoint != self._steps[-1]:
            self._steps.append(checkpoint)
            self._branches = {}
        place = self._branches.setdefault(branch, len(self._branches))
        self._ranks += 1
        return len(self._steps), place, self._ranks


TOO_LATE = "it was not given to the node, and nothing of it is recorded."


class Questions(LiveState):
    """The effect of each look at the thread on the open questions.

    Parameters
    ----------
    ignore
        The parts of a payload that records and comparisons leave out; see `nbhitl.review`.
    """

    def __init__(self, ignore: Sequence[str] = ()) -> None:
        super().__init__()
        self._ignore = tuple(ignore)
        self.retry_is_due = False  # the retry waits until an answer in flight has arrived
        self.lost: Exception | None = None  # raised once, in code whose answer came too late or whose order failed
        self._numbering = Numbering()
        self._kept: list[Asked] = []  # answers that wait until the fork asks the question
        self._overtaken = 0  # settled questions of a batch whose answers are known to have come too late
        self._retried: dict[str, Answered] = {}  # the settled questions of a batch that was retried, by id
        self._at_stop: dict[str, Any] | None = None  # the state at the last stop, by graph

    # --- looks at the thread ------------------------------------------------------------------

    def found(self, segment: RunSegment, past: Past) -> None:
        """Note that the run was found in this state: ordinals continue from the questions asked before."""
        self.past = past
        self._numbering.found(past)
        self.segment_ended(segment)
        self.open = {key: replace(asked, seen_at=None) for key, asked in self.open.items()}

    def found_item(self, past: Past) -> None:
        """Note that the run of an item of a batch was found midway."""
        self._numbering.found(past)

    def segment_ended(self, segment: RunSegment, told: str = "") -> None:
        """Note that the run paused or ended; ``told`` as for `seen`."""
        snapshot = self._marked(segment.snapshot)
        self.pause = replace(self.pause, was_stopped=self.stopping)
        self.unread = snapshot.unread
        in_flight = dict(self.in_flight)
        for interrupt in snapshot.interrupts:
            # Stopped while the node worked on the answer: the question is open again.
            if interrupt.former is not None and (asked := in_flight.pop(interrupt.id, None)) is not None:
                again = replace(asked, interrupt=interrupt, since=self.revision + 1, answer=None, problem=None)
                self.open[interrupt.id] = again
        self._settle(in_flight)
        self._settle_overtaken(snapshot)
        self._settle_gone({interrupt.id for interrupt in snapshot.interrupts}, told)
        self._continue_with(snapshot, segment.output, may_have_run=segment.is_cut)

    def overtakes(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Return the open questions whose answer came too late, if this is the thread's state."""
        if self._has_order or snapshot.busy:
            return ()
        pending = {interrupt.id: interrupt for interrupt in snapshot.interrupts}
        held = {key: asked for key, asked in self.open.items() if asked.answer and not asked.interrupt.is_stop}
        return tuple(key for key, asked in held.items() if key not in pending or is_stuck_since(asked, pending[key]))

    def seen(self, snapshot: Snapshot, told: str = "", output: Any = ...) -> None:
        """Compare with the state of the thread: questions that have disappeared were answered elsewhere.

        ``told`` names time and person of the answers in `overtakes`, as far as known. ``output`` is the result of
        ``invoke`` for a run that ends in this state; by default the values of the state.
        """
        self.not_seen(snapshot.unread)
        if self._has_order or self.in_flight:  # a person was faster than the look at the thread
            return
        if snapshot.tally != self.snapshot.tally:
            self._step()
        self.snapshot = snapshot = self._marked(snapshot)
        pending = {interrupt.id for interrupt in snapshot.interrupts}
        if snapshot.is_stop:
            pending |= self._stops_as_seen(snapshot)
        self._settle_overtaken(snapshot)
        self._settle_gone(pending, told)
        if not self.open or self._is_news(snapshot):
            output = snapshot.values if output is ... else output
            self._continue_with(snapshot, output, may_have_run=True)

    @property
    def _has_order(self) -> bool:
        """Whether a person's order has not been taken yet."""
        return isinstance(self.now, Running) and self.now.order is not None

    def not_seen(self, why: str) -> None:
        """Note that a look could not read the thread: the questions stay as they are until the next look."""
        if why != self.unread:
            self.unread = why
            self._step()

    def seen_gone(self, error: Exception) -> None:
        """Note that the thread does not exist any more; answers in flight find out themselves."""
        if not self.at_work:
            self.fail(error)

    # --- questions of the thread --------------------------------------------------------------

    def _continue_with(self, snapshot: Snapshot, output: Any, *, may_have_run: bool = False) -> None:
        """Ask the questions in this state, wait for the run of another client, or finish with ``output``."""
        self.snapshot = snapshot
        if snapshot.busy:  # the pending interrupts are about to change
            if isinstance(self.now, Running):
                self.now = Running(GoingOn())
            else:
                self._go(Running(GoingOn()))
        elif snapshot.interrupts:
            cut_off = cut_off_beside(snapshot) if may_have_run else None
            self.pause = replace(self.pause, cut_off=cut_off)
            if cut_off is not None and cut_off not in self.notes:
                self._note(cut_off)
            self._go_asking()
            self._ask_what_is_new(snapshot)
        elif snapshot.next:
            self._go_asking()
            self._ask_at_stop(snapshot, may_have_run=may_have_run)
        else:
            self._tell_of_unused()
            self._go(Finished(output))

    def _ask_at_stop(self, snapshot: Snapshot, *, may_have_run: bool) -> None:
        number = self._numbering.next_stop()
        stop = stop_at(snapshot, number, may_have_run=may_have_run, before=self._at_stop)
        self._ask(replace(stop, ignore=self._ignore))
        self._at_stop = {halt.place: halt.values for halt in halts_of(snapshot)}

    def _ask_what_is_new(self, snapshot: Snapshot) -> None:
        for interrupt in snapshot.interrupts:
            if asked := self.open.get(interrupt.id):  # answers of siblings were sent first
                self.open[interrupt.id] = self._as_now(asked, interrupt)
            else:
                self._ask_in_place(self._retried.pop(interrupt.id, None))
                self._ask(interrupt)

    def _ask_in_place(self, settled: Answered | None) -> None:
        """Let a question that a failed run asks again after a retry take the place of the settled question."""
        if settled is not None:
            self.settled = tuple(each for each in self.settled if each is not settled)
            self._numbering.ask_again_at(settled.interrupt.id, settled.at)

    def _ask(self, interrupt: Interrupt) -> None:
        self.open[interrupt.id] = self._new(interrupt)

    def _new(self, interrupt: Interrupt) -> Asked:
        """Return a new question; a kept answer to the same question becomes an offer."""
        why_unplaced = self._why_unplaced(interrupt)
        counts = why_unplaced is None or not interrupt.is_stop
        place = self._numbering.place_of(interrupt, counts=counts)
        asked = Asked(
            interrupt,
            place.ordinal,
            self.revision,
            interrupt.checkpoint or self.snapshot.checkpoint,
            rank=self._numbering.rank_of(interrupt, self.snapshot.checkpoint),
            number=place.number,
            why_unplaced=why_unplaced,
        )
        for nth, kept in enumerate(self._kept):
            if kept.answer is not None and is_same_question(kept.interrupt, interrupt):
                del self._kept[nth]
                return replace(asked, offer=Offer(kept.answer.value, "kept"))
        return asked

    def _why_unplaced(self, interrupt: Interrupt) -> str | None:
        """Return why a run from the start would not find the answer; ``None`` where the run would find the answer."""
        if interrupt.is_stop and (self.pause.was_stopped or interrupt.former is not None or has_run(interrupt)):
            return "a run that is not cut off does not ask this"
        if self.past.why_unknown is not None:
            return f"how many questions of this run came before is not known: {self.past.why_unknown}"
        if interrupt.node in self.past.unsure:
            return f"how many questions of this node came before is not known: {OUT_OF_ORDER}"
        return None

    def _as_now(self, asked: Asked, interrupt: Interrupt) -> Asked:
        """Return an open question with the present interrupt of the thread.

        Where the thread holds a new answer of another client, an answer that was given here is too late.
        """
        if not is_stuck_since(asked, interrupt):
            return replace(asked, interrupt=interrupt)
        problem = asked.problem
        if asked.answer is not None:
            problem = AlreadyAnswered(
                f"{asked.title} has been answered by another client meanwhile, and that answer did not settle it. "
                "Yours came too late, and was not given: look at the question again."
            )
            self._lose(asked, problem)
        return replace(asked, interrupt=interrupt, answer=None, problem=problem, since=self.revision)

    def _tell_of_unused(self) -> None:
        if self._kept:
            nodes = ", ".join(sorted({each.interrupt.node for each in self._kept}))
            self._note(f"Asked again, {nodes} did not ask any more: the answer was not used.")
            self._kept = []

    def _marked(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot with interrupts that carry the parts to leave out (``ignore``)."""
        if not self._ignore:
            return snapshot
        marked = tuple(replace(interrupt, ignore=self._ignore) for interrupt in snapshot.interrupts)
        return replace(snapshot, interrupts=marked)

    # --- effects of other clients on open questions -------------------------------------------

    def _stops_as_seen(self, snapshot: Snapshot) -> set[str]:
        """Return the open stops at which the thread still waits; a stop with a changed state is asked anew."""
        halts, as_seen = halts_of(snapshot), set()
        for key, asked in self.open.items():
            if not asked.interrupt.is_stop:
                continue
            if {halt.checkpoint for halt in halts} == {halt.checkpoint for halt in asked.interrupt.halts}:
                as_seen.add(key)
            elif asked.interrupt.node == where(halts) and asked.why_unplaced is None:
                self._numbering.take_back(asked.interrupt.node)  # the stop is the same, with the same ordinal
        return as_seen

    def _is_news(self, snapshot: Snapshot) -> bool:
        """Whether answers of another client led to further questions, or to an error of the node."""
        known = {key: asked.interrupt for key, asked in self.open.items()}
        return not snapshot.busy and not all(each.is_same(known.get(each.id)) for each in snapshot.interrupts)

    def _settle_gone(self, pending: Collection[str], told_of: str = "") -> None:
        """Settle the open questions that are no longer pending, because another client has answered."""
        for key in [key for key in self.open if key not in pending]:
            asked = self.open.pop(key)
            told = str(asked.problem) if isinstance(asked.problem, AlreadyAnswered) else ""
            # At a stop the other client only went on, so that no answer is late, unless the engine refused a decision.
            is_late = not asked.interrupt.is_stop or isinstance(asked.problem, AlreadyAnswered)
            late = (asked.answer or asked.unsent) if is_late else None
            if asked.answer is not None and is_late:
                told = told or told_of or f"{asked.title} has been answered by another client."
                self._lose(asked, AlreadyAnswered(f"{told} The answer given here came too late: {TOO_LATE}"))
            elif late is not None:  # code has got the reason why the answer was not sent
                self.late += (replace(asked, answer=late),)
            gone = Answered(
                asked.interrupt,
                asked.ordinal,
                None,
                "elsewhere",
                asked.checkpoint,
                told=told,
                number=asked.number,
                late=late,
            )
            self.settled += (gone,)
            self._step()

    def _settle_overtaken(self, snapshot: Snapshot) -> None:
        """Note which settled questions of a batch another client had answered before; the rows tell code.

        A question that is pending all the same, because the other client has answered only a sibling, is asked again.
        """
        new = set(snapshot.overtaken[self._overtaken :])
        self._overtaken = len(snapshot.overtaken)
        if not new:
            return
        pending = {interrupt.id for interrupt in snapshot.interrupts}
        settled: list[Answered] = []
        for each in self.settled:
            key = each.interrupt.id
            if key not in new or each.answer is None:
                settled.append(each)
                continue
            self.late += (each.as_late(self.revision),)
            if key in pending:
                self._numbering.ask_again_at(key, each.at)
            else:
                settled.append(each.as_elsewhere())
        self.settled = tuple(settled)
        self._step()

    def _lose(self, asked: Asked, why: AlreadyAnswered) -> None:
        """Note that an answer came too late: code gets an exception, a person sees a message."""
        self.late += (asked,)
        if asked.answer is not None and asked.answer.origin == "code":
            self.lost = why

    # --- answers in flight --------------------------------------------------------------------

    def _settle(self, questions: Mapping[str, Asked]) -> None:
        """Settle the answers in flight; none is in flight afterwards."""
        self.settled += tuple(asked.as_answered() for asked in questions.values())
        if isinstance(self.now, Running):
            self.now = Running(GoingOn())

    def fail(self, error: BaseException) -> None:
        """End the session with ``error``."""
        again = self.to_ask_again
        self._settle(self.in_flight)
        self.settled += again
        self._go(Failed(error))


def is_stuck_since(asked: Asked, now: Interrupt) -> bool:
    """Whether the thread holds an answer to an open question that is newer than the question."""
    return now.former is not None and not now.has_former_of(asked.interrupt)
