"""A run on a server: sent, watched, followed where the connection is cut, and stopped."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

from nbhitl.engines.remote.http import InDoubt, NoRoute, Special
from nbhitl.engines.remote.output import ServedOutput, chunk_of
from nbhitl.engines.remote.past import SUCCESS, PastRun, metadata_of, read_run, read_runs
from nbhitl.errors import ServerError, ServerRefused, ServerUnreachable, ThreadNotFound
from nbhitl.runs.decided import Decided
from nbhitl.runs.past import AskedAt
from nbhitl.runs.run import Watch

if TYPE_CHECKING:
    from nbhitl.engines.remote.server import Server

Modes = tuple[Literal["values", "updates", "custom", "messages-tuple", "tasks"], ...]

MODES: Modes = ("values", "updates", "custom")

TOKENS: Modes = ("messages-tuple",)
"""An optional mode: the mode makes every chat model stream, which changes the run."""

FOLLOW_SECONDS = 6.0
"""Time for a server that disappears in the middle of a run to come back."""

STOP_SECONDS = 5.0
"""Time for a server to take the order to stop."""

LOOK_EVERY = 1.5
STRIKES = 3
"""Number of times that a connection may be cut at once before nbhitl gives up."""

RUNS_LOOKED_AT = 20

RUNS_OF_A_THREAD = 1_000
"""Runs that are read to learn which questions were asked since the start of a thread."""


class Way:
    """How a server's runs are watched.

    Servers know different parts of the protocol. A server refuses an unknown part before a run is started, so that the
    next best way can be tried with the same run. The way that worked stays for all later runs of the server.
    """

    def __init__(self) -> None:
        self._rest: list[Modes | None] = [(*MODES, "tasks"), MODES, None]
        self.names_head = False  # whether a run without input must name its checkpoint

    @property
    def modes(self) -> Modes | None:
        """The stream modes to ask for; ``None``: a run is only waited for."""
        return self._rest[0]

    def must_name_head(self, error: Exception) -> bool:
        """Note whether ``error`` asks a run for a checkpoint; return whether to send again, with a checkpoint."""
        told, self.names_head = self.names_head, self.names_head or "checkpoint" in str(error)
        return self.names_head and not told

    def step_down(self, error: Exception) -> bool:
        """Take the next best way if ``error`` says that the server does not know the present way."""
        if self.modes is None:
            return False
        if isinstance(error, NoRoute):
            self._rest = self._rest[-1:]
            return True
        if isinstance(error, ServerRefused) and "stream_mode" in str(error):
            del self._rest[0]
            return True
        return False


class ServedRun:
    """A run of this engine.

    Attributes
    ----------
    id
        The id that the server gave; ``None`` until the server has answered.
    key
        Digest of the run's purpose, by which an equal second attempt is recognised.
    answers
        The answers that the run brings.
    output
        The result so far.
    was_lost
        Whether the connection to the run was lost, so that the run may have been cut off and other runs have
        followed.
    stop_asked
        Set to stop the run; `stopped` makes the server stop the run.
    """

    def __init__(
        self,
        server: "Server",
        thread_id: str,
        what: str,
        settings: Mapping[str, Any],
        *,
        key: str,
        answers: Mapping[str, Any],
        again: Collection[str] = (),
        asked: Mapping[str, AskedAt] | None = None,
        anew: bool = False,
        decided: Mapping[str, Decided] | None = None,
        tokens: bool = False,
    ) -> None:
        self.id: str | None = None
        self.key, self.answers = key, answers
        self.was_lost = False
        self.output = ServedOutput()
        self._server, self._thread_id, self._what = server, thread_id, what
        self._tokens = TOKENS if tokens else ()
        self._token = uuid.uuid4().hex
        ours = metadata_of(self._token, answers, again, asked, anew=anew, decided=decided)
        self._settings = {**settings, "metadata": {**(settings.get("metadata") or {}), **ours}}
        self._has_id = asyncio.Event()
        self.stop_asked = asyncio.Event()

    # --- to its end ---------------------------------------------------------------------------

    async def send(self, watch: Watch, special: Special) -> None:
        """Send the run, and watch it until the stream ends.

        Raises
        ------
        ServerError
            If the server cannot confirm that the run is there. After a cut connection the run is found again and
            followed.
        """
        try:
            await self._send(watch, special)
        except InDoubt as doubt:
            problem = doubt.error
        else:
            return
        await self.follow(watch, problem)

    async def _send(self, watch: Watch, special: Special) -> None:
        way = self._server.way
        while True:
            try:
                if way.modes is None:
                    await self._wait(special)
                else:
                    await self._watch(self._stream(way.modes), watch, special)
            except (NoRoute, ServerError) as error:
                if self.id is None and way.step_down(error):
                    continue
                problem = error.error if isinstance(error, NoRoute) else error
            else:
                return
            raise problem

    def _stream(self, modes: Modes) -> AsyncIterator[Any]:
        parts: AsyncIterator[Any] = self._server.client().runs.stream(
            self._thread_id,
            self._server.assistant,
            stream_mode=[*modes, *self._tokens],
            stream_subgraphs=True,
            on_run_created=self._created,
            **self._settings,
        )
        return parts

    async def _wait(self, special: Special) -> None:
        call = self._server.client().runs.wait(
            self._thread_id,
            self._server.assistant,
            raise_error=False,
            on_run_created=self._created,
            **self._settings,
        )
        self.output.take_body(await self._server.access.ask(self._what, call, lasts=True, starts=True, special=special))

    async def _watch(self, parts: AsyncIterator[Any], watch: Watch, special: Special | None = None) -> None:
        async for part in self._server.access.each(self._what, parts, special=special):
            if part.event == "metadata" and isinstance(part.data, dict):
                self._created(part.data)
            self.output.take(part.event, part.data)
            if (chunk := chunk_of(part.event, part.data)) is not None:
                watch(chunk)

    def _created(self, run: Mapping[str, Any]) -> None:
        if self.id is None and isinstance(run.get("run_id"), str):
            self.id = run["run_id"]
            self._has_id.set()

    # --- after a cut --------------------------------------------------------------------------

    async def follow(self, watch: Watch, problem: Exception | None = None) -> None:
        """Go on watching a run after the connection was lost, until the run has ended.

        Raises
        ------
        ServerError
            ``problem``, the error of the lost connection, if the run is not there; or if the server does not come
            back.
        """
        self.was_lost, strikes = True, 0
        while True:
            run = await self._look_patiently(problem)
            if run is None:
                raise problem or ServerUnreachable(f"{self._where} has lost the run.")
            began = time.monotonic()
            try:
                return await self._join(watch, run)
            except InDoubt as doubt:
                problem = doubt.error
            if run.status == SUCCESS:  # of an ended run, LangGraph's servers return no result but objects
                return self.output.take_end()
            strikes = strikes + 1 if time.monotonic() - began < 1 else 0
            if strikes >= STRIKES:
                raise problem
            await asyncio.sleep(LOOK_EVERY / 3)

    async def _join(self, watch: Watch, run: PastRun) -> None:
        """Watch the rest of the run; the part that was missed shows in the result only."""
        client = self._server.client()
        if self._server.way.modes is not None and run.is_at_work:
            # all modes of the run: of several named modes, servers would take a single mode
            parts = client.runs.join_stream(self._thread_id, self._known_id)
            await self._watch(parts, watch)
        call = client.runs.join(self._thread_id, self._known_id)
        self.output.take_body(await self._server.access.ask("wait for the run", call, lasts=True, starts=True))

    async def find(self) -> PastRun | None:
        """Return the run as the server knows it; ``None`` where the run never arrived."""
        client, access = self._server.client(), self._server.access
        if self.id is not None:
            return read_run(await access.ask("look at the run", client.runs.get(self._thread_id, self.id)))
        call = client.runs.list(self._thread_id, limit=RUNS_LOOKED_AT)
        runs = read_runs(await access.ask("look for the run", call))
        found = next((run for run in runs if run.token == self._token), None)
        if found is not None:
            self._created({"run_id": found.id})
        return found

    async def _look_patiently(self, problem: Exception | None) -> PastRun | None:
        """Find the run; give a server that has disappeared a moment to come back."""
        until = time.monotonic() + FOLLOW_SECONDS
        while True:
            try:
                async with asyncio.timeout(FOLLOW_SECONDS):
                    return await self.find()
            except (ServerUnreachable, TimeoutError):
                error: Exception | None = self._lost(problem) if time.monotonic() > until else None
            except ThreadNotFound as missing:  # the thread of a first run, or a forgotten thread
                error = missing if self.id is not None else problem or missing
            except ServerError as refusal:
                error = problem or refusal
            if error is not None:  # not raised above: the caught exception would be the context
                raise error
            await asyncio.sleep(LOOK_EVERY / 3)

    def _lost(self, problem: Exception | None) -> ServerError:
        why = f" {problem}" if problem else ""
        return ServerUnreachable(
            f"{self._where} disappeared while the run was at work: whether the run arrived is not known.{why} "
            "Try again when the server is back: nothing is sent twice."
        )

    # --- stopping -----------------------------------------------------------------------------

    async def stopped(self) -> None:
        """Wait until a stop is asked for, then make the server stop the run; return when the run has ended there.

        Raises
        ------
        ServerError
            If the server does not take the order within seconds.
        """
        await self.stop_asked.wait()
        if not await self._is_known():
            raise ServerUnreachable(
                f"Cannot stop the run: {self._where} has not reported the run's begin. Check the thread later."
            )
        await self._cancel()
        is_at_work = True
        while is_at_work:
            await asyncio.sleep(LOOK_EVERY)  # mostly the stream ends first
            is_at_work = await self._is_at_work()

    async def _is_known(self) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self._has_id.wait()
                return True
        return await self._find_to_stop() is not None

    async def _find_to_stop(self) -> PastRun | None:
        try:
            async with asyncio.timeout(STOP_SECONDS):
                return await self.find()
        except (ServerError, TimeoutError):
            return None

    async def _cancel(self) -> None:
        call = self._server.client().runs.cancel(self._thread_id, self._known_id, wait=False, action="interrupt")
        special = dict.fromkeys((404, 409), _Over)
        try:
            await self._server.access.ask("stop the run", call, seconds=STOP_SECONDS, special=special)
        except _Over:
            return
        except ServerError as error:
            problem = f"{error} The run may go on there; check the thread later."
            kind = type(error) if isinstance(error, ServerRefused) else ServerUnreachable
        else:
            return
        raise kind(problem)

    async def _is_at_work(self) -> bool:
        call = self._server.client().runs.get(self._thread_id, self._known_id)
        run = await self._server.access.ask("look whether the run has stopped", call, seconds=STOP_SECONDS)
        return read_run(run).is_at_work

    @property
    def _known_id(self) -> str:
        assert self.id is not None
        return self.id

    @property
    def _where(self) -> str:
        return f"The LangGraph server {self._server.url}"


class _Over(ServerRefused):
    """The run has ended already."""
