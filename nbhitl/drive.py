"""The driver joins an engine and a session: it runs leg after leg and waits for answers in between."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from nbhitl.answers import Source
from nbhitl.background import background_loop
from nbhitl.engines import Engine
from nbhitl.errors import AlreadyAnswered, CannotWaitHere, LeftoverAnswers, RunCancelled, ServerError, ThreadNotFound
from nbhitl.session import Session
from nbhitl.thread import Leg

Change = Callable[[Callable[[Session], Any]], Any]
"""Applies a function to the session under its lock and publishes what came of it; returns what it returned."""


_RUNNING: set[asyncio.Task[None]] = set()
"""Keeps the drivers of open reviews alive: a loop holds its tasks only weakly."""


class Driver:
    """Drives one session on one loop: the background loop, or the cell's where the engine belongs to that.

    Parameters
    ----------
    engine
        Does the I/O.
    change
        The only way to touch the session.
    source
        Answers in place of a person; ``None`` to ask one.
    """

    def __init__(self, engine: Engine, change: Change, source: Source | None) -> None:
        self._engine, self._change, self._source = engine, change, source
        self._loop = asyncio.get_running_loop() if engine.on_kernel_loop else background_loop()
        self._answered = asyncio.Event()

    def start(self, first: Callable[[], Awaitable[Leg]]) -> None:
        """Run the first leg, and go on from there; returns at once."""

        def begin() -> None:
            task = self._loop.create_task(self._drive(first()))
            _RUNNING.add(task)
            task.add_done_callback(self._ended)

        self._loop.call_soon_threadsafe(begin)

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
        try:
            here = asyncio.get_running_loop()
        except RuntimeError:
            return
        if here is self._loop:
            raise CannotWaitHere("The run works on this very event loop: write `await card` first.")

    def wake(self) -> None:
        """Say, from any thread, that the session has taken an answer."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._answered.set)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """End the session with whatever broke the driver itself, so that nobody waits for ever."""
        _RUNNING.discard(task)
        error = RunCancelled("The run was cancelled.") if task.cancelled() else task.exception()
        if error is not None:
            self._change(lambda session: session.fail(error))

    async def _drive(self, leg: Awaitable[Leg]) -> None:
        await self._run(leg)
        while (answers := await self._answers()) is not None:
            await self._run(self._engine.resume(answers) if answers else self._engine.proceed())

    async def _run(self, leg: Awaitable[Leg]) -> None:
        """Run one leg, and tell the session how it ended; what a node raised is kept for whoever waits."""
        task = asyncio.ensure_future(leg)
        await asyncio.wait({task})
        error = RunCancelled("The run was cancelled.") if task.cancelled() else task.exception()
        if error is None:
            self._tell(lambda session: session.leg_ended(task.result()))
        elif isinstance(error, AlreadyAnswered):
            self._change(lambda session: session.overtaken(error))
            await self._look()
        else:
            self._change(lambda session: session.leg_failed(error))

    async def _answers(self) -> dict[str, Any] | None:
        """Wait for the answers to send, none of them for a stop; ``None`` once the session is over."""
        while True:
            self._answered.clear()
            over, answers = self._change(lambda session: (session.over, session.take()))
            if over or answers is not None:
                return answers  # type: ignore[no-any-return]
            if not await self._woken():
                await self._look()

    async def _woken(self) -> bool:
        """Wait for an answer, or until it is time to look whether somebody else answered."""
        try:
            await asyncio.wait_for(self._answered.wait(), self._engine.watch_every)
        except TimeoutError:
            return False
        return True

    async def _look(self) -> None:
        try:
            snapshot = await self._engine.read()
        except ThreadNotFound as error:  # deleted, or lost with the server
            gone = error
            self._change(lambda session: session.fail(gone))
            return
        except ServerError:
            return  # a server that is away for a while is told of when an answer has to be sent
        self._tell(lambda session: session.seen(snapshot))

    def _tell(self, tell: Callable[[Session], None]) -> None:
        """Tell the session, and let the source answer in the same change: a person never sees its questions open."""

        def change(session: Session) -> None:
            tell(session)
            self._answer_from_source(session)
            self._refuse_leftovers(session)

        self._change(change)

    def _answer_from_source(self, session: Session) -> None:
        if self._source is None:
            return
        for asked in session.unanswered:
            answer = self._source.take(asked.interrupt, asked.ordinal)
            if answer is None:
                if session.nobody is None:
                    session.unanswerable(self._source.why_none(asked.interrupt, asked.ordinal))
                return
            session.answer(answer)

    def _refuse_leftovers(self, session: Session) -> None:
        left = self._source.left_over() if self._source and session.phase == "finished" else ()
        if left:
            session.fail(
                LeftoverAnswers(
                    f"answers= holds {len(left)} more than was asked: {', '.join(map(repr, left))}. The run has ended; "
                    "take the surplus out of answers=."
                )
            )
