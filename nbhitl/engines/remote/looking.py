"""Looks at a thread on a LangGraph server; each error says why the look failed."""

import asyncio
import time
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from nbhitl.engines.failures import no_checkpoint, without_input
from nbhitl.engines.remote import decisions, json_format, past
from nbhitl.engines.remote.http import Special
from nbhitl.engines.remote.left_out import LeftOut, notes_on
from nbhitl.engines.remote.reading import Readings, Unreadable
from nbhitl.engines.remote.run import FOLLOW_SECONDS, RUNS_LOOKED_AT, RUNS_OF_A_THREAD
from nbhitl.engines.updates import refuse_unknown
from nbhitl.engines.whose import Whose, asking_side_by_side
from nbhitl.errors import ServerError, ServerRefused, ServerUnreachable, ThreadNotFound
from nbhitl.runs.decided import PastDecision, with_current
from nbhitl.runs.marks import NEXT_INPUT_MARK, is_of_next_input
from nbhitl.runs.past import Past
from nbhitl.runs.run import Halt, Interrupt, Snapshot, StuckAnswer

if TYPE_CHECKING:
    from nbhitl.engines.remote.server import Server

LOOK_AGAIN_AFTER = 0.5
HISTORY_LOOKED_AT = 20
HISTORY_PAGE, HISTORY_PAGES = 500, 10
"""Most states of a request, and most requests, when a history is read for decisions."""

SIDE_BY_SIDE = (
    "Node {node!r} runs several tools side by side. Where two or more of these tools ask, LangGraph gives their "
    "questions the same id, and a tool may get the answer to another tool's question: let the agent call a single "
    "tool at a time, or send each call to a task of its own (Send)."
)

TOOLS = "tools"
"""Name of the node that runs tool calls in LangChain's agents, and wherever ``tools_condition`` leads there."""


class ServedThread:
    """A thread on a server, and the looks at that thread.

    Attributes
    ----------
    id
        The thread; ``None`` until the thread exists.
    sent
        The first answer to each interrupt that has surely reached the server, by the interrupt's id.
    whose
        Names the callers within the nodes: the tool or subgraph that asks.
    left_out
        Keeps the questions that the state leaves out.
    notes
        Notes for the user about the thread's questions.
    """

    def __init__(self, server: "Server", thread_id: str | None) -> None:
        self.id = thread_id
        self.sent: dict[str, Any] = {}
        self.whose = Whose()
        self.left_out = LeftOut()
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

        Whether a run is at work needs a separate request, and a run may begin or end between two requests. So the
        thread is asked first: if the thread is not busy, a question or an end in the state is settled. A stop without a
        question may be a run that has just begun: such a stop counts only if a second look finds the same state.
        """
        snapshot = await self._look()
        if not snapshot.is_stop:
            return snapshot
        again = await self._look()
        return replace(again, busy=again.busy or (again.is_stop and again.raw != snapshot.raw))

    async def read_before_turns(self) -> Snapshot:
        """Read where the thread stood before its next inputs, as far back as the history is read."""
        snapshot = await self.read()
        if NEXT_INPUT_MARK not in snapshot.marks:
            return snapshot
        call = self._server.client().threads.get_history(self.known_id(), limit=HISTORY_LOOKED_AT)
        for state in await self._access.ask("read the history", call, special=self.about()):
            past = json_format.read_state(state, self._server.url)
            if not is_of_next_input(state.get("metadata")):
                return replace(past, busy=snapshot.busy)
        return snapshot

    async def _look(self) -> Snapshot:
        call = self._server.client().threads.get(self.known_id())
        thread = await self._access.ask("look whether the thread is busy", call, special=self.about())
        status, marks = json_format.read_thread(thread, self._server.url)
        snapshot = replace(await self.state(has_failed=status == "error"), busy=status == "busy")
        if not snapshot.busy:
            self.check_kept(snapshot)
            self.tell(notes_on(snapshot.raw, status))
        return replace(snapshot, marks={**marks, **snapshot.marks})

    async def state(self, *, has_failed: bool = False) -> Snapshot:
        """Read the state.

        A question whose node raised on an answer gets that answer as its former answer. The answer costs another
        request if another client gave the answer, or if the last run has failed: then the server may have died in the
        node.
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
        if unknown and self._looked_for != unknown and await self._look_for_formers(unknown):
            self._looked_for = frozenset(unknown)  # once: a second request would find no more
        return replace(snapshot, interrupts=self.whose.named(tuple(map(self._with_former, snapshot.interrupts))))

    def tell(self, notes: Iterable[str]) -> None:
        """Add notes about the thread's questions, each once."""
        self.notes = tuple(dict.fromkeys((*self.notes, *notes)))

    async def _read_or_before(self) -> Snapshot:
        special = {**self.about(), 400: self._unreadable, 500: self._failed_to_read}
        readings = Readings(self._server, self.known_id(), special)
        try:
            state = await readings.state()
        except Unreadable as error:
            refusal = error
        else:
            return json_format.read_state(self.left_out.completed(state), self._server.url)
        reason = refusal.detail or await readings.why_failed()
        before = await readings.last_of(await self.runs()) if reason else None
        snapshot = None if before is None else json_format.read_state(before, self._server.url)
        if snapshot is None or not snapshot.interrupts:
            raise ServerRefused(str(refusal))
        former = StuckAnswer(error=reason)
        return replace(snapshot, interrupts=tuple(replace(each, former=former) for each in snapshot.interrupts))

    async def state_after(self) -> Snapshot:
        """Read the state after a run; give a server that has disappeared a moment to come back."""
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

    async def _look_for_formers(self, ids: Collection[str]) -> bool:
        """Find the answers that the thread holds: for each interrupt the first answer of a run.

        Return whether the server has listed runs.
        """
        runs = await self.runs()
        for run in reversed(runs):
            for key in run.answers.keys() & ids if run.has_failed else ():
                self.sent.setdefault(key, run.answers[key])
        return bool(runs)

    def note_sent(self, answers: Mapping[str, Any]) -> None:
        """Note that the server has these answers: of several answers to a question, LangGraph keeps the first."""
        for key, value in answers.items():
            self.sent.setdefault(key, value)

    async def mark(self, metadata: Mapping[str, Any], purpose: str = "claim the question") -> None:
        """Add to the thread's metadata."""
        call = self._server.client().threads.update(self.known_id(), metadata=metadata)
        await self._access.ask(purpose, call, special=self.about())

    async def claimed(self, key: str) -> tuple[Any, bool]:
        """Return the value under ``key`` in the thread's metadata, and whether a run is at work."""
        call = self._server.client().threads.get(self.known_id())
        thread = await self._access.ask("look whether the claim stands", call, special=self.about())
        status, marks = json_format.read_thread(thread, self._server.url)
        return marks.get(key), status == "busy"

    async def asked_so_far(self, snapshot: Snapshot) -> Past:
        """Return the questions of the run so far, as far as the thread's runs tell."""
        pending = {interrupt.id: interrupt.node for interrupt in snapshot.interrupts}
        return past.past_of(await self.runs(RUNS_OF_A_THREAD), pending)

    async def decisions(self) -> tuple[PastDecision, ...]:
        """Return the decisions on the thread's questions, as far as the runs and the history tell."""
        snapshot = await self.state()
        states = await self.history()
        pending = {each.id: each for each in snapshot.interrupts}
        runs = await self.runs(RUNS_OF_A_THREAD)
        found = decisions.decisions_of(runs, decisions.read_history(states), pending)
        before, head = decisions.predecessors(states)
        return with_current(found, before, head)

    async def history(self) -> list[Any]:
        """Return the JSON of the thread's states, the newest first."""
        states: list[Any] = []
        before: Any = {}
        for _ in range(HISTORY_PAGES):
            call = self._server.client().threads.get_history(self.known_id(), limit=HISTORY_PAGE, **before)
            page: Any = await self._access.ask("read the history", call, special=self.about())
            states += page
            if len(page) < HISTORY_PAGE:
                break
            before = {"before": page[-1].get("checkpoint")}
        return [each for each in states if isinstance(each, dict)]

    async def at(self, checkpoint: str) -> Snapshot:
        """Return the state at a checkpoint.

        Raises
        ------
        ThreadNotFound
            If the thread has no such checkpoint.
        """
        call = self._server.client().threads.get_state(self.known_id(), checkpoint_id=checkpoint)
        state = await self._access.ask("read the checkpoint", call, special=self.about())
        snapshot = json_format.read_state(state, self._server.url)
        if json_format.is_untouched(state) or json_format.is_made_up(state):
            raise ThreadNotFound(no_checkpoint(self.known_id(), checkpoint))
        return snapshot

    async def copied(self) -> str:
        """Return the id of a new thread, which is a copy of this thread."""
        call: Any = self._server.client().threads.copy(self.known_id())
        made = await self._access.ask("copy the thread", call, special=self.about())
        if not isinstance(made, dict) or not isinstance(made.get("thread_id"), str):
            raise ServerRefused(f"{self._server.url} cannot copy a thread, so that it has no branches.")
        return str(made["thread_id"])

    async def runs(self, limit: int = RUNS_LOOKED_AT) -> list[past.PastRun]:
        """Return the thread's last runs, the newest first; no runs where the server does not list runs."""
        call = self._server.client().runs.list(self.known_id(), limit=limit)
        try:
            return past.read_runs(await self._access.ask("list the runs", call))
        except ServerError:  # the list of runs is only an addition
            return []

    async def who_answered(self, ids: Collection[str]) -> str:
        """Say when any of these interrupts was answered, and by whom if the answer was given through nbhitl."""
        if (run := past.answer_of(await self.runs(), ids)) is not None:
            return past.answered(run.at, run.by)
        call = self._server.client().threads.get_history(self.known_id(), limit=HISTORY_LOOKED_AT)
        try:
            return past.answered(past.asked_until(await self._access.ask("read the history", call), ids), None)
        except ServerError:
            return past.answered(None, None)

    async def output_of(self, snapshot: Snapshot) -> Any:
        """Return the result of ``invoke`` for a run that ends in this state: the part in the output schema."""
        known: set[str] | None = None
        if isinstance(snapshot.values, dict):
            known = await self._keys("output_schema", snapshot)
        if known is None:
            return snapshot.values
        return {key: value for key, value in snapshot.values.items() if key in known}

    async def refuse_unknown_keys(self, update: Mapping[str, Any]) -> None:
        """Raise where an update names keys outside the state, if the server tells the keys: LangGraph drops such keys.

        Raises
        ------
        InvalidAnswer
            If the update names such a key.
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
        except (ServerError, LookupError, TypeError):  # some servers and graphs have no schemas
            return None
        return json_format.read_keys(schemas, which)

    async def _tools(self, snapshot: Snapshot) -> frozenset[str]:
        """Return the nodes that run tool calls, where the server tells; a subgraph's nodes as ``"sub:tools"``."""
        if self._tool_nodes is None:
            assistant_id = json_format.assistant_of(snapshot.raw) or self._server.assistant
            call = self._server.client().assistants.get_graph(assistant_id, xray=True)
            try:
                found = json_format.read_tool_nodes(await self._access.ask("read the graph", call))
            except ServerError:  # some servers have no such request; others fail for a moment, and are asked again
                return frozenset()
            self._tool_nodes = frozenset(found)
        return self._tool_nodes

    async def assistants(self) -> list[str]:
        """Return the names of the graphs that can be run on the server."""
        call = self._server.client().assistants.search(limit=100)
        return json_format.read_assistants(await self._access.ask("list the assistants", call), self._server.url)

    # --- errors of looks --------------------------------------------------------

    def check_kept(self, snapshot: Snapshot) -> None:
        """Raise where the thread exists without a state: such a thread would look finished."""
        if json_format.is_untouched(snapshot.raw):
            raise ThreadNotFound(
                f"Thread {self.id!r} on {self._server.url} is empty: no run has begun there yet, or the server "
                "has lost the checkpoints, as a development server does when killed."
            )

    def at_work(self, detail: str = "") -> Exception:
        """Say that another run is at work."""
        return ServerRefused(
            f"Another run is at work in thread {self.id!r} on {self._server.url} (HTTP 409). Open the thread with "
            f"nbhitl.open(server, thread_id={self.id!r})."
        )

    def about(self, *at_work: int) -> Special:
        """Return the errors of requests about the thread; statuses in ``at_work`` mean that another run is at work."""
        special = {404: self._no_thread, 400: self.bad_id, 422: self.bad_id}
        return {**special, **dict.fromkeys(at_work, self.at_work)}

    def _no_thread(self, detail: str) -> Exception:
        return ThreadNotFound(
            f"No thread {self.id!r} on {self._server.url}. Check thread_id= and the URL; a development server "
            "that is stopped forgets all threads."
        )

    def _unreadable(self, detail: str) -> Exception:
        detail = without_input(detail)
        error = self.bad_id(detail)
        return Unreadable(str(error), detail) if isinstance(error, ServerRefused) else error

    def _failed_to_read(self, detail: str) -> Exception:
        failed = f"{self._server.url} failed (HTTP 500)"
        return Unreadable(f"Cannot read the thread: {failed}. The log of the server says why.")

    def bad_id(self, detail: str) -> Exception:
        """Return the error of a malformed id, or the server's own refusal."""
        if is_uuid(self.id):
            return ServerRefused(f"{self._server.url} refused to read thread {self.id!r}: {detail}")
        return ThreadNotFound(
            f"No thread {self.id!r} on {self._server.url}: LangGraph servers name threads by UUIDs. To open a "
            "thread, give the id of that thread; to start a thread, leave the id out, or make a lasting id: "
            "str(uuid.uuid5(uuid.NAMESPACE_URL, 'any name'))."
        )


def _with_tools(halt: Halt, tools: Collection[str]) -> Halt:
    """Return the halt with the nodes that run tool calls; a node named ``tools`` always counts."""
    names = [name for name in halt.next if name == TOOLS or ":".join((*halt.path, name)) in tools]
    return replace(halt, tools=frozenset(names))


def is_uuid(text: str | None) -> bool:
    """Tell whether ``text`` can be the id of a thread or an assistant."""
    try:
        uuid.UUID(text)
    except (ValueError, TypeError, AttributeError):
        return False
    return True
