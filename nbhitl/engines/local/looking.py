"""A thread of a compiled graph: reads its checkpoints, and notes answers beside them.

Checkpointers are used as the graph uses them: sync in a worker thread, or async on the loop of the run.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, TypeVar, cast

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import StateSnapshot

from nbhitl.engines.base import UNDECIDED
from nbhitl.engines.failures import raised
from nbhitl.engines.local import journal, openings, past, unsaved
from nbhitl.engines.local.doubled import Doubled
from nbhitl.engines.local.failing import failure_of
from nbhitl.engines.local.left_out import completed, is_refusal
from nbhitl.engines.local.levels import halts_of
from nbhitl.engines.local.locks import turn_of
from nbhitl.engines.local.options import Graph, RunForm
from nbhitl.engines.local.reading import NodeReader
from nbhitl.engines.local.savers import PrivateSaver, why_closed
from nbhitl.engines.local.state import (
    NULL_TASK,
    SavedLevels,
    Sent,
    asking_levels,
    copy_of,
    holds_answer,
    levels_of,
    read_with,
    resumed_tasks,
    snapshot_of,
    task_ids,
)
from nbhitl.engines.names import RESUME
from nbhitl.engines.whose import Whose
from nbhitl.errors import CheckpointerClosed
from nbhitl.kernel.background import in_thread
from nbhitl.runs.decided import Decided
from nbhitl.runs.marks import marks_of
from nbhitl.runs.notes import Aside
from nbhitl.runs.openings import Opening
from nbhitl.runs.run import Checkpoint, Interrupt, Snapshot
from nbhitl.user import whoami

T = TypeVar("T")

NO_NOTES = "This checkpointer keeps no notes of nbhitl: after a crash the card cannot say which answer was being sent."

OF_TASK = ":"
"""Stands before the id of a task in the namespace of a subgraph's checkpoints, where each task has a separate state."""

HELD_AGAIN_SECONDS = 1.0
"""Time for a kernel whose connection to PostgreSQL has ended to hold the turn again."""


class LocalThread:
    """Reads a thread, and notes answers beside its checkpoints.

    Parameters
    ----------
    graph
        The graph, with its checkpointer.
    config
        The config of all runs; names the thread.
    options
        Options of ``graph.invoke``.
    thread_id
        The thread; the config may hold it as another type, such as a UUID.
    way
        Whether the graph runs ``"sync"`` or ``"async"``.
    reader
        Reads how the nodes use the answers.
    notes
        Notes for the user so far.

    Attributes
    ----------
    id
        The thread.
    turn
        The right to work on the thread.
    whose, doubled
        The callers of questions; the questions of calls with the same id.
    ended
        Interrupts whose answers were sent by segments that have ended here.
    openings
        The notes of people who have the thread open, as of the last look.
    notes
        Notes for the user about the graph and the checkpointer.
    """

    def __init__(
        self,
        graph: Graph,
        config: dict[str, Any],
        options: Mapping[str, Any],
        *,
        thread_id: str,
        way: RunForm,
        reader: NodeReader,
        notes: tuple[str, ...],
    ) -> None:
        self.graph, self.config, self.options, self.way, self.notes = graph, config, options, way, notes
        self.id = thread_id
        self.whose, self.doubled = Whose(), Doubled()
        self.turn = turn_of(graph.checkpointer, self.id)
        self.ended: set[str] = set()
        self.openings: tuple[Opening, ...] = ()
        self._read_with = read_with(graph)
        self._is_marked = bool(marks_of(config.get("metadata")))
        self._reader = reader
        self._user = whoami()  # once, and not at each answer
        self._asked_at: dict[str, Checkpoint] = {}  # interrupt id -> the checkpoint that asks
        self._cut_off_at: Checkpoint = None  # the last checkpoint of a run that was surely cut off

    def let_go(self) -> None:
        """Drop the checkpoints in memory."""
        empty = InMemorySaver()
        self.graph, self.turn = copy_of(self.graph, checkpointer=empty), turn_of(empty, self.id)
        self._read_with = read_with(self.graph)

    # --- looking --------------------------------------------------------------------------------

    async def look(self) -> Snapshot:
        """Read the state, from outside of our turn.

        A run that looks cut off may be at work, or may have been: between the reading of its state and the look at the
        turn a run can end. And after the server has ended the connection that held the turn, the working kernel soon
        holds the turn again. So such a thread is looked at twice.
        """
        snapshot = await self._looked()
        if not _is_cut_off(snapshot) or snapshot.checkpoint == self._cut_off_at:
            return snapshot
        if self.turn.reach == "database":
            await asyncio.sleep(HELD_AGAIN_SECONDS)
        snapshot = await self._looked()
        self._cut_off_at = snapshot.checkpoint if _is_cut_off(snapshot) else None
        return snapshot

    async def _looked(self) -> Snapshot:
        state, refusal = await self.worker(self.state(self.head()))
        busy = await self.turn.is_held_elsewhere()
        return await self.worker(self._understand_with_marks(state, refusal, busy=busy))

    async def see(self) -> Snapshot:
        """Read the state, in our turn; the review can return to it later."""
        state, refusal = await self.state(self.head())
        understand = self._understand_with_marks if self._is_marked else self._understand  # else our run left no marks
        snapshot = await understand(state, refusal, busy=False)
        if isinstance(self.graph.checkpointer, PrivateSaver) and not snapshot.interrupts:
            self.graph.checkpointer.keep(snapshot.checkpoint)  # a checkpoint that asks is kept anyway
        return snapshot

    async def state(self, config: Mapping[str, Any]) -> tuple[StateSnapshot, str | None]:
        """Return the state, and ``None``; where the schema refuses a value, the last readable state, and the reason.

        LangGraph saves a value that the schema refuses, and from then on reads no state of the thread. The question
        whose answer caused the value is pending in the state before; a fork there repairs the thread. A value that a
        reducer refuses stands beside the checkpoint that asks: with the checkpoint's id in the config, LangGraph reads
        the state without the value.
        """
        state, refusal = await self._read_or_refused(config, subgraphs=True)
        if state is not None or refusal is None:
            return cast("StateSnapshot", state), None
        saved = await self.saved(config)
        named, _ = await self._read_or_refused(saved.config, subgraphs=True) if saved else (None, None)
        if named is not None and any(asking_levels(named)):
            return named, raised(refusal)
        state, _ = await self._read_or_refused(config, subgraphs=False)
        if state is not None:  # a subgraph's schema refuses
            tasks = [task._replace(state=await self._state_in(task.state)) for task in state.tasks]
            return state._replace(tasks=tuple(tasks)), raised(refusal)
        while saved is not None and saved.parent_config:
            state, _ = await self._read_or_refused(saved.parent_config, subgraphs=True)
            if state is not None:
                return state, raised(refusal)
            saved = await self.saved(saved.parent_config)
        raise refusal

    async def _read_or_refused(
        self, config: Mapping[str, Any], *, subgraphs: bool
    ) -> tuple[StateSnapshot | None, Exception | None]:
        """Return a state, or the reason for which the state's schema refuses a value."""
        try:
            return await self.read(config, subgraphs=subgraphs), None
        except Exception as error:
            if not is_refusal(error):
                raise
            return None, error

    async def _state_in(self, place: Any) -> Any:
        """Return a subgraph's state, where ``place`` is the config for that state."""
        return (await self.state(place))[0] if isinstance(place, dict) else place

    async def read(self, config: Mapping[str, Any], *, subgraphs: bool) -> StateSnapshot:
        """Return a state as LangGraph reads it, with the questions that LangGraph leaves out."""
        graph = self._read_with
        state: StateSnapshot = await self.call(graph.get_state, graph.aget_state, config, subgraphs=subgraphs)
        return await self._completed(state)

    async def _completed(self, state: StateSnapshot) -> StateSnapshot:
        inner = {task.id: task.state for task in state.tasks if isinstance(task.state, StateSnapshot)}
        if inner:
            read = {key: await self._completed(each) for key, each in inner.items()}
            state = state._replace(
                tasks=tuple(each._replace(state=read.get(each.id, each.state)) for each in state.tasks)
            )
        if all(task.error is None for task in state.tasks):
            return state
        saved = await self.saved(state.config)
        return state if saved is None else completed(state, saved)

    async def _understand_with_marks(self, state: StateSnapshot, refusal: str | None, *, busy: bool) -> Snapshot:
        snapshot = await self._understand(state, refusal, busy=busy)
        return replace(snapshot, marks=await self._marks(state))

    async def _understand(self, state: StateSnapshot, refusal: str | None, *, busy: bool) -> Snapshot:
        sent = Sent() if busy else self.sent(state, await self.saved_with(state), refusal)
        snapshot = snapshot_of(state, sent, busy=busy)
        if snapshot.interrupts:
            interrupts = self.whose.named(snapshot.interrupts) if self.whose.knows_any else snapshot.interrupts
            shown = self.doubled.shown(interrupts) if self.doubled.tasks else interrupts
            self._asked_at.update((interrupt.id, snapshot.checkpoint) for interrupt in shown)
            return replace(snapshot, interrupts=tuple(map(self.with_reads, shown)))
        if not snapshot.next:
            return snapshot
        is_paused = not busy and (bool(snapshot.raised) or await self._is_paused(state))
        return replace(snapshot, is_paused=is_paused, halts=halts_of(self.graph, state, await self._within(state)))

    def with_reads(self, interrupt: Interrupt) -> Interrupt:
        """Return an interrupt with the node's use of the answer, where no schema tells the shape."""
        if interrupt.response_schema is not None:
            return interrupt
        return replace(interrupt, reads=self._reader.shape(interrupt.node, interrupt.value))

    async def saved_with(self, state: StateSnapshot) -> SavedLevels:
        """Return the checkpoints of a state with questions, which hold the answers that were sent to the questions."""
        levels = list(asking_levels(state))
        head = await self.saved(state.config) if levels or state.next else None
        noted = [write[1:] for write in (head.pending_writes or () if head else ()) if write[1] == openings.CHANNEL]
        self.openings = openings.read(noted) if noted else ()
        if not levels:
            return SavedLevels()
        return SavedLevels(head, [head if level is state else await self.saved(level.config) for level in levels])

    def sent(self, state: StateSnapshot, saved: SavedLevels, refusal: str | None) -> Sent:
        """Return the answers that were sent to the questions of a state and did not settle these.

        LangGraph saves that a node took an answer only while the node is at work already; that is saved when the
        segment has ended. So after a killed process, our journal may have the only trace of the answer.
        """
        if not any(map(holds_answer, (saved.head, *saved.levels))):
            return Sent(refusal=refusal)
        notes, resumed = journal.read(saved.head), set().union(*map(resumed_tasks, saved.levels))
        if resumed - task_ids(state):  # a @task of the functional API took the answer: LangGraph lists only the caller
            return Sent(notes, resumed, notes.keys(), refusal)
        return Sent(notes, resumed, notes.keys() - self.ended, refusal)

    async def _marks(self, state: StateSnapshot) -> Mapping[str, Any]:
        """Return our marks of the thread.

        The copy at the begin of a fork has no marks, and neither has a checkpoint of another client. If the config has
        marks, the marks of the last marked checkpoint are returned.
        """
        metadata, before = state.metadata, state.parent_config
        while not (marks := marks_of(metadata)) and self._is_marked and before:
            saved = await self.saved(before)
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
                configurable = {**self.config["configurable"], "checkpoint_ns": place}
                if await self.saved({"configurable": configurable}) is not None:
                    found.add(here)
        return found

    async def saved(self, config: Any) -> Any:
        """Return the checkpoint that a config names, or the last checkpoint; ``None`` where there is none."""
        saver: Any = self.graph.checkpointer
        return await self.call(saver.get_tuple, saver.aget_tuple, config)

    async def listed(self, light: Callable[[Any], T], thread_id: str | None = None) -> list[T]:
        """Return each checkpoint, reduced by ``light``: the values of a checkpoint may be large.

        ``thread_id``: another thread.
        """
        saver: Any = self.graph.checkpointer
        place: Any = {"configurable": {"thread_id": thread_id or self.id}}
        if self.way == "sync":
            return [light(each) for each in saver.list(place, limit=past.LIMIT)]
        return [light(each) async for each in saver.alist(place, limit=past.LIMIT)]

    async def memories(self, thread_id: str | None = None) -> list[dict[str, Any]]:
        """Return the places of the checkpoints of subgraphs with a memory, the oldest first.

        Such a subgraph (``compile(checkpointer=True)``) goes on from the newest checkpoint in a namespace that names no
        task. ``thread_id``: another thread. A checkpointer that lists nothing tells no places.
        """
        try:
            places = await self.listed(lambda each: dict(each.config["configurable"]), thread_id)
        except NotImplementedError:
            return []
        lasting = [place for place in places if OF_TASK not in (place.get("checkpoint_ns") or OF_TASK)]
        return sorted(lasting, key=lambda place: str(place["checkpoint_id"]))

    async def _is_paused(self, state: StateSnapshot) -> bool:
        """Tell whether the run stands at a static breakpoint, from which nobody has gone on through nbhitl."""
        breakpoints = self.breakpoints()
        if not breakpoints or journal.GONE_ON in journal.read(await self.saved(state.config)):
            return False
        return breakpoints.stop(state.next, after=await self.nodes_before(state))

    def breakpoints(self) -> past.Breakpoints:
        """Return the static breakpoints of the runs."""
        graph, options = self.graph, self.options
        before, after = options.get("interrupt_before"), options.get("interrupt_after")
        return past.Breakpoints(before or graph.interrupt_before_nodes, after or graph.interrupt_after_nodes)

    async def nodes_before(self, state: StateSnapshot) -> Sequence[str]:
        """Return the nodes that have run last, if the run has breakpoints after nodes."""
        if not self.breakpoints().after or not state.parent_config:
            return ()
        return (await self.read(state.parent_config, subgraphs=False)).next

    @property
    def outlives_kernel(self) -> bool:
        """Whether the checkpoints are still there when this kernel has ended, as far as the checkpointer tells."""
        saver: Any = self.graph.checkpointer
        is_sqlite = "sqlite" in type(getattr(saver, "conn", None)).__module__
        is_in_memory = isinstance(saver, InMemorySaver) or (is_sqlite and self.turn.note is None)
        return self.turn.reach != "process" or not is_in_memory

    # --- notes ----------------------------------------------------------------------------------

    async def note(
        self, answers: Mapping[str, Any], checkpoint: Checkpoint, decided: Mapping[str, Decided] = UNDECIDED
    ) -> str:
        """Write the answers into the journal before sending; see `journal`. Return the task id of the note."""
        note = journal.write(answers, decided, self._user)
        await self.write_note(note, checkpoint)
        return note[1]

    async def write_note(self, note: tuple[list[tuple[str, Any]], str], checkpoint: Checkpoint) -> None:
        """Write a note of the journal; where the checkpointer cannot keep notes, tell the user."""
        try:
            await self.write_beside(self.at(checkpoint), *note)
        except (TypeError, ValueError, LookupError, AssertionError, NotImplementedError) as error:
            # A saver of the user's own; an answer is worth more than the journal.
            self.tell([Aside(f"{NO_NOTES} ({type(error).__name__})")])

    async def write_beside(self, at: Any, writes: Sequence[tuple[str, Any]], task_id: str) -> None:
        """Write beside the checkpoint that a config names."""
        saver: Any = self.graph.checkpointer
        await self.call(saver.put_writes, saver.aput_writes, at, writes, task_id)

    async def note_unsaved(self, error: Exception) -> None:
        """Note the tasks that have raised this exception, where it came from the saving of a step."""
        if not unsaved.is_of_saving(error):
            return
        for level in levels_of(await self.read(self.head(), subgraphs=True)):
            tasks = [task.id for task in level.tasks if repr(error) in (str(task.error), repr(task.error))]
            if tasks:
                await self.write_beside(level.config, *unsaved.write(tasks))

    async def take_back_bare_answer(self, state: StateSnapshot, saved: SavedLevels) -> None:
        """Take back an answer that another client sent without an id: LangGraph would give it to the next question."""
        writes = (saved.head.pending_writes or ()) if saved.head else ()
        bare = [each for each in writes if each[:2] == (NULL_TASK, RESUME)]
        if any(value is not None for _, _, value in bare):
            await self.write_beside(state.config, [(RESUME, None)], NULL_TASK)

    async def who_answered(self, ids: list[str]) -> str:
        """Say who answered questions that are not pending any more."""
        for each in ids:
            if each in self._asked_at:
                entry = journal.read(await self.saved(self.at(self._asked_at[each]))).get(each)
                if entry is not None:
                    return f"This question was answered at {entry.told()}."
        return f"Not pending any more: {', '.join(ids)}. Another client answered, or the thread went on elsewhere."

    # --- calls of LangGraph and the checkpointer --------------------------------------------------

    @asynccontextmanager
    async def usable(self) -> AsyncIterator[None]:
        """Raise `CheckpointerClosed` if the checkpointer's connection is closed, whatever error the database raised."""
        try:
            yield
        except Exception:
            closed = why_closed(self.graph.checkpointer)
            if closed is None:
                raise
        else:
            return
        raise CheckpointerClosed(closed)

    @asynccontextmanager
    async def readable(self, *, is_run_at_work: Callable[[], bool] = lambda: False) -> AsyncIterator[None]:
        """Name the failures of the checkpointer at a look, and before a run.

        Parameters
        ----------
        is_run_at_work
            Whether an exception may be of the run: exceptions of a run reach the caller unchanged.

        Raises
        ------
        CheckpointerClosed
            As for `usable`.
        CheckpointerError
            If a request to the database failed.
        """
        async with self.usable():
            try:
                yield
            except Exception as error:
                failure = None if is_run_at_work() else failure_of(self.graph.checkpointer, error)
                if failure is None:
                    raise
                raise failure from error

    async def worker(self, work: Coroutine[Any, Any, T]) -> T:
        """Await a coroutine that uses `call`: in a sync run in a single worker thread, where nothing suspends."""
        if self.way == "async":
            return await work
        done: T = await in_thread(_to_end, work)
        return done

    async def call(self, plain: Callable[..., Any], native: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a function of LangGraph or the checkpointer in its sync or its async form, as the graph runs."""
        if self.way == "sync":
            return plain(*args, **kwargs)
        return await native(*args, **kwargs)

    def head(self, **configurable: Any) -> dict[str, Any]:
        """Return the config for the head of the thread: from an old checkpoint LangGraph would replay old answers."""
        configurable = {**self.config["configurable"], **configurable}
        configurable.pop("checkpoint_id", None)
        return {**self.config, "configurable": configurable}

    def at(self, checkpoint: Checkpoint) -> dict[str, Any]:
        """Return the config for a checkpoint."""
        place = {"checkpoint_id": checkpoint, "checkpoint_ns": ""}
        return {**self.config, "configurable": {**self.config["configurable"], **place}}

    def tell(self, notes: Iterable[str]) -> None:
        """Tell the user something, once."""
        self.notes = tuple(dict.fromkeys((*self.notes, *notes)))


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
