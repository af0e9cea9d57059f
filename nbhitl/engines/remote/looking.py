"""Looking at one thread on a LangGraph server; what cannot be seen is told in words."""

import asyncio
import time
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from nbhitl.engines.failures import without_input
from nbhitl.engines.remote import json_format, past
from nbhitl.engines.remote.http import Special
from nbhitl.engines.remote.run import FOLLOW_SECONDS, RUNS_LOOKED_AT, RUNS_OF_A_THREAD
from nbhitl.engines.updates import refuse_unknown
from nbhitl.engines.whose import Whose, asking_side_by_side
from nbhitl.errors import ServerError, ServerRefused, ServerUnreachable, ThreadNotFound
from nbhitl.model.marks import TURN_MARK, is_of_next_turn
from nbhitl.model.run import Checkpoint, Halt, Interrupt, Past, Snapshot, StuckAnswer

if TYPE_CHECKING:
    from nbhitl.engines.remote.server import Server

LOOK_AGAIN_AFTER = 0.5
HISTORY_LOOKED_AT = 20

SIDE_BY_SIDE = (
    "Node {node!r} runs several tools side by side. Where more than one of them asks, LangGraph gives their questions "
    "one id, and a tool may get the answer to another one's: let the agent call one tool at a time, or send each call "
    "to a task of its own (Send)."
)

TOOLS = "tools"
"""How the node that runs tool calls is called, in LangChain's agents and wherever ``tools_condition`` leads there."""


class ServedThread:
    """One thread on a server, as far as it is looked at.

    Attributes
    ----------
    id
        The thread; ``None`` until there is one.
    sent
        The first answer to each interrupt that the server is known to have, by the interrupt's id.
    whose
        Who asks within the nodes.
    notes
        What a person should know of its questions.
    """

    def __init__(self, server: "Server", thread_id: str | None) -> None:
        self.id = thread_id
        self.sent: dict[str, Any] = {}
        self.whose = Whose()
        self.notes: tuple[str, ...] = ()
        self._server, self._access = server, server.access
        self._looked_for: frozenset[str] = frozenset()
        self._tool_nodes: frozenset[str] | None = None  # asked for once

    def known_id(self) -> str:
        """Return the id; raise where there is no thread yet."""
        if self.id is None:
            raise ThreadNotFound("There is no thread yet: start a run first, or give thread_id=.")
        return self.id

    async def read(self) -> Snapshot:
        """Read the state, and whether a run is at work.

        Whether a run is at work has to be asked for separately, and a run may begin or end between two requests. So
        the thread is asked first: not busy, then a question or an end in the state is as settled as it looks. A stop
        without a question may be a run that has just begun: it counts when it is found again, unchanged.
        """
        snapshot = await self._look()
        if not is_stop(snapshot):
            return snapshot
        again = await self._look()
        return replace(again, busy=again.busy or (is_stop(again) and again.raw != snapshot.raw))

    async def read_before_turns(self) -> Snapshot:
        """Read where the thread stood before its next turns began, as far as its history is looked at."""
        snapshot = await self.read()
        if TURN_MARK not in snapshot.marks:
            return snapshot
        call = self._server.client().threads.get_history(self.known_id(), limit=HISTORY_LOOKED_AT)
        for state in await self._access.ask("read the history", call, special=self.about()):
            past = json_format.read_state(state, self._server.url)
            if not is_of_next_turn(state.get("metadata")):
                return replace(past, busy=snapshot.busy)
        return snapshot

    async def _look(self) -> Snapshot:
        call = self._server.client().threads.get(self.known_id())
        thread = await self._access.ask("look whether the thread is busy", call, special=self.about())
        status, marks = json_format.read_thread(thread, self._server.url)
        snapshot = replace(await self.state(has_failed=status == "error"), busy=status == "busy")
        if not snapshot.busy:
            self.check_kept(snapshot)
        return replace(snapshot, marks={**marks, **snapshot.marks})

    async def state(self, *, has_failed: bool = False) -> Snapshot:
        """Read the state.

        A question whose node raised on an answer gets that answer; one more request finds it where it was given by
        another client, or where the last run has failed so that the server may have died in the middle of the node.
        """
        snapshot = await self._read_or_before()
        asking = list(asking_side_by_side(snapshot.raw))
        tools = await self._tools(snapshot) if any(path[-1] != TOOLS for path in asking) else frozenset()
        running = [path for path in asking if path[-1] == TOOLS or ":".join(path) in tools]
        self.tell(SIDE_BY_SIDE.format(node="/".join(path)) for path in running)
        if snapshot.halts:
            tools = await self._tools(snapshot)
            snapshot = replace(snapshot, halts=tuple(_with_tools(halt, tools) for halt in snapshot.halts))
        kept = [interrupt for interrupt in snapshot.interrupts if interrupt.former is not json_format.NOT_KEPT]
        suspects = {interrupt.id for interrupt in kept if has_failed or interrupt.former is not None}
        unknown = suspects - self.sent.keys()
        if unknown and self._looked_for != (looked := frozenset(unknown)):
            self._looked_for = looked  # once: what the server does not tell it will not tell later
            await self._look_for_formers(unknown)
        return replace(snapshot, interrupts=self.whose.named(tuple(map(self._with_former, snapshot.interrupts))))

    def tell(self, notes: Iterable[str]) -> None:
        """Add to what a person should know of the thread's questions, each once."""
        self.notes = tuple(dict.fromkeys((*self.notes, *notes)))

    async def _read_or_before(self) -> Snapshot:
        try:
            return await self._read()
        except _Unreadable as error:
            refusal = error
        return await self._before(refusal)

    async def _read(self) -> Snapshot:
        call = self._server.client().threads.get_state(self.known_id(), subgraphs=True)
        special = {**self.about(), 400: self._unreadable}
        return json_format.read_state(
            await self._access.ask("read the thread", call, special=special), self._server.url
        )

    async def _before(self, refusal: "_Unreadable") -> Snapshot:
        """Return the last state with a question, where a schema refuses what a node wrote in answer to that.

        LangGraph has saved it, and reads no state of the thread since. A server names only those checkpoints that it
        can read; but the last one of each run can be asked for.
        """
        for run in await self.runs():
            state = await self._last_of(run)
            if state is None:
                continue
            snapshot = json_format.read_state(state, self._server.url)
            if snapshot.interrupts:
                former = StuckAnswer(error=refusal.detail)
                return replace(snapshot, interrupts=tuple(replace(each, former=former) for each in snapshot.interrupts))
        raise ServerRefused(str(refusal))

    async def _last_of(self, run: past.PastRun, place: Checkpoint | None = None) -> dict[str, Any] | None:
        """Return the last state that a run saved, with those of its subgraphs; ``None`` where it cannot be read.

        ``place``: a checkpoint of the subgraph that is meant, by default the graph itself.
        """
        at = {} if place is None else {"checkpoint": place}
        call = self._server.client().threads.get_history(self.known_id(), limit=1, metadata={"run_id": run.id}, **at)
        try:
            found: Any = await self._access.ask("look back", call)
        except ServerError:  # this is the checkpoint that cannot be read
            return None
        state: dict[str, Any] | None = found[0] if isinstance(found, list) and found else None
        for task in (state or {}).get("tasks") or []:
            if isinstance(task, dict) and task.get("checkpoint") and not task.get("state"):
                task["state"] = await self._last_of(run, task["checkpoint"])
        return state

    async def state_after(self) -> Snapshot:
        """Read the state after a run; give a server that is gone a moment to come back."""
        until = time.monotonic() + FOLLOW_SECONDS
        while True:
            try:
                return await self.state()
            except ServerUnreachable:
                if time.monotonic() > until:
                    raise
            await asyncio.sleep(LOOK_AGAIN_AFTER)

    def _with_former(self, interrupt: Interrupt) -> Interrupt:
        if interrupt.former is json_format.NOT_KEPT:
            self.sent.pop(interrupt.id, None)
            return replace(interrupt, former=None)
        if interrupt.id not in self.sent:
            return interrupt
        error = interrupt.former.error if interrupt.former else None
        return replace(interrupt, former=StuckAnswer(is_known=True, value=self.sent[interrupt.id], error=error))

    async def _look_for_formers(self, ids: Collection[str]) -> None:
        """Find the answers that the thread holds: each is the first that a run brought."""
        for run in reversed(await self.runs()):
            for key in run.answers.keys() & ids if run.has_failed else ():
                self.sent.setdefault(key, run.answers[key])

    def note_sent(self, answers: Mapping[str, Any]) -> None:
        """Note that the server has these answers: of several to one question, LangGraph keeps the first."""
        for key, value in answers.items():
            self.sent.setdefault(key, value)

    async def mark(self, metadata: Mapping[str, Any]) -> None:
        """Add to the thread's metadata."""
        call = self._server.client().threads.update(self.known_id(), metadata=metadata)
        await self._access.ask("claim the question", call, special=self.about())

    async def claimed(self, key: str) -> tuple[Any, bool]:
        """Return what the thread's metadata hold under ``key``, and whether a run is at work."""
        call = self._server.client().threads.get(self.known_id())
        thread = await self._access.ask("look whether the claim stands", call, special=self.about())
        status, marks = json_format.read_thread(thread, self._server.url)
        return marks.get(key), status == "busy"

    async def asked_so_far(self, snapshot: Snapshot) -> Past:
        """Return which questions the run has asked, as far as the thread's runs tell."""
        pending = {interrupt.id: interrupt.node for interrupt in snapshot.interrupts}
        return past.past_of(await self.runs(RUNS_OF_A_THREAD), pending)

    async def runs(self, limit: int = RUNS_LOOKED_AT) -> list[past.PastRun]:
        """Return the thread's last runs, the newest first; none where the server does not tell."""
        call = self._server.client().runs.list(self.known_id(), limit=limit)
        try:
            return past.read_runs(await self._access.ask("list the runs", call))
        except ServerError:  # what they would tell is an addition to what is known without them
            return []

    async def who_answered(self, ids: Collection[str]) -> str:
        """Say when one of these interrupts was answered, and by whom where it was answered through nbhitl."""
        if (run := past.answer_of(await self.runs(), ids)) is not None:
            return past.answered(run.at, run.by)
        call = self._server.client().threads.get_history(self.known_id(), limit=HISTORY_LOOKED_AT)
        try:
            return past.answered(past.asked_until(await self._access.ask("read the history", call), ids), None)
        except ServerError:
            return past.answered(None, None)

    async def output_of(self, snapshot: Snapshot) -> Any:
        """Return what ``invoke`` returns for a run that ends in this state: the output schema's part of it."""
        known: set[str] | None = None
        if isinstance(snapshot.values, dict):
            known = await self._keys("output_schema", snapshot)
        if known is None:
            return snapshot.values
        return {key: value for key, value in snapshot.values.items() if key in known}

    async def refuse_unknown_keys(self, update: Mapping[str, Any]) -> None:
        """Raise where an update names what the state does not have, where the server tells: LangGraph drops it.

        Raises
        ------
        InvalidAnswer
            If it does.
        """
        known = await self._keys("state_schema", await self.state())
        if known is not None:
            refuse_unknown(update, known)

    async def _keys(self, which: Literal["output_schema", "state_schema"], snapshot: Snapshot) -> set[str] | None:
        client, assistant_id = self._server.client(), json_format.assistant_of(snapshot.raw)
        try:
            if assistant_id is None:
                found = await self._access.ask(
                    "look for the assistant", client.assistants.search(graph_id=self._server.assistant, limit=1)
                )
                assistant_id = found[0]["assistant_id"]
            schemas = await self._access.ask("read the schemas", client.assistants.get_schemas(assistant_id))
        except (ServerError, LookupError, TypeError):  # not every server and graph can tell
            return None
        return json_format.read_keys(schemas, which)

    async def _tools(self, snapshot: Snapshot) -> frozenset[str]:
        """Return the nodes that run tool calls, where the server tells; those of a subgraph as ``"sub:tools"``."""
        if self._tool_nodes is None:
            assistant_id = json_format.assistant_of(snapshot.raw) or self._server.assistant
            call = self._server.client().assistants.get_graph(assistant_id, xray=True)
            try:
                found = json_format.read_tool_nodes(await self._access.ask("read the graph", call))
            except ServerError:  # not every server can tell
                found = set()
            self._tool_nodes = frozenset(found)
        return self._tool_nodes

    async def assistants(self) -> list[str]:
        """Return the names of what can be run on the server."""
        call = self._server.client().assistants.search(limit=100)
        return json_format.read_assistants(await self._access.ask("list the assistants", call), self._server.url)

    # --- what cannot be seen, in words --------------------------------------------------------

    def check_kept(self, snapshot: Snapshot) -> None:
        """Raise where the thread is there and its state is not: it would look finished."""
        if json_format.is_untouched(snapshot.raw):
            raise ThreadNotFound(
                f"Thread {self.id!r} on {self._server.url} is empty: no run has begun in it yet, or the server "
                "has lost its checkpoints; a development server that is killed does."
            )

    def at_work(self, detail: str = "") -> Exception:
        """Say that another run is at work."""
        return ServerRefused(
            f"Another run is at work in thread {self.id!r} on {self._server.url} (HTTP 409). Look at it with "
            f"nbhitl.open(server, thread_id={self.id!r})."
        )

    def about(self, *at_work: int) -> Special:
        """Return the errors of requests about the thread; statuses in ``at_work`` mean that a run is in the way."""
        special = {404: self._no_thread, 400: self.bad_id, 422: self.bad_id}
        return {**special, **dict.fromkeys(at_work, self.at_work)}

    def _no_thread(self, detail: str) -> Exception:
        return ThreadNotFound(
            f"No thread {self.id!r} on {self._server.url}. Check thread_id= and the URL; a development server "
            "forgets its threads when it is stopped."
        )

    def _unreadable(self, detail: str) -> Exception:
        detail = without_input(detail)
        error = self.bad_id(detail)
        return _Unreadable(str(error), detail) if isinstance(error, ServerRefused) else error

    def bad_id(self, detail: str) -> Exception:
        """Say what is wrong with the id, or what the server says."""
        if is_uuid(self.id):
            return ServerRefused(f"{self._server.url} refused to read thread {self.id!r}: {detail}")
        return ThreadNotFound(
            f"No thread {self.id!r} on {self._server.url}: LangGraph servers name threads by UUIDs. To open a "
            "thread give the id that its client got; to start one leave the id out, or make a lasting one: "
            "str(uuid.uuid5(uuid.NAMESPACE_URL, 'any name'))."
        )


class _Unreadable(ServerRefused):
    """The state holds what its schema refuses.

    Attributes
    ----------
    detail
        What the schema says.
    """

    def __init__(self, message: str, detail: str) -> None:
        super().__init__(message)
        self.detail = detail


def is_stop(snapshot: Snapshot) -> bool:
    """Tell whether the run stands still without a question, as far as can be seen at one moment."""
    return bool(snapshot.next) and not snapshot.interrupts and not snapshot.busy


def _with_tools(halt: Halt, tools: Collection[str]) -> Halt:
    """Return the halt with its nodes that run tool calls; servers do not tell of each, so that its name may do."""
    names = [name for name in halt.next if name == TOOLS or ":".join((*halt.path, name)) in tools]
    return replace(halt, tools=frozenset(names))


def is_uuid(text: str | None) -> bool:
    """Tell whether ``text`` can be the id of a thread or an assistant."""
    try:
        uuid.UUID(text)
    except (ValueError, TypeError, AttributeError):
        return False
    return True
