"""The engine for a thread on a LangGraph server."""

import uuid
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from nbhitl.engines.base import NOTHING, UNDECIDED, OpeningLine, SnippetLines
from nbhitl.engines.failures import nothing_comes_after
from nbhitl.engines.names import COPY, END
from nbhitl.engines.remote import answer_format, claim, decisions, json_format, kept_drafts, openings
from nbhitl.engines.remote.looking import ServedThread, is_uuid
from nbhitl.engines.remote.output import LOCAL_MODES
from nbhitl.engines.remote.segments import WATCH_EVERY, ServedSegments
from nbhitl.engines.remote.snippets import SnippetResume, snippets
from nbhitl.engines.updates import ASKED_ANEW, refuse_moved
from nbhitl.errors import (
    AlreadyAnswered,
    InvalidAnswer,
    ServerError,
    ServerRefused,
    ThreadNotFound,
    ThreadWaits,
    UsageError,
)
from nbhitl.runs.decided import Decided, PastDecision, PastStep
from nbhitl.runs.drafts import KeptDraft
from nbhitl.runs.marks import ASIDE_MARK, NEXT_INPUT_MARK, marked
from nbhitl.runs.notes import Aside
from nbhitl.runs.openings import Opening
from nbhitl.runs.past import AskedAt, Past
from nbhitl.runs.run import Checkpoint, RunSegment, Snapshot, Watch
from nbhitl.runs.stops import meets

if TYPE_CHECKING:
    from nbhitl.engines.remote.server import Server

T = TypeVar("T")

NOT_EVERYWHERE = ("configurable", "context", "interrupt_after", "interrupt_before")
"""Settings of a run that a snippet does not repeat: the values may be secrets."""


NO_CREDENTIALS = "Add the api_key= or the headers= of the server to nbhitl.remote(...): neither is written here."


class _AsksAnew(Exception):
    """The state of a subgraph was updated after the subgraph had asked."""

    def __init__(self, nodes: Collection[str]) -> None:
        super().__init__()
        self.nodes = nodes


LATER_MEMORY = Aside(
    "A subgraph that was compiled with checkpointer=True remembers here the steps after the checkpoint as well: "
    "the server copies the newest memory."
)


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
        self._openings = openings.ServedOpenings(server)
        self._config, self._options, self._tokens = config, options, tokens
        self._segments = ServedSegments(server, self._thread, config, options, tokens=tokens)

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
        state = await self._source(thread_id, checkpoint)
        stands = not state.interrupts and bool(self._options.get("interrupt_before"))
        return await self._branch(thread_id, checkpoint, watch, stands=stands)

    @property
    def made_with(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The config, without the thread, and the options; see `AsksOnBranches.made_with`."""
        return self._config, {**self._options, **({"tokens": True} if self._tokens else {})}

    async def branch_to_ask(self, thread_id: str, checkpoint: str, watch: Watch, *, is_stop: bool) -> RunSegment | None:
        """Begin with a copy of a checkpoint that asks; see `AsksOnBranches.branch_to_ask`.

        A server does not tell the breakpoints that the graph was compiled with.
        """
        state = await self._source(thread_id, checkpoint)
        stands = not state.interrupts and (is_stop or await self._stops_at(thread_id, state))
        if not (state.interrupts or stands):
            return None
        return await self._branch(thread_id, checkpoint, watch, stands=stands)

    async def _source(self, thread_id: str, checkpoint: str) -> Snapshot:
        state = await ServedThread(self._server, thread_id).at(checkpoint)
        if not state.next:
            raise UsageError(nothing_comes_after(checkpoint))
        return state

    async def _stops_at(self, thread_id: str, state: Snapshot) -> bool:
        """Tell whether a breakpoint of the options stops the run in this state at once."""
        before, after = (self._options.get(name) or () for name in ("interrupt_before", "interrupt_after"))
        parent = json_format.parent_id(state.raw) if after else None
        ended = () if parent is None else (await ServedThread(self._server, thread_id).at(parent)).next
        return meets(before, state.next) or meets(after, ended)

    async def _branch(self, thread_id: str, checkpoint: str, watch: Watch, *, stands: bool) -> RunSegment:
        if self.thread_id is None:
            self._thread.id = await ServedThread(self._server, thread_id).copied()
            self._thread.tell([LATER_MEMORY])
        at = await self._copy({"checkpoint_id": checkpoint, "checkpoint_ns": "", "thread_id": self.thread_id})
        if stands:
            return RunSegment(None, await self._thread.state())

        async def prepare() -> dict[str, Any]:
            return {"input": None, **_at(at)}

        return await self._segments.run("ask on a branch", [thread_id, checkpoint], prepare, watch, anew=True)

    def same_thread(self) -> "RemoteEngine":
        """Return another engine for the same thread; see `Engine.same_thread`."""
        config = marked(self._config, NEXT_INPUT_MARK, True)
        return RemoteEngine(self._server, self.thread_id, config, self._options, tokens=self._tokens)

    @property
    def keeps_drafts(self) -> bool:
        """Whether the thread is on the server; see `KeepsDrafts`."""
        return self.thread_id is not None

    @property
    def keeps_drafts_late(self) -> bool:
        """Whether a draft may be dropped late; see `KeepsDrafts`."""
        return True

    async def keep_draft(self, interrupt_id: str, checkpoint: Checkpoint, draft: KeptDraft | None) -> None:
        """Keep a draft in the server's store; see `KeepsDrafts`."""
        await kept_drafts.keep(self._server, self._thread.known_id(), interrupt_id, draft)

    async def kept_drafts(self, ids: Collection[str], checkpoint: Checkpoint) -> Mapping[str, KeptDraft]:
        """Return the drafts in the server's store; see `KeepsDrafts`."""
        return await kept_drafts.kept(self._server, self._thread.known_id(), ids)

    @property
    def notes_openings(self) -> bool:
        """Whether the thread is on the server; see `NotesOpenings`."""
        return self.thread_id is not None

    async def note_opening(self, snapshot: Snapshot, opening: Opening) -> None:
        """Note an opening in the server's store; see `NotesOpenings`."""
        asks = openings.name_of(snapshot.interrupts, snapshot.checkpoint)
        await self._openings.note(self._thread.known_id(), asks, opening)

    async def end_opening(self, snapshot: Snapshot, opening: Opening) -> None:
        """Delete the note; see `NotesOpenings`."""
        await self.note_opening(snapshot, replace(opening, until=opening.at))

    async def keep_aside(self, snapshot: Snapshot) -> None:
        """Note in the thread's metadata that inboxes leave the thread out; see `KeepsAside`."""
        asks = openings.name_of(snapshot.interrupts, snapshot.checkpoint)
        with suppress(ServerError):  # the server keeps no metadata: the thread is listed
            await self._thread.mark({ASIDE_MARK: asks}, "leave the branch out of inboxes")

    async def openings(self, snapshot: Snapshot) -> tuple[Opening, ...]:
        """Return the notes in the server's store; see `NotesOpenings`."""
        thread_id, asks = self._thread.known_id(), openings.name_of(snapshot.interrupts, snapshot.checkpoint)
        return openings.of_question(await self._openings.all(thread_id), thread_id, asks)

    def opened_by(self, name_of: Callable[[Any], str | None]) -> OpeningLine | None:
        """Return the line that opens the thread; see `Reopened`. Credentials are named, and not written."""
        if self.thread_id is None:
            return None
        has_credentials = bool(self._access.headers)
        name = name_of(self._server) if has_credentials else None
        line = f"nbhitl.open({name or repr(self._server)}, thread_id={self.thread_id!r})"
        return OpeningLine(line, NO_CREDENTIALS if has_credentials and not name else "")

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

        return await self._segments.run("start the run", [value, after], prepare, watch)

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
            if problem := answer_format.why_not_exact(value):
                raise InvalidAnswer(f"This answer cannot be sent to a server: {problem}.")

        async def prepare() -> dict[str, Any]:
            snapshot = await self._segments.pending(answers, again)
            if changed := json_format.overwritten(snapshot.raw) & answers.keys():
                raise _AsksAnew({each.node for each in snapshot.interrupts if each.id in changed})
            if claim.is_needed(snapshot.raw):
                await claim.claim(self._thread)
                snapshot = await self._segments.pending(answers, again)
            return {"command": answer_format.resume_command(snapshot.interrupts, answers)}

        try:
            return await self._segments.run(
                *("resume the run", dict(answers), prepare, watch), answers=answers, asked=asked, decided=decided
            )
        except _AsksAnew as error:
            nodes = ", ".join(sorted(error.nodes))
        await self.proceed(watch)
        raise AlreadyAnswered(ASKED_ANEW.format(nodes=nodes))

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
            return await self._segments.run("go on with the run", None, prepare, watch, asked=asked, decided=decided)
        except ServerRefused as error:
            if not self._way.must_name_head(error):
                raise
        return await self._segments.run("go on with the run", None, prepare, watch, asked=asked, decided=decided)

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

        return await self._segments.run("ask again", checkpoint, prepare, watch, again=pending, asked=asked, anew=True)

    async def stop(self) -> None:
        """Cancel the run at work on the server; see `Engine.stop`."""
        self._segments.stop()

    # --- looking ------------------------------------------------------------------------------

    async def read(self) -> Snapshot:
        """Read the thread's state; see `Engine.read`."""
        return await self._thread.read()

    async def read_before_turns(self) -> Snapshot:
        """Read where the thread stood before its next inputs; see `Engine.read_before_turns`."""
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
        """Return the questions of the run so far; see `Engine.asked_so_far`."""
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
        """End the thread at its present checkpoint; see `Engine.abandon`."""
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
        return answer_format.why_not_exact(value)

    def snippets(self, interrupt_id: str, value: Any) -> SnippetLines:
        """Return lines that resume this interrupt from other clients."""
        if self.thread_id is None:
            raise LookupError("There is no thread to resume yet.")
        old = interrupt_id.startswith(json_format.MADE_UP)
        command = answer_format.bare_command(value) if old else {"resume": {interrupt_id: value}}
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

    def _remarks(self) -> list[str]:
        given = [name for name in NOT_EVERYWHERE if self._options.get(name) or self._config.get(name)]
        return [f"The review's own {' and '.join(given)} are not repeated here."] if given else []


def _at(checkpoint: Checkpoint | None) -> dict[str, Any]:
    return {} if checkpoint is None else {"checkpoint": checkpoint}


def _check_input(value: Any) -> None:
    if (type(value).__name__, type(value).__module__) == ("Command", "langgraph.types"):
        raise UsageError("A Command is no input for a server. To answer a question, open its thread: nbhitl.open(...).")
    if problem := answer_format.why_not_exact(value, json_only=False):
        raise UsageError(f"This input cannot be sent to a server: {problem}.")
