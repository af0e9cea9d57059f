"""The session against a simple model of a thread, under any moves of people, code, other clients and faults."""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from nbhitl.answers import Answer
from nbhitl.core.session import Order, Session
from nbhitl.errors import (
    Abandoned,
    AlreadyAnswered,
    RunHasFailed,
    ServerRefused,
    ServerUnreachable,
    UnknownInterrupt,
    UsageError,
)
from nbhitl.runs.run import Interrupt, RunSegment, Snapshot, StuckAnswer
from tests.sessions import accept

MOST_MOVES = 40
"""Number of answers that reach the end of every drawn run; a run that asks more often asks for ever."""

Question = tuple[str, str]
"""Node and payload."""


class NodeRaised(Exception):
    """A node of the model raises this on a bad answer."""


@dataclass
class Task:
    """A node at work that asks ``asks`` questions in turn; each answer taken has an effect on the world."""

    node: str
    asks: int
    taken: list[str] = field(default_factory=list)
    stuck: str | None = None
    """An answer that the thread holds and that did not settle the question; only a fork removes such an answer."""
    raised: bool = False

    @property
    def done(self) -> bool:
        return len(self.taken) == self.asks


class Thread:
    """A thread of LangGraph, for a graph of a few steps with a few nodes side by side."""

    def __init__(self, steps: list[list[int]]) -> None:
        self._steps = steps
        self._forks = self._saved = 0
        self._past: dict[str, int] = {}  # checkpoint -> step
        self.wording = 0
        self.effects: list[tuple[str, Question]] = []
        self.held: set[str] = set()  # answers that reached a node
        self.tells = True  # whether the values of held answers are known after a crash
        self.others: dict[str, str] | None = None  # the answers of another client's run that is at work
        self.ended = False
        self._begin(0)

    def _begin(self, step: int) -> None:
        self.started = False
        self._saved += 1
        self.checkpoint = f"c{self._saved}"
        self._past[self.checkpoint] = self.step = step
        asks = self._steps[step] if step < len(self._steps) else []
        self.tasks = [Task("abc"[n], count) for n, count in enumerate(asks)]
        self.ended = not self.tasks

    # --- reads of an engine ---------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        coming = tuple(task.node for task in self.tasks if not task.done)
        pending = tuple(self._interrupt(task) for task in self.tasks if not task.done) if self.started else ()
        done = tuple(task.node for task in self.tasks if task.done)
        busy = self.others is not None
        return Snapshot(pending, coming, "state", busy=busy, checkpoint=self.checkpoint, finished=done)

    def pending(self) -> dict[str, Task]:
        waiting = [task for task in self.tasks if not task.done] if self.started else []
        return {self._interrupt(task).id: task for task in waiting}

    def question(self, task: Task) -> Question:
        return task.node, f"step {self.step}, question {len(task.taken)}, wording {self.wording}"

    def _interrupt(self, task: Task) -> Interrupt:
        error = "NodeRaised: bad" if task.raised else None
        known = StuckAnswer(is_known=True, value=task.stuck, error=error) if self.tells else StuckAnswer(error=error)
        former = known if task.stuck is not None and self.others is None else None
        return Interrupt(f"{self.checkpoint}-{task.node}{len(task.taken)}", *self.question(task), former=former)

    # --- changes by an engine -------------------------------------------------------------------

    def go_on(self, *, until_stopped: bool = False) -> None:
        """Run the nodes that have an answer, and ask; a node that raises ends the run."""
        self.started = True
        waiting = [task for task in self.tasks if task.stuck is not None]
        for task in waiting:
            self._run(task)
        if any(task.raised for task in waiting):
            raise NodeRaised("bad")
        if all(task.done for task in self.tasks):
            self._begin(self.step + 1)
            self.started = not until_stopped

    def _run(self, task: Task) -> None:
        assert task.stuck is not None
        task.raised = task.stuck.startswith("bad")
        if not task.raised:
            self.effects.append((task.stuck, self.question(task)))
            task.taken.append(task.stuck)
            task.stuck = None

    def unsaved(self) -> list[tuple[str, Question]]:
        """Return the effects that nodes would have on the world before a kill, without a saved step."""
        waiting = [task for task in self.tasks if task.stuck is not None]
        return [
            (task.stuck, self.question(task)) for task in waiting if task.stuck and not task.stuck.startswith("bad")
        ]

    def give(self, answers: Mapping[str, str]) -> None:
        """Hand over answers; a task that already holds a stuck answer does not get another."""
        for key, task in self.pending().items():
            if key in answers:
                task.stuck = task.stuck or answers[key]
                self.held |= {answers[key]}

    def fork(self, checkpoint: str, wording: int) -> None:
        self.wording = wording
        self._begin(self._past[checkpoint])
        self.started = True


class SessionOfAThread(RuleBasedStateMachine):
    """Plays all parts but the session: people, code, other clients, and the engine under `nbhitl.core.driver`."""

    def __init__(self) -> None:
        super().__init__()
        self.accepted: Counter[str] = Counter()
        self.given_to: dict[str, Question] = {}
        self.owed: dict[str, Question] = {}
        self.lost_sight_of: Order | None = None
        self.at_work: Any = None  # the order that the engine carries out
        self.thread_is_over = False  # abandoned or deleted
        self.not_yet: dict[str, int] = {}  # interrupt id -> the last revision at which it was not open
        self.shelved: dict[str, int] = {}  # a copy of `not_yet` from before the last order of a person
        self.revision = self.answers = 0

    @initialize(steps=st.lists(st.lists(st.integers(1, 2), min_size=1, max_size=3), min_size=1, max_size=3))
    def start(self, steps):
        self.thread = Thread(steps)
        self.session = Session()
        self.thread.go_on()
        self.session.segment_ended(self.segment())

    # --- a person, and code ---------------------------------------------------------------------

    def is_asked(self):
        return bool(self.session.asked)

    @precondition(is_asked)
    @rule(data=st.data(), word=st.sampled_from(["good", "good", "bad"]), origin=st.sampled_from(["person", "code"]))
    def answer(self, data, word, origin):
        asked = data.draw(st.sampled_from(self.session.asked))
        value = self.words(asked, word)
        revision = data.draw(st.sampled_from([None, self.session.revision]))
        if asked.answer is not None:
            with pytest.raises(AlreadyAnswered):
                accept(self.session, Answer(asked.interrupt.id, value, origin, revision))
        else:
            self.door(Answer(asked.interrupt.id, value, origin, revision))

    @precondition(is_asked)
    @rule(data=st.data())
    def same_answer_as_before(self, data):
        asked = data.draw(st.sampled_from(self.session.asked))
        if asked.answer is None and asked.interrupt.former is not None and asked.interrupt.former.is_known:
            self.door(Answer(asked.interrupt.id, asked.interrupt.former.value, "person"))

    @precondition(is_asked)
    @rule(data=st.data())
    def answer_in_a_tab_that_shows_an_older_view(self, data):
        key = data.draw(st.sampled_from([asked.interrupt.id for asked in self.session.asked]))
        with pytest.raises(AlreadyAnswered):
            accept(self.session, Answer(key, "good stale", "person", self.not_yet.get(key)))

    @rule(data=st.data())
    def answer_to_what_is_not_open(self, data):
        settled = [answered.interrupt.id for answered in self.session.answered]
        key = data.draw(st.sampled_from(["no such id", *settled]))
        if key not in {asked.interrupt.id for asked in self.session.asked}:
            refusals = RunHasFailed if self.session.phase == "failed" else (AlreadyAnswered, UnknownInterrupt)
            with pytest.raises(refusals):
                accept(self.session, Answer(key, "good stale", "person"))

    @rule()
    def send_now(self):
        self.unless_refused(self.session.send_now)

    @rule()
    def ask_again(self):
        self.unless_refused(self.session.ask_again)
        self.owed = {} if self.session.phase == "running" else self.owed

    @rule(kind=st.sampled_from(["abandon", "delete"]), sure=st.integers(0, 9))
    def end_thread(self, kind, sure):
        if sure == 9 and not self.session.over:
            self.unless_refused(lambda: self.session.end_thread(kind))
            self.owed = {}

    @rule()
    def stop(self):
        self.unless_refused(self.session.stop)

    # --- the engine -----------------------------------------------------------------------------

    @precondition(lambda self: self.at_work is None)
    @rule()
    def engine_takes_an_order(self):
        self.at_work = self.session.take()
        assert self.at_work is None or self.session.phase == "running"

    def works(self):
        return self.at_work is not None

    @precondition(works)
    @rule(wording=st.integers(0, 1), stops=st.booleans())
    def segment_ends(self, wording, stops):
        order, self.at_work = self.at_work, None
        stops = stops and self.session.stopping
        if order.kind in ("abandon", "delete"):
            self.thread_is_over = True
            self.session.fail(Abandoned("ended"))
            return
        if self.refuses(order):
            return
        follows, self.lost_sight_of = order == self.lost_sight_of, None
        try:
            self.carry_out(order, wording, stops=stops, follows=follows)
        except NodeRaised as error:
            self.session.segment_failed(error, self.look())
        else:
            ended = self.session.asked_again if order.kind == "ask_again" else self.session.segment_ended
            ended(self.segment())

    @precondition(works)
    @rule()
    def segment_is_stopped_while_the_node_works(self):
        if self.session.stopping and self.at_work.kind == "resume" and not self.refuses(self.at_work):
            self.thread.give(self.at_work.answers)
            self.at_work = self.lost_sight_of = None
            self.session.segment_ended(RunSegment(None, self.look(), is_cut=True))

    @precondition(works)
    @rule()
    def server_is_not_reached(self):
        self.at_work = None
        self.was_not_sent(ServerUnreachable("gone"))

    @precondition(works)
    @rule()
    def reply_is_lost(self):
        order = self.at_work
        if order.kind != "resume" or self.refuses(order):
            return
        self.at_work, follows = None, order == self.lost_sight_of
        self.lost_sight_of = order
        if not follows:
            with suppress(NodeRaised):
                self.carry_out(order, 0)
        self.session.segment_failed(ServerUnreachable("cut"))

    @precondition(works)
    @rule(how=st.sampled_from(["not arrived", "not run", "run", "saved"]), tells=st.booleans())
    def crash(self, how, tells):
        """The kernel is gone, and with the kernel the session; the thread is opened again."""
        order, self.at_work = self.at_work, None
        self.lost_sight_of, self.owed, self.thread.tells = None, {}, tells
        pending = self.thread.pending()
        if order.kind == "resume" and self.thread.others is None and order.answers.keys() <= pending.keys():
            self.is_killed(order, how)
        self.session, self.not_yet, self.revision = Session(), {}, 0
        self.session.segment_ended(RunSegment(None, self.look(), is_cut=True))

    def is_killed(self, order: Order, how: str) -> None:
        if how == "saved":
            with suppress(NodeRaised):
                self.carry_out(order, 0, stops=True)
        elif how != "not arrived":
            self.thread.give(order.answers)
            self.thread.effects += self.thread.unsaved() if how == "run" else []

    @precondition(lambda self: self.at_work is None and not self.session.over)
    @rule()
    def driver_looks(self):
        self.session.seen(self.look())

    # --- other clients --------------------------------------------------------------------------

    def others_can(self):
        return self.thread.others is None and bool(self.thread.pending()) and not self.thread_is_over

    @precondition(others_can)
    @rule(data=st.data(), word=st.sampled_from(["good", "bad"]))
    def other_client_begins_to_answer(self, data, word):
        keys = data.draw(st.sets(st.sampled_from(sorted(self.thread.pending())), min_size=1))
        answers = {key: f"{word} theirs {self.next_number()}" for key in sorted(keys)}
        for key, value in answers.items():
            self.accepted[value] += 1
            self.given_to[value] = self.thread.question(self.thread.pending()[key])
        self.thread.others = answers

    @precondition(lambda self: self.thread.others is not None)
    @rule()
    def other_clients_run_ends(self):
        answers, self.thread.others = self.thread.others, None
        self.thread.give(answers or {})
        self.may_repeat()
        with suppress(NodeRaised):
            self.thread.go_on()

    # --- invariants -----------------------------------------------------------------------------

    @invariant()
    def each_answer_takes_effect_once_for_each_time_it_was_accepted_and_for_its_question_only(self):
        for value, times in Counter(value for value, _ in self.thread.effects).items():
            assert times <= self.accepted[value], f"{value} took effect {times} times"
        for value, question in self.thread.effects:
            assert self.given_to[value] == question

    @invariant()
    def no_accepted_answer_is_lost_without_a_word(self):
        session = self.session
        carried = {a.answer.value for a in session.asked if a.answer} | {a.value for a in session.answered if a.answer}
        shown = {self.asks(asked.interrupt) for asked in session.unanswered}
        offered = {asked.offer.value for asked in session.unanswered if asked.offer is not None}
        elsewhere = {self.asks(answered.interrupt) for answered in session.answered if answered.origin == "elsewhere"}
        shown |= elsewhere
        late = {asked.answer.value for asked in session.late if asked.answer is not None}
        for value, question in list(self.owed.items()):
            arrived = value in self.thread.held
            if question in elsewhere and not arrived and value not in offered and value not in carried:
                assert value in late or session.over, f"{value} came too late without a word"
            if arrived or question in shown or value in offered or session.over:
                del self.owed[value]
            elif value not in carried:
                assert session.notes, f"{value} is lost"
                del self.owed[value]

    @invariant()
    def open_questions_are_those_that_were_seen_pending(self):
        if self.session.phase == "asking":
            seen, asked = self.session.snapshot, [each.interrupt for each in self.session.asked]
            pending = {interrupt.id: interrupt for interrupt in seen.interrupts}
            if seen.busy:  # another client's run is about to change the pending questions
                assert {interrupt.id for interrupt in asked} <= pending.keys()
            elif pending:
                assert {interrupt.id: interrupt for interrupt in asked} == pending
            else:
                assert [interrupt.is_stop for interrupt in asked] == [True]
                assert seen.next

    @invariant()
    def revision_never_goes_back_and_counts_what_is_shown(self):
        assert self.session.revision >= self.revision
        open_now = {asked.interrupt.id for asked in self.session.unanswered}
        for key in self.not_yet.keys() - open_now:
            self.not_yet[key] = self.session.revision
        for key in open_now - self.not_yet.keys():
            self.not_yet[key] = self.revision
        self.revision = self.session.revision

    @invariant()
    def review_ends_where_the_thread_has_ended_and_fails_only_where_a_person_wants_it(self):
        assert self.session.phase != "finished" or self.thread.ended
        assert self.session.phase != "failed" or self.thread_is_over, repr(self.session.error)

    def teardown(self):
        """Good answers lead from every state to the end of the run."""
        if not hasattr(self, "session"):
            return
        for _ in range(MOST_MOVES):
            if self.session.over:
                break
            if self.thread.others is not None:
                self.other_clients_run_ends()
            if self.at_work is None:
                self.driver_looks()
                self.no_accepted_answer_is_lost_without_a_word()
            for asked in self.session.unanswered:
                self.door(Answer(asked.interrupt.id, self.words(asked, "good"), "person"))
            self.at_work = self.at_work or self.session.take()
            if self.at_work is not None:
                self.segment_ends(self.thread.wording, stops=False)
            self.each_answer_takes_effect_once_for_each_time_it_was_accepted_and_for_its_question_only()
            self.no_accepted_answer_is_lost_without_a_word()
        assert self.session.over, f"asked for ever: {self.session.asked}"

    # --- helpers --------------------------------------------------------------------------------

    def door(self, answer: Answer) -> None:
        asked = accept(self.session, answer)
        if not asked.interrupt.is_stop:
            self.accepted[answer.value] += 1
            self.given_to[answer.value] = self.owed[answer.value] = self.asks(asked.interrupt)

    def words(self, asked: Any, word: str) -> str | None:
        return None if asked.interrupt.is_stop else f"{word} {self.next_number()}"

    def next_number(self) -> int:
        self.answers += 1
        return self.answers

    def asks(self, interrupt: Interrupt) -> Question:
        return interrupt.node, str(interrupt.value)

    def unless_refused(self, command: Any) -> None:
        before = self.session.revision
        try:
            command()
        except UsageError:
            assert self.session.revision == before
        else:
            if command not in (self.session.stop, self.session.send_now):
                self.shelved = dict(self.not_yet)

    def look(self) -> Snapshot:
        return self.thread.snapshot()

    def segment(self) -> RunSegment:
        return RunSegment("output", self.look())

    def may_repeat(self) -> None:
        """Allow a second effect of held answers: another client runs the nodes again, which nbhitl cannot prevent."""
        self.accepted.update(task.stuck for task in self.thread.tasks if task.stuck is not None)

    def was_not_sent(self, error: Exception) -> None:
        self.session.segment_failed(error)
        shown = {asked.interrupt.id for asked in self.session.unanswered if asked.problem is None}
        self.not_yet |= {key: self.shelved[key] for key in shown & self.shelved.keys()}  # as before the order

    def refuses(self, order: Order) -> bool:
        """Return whether the engine refuses an order that does not fit the thread, as both engines do."""
        if order == self.lost_sight_of and self.thread.others is None:
            return False
        others = self.thread.others
        needed = order.answers.keys() | set(order.pending)
        unseen = {interrupt.id for interrupt in self.look().interrupts if interrupt.former} - set(order.again)
        is_overtaken = not needed <= self.thread.pending().keys() - set(others or ())
        if is_overtaken or (order.kind == "resume" and unseen):
            self.at_work = None
            self.session.overtaken(AlreadyAnswered("another client"))
            self.driver_looks()
            return True
        if others is not None:
            self.at_work = None
            self.was_not_sent(ServerRefused("a run is at work"))
            return True
        return False

    def carry_out(self, order: Order, wording: int, *, stops: bool = False, follows: bool = False) -> None:
        if follows:
            if any(task.raised for task in self.thread.tasks):
                raise NodeRaised("bad")
            return
        if order.kind == "ask_again":
            self.thread.fork(order.checkpoint, wording)
            return
        self.thread.give(order.answers)
        self.thread.go_on(until_stopped=stops)


TestSessionOfAThread = SessionOfAThread.TestCase
TestSessionOfAThread.settings = settings(
    max_examples=150,
    stateful_step_count=25,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
