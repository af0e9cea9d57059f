"""A live review: the object that users hold."""

import asyncio
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Never

from nbhitl.answers import Answer, Given, checked_ignore
from nbhitl.auditing.history import History, HistoryStep, checkpoint_of, history_of
from nbhitl.core.answered import Answers, answers_of
from nbhitl.core.outcome import only_open
from nbhitl.core.review_core import Hold, ReviewCore
from nbhitl.core.settings import ReviewSettings, check_flag
from nbhitl.core.stream import Modes, Stream, refuse_unstreamed
from nbhitl.engines import Engine
from nbhitl.errors import Abandoned, ThreadWaits, UnknownInterrupt, UsageError
from nbhitl.kernel import current_surroundings
from nbhitl.recording import outputs
from nbhitl.runs.conversation import part
from nbhitl.runs.run import First, Interrupt
from nbhitl.text.characters import shown_in_line
from nbhitl.ui.screen import Screen

INSIDE = frozenset({"close_embedded", "core", "embed", "opened", "settle", "settle_unless_awaited", "settled"})
"""Members for nbhitl's own widgets and functions, which completion in a notebook does not list."""


class Review:
    """A run with a person in the loop; `nbhitl.review` and `nbhitl.open` make reviews.

    An awaited review holds the cell until the run has ended. As the last line of a cell, a review shows the card.
    """

    def __init__(self, engine: Engine, first: First, settings: ReviewSettings) -> None:
        # The card and the run hold the core, and never this object: so nbhitl knows when no code can ask for the
        # result any more, though the card may stand in a page for as long as the kernel.
        self._core = ReviewCore(engine, first, settings, current_surroundings())
        self._hold = Hold(self._core)
        self._screen = Screen(self._core)
        self._screen.open()

    # --- for users ------------------------------------------------------------------------

    @property
    def result(self) -> Any:
        """The result of the run; waits while the run works.

        Raises
        ------
        Unanswered
            While a question is open: `PersonAwaited` where a person can answer, `NobodyThere` where not.
        AlreadyAnswered
            Once, if an answer from code came too late: somebody else had answered.
        CannotWaitHere
            If a run is at work, and works on the event loop of the caller.
        Exception
            The exception of the run.
        """
        self._core.is_used = True
        self._core.let_it_work()
        self._screen.tell_where_no_card_does()
        try:
            return self._core.outcome()
        finally:
            del self  # the card holds a raised error, the error this frame, and the frame would hold the review

    def wait(self, timeout: float | None = None) -> Any:
        """Block until the run has ended, and return the result; for places where ``await`` cannot be used.

        Parameters
        ----------
        timeout
            Seconds to wait at most; by default the ``timeout`` of `nbhitl.review`, or for ever.

        Raises
        ------
        WaitBroken
            If the wait was interrupted, by ■ or Ctrl+C; the question stays open.
        WaitTimeout
            If the wait took too long; the question stays open.
        CannotWaitHere
            Where an answer could not arrive meanwhile.
        Unanswered
            If nobody is there to be asked.
        AlreadyAnswered
            Once, if an answer from code came too late: somebody else had answered.
        Exception
            The exception of the run.
        """
        self._core.is_used = True
        timeout = self._core.settings.timeout if timeout is None else timeout
        try:
            return self._screen.wait(timeout)
        finally:
            del self  # as in `result`

    def embed(self) -> str:
        """Return the model id of the card's widget, for another widget that shows the card inside of itself."""
        self._core.is_used = True
        bundle = self._screen.page.mime_bundle()
        self._core.begin()
        return str(bundle["application/vnd.jupyter.widget-view+json"]["model_id"])

    def close_embedded(self) -> None:
        """Close the card's widget: the other widget shows the card no more."""
        self._screen.page.close()

    @property
    def core(self) -> ReviewCore:
        """The review itself, for another widget that shows the card inside of itself."""
        return self._core

    async def opened(self) -> None:
        """Wait until the run asks or has ended for the first time: where the graph works on this event loop."""
        self._core.is_used = True
        await self._until(lambda: self._core.state.phase != "starting")

    def settle(self) -> None:
        """Wait while the run works on an answer; a person is not waited for."""
        self._core.let_it_work(or_raise=False)

    def settle_unless_awaited(self) -> None:
        """Wait as `settle` does, unless the graph works on this event loop."""
        self._core.is_used = True
        if not self._core.engine.on_kernel_loop:
            self.settle()

    async def settled(self) -> None:
        """Wait as `settle` does, where the graph works on this event loop."""
        await self._until(lambda: not self._core.works)

    async def _until(self, happens: Callable[[], bool]) -> None:
        loop, news = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(news.set)

        unsubscribe = self._core.subscribe(wake)
        try:
            self._core.needed()
            while not happens():
                await news.wait()
                news.clear()
        finally:
            unsubscribe()

    @property
    def waits(self) -> bool:
        """Whether a question is open and has no answer, at this moment."""
        return self._core.waits

    @property
    def interrupts(self) -> tuple[Interrupt, ...]:
        """The open interrupts without an answer; waits while the run works, where waiting is possible.

        A question that a rule has decided, or whose answer is held until the questions beside have answers, is left
        out.

        Raises
        ------
        RunHasFailed
            If the run has failed, and so asks nothing any more.
        """
        self._core.is_used = True
        self._core.let_it_work(or_raise=False)
        state = self._core.state
        failed = state.why_failed()
        if failed is not None and not isinstance(failed.__cause__, Abandoned):
            raise failed
        return tuple(asked.interrupt for asked in state.unanswered)

    @property
    def answers(self) -> Answers:
        """The answers so far, in order: ``answers=card.answers`` gives the same answers again, in a batch item by item.

        Secrets are blotted out, as in every view of an answer. ``card.answers.to_frame()`` is a pandas
        DataFrame that also has the questions.
        """
        self._core.is_used = True
        self._core.let_it_work(or_raise=False)
        return answers_of(self._core.state.answered, self._core.forms, self._core.settings.items)

    @property
    def state(self) -> Any:
        """The thread's state as LangGraph gives it (``StateSnapshot``, from a server a dict), as last read."""
        self._core.is_used = True
        self._core.let_it_work(or_raise=False)
        return self._core.state.snapshot.raw

    @property
    def messages(self) -> list[Any]:
        """The messages of the thread's state (from a server: dicts); empty where the state has none."""
        values = part(self.state, "values")
        found = values if isinstance(values, list) else part(values, "messages")
        return list(found) if isinstance(found, list | tuple) else []

    @property
    def thread_id(self) -> str | None:
        """The thread of the run; ``None`` until a server has made one."""
        return self._core.thread_id

    @property
    def runs_on(self) -> str:
        """Where the run works."""
        return self._core.engine.runs_on

    def answer(self, value: Any, *, id: str | None = None, now: bool = False) -> None:  # noqa: A002 - LangGraph's name
        """Answer an open question, as a click in the card does.

        Where a node raised on an earlier answer, the question is still open: the question is asked again, in a fork
        of the thread, and gets the new answer.

        Parameters
        ----------
        value
            The resume value.
        id
            The interrupt's id; may be left out while a single question is open.
        now
            Whether the answer is sent at once. By default the answer is held until all questions that are open side by
            side have answers: each time some of the answers are sent, the nodes that still wait run again.

        Raises
        ------
        UnknownInterrupt
            If no such question is open, or ``id`` is left out while several are.
        AlreadyAnswered
            If the question has an answer; or if the answer before came too late, because somebody else had answered.
        InvalidAnswer
            If the value does not fit the question, or the engine cannot send the value unchanged.
        RunHasFailed
            If the run has failed; the exception of the run is the cause.
        RunCancelled
            If the event loop that the run works on is closed.
        CheckpointerClosed
            If the checkpointer's database connection is closed.
        UsageError
            If ``now`` is set, and a question beside is asked again, so that the answers can only go out together; the
            answer is held.
        CannotWaitHere
            If a run is at work, and works on the event loop of the caller: to wait for its end is impossible.
        Exception
            Once, after `abandon` or `delete`: the exception by which the thread could not be ended.
        """
        self._core.is_used = True
        looked_at: int | None = None
        if id is not None:
            with suppress(UnknownInterrupt):  # a question may come yet
                state = self._core.state
                state.interrupt(id)  # raises while the question's answer travels
                looked_at = state.revision
        self._core.let_it_work()
        self._core.raise_if_lost()
        question = id or only_open(self._core.state)
        self._core.submit(Answer(question, value, "code", looked_at))
        if now:
            self._core.send_held(question)

    def answer_all(self, answers: Mapping[str, Any]) -> None:
        """Answer several open questions: ``{interrupt id: value}``.

        Raises
        ------
        UnknownInterrupt, AlreadyAnswered, InvalidAnswer, RunHasFailed, RunCancelled, CheckpointerClosed, CannotWaitHere
            As `answer`; answers before the refused answer are taken.
        """
        for interrupt_id, value in answers.items():
            self.answer(value, id=interrupt_id)

    def send_now(self) -> None:
        """Send the held answers, without waiting for the answers to the questions beside.

        Raises
        ------
        UsageError
            If no answer is held, or a question beside is asked again, so that the answers can only go out together.
        RunCancelled
            If the event loop that the run works on is closed.
        """
        self._core.is_used = True
        self._core.order("send_now")

    def ask_again(self) -> None:
        """Ask the question that was answered last once more, to change the answer.

        The thread is forked where the question was pending; questions that were answered together are asked again,
        too. Effects of nodes after the answer are not undone. A call on which a rule decides stays decided until a
        person revokes the rule in the card.

        Raises
        ------
        UsageError
            If a run is at work, nothing was answered yet, or an answer of a batch is on the way to its run.
        RunCancelled
            If the event loop that the run works on is closed.
        """
        self._core.is_used = True
        self._core.order("ask_again")

    def stop(self) -> None:
        """Ask the run that is at work to stop; return when the engine knows, at the latest after a second.

        A sync run stops before the next step, an async run at the next ``await``, a served run when the server takes
        notice. The thread can be gone on with afterwards.

        Raises
        ------
        UsageError
            If no run of this review is at work.
        """
        self._core.is_used = True
        self._core.order("stop")

    def history(self) -> History:
        """Return the steps of the thread, the oldest first: nodes, questions, decisions and changes.

        Returns
        -------
        History
            A sequence of steps, with pandas used as a DataFrame as well, with `to_frame` and `to_jsonl`;
            awaited, ``await card.history()``, where the graph works on the event loop of the kernel.
            Empty for a batch, which has a thread for each run.
        """
        self.settle_unless_awaited()
        engine = self._core.engine

        async def read() -> list[HistoryStep]:
            if engine.thread_id is None:
                return []
            steps = await engine.history()
            pending = (await engine.read()).interrupts if steps else ()
            return history_of(steps, await engine.decisions(), engine.thread_id, pending)

        return History.read(read, when_awaited=engine.on_kernel_loop)

    def fork(self, checkpoint: Any, *, answers: Given | None = None) -> "Review":
        """Ask again at a checkpoint, on a branch: a new thread, so that this thread stays unchanged.

        Parameters
        ----------
        checkpoint
            A step of `history`, a row of its frame, the id of a checkpoint of this thread, or a config or a state of
            ``graph.get_state_history``.
        answers
            As for `nbhitl.review`.

        Returns
        -------
        Review
            The branch. `ThreadNotFound` or `UsageError` are raised where the result is asked for, if there is no such
            checkpoint, or the run had ended there.

        Raises
        ------
        UsageError
            If there is no thread yet, ``checkpoint`` is none of these, or ``answers`` is neither a list nor a mapping.
        """
        self._core.is_used = True
        at = checkpoint_of(checkpoint)
        thread_id = self._core.thread_id
        if thread_id is None:
            raise UsageError("There is no thread yet: its run has not begun.")
        engine = self._core.engine.new_thread()
        settings = replace(self._core.settings, answers=answers, unattended=None, key="", is_same_run=False)
        return Review(engine, lambda watch: engine.branch_off(thread_id, at, watch), settings)

    def send(
        self,
        input: Any,  # noqa: A002
        *,
        abandon: bool = False,
        answers: Given | None = None,
        ignore: Sequence[str] | None = None,
    ) -> "Review":
        """Start a run with the next input on the same thread, from the checkpoint where this review ended.

        Running the cell again starts from that checkpoint again, so that a conversation does not double.

        Parameters
        ----------
        input
            The input of ``graph.invoke``.
        abandon
            Whether an open question may be dropped.
        answers
            As for `nbhitl.review`.
        ignore
            As for `nbhitl.review`; by default the ``ignore`` of this review.

        Raises
        ------
        ThreadWaits
            If a question of this review is open, and ``abandon`` is not set.
        UsageError
            If ``abandon`` is no boolean, ``answers`` is neither a list nor a mapping, or ``ignore`` is not a list.
        CannotWaitHere
            If a run is at work, and works on the event loop of the caller: to wait for its end is impossible.
        """
        check_flag("abandon", abandon)
        self._core.is_used = True
        self._core.let_it_work()
        state = self._core.state
        checkpoint, asked = state.snapshot.checkpoint, state.unanswered
        if asked and not abandon:
            raise ThreadWaits(
                f"Node {asked[0].interrupt.node!r} waits for an answer; new input would drop its question. Answer it "
                "first, or write card.send(..., abandon=True)."
            )
        engine = self._core.engine.same_thread()
        settings = replace(self._core.settings, answers=answers, unattended=None, is_same_run=False)
        if ignore is not None:
            settings = replace(settings, ignore=checked_ignore(ignore))
        return Review(
            engine,
            lambda watch: engine.start(input, watch, after=checkpoint, drop_question=True),
            settings,
        )

    def abandon(self) -> None:
        """End the thread at the present step: the question is dropped, the state is kept; `result` then says so.

        Raises
        ------
        UsageError
            If a run is at work.
        RunCancelled
            If the event loop that the run works on is closed.
        """
        self._core.is_used = True
        self._core.order("abandon")

    def delete(self) -> None:
        """Delete the thread with all its checkpoints; `result` then says so.

        `result` raises `UsageError` where the checkpointer cannot delete threads.

        Raises
        ------
        UsageError
            If a run is at work.
        RunCancelled
            If the event loop that the run works on is closed.
        """
        self._core.is_used = True
        self._core.order("delete")

    def stream(self, stream_mode: Modes = "updates", *, subgraphs: bool = False) -> "Stream":
        """Return the stream of the run, from the start and across all pauses, in the format of ``graph.stream``.

        Of the unread stream, the last 10,000 chunks are kept, up to 32 MB; a warning tells how many are missing.

        Parameters
        ----------
        stream_mode
            ``"values"``, ``"updates"``, ``"custom"``, ``"tasks"``, or a list of them; ``"messages"`` where the review
            was given ``tokens=True``; further modes of LangGraph where given as ``stream_mode=``.
        subgraphs
            Whether chunks of subgraphs are wanted, too.

        Returns
        -------
        Stream
            For ``for`` and ``async for``. ``async for`` waits while a person is asked; ``for`` raises `PersonAwaited`.

        Raises
        ------
        UsageError
            If the run does not stream this mode; the message names the option to add.
        """
        self._core.is_used = True
        refuse_unstreamed(stream_mode, self._core.engine.streams)
        return Stream(self._hold, stream_mode, subgraphs=subgraphs)

    def __await__(self) -> Generator[Any, None, Any]:
        self._core.is_used = True
        return self._wait().__await__()

    def __getitem__(self, key: object) -> Never:
        raise UsageError("This is the review, not the result: write `await` before it, or use its .result.")

    def __str__(self) -> str:
        # Without waiting, print(card) below the answer would give "(running)" in some executions, in others the result.
        if threading.current_thread() is threading.main_thread():  # a node in a worker would wait for itself
            self._core.let_it_work(or_raise=False)
        return outputs.transcript(self._core.state, self._core.forms)

    def __dir__(self) -> list[str]:
        return sorted(set(super().__dir__()) - INSIDE)

    def __repr__(self) -> str:
        return f"<Review of {shown_in_line(self._core.engine.graph_name)}: {self._core.state.phase}>"

    def _ipython_display_(self) -> None:
        self._screen.display()

    def _display_(self) -> Any:  # marimo's protocol
        return self._screen.widget()

    async def _wait(self) -> Any:
        try:
            return await self._screen.wait_async(self._core.settings.timeout)
        finally:
            del self  # as in `result`
