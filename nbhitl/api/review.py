"""A live review: what users hold."""

import asyncio
import sys
import threading
import weakref
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Never

from nbhitl.answers import Answer, Given, checked_ignore
from nbhitl.answers.notebook_file import ignored_in
from nbhitl.auditing.history import History, Step, history_of
from nbhitl.core.answered import Answers, answers_of
from nbhitl.core.driver import Driver
from nbhitl.core.left_behind import left_behind
from nbhitl.core.questions import Asked
from nbhitl.core.session import Session
from nbhitl.core.settings import ReviewSettings
from nbhitl.core.shared import SharedSession
from nbhitl.core.sources import any_answers, earlier_record, nth_review, source_for
from nbhitl.core.stream import Modes, Stream, Watching, refuse_unstreamed
from nbhitl.engines import Engine
from nbhitl.errors import (
    Abandoned,
    AlreadyAnswered,
    CannotWaitHere,
    CheckpointerClosed,
    InvalidAnswer,
    ThreadWaits,
    UnknownInterrupt,
    UsageError,
)
from nbhitl.kernel import (
    after_this_cell,
    block,
    current_surroundings,
    held_cell,
    hold,
    running_cell,
    show_to_seated,
)
from nbhitl.kernel.background import background_loop
from nbhitl.kernel.output_order import OutputLane, lane_of_run
from nbhitl.kernel.sigint import allow_sigint, defer_sigint
from nbhitl.model.run import Interrupt, Past, RunSegment, Watch
from nbhitl.models import recorded_here
from nbhitl.recording import outputs
from nbhitl.recording.recorder import Recorder
from nbhitl.text.characters import shown_in_line
from nbhitl.ui.card import Page
from nbhitl.ui.console import Console

First = Callable[[Watch], Awaitable[RunSegment]]
"""Makes the first segment of a review."""

BEGINS_WITHIN = 0.3
"""Seconds until a run begins whose card was not shown yet."""

RETURNED = (
    "The cell that awaited this review has returned the result of the answer before; card.result is that of the new "
    "one. Run the cells below again."
)

KEPT_THREADS = 20
"""Threads in memory of nbhitl's own that are kept where no code holds the review: an answer can be changed in them."""

_RELEASED: "deque[weakref.WeakMethod[Callable[[], None]]]" = deque()
"""What lets go of such threads, the oldest first."""


class Review:
    """A run with a person in it; `nbhitl.review` and `nbhitl.open` make it.

    Awaiting it holds the cell until the run has ended. As the last line of a cell it shows its card.
    """

    def __init__(self, engine: Engine, first: First, asking: ReviewSettings) -> None:
        # Two objects with one state: this one is held by code only, the other by the card and the run. So it is known
        # when no code can ask for the result any more, though the card may stand in a page for as long as the kernel.
        held_by_card = object.__new__(type(self))
        held_by_card._set_up(engine, first, asking)
        self.__dict__ = held_by_card.__dict__
        weakref.finalize(self, held_by_card._dropped).atexit = False

    def _set_up(self, engine: Engine, first: First, asking: ReviewSettings) -> None:
        self._engine, self._asking, self._forms = engine, asking, asking.forms
        self._place = place = current_surroundings()
        self._ui, nth = asking.ui_at(place), nth_review(place.execution)
        self._source = source_for(asking, place, nth)
        self._earlier = earlier_record(asking, place, nth, self._source)
        ignored = ignored_in(place.source, person_there=place.person_there)
        self._session = Session(self._fit, (*asking.ignore, *ignored), self._without_secrets)
        says_so = self._source is not None and self._source.may_run_again
        self._session.may_run_again = asking.may_run_again or says_so
        self._session.notes = () if asking.is_same_run else left_behind(self, place)
        self._shared = SharedSession(
            self._session,
            person_can_answer=self._source is None and asking.finds_person(place),
            place=place,
        )
        where = outputs.Where(place.execution, nth, asking.key) if asking.record else None
        self._recording = Recorder(self._forms, where)
        self._page = Page(
            engine,
            self._shared,
            self._forms,
            door=self._door,
            orders={"stop": self.stop, "ask_again": self.ask_again, "send_now": self.send_now, "hello": self._look},
            recording=self._recording,
            key=asking.key,
        )
        self._console = Console(self._shared, self._forms, self._door)
        self._watching = Watching(self._page.show_progress)
        self._lane = self._place_of_outputs(nth)
        self._has_returned = False  # to a cell that awaited it
        self._known_notes = engine.notes
        self._is_used = False  # from code; then nothing is said of a card that was never shown
        with recorded_here(place, asking.models):
            self._driver = Driver(
                engine,
                self._shared.change,
                self._source,
                self._watching,
                heed=self._heed,
                lane=self._lane,
                whole_run=bool(asking.key),
                looks_back=place.is_client or self._source is not None or self._earlier is not None,
            )
        self._shared.draw, self._shared.check_can_block = self._draw, self._driver.check_can_block
        self._shared.needed = self._needed
        self._first: First | None = first
        if place.in_kernel:
            self._begin_soon()
        else:
            self._begin()
        if place.person_there and not place.in_kernel:
            show_to_seated(self._page.mime_bundle)
        if place.is_client and self._shared.person_can_answer:
            self._page.mime_bundle()  # a program answers cards that are not shown, too
        if place.in_kernel and not any_answers(asking):
            after_this_cell(self._point_out_if_never_shown)
        if place.in_kernel and self._source is not None:  # what it does must not depend on when the next cell starts
            after_this_cell(self._let_it_work_after_the_cell)
        elif place.in_kernel:
            after_this_cell(self._begin)

    # --- what users read ------------------------------------------------------------------------

    @property
    def result(self) -> Any:
        """What the run returned; waits while it works.

        Raises
        ------
        PersonAwaited
            While a question is open.
        Exception
            What the run raised.
        """
        self._is_used = True
        self._shared.let_it_work()
        self._tell_where_no_card_does()
        try:
            return self._shared.outcome()
        finally:
            del self  # the card holds an error that is raised, and the error this frame

    def wait(self, timeout: float | None = None) -> Any:
        """Block until the run has ended, and return its result: ``await``, where that cannot be used.

        Parameters
        ----------
        timeout
            Seconds to wait at most; by default those given to `nbhitl.review`, or for ever.

        Raises
        ------
        WaitBroken
            If it was interrupted, by ■ or Ctrl+C; the question stays open.
        WaitTimeout
            If it took too long; likewise.
        CannotWaitHere
            Where an answer could not arrive meanwhile.
        Unanswered
            If nobody is there to be asked.
        Exception
            What the run raised.
        """
        self._is_used = True
        self._check_can_wait()
        self._driver.check_can_block()
        timeout = self._asking.timeout if timeout is None else timeout
        shared = self._shared
        with held_cell(shared.goes_on, blocking=shared.person_can_answer), self._recording.held():
            with allow_sigint():  # it may draw forms of users
                self._show_where_drawn()
                self._needed()
            while True:
                block(self._has_news, shared.subscribe, timeout, lock=shared.lock, goes_on=shared.goes_on)
                if not self._asks_in_text:
                    try:
                        return self._waited()
                    finally:
                        del self  # as in `result`
                with allow_sigint():
                    self._console.ask()

    @property
    def waits(self) -> bool:
        """Whether a question is open and has no answer, at this moment."""
        with self._shared.lock:
            return bool(self._session.unanswered)

    @property
    def interrupts(self) -> tuple[Interrupt, ...]:
        """The open interrupts; waits while the run works, where it can.

        Raises
        ------
        RunHasFailed
            If the run has failed: it asks nothing any more, and not because it has come to its end.
        """
        self._is_used = True
        self._shared.let_it_work(or_raise=False)
        failed = self._session.why_failed()
        if failed is not None and not isinstance(failed.__cause__, Abandoned):
            raise failed
        return tuple(asked.interrupt for asked in self._session.asked)

    @property
    def answers(self) -> Answers:
        """What was answered so far, in order: ``answers=card.answers`` gives the same answers again.

        Secrets are blotted out, as they are wherever an answer is shown. ``card.answers.to_frame()`` is a pandas
        DataFrame with what was asked, too.
        """
        self._is_used = True
        self._shared.let_it_work(or_raise=False)
        with self._shared.lock:
            return answers_of(self._session.answered, self._forms)

    @property
    def state(self) -> Any:
        """The thread's state as LangGraph gives it (``StateSnapshot``, from a server a dict), as last read."""
        self._is_used = True
        self._shared.let_it_work(or_raise=False)
        return self._session.snapshot.raw

    @property
    def thread_id(self) -> str | None:
        """The thread of the run; ``None`` until a server has made one."""
        return self._engine.thread_id

    @property
    def runs_on(self) -> str:
        """Where the run works."""
        return self._engine.runs_on

    def answer(self, value: Any, *, id: str | None = None, now: bool = False) -> None:  # noqa: A002 - LangGraph's name
        """Answer an open question, as a click in the card does.

        Where a node raised on an answer before, its question is open still: it is asked again, in a fork of the
        thread, and gets this one.

        Parameters
        ----------
        value
            The resume value.
        id
            The interrupt's id; may be left out while one question is open.
        now
            Whether the answer is sent at once. By default it is held until all questions that are open side by side
            have one: each time some of the answers are sent, the nodes that still wait run again.

        Raises
        ------
        UnknownInterrupt
            If no such question is open, or ``id`` is left out while several are.
        AlreadyAnswered
            If it has an answer; or if the answer before came too late, because somebody else had answered.
        RunHasFailed
            If the run has failed; what it raised is the cause.
        """
        self._is_used = True
        looked_at: int | None = None
        if id is not None:
            with self._shared.lock, suppress(UnknownInterrupt):  # it may be asked yet
                self._session.interrupt(id)  # where an answer is on its way, this one is not for what may come of it
                looked_at = self._session.revision
        self._shared.let_it_work()
        self._shared.raise_if_lost()
        self._door(Answer(id or self._only_open(), value, "code", looked_at))
        if now and self._session.phase == "asking" and self._session.unanswered:
            self.send_now()

    def answer_all(self, answers: Mapping[str, Any]) -> None:
        """Answer several open questions: ``{interrupt id: value}``.

        Raises
        ------
        UnknownInterrupt, AlreadyAnswered, InvalidAnswer
            As `answer`; those before it are taken.
        """
        for interrupt_id, value in answers.items():
            self.answer(value, id=interrupt_id)

    def send_now(self) -> None:
        """Send the answers that are held, without waiting for those to the questions beside them.

        Raises
        ------
        UsageError
            If none is held.
        """
        self._is_used = True
        self._command(Session.send_now)

    def ask_again(self) -> None:
        """Ask the question that was answered last once more, to change the answer.

        The thread is forked where the question was pending; questions that were answered together with it are asked
        again, too. What nodes did after the answer stays done.

        Raises
        ------
        UsageError
            If a run is at work, or nothing was answered yet.
        """
        self._is_used = True
        self._command(Session.ask_again)
        if self._has_returned:
            self._session.notes += (RETURNED,)
            self._shared.change(Session.touch)

    def stop(self) -> None:
        """Ask the run that is at work to stop; returns at once.

        A sync run stops before its next step, an async one at its next ``await``, a served one when the server takes
        notice. The thread can be gone on with afterwards.

        Raises
        ------
        UsageError
            If no run of this review is at work.
        """
        self._is_used = True
        with defer_sigint():
            self._begin()
            self._shared.change(Session.stop)
            if self._session.stopping:  # else an answer was held back before it was sent
                self._driver.stop()

    def history(self) -> History:
        """Return the steps of the thread, the oldest first: what ran, what was asked and decided, what changed.

        Returns
        -------
        History
            A sequence of steps, with `to_frame` and `to_jsonl`; awaited, ``await card.history()``, where the graph
            works on the event loop of the kernel.
        """
        self._is_used = True
        engine = self._engine
        if not engine.on_kernel_loop:
            self._shared.let_it_work(or_raise=False)

        async def read() -> list[Step]:
            if engine.thread_id is None:
                return []
            return history_of(await engine.history(), await engine.decisions(), engine.thread_id)

        return History.read(read, when_awaited=engine.on_kernel_loop)

    def fork(self, checkpoint: str | Step, *, answers: Given | None = None) -> "Review":
        """Ask again at a checkpoint, on a branch: a thread of its own, so that this one stays as it is.

        Parameters
        ----------
        checkpoint
            The id of a checkpoint of this thread, or its row of `history`.
        answers
            As for `nbhitl.review`.

        Returns
        -------
        Review
            The branch. `ThreadNotFound` or `UsageError` are raised where its result is asked for, if there is no such
            checkpoint, or the run had ended there.
        """
        self._is_used = True
        at = checkpoint.checkpoint if isinstance(checkpoint, Step) else str(checkpoint)
        thread_id = self._engine.thread_id
        if thread_id is None:
            raise UsageError("There is no thread yet: its run has not begun.")
        engine = self._engine.new_thread()
        asking = replace(self._asking, answers=answers, unattended=None, key="", is_same_run=False)
        return Review(engine, lambda watch: engine.branch_off(thread_id, at, watch), asking)

    def send(
        self,
        input: Any,  # noqa: A002
        *,
        abandon: bool = False,
        answers: Given | None = None,
        ignore: Sequence[str] | None = None,
    ) -> "Review":
        """Start the next turn of the same thread, from the checkpoint where this review ended.

        Running the cell again starts from that checkpoint again, so that a conversation does not double.

        Parameters
        ----------
        input
            What ``graph.invoke`` takes.
        abandon
            Whether an open question may be dropped.
        answers
            As for `nbhitl.review`.
        ignore
            Likewise; by default what was given to this review.

        Raises
        ------
        ThreadWaits
            If a question of this review is open, and ``abandon`` is not set.
        """
        self._is_used = True
        self._shared.let_it_work()
        with self._shared.lock:
            snapshot, asked = self._session.snapshot, self._session.unanswered
        if asked and not abandon:
            raise ThreadWaits(
                f"Node {asked[0].interrupt.node!r} waits for an answer; new input would drop its question. Answer it "
                "first, or write card.send(..., abandon=True)."
            )
        engine = self._engine.same_thread()
        asking = replace(self._asking, answers=answers, unattended=None, is_same_run=False)
        if ignore is not None:
            asking = replace(asking, ignore=checked_ignore(ignore))
        return Review(
            engine,
            lambda watch: engine.start(input, watch, after=snapshot.checkpoint, drop_question=True),
            asking,
        )

    def abandon(self) -> None:
        """End the thread where it stands: its question is dropped, its state is kept; `result` then says so.

        Raises
        ------
        UsageError
            If a run is at work.
        """
        self._is_used = True
        self._command(lambda session: session.end_thread("abandon"))

    def delete(self) -> None:
        """Delete the thread with all its checkpoints; `result` then says so.

        Raises
        ------
        UsageError
            If a run is at work.
        """
        self._is_used = True
        self._command(lambda session: session.end_thread("delete"))

    def stream(self, stream_mode: Modes = "updates", *, subgraphs: bool = False) -> "Stream":
        """Return what the run streams, from its start and across all pauses, as ``graph.stream`` gives it.

        Of what was streamed before it is read, the last 10,000 chunks are kept, and no more than 32 MB of them; a
        warning tells how many are missing.

        Parameters
        ----------
        stream_mode
            ``"values"``, ``"updates"``, ``"custom"``, ``"tasks"``, or a list of them; ``"messages"`` where the review
            was given ``tokens=True``; another one of LangGraph's where it was given as ``stream_mode=``.
        subgraphs
            Whether chunks of subgraphs are wanted, too.

        Returns
        -------
        Stream
            For ``for`` and ``async for``. ``async for`` waits while a person is asked; ``for`` raises `PersonAwaited`.

        Raises
        ------
        UsageError
            If the run does not stream this mode; the message says what to write.
        """
        self._is_used = True
        refuse_unstreamed(stream_mode, self._engine.streams)
        return Stream(self._watching, self._shared, stream_mode, subgraphs=subgraphs, of=self)

    def __await__(self) -> Generator[Any, None, Any]:
        return self._wait().__await__()

    def __getitem__(self, key: object) -> Never:
        raise UsageError("This is the review, not its result: write `await` before it, or use its .result.")

    def __str__(self) -> str:
        # Printed below the answer, it would say "(running)" in one execution and the result in another.
        if threading.current_thread() is threading.main_thread():  # a node in a worker would wait for itself
            self._shared.let_it_work(or_raise=False)
        with self._shared.lock:
            return outputs.transcript(self._session, self._forms)

    def __repr__(self) -> str:
        return f"<Review of {shown_in_line(self._engine.graph_name)}: {self._session.phase}>"

    def _ipython_display_(self) -> None:
        self._show()
        if not self._shared.person_can_answer and not self._driver.source_waits:  # nobody will click
            self._shared.let_it_work(or_raise=False)

    async def _wait(self) -> Any:
        self._check_can_wait()
        shared = self._shared
        with held_cell(shared.goes_on, blocking=False), self._recording.held():
            self._show_where_drawn()
            if self._driver.source_waits:
                await asyncio.sleep(0)  # the cards of awaits beside this one are shown first, as with a person there
            self._needed()
            while True:
                await hold(self._has_news, shared.subscribe, self._asking.timeout, goes_on=shared.goes_on)
                if not self._asks_in_text:
                    try:
                        return self._waited()
                    finally:
                        del self  # as in `result`
                self._console.ask()

    def _check_can_wait(self) -> None:
        if self._place.why_no_wait and self._shared.person_can_answer:
            self._is_used = True  # or its end would advise to wait
            raise CannotWaitHere(self._place.why_no_wait)

    def _show_where_drawn(self) -> None:
        if self._place.in_kernel and self._ui == "card":
            self._show()

    def _show(self) -> None:
        """Show the card; the first cell that does tells, when it has ended, what was answered from the record."""
        cell = self._recording.shown()  # first: an answer may come at once
        self._page.show()
        if cell is not None:
            cell.then(self._tell_of_replayed)
        self._begin()

    # --- beginning ------------------------------------------------------------------------------

    def _begin_soon(self) -> None:
        """Begin when the card is shown, the run is needed or the cell has ended; or after a while, if none of it comes.

        What nodes show comes below the card then, and what they show after an answer below the rest of the cell: where
        a person's answers are given by a record, that waits as long as a person would.
        """
        if not any_answers(self._asking):
            self._driver.hold_source_back()
            self._page.prepare()  # it takes half a second, once
        loop = background_loop()
        loop.call_soon_threadsafe(lambda: loop.call_later(BEGINS_WITHIN, self._begin))

    def _begin(self) -> None:
        with self._shared.lock:  # to the end: nothing is told to the driver before it has started
            first, self._first = self._first, None
            if first is not None:
                self._driver.start(first)

    def _let_it_work_after_the_cell(self) -> None:
        self._shared.let_it_work(or_raise=False)
        self._no_output_waits()  # also where it has no answer: nobody comes

    def _needed(self) -> None:
        if self._lane is not None:
            self._lane.needed()
        self._begin()
        self._driver.let_source_answer()

    def _has_news(self) -> bool:
        return self._shared.is_settled or self._asks_in_text

    @property
    def _asks_in_text(self) -> bool:
        return self._ui == "text" and self._shared.person_can_answer and self.waits

    def _waited(self) -> Any:
        self._has_returned = True
        self._tell_of_replayed()
        self._tell_where_no_card_does()
        if self._ui == "text":
            self._console.tell_of_late()
        try:
            return self._shared.outcome()
        finally:
            del self  # as in `result`

    def _heed(self, past: Past) -> None:
        """Take note of what was asked before the run was found; nothing, where it was started here."""
        for each in {id(each): each for each in (self._source, self._earlier) if each is not None}.values():
            each.found(past)
        self._recording.found(past.settled)

    # --- changing -------------------------------------------------------------------------------

    def _fit(self, interrupt: Interrupt, value: Any) -> Any:
        """Return the resume value for an answer: what the form makes of it, if the engine can take that."""
        with allow_sigint():
            with self._shared.lock:
                form = self._forms.of(interrupt)
            value = form.fit(value)
            if why_not := self._engine.why_not_kept(value):
                raise InvalidAnswer(why_not)
            return value

    def _without_secrets(self, interrupt: Interrupt, value: Any) -> Any:
        with self._shared.lock:
            form = self._forms.of(interrupt)
        return form.without_secrets(value)

    def _door(self, answer: Answer) -> Asked:
        self._driver.check_alive()
        if closed := self._engine.why_not_usable():
            raise CheckpointerClosed(closed)
        with self._shared.lock:
            asked = self._session.question_for(answer)
        answer = self._session.validated(asked, answer)  # a form of the user's may take its time: not under the lock
        return self._driver.tell(lambda session: session.accept(asked, answer))

    def _command(self, command: Callable[[Session], None]) -> None:
        self._driver.check_alive()
        self._driver.tell(command)

    def _only_open(self) -> str:
        with self._shared.lock:
            open_ids = [asked.interrupt.id for asked in self._session.unanswered]
        if len(open_ids) == 1:
            return open_ids[0]
        if (failed := self._session.why_failed()) is not None:
            raise failed
        if self._session.over:
            raise AlreadyAnswered(f"The review is over ({self._session.phase}); see print(card) for what was asked.")
        if not open_ids:
            raise UnknownInterrupt("No question is open; see print(card) for what was asked.")
        raise UnknownInterrupt(
            f"{len(open_ids)} questions are open; say which: card.answer(value, id=...), one of {open_ids}."
        )

    def _look(self) -> None:
        self._driver.look()

    # --- letting go -----------------------------------------------------------------------------

    def _dropped(self) -> None:
        """Note that no code holds the review any more; from any thread, and in the midst of anything."""
        self._driver.call_soon(self._release)

    def _release(self) -> None:
        with self._shared.lock:
            if not self._page.is_shown:
                self._driver.leave()
                self._no_output_waits()
            self._shared.subscribe(self._let_go)
            self._let_go()

    def _let_go(self) -> None:
        """Let go of what only code asks for, where the run is over."""
        if self._session.over and not self._session.is_released:
            self._watching.let_go()
            self._session.release()
            if self._engine.is_private:
                _RELEASED.append(weakref.WeakMethod(self._close_soon))
                while len(_RELEASED) > KEPT_THREADS:
                    if (close := _RELEASED.popleft()()) is not None:
                        close()

    def _close_soon(self) -> None:  # not at once: under the lock of another session
        self._driver.call_soon(self._close)

    def _close(self) -> None:
        """Let go of the thread as well: its last answer cannot be changed any more."""
        with self._shared.lock:
            if self._session.is_released:
                self._engine.let_go()
                self._shared.change(Session.close)

    # --- showing --------------------------------------------------------------------------------

    def _place_of_outputs(self, nth: int) -> OutputLane | None:
        """Return where the outputs of the run stand in its cell; ``None`` where they are shown as they come.

        That is outside of a kernel, in a terminal's dialogue, and for a review that a node makes: its run waits for it.
        """
        if not self._place.in_kernel or self._ui == "text" or lane_of_run.get() is not None:
            return None
        return running_cell().order.lane(nth)

    def _draw(self) -> None:
        if self._session.over or self._session.nobody is not None:
            self._no_output_waits()
        self._page.draw()

    def _no_output_waits(self) -> None:
        """Let outputs of reviews beside this one wait for it no longer."""
        if self._lane is not None:
            self._lane.over()

    def _tell_of_replayed(self) -> None:
        with self._shared.lock:
            answered = self._session.answered
        if self._earlier is not None:
            self._recording.tell_of_earlier(self._earlier.settled)
        self._recording.tell_of_replayed(answered)

    def _tell_where_no_card_does(self) -> None:
        """Print what came up while the run worked, in a program without a page: that a question was swallowed, say."""
        new = [note for note in self._engine.notes if note not in self._known_notes]
        self._known_notes += tuple(new)
        for note in () if self._place.in_kernel else new:
            print(f"nbhitl: {note}", file=sys.stderr)  # noqa: T201

    def _point_out_if_never_shown(self) -> None:
        if not self._page.is_shown and not self._is_used:
            print(  # noqa: T201 - a notebook shows it under the cell
                "nbhitl: the card of this review is not shown yet. End a cell with the variable that holds it "
                "(a bare `card`), or write `await` before the review.",
                file=sys.stderr,
            )
