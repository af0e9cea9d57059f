"""The tap alone: a message that comes as the last wait ends is not left behind."""

import sys
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from nbhitl.errors import CannotWaitHere
from nbhitl.waiting import held_cell
from nbhitl.waiting.tap import Tap


class Stream:
    """A shell stream: hands on what it is told to receive."""

    def __init__(self):
        self.usual: list[Any] = []
        self._recv_callback = self.usual.append
        self.receive: Any = None

    def on_recv(self, callback, copy):
        self.receive = callback


class Session:
    """Looks at a message for as long as it is told to."""

    def __init__(self):
        self.looks, self.has_looked = threading.Event(), threading.Event()

    def feed_identities(self, frames, copy):
        return [], frames

    def unpack(self, header):
        self.looks.set()
        assert self.has_looked.wait(30)
        return {"msg_type": header.decode()}


def test_message_that_is_looked_at_while_the_last_wait_ends_takes_its_usual_way():
    stream, session = Stream(), Session()
    tap = Tap(SimpleNamespace(shell_stream=stream, session=session))
    message = [SimpleNamespace(bytes=frame) for frame in (b"signature", b"comm_msg", b"{}", b"{}", b"{}")]
    sender = threading.Thread(target=lambda: stream.receive(message))
    with tap.open():
        sender.start()
        assert session.looks.wait(30)
    session.has_looked.set()
    sender.join()
    assert tap.inbox.empty()
    assert stream.usual == [message]


def test_kernel_without_a_shell_stream_holds_no_blocking_wait_and_says_what_to_write(monkeypatch):
    monkeypatch.setattr(sys.modules[held_cell.__module__], "running_kernel", SimpleNamespace)
    with pytest.raises(CannotWaitHere, match=r"Write `await nbhitl\.review\(\.\.\.\)`"), held_cell(blocking=True):
        raise AssertionError("it must not come to this")
    with held_cell(blocking=False):
        pass  # what is awaited leaves the loop to the kernel


def test_tap_that_cannot_be_installed_says_why():
    class Broken(Stream):
        def on_recv(self, callback, copy):
            raise RuntimeError("closed")

    loop = SimpleNamespace(add_callback=lambda call: threading.Thread(target=call).start())
    kernel = SimpleNamespace(
        shell_stream=Broken(), session=Session(), shell_channel_thread=SimpleNamespace(io_loop=loop)
    )
    with pytest.raises(RuntimeError, match="closed"):
        Tap(kernel)
