"""The core of a review: page, console, stream and `Review` hold the core, and the core holds none of them."""

import weakref
from typing import Any, Literal

from nbhitl.answers import Answer
from nbhitl.answers.notebook_file import ignored_in
from nbhitl.answers.rules import rules_around
from nbhitl.core.answering import Answering, Validation
from nbhitl.core.driver import Driver, nothing
from nbhitl.core.elsewhere import Elsewhere
from nbhitl.core.left_behind import left_behind
from nbhitl.core.letting_go import LettingGo
from nbhitl.core.notices import Notifier
from nbhitl.core.others import Others
from nbhitl.core.outcome import outcome_of
from nbhitl.core.questions import Asked
from nbhitl.core.rules_in_force import RulesInForce
from nbhitl.core.ruling import ReviewRules, count
from nbhitl.core.session import Session
from nbhitl.core.settings import ReviewSettings
from nbhitl.core.shared import SharedSession, lost
from nbhitl.core.sources import any_answers, asks_person, earlier_record, nth_review, source_for
from nbhitl.core.state import ReviewState
from nbhitl.core.watching import Watching
from nbhitl.engines import Engine, ManyRuns
from nbhitl.errors import AnswersMismatch, CannotWaitHere, NobodyThere
from nbhitl.kernel import Surroundings, after_this_cell, block, running_cell
from nbhitl.kernel.background import call_later
from nbhitl.kernel.caught import fail_in_the_end
from nbhitl.kernel.output_order import OutputLane, lane_of_run
from nbhitl.kernel.sigint import defer_sigint
from nbhitl.kernel.subscribers import Listener, Unsubscribe
from nbhitl.models import recorded_here
from nbhitl.runs.run import First

OrderKind = Literal["send_now", "ask_again", "retry", "stop", "abandon", "delete"]
"""The orders that a person or code can give besides an answer."""

BEGINS_WITHIN = 0.3
"""Seconds after which a run begins even if the card was not shown yet."""

RETURNED = (
    "A cell that awaited this review returned the former result. When the run has ended again, card.result is the new "
    "result: then run the cells below again."
)


class ReviewCore:
    """A review: session, driver, sources and forms. May be used from any thread.

    `submit` takes answers, `order` takes orders; `state` is read, and `subscribe` and `add_viewer` tell of changes.
    Forms, sources, engines and drawing work without the lock.

    Parameters
    ----------
    engine
        Runs the graph.
    first
        Makes the first segment.
    settings
        The arguments of the review.
    place
        The place at which the review was made.

    Attributes
    ----------
    nth
        The number of reviews that this execution of the cell made before.
    source, earlier
        The source that answers in place of a person; the record of answers from an earlier execution.
    person_can_answer
        Whether somebody may come and answer, so that a cell is held for that person.
    rules, in_force
        The rules that may decide; and changes of the rules while questions are open.
    elsewhere
        The people who have the questions open elsewhere.
    watching
        The chunks and the progress of the run.
    is_shown
        Whether a cell shows the card.
    is_used
        Whether code uses the review; then no warning says that the card was never shown.
    has_returned
        Whether a cell that awaited the review has got the result.
    has_raised
        Whether the failure of the run was raised in code.
    """

    def __init__(self, engine: Engine, first: First, settings: ReviewSettings, place: Surroundings) -> None:
        self.engine, self.settings, self.forms, self.place = engine, settings, settings.forms, place
        self.nth = nth_review(place.execution)
        self.source = source_for(settings, place, self.nth)
        self.earlier = earlier_record(settings, place, self.nth, self.source)
        self.person_can_answer = asks_person(self.source) and settings.finds_person(place)
        self.is_shown = self.is_used = self.has_returned = self.has_raised = False
        self.watching, self.elsewhere = Watching(), Elsewhere()
        self._lane = self._place_of_outputs()
        self._validation = Validation(self.forms, engine)
        waits = place.is_replay and self.source is None  # the client has the recorded decisions
        self._shared = SharedSession(self._new_session())
        rules = (*settings.rules, *rules_around())
        self.rules = ReviewRules(rules, self.forms, self._shared, waits=waits, tools=settings.tools)
        self._answering = Answering(self._shared, self._validation, self.rules, self.source)
        # The record of an earlier execution may be the source itself: a source is told once.
        told = dict.fromkeys(each for each in (self.source, self.earlier) if each is not None)
        with recorded_here(place, settings.models):
            self.driver = Driver(
                engine,
                self._shared,
                self._answering,
                self.watching,
                Others(engine, self._shared, self.elsewhere),
                told=list(told),
                lane=self._lane,
                whole_run=bool(settings.key),
                looks_back=place.is_client or self.source is not None or self.earlier is not None,
            )
        self.in_force = RulesInForce(self._shared, self._answering, self.rules, self.driver)
        self._letting_go = LettingGo(engine, self._shared, self.driver, self.watching)
        self._first: First | None = first
        self.forms.add_viewer(self.redraw)
        if self._lane is not None:
            self.add_viewer(self._let_outputs_pass)
        self._notifier = Notifier(settings.notify, engine.graph_name)
        if self.person_can_answer and not place.is_client:
            self.add_viewer(self._notify)

    def _new_session(self) -> Session:
        ignored = ignored_in(self.place.source, person_there=self.place.person_there)
        session = Session((*self.settings.ignore, *ignored))
        says_so = self.source is not None and self.source.may_run_again
        session.may_run_again = self.settings.may_run_again or says_so
        left = () if self.settings.is_same_run else left_behind(self, self.place)
        session.notes = (*self.settings.notes, *left)
        return session

    # --- looking --------------------------------------------------------------------------------

    @property
    def state(self) -> ReviewState:
        """The present state of the review: a snapshot that no later change touches."""
        return self._shared.state

    @property
    def waits(self) -> bool:
        """Whether a question is open and has no answer, at this moment."""
        return self.state.waits

    @property
    def thread_id(self) -> str | None:
        """The thread of the run; ``None`` until a server has made the thread."""
        return self.engine.thread_id

    def subscribe(self, listener: Listener) -> Unsubscribe:
        """Call ``listener`` after each change, from any thread; return a function that ends the calls."""
        return self._shared.subscribe(listener)

    def add_viewer(self, draw: Listener) -> None:
        """Call a bound method after each change, while the object lives, before any waiting code goes on."""
        self._shared.add_viewer(draw)

    @property
    def lock(self) -> Any:
        """The lock of the session, for `nbhitl.kernel.block`."""
        return self._shared.lock

    # --- changing -------------------------------------------------------------------------------

    def submit(self, answer: Answer) -> Asked:
        """Take an answer: every answer from the page, the console or code comes through this method.

        Form and engine validate the value first, without the lock; then the session accepts the answer if the question
        has not changed meanwhile.

        Returns
        -------
        Asked
            The question with its answer.

        Raises
        ------
        AlreadyAnswered
            If the question has an answer, or was asked anew after the revision to which the answer refers.
        UnknownInterrupt
            If no question with this id was asked.
        RunHasFailed
            If the run has failed; the exception of the run is the cause.
        RunCancelled
            If the event loop that the run works on is closed.
        CheckpointerClosed
            If the checkpointer's database connection is closed.
        InvalidAnswer, RuleMismatch
            As `valid`.
        SomebodyAnswers
            If somebody else has the question open, and the person was not told before.
        """
        self.driver.check_alive()
        self._validation.check_usable()
        asked = self._shared.now.question_for(answer)
        valid = self.valid(asked, answer)
        if self.elsewhere.is_told:
            self.elsewhere.check(answer, self._thread_of(answer.id))

        decided = self.rules.decided_in(asked.interrupt, valid) if valid.ruled else ()

        def accept(session: Session) -> Asked:
            taken = session.accept(asked, valid)
            if decided:
                count(decided)
            return taken

        return self.driver.tell(accept)

    def _thread_of(self, interrupt_id: str) -> str | None:
        engine = self.engine
        return engine.thread_of(interrupt_id) if isinstance(engine, ManyRuns) else engine.thread_id

    def valid(self, asked: Asked, answer: Answer) -> Answer:
        """Return an answer with the decisions of the rules, and with the resume value that the form makes.

        Raises
        ------
        InvalidAnswer
            If the value does not fit the question, or decides otherwise than a rule in force.
        RuleMismatch
            If a recorded decision differs from the decision of the rules.
        """
        if self.rules.all or answer.ruled:
            answer = self.rules.checked(asked.interrupt, answer)
        return self._validation.validated(asked, answer)

    def order(self, kind: OrderKind) -> None:
        """Carry out an order of a person or of code; see `nbhitl.Review` for each order.

        Raises
        ------
        UsageError
            If the order is not possible now.
        RunCancelled
            If the event loop that the run works on is closed; not for the order to stop.
        """
        if kind == "stop":
            self._stop()
            return
        self.driver.check_alive()
        match kind:
            case "send_now":
                self.driver.tell(Session.send_now)
            case "ask_again" | "retry":
                self.driver.tell(Session.ask_again if kind == "ask_again" else Session.retry)
                if self.has_returned:
                    self.note_once(RETURNED)
            case "abandon" | "delete":
                self.driver.tell(lambda session: session.end_thread(kind))

    def send_held(self, interrupt_id: str) -> None:
        """Send the held answers, if the answer to this question is among these.

        Raises
        ------
        UsageError
            If a question beside is asked again, so that the answers can only go out together.
        """
        self.driver.tell(lambda session: session.send_held(interrupt_id))

    def _stop(self) -> None:
        with defer_sigint():
            self.begin()
            self._shared.change(Session.stop)
            if self._shared.now.stopping:  # else no run was at work: an unsent answer was taken back
                self.driver.stop()

    def _notify(self) -> None:
        state = self.state
        self._notifier.look(state.waiting, state.revision, self.thread_id, self.note_once)

    def note_once(self, text: str) -> None:
        """Add a note for a person, if the review does not have this note yet."""
        self._shared.change(lambda session: None if text in session.notes else session.note(text))

    def fetch_ahead(self) -> None:
        """Fetch more questions of a batch ahead, because somebody looks for similar questions."""
        self.driver.fetch_ahead()

    def look(self) -> None:
        """Look at the thread soon, because somebody has opened the card."""
        self.driver.look()

    def leave(self, why: NobodyThere) -> None:
        """Note that nobody can answer any more: code that waits for an answer gets the exception ``why``."""
        self.person_can_answer = False
        self._shared.change(lambda session: session.unanswerable(why))

    def note(self, note: str) -> None:
        """Add a note for a person."""
        self._shared.change(lambda session: session.note(note))

    def redraw(self) -> None:
        """Note that the display has changed, but not the session."""
        self._shared.change(Session.touch)

    # --- beginning ------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin the run, unless the run has begun."""
        with self._shared.lock:  # to the end of the block, so that the driver gets no order before its start
            first, self._first = self._first, None
            if first is not None:
                self.driver.start(first)

    def begin_soon(self) -> None:
        """Begin when the card is shown, the run is needed or the cell has ended; after `BEGINS_WITHIN` at the latest.

        So outputs of nodes come below the card, and outputs after an answer below the rest of the cell. A record that
        answers in place of a person waits as long as a person would, so that a replay has the same order of outputs.
        """
        if not any_answers(self.settings) and (self.source is None or not asks_person(self.source)):
            self._answering.hold_back()
        call_later(BEGINS_WITHIN, self.begin)
        if not asks_person(self.source):  # the work of the run must not depend on the start of the next cell
            after_this_cell(self._let_it_work_after_the_cell)
        else:
            after_this_cell(self.begin)

    def _let_it_work_after_the_cell(self) -> None:
        self.let_it_work(or_raise=False)
        self._no_output_waits()  # also where the source has no answer, as nobody else will answer

    def needed(self) -> None:
        """Note that somebody waits for the run: the run begins, and the source answers."""
        if self._lane is not None:
            self._lane.needed()
        self.begin()
        if self._answering.waits:
            with self._shared.as_one_change():
                self._answering.go_on()
                self.driver.tell(nothing)

    @property
    def source_waits(self) -> bool:
        """Whether the source waits with the answers until somebody needs the run."""
        return self._answering.waits

    # --- outputs of the run ---------------------------------------------------------------------

    def _place_of_outputs(self) -> OutputLane | None:
        """Return the place of the run's outputs in the cell; ``None`` where outputs are shown as they come.

        Outputs are shown as they come outside of a kernel, in a terminal's dialogue, and for a review made in a node:
        the outer run waits for such a review.
        """
        in_text = self.settings.ui_at(self.place) == "text"
        if not self.place.in_kernel or in_text or lane_of_run.get() is not None:
            return None
        return running_cell().order.lane(self.nth)

    def _let_outputs_pass(self) -> None:
        state = self.state
        if state.over or state.nobody is not None:
            self._no_output_waits()

    def _no_output_waits(self) -> None:
        """Let outputs of other reviews of the cell wait for this review no longer."""
        if self._lane is not None:
            self._lane.over()

    # --- waiting --------------------------------------------------------------------------------

    @property
    def works(self) -> bool:
        """Whether the run works, and nobody is awaited; true until the outcome is drawn."""
        return self.goes_on() or not self._shared.is_drawn

    def goes_on(self) -> bool:
        """Tell whether the run works at this moment, or has all answers and is about to work."""
        state = self.state
        return not state.over and not state.unanswered

    @property
    def is_settled(self) -> bool:
        """Whether a held cell has nothing to wait for: the run is over, or asks where nobody can answer."""
        state = self.state
        asks_nobody = bool(state.unanswered) and not self.person_can_answer
        return (state.over or asks_nobody) and self._shared.is_drawn

    def _goes_on_somewhere(self) -> bool:
        """Tell whether the run works, perhaps on an answer that was sent before the answers to the questions beside."""
        # The runs of a batch are independent of each other: one at work changes nothing in the questions of others.
        return self.goes_on() or (self.state.at_work and not isinstance(self.engine, ManyRuns))

    def let_it_work(self, *, or_raise: bool = True) -> None:
        """Block while the run works.

        Without ``or_raise``, for a look at the run, also while the run works on some of several answers: then the
        questions beside stay open, and can be answered meanwhile.

        Raises
        ------
        CannotWaitHere
            On the loop on which the run works, where to block is impossible, unless ``or_raise`` is false.
        """
        self.needed()
        goes_on = self.goes_on if or_raise else self._goes_on_somewhere

        def works() -> bool:
            return goes_on() or not self._shared.is_drawn

        if not works():
            return
        try:
            self.driver.check_can_block()
        except CannotWaitHere:
            if or_raise:
                raise
        else:
            block(lambda: not works(), self.subscribe, lock=self.lock, goes_on=goes_on, listens=False)

    # --- outcome --------------------------------------------------------------------------------

    def outcome(self) -> Any:
        """Return the result.

        Raises
        ------
        Unanswered
            If a question is open.
        AlreadyAnswered
            Once, if an answer from code came too late: somebody else had answered.
        Exception
            The exception of the run.
        """
        self.raise_if_lost()
        state = self.state
        try:
            return outcome_of(state, self.place, self.rules)
        except Exception as error:
            self.has_raised = state.failure is not None
            self._fail_if_caught(error)
            raise
        finally:
            del self  # the error holds this frame

    def _fail_if_caught(self, error: Exception) -> None:
        """Where nobody is there, let the cell fail also if the cell's code catches an error about an answer."""
        is_alone = self.place.in_kernel and (self.place.is_client or not self.place.person_there)
        if is_alone and isinstance(error, NobodyThere | AnswersMismatch):
            fail_in_the_end(error, lambda: self.state.phase != "finished")

    def raise_if_lost(self) -> None:
        """Raise, only once, the exception about a lost answer or a failed order from code.

        Raises
        ------
        AlreadyAnswered
            If the answer came too late; the message has the time and the person of the earlier answer.
        Exception
            If the thread could not be ended.
        """
        # Read first: each change is told to every viewer, and nearly always there is nothing to raise.
        is_lost = self._shared.read(lambda session: session.lost is not None)
        if is_lost and (error := self._shared.change(lost)) is not None:
            raise error

    # --- letting go -----------------------------------------------------------------------------

    def dropped(self) -> None:
        """Note that no code holds the review any more; from any thread, at any bytecode."""
        self.driver.call_some_time(self._release)

    def _release(self) -> None:
        if not self.is_shown:
            self.driver.leave()
            self._no_output_waits()
        self._letting_go.begin()


class Hold:
    """Code's hold on a review: when the last `Hold` is gone, nobody can ask for the result any more."""

    def __init__(self, core: ReviewCore) -> None:
        self.core = core
        weakref.finalize(self, core.dropped).atexit = False
