"""The checkpointer of a graph that has none: in memory, and within a bound; and whether a checkpointer is closed.

LangGraph keeps each checkpoint, and the writes of each task besides: a run of 300 steps that replaces a text of 2 MB
would hold 1.2 GB, against one text in a graph without checkpoints. No other client knows of these checkpoints. Beyond
the bound the oldest checkpoints go, except the checkpoints at which a segment of the run has ended: a review returns to
these, to ask again or for the next input.
"""

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import WRITES_IDX_MAP, ChannelVersions, Checkpoint, CheckpointMetadata
from langgraph.checkpoint.memory import InMemorySaver

from nbhitl.engines.names import INTERRUPT
from nbhitl.errors import UsageError

MOST_BYTES = 32_000_000
"""Serialized bytes beyond which the oldest checkpoints go."""

NEWEST = 2
"""Checkpoints of a graph that stay in any case: the head, and the checkpoint from which the tasks of the head began."""

DELTAS = "counters_since_delta_snapshot"
"""LangGraph's key in the metadata of a checkpoint with a channel that is composed of writes of older checkpoints."""

NO_LIST = (
    "The checkpointer {name} does not list its checkpoints (`list`, or `alist` for asyncio, of LangGraph's "
    "checkpointers), so that its threads have no audit, no history and no inbox. nbhitl.open(graph, thread_id=...) "
    "opens a thread."
)

NO_SAVER = "checkpointer= takes an instance of one of LangGraph's checkpointers, not {found}. {advice}"

LEAVE_OUT = "Leave checkpointer= out, or give None, for the checkpointer of the graph."

ENTER_FIRST = "Enter the context first: with ... as saver:"

NO_DELETE = (
    "The checkpointer {name} cannot delete the thread {thread!r}: it has no method {method} of LangGraph's "
    "checkpointers. To drop the open question and keep the thread, call card.abandon(); to delete the thread, use the "
    "checkpointer's own storage."
)

_Place = tuple[str, str]
"""Thread and namespace."""


class PrivateSaver(InMemorySaver):
    """Keeps the checkpoints to which a review can return, and as many further checkpoints as the bound allows.

    The bound needs the places where `InMemorySaver` keeps its checkpoints. Without these all checkpoints are kept.

    Parameters
    ----------
    most_bytes
        The bound.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        super().__init__()
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._bytes = 0
        self._droppable: dict[tuple[_Place, str], None] = {}  # the oldest first
        self._number: Counter[_Place] = Counter()  # of droppable checkpoints
        self._values: dict[tuple[_Place, str], Sequence[Any]] = {}  # by checkpoint: the keys of the values
        self._used: Counter[Any] = Counter()  # by key of a value: the number of checkpoints
        self._kept: set[str] = set()
        self._whole: set[_Place] = set()  # with a channel that needs all checkpoints
        self._is_bounded = all(isinstance(getattr(self, name, None), dict) for name in ("storage", "writes", "blobs"))

    def keep(self, checkpoint_id: str | None) -> None:
        """Keep one of the newest checkpoints for good."""
        if checkpoint_id is not None:
            self._kept.add(checkpoint_id)

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Save a checkpoint, and drop the oldest checkpoints beyond the bound."""
        saved = super().put(config, checkpoint, metadata, new_versions)
        place = str(config["configurable"]["thread_id"]), config["configurable"]["checkpoint_ns"]
        with self._lock, self._counting() as is_bounded:
            if is_bounded:
                self._count(place, checkpoint, metadata, new_versions)
        return saved

    @contextmanager
    def _counting(self) -> Iterator[bool]:
        """Tell whether there is a bound; from now on there is none if the block does not know the saver's places."""
        try:
            yield self._is_bounded
        except (AttributeError, LookupError, TypeError, ValueError):
            self._is_bounded = False

    def _count(
        self, place: _Place, checkpoint: Checkpoint, metadata: CheckpointMetadata, new_versions: ChannelVersions
    ) -> None:
        if DELTAS in metadata:
            self._whole.add(place)
        known = place, checkpoint["id"]
        self._values[known] = [(*place, *each) for each in checkpoint["channel_versions"].items()]
        self._used.update(self._values[known])
        self._bytes += sum(self._size((*place, *each)) for each in new_versions.items())
        self._droppable[known] = None
        self._number[place] += 1
        self._drop_oldest()

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Save the writes of a task."""
        place = str(config["configurable"]["thread_id"]), config["configurable"].get("checkpoint_ns", "")
        known = place, config["configurable"]["checkpoint_id"]
        # Only the new writes are counted: else a step of 2,000 tasks would be summed up 2,000 times.
        keys = [(task_id, WRITES_IDX_MAP.get(channel, number)) for number, (channel, _) in enumerate(writes)]
        with self._lock:
            before = 0
            with self._counting() as is_bounded:
                before = self._written(known, keys) if is_bounded else 0
            super().put_writes(config, writes, task_id, task_path)
            with self._counting() as is_bounded:
                self._bytes += self._written(known, keys) - before if is_bounded else 0

    def delete_thread(self, thread_id: str) -> None:
        """Delete a thread."""
        with self._lock:
            with self._counting():
                for known in [each for each in self._values if each[0][0] == thread_id]:
                    self._drop(known)
            super().delete_thread(thread_id)

    def _drop_oldest(self) -> None:
        if self._bytes <= self._most_bytes:
            return
        for known in list(self._droppable):
            place, checkpoint_id = known
            if self._number[place] <= NEWEST:
                continue
            if place in self._whole or checkpoint_id in self._kept or self._asks(known):
                self._forget(known)
                continue
            self._drop(known)
            if self._bytes <= self._most_bytes:
                return

    def _asks(self, known: tuple[_Place, str]) -> bool:
        writes = self.writes.get((*known[0], known[1]), {})
        return any(channel == INTERRUPT for _, channel, *_ in writes.values())

    def _drop(self, known: tuple[_Place, str]) -> None:
        place, checkpoint_id = known
        self._forget(known)
        self._bytes -= self._written(known)
        self.writes.pop((*place, checkpoint_id), None)
        self.storage[place[0]][place[1]].pop(checkpoint_id, None)
        for key in self._values.pop(known, ()):
            self._used[key] -= 1
            if not self._used[key]:
                del self._used[key]
                self._bytes -= self._size(key)
                self.blobs.pop(key, None)

    def _forget(self, known: tuple[_Place, str]) -> None:
        if known in self._droppable:
            del self._droppable[known]
            self._number[known[0]] -= 1

    def _size(self, key: Any) -> int:
        return len(self.blobs[key][1]) if key in self.blobs else 0

    def _written(self, known: tuple[_Place, str], keys: Iterable[tuple[str, int]] | None = None) -> int:
        """Return the bytes of the writes beside a checkpoint, or of some of these writes."""
        writes = self.writes.get((*known[0], known[1]), {})
        found = list(writes.values()) if keys is None else [writes[key] for key in keys if key in writes]
        return sum(len(value[1]) for _, _, value, _ in found)


CLOSED = (
    "The checkpointer's database connection is closed, so nothing can be sent; the question and your draft stay. A "
    "`with` block that makes the checkpointer closes it at its end: hold the review inside the block "
    "(`await nbhitl.review(...)`), or make a checkpointer that stays open, and go on with nbhitl.open(...)."
)


def checked_saver(checkpointer: Any) -> Any:
    """Return a checkpointer as given.

    Raises
    ------
    UsageError
        If this is no checkpointer, such as a boolean, a class, or a context that is not entered.
    """
    if isinstance(checkpointer, type):
        raise UsageError(NO_SAVER.format(found=f"the class {checkpointer.__name__}", advice=LEAVE_OUT))
    if not hasattr(checkpointer, "get_tuple") and not hasattr(checkpointer, "aget_tuple"):
        is_context = hasattr(checkpointer, "__enter__") or hasattr(checkpointer, "__aenter__")
        found = repr(checkpointer) if isinstance(checkpointer, bool) else f"a {type(checkpointer).__name__}"
        raise UsageError(NO_SAVER.format(found=found, advice=ENTER_FIRST if is_context else LEAVE_OUT))
    return checkpointer


def why_closed(checkpointer: Any) -> str | None:
    """Return why the checkpointer cannot be used; ``None`` if usable, as far as known without a request."""
    connection = getattr(checkpointer, "conn", None)
    return CLOSED if connection is not None and _is_closed(connection) else None


def _is_closed(connection: Any) -> bool:
    if isinstance(connection, sqlite3.Connection):
        try:
            connection.in_transaction  # noqa: B018 - raises on a closed connection
        except sqlite3.ProgrammingError:
            return True
        return False
    # psycopg: `closed`; aiosqlite: `_running` is False once the worker thread has ended
    return getattr(connection, "closed", False) is True or getattr(connection, "_running", True) is False


@contextmanager
def listing(saver: Any) -> Iterator[None]:
    """Name, in an error, a checkpointer that does not list checkpoints.

    Raises
    ------
    UsageError
        If the checkpointer has no such method.
    """
    with _without_method(NO_LIST.format(name=type(saver).__name__)):
        yield


@contextmanager
def deleting(saver: Any, thread_id: str, *, is_sync: bool) -> Iterator[None]:
    """Name a checkpointer that deletes no threads.

    Raises
    ------
    UsageError
        If the checkpointer has no such method.
    """
    method = "delete_thread" if is_sync else "adelete_thread"
    with _without_method(NO_DELETE.format(name=type(saver).__name__, thread=thread_id, method=method)):
        yield


@contextmanager
def _without_method(message: str) -> Iterator[None]:
    """Raise a `UsageError` where LangGraph's base class raises because a checkpointer does not have the method."""
    try:
        yield
    except NotImplementedError as error:
        raise UsageError(message) from error
