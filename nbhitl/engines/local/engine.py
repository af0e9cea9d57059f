"""The engine for a thread of a compiled graph."""

import asyncio
import uuid
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence, Set
from typing import Any, TypeVar

from langgraph.errors import UnknownInterruptError
from langgraph.types import Command, StateSnapshot

from nbhitl.engines.base import NOTHING, UNDECIDED, OpeningLine, SnippetLines
from nbhitl.engines.local import earlier, going_on, hints, journal, openings, starting
from nbhitl.engines.local.calls import GivenResume
from nbhitl.engines.local.doubled import ResumeMap
from nbhitl.engines.local.drafting import DraftWriter
from nbhitl.engines.local.looking import LocalThread
from nbhitl.engines.local.options import (
    Graph,
    RunForm,
    check_options,
    check_threads,
    has_unsaved_part,
    needs_async,
    stops_within,
    with_thread,
)
from nbhitl.engines.local.reading import reader_of
from nbhitl.engines.local.savers import PrivateSaver, checked_saver, deleting, listing, why_closed
from nbhitl.engines.local.segments import Segments, is_tapped, modes_of
from nbhitl.engines.local.state import (
    SavedLevels,
    asking_tasks,
    copy_of,
    output_of,
    overwritten,
    resumed_tasks,
    several_tools,
    snapshot_of,
)
from nbhitl.engines.local.way_back import opening_line
from nbhitl.engines.names import END, RESUME, STRICT
from nbhitl.engines.updates import ASKED_ANEW, asked_again, refuse_unseen
from nbhitl.errors import (
    AlreadyAnswered,
    CheckpointerClosed,
    CheckpointerError,
    ThreadNotFound,
)
from nbhitl.runs.decided import Decided, PastDecision, PastStep
from nbhitl.runs.drafts import KeptDraft
from nbhitl.runs.marks import NEXT_INPUT_MARK, marked
from nbhitl.runs.notes import Aside
from nbhitl.runs.openings import Opening
from nbhitl.runs.past import AskedAt, Past
from nbhitl.runs.run import Checkpoint, RunSegment, Snapshot, Watch
from nbhitl.runs.stops import PausedStep

T = TypeVar("T")

NO_CHECKPOINTER = Aside(
    "No checkpointer in the graph: checkpoints are kept in memory until the kernel ends (or give checkpointer=)."
)

WATCH_EVERY = 3.0
"""Seconds between looks at a database that other kernels can open as well."""


class LocalEngine:
    """A thread of a compiled graph.

    Parameters
    ----------
    graph
        The compiled graph; never changed (a copy gets the checkpointer).
    config
        LangGraph's ``RunnableConfig``; ``thread_id`` inside names the thread, else a new thread is made.
    thread_id
        The thread; takes precedence over the thread in ``config``.
    checkpointer
        Used instead of the graph's own.
    run
        ``"sync"``: ``graph.invoke`` in a worker thread; ``"async"``: ``graph.ainvoke`` on the cell's event loop.
        By default async where a node or tool has only an async form or the checkpointer belongs to an event loop.
    tokens
        Whether every chat model is made to stream (LangGraph's stream mode ``messages``); by default models are called
        as the graph calls them.
    **options
        Options of ``graph.invoke``; see `options.OPTIONS`.
    """

    has_snippets = False

    def __init__(
        self,
        graph: Graph,
        config: Mapping[str, Any] | None = None,
        *,
        thread_id: str | None = None,
        checkpointer: Any = None,
        run: RunForm | None = None,
        tokens: bool = False,
        **options: Any,
    ) -> None:
        check_options(options, run)
        self.graph_name = graph.name
        has_own = graph.checkpointer is not None and not isinstance(graph.checkpointer, bool)
        self._is_private = checkpointer is None and not has_own
        with_saver = graph
        if checkpointer is not None:
            with_saver = copy_of(graph, checkpointer=checked_saver(checkpointer))
        elif self._is_private:
            with_saver = copy_of(graph, checkpointer=PrivateSaver())
        notes = (NO_CHECKPOINTER,) if self._is_private else ()
        way: RunForm = run or ("async" if needs_async(with_saver) else "sync")
        if closed := why_closed(with_saver.checkpointer):
            raise CheckpointerClosed(closed)
        self._has_unsaved_part = has_unsaved_part(graph)
        self._options, self._tokens = options, tokens
        self._made_of = graph, checkpointer
        self._run = run
        own_config, thread_id = with_thread(config or {}, thread_id)
        self._thread = LocalThread(
            with_saver,
            own_config,
            options,
            thread_id=thread_id,
            way=way,
            reader=reader_of(graph),
            notes=notes,
        )
        self._segments = Segments(self._thread, tokens=tokens)
        self._drafts = DraftWriter(self._thread)
        is_reached = not isinstance(with_saver.checkpointer, PrivateSaver)  # by other clients
        self.watch_every = WATCH_EVERY if is_reached else None
        if way == "sync" and not is_tapped(options, tokens=tokens):
            check_threads(graph, self._thread.config)
        self.on_kernel_loop = way == "async" and _loop_is_running()

    @property
    def thread_id(self) -> str:
        """The thread."""
        return self._thread.id

    def new_thread(self) -> "LocalEngine":
        """Return an engine for a new thread; see `Engine.new_thread`."""
        configurable = {**self._thread.config["configurable"], "thread_id": str(uuid.uuid4())}
        config = {**self._thread.config, "configurable": configurable}
        return LocalEngine(self._thread.graph, config, run=self._thread.way, tokens=self._tokens, **self._options)

    async def branch_off(self, thread_id: str, checkpoint: str, watch: Watch) -> RunSegment:
        """Begin with a copy of a checkpoint; see `Engine.branch_off`."""
        async with self._segments.turn():
            return await self._thread.worker(self._branch_off(thread_id, checkpoint, watch))

    async def _branch_off(self, thread_id: str, checkpoint: str, watch: Watch) -> RunSegment:
        begins = await going_on.beginning(self._thread, thread_id, checkpoint)
        return await self._branch(begins, watch, stands=await going_on.stops_at(self._thread, begins))

    @property
    def made_with(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The config, without the thread, and the options; see `AsksOnBranches.made_with`."""
        places = ("thread_id", "checkpoint_id", "checkpoint_ns")
        kept = {key: value for key, value in self._thread.config["configurable"].items() if key not in places}
        options = {"checkpointer": self._made_of[1], "run": self._run, "tokens": self._tokens}
        given = {key: value for key, value in options.items() if value}
        return {**self._thread.config, "configurable": kept}, {**self._options, **given}

    async def branch_to_ask(self, thread_id: str, checkpoint: str, watch: Watch, *, is_stop: bool) -> RunSegment | None:
        """Begin with a copy of a checkpoint that asks; see `AsksOnBranches.branch_to_ask`."""
        async with self._segments.turn():
            return await self._thread.worker(self._branch_to_ask(thread_id, checkpoint, watch, is_stop))

    async def _branch_to_ask(self, thread_id: str, checkpoint: str, watch: Watch, is_stop: bool) -> RunSegment | None:
        begins = await going_on.beginning(self._thread, thread_id, checkpoint)
        runs_to_ask = begins.has_question or stops_within(self._thread.graph, begins.state.next)
        stands = not runs_to_ask and (is_stop or await going_on.stops_at(self._thread, begins))
        return await self._branch(begins, watch, stands=stands) if runs_to_ask or stands else None

    async def _branch(self, begins: going_on.Beginning, watch: Watch, *, stands: bool) -> RunSegment:
        copy = await going_on.branch(self._thread, begins)
        if stands:
            return RunSegment(None, await self._thread.see())
        return await self._go_on(copy, watch)

    def same_thread(self) -> "LocalEngine":
        """Return another engine for the same thread; see `Engine.same_thread`."""
        config = marked(self._thread.config, NEXT_INPUT_MARK, True)
        return LocalEngine(self._thread.graph, config, run=self._thread.way, tokens=self._tokens, **self._options)

    @property
    def keeps_drafts(self) -> bool:
        """Whether other kernels can open the checkpoints; see `KeepsDrafts`."""
        return self._thread.outlives_kernel

    @property
    def keeps_drafts_late(self) -> bool:
        """Whether the review drops drafts: no, the owner may close the database before; see `KeepsDrafts`."""
        return False

    async def keep_draft(self, interrupt_id: str, checkpoint: Checkpoint, draft: KeptDraft | None) -> None:
        """Keep a draft beside the checkpoint that asks; see `KeepsDrafts`."""
        await self._drafts.keep(interrupt_id, checkpoint, draft)

    async def kept_drafts(self, ids: Collection[str], checkpoint: Checkpoint) -> Mapping[str, KeptDraft]:
        """Return the drafts beside the checkpoint; see `KeepsDrafts`."""
        return await self._drafts.kept(ids, checkpoint)

    def opened_by(self, name_of: Callable[[Any], str | None]) -> OpeningLine | None:
        """Return the line that opens the thread where its checkpoints are in a database; see `Reopened`."""
        return opening_line(self.thread_id, *self._made_of, name_of) if self._thread.outlives_kernel else None

    @property
    def is_private(self) -> bool:
        """Whether the checkpoints are in our own memory; see `Engine.is_private`."""
        return self._is_private

    def let_go(self) -> None:
        """Drop the checkpoints in memory; see `Engine.let_go`."""
        self._thread.let_go()

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the user about the graph, the checkpointer, and the reach of a turn of the thread."""
        return (*self._thread.notes, *filter(None, [self._thread.turn.note]))

    @property
    def runs_on(self) -> str:
        """The place where the run works."""
        if self._thread.way == "sync":
            return "this kernel, in a worker thread (sync)"
        return f"this kernel, on {'its' if self.on_kernel_loop else 'an'} event loop (async)"

    @property
    def streams(self) -> frozenset[str]:
        """The stream modes whose chunks a watcher gets; see `Engine.streams`."""
        return frozenset(modes_of(self._options, tokens=self._tokens))

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
        """Start a run; see `Engine.start`."""
        async with self._segments.turn():  # the look and the run in the same turn: no review comes in between
            return await self._thread.worker(self._start(value, watch, after, drop_question, only_first))

    async def _start(
        self, value: Any, watch: Watch, after: Checkpoint | None, drop_question: bool, only_first: bool
    ) -> RunSegment:
        config = self._thread.config if after is None else self._thread.at(after)
        if after is not None:
            await going_on.tell_later_memory(self._thread, after)
        value = await starting.prepared(self._thread, value, config, drop_question=drop_question, only_first=only_first)
        # A run that does not wait for its checkpoints piles them up in memory.
        options = self._durable if self.is_private else self._options
        return await self._segments.run(value, config, options, watch)

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
        answered: Collection[str] = answers
        try:
            async with self._segments.turn():
                return await self._thread.worker(self._resume(answers, watch, again, decided))
        except CheckpointerError:
            answered = ()  # nothing was sent: the drafts stay
            raise
        finally:
            await self._drafts.drop(answered)

    async def _resume(
        self, answers: Mapping[str, Any], watch: Watch, again: Collection[str], decided: Mapping[str, Decided]
    ) -> RunSegment:
        state, refusal = await self._thread.state(self._thread.head())
        saved = await self._thread.saved_with(state)
        snapshot = snapshot_of(state, self._thread.sent(state, saved, refusal), busy=False)
        if any(interrupt.former is not None for interrupt in snapshot.interrupts):
            refuse_unseen(snapshot.interrupts, again)
        gone = answers.keys() - {interrupt.id for interrupt in snapshot.interrupts}
        if not gone and (changed := overwritten(state) & answers.keys()):
            return await self._resume_anew(snapshot, answers, watch, changed, decided)
        if not gone:
            await self._thread.take_back_bare_answer(state, saved)
            given = await self._given(state, saved, snapshot, answers)
            noted = await self._thread.note(answers, snapshot.checkpoint, decided)
            try:
                resume = ResumeMap(answers, self._thread.doubled.withheld()) if given else dict(answers)
                command: Command[Any] = Command(resume=resume)
                strict = self._thread.head(**{STRICT: True})
                sends = {key: task for key, task in asking_tasks(state) if key in answers}
                segment = await self._segments.run(command, strict, self._durable, watch, sends=sends, hands=given)
            except UnknownInterruptError as error:  # from a client that knows no turns
                gone = set(error.interrupt_ids)
                await self._thread.write_note(journal.take_back(answers, noted), snapshot.checkpoint)
            else:
                if given and self._thread.doubled.has_given_up:  # the answers were kept for calls that nobody has seen
                    return await self._resume(answers, watch, answers.keys(), decided)
                return segment
        raise AlreadyAnswered(await self._thread.who_answered(sorted(gone)))

    async def _resume_anew(
        self,
        snapshot: Snapshot,
        answers: Mapping[str, Any],
        watch: Watch,
        changed: Set[str],
        decided: Mapping[str, Decided],
    ) -> RunSegment:
        """Let subgraphs with an updated state ask anew, and give the answers to equal questions."""
        segment = await self._go_on(self._thread.head(), watch)
        now = asked_again(snapshot, segment.snapshot, changed)
        if answers.keys() <= now.keys():
            given = {now[key]: value for key, value in answers.items()}
            told = {now[key]: each for key, each in decided.items() if key in now}
            return await self._resume(given, watch, (), told)
        nodes = ", ".join(sorted({was.node for was in snapshot.interrupts if was.id in changed}))
        raise AlreadyAnswered(ASKED_ANEW.format(nodes=nodes))

    async def _given(
        self, state: StateSnapshot, saved: SavedLevels, snapshot: Snapshot, answers: Mapping[str, Any]
    ) -> Mapping[str, Sequence[GivenResume]]:
        """Return the answers that are handed over to the calls that asked, by task; see `doubled`.

        LangGraph keeps answers of former segments in the order of the task's calls at that time: these are taken back.
        """
        doubled = self._thread.doubled
        for task in several_tools(self._thread.graph, state):
            asked = [each for each in snapshot.interrupts if each.id in {i.id for i in task.interrupts}]
            if len(asked) == 1 and not any(task.id in resumed_tasks(each) for each in saved.levels):
                doubled.found(asked[0], task.id)
        if not doubled.tasks:
            return {}
        given = doubled.give(snapshot.interrupts, answers)
        for level in saved.levels:
            for key in resumed_tasks(level) & given.keys():
                await self._thread.write_beside(level.config, [(RESUME, [])], key)
        return given

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
        async with self._segments.turn():
            step = PausedStep(update, at, as_node, tuple(seen))
            return await self._thread.worker(self._proceed(watch, step, decided))

    async def _proceed(self, watch: Watch, step: PausedStep, decided: Mapping[str, Decided]) -> RunSegment:
        await going_on.leave_stop(self._thread, step, decided)
        return await self._go_on(self._thread.head(), watch)

    async def ask_again(
        self,
        checkpoint: Checkpoint,
        watch: Watch,
        *,
        pending: Collection[str] = (),
        asked: Mapping[str, AskedAt] = NOTHING,
    ) -> RunSegment:
        """Fork at a checkpoint; see `Engine.ask_again`."""
        async with self._segments.turn():
            return await self._thread.worker(self._ask_again(checkpoint, watch, pending))

    async def _ask_again(self, checkpoint: Checkpoint, watch: Watch, pending: Collection[str]) -> RunSegment:
        return await self._go_on(await going_on.fork(self._thread, checkpoint, pending), watch)

    async def _go_on(self, config: Mapping[str, Any], watch: Watch) -> RunSegment:
        """Run the graph without an input, from a place in the thread."""
        return await self._segments.run(None, config, self._durable, watch)

    async def stop(self) -> None:
        """Stop the segment at work: before the next step, or for an async run at its next await; see `Engine.stop`."""
        self._segments.stop()

    # --- looking ------------------------------------------------------------------------------

    async def read(self) -> Snapshot:
        """Read the thread's state; see `Engine.read`."""
        async with self._thread.readable():
            snapshot = await self._thread.look()
        if snapshot.raw.created_at is None:
            raise ThreadNotFound(
                f"The checkpointer has no thread {self._thread.id!r}. Check thread_id=, and that the graph was "
                "compiled with the thread's checkpointer (or give checkpointer=)."
            )
        if not snapshot.busy:
            await self._drafts.drop_all_but({each.id for each in snapshot.interrupts})
        return snapshot

    async def read_before_turns(self) -> Snapshot:
        """Read where the thread stood before its next inputs; see `Engine.read_before_turns`."""
        return await self._thread.worker(earlier.before_next_inputs(self._thread, await self.read()))

    async def who_answered(self, ids: Collection[str]) -> str:
        """Say who answered; see `Engine.who_answered`."""
        async with self._thread.readable():
            return await self._thread.worker(self._thread.who_answered(sorted(ids)))

    async def asked_so_far(self, snapshot: Snapshot) -> Past:
        """Return the questions of the run so far; see `Engine.asked_so_far`."""
        async with self._thread.readable():
            return await self._thread.worker(earlier.asked_so_far(self._thread, snapshot))

    async def decisions(self) -> tuple[PastDecision, ...]:
        """Return the decisions on the thread's questions; see `Engine.decisions`."""
        async with self._thread.readable():
            return await self._thread.worker(earlier.decisions(self._thread))

    async def history(self) -> tuple[PastStep, ...]:
        """Return the checkpoints of the thread; see `Engine.history`."""
        async with self._thread.readable():
            return await self._thread.worker(earlier.history(self._thread))

    async def output_of(self, snapshot: Snapshot) -> Any:
        """Return the result of ``invoke`` for a run that ends in this state."""
        return output_of(self._thread.graph, snapshot.values, self._options)

    def why_not_usable(self) -> str | None:
        """Return a message if the checkpointer's connection is closed; see `Engine.why_not_usable`."""
        return why_closed(self._thread.graph.checkpointer)

    def why_not_kept(self, value: Any) -> str | None:
        """Return why the checkpointer cannot keep ``value``; see `Engine.why_not_kept`."""
        if value is None or type(value) is bool or (type(value) is str and value.isascii()):
            return None  # kept by every serializer: no need to try
        serde = getattr(self._thread.graph.checkpointer, "serde", None)
        return None if serde is None else hints.why_not_exact(value, serde)

    def snippets(self, interrupt_id: str, value: Any) -> SnippetLines:
        """Raise: a graph in this process cannot be resumed from another process."""
        raise LookupError("A graph in this kernel cannot be resumed from elsewhere.")

    async def with_saver(self, look: Callable[..., Coroutine[Any, Any, T]]) -> T:
        """Return the result of ``look(saver, is_sync=...)``, called in the thread or loop of the runs."""
        async with self._thread.readable():
            saver: Any = self._thread.graph.checkpointer
            with listing(saver):
                return await self._thread.worker(look(saver, is_sync=self._thread.way == "sync"))

    @property
    def notes_openings(self) -> bool:
        """Whether other kernels can open the checkpoints; see `NotesOpenings`."""
        return self._thread.outlives_kernel

    async def note_opening(self, snapshot: Snapshot, opening: Opening) -> None:
        """Note an opening beside the checkpoint; see `NotesOpenings`."""
        await self.note_opening_at(snapshot.checkpoint, opening)

    async def note_opening_at(self, checkpoint: Checkpoint, opening: Opening) -> None:
        """Note an opening beside a checkpoint; see `Threads.note_opening`."""
        async with self._drafts.writing():
            await self._thread.worker(self._thread.write_note(openings.write(opening), checkpoint))

    async def end_opening(self, snapshot: Snapshot, opening: Opening) -> None:
        """Do nothing: no other kernel looks at the notes of a checkpoint that asks no more; see `NotesOpenings`."""

    async def keep_aside(self, snapshot: Snapshot) -> None:
        """Note beside the checkpoint that inboxes leave the thread out; see `KeepsAside`."""
        async with self._drafts.writing():
            await self._thread.worker(
                self._thread.write_note(openings.write_aside(snapshot.interrupts), snapshot.checkpoint)
            )

    async def openings(self, snapshot: Snapshot) -> tuple[Opening, ...]:
        """Return the notes that the last look at the thread has seen; see `NotesOpenings`."""
        return self._thread.openings

    # --- ending a thread ----------------------------------------------------------------------

    async def abandon(self) -> Snapshot:
        """End the thread at its present checkpoint; see `Engine.abandon`."""
        async with self._thread.usable(), self._thread.turn:
            return await self._thread.worker(self._abandon())

    async def _abandon(self) -> Snapshot:
        graph = self._thread.graph
        await self._thread.call(graph.update_state, graph.aupdate_state, self._thread.head(), None, as_node=END)
        return await self._thread.see()

    async def delete(self) -> None:
        """Delete the thread; see `Engine.delete`."""
        async with self._thread.usable(), self._thread.turn:
            thread = self._thread
            saver: Any = thread.graph.checkpointer
            with deleting(saver, thread.id, is_sync=thread.way == "sync"):
                await thread.worker(thread.call(saver.delete_thread, saver.adelete_thread, thread.id))

    # --- inside -------------------------------------------------------------------------------

    @property
    def _durable(self) -> dict[str, Any]:
        """The options of a resume: the answer is on disk before the next step, even if the kernel dies."""
        return {**self._options} if self._has_unsaved_part else {"durability": "sync", **self._options}


def _loop_is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
