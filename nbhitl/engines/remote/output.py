"""Collects the result of a run from the stream, as servers collect the result for ``runs/wait``."""

from typing import Any

from nbhitl.engines.names import INTERRUPT
from nbhitl.runs.run import Chunk, Snapshot

NAMES = {"messages-tuple": "messages"}
"""Modes with another name on the wire of some servers."""

LOCAL_MODES = frozenset({"custom", "messages", "tasks", "updates", "values"})


def chunk_of(event: str, data: Any) -> Chunk | None:
    """Return an event of the stream as a chunk of LangGraph's local stream; ``None`` for the server's own events."""
    name, *path = event.split("|")
    mode = NAMES.get(name, name)
    if mode not in LOCAL_MODES:
        return None
    if mode == "messages" and isinstance(data, list):  # a pair of message and metadata
        data = tuple(data)
    return Chunk(mode, data, tuple(path))


class ServedOutput:
    """Takes the events of a run's stream; knows the result of the run, and whether the run has ended.

    Attributes
    ----------
    error
        Type and message of the exception that a node raised.
    is_unread
        Whether the run has ended, but the server does not return the result: the state holds the result.
    has_paused
        Whether the stream has told a question, or a stop at a static breakpoint.
    """

    def __init__(self) -> None:
        self.error: tuple[str, str] | None = None
        self.is_unread = False
        self._pauses: dict[str, list[dict[str, Any]]] = {"values": [], "updates": []}
        self.has_paused = self._has_end = False
        self._latest: Any = None
        self._at_work: set[str] = set()

    def take(self, event: str, data: Any) -> None:
        """Take an event; events of subgraphs do not change the result."""
        if event == "error":
            self.error = error_of(data)
        elif event == "end":
            self._has_end = True
        elif event == "tasks" and isinstance(data, dict):
            self._take_task(data)
        elif event in self._pauses:
            self._take_state(event, data)

    def take_body(self, body: Any) -> None:
        """Take the body of an answer to ``runs/wait`` or to a join."""
        self.error = error_of(body["__error__"]) if isinstance(body, dict) and body.get("__error__") else None
        self._pauses = {}
        self._latest, self._has_end = body, True

    def take_end(self) -> None:
        """Note that the run has ended without a failure, and that only the state holds the result."""
        self._pauses = {}
        self._has_end = self.is_unread = True

    def _take_task(self, task: dict[str, Any]) -> None:
        if "result" in task or "error" in task:
            self._at_work.discard(str(task.get("id")))
        else:
            self._at_work.add(str(task.get("id")))

    def _take_state(self, mode: str, data: Any) -> None:
        if isinstance(data, dict) and INTERRUPT in data:
            self.has_paused = True
            if data[INTERRUPT] and isinstance(data[INTERRUPT], list):  # empty at a static breakpoint
                self._pauses[mode].append(data)
        elif mode == "values":
            # A step ends with the new values. For a call (`@task`) whose result comes from an earlier segment,
            # LangGraph reports the begin and no end.
            self._at_work.clear()
        if mode == "values":
            self._latest = data

    @property
    def is_empty(self) -> bool:
        """Whether the stream gave no result, no error and no end."""
        return not self._has_end and self.error is None and self._latest is None and not any(self._pauses.values())

    @property
    def value(self) -> Any:
        """The answer of ``runs/wait``; all questions and nothing else where several are open."""
        pauses = self._pauses.get("values") or self._pauses.get("updates") or []
        if len(pauses) > 1:
            return {INTERRUPT: [item for pause in pauses for item in pause[INTERRUPT]]}
        return pauses[0] if pauses else self._latest

    def is_whole(self, snapshot: Snapshot, run_id: str | None) -> bool:
        """Tell by the stream and the state after it whether the run has ended: a stream may end before the run."""
        if self.error is not None or self._has_end:
            return True
        if self._at_work:
            return False
        return self.has_paused or (not snapshot.next and run_id is not None and _last_run(snapshot) == run_id)


def error_of(data: Any) -> tuple[str, str]:
    """Return type and message of a run's error."""
    if not isinstance(data, dict):
        return "Error", str(data)
    return str(data.get("error", "Error")), str(data.get("message", ""))


def _last_run(snapshot: Snapshot) -> Any:
    metadata = snapshot.raw.get("metadata") if isinstance(snapshot.raw, dict) else None
    return metadata.get("run_id") if isinstance(metadata, dict) else None
