"""All threads of a graph on a server."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nbhitl.engines.remote.engine import RemoteEngine
from nbhitl.engines.remote.openings import ServedOpenings, name_of, of_question
from nbhitl.errors import ServerRefused, ThreadNotFound
from nbhitl.runs.marks import ASIDE_MARK, marks_of
from nbhitl.runs.openings import Opening
from nbhitl.runs.run import Interrupt, Snapshot
from nbhitl.runs.waiting import WaitingThread, waiting_at

if TYPE_CHECKING:
    from nbhitl.engines.remote.server import Server

FIELDS = ["thread_id", "status", "metadata", "interrupts", "updated_at"]
"""The fields of a row that are read: a whole row has the state of the thread, which may be large."""

LOOKS = 20
"""Most states that a look reads, the newest threads first: rows tell no nodes, and a state takes milliseconds."""

PAGE = 200
"""Threads of a request."""


class ServedThreads:
    """The threads of a graph on a server; see `nbhitl.engines.base.Threads`."""

    on_kernel_loop = False

    def __init__(self, server: "Server", **options: Any) -> None:
        self.graph_name = server.assistant
        self._server, self._options = server, options
        self._looked_at: dict[str, tuple[str, WaitingThread | None]] = {}  # by thread: version of the row, result
        self._fields: dict[str, Any] = {"select": FIELDS}
        self._openings = ServedOpenings(server)

    def thread(self, thread_id: str) -> RemoteEngine:
        """Return an engine for a thread; see `Threads.thread`."""
        return self._server.thread(thread_id, **self._options)

    async def ids(self) -> list[str]:
        """Return the ids of all threads; see `Threads.ids`."""
        return [str(row["thread_id"]) for row in await self.rows()]

    async def rows(self, **search: Any) -> list[dict[str, Any]]:
        """Return the threads of the graph as the server lists them; threads of other graphs are left out."""
        found: list[dict[str, Any]] = []
        while True:
            rows = await self._page(limit=PAGE, offset=len(found), **search)
            found += rows
            if len(rows) < PAGE:
                return [row for row in found if self._is_ours(row)]

    async def _page(self, **search: Any) -> list[dict[str, Any]]:
        """Return the threads that a search of the server finds; without the states, if the server can do so."""
        try:
            call = self._server.client().threads.search(**search, **self._fields)
            page: Any = await self._server.access.ask("list the threads", call)
        except ServerRefused:
            if not self._fields:
                raise
            self._fields = {}
            return await self._page(**search)
        return [each for each in page if isinstance(each, dict)] if isinstance(page, list) else []

    async def newest(self, most: int) -> list[WaitingThread]:
        """Return some of the newest threads that wait, by their rows alone; see `Threads.newest`."""
        rows = await self._page(limit=most, status="interrupted", sort_by="updated_at", sort_order="desc")
        found = [(row, _of_row(row)) for row in sorted(filter(self._is_ours, rows), key=_since, reverse=True)]
        return [each for row, each in found if each is not None and not _is_aside(row, each)]

    async def waiting(self) -> list[WaitingThread]:
        """Return the threads that wait for a person; see `Threads.waiting`.

        A thread whose last resume failed has the status ``error`` and no interrupts in the row, but in the state.
        """
        found: list[WaitingThread] = []
        looks, notes = LOOKS, await self._openings.all()
        rows = [*await self.rows(status="interrupted"), *await self.rows(status="error")]
        for row in sorted(rows, key=_since, reverse=True):
            each = _of_row(row) if row.get("status") == "interrupted" else None
            is_known = self._is_known(row)
            if each is None or is_known or looks > 0:
                looks -= not is_known
                each = await self._look(row)
            if each is None or not each.interrupts:
                continue
            opened = of_question(notes, each.thread_id, each.checkpoint)
            if opened or not _is_aside(row, each):
                found.append(replace(each, openings=opened))
        listed = {str(row["thread_id"]) for row in rows}
        self._looked_at = {key: known for key, known in self._looked_at.items() if key in listed}
        return sorted(found, key=lambda each: each.since or "", reverse=True)

    async def note_opening(self, waiting: WaitingThread, opening: Opening) -> None:
        """Note an opening in the server's store; see `Threads.note_opening`."""
        await self._openings.note(waiting.thread_id, waiting.checkpoint, opening)

    async def _look(self, row: dict[str, Any]) -> WaitingThread | None:
        """Return a thread by the state; read once, until the row has changed."""
        thread_id, version = str(row["thread_id"]), str(row.get("updated_at"))
        if not self._is_known(row):
            try:
                snapshot = await self.thread(thread_id).read()
            except ThreadNotFound:
                return None
            if snapshot.busy:
                return None
            self._looked_at[thread_id] = version, _of_state(thread_id, snapshot)
        return self._looked_at[thread_id][1]

    def _is_known(self, row: dict[str, Any]) -> bool:
        known = self._looked_at.get(str(row["thread_id"]))
        return known is not None and known[0] == str(row.get("updated_at"))

    def _is_ours(self, row: dict[str, Any]) -> bool:
        """Tell whether a thread is of this graph, or does not name a graph."""
        metadata = row.get("metadata")
        names = [metadata.get(key) for key in ("graph_id", "assistant_id")] if isinstance(metadata, dict) else []
        named = [name for name in names if name]
        return not named or self._server.assistant in named


def _since(row: dict[str, Any]) -> str:
    return str(row.get("updated_at") or "")


def _is_aside(row: dict[str, Any], waiting: WaitingThread) -> bool:
    """Tell whether a thread is a branch of a comparison, which waits for nobody."""
    return bool(marks_of(row.get("metadata")).get(ASIDE_MARK) == waiting.checkpoint)


def _of_row(row: dict[str, Any]) -> WaitingThread | None:
    """Return a thread as the server lists it; ``None`` where the row lists no interrupts.

    A row tells no nodes.
    """
    listed = row.get("interrupts")
    tasks = listed.values() if isinstance(listed, dict) else ()
    found = [each for task in tasks if isinstance(task, list) for each in task if isinstance(each, dict)]
    interrupts = tuple(
        Interrupt(str(each["id"]), "", each["value"], each.get("response_schema"))
        for each in found
        if "id" in each and "value" in each
    )
    if not interrupts:
        return None
    since = _since(row) or None
    return WaitingThread(str(row["thread_id"]), name_of(interrupts), since, interrupts)


def _of_state(thread_id: str, snapshot: Snapshot) -> WaitingThread | None:
    since = snapshot.raw.get("created_at") if isinstance(snapshot.raw, dict) else None
    at = name_of(snapshot.interrupts, snapshot.checkpoint)
    return waiting_at(snapshot, thread_id, at, since)
