"""All threads of a graph on a server."""

from typing import TYPE_CHECKING, Any

from nbhitl.engines.remote.engine import RemoteEngine

if TYPE_CHECKING:
    from nbhitl.engines.remote.server import Server

PAGE = 200
"""Threads of one request."""


class ServedThreads:
    """The threads of a graph on a server; see `nbhitl.engines.base.Threads`."""

    on_kernel_loop = False

    def __init__(self, server: "Server", **options: Any) -> None:
        self._server, self._options = server, options

    def thread(self, thread_id: str) -> RemoteEngine:
        """Return an engine for a thread; see `Threads.thread`."""
        return self._server.thread(thread_id, **self._options)

    async def ids(self) -> list[str]:
        """Return the ids of all threads; see `Threads.ids`."""
        return [str(row["thread_id"]) for row in await self.rows()]

    async def rows(self, **search: Any) -> list[dict[str, Any]]:
        """Return the threads of the graph as the server lists them: those of other graphs are left out."""
        found: list[dict[str, Any]] = []
        while True:
            call = self._server.client().threads.search(limit=PAGE, offset=len(found), **search)
            page: Any = await self._server.access.ask("list the threads", call)
            rows = [each for each in page if isinstance(each, dict)] if isinstance(page, list) else []
            found += rows
            if len(rows) < PAGE:
                return [row for row in found if self._is_ours(row)]

    def _is_ours(self, row: dict[str, Any]) -> bool:
        """Tell whether a thread is of this graph, or does not say of which it is."""
        metadata = row.get("metadata")
        names = [metadata.get(key) for key in ("graph_id", "assistant_id")] if isinstance(metadata, dict) else []
        named = [name for name in names if name]
        return not named or self._server.assistant in named
