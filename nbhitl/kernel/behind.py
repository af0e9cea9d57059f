"""Messages of pages that arrived before a cell waits, and that stand behind the queued cells.

When a page is opened or loaded again, the page asks the kernel for the widgets, and draws no widget until the kernel
has answered. While a cell above is busy, these requests wait in ipykernel's queue, behind a cell that then waits for a
person: the person would never see the card. The tap sees only messages that arrive later, so `Behind` reads the
requests from the queue. They also stay in the queue; the kernel skips each request that the tap has handled.
"""

import asyncio
import inspect
from collections.abc import Callable, Collection, Iterator
from functools import wraps
from typing import Any

POLL_IN = 1
"""``zmq.POLLIN``."""

Frames = list[Any]


class Behind:
    """The messages of some types in the queue of a kernel.

    Each message that is taken is handled once: by the tap or by the kernel, whichever is first.

    Parameters
    ----------
    kernel
        The kernel, whose handlers of these types are wrapped at the first message.
    types
        The types of the messages to take.
    """

    def __init__(self, kernel: Any, types: Collection[str]) -> None:
        self._kernel, self._types = kernel, types
        self._is_handled: dict[str, bool] = {}  # by the ids of the messages that tap and kernel will both see

    def take(self) -> list[Frames]:
        """Return the messages that were not taken before, in the order of arrival."""
        found: dict[str, Frames] = {}
        for frames in _all(_queued(self._kernel)):
            header = header_of(self._kernel.session, frames)
            message_id = header.get("msg_id")
            if header.get("msg_type") in self._types and message_id and message_id not in self._is_handled:
                found.setdefault(message_id, frames)
        if found:
            self._wrap_handlers()
        self._is_handled |= dict.fromkeys(found, False)
        return list(found.values())

    def was_taken(self, message_id: str) -> bool:
        """Tell whether a message was taken from the queue: the kernel comes to the message, too."""
        return message_id in self._is_handled

    def is_over(self, message_id: str) -> bool:
        """Tell whether the kernel has already handled a message that was taken; if so, forget the message."""
        return self._is_handled.get(message_id, False) and self._is_handled.pop(message_id)

    def _wrap_handlers(self) -> None:
        handlers = self._kernel.shell_handlers
        for each in self._types & handlers.keys():
            if getattr(handlers[each], "behind", None) is not self:
                handlers[each] = self._once(handlers[each])

    def _once(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(handler)
        def handle(stream: Any, ident: Any, parent: Any) -> Any:
            message_id = parent["header"]["msg_id"]
            if self.is_over(message_id):
                return None
            if message_id in self._is_handled:
                self._is_handled[message_id] = True
            return handler(stream, ident, parent)

        handle.behind = self  # type: ignore[attr-defined]
        return handle


def header_of(session: Any, frames: Frames) -> dict[str, Any]:
    """Return the header of a message; empty for a broken message."""
    try:
        _, (_signature, header, *_) = session.feed_identities(frames, copy=False)
        return dict(session.unpack(header.bytes))
    except (ValueError, TypeError, LookupError):
        return {}


def _all(queued: Iterator[Frames]) -> list[Frames]:
    """Return all messages; none from a kernel whose private names have another meaning."""
    try:
        return list(queued)
    except (TypeError, ValueError, LookupError, AttributeError):
        return []


def _queued(kernel: Any) -> Iterator[Frames]:
    """Yield the messages that the main shell has received, and has not begun to handle."""
    for _, dispatch, args in list(getattr(getattr(kernel, "msg_queue", None), "_queue", ())):  # ipykernel 6
        if dispatch == kernel.dispatch_shell and args:
            yield args[0]
    _read_socket(kernel)
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:  # no loop runs: no message of ipykernel 7 has a task
        return
    for task in sorted(tasks, key=_number):
        frames = _waiting_in(task.get_coro())
        if frames is not None:
            yield frames


def _number(task: asyncio.Task[Any]) -> int:
    """Return the number in a task's default name: tasks are a set, and the date of a message is by the page's clock."""
    _, _, number = task.get_name().rpartition("-")
    return int(number) if number.isdecimal() else 0


def _read_socket(kernel: Any) -> None:
    """Let ipykernel 7 make a task of each message that has reached the thread of the cells."""
    manager = getattr(getattr(kernel, "shell_channel_thread", None), "manager", None)
    stream = getattr(getattr(manager, "_shell_channel_to_main", None), "to_stream", None)
    if stream is not None:
        stream.flush(POLL_IN)


def _waiting_in(coroutine: Any) -> Frames | None:
    """Return the message of a task of ipykernel 7 that waits for the end of the running cell."""
    if not inspect.iscoroutine(coroutine):
        return None
    name, variables = coroutine.__name__, inspect.getcoroutinelocals(coroutine)
    has_begun = inspect.getcoroutinestate(coroutine) != inspect.CORO_CREATED
    if name == "shell_main" and variables.get("subshell_id") is None and not _is_let_pass(variables):
        return variables.get("msg")
    if name in ("run_in_context", "shell_main") and not has_begun and variables.get("args"):
        frames = variables["args"][0]
        return frames if isinstance(frames, list) else None
    return None


def _is_let_pass(variables: dict[str, Any]) -> bool:
    """Tell whether ipykernel 7.4 lets a message pass the running cell already."""
    passing = variables.get("comm_task")
    return passing is not None and (
        passing.done() or inspect.getcoroutinestate(passing.get_coro()) != inspect.CORO_CREATED
    )
