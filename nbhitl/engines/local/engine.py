"""The engine for a thread of a compiled graph."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeVar, cast

from langgraph.checkpoint.base.id import uuid6
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphDrained, InvalidUpdateError, UnknownInterruptError, is_invalid_resume
from langgraph.runtime import RunControl
from langgraph.types import Command, StateSnapshot

from nbhitl.engines.base import NO_CHECKPOINTER, NO_NOTES, NOTHING, UNDECIDED, SnippetLines, refuse_unseen
from nbhitl.engines.failures import no_checkpoint, nothing_comes_after, raised, without_input
from nbhitl.engines.local import decisions, hints, journal, past
from nbhitl.engines.local.calls import Calls, GivenResume
from nbhitl.engines.local.doubled import Doubled, ResumeMap
from nbhitl.engines.local.levels import as_messages, graph_at, halts_of
from nbhitl.engines.local.locks import turn_of
from nbhitl.engines.local.options import (
    Graph,
    Run,
    check_options,
    check_threads,
    has_unsaved_part,
    needs_async,
    with_thread,
)
from nbhitl.engines.local.prints import TaskOutputs, overheard
from nbhitl.engines.local.reading import reader_of
from nbhitl.engines.local.savers import PrivateSaver, why_closed
from nbhitl.engines.local.segments import LocalSegment, is_tapped, modes_of, tokens_heard
from nbhitl.engines.local.state import (
    NULL_TASK,
    RESUME,
    Sent,
    asking_levels,
    asking_tasks,
    copy_of,
    output_of,
    overwritten,
    read_with,
    resumed_tasks,
    several_tools,
    snapshot_of,
    task_ids,
)
from nbhitl.engines.names import COPY, END, STRICT
from nbhitl.engines.updates import ASKED_ANEW, refuse_moved, refuse_unknown
from nbhitl.engines.whose import Whose
from nbhitl.errors import (
    AlreadyAnswered,
    CheckpointerClosed,
    InvalidAnswer,
    NbhitlError,
    RunCancelled,
    ThreadNotFound,
    ThreadWaits,
    UsageError,
)
from nbhitl.jsontext import flat
from nbhitl.kernel.background import in_thread
from nbhitl.kernel.output_order import lane_of_run
from nbhitl.model.decided import Decided, PastDecision, PastStep
from nbhitl.model.marks import BRANCH_MARK, TURN_MARK, is_of_next_turn, marked, marks_of
from nbhitl.model.run import AskedAt, Checkpoint, Interrupt, NodeRaised, Past, RunSegment, Snapshot, Watch
from nbhitl.model.stops import PausedStep
from nbhitl.text.characters import shown

T = TypeVar("T")

INPUT = "__input__"
"""``as_node`` that saves an input, like the begin of a run with this input."""

WATCH_EVERY = 3.0
"""Seconds between looks at a database that other kernels can open as well."""

HELD_AGAIN_SECONDS = 1.0
"""Time for a kernel whose connection to PostgreSQL has ended to hold the turn again."""

REFUSED = (AssertionError, LookupError, TypeError, ValueError)
"""Exceptions of a state's schema that refuses a value: a pydantic model raises a ValueError, a dataclass any."""


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
        run: Run | None = None,
        tokens: bool = False,
        **options: Any,
    ) -> None:
        check_options(options, run)
        self.graph_name = graph.name
        self._notes: tuple[str, ...] = ()
        self._whose, self._doubled = Whose(), Doubled()
        self._reader = reader_of(graph)
        self._graph = self._with_checkpointer(graph, checkpointer)
        self._read_with, self._has_unsaved_part = read_with(self._graph), has_unsaved_part(graph)
        self._options, self._tokens = options, tokens
        self._config, self.thread_id = with_thread(config or {}, thread_id)
        if closed := self.why_not_usable():
            raise CheckpointerClosed(closed)
        self._turn = turn_of(self._graph.checkpointer, self.thread_id)
        self.watch_every = None if self._turn.reach == "process" else WATCH_EVERY
        self._run: Run = run or ("async" if needs_async(self._graph) else "sync")
        if self._run == "sync" and not is_tapped(options, tokens=tokens):
            check_threads(graph, self._config)
        self.on_kernel_loop = self._run == "async" and _loop_is_running()
        self._work: _Work | None = None
        self._is_in_segment = self._stop_first = False
        self._asked_at: dict[str, Checkpoint] = {}  # interrupt id -> the checkpoint that asks
        self._cut_off_at: Checkpoint = None  # the last checkpoint of a run that was surely cut off
        self._ended: set[str] = set()  # interrupts whose answers were sent by segments that have ended here

    def new_thread(self) -> "LocalEngine":
        """Return an engine for a new thread; see `Engine.new_thread`."""
        config = {**self._config, "configurable": {**self._config["configurable"], "thread_id": str(uuid.uuid4())}}
        return LocalEngine(self._graph, config, run=self._run, tokens=self._tokens, **self._options)

    async def branch_off(self, thread_id: str, checkpoint: str, watch: Watch) -> RunSegment:
        """Begin with a copy of a checkpoint; see `Engine.branch_off`."""
        async with self._segment_turn():
            return await self._worker(self._branch_off(thread_id, checkpoint, watch))

    async def _branch_off(self, thread_id: str, checkpoint: str, watch: Watch) -> RunSegment:
        place = {"thread_id": thread_id, "checkpoint_ns": "", "checkpoint_id": checkpoint}
        state = await self._read({"configurable": place}, subgraphs=False)
        saved = await self._saved({"configurable": place})
        if saved is None:
            raise ThreadNotFound(no_checkpoint(thread_id, checkpoint))
        if not state.next:
            raise UsageError(nothing_comes_after(checkpoint))
        saver: Any = self._graph.checkpointer
        copy = {**saved.checkpoint, "id": str(uuid6())}  # of its own: LangGraph makes the ids of questions of it
        metadata = {**saved.metadata, "source": "fork", BRANCH_MARK: f"{thread_id} {checkpoint}"}
        await self._call(saver.put, saver.aput, self._at(None), copy, metadata, copy["channel_versions"])
        asked = any(task.interrupts for task in state.tasks)
        if not asked and self._breakpoints().stop(state.next, after=await self._nodes_before(state)):
            return RunSegment(None, await self._see())
        return await self._segment(None, self._head(), self._durable, watch)

    async def _nodes_before(self, state: StateSnapshot) -> Sequence[str]:
        if not self._breakpoints().after or not state.parent_config:
            return ()
        return (await self._read(state.parent_config, subgraphs=False)).next

    def same_thread(self) -> "LocalEngine":
        """Return another engine for the same thread; see `Engine.same_thread`."""
        config = marked(self._config, TURN_MARK, True)
        return LocalEngine(self._graph, config, run=self._run, tokens=self._tokens, **self._options)

    @property
    def is_private(self) -> bool:
        """Whether the checkpoints are in our own memory; see `Engine.is_private`."""
        return NO_CHECKPOINTER in self._notes

    def let_go(self) -> None:
        """Drop the checkpoints in memory; see `Engine.let_go`."""
        empty = InMemorySaver()
        self._graph, self._turn = copy_of(self._graph, checkpointer=empty), turn_of(empty, self.thread_id)
        self._read_with = read_with(self._graph)

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the user about the graph, the checkpointer, and the reach of a turn of the thread."""
        return (*self._notes, *self._doubled.notes, *filter(None, [self._turn.note]))

    @property
    def runs_on(self) -> str:
        """The place where the run works."""
        if self._run == "sync":
            return "this kernel, in a worker thread (sync)"
        return f"this kernel, on {'its' if self.on_kernel_loop else 'a'} event loop (async)"

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
        async with self._segment_turn():  # the look and the run in the same turn: no review comes in between
            return await self._worker(self._start(value, watch, after, drop_question, only_first))

    async def _start(
        self, value: Any, watch: Watch, after: Checkpoint | None, drop_question: bool, only_first: bool
    ) -> RunSegment:
        if value is not None and not isinstance(value, Command) and not drop_question:
            await self._refuse_to_drop_a_question(only_first=only_first)
        config = self._config if after is None else self._at(after)
        if only_first and self._options.get("durability") == "exit":
            # Saved before the run: a killed kernel would leave no trace of the input, and the run would start again
            # unasked.
            graph = self._graph
            await self._call(graph.update_state, graph.aupdate_state, config, value, as_node=INPUT)
            value = None
        # Memory takes a checkpoint as fast as a step makes it, and where nothing waits for that, many pile up.
        options = self._durable if self.is_private else self._options
        return await self._segment(value, config, options, watch)

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
        async with self._segment_turn():
            return await self._worker(self._resume(answers, watch, again, decided))

    async def _resume(
        self, answers: Mapping[str, Any], watch: Watch, again: Collection[str], decided: Mapping[str, Decided]
    ) -> RunSegment:
        state, refusal = await self._state(self._head())
        snapshot = snapshot_of(state, await self._sent(state, refusal), busy=False)
        refuse_unseen(snapshot, again)
        gone = answers.keys() - {interrupt.id for interrupt in snapshot.interrupts}
        if not gone and (changed := overwritten(state) & answers.keys()):
            return await self._resume_anew(snapshot, answers, watch, changed, decided)
        if not gone:
            await self._take_back_bare_answer(state)
            given = await self._given(state, snapshot, answers)
            await self._note(answers, snapshot.checkpoint, decided)
            try:
                command: Command[Any] = Command(resume=ResumeMap(answers, self._doubled.withheld()))
                strict = self._head(**{STRICT: True})
                sends = {key: task for key, task in asking_tasks(state) if key in answers}
                return await self._segment(command, strict, self._durable, watch, sends=sends, hands=given)
            except UnknownInterruptError as error:  # from a client that knows no turns
                gone = set(error.interrupt_ids)
                await self._write_note(journal.take_back(answers), snapshot.checkpoint)
        raise AlreadyAnswered(await self._who_answered(sorted(gone)))

    async def _resume_anew(
        self,
        snapshot: Snapshot,
        answers: Mapping[str, Any],
        watch: Watch,
        changed: Set[str],
        decided: Mapping[str, Decided],
    ) -> RunSegment:
        """Let subgraphs with an updated state ask anew, and give the answers to equal questions."""
        segment = await self._segment(None, self._head(), self._durable, watch)
        asked_before = {was.id for was in snapshot.interrupts}
        still_asked = {each.id for each in segment.snapshot.interrupts}
        new = [each for each in segment.snapshot.interrupts if each.id not in asked_before]
        anew = [was for was in snapshot.interrupts if was.id in changed]
        given = {key: value for key, value in answers.items() if key not in changed and key in still_asked}
        told = dict(decided)
        for was, now in _same_again(anew, new):
            given[now.id] = answers[was.id]
            if was.id in decided:
                told[now.id] = decided[was.id]
        if len(given) == len(answers):
            return await self._resume(given, watch, (), told)
        nodes = ", ".join(sorted({was.node for was in anew}))
        raise AlreadyAnswered(ASKED_ANEW.format(nodes=nodes))

    async def _given(
        self, state: StateSnapshot, snapshot: Snapshot, answers: Mapping[str, Any]
    ) -> Mapping[str, Sequence[GivenResume]]:
        """Return the answers that are handed over to the calls that asked, by task; see `doubled`.

        LangGraph keeps answers of former segments in the order of the task's calls at that time: these are taken back.
        """
        saver: Any = self._graph.checkpointer
        levels = [(level, await self._saved(level.config)) for level in asking_levels(state)]
        for task in several_tools(self._graph, state):
            asked = [each for each in snapshot.interrupts if each.id in {i.id for i in task.interrupts}]
            if len(asked) == 1 and not any(task.id in resumed_tasks(saved) for _, saved in levels):
                self._doubled.found(asked[0], task.id)
        given = self._doubled.give(snapshot.interrupts, answers)
        for _, saved in levels:
            for key in resumed_tasks(saved) & given.keys():
                await self._call(saver.put_writes, saver.aput_writes, saved.config, [(RESUME, [])], key)
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
        async with self._segment_turn():
            return await self._worker(self._proceed(watch, PausedStep(update, at, as_node, tuple(seen)), decided))

    async def _proceed(self, watch: Watch, step: PausedStep, decided: Mapping[str, Decided]) -> RunSegment:
        graph, update = self._graph, step.update
        if step.seen:
            refuse_moved(await self._see(), step.seen)
        if update is not None:
            inside = graph_at(graph, step.at)
            channels = inside.stream_channels_asis
            refuse_unknown(update, [channels] if isinstance(channels, str) else channels)
            config, values = await self._level(step.at)
            try:
                await self._call(
                    *(graph.update_state, graph.aupdate_state, config, as_messages(update, values)),
                    as_node=step.as_node,
                )
            except InvalidUpdateError as error:
                raise InvalidAnswer(f"The state cannot be updated with {flat(update)}: {error}") from None
        if self._breakpoints() or decided:  # without a note a stop at a breakpoint looks like a run that was cut off
            state, _ = await self._state(self._head())
            by = next(iter(decided.values()), None)  # a stop is asked alone
            told = {} if by is None else {journal.GONE_ON: by}
            gone_on = {journal.GONE_ON: None if by is None else by.answer}
            await self._note(gone_on, snapshot_of(state, Sent(), busy=False).checkpoint, told)
        return await self._segment(None, self._head(), self._durable, watch)

    async def _level(self, path: tuple[str, ...]) -> tuple[dict[str, Any], Any]:
        """Return the config to update the state of the graph at ``path`` with, and the values of that state."""
        state: StateSnapshot | None = (await self._state(self._head()))[0]
        for name in path:
            inner = [task.state for task in state.tasks if task.name == name] if state is not None else []
            state = next((each for each in inner if isinstance(each, StateSnapshot) and each.next), None)
        if state is None:
            raise AlreadyAnswered(f"The run does not stand in {'/'.join(path)!r} any more. Nothing was sent.")
        if not path:
            return self._head(), state.values
        configurable = {**self._config["configurable"], **state.config["configurable"]}
        return {**self._config, "configurable": configurable}, state.values

    async def ask_again(
        self,
        checkpoint: Checkpoint,
        watch: Watch,
        *,
        pending: Collection[str] = (),
        asked: Mapping[str, AskedAt] = NOTHING,
    ) -> RunSegment:
        """Fork at a checkpoint; see `Engine.ask_again`.

        The fork begins with a copy of the checkpoint, which holds no answers. Running ``None`` at the checkpoint itself
        would fork only once: at the head of a fork LangGraph goes on in place, and the stuck answer comes back.
        """
        async with self._segment_turn():
            return await self._worker(self._ask_again(checkpoint, watch, pending))

    async def _ask_again(self, checkpoint: Checkpoint, watch: Watch, pending: Collection[str]) -> RunSegment:
        graph = self._graph
        interrupts = (await self._see()).interrupts if pending else ()
        if gone := set(pending) - {interrupt.id for interrupt in interrupts}:
            raise AlreadyAnswered(await self._who_answered(sorted(gone)))
        copy = await self._call(graph.update_state, graph.aupdate_state, self._at(checkpoint), None, as_node=COPY)
        # By address, not by the head: so that subgraphs with separate checkpoints drop the answer, too.
        addressed = self._at(copy["configurable"]["checkpoint_id"])
        return await self._segment(None, addressed, self._durable, watch)

    async def stop(self) -> None:
        """Stop the segment at work: before the next step, or for an async run at its next await; see `Engine.stop`."""
        self._stop_first = self._is_in_segment  # the segment may still wait for the turn
        if self._work is not None:
            self._work.stop()

    async def _segment(
        self,
        value: Any,
        config: Mapping[str, Any],
        options: Mapping[str, Any],
        watch: Watch,
        *,
        sends: Mapping[str, str] = MappingProxyType({}),
        hands: Mapping[str, Sequence[GivenResume]] | None = None,
    ) -> RunSegment:
        work = self._work = _Work(options.get("control"))
        if self._stop_first:
            work.stop()
        calls = Calls(hands)
        self._ended -= sends.keys()
        try:
            output = await self._watched(value, config, options, watch, work=work, calls=calls)
        except (GraphDrained, asyncio.CancelledError):
            if not work.stopping:
                raise
            # For a node that was cut off in the middle, LangGraph has not saved that the node took an answer.
            is_cut = self._run == "async"
            self._ended |= {key for key, task in sends.items() if not is_cut or task not in calls.begun}
            self._tell(calls.swallowed())
            return await self._stopped_segment()
        except NbhitlError as error:
            self._ended |= sends.keys()
            instead: Exception = NodeRaised(error)
        except Exception as error:
            # A task in progress may have done its work; that nothing is saved proves nothing.
            is_refused = is_invalid_resume(error)
            self._ended |= {key for key, task in sends.items() if is_refused or task not in calls.begun}
            if not is_refused:
                self._explain(error, calls)
                raise
            instead = ValueError(shown(f"The node's response_schema refuses the answer: {without_input(str(error))}"))
        else:
            self._ended |= sends.keys()
            self._tell(calls.swallowed())
            for asked, tool in calls.tools.items():
                self._whose.asked_by_tool(asked, tool)
            self._doubled.segment_ended(calls.unanswered)
            return RunSegment(output, await self._see())
        finally:
            self._work = None
        raise instead  # outside of the except block: without the other exception as context

    async def _watched(
        self,
        value: Any,
        config: Mapping[str, Any],
        options: Mapping[str, Any],
        watch: Watch,
        *,
        work: "_Work",
        calls: Calls,
    ) -> Any:
        """Run the graph; ``watch`` gets the stream, prints and tokens, and outputs wait for their turn in the cell."""
        seen = self._whose.seen_by(calls.seen_by(watch))
        lane = lane_of_run.get()
        outputs = None if lane is None else TaskOutputs(lane)
        if outputs is not None:
            seen = outputs.seen_by(seen)
        streamed = LocalSegment(self._graph, seen, {**options, "control": work.control}, tokens=self._tokens)
        tokens = nullcontext() if "messages" in self.streams else tokens_heard(watch)
        try:
            with overheard(watch, None if outputs is None else outputs.show), tokens:
                return await self._stream(streamed, work, value, calls.within(config))
        finally:
            if outputs is not None:
                outputs.over()

    async def _stream(self, streamed: LocalSegment, work: "_Work", value: Any, config: Any) -> Any:
        if self._run == "sync":
            return streamed.run(value, config)
        return await work.cancellable(streamed.arun(value, config))

    async def _stopped_segment(self) -> RunSegment:
        snapshot = await self._see()
        if snapshot.raw.created_at is None:
            raise RunCancelled("The run was stopped before its first step was saved; nothing is left of it.")
        return RunSegment(await self.output_of(snapshot), snapshot, is_cut=self._run == "async")

    def _explain(self, error: Exception, calls: Calls) -> None:
        """Add notes to an error of LangGraph or a node that does not explain itself."""
        wrong = hints.wrong_way(error, self._run)
        serde = getattr(self._graph.checkpointer, "serde", None)
        unkept = hints.unkept_part(error, serde.dumps_typed) if serde is not None else None
        for hint in (wrong, hints.wrong_thread(error), unkept, *calls.swallowed()):
            if hint is not None:
                error.add_note(shown(f"nbhitl: {hint}"))

    # --- looking ------------------------------------------------------------------------------

    async def read(self) -> Snapshot:
        """Read the thread's state; see `Engine.read`."""
        async with self._usable():
            snapshot = await self._look()
        if snapshot.raw.created_at is None:
            raise ThreadNotFound(
                f"The checkpointer has no thread {self.thread_id!r}. Check thread_id=, and that the graph was "
                "compiled with the thread's checkpointer (or give checkpointer=)."
            )
        return snapshot

    async def read_before_turns(self) -> Snapshot:
        """Read where the thread stood before the next turns; see `Engine.read_before_turns`."""
        return await self._worker(self._go_before_turns(await self.read()))

    async def _go_before_turns(self, snapshot: Snapshot) -> Snapshot:
        metadata, config, before = snapshot.raw.metadata, None, snapshot.raw.parent_config
        while before is not None and is_of_next_turn(metadata):
            saved = await self._saved(config := before)
            metadata, before = (saved.metadata, saved.parent_config) if saved else (None, None)
        if config is None:
            return snapshot
        state, _ = await self._state(config)
        return replace(snapshot_of(state, Sent(), busy=snapshot.busy), marks=marks_of(metadata))

    async def who_answered(self, ids: Collection[str]) -> str:
        """Say who answered; see `Engine.who_answered`."""
        async with self._usable():
            return await self._worker(self._who_answered(sorted(ids)))

    async def asked_so_far(self, snapshot: Snapshot) -> Past:
        """Return the questions of the run so far; see `Engine.asked_so_far`."""
        async with self._usable():
            return await self._worker(self._asked_so_far(snapshot))

    async def _asked_so_far(self, snapshot: Snapshot) -> Past:
        try:
            saved = await self._listed(past.light)
        except NotImplementedError:
            return Past(why_unknown=past.NO_LIST)
        run = past.run_to(snapshot.checkpoint, saved)
        if run is None:
            return Past(why_unknown=past.TOO_LONG)
        breakpoints = self._breakpoints()
        places, inner = past.to_look_at(run, saved, breakpoints)
        states = {place: await self._state_at(place) for place in places}
        return past.past_of(run, inner, states, snapshot.interrupts, breakpoints)

    async def _listed(self, light: Callable[[Any], T]) -> list[T]:
        """Return what ``light`` makes of each checkpoint of the thread: their values may be large."""
        saver: Any = self._graph.checkpointer
        thread: Any = {"configurable": {"thread_id": self.thread_id}}
        if self._run == "sync":
            return [light(each) for each in saver.list(thread, limit=past.LIMIT)]
        return [light(each) async for each in saver.alist(thread, limit=past.LIMIT)]

    async def decisions(self) -> tuple[PastDecision, ...]:
        """Return the decisions on the thread's questions; see `Engine.decisions`."""
        async with self._usable():
            return await self._worker(self._decisions())

    async def _decisions(self) -> tuple[PastDecision, ...]:
        steps = await self._listed(decisions.step_of)
        states = {place: await self._state_at(place) for place in decisions.to_name(steps)}
        pending = (await self._see()).interrupts if states else ()
        found = decisions.decisions_of(steps, states, [each.id for each in pending])
        return tuple(replace(each, interrupt=self._with_reads(each.interrupt)) for each in found)

    async def history(self) -> tuple[PastStep, ...]:
        """Return the checkpoints of the thread; see `Engine.history`."""
        async with self._usable():
            return await self._worker(self._history())

    async def _history(self) -> tuple[PastStep, ...]:
        graph, head = self._graph, cast("Any", self._head())
        if self._run == "sync":
            states = list(graph.get_state_history(head, limit=past.LIMIT))
        else:
            states = [each async for each in graph.aget_state_history(head, limit=past.LIMIT)]
        return decisions.steps_of(states)

    async def _state_at(self, place: past.Place) -> StateSnapshot | None:
        namespace, checkpoint = place
        at = self._at(checkpoint)
        at["configurable"]["checkpoint_ns"] = namespace
        try:
            state: StateSnapshot = await self._call(self._graph.get_state, self._graph.aget_state, at)
        except ValueError:  # a subgraph that LangGraph hides
            return None
        return state

    async def _is_paused(self, state: StateSnapshot) -> bool:
        """Tell whether the run stands at a static breakpoint, from which nobody has gone on through nbhitl."""
        breakpoints = self._breakpoints()
        if not breakpoints or journal.GONE_ON in journal.read(await self._saved(state.config)):
            return False
        return breakpoints.stop(state.next, after=await self._nodes_before(state))

    def _breakpoints(self) -> past.Breakpoints:
        graph, options = self._graph, self._options
        before, after = options.get("interrupt_before"), options.get("interrupt_after")
        return past.Breakpoints(before or graph.interrupt_before_nodes, after or graph.interrupt_after_nodes)

    async def output_of(self, snapshot: Snapshot) -> Any:
        """Return the result of ``invoke`` for a run that ends in this state."""
        return output_of(self._graph, snapshot.values, self._options)

    def why_not_usable(self) -> str | None:
        """Return a message if the checkpointer's connection is closed; see `Engine.why_not_usable`."""
        return why_closed(self._graph.checkpointer)

    def why_not_kept(self, value: Any) -> str | None:
        """Return why the checkpointer cannot keep ``value``; see `Engine.why_not_kept`."""
        serde = getattr(self._graph.checkpointer, "serde", None)
        return None if serde is None else hints.why_not_exact(value, serde)

    def snippets(self, interrupt_id: str, value: Any) -> SnippetLines:
        """Raise: a graph in this process cannot be resumed from another process."""
        raise LookupError("A graph in this kernel cannot be resumed from elsewhere.")

    async def _look(self) -> Snapshot:
        """Read the state, from outside of our turn.

        A run that looks cut off may be at work: after the server has ended the connection that held the turn, the
        working kernel soon holds the turn again.
        """
        snapshot = await self._looked()
        if self._turn.reach != "database" or not _is_cut_off(snapshot) or snapshot.checkpoint == self._cut_off_at:
            return snapshot
        await asyncio.sleep(HELD_AGAIN_SECONDS)
        snapshot = await self._looked()
        self._cut_off_at = snapshot.checkpoint if _is_cut_off(snapshot) else None
        return snapshot

    async def _looked(self) -> Snapshot:
        state, refusal = await self._worker(self._state(self._head()))
        busy = await self._turn.is_held_elsewhere()
        return await self._worker(self._understand(state, refusal, busy=busy))

    async def _see(self) -> Snapshot:
        """Read the state, in our turn; the review can return to it later."""
        snapshot = await self._understand(*await self._state(self._head()), busy=False)
        if isinstance(self._graph.checkpointer, PrivateSaver):
            self._graph.checkpointer.keep(snapshot.checkpoint)
        return snapshot

    async def _state(self, config: Mapping[str, Any]) -> tuple[StateSnapshot, str | None]:
        """Return the state, and ``None``; where the schema refuses a value, the last readable state, and the reason.

        LangGraph saves a value that the schema refuses, and from then on reads no state of the thread. The question
        whose answer caused the value is pending in the state before; a fork there repairs the thread.
        """
        try:
            return await self._read(config, subgraphs=True), None
        except REFUSED as error:
            refusal = error
        try:
            state = await self._read(config, subgraphs=False)
        except REFUSED:
            saved = await self._saved(config)
        else:  # a subgraph's schema refuses
            tasks = [task._replace(state=await self._state_in(task.state)) for task in state.tasks]
            return state._replace(tasks=tuple(tasks)), raised(refusal)
        while saved is not None and saved.parent_config:
            with suppress(*REFUSED):
                return await self._read(saved.parent_config, subgraphs=True), raised(refusal)
            saved = await self._saved(saved.parent_config)
        raise refusal

    async def _state_in(self, place: Any) -> Any:
        """Return a subgraph's state, where ``place`` is the config for that state."""
        return (await self._state(place))[0] if isinstance(place, dict) else place

    async def _read(self, config: Mapping[str, Any], *, subgraphs: bool) -> StateSnapshot:
        graph = self._read_with
        state: StateSnapshot = await self._call(graph.get_state, graph.aget_state, config, subgraphs=subgraphs)
        return state

    async def _understand(self, state: StateSnapshot, refusal: str | None, *, busy: bool) -> Snapshot:
        sent = Sent() if busy else await self._sent(state, refusal)
        snapshot = replace(snapshot_of(state, sent, busy=busy), marks=await self._marks(state))
        snapshot = replace(snapshot, interrupts=self._doubled.shown(self._whose.named(snapshot.interrupts)))
        if snapshot.next and not snapshot.interrupts and not busy:
            snapshot = replace(snapshot, is_paused=bool(snapshot.raised) or await self._is_paused(state))
        if snapshot.next and not snapshot.interrupts:
            snapshot = replace(snapshot, halts=halts_of(self._graph, state, await self._within(state)))
        self._asked_at.update((interrupt.id, snapshot.checkpoint) for interrupt in snapshot.interrupts)
        return replace(snapshot, interrupts=tuple(map(self._with_reads, snapshot.interrupts)))

    def _with_reads(self, interrupt: Interrupt) -> Interrupt:
        """Return an interrupt with the node's use of the answer, where no schema tells the shape."""
        if interrupt.response_schema is not None:
            return interrupt
        return replace(interrupt, reads=self._reader.shape(interrupt.node, interrupt.value))

    async def _sent(self, state: StateSnapshot, refusal: str | None) -> Sent:
        """Return the answers that were sent to the questions of a state and did not settle these.

        LangGraph saves that a node took an answer only while the node is at work already; that is saved when the
        segment has ended. So after a killed process, our journal may have the only trace of the answer.
        """
        levels = list(asking_levels(state))
        if not levels:
            return Sent(refusal=refusal)
        head = await self._saved(state.config)
        saved = [head if level is state else await self._saved(level.config) for level in levels]
        notes, resumed = journal.read(head), set().union(*map(resumed_tasks, saved))
        if resumed - task_ids(state):  # a @task of the functional API took the answer: LangGraph lists only the caller
            return Sent(notes, resumed, notes.keys(), refusal)
        return Sent(notes, resumed, notes.keys() - self._ended, refusal)

    async def _marks(self, state: StateSnapshot) -> Mapping[str, Any]:
        """Return our marks of the thread.

        The copy at the begin of a fork has no marks, and neither has a checkpoint of another client. If the config has
        marks, the marks of the last marked checkpoint are returned.
        """
        metadata, before = state.metadata, state.parent_config
        is_marked = bool(marks_of(self._config.get("metadata")))
        while not (marks := marks_of(metadata)) and is_marked and before:
            saved = await self._saved(before)
            metadata, before = (saved.metadata, saved.parent_config) if saved else (None, None)
        return marks

    async def _within(self, state: StateSnapshot, path: tuple[str, ...] = (), around: str = "") -> set[tuple[str, ...]]:
        """Return the paths of the nodes with a running graph that LangGraph hides."""
        found: set[tuple[str, ...]] = set()
        for task in state.tasks:
            here, place = (*path, task.name), f"{around}{task.name}:{task.id}"
            if isinstance(task.state, StateSnapshot):
                found |= await self._within(task.state, here, f"{place}|")
            elif not task.interrupts:
                configurable = {**self._config["configurable"], "checkpoint_ns": place}
                if await self._saved({"configurable": configurable}) is not None:
                    found.add(here)
        return found

    async def with_saver(self, look: Callable[..., Coroutine[Any, Any, T]]) -> T:
        """Return what ``look(saver, is_sync=...)`` finds in the checkpointer, in the way in which runs use it."""
        async with self._usable():
            return await self._worker(look(self._graph.checkpointer, is_sync=self._run == "sync"))

    async def _saved(self, config: Any) -> Any:
        saver: Any = self._graph.checkpointer
        return await self._call(saver.get_tuple, saver.aget_tuple, config)

    # --- ending a thread ----------------------------------------------------------------------

    async def abandon(self) -> Snapshot:
        """End the thread where it stands; see `Engine.abandon`."""
        async with self._usable(), self._turn:
            return await self._worker(self._abandon())

    async def _abandon(self) -> Snapshot:
        graph = self._graph
        await self._call(graph.update_state, graph.aupdate_state, self._head(), None, as_node=END)
        return await self._see()

    async def delete(self) -> None:
        """Delete the thread; see `Engine.delete`."""
        async with self._usable(), self._turn:
            saver: Any = self._graph.checkpointer
            await self._worker(self._call(saver.delete_thread, saver.adelete_thread, self.thread_id))

    # --- inside -------------------------------------------------------------------------------

    async def _note(
        self, answers: Mapping[str, Any], checkpoint: Checkpoint, decided: Mapping[str, Decided] = UNDECIDED
    ) -> None:
        """Write the answers into the journal before sending; see `journal`."""
        await self._write_note(journal.write(answers, decided), checkpoint)

    async def _write_note(self, note: tuple[list[tuple[str, Any]], str], checkpoint: Checkpoint) -> None:
        writes, task_id = note
        saver: Any = self._graph.checkpointer
        try:
            await self._call(saver.put_writes, saver.aput_writes, self._at(checkpoint), writes, task_id)
        except (TypeError, ValueError, LookupError, AssertionError, NotImplementedError) as error:
            # A saver of the user's own; an answer is worth more than the journal.
            self._tell([f"{NO_NOTES} ({type(error).__name__})"])

    def _tell(self, notes: Iterable[str]) -> None:
        self._notes = tuple(dict.fromkeys((*self._notes, *notes)))

    async def _take_back_bare_answer(self, state: StateSnapshot) -> None:
        """Take back an answer that another client sent without an id: LangGraph would give that to the next, too."""
        saved = await self._saved(state.config)
        bare = [each for each in saved.pending_writes or () if each[:2] == (NULL_TASK, RESUME)] if saved else []
        if any(value is not None for _, _, value in bare):
            saver: Any = self._graph.checkpointer
            await self._call(saver.put_writes, saver.aput_writes, state.config, [(RESUME, None)], NULL_TASK)

    async def _who_answered(self, ids: list[str]) -> str:
        for each in ids:
            if each in self._asked_at:
                entry = journal.read(await self._saved(self._at(self._asked_at[each]))).get(each)
                if entry is not None:
                    return f"This question was answered at {entry.told()}."
        return f"Not pending any more: {', '.join(ids)}. Another client answered, or the thread went on elsewhere."

    async def _refuse_to_drop_a_question(self, *, only_first: bool) -> None:
        snapshot = await self._see()
        if only_first and snapshot.raw.created_at is not None:
            raise ThreadWaits(f"Thread {self.thread_id!r} was already started in another process.")
        if snapshot.interrupts:
            raise ThreadWaits(
                f"Thread {self.thread_id!r} waits for an answer to node {snapshot.interrupts[0].node!r}; new input "
                f"would drop the question. Open the thread with nbhitl.open(graph, thread_id={self.thread_id!r}), use "
                "another thread_id, or drop the question with abandon=True."
            )

    def _head(self, **configurable: Any) -> dict[str, Any]:
        """Return the config for the head of the thread: from an old checkpoint LangGraph would replay old answers."""
        configurable = {**self._config["configurable"], **configurable}
        configurable.pop("checkpoint_id", None)
        return {**self._config, "configurable": configurable}

    def _at(self, checkpoint: Checkpoint) -> dict[str, Any]:
        place = {"checkpoint_id": checkpoint, "checkpoint_ns": ""}
        return {**self._config, "configurable": {**self._config["configurable"], **place}}

    @property
    def _durable(self) -> dict[str, Any]:
        """The options of a resume: the answer is on disk before the next step, even if the kernel dies."""
        return {**self._options} if self._has_unsaved_part else {"durability": "sync", **self._options}

    @asynccontextmanager
    async def _segment_turn(self) -> AsyncIterator[None]:
        """Hold the thread's turn for a segment, which can be stopped from now on."""
        self._is_in_segment = True
        try:
            async with self._usable(), self._turn:
                yield
        finally:
            self._is_in_segment = self._stop_first = False

    @asynccontextmanager
    async def _usable(self) -> AsyncIterator[None]:
        """Raise `CheckpointerClosed` if the checkpointer's connection is closed, whatever error the database raised."""
        try:
            yield
        except Exception:
            closed = self.why_not_usable()
            if closed is None:
                raise
        else:
            return
        raise CheckpointerClosed(closed)

    async def _worker(self, work: Coroutine[Any, Any, T]) -> T:
        """Await a coroutine that uses `_call`: in a sync run in a single worker thread, where nothing suspends."""
        if self._run == "async":
            return await work
        done: T = await in_thread(_to_end, work)
        return done

    async def _call(self, plain: Callable[..., Any], native: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._run == "sync":
            return plain(*args, **kwargs)
        return await native(*args, **kwargs)

    def _with_checkpointer(self, graph: Graph, given: Any) -> Graph:
        if given is not None:
            return copy_of(graph, checkpointer=given)
        if graph.checkpointer is None or isinstance(graph.checkpointer, bool):
            self._notes += (NO_CHECKPOINTER,)
            return copy_of(graph, checkpointer=PrivateSaver())
        return graph


class _Work:
    """A segment in progress, and the means to stop the segment."""

    def __init__(self, control: RunControl | None) -> None:
        is_used_up = control is not None and control.drain_requested
        self.control = RunControl() if control is None or is_used_up else control
        self.stopping = False
        self._task: asyncio.Task[Any] | None = None

    async def cancellable(self, work: Coroutine[Any, Any, Any]) -> Any:
        self._task = asyncio.create_task(work)
        try:
            return await self._task
        finally:
            self._task.cancel()  # if this coroutine itself was cancelled

    def stop(self) -> None:
        if self.stopping:  # a second cancel would interrupt LangGraph's own wait for the nodes
            return
        self.stopping = True
        self.control.request_drain("stopped by a person")
        if self._task is not None:
            self._task.cancel()


def _to_end(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends."""
    try:
        work.send(None)
    except StopIteration as done:
        return cast("T", done.value)
    work.close()
    raise AssertionError("a sync run waited for an event loop")


def _is_cut_off(snapshot: Snapshot) -> bool:
    """Tell whether a run seems to have ended in the middle of a step."""
    if snapshot.busy:
        return False
    held = any(each.former is not None and each.former.error is None for each in snapshot.interrupts)
    return held or (bool(snapshot.next) and not snapshot.interrupts)


def _loop_is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _same_again(asked: Iterable[Interrupt], new: Sequence[Interrupt]) -> Iterator[tuple[Interrupt, Interrupt]]:
    """Yield pairs of a former question and a new question that asks the same; each new question once."""
    taken: set[str] = set()
    for was in asked:
        for each in new:
            if each.id not in taken and each.asks_as(was):
                taken.add(each.id)
                yield was, each
                break
