"""Asks answered questions again in a fork of the thread, which has new ids for the same questions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from nbhitl.core.asking import Questions
from nbhitl.core.phases import Asking, ChangingAnswers, EndingThread, Forking, Memory, Order, Running, Starting
from nbhitl.core.questions import Answered, Asked, Offer, Paired, find_again
from nbhitl.errors import RunCancelled, UsageError
from nbhitl.runs.past import AskedAt
from nbhitl.runs.run import Interrupt, RunSegment


class Forks(Questions):
    """The questions of a review whose thread can be forked or ended.

    A person asks again to change an answer. An answer also needs a fork where the thread holds a different answer,
    because the node would get the answer of the thread. A failed fork leaves everything unchanged.
    """

    def ask_again(self) -> None:
        """Ask the last answered questions again, in a fork of the thread; the former answers are offered.

        Raises
        ------
        UsageError
            If a run is at work, or no answered question can be asked again.
        """
        if isinstance(self.now, Starting | Running):
            raise UsageError("A run is at work: wait for it, or stop it (card.stop()), before you ask again.")
        if self.snapshot.tally is not None and any(asked.answer is not None for asked in self.open.values()):
            # An earlier decision would be taken back, and the answer would be dropped.
            raise UsageError("An answer of this batch is on its way to its run: take it back in a moment.")
        group = self.last_decision
        if not group:
            raise UsageError("Nothing has been answered in this review that could be asked again.")
        before, checkpoint = self._memory(), group[-1].checkpoint
        self.open, self.nobody = {}, None
        self.settled = _without(self.settled, group)
        unseen = self._numbering.forked(checkpoint, self.settled)
        order = Order("ask_again", checkpoint=checkpoint, asked={each.interrupt.id: each.at for each in group})
        self._go(Running(ChangingAnswers(group, unseen, before), order))

    def end_thread(self, kind: Literal["abandon", "delete"]) -> None:
        """Order the end of the thread.

        Raises
        ------
        UsageError
            If a run is at work.
        """
        if isinstance(self.now, Starting | Running):
            raise UsageError("A run is at work in this thread: wait for it, or stop it first (card.stop()).")
        before = self._memory()
        self.open = {}
        self._go(Running(EndingThread(before), Order(kind)))

    def not_ended(self, error: Exception, why: str) -> None:
        """Note that the thread could not be ended, with the reason in words; everything else stays unchanged."""
        self.lost = error
        self._restore(f"The thread could not be ended, and nothing has changed: {why}")

    def _fork_for(self, ready: Mapping[str, Asked], asked_at: Mapping[str, AskedAt]) -> Order:
        """Begin a fork for answers that need a fork to reach their nodes; return the order."""
        again = tuple(answered for answered in self.settled if self.is_of_this_step(answered))
        checkpoint = self.snapshot.checkpoint
        self.settled = _without(self.settled, again)
        unseen = self._numbering.forked(checkpoint, self.settled)
        self._go(Running(Forking(ready, again, unseen)))
        # After a fork that began and failed, the head is the copied checkpoint, without pending interrupts.
        pending = () if self.pause.fork_began else tuple(ready)
        asked_at = {**asked_at, **{answered.interrupt.id: answered.at for answered in again}}
        return Order("ask_again", checkpoint=checkpoint, pending=pending, asked=asked_at)

    def asked_again(self, segment: RunSegment) -> None:
        """Note that a fork asks again, with new ids: former answers to the same questions are sent or offered."""
        snapshot = self._marked(segment.snapshot)
        errand = self.now.errand if isinstance(self.now, Running) else None
        unseen = errand.unseen if isinstance(errand, Forking | ChangingAnswers) else frozenset()
        known: list[Asked | Answered] = [*self.in_flight.values(), *self.to_ask_again]
        self.pause = replace(self.pause, was_stopped=self.stopping, fork_began=False)
        self.snapshot = snapshot
        self._go(Asking())
        pairs = _paired(snapshot.interrupts, known, unseen)
        for pair in pairs:
            self.open[pair.interrupt.id] = self._as_again(pair, changing=isinstance(errand, ChangingAnswers))
        used = {id(pair.before) for pair in pairs}
        self._kept = [each for each in known if isinstance(each, Asked) and id(each) not in used]
        if self._kept and self.open:
            nodes = ", ".join(sorted({each.interrupt.node for each in self._kept}))
            self._note(f"{nodes} asks something else first; your answer is offered when its question comes.")
        if not self.open:
            if known and not self._kept and self._is_past(known, segment):
                # A graph on a server may keep its answers in a separate thread, which no fork reaches.
                nodes = ", ".join(sorted({each.interrupt.node for each in known}))
                self._note(f"{nodes} did not ask again, and no new answer was given: the run went on without one.")
            self._continue_with(snapshot, segment.output, may_have_run=segment.is_cut)

    def _is_past(self, known: list[Asked | Answered], segment: RunSegment) -> bool:
        """Tell whether a fork that asks nothing has run the nodes of the former questions."""
        snapshot = segment.snapshot
        if snapshot.is_end:
            return True
        if snapshot.busy or segment.is_cut or self.pause.was_stopped:
            return False
        coming = set(snapshot.next)
        return not any(each.interrupt.node.split("/")[0] in coming for each in known)

    def _as_again(self, pair: Paired, *, changing: bool) -> Asked:
        """Return a question that a fork asks again; with the former answer where no person need be asked."""
        interrupt, before = pair.interrupt, pair.before
        if before is None:
            return self._new(interrupt)
        self._numbering.asked_at_least(interrupt.node, before.ordinal)
        again = Asked(
            interrupt,
            before.ordinal,
            self.revision,
            interrupt.checkpoint or self.snapshot.checkpoint,
            rank=self._numbering.rank_of(interrupt, self.snapshot.checkpoint),
            number=before.number,
        )
        if isinstance(before, Answered):
            return replace(again, offer=Offer(before.value, "changed" if changing else "sibling"))
        if before.answer is None:
            return again
        if interrupt.former is not None:  # the fork did not remove the former answer
            return replace(again, problem=RunCancelled("The thread could not be forked: the answer was not sent."))
        if not pair.is_sure:
            return replace(again, offer=Offer(before.answer.value, "other question"))
        return replace(again, answer=replace(before.answer, id=interrupt.id, revision=None))

    # --- return to the state before -----------------------------------------------------------

    def _memory(self) -> Memory:
        return Memory(self.now, self.nobody, self.snapshot, dict(self.open), self.settled, self._numbering.counts)

    @property
    def _before(self) -> Memory | None:
        """The session before the order of a person that is being carried out."""
        errand = self.now.errand if isinstance(self.now, Running) else None
        return errand.before if isinstance(errand, ChangingAnswers | EndingThread) else None

    def _restore(self, note: str) -> None:
        """Return to the session before the order of a person, because the order failed."""
        before = self._before
        if before is not None:
            self.now, self.nobody, self.snapshot = before.now, before.nobody, before.snapshot
            self.open, self.settled = dict(before.open), before.settled
            self._numbering.set_back(before.counts)
        self._note(note)
        self._step()
        # Meanwhile the questions were not open: an answer must refer to the new revision.
        self.open = {key: replace(asked, since=self.revision) for key, asked in self.open.items()}


def _without(settled: tuple[Answered, ...], group: tuple[Answered, ...]) -> tuple[Answered, ...]:
    gone = {id(each) for each in group}  # not `in`, which compares payloads and answers
    return tuple(each for each in settled if id(each) not in gone)


def _paired(interrupts: tuple[Interrupt, ...], known: list[Asked | Answered], unseen: frozenset[str]) -> list[Paired]:
    """Pair the interrupts of a fork with the former questions; questions of ``unseen`` nodes are new to nbhitl."""
    seen = [each for each in interrupts if each.node not in unseen]
    pairs = find_again(seen, [each for each in known if each.interrupt.node not in unseen])
    pairs += [Paired(each, None) for each in interrupts if each.node in unseen]
    order = [each.id for each in interrupts]
    return sorted(pairs, key=lambda pair: order.index(pair.interrupt.id))
