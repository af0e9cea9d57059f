"""Messages of pages that are queued behind the cells of a kernel are found, and handled once."""

import asyncio
from collections import deque
from types import SimpleNamespace
from typing import Any

import pytest
import zmq
from jupyter_client.session import Session

from nbhitl.kernel.behind import Behind

TYPES = frozenset({"comm_info_request"})


class Kernel:
    """The part of ipykernel 6 that queues messages."""

    def __init__(self):
        self.session, self.handled = Session(key=b"a key"), []
        self.shell_handlers = {"comm_info_request": self.note, "execute_request": self.note}
        self.msg_queue: Any = SimpleNamespace(_queue=deque())

    def note(self, _stream, _ident, parent):
        self.handled.append(parent["header"]["msg_id"])

    def dispatch_shell(self, frames):
        _, parts = self.session.feed_identities(frames, copy=False)
        message = self.session.deserialize(parts, content=False, copy=False)
        self.shell_handlers[message["header"]["msg_type"]](None, None, message)

    def queue(self, kind):
        message = self.session.msg(kind, {})
        frames = [zmq.Frame(part) for part in self.session.serialize(message, ident=b"page")]
        self.msg_queue._queue.append((0, self.dispatch_shell, (frames,)))
        return message["header"]["msg_id"]


def ids(kernel, taken):
    found = [kernel.session.feed_identities(frames, copy=False)[1] for frames in taken]
    return [kernel.session.deserialize(parts, content=False, copy=False)["msg_id"] for parts in found]


def test_requests_of_pages_are_taken_once_in_order_and_cells_are_left():
    kernel = Kernel()
    behind = Behind(kernel, TYPES)
    first = kernel.queue("comm_info_request")
    kernel.queue("execute_request")
    second = kernel.queue("comm_info_request")
    assert ids(kernel, behind.take()) == [first, second]
    assert behind.take() == []
    third = kernel.queue("comm_info_request")
    assert ids(kernel, behind.take()) == [third]


def test_tasks_of_messages_are_taken_in_the_order_of_their_arrival_whatever_the_clocks_of_their_pages_say():
    kernel, dates = Kernel(), ["2026-01-01T10:00:00.001Z"] * 6 + ["2025-01-01T10:00:00.001Z"] * 6

    async def shell_main(subshell_id, msg):
        await asyncio.Event().wait()

    async def arrive_and_take():
        tasks, sent = [], []
        for date in dates:
            message = kernel.session.msg("comm_info_request", {})
            message["header"]["date"] = date
            frames = [zmq.Frame(part) for part in kernel.session.serialize(message, ident=b"page")]
            tasks.append(asyncio.create_task(shell_main(None, frames)))
            sent.append(message["header"]["msg_id"])
        await asyncio.sleep(0)  # each task has begun to wait
        taken = ids(kernel, Behind(kernel, TYPES).take())
        for task in tasks:
            task.cancel()
        return sent, taken

    sent, taken = asyncio.run(arrive_and_take())
    assert taken == sent


def test_message_without_an_id_is_left_to_the_kernel():
    kernel = Kernel()
    message = kernel.session.msg("comm_info_request", {})
    del message["header"]["msg_id"]
    frames = [zmq.Frame(part) for part in kernel.session.serialize(message, ident=b"page")]
    kernel.msg_queue._queue.append((0, kernel.dispatch_shell, (frames,)))
    assert Behind(kernel, TYPES).take() == []


@pytest.mark.parametrize("is_first", ["the tap", "the kernel"])
def test_message_due_at_tap_and_kernel_is_handled_by_the_first(is_first):
    kernel = Kernel()
    behind = Behind(kernel, TYPES)
    message = kernel.queue("comm_info_request")
    (frames,) = behind.take()
    kernel.dispatch_shell(frames)  # the tap and the kernel call the same handlers
    assert kernel.handled == [message]
    if is_first == "the tap":
        kernel.dispatch_shell(frames)
        assert kernel.handled == [message]
    else:
        assert behind.is_over(message)
    assert not behind.was_taken(message), "nothing is kept of a message that tap and kernel have both seen"


@pytest.mark.parametrize("queue", [None, SimpleNamespace(), SimpleNamespace(_queue=[("of", "another", 3)]), [1, 2]])
def test_kernel_with_renamed_private_names_has_no_message_behind_the_cells(queue):
    kernel = Kernel()
    kernel.msg_queue = queue
    kernel.shell_channel_thread = SimpleNamespace(manager=SimpleNamespace())  # type: ignore[attr-defined]

    async def take():
        return Behind(kernel, TYPES).take()

    assert asyncio.run(take()) == []
