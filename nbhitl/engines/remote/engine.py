"""The engine for a thread on a LangGraph server."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from nbhitl.engines.base import NOTHING, UNDECIDED, SnippetLines, refuse_unseen
from nbhitl.engines.failures import nothing_comes_after, without_input
from nbhitl.engines.names import COPY, END, STRICT
from nbhitl.engines.remote import claim, decisions, json_format, past
from nbhitl.engines.remote.http import Special
from nbhitl.engines.remote.looking import ServedThread, is_stop, is_uuid
from nbhitl.engines.remote.output import LOCAL_MODES
from nbhitl.engines.remote.run import ServedRun
from nbhitl.engines.remote.snippets import SnippetResume, snippets
from nbhitl.engines.swallowed import Swallowed
from nbhitl.engines.updates import ASKED_ANEW, refuse_moved
from nbhitl.errors import (
    AlreadyAnswered,
    AssistantNotFound,
    InvalidAnswer,
    RunCancelled,
    RunFailed,
    ServerError,
    ServerRefused,
    ServerUnreachable,
    ThreadNotFound,
    ThreadWaits,
    UsageError,
)
from nbhitl.jsontext import digest
from nbhitl.model.decided import Decided, PastDecision, PastStep
from nbhitl.model.marks import TURN_MARK, marked
from nbhitl.model.run import AskedAt, Checkpoint, Past, RunSegment, Snapshot, Watch

if TYPE_CHECKING:
    from nbhitl.engines.remote.server import Server

T = TypeVar("T")

WATCH_EVERY = 1.5

OVERTAKEN = frozenset({"UnknownInterruptError"})
CANCELLED = frozenset({"CancelledError", "UserInterrupt", "UserRollback"})
"""Types of a run's error that no node raised."""

UNTOLD = "execution failed"
"""End of the message in Aegra's stream, which withholds the exception's own message."""

NOT_EVERYWHERE = ("configurable", "context", "interrupt_after", "interrupt_before")
"""Settings of a run that a snippet does not repeat: the values may be secrets."""


Prepare = Callable[[], Awaitable[dict[str, Any]]]
"""Checks whether a run may be sent, and returns the arguments to send."""


class _Doubt(ServerRefused):
    """A run was refused; perhaps the assistant does not exist."""


class _Conflict(ServerRefused):
    """Another run is at work in the thread."""


class _AsksAnew(Exception):
    """The state of a subgraph was updated after the subgraph had asked."""

    def __init__(self, nodes: Collection[str]) -> None:
        super().__init__()
        self.nodes = nodes


class RemoteEngine:
    """A thread on a LangGraph server; made by `Server.thread`."""

    on_kernel_loop = False
    watch_every = WATCH_EVERY
    has_snippets = True
    is_private = False

    def __init__(
        self,
        server: "Server",
        thread_id: str | None,
        config: dict[str, Any],
        options: dict[str, Any],
        *,
        tokens: bool = False,
    ) -> None:
        self.graph_name = server.assistant
        self._thread = ServedThread(server, thread_id)
        self._server, self._access = server, server.access
        self._way = server.way
        self._config, self._options, self._tokens = config, options, tokens
        self._stop_asked = asyncio.Event()
        self._in_doubt: ServedRun | None = None  # sent, and not known to have ended

    @property
    def thread_id(self) -> str | None:
        """The thread; ``None`` until a run was started."""
        return self._thread.id

    @property
    def runs_on(self) -> str:
        """The server on which the run works."""
        return f"the LangGraph server {self._server.url}"

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the user about the thread's questions."""
        return self._thread.notes

    @property
    def streams(self) -> frozenset[str]:
        """The stream modes whose chunks a watcher gets; see `Engine.streams`."""
        return LOCAL_MODES if self._tokens else LOCAL_MODES - {"messages"}

    def new_thread(self) -> "RemoteEngine":
        """Return an engine for a new thread; see `Engine.new_thread`."""
        return RemoteEngine(self._server, None, self._config, self._options, tokens=self._tokens)

    async def branch_off(self, thread_id: str, checkpoint: str, watch: Watch) -> RunSegment:
        """Begin with a copy of the thread on the server; see `Engine.branch_off`."""
        state = await ServedThread(self._server, thread_id).at(checkpoint)
        if not state.next:
            raise UsageError(nothing_comes_after(checkpoint))
        if self.thread_id is None:
            self._thread.id = await ServedThread(self._server, thread_id).copied()
        at = await self._copy({"checkpoint_id": checkpoint, "checkpoint_ns": "", "thread_id": self.thread_id})
        if not state.interrupts and self._options.get("interrupt_before"):
            return RunSegment(None, await self._thread.state())

        async def prepare() -> dict[str, Any]:
            return {"input": None, **_at(at)}

        return await self._segment("ask on a branch", [thread_id, checkpoint], prepare, watch, anew=True)

    def same_thread(self) -> "RemoteEngine":
        """Return another engine for the same thread; see `Engine.same_thread`."""
        config = marked(self._config, TURN_MARK, True)
        return RemoteEngine(self._server, self.thread_id, config, self._options, tokens=self._tokens)

    # --- segments ---------------------------------------------------------------------------------

    async def start(
        self,
        value: Any,
        watch: Watch,
        *,
        after: Checkpoint | None = None,
        drop_question: bool = False,
        only_first: bool = False,
    ) -> RunSegment:
        """Start a run; see `Engine.start`. The server makes a thread that does not exist yet."""
        _check_input(value)

        async def prepare() -> dict[str, Any]:
            if self.thread_id is None:
                self._thread.id = str(uuid.uuid4())  # our own id stays known when the connection is cut
            elif value is not None and not drop_question:
                await self._refuse_to_drop_a_question(only_first=only_first)
            return {"input": value, "if_not_exists": "create", **_at(after)}

        return await self._segment("start the run", [value, after], prepare, watch)

    async def resume(
        self,
        answers: Mapping[str, Any],
        watch: Watch,
        *,
        again: Collection[str] = (),
        asked: Mapping[str, AskedAt] = NOTHING,
        decided: Mapping[str, Decided] = UNDECIDED,
    ) -> RunSegment:
        """Resume the run; see `Engine.resume`."""
        for value in answers.values():
            if problem := json_format.why_not_exact(value):
                raise InvalidAnswer(f"This answer cannot be sent to a server: {problem}.")

        async def prepare() -> dict[str, Any]:
            snapshot = await self._pending(answers, again)
            if changed := json_format.overwritten(snapshot.raw) & answers.keys():
                raise _AsksAnew({each.node for each in snapshot.interrupts if each.id in changed})
            if claim.is_needed(snapshot.raw):
                await claim.claim(self._thread)
                snapshot = await self._pending(answers, again)
            return {"command": json_format.resume_command(snapshot.interrupts, answers)}

        try:
            return await self._segment(
                *("resume the run", dict(answers), prepare, watch), answers=answers, asked=asked, decided=decided
            )
        except _AsksAnew as error:
            nodes = ", ".join(sorted(error.nodes))
        await self.proceed(watch)
        raise AlreadyAnswered(ASKED_ANEW.format(nodes=nodes))

    async def _pending(self, answers: Mapping[str, Any], again: Collection[str]) -> Snapshot:
        """Return the state; raise where an answer's question is not pending, or holds an answer outside ``again``."""
        snapshot = await self._thread.state()
        if gone := answers.keys() - {interrupt.id for interrupt in snapshot.interrupts}:
            self._thread.check_kept(snapshot)
            raise AlreadyAnswered(await self._thread.who_answered(gone))
        refuse_unseen(snapshot, again)
        return snapshot

    async def proceed(
        self,
        watch: Watch,
        *,
        update: Mapping[str, Any] | None = None,
        at: tuple[str, ...] = (),
        as_node: str | None = None,
        seen: Collection[str] = (),
        asked: Mapping[str, AskedAt] = NOTHING,
        decided: Mapping[str, Decided] = UNDECIDED,
    ) -> RunSegment:
        """Go on from a stop; see `Engine.proceed`."""
        snapshot = await self._thread.state()
        refuse_moved(snapshot, seen)
        if update is not None:
            await self._update(snapshot, update, at, as_node)

        async def prepare() -> dict[str, Any]:
            head = (await self._thread.state()).checkpoint if self._way.names_head else None
            return {"input": None, **_at(head)}

        try:
            return await self._segment("go on with the run", None, prepare, watch, asked=asked, decided=decided)
        except ServerRefused as error:
            if not self._way.must_name_head(error):
                raise
        return await self._segment("go on with the run", None, prepare, watch, asked=asked, decided=decided)

    async def _update(
        self, snapshot: Snapshot, update: Mapping[str, Any], at: tuple[str, ...], as_node: str | None
    ) -> None:
        """Update the state of the graph, or of a subgraph."""
        inside: dict[str, Any] = {}
        if at:
            inside["checkpoint"] = json_format.checkpoint_at(snapshot.raw, at)
            if not inside["checkpoint"]:
                raise AlreadyAnswered(f"The run does not stand in {'/'.join(at)!r} any more. Nothing was sent.")
        else:
            await self._thread.refuse_unknown_keys(update)
        threads = self._server.client().threads
        call = threads.update_state(self._thread.known_id(), dict(update), as_node=as_node, **inside)
        await self._access.ask("update the state", call, special=self._thread.about(409))

    async def ask_again(
        self,
        checkpoint: Checkpoint,
        watch: Watch,
        *,
        pending: Collection[str] = (),
        asked: Mapping[str, AskedAt] = NOTHING,
    ) -> RunSegment:
        """Fork at a checkpoint, as the local engine does: by a copy of that checkpoint; see `Engine.ask_again`."""

        async def prepare() -> dict[str, Any]:
            snapshot = await self._thread.state()
            if gone := set(pending) - {interrupt.id for interrupt in snapshot.interrupts}:
                raise AlreadyAnswered(await self._thread.who_answered(gone))
            return {"input": None, **_at(await self._copy(checkpoint))}

        return await self._segment("ask again", checkpoint, prepare, watch, again=pending, asked=asked, anew=True)

    async def stop(self) -> None:
        """Cancel the run at work on the server; see `Engine.stop`."""
        self._stop_asked.set()

    async def _segment(
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
        watch = swallowed.seen_by(self._thread.whose.seen_by(watch))
        key = digest([what, given])
        making = self._run_for(what, key, prepare, answers, again=again, asked=asked, anew=anew, decided=decided)
        run, is_there = await self._before_stop(making)
        self._in_doubt = run
        work = run.follow(watch) if is_there else run.send(watch, _SPECIAL)
        try:
            segment = await self._until_stopped(run, self._work(run, work, watch))
        except (_Conflict, _Doubt) as error:
            refusal = error
        except RunFailed:  # the node may have swallowed the interrupt, and failed on that
            self._thread.tell(swallowed.notes)
            raise
        else:
            self._in_doubt = None
            self._thread.tell(swallowed.notes)
            return segment
        self._in_doubt = None
        raise await self._refused(refusal, what, answers)

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
        await self._pending(run.answers, again=run.answers)  # raises where that answer has settled the question
        raise ServerUnreachable(
            "The connection was cut during the former answer. That answer arrived after all, and the node may have "
            "acted. This answer was not sent: review the question again."
        )

    async def _before_stop(self, preparing: Coroutine[Any, Any, T]) -> T:
        """Await the preparation of a run; raise where the run is to stop before it was sent."""
        work, stop = asyncio.create_task(preparing), asyncio.create_task(self._stop_asked.wait())
        try:
            await asyncio.wait((work, stop), return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return work.result()
            raise RunCancelled("Stopped before anything was sent to the server.")
        finally:
            work.cancel()
            stop.cancel()
            await asyncio.gather(work, stop, return_exceptions=True)

    async def _until_stopped(self, run: ServedRun, work: Coroutine[Any, Any, RunSegment]) -> RunSegment:
        """Await ``work``; if the run is to stop, wait until the run has ended on the server."""
        working, stopping = asyncio.create_task(work), asyncio.create_task(run.stopped())
        try:
            await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            stopping.result()  # ended on the server, though the stream has not; or raises the reason
            return RunSegment(None, await self._thread.state())
        finally:
            working.cancel()
            stopping.cancel()
            await asyncio.gather(working, stopping, return_exceptions=True)

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
            raise await self._failed(run, *run.output.error)
        self._thread.check_kept(snapshot)
        if run.was_lost and run.answers:
            await self._refuse_if_overtaken(run, snapshot)
        if is_stop(snapshot):  # a breakpoint; or another client's run at work, which is awaited like our own
            while (snapshot := await self.read()).busy:  # noqa: ASYNC110 - a server sends no events of that run
                await asyncio.sleep(WATCH_EVERY)
            if not is_stop(snapshot):  # the run went on after our own had ended: our result is out of date
                return RunSegment(await self.output_of(snapshot), snapshot)
        if run.output.error is not None or (run.stop_asked.is_set() and not was_whole and snapshot.next):
            return RunSegment(None, snapshot)
        return RunSegment(await self.output_of(snapshot) if run.output.is_unread else run.output.value, snapshot)

    async def _refuse_if_overtaken(self, run: ServedRun, snapshot: Snapshot) -> None:
        """Raise where our run was cut off, and another client's run has settled the question since."""
        pending = {interrupt.id for interrupt in snapshot.interrupts}
        runs = [] if run.answers.keys() & pending else await self._thread.runs()
        ours = next((position for position, each in enumerate(runs) if each.id == run.id), None)
        if ours is None or not runs[ours].has_failed:
            return
        if (theirs := past.answer_of(runs[:ours], run.answers.keys())) is not None:
            raise AlreadyAnswered(past.answered(theirs.at, theirs.by))
        if (fork := past.fork_of(runs[:ours], run.answers.keys())) is not None:
            raise AlreadyAnswered(past.asked_again(fork))

    # --- looking ------------------------------------------------------------------------------

    async def read(self) -> Snapshot:
        """Read the thread's state; see `Engine.read`."""
        return await self._thread.read()

    async def read_before_turns(self) -> Snapshot:
        """Read where the thread stood before its next turns; see `Engine.read_before_turns`."""
        return await self._thread.read_before_turns()

    async def decisions(self) -> tuple[PastDecision, ...]:
        """Return the decisions on the thread's questions; see `Engine.decisions`."""
        return await self._thread.decisions()

    async def history(self) -> tuple[PastStep, ...]:
        """Return the checkpoints of the thread; see `Engine.history`."""
        return decisions.steps_of(await self._thread.history())

    async def who_answered(self, ids: Collection[str]) -> str:
        """Say who answered; see `Engine.who_answered`."""
        return await self._thread.who_answered(ids)

    async def asked_so_far(self, snapshot: Snapshot) -> Past:
        """Return which questions the run has asked; see `Engine.asked_so_far`."""
        return await self._thread.asked_so_far(snapshot)

    async def output_of(self, snapshot: Snapshot) -> Any:
        """Return the result of ``invoke`` for a run that ends in this state; see `Engine.output_of`."""
        return await self._thread.output_of(snapshot)

    async def _copy(self, checkpoint: Checkpoint) -> Checkpoint:
        call = self._server.client().threads.update_state(
            self._thread.known_id(), None, as_node=COPY, checkpoint=checkpoint
        )
        await self._access.ask("fork the thread", call, special=self._thread.about(409))
        return (await self._thread.state()).checkpoint

    async def abandon(self) -> Snapshot:
        """End the thread where it stands; see `Engine.abandon`."""
        call = self._server.client().threads.update_state(self._thread.known_id(), None, as_node=END)
        await self._access.ask("end the thread", call, special=self._thread.about(409))
        return await self.read()

    async def delete(self) -> None:
        """Delete the thread; see `Engine.delete`."""
        call = self._server.client().threads.delete(self._thread.known_id())
        await self._access.ask("delete the thread", call, special=self._thread.about(409))

    def let_go(self) -> None:
        """Do nothing: see `Engine.let_go`."""

    def why_not_usable(self) -> str | None:
        """Return ``None``: only a request shows whether a server is there; see `Engine.why_not_usable`."""
        return None

    def why_not_kept(self, value: Any) -> str | None:
        """Return why JSON cannot carry ``value``; see `Engine.why_not_kept`."""
        return json_format.why_not_exact(value)

    def snippets(self, interrupt_id: str, value: Any) -> SnippetLines:
        """Return lines that resume this interrupt from other clients."""
        if self.thread_id is None:
            raise LookupError("There is no thread to resume yet.")
        old = interrupt_id.startswith(json_format.MADE_UP)
        command = json_format.bare_command(value) if old else {"resume": {interrupt_id: value}}
        resume = SnippetResume(
            self._server.url, self.graph_name, self.thread_id, command, self._access.headers, tuple(self._remarks())
        )
        return snippets(resume)

    # --- requests -----------------------------------------------------------------------------

    async def _refuse_to_drop_a_question(self, *, only_first: bool) -> None:
        try:
            pending = (await self._thread.state()).interrupts
        except ThreadNotFound:
            if not is_uuid(self.thread_id):
                raise
            return  # a new thread, with the caller's id
        if only_first:
            raise ThreadWaits(f"Thread {self.thread_id!r} was already started by another client.")
        if pending:
            raise ThreadWaits(
                f"Thread {self.thread_id!r} waits for an answer to node {pending[0].node!r}; new input would drop the "
                f"question. Answer the question first: nbhitl.open(server, thread_id={self.thread_id!r})."
            )

    def _settings(self, *, strict: bool) -> dict[str, Any]:
        """Return the settings of all runs; without STRICT beside ``context``: servers refuse both together."""
        config = dict(self._config)
        if strict and not self._options.get("context"):
            config["configurable"] = {**config.get("configurable", {}), STRICT: True}
        shared = {**self._options, "multitask_strategy": "reject"}
        return {**shared, **({"strict_resume": True} if strict else {}), **({"config": config} if config else {})}

    def _remarks(self) -> list[str]:
        given = [name for name in NOT_EVERYWHERE if self._options.get(name) or self._config.get(name)]
        return [f"The review's own {' and '.join(given)} are not repeated here."] if given else []

    # --- refusals in words --------------------------------------------------------------------

    async def _refused(self, refusal: ServerError, what: str, answers: Mapping[str, Any] | None) -> Exception:
        if isinstance(refusal, _Doubt):
            return await self._why_refused(what, str(refusal))
        return await self._overtaken(answers) if answers else self._thread.at_work()

    async def _failed(self, run: ServedRun, name: str, message: str) -> Exception:
        if name in OVERTAKEN:
            return await self._overtaken(run.answers, run.id)
        said = f"{name}: {without_input(message)}"
        if message.endswith(UNTOLD):
            said = (await self._raised()) or said
        return RunFailed(
            f"{self._access.clean(said)} (raised on the server {self._server.url}, in thread "
            f"{self.thread_id!r}; the server's log has the traceback)"
        )

    async def _raised(self) -> str | None:
        """Return the message of the exception that a node raised, read from the state; ``None`` where reading fails."""
        try:
            snapshot = await self._thread.state()
        except ServerError:
            return None
        formers = (interrupt.former for interrupt in snapshot.interrupts)
        return next((former.error for former in formers if former and former.error), snapshot.failed)

    async def _overtaken(self, answers: Mapping[str, Any], own_id: str | None = None) -> Exception:
        runs = await self._thread.runs()
        others = [run for run in runs if run.id != own_id]
        if (run := past.answer_of(others, answers.keys())) is not None:
            return AlreadyAnswered(f"{past.answered(run.at, run.by)} Nothing was sent twice.")
        if any(run.is_at_work and not run.is_bare for run in others):  # busy with another question, or with none
            return self._thread.at_work()
        return AlreadyAnswered(f"Another client has resumed thread {self.thread_id!r} first; nothing was sent twice.")

    async def _why_refused(self, what: str, detail: str) -> Exception:
        if not is_uuid(self.thread_id):
            return self._thread.bad_id(detail)
        try:
            known = await self._thread.assistants()
        except ServerError:  # the first refusal says more than this second refusal
            known = [self.graph_name]
        if self.graph_name in known:
            return ServerRefused(f"Cannot {what}: {self._server.url} refused the request: {detail}")
        names = ", ".join(repr(name) for name in known if not is_uuid(name))
        return AssistantNotFound(
            f"No assistant {self.graph_name!r} on {self._server.url}. There are: {names or 'none'}. "
            "Use a name of this list, or add the graph to the server's langgraph.json."
        )


_SPECIAL: Special = {400: _Doubt, 404: _Doubt, 422: _Doubt, 409: _Conflict}


def _at(checkpoint: Checkpoint | None) -> dict[str, Any]:
    return {} if checkpoint is None else {"checkpoint": checkpoint}


def _check_input(value: Any) -> None:
    if (type(value).__name__, type(value).__module__) == ("Command", "langgraph.types"):
        raise UsageError("A Command is no input for a server. To answer a question, open its thread: nbhitl.open(...).")
    if problem := json_format.why_not_exact(value, json_only=False):
        raise UsageError(f"This input cannot be sent to a server: {problem}.")
