"""Runs segments on a server: sends a run once, follows it, and finds it again where the connection was lost."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from nbhitl.engines.names import STRICT
from nbhitl.engines.remote.looking import ServedThread
from nbhitl.engines.remote.past import SUCCESS
from nbhitl.engines.remote.refusals import SPECIAL, Conflict, Doubt, Refusals
from nbhitl.engines.remote.run import ServedRun
from nbhitl.engines.swallowed import Swallowed
from nbhitl.engines.updates import refuse_unseen
from nbhitl.errors import (
    AlreadyAnswered,
    RunCancelled,
    RunFailed,
    ServerError,
    ServerUnreachable,
    ThreadNotFound,
)
from nbhitl.jsontext import digest
from nbhitl.runs.decided import Decided
from nbhitl.runs.past import AskedAt
from nbhitl.runs.run import RunSegment, Snapshot, Watch

if TYPE_CHECKING:
    from nbhitl.engines.remote.server import Server

T = TypeVar("T")

WATCH_EVERY = 1.5
"""Seconds between two looks at a thread that another client may change."""

NOW = 0.0
"""A moment of the event loop's clock that has passed."""

CANCELLED = frozenset({"CancelledError", "UserInterrupt", "UserRollback"})
"""Types of a run's error that no node raised."""

Prepare = Callable[[], Awaitable[dict[str, Any]]]
"""Checks whether a run may be sent, and returns the arguments to send."""


class ServedSegments:
    """The runs of an engine.

    Parameters
    ----------
    server
        The server.
    thread
        The thread.
    config, options
        The settings of all runs.
    tokens
        Whether models are made to stream.
    """

    def __init__(
        self,
        server: "Server",
        thread: ServedThread,
        config: dict[str, Any],
        options: dict[str, Any],
        *,
        tokens: bool,
    ) -> None:
        self._server, self._thread = server, thread
        self._config, self._options, self._tokens = config, options, tokens
        self._refusals = Refusals(server, thread)
        self._stop_asked = asyncio.Event()
        self._at_stop: Callable[[], None] | None = None  # for the run at work, once
        self._in_doubt: ServedRun | None = None  # sent, and not known to have ended

    def stop(self) -> None:
        """Cancel the run at work."""
        self._stop_asked.set()
        at_stop, self._at_stop = self._at_stop, None
        if at_stop is not None:
            at_stop()

    async def run(
        self,
        what: str,
        given: Any,
        prepare: Prepare,
        watch: Watch,
        *,
        answers: Mapping[str, Any] | None = None,
        again: Collection[str] = (),
        asked: Mapping[str, AskedAt] | None = None,
        anew: bool = False,
        decided: Mapping[str, Decided] | None = None,
    ) -> RunSegment:
        """Send a run, once, and work until the run pauses, ends or has been stopped.

        If the connection to an earlier run of the same purpose was lost, that run is looked for first, and followed if
        the server has that run.
        """
        self._stop_asked = asyncio.Event()
        swallowed = Swallowed()
        watch = swallowed.seen_by(self._thread.left_out.seen_by(self._thread.whose.seen_by(watch)))
        key = digest([what, given])
        making = self._run_for(what, key, prepare, answers, again=again, asked=asked, anew=anew, decided=decided)
        run, is_there = await self._before_stop(making)
        self._in_doubt = run
        work = run.follow(watch) if is_there else run.send(watch, SPECIAL)
        try:
            segment = await self._until_stopped(run, self._work(run, work, watch))
        except (Conflict, Doubt) as error:
            refusal = error
        except RunFailed:  # the node may have swallowed the interrupt, and failed on that
            self._thread.tell(swallowed.notes)
            raise
        else:
            self._in_doubt = None
            self._thread.tell(swallowed.notes)
            return segment
        self._in_doubt = None
        raise await self._refusals.refused(refusal, what, answers)

    async def _run_for(
        self,
        what: str,
        key: str,
        prepare: Prepare,
        answers: Mapping[str, Any] | None,
        *,
        again: Collection[str],
        asked: Mapping[str, AskedAt] | None,
        anew: bool,
        decided: Mapping[str, Decided] | None,
    ) -> tuple[ServedRun, bool]:
        """Return the run to work on, and whether the server has that run already."""
        if (run := await self._lost_run(key)) is not None:
            run.stop_asked = self._stop_asked
            return run, True
        settings = {**await prepare(), **self._settings(strict=answers is not None)}
        thread_id = self._thread.known_id()
        run = ServedRun(
            self._server,
            thread_id,
            what,
            settings,
            key=key,
            answers=answers or {},
            again=again,
            asked=asked,
            anew=anew,
            decided=decided,
            tokens=self._tokens,
        )
        run.stop_asked = self._stop_asked
        return run, False

    async def _lost_run(self, key: str) -> ServedRun | None:
        run, self._in_doubt = self._in_doubt, None
        if run is None or (run.key != key and not run.answers):
            return None
        try:
            found = await run.find()
        except ThreadNotFound:
            found = None
        except ServerError:
            self._in_doubt = run
            raise
        if found is None or run.key == key:
            return run if found else None
        # A person who sends another answer does not know that a node got the first answer, and may have acted on it.
        self._thread.note_sent(run.answers)
        await self.pending(run.answers, again=run.answers)  # raises where that answer has settled the question
        raise ServerUnreachable(
            "The connection was cut during the former answer. That answer arrived after all, and the node may have "
            "acted. This answer was not sent: review the question again."
        )

    async def _before_stop(self, preparing: Awaitable[T]) -> T:
        """Await the preparation of a run; raise where the run is to stop before it was sent."""
        limit = asyncio.timeout(None)
        try:
            async with limit:
                self._at_stop = partial(limit.reschedule, NOW)
                return await preparing
        except TimeoutError:
            if not limit.expired():
                raise
        finally:
            self._at_stop = None
        raise RunCancelled("Stopped before anything was sent to the server.")

    async def _until_stopped(self, run: ServedRun, work: Awaitable[RunSegment]) -> RunSegment:
        """Await ``work``; if the run is to stop, wait until the run has ended on the server.

        Only a stop makes a task: to make and to end tasks takes a good part of the time that nbhitl adds to a run.
        """
        limit = asyncio.timeout(None)
        stopping: list[asyncio.Task[None]] = []
        is_at_work = True

        def stop_soon() -> None:
            stopping.append(asyncio.create_task(run.stopped()))
            stopping[0].add_done_callback(lambda _task: limit.reschedule(NOW) if is_at_work else None)

        try:
            async with limit:
                if self._stop_asked.is_set():  # when the preparation had just ended
                    stop_soon()
                else:
                    self._at_stop = stop_soon
                return await work
        except TimeoutError:
            if not limit.expired():
                raise
        finally:
            self._at_stop, is_at_work = None, False
            for task in stopping:
                task.cancel()
            await asyncio.gather(*stopping, return_exceptions=True)
        stopping[0].result()  # ended on the server, though the stream has not; or raises the reason
        return RunSegment(None, await self._thread.state(), is_cut=True)

    async def _work(self, run: ServedRun, work: Coroutine[Any, Any, None], watch: Watch) -> RunSegment:
        try:
            await work
        finally:
            if run.id is not None:  # the server has the run
                self._thread.note_sent(run.answers)
        snapshot = await self._thread.state_after()
        was_whole = run.output.is_whole(snapshot, run.id)
        if not was_whole or run.output.is_empty:
            await run.follow(watch)
            snapshot = await self._thread.state_after()
        self._in_doubt = None
        if run.output.error is not None and run.output.error[0] not in CANCELLED:
            raise await self._refusals.failed(run, *run.output.error)
        self._thread.check_kept(snapshot)
        if run.was_lost and run.answers:
            await self._refusals.refuse_if_overtaken(run, snapshot)
        if snapshot.is_stop:  # a breakpoint; or another client's run at work, which is awaited like our own
            while (snapshot := await self._thread.read()).busy:  # noqa: ASYNC110 - a server sends no events of that run
                await asyncio.sleep(WATCH_EVERY)
            if not snapshot.is_stop:  # the run went on after our own had ended: our result is out of date
                return RunSegment(await self._thread.output_of(snapshot), snapshot)
        is_stopped = run.output.error is not None or (run.stop_asked.is_set() and not was_whole and snapshot.next)
        if is_stopped or (snapshot.is_stop and await self._was_cut(run)):
            return RunSegment(None, snapshot, is_cut=True)
        if run.output.is_unread:
            return RunSegment(await self._thread.output_of(snapshot), snapshot)
        return RunSegment(run.output.value, snapshot)

    async def _was_cut(self, run: ServedRun) -> bool:
        """Tell whether a run that stands without a question was cancelled, by any client, in the middle of a step.

        Of the cancelling, LangGraph's servers tell nothing in the stream.
        """
        if run.output.has_paused:
            return False
        try:
            found = await run.find()
        except ServerError:
            return True
        return found is None or found.status != SUCCESS

    async def pending(self, answers: Mapping[str, Any], again: Collection[str]) -> Snapshot:
        """Return the state; raise where an answer's question is not pending, or holds an answer outside ``again``."""
        snapshot = await self._thread.state()
        if gone := answers.keys() - {interrupt.id for interrupt in snapshot.interrupts}:
            self._thread.check_kept(snapshot)
            raise AlreadyAnswered(await self._thread.who_answered(gone))
        refuse_unseen(snapshot.interrupts, again)
        return snapshot

    def _settings(self, *, strict: bool) -> dict[str, Any]:
        """Return the settings of all runs; without STRICT beside ``context``: servers refuse both together."""
        config = dict(self._config)
        if strict and not self._options.get("context"):
            config["configurable"] = {**config.get("configurable", {}), STRICT: True}
        shared = {**self._options, "multitask_strategy": "reject"}
        return {**shared, **({"strict_resume": True} if strict else {}), **({"config": config} if config else {})}
