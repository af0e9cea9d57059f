"""All threads of a graph's checkpointer."""

from typing import Any

from nbhitl.engines.local import stores
from nbhitl.engines.local.engine import LocalEngine
from nbhitl.engines.local.options import Graph
from nbhitl.errors import UsageError

NO_CHECKPOINTER = (
    "This graph has no checkpointer, so that nothing is kept of its threads. Compile it with one, or give "
    "checkpointer=."
)


class LocalThreads:
    """The threads of a graph; see `nbhitl.engines.base.Threads`."""

    def __init__(self, graph: Graph, checkpointer: Any = None, **options: Any) -> None:
        saver = checkpointer if checkpointer is not None else graph.checkpointer
        if saver is None or isinstance(saver, bool):
            raise UsageError(NO_CHECKPOINTER)
        self._graph, self._saver, self._options = graph, saver, options
        self._first = self.thread("nbhitl")
        self.on_kernel_loop = self._first.on_kernel_loop

    def thread(self, thread_id: str) -> LocalEngine:
        """Return an engine for a thread; see `Threads.thread`."""
        return LocalEngine(self._graph, thread_id=thread_id, checkpointer=self._saver, **self._options)

    async def ids(self) -> list[str]:
        """Return the ids of all threads; see `Threads.ids`."""
        return await self._first.with_saver(stores.thread_ids)
