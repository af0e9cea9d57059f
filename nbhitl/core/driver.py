"""The driver joins an engine and a session: runs the segments in turn, and waits for answers in between."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import wait
from dataclasses import replace
from functools import partial
from typing import Any, Protocol, TypeVar

from nbhitl.answers import Source, copied
from nbhitl.core.answering import Answering
from nbhitl.core.others import Others
from nbhitl.core.phases import Order
from nbhitl.core.session import NOT_SENT, Session
from nbhitl.core.shared import SharedSession
from nbhitl.engines import Engine, ManyRuns
from nbhitl.errors import (
    Abandoned,
    AlreadyAnswered,
    CannotWaitHere,
    CheckpointerError,
    NbhitlError,
    RunCancelled,
    ServerError,
    ThreadNotFound,
)
from nbhitl.jsontext import sentence
from nbhitl.kernel.background import background_loop
from nbhitl.kernel.output_order import OutputLane, shown_in
from nbhitl.kernel.sigint import defer_sigint
from nbhitl.models.active import belonging, belongs_to
from nbhitl.runs.past import ItemPasts, Past
from nbhitl.runs.run import Chunk, NodeRaised, RunSegment, Snapshot, Watch

T = TypeVar("T")

_RUNNING: set[asyncio.Task[None]] = set()
"""Keeps the drivers of open reviews alive: a loop holds tasks only weakly."""


STOP_SECONDS = 1.0
"""Seconds to wait until a busy loop has given the engine the order to stop."""

BUSY_EVERY = 0.5
"""Seconds between two looks at a thread with a run of another client."""


LETS_GO_AFTER = 0.1
"""Seconds after the end of a segment until the driver does the work that is in no hurry."""

LOOKS = 5.0
"""Looks at threads in a second, shared by the open reviews of a process: with more reviews, each looks more rarely."""

_LOOKING: "set[Driver]" = set()
"""The drivers that wait for an answer."""


class Watcher(Protocol):
    """Watches the work of a run, segment by segment."""

    def segment_begins(self) -> None:
        """Note that a segment begins."""

    def saw(self, chunk: Chunk) -> None:
        """Take a chunk of the stream; called from any thread."""

    def segment_ended(self) -> None:
        """Note that the segment has ended."""


class Driver:
    """Drives a session on a loop: the background loop, or the loop of the cell where the engine needs that loop.

    Parameters
    ----------
    engine
        Does the I/O.
    shared
        The session.
    answering
        Answers open questions in place of a person.
    watch
        Watches the work of the run.
    told
        Sources that learn the questions before the run was found.
    others
        Finds the people who have the questions open elsewhere, after each look at the thread.
    lane
        The place of the run's outputs in the cell; ``None`` to show outputs at once.
    whole_run
        Whether the review covers a run from the start, even where the run was found midway.
    looks_back
        Whether past questions are needed also where the run is found at the end.
    """

    def __init__(
        self,
        engine: Engine,
        shared: SharedSession,
        answering: Answering,
        watch: Watcher,
        others: Others,
        *,
        told: Sequence[Source] = (),
        lane: OutputLane | None = None,
        whole_run: bool = False,
        looks_back: bool = True,
    ) -> None:
        self._engine, self._shared, self._answering, self._watch = engine, shared, answering, watch
        self.others = others
        self._task: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop() if engine.on_kernel_loop else background_loop()
        self._answered = asyncio.Event()
        self._next: Order | None = None  # taken from the session, and not begun yet
        self._is_left = self._is_due = self._has_forked = False
        self._looks_back = looks_back
        self._past, self._whole_run = Past(), whole_run
        self._item_pasts = ItemPasts()
        self._told = told
        self._lane = lane
        self._in_no_hurry: deque[Callable[[], None]] = deque()
        self._is_timed = False  # whether that work is done within `LETS_GO_AFTER`
        self._belongs = belongs_to.get()  # calls of models are recorded for the cell of the review
        if self._belongs is not None:
            self._belongs.runs.add(self)

    @property
    def is_over(self) -> bool:
        """Whether the run is over."""
        return self._shared.now.over

    def call_soon(self, call: Callable[[], None]) -> bool:
        """Call a function on the loop of the driver, from any thread; return whether the loop is still open."""
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:  # closed
            return False
        return True

    def call_some_time(self, call: Callable[[], None]) -> None:
        """Call a function on the loop of the driver, from any thread and in the midst of anything.

        After the end of a segment the call waits for the timer of the driver. The loop is not woken then: it would take
        the interpreter from a cell that is about to show the result.
        """
        self._in_no_hurry.append(call)
        if not self._is_timed:
            self.call_soon(self._call_all)

    def _call_all(self) -> None:
        self._is_timed = False  # first: a call that is added from now on wakes the loop
        while self._in_no_hurry:
            self._in_no_hurry.popleft()()

    def look(self) -> None:
        """Look at the thread soon, because a viewer may have answered elsewhere. From any thread."""

        def on_loop() -> None:
            self._is_due = self._engine.watch_every is not None
            self._answered.set()

        if self in _LOOKING:
            self.call_soon(on_loop)

    def fetch_ahead(self) -> None:
        """Let an engine of many runs fetch more questions; from any thread."""

        def on_loop() -> None:
            if isinstance(self._engine, ManyRuns):
                self._engine.fetch_ahead()
                self._answered.set()  # the runs at work are looked at

        self.call_soon(on_loop)

    def leave(self) -> None:
        """End where a question waits, because nobody can answer here any more. On the loop only."""
        self._is_left = True
        self._answered.set()

    def start(self, first: Callable[[Watch], Awaitable[RunSegment]]) -> None:
        """Run the first segment and continue; returns at once."""

        async def whole() -> None:
            await self._run(self._begun(first))
            await self._work()

        self._loop.call_soon_threadsafe(lambda: self._begin(whole()))

    async def _begun(self, first: Callable[[Watch], Awaitable[RunSegment]]) -> RunSegment:
        """Run the first segment; where the run was found instead, read the past questions."""
        segment = await first(self._watch.saw)
        goes_on = bool(segment.snapshot.next) or bool(segment.snapshot.interrupts)
        if segment.is_found and (goes_on or self._looks_back):
            past = await self._engine.asked_so_far(segment.snapshot)
            if not self._whole_run:  # ordinals may count from the present place
                past = replace(past, unsure=frozenset(), is_in_order=True, why_unknown=None)
            self._past = past
        for source in self._told:
            source.found(self._past)
        held = [each.id for each in segment.snapshot.interrupts if each.former is not None]
        if segment.is_found and held and self._answering.has_source:
            self._answering.answered_when = await self._engine.who_answered(held)
        return segment

    def _learn(self, snapshot: Snapshot) -> None:
        """Tell the sources and the session the pasts of a batch's items that were found midway."""
        for _, past in self._item_pasts.new_in(snapshot.item_pasts):
            self._past = past
            for source in self._told:
                source.found(past)
            self._shared.change(partial(Session.found_item, past=past))

    def check_alive(self) -> None:
        """Raise where an answer could not be sent any more.

        Raises
        ------
        RunCancelled
            If the loop that the run works on is closed.
        """
        if self._loop.is_closed():
            raise RunCancelled(
                "The event loop that this run works on is closed; open the thread again with nbhitl.open."
            )

    def check_can_block(self) -> None:
        """Raise where to block would keep the run itself from working.

        Raises
        ------
        CannotWaitHere
            If the caller runs on the loop that the run works on.
        """
        if self._is_here():
            raise CannotWaitHere("The run works on this very event loop: write `await card` first.")

    def _is_here(self) -> bool:
        try:
            return asyncio.get_running_loop() is self._loop
        except RuntimeError:
            return False

    def tell(self, command: Callable[[Session], T]) -> T:
        """Give the session an answer or an order, from any thread, and decide the next action.

        Both happen in the same change, so that the view is published only once.
        """

        def change(session: Session) -> T:
            outcome = command(session)
            self._next = self._next or session.take()
            self._wake()  # here, because a SIGINT may follow the change and the answer would wait
            return outcome

        return self._shared.change(change)

    def _wake(self) -> None:
        def on_loop() -> None:
            self._answered.set()
            if self._task is None:  # the task had ended; a person asked again
                self._begin(self._work())

        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(on_loop)

    def stop(self) -> None:
        """Ask the segment at work to stop; return when the engine knows, so that no further step begins later."""
        if self._loop.is_closed():
            return

        async def stop() -> None:
            for _ in range(2):  # an order from just before begins first
                await asyncio.sleep(0)
            await self._engine.stop()

        with defer_sigint():  # the locks of a future are Python's
            told = asyncio.run_coroutine_threadsafe(stop(), self._loop)
            if not self._is_here():
                wait([told], STOP_SECONDS)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        with belonging(self._belongs), shown_in(self._lane):
            self._task = self._loop.create_task(work)
        _RUNNING.add(self._task)
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """End the session with the exception that broke the driver itself, so that nothing waits for ever."""
        _RUNNING.discard(task)
        self._task = None
        error = RunCancelled("The run was cancelled.") if task.cancelled() else task.exception()
        if error is not None:
            self._shared.change(lambda session: session.fail(error))
        elif self._answered.is_set() and not self._is_left:  # an order came while the task was ending
            self._begin(self._work())

    async def _work(self) -> None:
        while (order := await self._order()) is not None:
            await self._obey(order)

    async def _obey(self, order: Order) -> None:
        engine, watch = self._engine, self._watch.saw
        match order.kind:
            case "resume":
                answers = {key: copied(value) for key, value in order.answers.items()}
                resume = engine.resume(answers, watch, again=order.again, asked=order.asked, decided=order.decided)
                await self._run(resume)
            case "proceed":
                step = order.step
                changes = {**vars(step), "update": copied(step.update)}
                await self._run(engine.proceed(watch, **changes, asked=order.asked, decided=order.decided))
            case "ask_again":
                fork = engine.ask_again(order.checkpoint, watch, pending=order.pending, asked=order.asked)
                await self._run(fork, Session.asked_again)
            case "retry":
                assert isinstance(engine, ManyRuns), "checked before the order"
                await self._run(engine.retry(watch))
            case "abandon":
                await self._end(engine.abandon(), "The thread was abandoned: its question is dropped, its state kept.")
            case "delete":
                await self._end(engine.delete(), "The thread was deleted.")

    async def _end(self, ending: Awaitable[object], said: str) -> None:
        try:
            await ending
        except Exception as error:  # noqa: BLE001 - raised where the result is requested
            failed, why = error, f"{type(error).__name__}: {error}"  # the text is users' code: without the lock
            self._shared.change(lambda session: session.not_ended(failed, why))
        else:
            self._shared.change(lambda session: session.fail(Abandoned(said)))

    async def _run(
        self, segment: Awaitable[RunSegment], then: Callable[[Session, RunSegment], None] = Session.segment_ended
    ) -> None:
        """Run a segment, and note its end in the session; an exception of a node is kept for the waiting code."""
        self._watch.segment_begins()
        ended = await _end_of(segment)
        if not self._is_timed:
            self._is_timed = True
            self._loop.call_later(LETS_GO_AFTER, self._call_all)
        await self._tell_of(ended, then)
        del ended  # the exception of a node holds the objects in the node's frames
        await asyncio.sleep(0)  # lets waiting code go on before the following work
        self._watch.segment_ended()

    async def _tell_of(self, ended: RunSegment | BaseException, then: Callable[[Session, RunSegment], None]) -> None:
        if isinstance(ended, RunSegment):
            is_fork = then is not Session.segment_ended
            segment = replace(ended, snapshot=self._prepared(ended.snapshot, is_fork=is_fork))
            if segment.is_found:
                self._tell(lambda session: session.found(segment, self._past))
                self.others.look(segment.snapshot)
            elif not is_fork:
                told = await self._who_overtook(segment.snapshot)
                self._tell(lambda session: session.segment_ended(segment, told))
            else:
                self._tell(lambda session: then(session, segment))
            return
        by_node = isinstance(ended, NodeRaised)
        error = ended.error if isinstance(ended, NodeRaised) else ended
        if isinstance(error, AlreadyAnswered) and not by_node:
            self._shared.change(lambda session: session.overtaken(error))
            await self._look()
        else:
            not_sent = isinstance(error, NOT_SENT) and not by_node
            snapshot = None if not_sent else await self._state_after_failure()
            self._shared.change(lambda session: session.segment_failed(error, snapshot, by_node=by_node))

    async def _state_after_failure(self) -> Snapshot | None:
        """Return the state of the thread after an exception; ``None`` where the state cannot be read."""
        try:
            return self._prepared(await self._engine.read())
        except Exception:  # noqa: BLE001 - the exception of the run is reported; the state is optional
            return None

    async def _order(self) -> Order | None:
        """Wait for the next order; ``None`` once the session is over."""
        while True:
            self._answered.clear()
            order, over = self._shared.change(lambda session: (self._take(session), session.over))
            if order is not None or over or self._is_left:
                return order
            await self._woken()
            if self._is_due:
                self._is_due = False
                await self._look()

    def _take(self, session: Session) -> Order | None:
        order, self._next = self._next or session.take(), None
        return order

    async def _woken(self) -> None:
        """Wait for an answer, or for the time of the next look at the thread.

        Not with `asyncio.wait_for`: before Python 3.12 that function makes a task, and an answer waits for two more
        turns of the loop. At each turn the code of a cell may hold the interpreter.
        """
        patience = self._patience()
        look = None if patience is None else self._loop.call_later(patience, self._look_now)
        try:
            _LOOKING.add(self)
            await self._answered.wait()
        finally:
            _LOOKING.discard(self)
            if look is not None:
                look.cancel()

    def _look_now(self) -> None:
        if not self._answered.is_set():  # an answer that came at the same moment goes first
            self._is_due = True
            self._answered.set()

    def _patience(self) -> float | None:
        """Return after how many seconds to look at the thread; ``None``: when woken."""
        every = BUSY_EVERY if self._shared.state.snapshot.busy else self._engine.watch_every
        return every and max(every, len(_LOOKING) / LOOKS)

    async def _look(self) -> None:
        try:
            snapshot = await self._engine.read()
            output = await self._engine.output_of(snapshot) if snapshot.is_end else None
        except ThreadNotFound as error:  # deleted, or lost with the server
            gone = error
            self._shared.change(lambda session: session.seen_gone(gone) if self._next is None else None)
            return
        except (ServerError, CheckpointerError) as error:  # a server or a database may be away for a while
            why = sentence(error)
            self._shared.change(lambda session: session.not_seen(why))
            return
        snapshot = self._prepared(snapshot)
        told = await self._who_overtook(snapshot)
        self._tell(lambda session: session.seen(snapshot, told, output) if self._next is None else None)
        self.others.look(snapshot)

    def _prepared(self, snapshot: Snapshot, *, is_fork: bool = False) -> Snapshot:
        """Compare payloads without the lock; after a fork, answers that are kept may meet their question later."""
        if snapshot.item_pasts:
            self._learn(snapshot)
        self._has_forked = self._has_forked or is_fork
        return self._shared.now.prepared(snapshot, is_fork=self._has_forked)

    async def _who_overtook(self, snapshot: Snapshot) -> str:
        """Return the person or client whose answer came before a held answer; empty where none did, or if unknown."""
        ids = self._shared.read(lambda session: session.overtakes(snapshot))
        if not ids:
            return ""
        try:
            return await self._engine.who_answered(ids)
        except (NbhitlError, OSError):  # that the answer came too late is reported anyway
            return ""

    def _tell(self, tell: Callable[[Session], None]) -> None:
        """Change the session, and let the source answer before others see the change: nobody sees an open question."""
        with self._shared.as_one_change():
            self._shared.change(tell)
            if self._answering.source is not None or self._answering.rules.all:  # else nobody but a person answers
                self._answering.answer()
                self._answering.refuse_leftovers()


async def _end_of(segment: Awaitable[RunSegment]) -> RunSegment | BaseException:
    """Run a segment to the end; return the segment, or the exception that it raised.

    In the task of the driver: a task for each segment takes two more turns of the loop.
    """
    task = asyncio.current_task()
    assert task is not None
    requests = task.cancelling()  # an old time-out leaves a request to cancel behind
    try:
        return await segment
    except GeneratorExit:
        raise
    except asyncio.CancelledError:
        if task.cancelling() > requests:  # the driver itself: the program ends
            raise
        return RunCancelled("The run was cancelled.")
    except BaseException as error:  # noqa: BLE001 - kept for the waiting code, without the frames of the driver
        # Without a variable: this frame would hold the traceback, which holds this frame.
        return error.with_traceback(error.__traceback__ and error.__traceback__.tb_next)


def nothing(_session: Session) -> None:
    """Tell the session nothing: the driver only decides what to send now."""
