"""Reads a thread's states where the server may fail for a moment, or cannot read the present state at all.

LangGraph saves a value that the state's schema or a reducer refuses, and cannot read the thread's state since: a server
answers with HTTP 400 or 500 from then on. Any server may answer a single request with HTTP 500 besides.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from nbhitl.engines.remote import json_format
from nbhitl.engines.remote.http import Special
from nbhitl.engines.remote.past import PastRun
from nbhitl.errors import ServerRefused, ServerUnreachable
from nbhitl.runs.run import Checkpoint

if TYPE_CHECKING:
    from nbhitl.engines.remote.server import Server

T = TypeVar("T")

UNREADABLE = frozenset({400, 500})
"""The HTTP statuses of a state that cannot be read."""


class Unreadable(ServerRefused):
    """The state holds a value that the state's schema or a reducer refuses, or the server has failed.

    Attributes
    ----------
    detail
        The schema's own message; empty where the server tells none.
    """

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class Readings:
    """Readings of one thread's states.

    Parameters
    ----------
    server
        The server.
    thread_id
        The thread.
    special
        The errors of requests about the thread, with `Unreadable` for a state that cannot be read.
    """

    def __init__(self, server: "Server", thread_id: str, special: Special) -> None:
        self._server, self._id, self._special = server, thread_id, special

    async def state(self) -> Any:
        """Return the JSON of the present state.

        Raises
        ------
        Unreadable
            If the server names a refusal, or fails twice.
        """
        client = self._server.client()

        def request() -> Any:
            return client.threads.get_state(self._id, subgraphs=True)

        try:
            return await self._once("read the thread", request)
        except Unreadable as error:
            if error.detail:
                raise
        return await self._twice("read the thread", request)

    async def why_failed(self) -> str | None:
        """Return the exception with which the last run failed; ``None`` where the server tells none."""
        client = self._server.client()
        thread = await self._twice("read the thread", lambda: client.threads.get(self._id), holds_state=False)
        return json_format.read_failure(thread)

    async def last_of(self, runs: Iterable[PastRun]) -> dict[str, Any] | None:
        """Return the last state of these runs, the newest first, that can be read; ``None`` without such a state.

        A server lists only the checkpoints that can be read; but the last checkpoint of each run can be asked for.
        Questions of earlier states are settled.
        """
        for run in runs:
            if (state := await self._last_of(run)) is not None:
                return state
        return None

    async def _last_of(self, run: PastRun, place: Checkpoint | None = None) -> dict[str, Any] | None:
        """Return the last state that a run saved, with the states of subgraphs; ``None`` where no state can be read.

        ``place``: a checkpoint of the subgraph to read; by default the graph itself is read.
        """
        client, at = self._server.client(), {} if place is None else {"checkpoint": place}

        def request() -> Any:
            return client.threads.get_history(self._id, limit=1, metadata={"run_id": run.id}, **at)

        try:
            found: Any = await self._twice("look back", request)
        except Unreadable as error:
            if error.detail:
                return None
            try:
                found = await self._twice("look back", request)
            except Unreadable:  # this is the checkpoint that cannot be read
                return None
        state: dict[str, Any] | None = found[0] if isinstance(found, list) and found else None
        for task in (state or {}).get("tasks") or []:
            if isinstance(task, dict) and task.get("checkpoint") and not task.get("state"):
                task["state"] = await self._last_of(run, task["checkpoint"])
        return state

    async def _once(self, what: str, request: Callable[[], Awaitable[T]], *, holds_state: bool = True) -> T:
        """Send a request; only the response to a request for a state may tell that the state is `Unreadable`."""
        special = {status: make for status, make in self._special.items() if holds_state or status not in UNREADABLE}
        return await self._server.access.ask(what, request(), special=special)

    async def _twice(self, what: str, request: Callable[[], Awaitable[T]], *, holds_state: bool = True) -> T:
        """Send a request that changes nothing, and again where the connection is cut.

        A server that has failed (HTTP 500) may close the connection after the response, when the next request is sent.
        """
        try:
            return await self._once(what, request, holds_state=holds_state)
        except ServerUnreachable:
            pass
        return await self._once(what, request, holds_state=holds_state)
