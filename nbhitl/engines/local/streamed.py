"""The value of ``graph.invoke``, from the chunks of ``graph.stream``."""

from collections.abc import Mapping
from typing import Any

from langgraph.types import GraphOutput

from nbhitl.engines.local.options import Graph
from nbhitl.engines.names import INTERRUPT
from nbhitl.runs.run import Chunk, Watch


class Chunks:
    """Takes the chunks of ``graph.stream``; ``value`` is the value of ``graph.invoke`` for these chunks."""

    def __init__(self, graph: Graph, watch: Watch, options: Mapping[str, Any]) -> None:
        self._graph, self._watch, self._options = graph, watch, options
        self._wanted: str | list[str] = options.get("stream_mode", "values")
        self._is_v2 = options.get("version") == "v2"
        # Debug prints must be the same as with `invoke`, which prints nothing of subgraphs.
        self._is_printed = bool(options.get("print_mode") or options.get("debug") or graph.debug)
        self._latest: Any = None
        self._interrupts: list[Any] = []
        self._chunks: list[Any] = []

    def streaming(self, modes: list[Any]) -> Any:
        """Return the arguments for ``graph.stream``."""
        keys = self._options.get("output_keys")
        keys = self._graph.output_channels if keys is None else keys
        return {**self._options, "output_keys": keys, "stream_mode": modes, "subgraphs": not self._is_printed}

    def take(self, part: Any) -> None:
        """Take a part of the stream."""
        if self._is_v2:
            path, mode, data = part["ns"], part["type"], part["data"]
            interrupts = part.get("interrupts", ()) if mode == "values" else ()
        else:
            path, mode, data = ((), *part) if self._is_printed else part
            interrupts = data.get(INTERRUPT, ()) if mode == "updates" and isinstance(data, dict) else ()
        self._watch(Chunk(mode, data, tuple(path)))
        if path:  # of a subgraph: `invoke` ignores such chunks
            return
        if self._wanted == "values":
            self._interrupts.extend(interrupts)
            if mode == "values":
                self._latest = data
        elif mode in self._wanted if not isinstance(self._wanted, str) else mode == self._wanted:
            self._chunks.append(self._as_asked(part, mode, data))

    def _as_asked(self, part: Any, mode: str, data: Any) -> Any:
        if self._is_v2:
            return part
        return data if isinstance(self._wanted, str) else (mode, data)

    @property
    def value(self) -> Any:
        """The value of ``invoke``."""
        if self._wanted != "values":
            return self._chunks
        if self._is_v2:
            return GraphOutput(value=self._latest, interrupts=tuple(self._interrupts))
        latest = self._latest
        if isinstance(latest, dict):  # with several modes, `values` carries the interrupts as well
            latest = {key: value for key, value in latest.items() if key != INTERRUPT}
        if not self._interrupts:
            return latest
        return {**latest, INTERRUPT: self._interrupts} if isinstance(latest, dict) else {INTERRUPT: self._interrupts}
