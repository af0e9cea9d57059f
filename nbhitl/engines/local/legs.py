"""One leg of a local run: LangGraph's stream, watched, and put together to what ``invoke`` returns."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from langgraph.types import GraphOutput

from nbhitl.engines.local.options import Graph
from nbhitl.engines.names import INTERRUPT
from nbhitl.thread import Chunk, Watch

SEEN = ("values", "updates", "custom", "messages", "tasks")
"""The modes that are always streamed, for whoever watches."""


class Leg:
    """Streams one leg; ``output`` is what ``graph.invoke`` would have returned (see ``Pregel.invoke``)."""

    def __init__(self, graph: Graph, watch: Watch, options: Mapping[str, Any]) -> None:
        self._graph, self._watch = graph, watch
        options = dict(options)
        self._wanted: str | list[str] = options.pop("stream_mode", "values")
        self._version: str = options.pop("version", "v1")
        self._options = options
        self._latest: Any = None
        self._interrupts: list[Any] = []
        self._chunks: list[Any] = []

    def run(self, value: Any, config: Any) -> Any:
        """Run a leg and return its output."""
        parts: Iterator[Any] = self._graph.stream(value, config, **self._streaming)
        for part in parts:
            self._see(part)
        return self._output()

    async def arun(self, value: Any, config: Any) -> Any:
        """Run a leg on the running loop and return its output."""
        parts: AsyncIterator[Any] = self._graph.astream(value, config, **self._streaming)
        async for part in parts:
            self._see(part)
        return self._output()

    @property
    def _streaming(self) -> dict[str, Any]:
        wanted = [self._wanted] if isinstance(self._wanted, str) else self._wanted
        modes = [*SEEN, *(mode for mode in wanted if mode not in SEEN)]
        return {**self._options, "stream_mode": modes, "subgraphs": True, "version": self._version}

    def _see(self, part: Any) -> None:
        if self._version == "v2":
            path, mode, data = part["ns"], part["type"], part["data"]
            interrupts = part.get("interrupts", ()) if mode == "values" else ()
        else:
            path, mode, data = part
            interrupts = data.get(INTERRUPT, ()) if mode == "updates" and isinstance(data, dict) else ()
        self._watch(Chunk(mode, data, tuple(path)))
        if path:  # of a subgraph; `invoke` does not see these
            return
        if self._wanted == "values":
            self._interrupts.extend(interrupts)
            if mode == "values":
                self._latest = data
        elif mode in self._wanted if not isinstance(self._wanted, str) else mode == self._wanted:
            self._chunks.append(self._as_asked(part, mode, data))

    def _as_asked(self, part: Any, mode: str, data: Any) -> Any:
        if self._version == "v2":
            return part
        return data if isinstance(self._wanted, str) else (mode, data)

    def _output(self) -> Any:
        if self._wanted != "values":
            return self._chunks
        if self._version == "v2":
            return GraphOutput(value=self._latest, interrupts=tuple(self._interrupts))
        latest = self._latest
        if isinstance(latest, dict):  # with several modes, `values` carries the interrupts as well
            latest = {key: value for key, value in latest.items() if key != INTERRUPT}
        if not self._interrupts:
            return latest
        return {**latest, INTERRUPT: self._interrupts} if isinstance(latest, dict) else {INTERRUPT: self._interrupts}
