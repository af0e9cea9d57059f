"""All threads of a graph's checkpointer."""

import asyncio
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from functools import partial
from typing import Any

from nbhitl.engines.failures import raised
from nbhitl.engines.local import journal, openings, stores
from nbhitl.engines.local.engine import LocalEngine
from nbhitl.engines.local.options import Graph, has_stops
from nbhitl.engines.local.own_threads import OwnThreads
from nbhitl.engines.local.past import interrupt_id
from nbhitl.engines.local.savers import checked_saver
from nbhitl.engines.local.stores import Write
from nbhitl.engines.local.written import CONTROL
from nbhitl.engines.names import ERROR, INTERRUPT, RESUME, ROUTED
from nbhitl.engines.whose import agent_in
from nbhitl.errors import ThreadNotFound, UsageError
from nbhitl.runs.openings import Opening
from nbhitl.runs.run import Interrupt
from nbhitl.runs.waiting import WaitingThread, waiting_at

NO_CHECKPOINTER = (
    "This graph has no checkpointer, so that nothing is kept of its threads. Compile it with one, or give "
    "checkpointer=."
)

SAVES_WITHIN = 0.3
"""Seconds in which a run at work saves the checkpoint after a step that has ended."""

PULL = "~__pregel_pull, "
"""Beginning of the path of a task that bears the name of a node."""


class LocalThreads:
    """The threads of a graph; see `nbhitl.engines.base.Threads`."""

    def __init__(self, graph: Graph, checkpointer: Any = None, **options: Any) -> None:
        saver = graph.checkpointer if checkpointer is None else checked_saver(checkpointer)
        if saver is None or isinstance(saver, bool):
            raise UsageError(NO_CHECKPOINTER)
        self.graph_name = graph.name
        self._graph, self._saver, self._options = graph, saver, options
        self._own = OwnThreads(graph)
        self._first = self.thread("nbhitl")
        self.on_kernel_loop = self._first.on_kernel_loop
        self._has_stops = bool(options.get("interrupt_before") or options.get("interrupt_after")) or has_stops(graph)
        self._known_cut_off: dict[tuple[str, str], WaitingThread] = {}  # by thread and checkpoint
        self._looked_at: dict[str, tuple[str, WaitingThread | None]] = {}  # by thread: the checkpoint, result

    def thread(self, thread_id: str) -> LocalEngine:
        """Return an engine for a thread; see `Threads.thread`."""
        return LocalEngine(self._graph, thread_id=thread_id, checkpointer=self._saver, **self._options)

    async def ids(self) -> list[str]:
        """Return the ids of all threads; see `Threads.ids`."""
        return await self._first.with_saver(stores.thread_ids)

    async def waiting(self) -> list[WaitingThread]:
        """Return the threads that wait for a person; see `Threads.waiting`."""
        telling = await self._first.with_saver(stores.telling)
        found, ended = await self._read_all(telling)
        found += await self._cut_off(ended)
        if self._has_stops:
            found += await self._stopped(telling)
        return _sorted(found)

    async def newest(self, most: int) -> list[WaitingThread]:
        """Return some of the newest threads that wait; see `Threads.newest`."""
        found, _ = await self._read_all(await self._first.with_saver(partial(stores.newest_asking, most=most)))
        return _sorted(found)

    async def note_opening(self, waiting: WaitingThread, opening: Opening) -> None:
        """Note an opening beside the checkpoint; see `Threads.note_opening`."""
        if not self._first.notes_openings:  # no other process sees the note
            return
        await self.thread(waiting.thread_id).note_opening_at(waiting.checkpoint, opening)

    async def _read_all(self, telling: stores.Found) -> tuple[list[WaitingThread], list[tuple[str, str]]]:
        """Return the threads with a question, and the places of threads in which all asking tasks have ended."""
        found: list[WaitingThread] = []
        ended: list[tuple[str, str]] = []
        for (thread_id, checkpoint), writes in telling.items():
            if not _asks(writes):
                continue
            each = _read(thread_id, checkpoint, writes)
            if each is not None and not self._own.may_have(each, writes[0].agent):
                continue
            if each is not None and not each.interrupts:
                ended.append((thread_id, checkpoint))
                continue
            if each is None:  # perhaps answered, with the node at work
                each = await self._look(thread_id, checkpoint)
            elif not self._own.names(writes[0].agent):
                each = replace(each, is_named=False)
            if each is not None and (listed := _listed(each, writes)) is not None:
                found.append(listed)
        return found, ended

    async def _cut_off(self, threads: Sequence[tuple[str, str]]) -> list[WaitingThread]:
        """Return the threads whose step has ended without a further checkpoint: the process died in between."""
        known, self._known_cut_off = self._known_cut_off, {}
        if any(place not in known for place in threads):
            await asyncio.sleep(SAVES_WITHIN)
        for place in threads:
            each = known[place] if place in known else await self._look(*place, is_ended=True)
            if each is not None:
                self._known_cut_off[place] = each
        return list(self._known_cut_off.values())

    async def _stopped(self, telling: stores.Found) -> list[WaitingThread]:
        """Return the threads that stand at a static breakpoint: only the note of an inbox is beside its checkpoint."""
        asking = {thread_id for (thread_id, _), writes in telling.items() if _asks(writes)}
        found: list[WaitingThread] = []
        stand = {key: at for key, at in await self._first.with_saver(stores.latest) if key not in asking}
        for thread_id, checkpoint in stand.items():
            known = self._looked_at.get(thread_id)
            if known is None or known[0] != checkpoint or known[1] is not None:
                known = checkpoint, await self._look(thread_id, checkpoint)
                self._looked_at[thread_id] = known
            if known[1] is None:
                continue
            if (listed := _listed(known[1], telling.get((thread_id, checkpoint), ()))) is not None:
                found.append(listed)
        self._looked_at = {key: known for key, known in self._looked_at.items() if key in stand}
        return found

    async def _look(self, thread_id: str, checkpoint: str, *, is_ended: bool = False) -> WaitingThread | None:
        """Return a thread by the whole state; ``None`` where a run is at work or has ended, or of another graph.

        ``is_ended``: whether the thread must stand where all tasks of its last step have ended.
        """
        since = stores.time_of(checkpoint)
        try:
            snapshot = await self.thread(thread_id).read()
        except ThreadNotFound:
            return None
        except Exception as error:  # noqa: BLE001 - of a class or schema that has changed since: others are still listed
            return WaitingThread(thread_id, checkpoint, since, (), raised(error))
        if is_ended and (snapshot.checkpoint != checkpoint or any(task.result is None for task in snapshot.raw.tasks)):
            return None
        agent = agent_in(snapshot.raw.metadata)
        found = waiting_at(snapshot, thread_id, checkpoint, since)
        if found is None or not self._own.may_have(found, agent):
            return None
        return replace(found, is_named=self._own.names(agent))


def _asks(writes: Iterable[Write]) -> bool:
    return any(write.channel == INTERRUPT for write in writes)


def _listed(waiting: WaitingThread, writes: Sequence[Write]) -> WaitingThread | None:
    """Return a thread with the notes of openings; ``None`` for a branch of a comparison that nobody has opened."""
    notes = [(write.channel, write.value) for write in writes]
    if noted := openings.read(notes):
        return replace(waiting, openings=noted)
    return None if openings.are_aside(waiting.interrupts, notes) else waiting


def _sorted(found: list[WaitingThread]) -> list[WaitingThread]:
    return sorted(found, key=lambda each: str(each.checkpoint), reverse=True)


def _noted(writes: Iterable[Write]) -> set[str]:
    """Return the questions that have an answer in our notes."""
    notes = (write.value for write in writes if write.channel == journal.CHANNEL)
    return {key for note in notes if journal.is_note(note) for key in note}


def _read(thread_id: str, checkpoint: str, writes: Sequence[Write]) -> WaitingThread | None:
    """Return a thread by the writes beside the last checkpoint; ``None`` where these do not tell enough."""
    tasks: dict[str, list[Write]] = {}
    for write in writes:
        tasks.setdefault(write.task_id, []).append(write)
    noted = _noted(writes)
    interrupts: list[Interrupt] = []
    failed: str | None = None
    for task_id, own in tasks.items():
        if not any(write.channel == INTERRUPT for write in own):
            continue
        error = next((raised(write.value) for write in own if write.channel == ERROR), None)
        if error is None and any(write.channel not in CONTROL | {journal.CHANNEL} for write in own):
            continue  # a finished task, which waits for the tasks beside
        if any(write.channel == ROUTED for write in own):
            return None  # the error handler has gone on
        asked = _asked_by(task_id, own, noted, has_failed=error is not None)
        if asked is None:
            return None
        interrupts += asked
        failed = failed or error
    return WaitingThread(thread_id, checkpoint, stores.time_of(checkpoint), tuple(interrupts), failed)


def _asked_by(task_id: str, own: Sequence[Write], noted: Set[str], *, has_failed: bool) -> list[Interrupt] | None:
    """Return the questions of a task by the task's writes; ``None`` where an answer may be on the way."""
    asked = next(write for write in own if write.channel == INTERRUPT)
    if not asked.task_path.startswith(PULL):
        return None if asked.value else []
    node, *is_handler = asked.task_path.removeprefix(PULL).split(", ", 1)
    if is_handler:
        return None
    answers: Any = next((write.value for write in own if write.channel == RESUME), [])
    found: list[Interrupt] = []
    for each in asked.value:
        place = interrupt_id(f"{node}:{task_id}", len(answers)) if answers else each.id
        is_in_doubt = each.id in noted or place != each.id
        if is_in_doubt and not has_failed:
            return None
        found.append(Interrupt(each.id, node, each.value, each.response_schema))
    return found
