"""Handles comm messages while a cell waits: comm messages overtake the queued requests to execute cells.

While a cell runs, ipykernel leaves the messages of widgets in the queue: an answer would wait for the very cell that
waits for the answer. (From 7.4 on comm messages pass while a cell awaits, but without the busy and idle status for
which a page holds back the next message; not while a cell blocks; and without the requests of a reloaded page.)

So, as long as a cell waits, the tap looks first at each message of the kernel's shell channel. Comm messages, and the
requests with which a reloaded page rebuilds the widgets, are handed to the waiting thread; every other message takes
the usual way, so that the kernel still decides the order of cells and their abort after an error or an interrupt.
Messages of *all* comms pass: a form may be a whole tree of widgets. Messages that arrived before the wait, while a
cell above was busy, are in the kernel's queue: see `nbhitl.kernel.behind`.
"""

import logging
import queue
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any

from nbhitl.kernel.behind import Behind, Frames, header_of
from nbhitl.kernel.probing import found_at, takes
from nbhitl.kernel.sigint import Interrupts, defer_sigint

PASSING = frozenset({"comm_msg", "comm_close", "comm_open", "comm_info_request", "kernel_info_request"})
"""Message types that overtake. A reloaded page needs the last three to draw the cards before the cell ends."""

INSTALL_SECONDS = 5.0
POLL_IN, POLL_OUT = 1, 2
"""``zmq.POLLIN`` and ``zmq.POLLOUT``."""

Needed = Mapping[str, tuple[tuple[Any, ...], dict[str, Any]]]
"""Names of functions, each with the arguments of a call that must fit."""

NEEDED: Needed = {
    "shell_stream.on_recv": ((print,), {"copy": False}),
    "shell_stream._recv_callback": (([],), {}),
    "session.feed_identities": (([],), {"copy": False}),
    "session.deserialize": (([],), {"content": True, "copy": False}),
    "get_parent": (("shell",), {}),
    "set_parent": (([], {}), {"channel": "shell"}),
}
"""Functions of a kernel without which a message cannot be handled in the kernel's place."""

NEEDED_OF_THREAD: Needed = {
    "io_loop.add_callback": ((print,), {}),
    "manager.get_subshell_to_shell_channel_socket": ((None,), {}),
}
"""Needed functions of the thread that reads the shell channel, where such a thread exists."""


class Tap:
    """Looks at each message on the shell channel of a kernel.

    Attributes
    ----------
    inbox
        Messages to handle, and ``None`` for "look again".
    """

    def __init__(self, kernel: Any) -> None:
        self.inbox: queue.SimpleQueue[Frames | None] = queue.SimpleQueue()
        self._kernel, self._stream = kernel, kernel.shell_stream
        self._thread: Any = getattr(kernel, "shell_channel_thread", None)  # from ipykernel 7 on
        self._waits = 0
        self._lock = threading.Lock()  # no message enters the inbox after the last wait has emptied the inbox
        self._wakes: list[Callable[[], None]] = []
        self._passing = _handled(kernel)
        self._behind = Behind(kernel, self._passing)
        self._failed: set[str] = set()  # parts of the kernel whose failure was told
        self._on_its_thread(self._install)

    @property
    def is_open(self) -> bool:
        """Whether a cell waits."""
        return self._waits > 0

    @contextmanager
    def open(self) -> Iterator[None]:
        """Let messages through until the block ends."""
        with self._lock:
            self._waits += 1
        try:
            with suppress(RuntimeError):  # a thread that is slow to react holds no cell up: the kernel has the messages
                self._on_its_thread(lambda: None)  # a message that was received just before has reached the queue then
            self._put_first(self._behind.take())
            self.handle_all()  # at once: ipykernel 7.4 would let comm messages pass without telling the page of the end
            yield
        finally:
            with self._lock:
                self._waits -= 1
            self.handle_all()  # a message that came too late for this wait is not lost

    def _put_first(self, older: list[Frames]) -> None:
        """Put older messages before newer messages in the inbox: the message that opens a comm must come first."""
        newer: list[Frames | None] = []
        with self._lock:
            while not self.inbox.empty():
                newer.append(self.inbox.get_nowait())
            for frames in (*older, *newer):
                self.inbox.put(frames)

    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call ``wake``, from any thread, when a message has arrived; return a function that unsubscribes."""
        self._wakes.append(wake)
        return lambda: self._wakes.remove(wake)

    def handle_all(self) -> None:
        """Handle all messages in the inbox; call on the waiting thread, the kernel's main thread."""
        if self.inbox.empty():  # the usual case: changes without a message wake a wait as well
            return
        with defer_sigint() as interrupts:
            while self._handle_next(0, interrupts):
                pass

    def handle_within(self, seconds: float, interrupts: Interrupts) -> None:
        """Block until a message arrives, for ``seconds`` at most, and handle the message; SIGINT is deferred."""
        if self._thread is None:  # this thread reads the socket
            self._stream.socket.poll(int(seconds * 1000))
            self._stream.flush(POLL_IN)
            while self._handle_next(0, interrupts):
                pass
            self._stream.flush(POLL_OUT)  # the replies: no event loop sends them meanwhile
        else:
            self._handle_next(seconds, interrupts)

    def _handle_next(self, seconds: float, interrupts: Interrupts) -> bool:
        """Handle the next message, then free the frames: an interrupt raised in their destructor would be lost."""
        try:
            frames = self.inbox.get(timeout=seconds)
        except queue.Empty:
            return False
        self._handle(frames, interrupts)
        return True

    def _install(self) -> None:
        self._mend_replies()
        self._usual: Callable[[Frames], Any] = found_at(self._stream, "_recv_callback")
        self._stream.on_recv(self._received, copy=False)

    def _received(self, frames: Frames) -> Any:
        """Take a message; in ipykernel 7 on the thread of the shell channel. No code of a user's runs here."""
        if not self._waits or not self._overtakes(frames) or not self._put(frames):
            return self._usual(frames)
        for wake in list(self._wakes):
            wake()
        return None

    def _put(self, frames: Frames) -> bool:
        """Put a message into the inbox, if somebody still waits."""
        with self._lock:
            if self._waits:
                self.inbox.put(frames)
            return self._waits > 0

    def _overtakes(self, frames: Frames) -> bool:
        # A broken message has no type, and is left to the kernel.
        return header_of(self._kernel.session, frames).get("msg_type") in self._passing

    def _handle(self, frames: Frames | None, interrupts: Interrupts) -> None:
        """Do what the kernel does with a message of the shell channel (``Kernel.dispatch_shell``).

        Only the handler can be interrupted. A SIGINT at another moment is handled after the message; else the SIGINT or
        the message would be lost, or later output of the cell would be attributed to the message.
        """
        if frames is None:
            return
        kernel = self._kernel
        cell = self._beside("get_parent", kernel.get_parent, "shell")
        ident_of_cell = self._parent_ident()
        begun = self._begin(frames, is_placed=cell is not None)
        if begun is None:
            return
        idents, message = begun
        before = idents if ident_of_cell is None else ident_of_cell, cell
        kind = message["header"]["msg_type"]
        replies = self._beside("get_subshell_to_shell_channel_socket", lambda: self._replies)
        try:
            handler = kernel.shell_handlers[kind]
            with interrupts.allow_sigint():
                self._drive(handler(replies, idents, message))
        except Exception:
            logging.getLogger("nbhitl").exception("A %s failed in a cell that waits.", kind)
        finally:
            for stream in (sys.stdout, sys.stderr):
                self._beside("flush", _flush, stream)
            self._publish("idle", message)
            if cell is not None:
                self._beside("set_parent", kernel.set_parent, *before, channel="shell")

    def _beside(self, name: str, call: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Call a part of the kernel; return ``None`` where the call fails.

        The place of outputs and the status of the page hang on these parts. An answer is handled without them.
        """
        try:
            return call(*args, **options)
        except Exception:
            if name not in self._failed:
                self._failed.add(name)
                told = "%s of this kernel failed: a cell that waits gets the answers, and outputs may be out of place."
                logging.getLogger("nbhitl").exception(told, name)
            return None

    def _parent_ident(self) -> Any:
        """Return the identity of the running cell's sender; ``None`` where the kernel has no ``_parent_ident``.

        Then the sender of the message stands in: as a rule both are the same page.
        """
        idents = getattr(self._kernel, "_parent_ident", None)
        return idents.get("shell") if isinstance(idents, Mapping) else None

    def _publish(self, status: str, parent: Any) -> None:
        """Publish the status: the page counts busy and idle."""
        self._beside("_publish_status", self._publish_as_known, status, parent)

    def _publish_as_known(self, status: str, parent: Any) -> None:
        kernel = self._kernel
        publish: Any = getattr(kernel, "_publish_status", None)
        if takes(publish, status, "shell", parent=parent):
            publish(status, "shell", parent=parent)
        elif getattr(kernel, "iopub_socket", None) is not None:  # the documented message, sent by public names
            kernel.session.send(kernel.iopub_socket, "status", {"execution_state": status}, parent=parent)

    def _begin(self, frames: Frames, *, is_placed: bool) -> tuple[Any, Any] | None:
        """Begin to handle a message; return identities and content of the message.

        Outputs are attributed to the message if ``is_placed``: only where the cell can be their place again afterwards.
        ``None`` for an invalid message, and for a queued message that the kernel has handled meanwhile.
        """
        kernel = self._kernel
        message_id = header_of(kernel.session, frames).get("msg_id", "")
        if self._behind.is_over(message_id):
            return None
        idents, parts = kernel.session.feed_identities(frames, copy=False)
        try:
            # A session refuses to read a message twice, but does not remember a message whose content was not read.
            is_read_again = self._behind.was_taken(message_id)
            message = kernel.session.deserialize(parts, content=not is_read_again, copy=False)
            if is_read_again:
                message["content"] = kernel.session.unpack(message["content"])
        except (ValueError, TypeError, LookupError):
            kernel.log.exception("Invalid Message")
            return None
        if is_placed:
            self._beside("set_parent", kernel.set_parent, idents, message, channel="shell")
        self._publish("busy", message)
        return idents, message

    def _drive(self, handled: Any) -> None:
        """Run a coroutine handler to the end; handlers of the passing message types never suspend."""
        if not hasattr(handled, "send"):
            return
        try:
            handled.send(None)
        except StopIteration:
            return
        handled.close()
        raise RuntimeError("the handler waits for an event loop")

    @property
    def _replies(self) -> Any:
        """The stream or socket for the replies of handlers."""
        if self._thread is None:
            return self._stream
        return self._thread.manager.get_subshell_to_shell_channel_socket(None)

    def _on_its_thread(self, call: Callable[[], None]) -> None:
        """Call ``call`` on the thread that owns the stream."""
        if self._thread is None:
            call()
            return
        with defer_sigint():  # the locks of a future are written in Python
            self._call_there(call)

    def _call_there(self, call: Callable[[], None]) -> None:
        done: Future[None] = Future()

        def then_tell() -> None:
            try:
                call()
            except BaseException as error:  # noqa: BLE001 - raised again where the tap is made
                done.set_exception(error)
            else:
                done.set_result(None)

        self._thread.io_loop.add_callback(then_tell)
        try:
            done.result(INSTALL_SECONDS)
        except TimeoutError:
            raise RuntimeError("the kernel's shell channel does not react") from None

    def _mend_replies(self) -> None:
        """Send replies through the stream, as ipykernel 7.4 does.

        7.0 to 7.3 bypass the stream, so that a request arriving at that moment can stay unread until the next request:
        cells that are run together would stop in the middle. A manager with other private names is left alone.
        """
        manager: Any = getattr(self._thread, "manager", None)
        is_mended = hasattr(manager, "_shell_stream")
        on_recv = found_at(manager, "_main_to_shell_channel.on_recv")
        if is_mended or not takes(on_recv, None, print):
            return
        manager._send_on_shell_channel = self._stream.send_multipart  # noqa: SLF001
        on_recv(self._thread.io_loop, self._stream.send_multipart)


def _flush(stream: Any) -> None:
    """Flush printed output; skipped where ipykernel knows of none, to save waiting for the IOPub thread."""
    if getattr(stream, "_flush_pending", True):
        stream.flush()


PASS_AN_AWAIT = (7, 4)
"""The first version of ipykernel that handles comm messages while a cell awaits."""


def holds_messages_back(kernel: Any) -> bool:
    """Tell whether a kernel is known to handle no message of a page, without a tap, before an awaiting cell ends."""
    is_known = any(each.__module__ == "ipykernel.kernelbase" for each in type(kernel).__mro__)
    version = getattr(sys.modules.get("ipykernel"), "version_info", None)
    return is_known and isinstance(version, tuple) and version[:2] < PASS_AN_AWAIT


_TAPS: dict[int, Tap] = {}
"""Taps by the id of the kernel: a process has a single kernel, or a few in-process kernels."""


def tap_of(kernel: Any, *, only_if_made: bool = False) -> Tap | None:
    """Return the tap of a kernel.

    ``None`` where the kernel lacks an attribute that the tap needs: no ipykernel, a kernel in a page, or an unknown
    version. Then a blocking wait is refused by name. An awaited wait leaves the loop to the kernel, which then handles
    the messages, or is refused as well where the kernel would not (`holds_messages_back`). No answer is lost.
    """
    if only_if_made:
        return _TAPS.get(id(kernel))
    if id(kernel) not in _TAPS:
        if _lacks(kernel):
            return None
        _TAPS[id(kernel)] = Tap(kernel)
    return _TAPS[id(kernel)]


def _lacks(kernel: Any) -> list[str]:
    """Return the names of a kernel that the tap needs, and that are not there or have another meaning."""
    lacking = [] if _handled(kernel) else ["shell_handlers"]
    lacking += _unfit(kernel, NEEDED)
    thread = getattr(kernel, "shell_channel_thread", None)
    if thread is not None:
        lacking += _unfit(thread, NEEDED_OF_THREAD)
    return lacking


def _unfit(thing: Any, needed: Needed) -> list[str]:
    return [name for name, (args, options) in needed.items() if not takes(found_at(thing, name), *args, **options)]


def _handled(kernel: Any) -> frozenset[str]:
    """Return the message types of `PASSING` that the kernel handles; all further messages are left to the kernel."""
    handlers = getattr(kernel, "shell_handlers", None)
    if not isinstance(handlers, Mapping):
        return frozenset()
    return frozenset(each for each in PASSING if takes(handlers.get(each), None, [], {}))
