"""The shell tap alone: a message that comes as the last wait ends is not lost, and a kernel may lack private names."""

import logging
import os
import signal
import sys
import threading
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
import zmq
from jupyter_client.session import Session as JupyterSession

from nbhitl.errors import CannotWaitHere
from nbhitl.kernel import block, held_cell
from nbhitl.kernel.shell_tap import PASSING, Tap, tap_of

HANDLERS = dict.fromkeys(PASSING, lambda _stream, _ident, _parent: None)


class Stream:
    """A shell stream; a test calls `receive` with the frames of a message."""

    def __init__(self):
        self.usual: list[Any] = []
        self._recv_callback = self.usual.append
        self.receive: Any = None

    def on_recv(self, callback, copy):
        self.receive = callback


class Session:
    """A session whose look at a message lasts until the test sets `has_looked`."""

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
    tap = Tap(SimpleNamespace(shell_stream=stream, session=session, shell_handlers=HANDLERS))
    message = [SimpleNamespace(bytes=frame) for frame in (b"signature", b"comm_msg", b"{}", b"{}", b"{}")]
    sender = threading.Thread(target=lambda: stream.receive(message))
    with tap.open():
        sender.start()
        assert session.looks.wait(30)
    session.has_looked.set()
    sender.join()
    assert tap.inbox.empty()
    assert stream.usual == [message]


def test_message_that_arrives_as_a_wait_begins_is_handled_after_those_that_stood_behind_the_cells(monkeypatch):
    stream, session, handled = Stream(), Session(), []
    session.has_looked.set()
    tap = Tap(SimpleNamespace(shell_stream=stream, session=session, shell_handlers=HANDLERS))
    older, newer = [
        [SimpleNamespace(bytes=frame) for frame in (b"signature", kind, b"{}", b"{}", b"{}")]
        for kind in (b"comm_open", b"comm_msg")
    ]

    def take():
        stream.receive(newer)
        return [older]

    monkeypatch.setattr(tap._behind, "take", take)
    monkeypatch.setattr(tap, "_handle", lambda frames, _interrupts: handled.append(frames))
    with tap.open():
        assert handled == [older, newer]


def test_kernel_without_a_shell_stream_refuses_a_blocking_wait_with_the_code_to_write(monkeypatch):
    monkeypatch.setattr(sys.modules[held_cell.__module__], "running_kernel", SimpleNamespace)
    with (
        pytest.raises(CannotWaitHere, match=r"Write `await nbhitl\.review\(\.\.\.\)`"),
        held_cell(lambda: False, blocking=True),
    ):
        raise AssertionError("the blocking wait was not refused")
    with held_cell(bool, blocking=False):
        pass  # an awaited review leaves the loop to the kernel


@pytest.mark.parametrize("lacking", ["_parent_ident", "_publish_status", "both"])
def test_answer_arrives_in_a_kernel_with_renamed_private_names(lacking):
    handled = []
    kernel = Kernel(lambda _stream, _idents, message: handled.append(message["content"]["comm_id"]))
    gone = ["_parent_ident", "_publish_status"] if lacking == "both" else [lacking]
    if "_parent_ident" in gone:
        del kernel._parent_ident
    if "_publish_status" in gone:
        kernel._publish_status = None  # type: ignore[assignment,method-assign]
    tap = Tap(kernel)
    with tap.open():
        kernel.shell_stream.receive(kernel.message())
        tap.handle_all()
    assert handled == ["a card"]
    assert kernel.said[0] == "comm_msg"
    assert kernel.said[-1] == "the cell"


def test_kernel_without_a_private_way_to_say_busy_still_tells_the_page():
    sent = []
    kernel = Kernel(lambda _stream, _idents, _message: None)
    kernel._publish_status = None  # type: ignore[assignment,method-assign]
    kernel.iopub_socket = "iopub"  # type: ignore[attr-defined]

    def send(socket, kind, content, parent):
        sent.append((socket, kind, content["execution_state"]))

    kernel.session.send = send  # type: ignore[assignment,method-assign]
    tap = Tap(kernel)
    with tap.open():
        kernel.shell_stream.receive(kernel.message())
        tap.handle_all()
    assert sent == [("iopub", "status", "busy"), ("iopub", "status", "idle")]


@pytest.mark.parametrize("lacking", ["session", "shell_handlers", "shell_stream", "get_parent", "set_parent"])
def test_kernel_without_the_names_of_the_tap_gets_no_tap(lacking):
    names = ("session", "shell_handlers", "shell_stream", "get_parent", "set_parent")
    whole = Kernel(lambda *_: None)
    assert tap_of(SimpleNamespace(**{name: getattr(whole, name) for name in names})) is not None
    assert tap_of(SimpleNamespace(**{name: getattr(whole, name) for name in names if name != lacking})) is None


def test_kernel_whose_replies_cannot_be_mended_gets_a_tap():
    loop = SimpleNamespace(add_callback=lambda call: call())
    manager = SimpleNamespace(get_subshell_to_shell_channel_socket=lambda _subshell: None)
    kernel = Kernel(lambda *_: None)
    kernel.shell_channel_thread = SimpleNamespace(io_loop=loop, manager=manager)
    with Tap(kernel).open():
        assert kernel.shell_stream.receive is not None


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


class Kernel:
    """The part of a kernel that handles a message, with a real session; ``begins`` is called before the handler."""

    def __init__(self, handler, begins=lambda: None):
        self.session = JupyterSession(key=b"a key")
        self.shell_channel_thread: Any = None
        self.shell_stream, self.shell_handlers = Stream(), {"comm_msg": handler}
        self.log = logging.getLogger("a kernel")
        self._parent_ident, self.said, self._begins = {"shell": b"cell"}, [], begins

    def get_parent(self, _channel):
        return "the cell"

    def set_parent(self, _idents, parent, channel):
        self.said.append(parent if isinstance(parent, str) else parent["header"]["msg_type"])

    def _publish_status(self, status, _channel, parent):
        self.said.append(status)
        if status == "busy":
            self._begins()

    def message(self):
        message = self.session.msg("comm_msg", {"comm_id": "a card"})
        return [zmq.Frame(part) for part in self.session.serialize(message, ident=b"page")]


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("when", ["as the message is taken", "in its handler"])
def test_interrupt_ends_the_wait_and_the_message_that_it_met_is_handled_once(when):
    handled = []

    def handler(_stream, _idents, message):
        handled.append(message["content"]["comm_id"])
        if when == "in its handler":
            interrupt()

    kernel = Kernel(handler, interrupt if when == "as the message is taken" else lambda: None)
    tap = Tap(kernel)
    with tap.open():
        kernel.shell_stream.receive(kernel.message())
        with pytest.raises(KeyboardInterrupt):
            tap.handle_all()
    assert handled == ["a card"]
    assert kernel.said == ["comm_msg", "busy", "idle", "the cell"]


def test_handler_that_raises_is_told_by_its_message(caplog):
    def handler(_stream, _idents, _message):
        raise LookupError("no such comm")

    kernel = Kernel(handler)
    tap = Tap(kernel)
    with tap.open():
        kernel.shell_stream.receive(kernel.message())
        tap.handle_all()
    assert "A comm_msg failed in a cell that waits." in caplog.text
    assert kernel.said == ["comm_msg", "busy", "idle", "the cell"]


class Frames(list[Any]):
    """A message whose destructor sends SIGINT."""

    def __del__(self):
        interrupt()


def test_interrupt_that_comes_as_a_message_is_let_go_of_ends_the_wait(monkeypatch):
    kernel = Kernel(lambda _stream, _idents, _message: None)
    manager = SimpleNamespace(_shell_stream=None, get_subshell_to_shell_channel_socket=lambda _: None)
    loop = SimpleNamespace(add_callback=lambda call: call())
    kernel.shell_channel_thread = SimpleNamespace(io_loop=loop, manager=manager)
    tap = Tap(kernel)
    monkeypatch.setattr(sys.modules[held_cell.__module__], "_open_tap", lambda: tap)
    with tap.open():
        kernel.shell_stream.receive(Frames(kernel.message()))
        with pytest.raises(KeyboardInterrupt):
            block(lambda: False, lambda _wake: lambda: None, lock=threading.Lock())


@pytest.mark.parametrize("part", ["get_parent", "set_parent", "_publish_status"])
def test_answer_arrives_where_a_part_of_the_kernel_raises_and_the_failure_is_told_once(part, caplog):
    handled = []
    kernel = Kernel(lambda _stream, _idents, message: handled.append(message["content"]["comm_id"]))

    def fail(*_args, **_options):
        raise AttributeError("of another version")

    setattr(kernel, part, fail)
    tap = Tap(kernel)
    with tap.open():
        for _ in range(2):
            kernel.shell_stream.receive(kernel.message())
        tap.handle_all()
    assert handled == ["a card", "a card"]
    assert [record.message.partition(" of")[0] for record in caplog.records] == [part]


def test_message_that_the_kernel_has_no_handler_for_is_left_to_the_kernel():
    kernel = Kernel(lambda *_: None)
    tap = Tap(kernel)
    message = kernel.session.serialize(kernel.session.msg("comm_open", {}), ident=b"page")
    frames = [zmq.Frame(part) for part in message]
    with tap.open():
        kernel.shell_stream.receive(frames)
    assert kernel.shell_stream.usual == [frames]


@pytest.mark.parametrize(("version", "is_refused"), [((7, 3, 9), True), ((7, 4, 0), False)])
def test_awaited_wait_without_a_tap_is_refused_where_the_kernel_holds_the_answers_back(
    version, is_refused, monkeypatch
):
    kernel = type("Kernel", (), {"__module__": "ipykernel.kernelbase"})()
    monkeypatch.setitem(sys.modules, "ipykernel", SimpleNamespace(version_info=version))
    monkeypatch.setattr(sys.modules[held_cell.__module__], "running_kernel", lambda: kernel)
    refused = pytest.raises(CannotWaitHere, match="a bare `card` as last line") if is_refused else nullcontext()
    with refused, held_cell(bool, blocking=False, awaits_answers=True):
        pass
    with held_cell(bool, blocking=False):
        pass  # the answers are given in the source
