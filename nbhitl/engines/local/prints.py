"""Passes printed and logged texts of nodes to a watcher; printing and logging go on as usual.

In a cell the texts are printed in turn, as the displays of nodes are, in the order in which LangGraph planned the tasks
(`TaskOutputs`): see `nbhitl.kernel.output_order`.

A run's context (`contextvars`) separates the prints of the run from prints of further runs and cells: LangGraph runs
nodes in copies of the context in which the run was started.
"""

import logging
import sys
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, TextIO

from langgraph.config import get_config

from nbhitl.engines.local.calls import tasks_of
from nbhitl.kernel.output_order import InTurn, OutputLane, in_turn, show_in_turn
from nbhitl.kernel.surroundings import running_shell
from nbhitl.runs.run import HANDLER, Chunk, Watch


class TaskOutputs:
    """Tells the output lane of a review which tasks are at work, and which task an output belongs to.

    Parameters
    ----------
    lane
        The place of the review's outputs among the outputs of the cell.
    """

    def __init__(self, lane: OutputLane) -> None:
        self._lane = lane
        self._planned: dict[str, tuple[str, tuple[str, ...]]] = {}  # name and path of each task at work, by id

    def show(self, output: Callable[[], Any]) -> tuple[bool, Any]:
        """Show an output of the task at work in this context; see `OutputLane.show`."""
        return self._lane.show(_task_here(), output)

    def over(self) -> None:
        """Note that the segment has ended."""
        self._planned.clear()
        self._lane.end_all()

    def saw(self, chunk: Chunk) -> None:
        """Take a chunk of the run, before the watcher gets it."""
        data = chunk.data
        if chunk.mode == "tasks" and isinstance(data, Mapping):
            key = str(data.get("id"))
            if "triggers" in data:
                name = str(data.get("name"))
                if name.startswith(HANDLER):  # the node's own task has failed in an earlier segment
                    self._ended(self._planned_as(name.removeprefix(HANDLER), chunk.path))
                self._planned[key] = (name, chunk.path)
                self._lane.begin(key, _task_here())  # the surrounding task: of a subgraph, or a caller
            else:
                self._ended(key)
        elif chunk.mode == "updates" and isinstance(data, Mapping) and (data.get("__metadata__") or {}).get("cached"):
            for name in data.keys() - {"__metadata__"}:  # the task ended in an earlier segment and was planned again
                self._ended(self._planned_as(name, chunk.path))

    def _planned_as(self, name: str, path: tuple[str, ...]) -> str:
        """Return the id of a planned task; empty if there is none."""
        return next((each for each, planned in self._planned.items() if planned == (name, path)), "")

    def _ended(self, task: str) -> None:
        self._planned.pop(task, None)
        self._lane.end(task)


def _task_here() -> str | None:
    """Return the innermost task that works in this context."""
    try:
        namespace = get_config()["configurable"]["checkpoint_ns"]
    except (RuntimeError, KeyError):
        return None
    tasks = list(tasks_of(str(namespace)))
    return tasks[-1][1] if tasks else None


_watching: ContextVar[Watch | None] = ContextVar("nbhitl_watching", default=None)
_lock = threading.Lock()
_at_work = 0

_wrappers: dict[int, "_Overheard"] = {}
"""The only wrapper of each stream, by the stream's id; lives as long as the stream.

print(), input() and the warnings of C code use sys.stdout without holding a reference: a wrapper freed at the end of
the run would be freed under a print of another thread, and Python would crash. The wrapper does not prolong the
stream's life: else a file that was sys.stdout would stay open, and captured text would pile up.
"""


@contextmanager
def overheard(watch: Watch, show: InTurn | None = None) -> Iterator[None]:
    """Give ``watch`` the prints and log lines of this context, as chunks of mode ``"log"``.

    Parameters
    ----------
    watch
        Also gets, as text, each displayed object that has to wait its turn.
    show
        Shows the prints and displayed objects of this context; ``None`` to show them at once.
    """
    token, turn_token = _watching.set(watch), in_turn.set(show)
    _listen(+1, displays=show is not None)
    try:
        yield
    finally:
        _listen(-1, displays=show is not None)
        _watching.reset(token)
        in_turn.reset(turn_token)


def _listen(change: int, *, displays: bool) -> None:
    """Put the wrappers and the handler in place while any run works; displays matter where these have to wait."""
    global _at_work  # noqa: PLW0603 - sys.stdout and the root logger are global, too
    with _lock:
        _at_work += change
        for name in ("stdout", "stderr"):
            _swap(name, heard=_at_work > 0)
        if displays or _DISPLAYS:
            _swap_display(heard=_at_work > 0)
        _let_go()
        root = logging.getLogger()
        # Without a handler of the user's, logging writes warnings to sys.stderr, where the wrapper hears the warnings;
        # our own handler would silence these.
        if _at_work and root.handlers and _HANDLER not in root.handlers:
            root.addHandler(_HANDLER)
        elif not _at_work:
            root.removeHandler(_HANDLER)


def _swap(name: str, *, heard: bool) -> None:
    stream = getattr(sys, name)
    if heard and stream is not None and not isinstance(stream, _Overheard):
        setattr(sys, name, _wrapper(stream))
    elif not heard and isinstance(stream, _Overheard):
        setattr(sys, name, stream.stream)


_DISPLAYS: list[Any] = []
"""IPython's display publishers, also the publishers that capture output, while nbhitl is between them and the nodes."""


def _swap_display(*, heard: bool) -> None:
    if not heard:
        for publisher in _DISPLAYS:
            vars(publisher).pop("publish", None)
        _DISPLAYS.clear()
        return
    publisher = getattr(running_shell(), "display_pub", None)
    if publisher is None or any(publisher is each for each in _DISPLAYS) or "publish" in vars(publisher):
        return
    _DISPLAYS.append(publisher)
    publisher.publish = _displays_in_turn(publisher.publish)


def _displays_in_turn(display: Callable[..., Any]) -> Callable[..., Any]:
    def displayed(*args: Any, **kwargs: Any) -> Any:
        shown, returned = show_in_turn(partial(display, *args, **kwargs))
        if not shown:
            data = kwargs.get("data", args[0] if args else None)
            text = data.get("text/plain") if isinstance(data, dict) else None
            _tell(f"{text}\n" if isinstance(text, str) else "")
        return returned

    return displayed


def _wrapper(stream: TextIO) -> "_Overheard":
    wrapper = _wrappers.get(id(stream))
    if wrapper is None:
        wrapper = _wrappers[id(stream)] = _Overheard(stream)
    wrapper.hold(stream)
    return wrapper


def _let_go() -> None:
    """Leave each stream to the owners unless the wrapper is in use: in sys, or in a redirection to be undone."""
    # An unused wrapper is only in the table and in this list, as `nobodys` is only in a variable and in the list; the
    # number that sys.getrefcount adds depends on the Python.
    nobodys = object()
    each: list[Any] = [nobodys, *_wrappers.values()]
    alone, *counts = [sys.getrefcount(one) for one in each]
    for wrapper, count in zip(each[1:], counts, strict=True):
        if count <= alone:
            wrapper.let_go()


def _tell(text: str) -> None:
    watch = _watching.get()
    if watch is not None and text:
        watch(Chunk("log", text))


class _Overheard:
    """A wrapper that hears a text stream; everything else is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        forget, key = _wrappers.pop, id(stream)
        self._held: TextIO | None = stream
        self._weak: weakref.ref[TextIO] | None
        try:
            self._weak = weakref.ref(stream, lambda _: forget(key, None))
        except TypeError:  # a stream of C code, kept for ever; only one exists
            self._weak = None

    @property
    def stream(self) -> TextIO:
        held = self._held
        if held is None and self._weak is not None:
            held = self._weak()
        if held is None:
            raise ValueError("I/O operation on a stream that is gone")
        return held

    def hold(self, stream: TextIO) -> None:
        self._held = stream

    def let_go(self) -> None:
        if self._weak is not None:
            self._held = None

    def write(self, text: str) -> int:
        _tell(text)
        shown, written = show_in_turn(partial(self.stream.write, text))
        return written if shown else len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.stream)


class _Handler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        if _watching.get() is None:
            return
        try:
            _tell(f"{record.levelname} {record.name}: {record.getMessage()}\n")
        except Exception:  # noqa: BLE001 - like logging's handlers: a bad record must not raise in the caller
            self.handleError(record)


_HANDLER = _Handler()
