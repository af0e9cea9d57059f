"""The running cell: show an output now, or when the cell has ended."""

import inspect
import threading
import weakref
from collections.abc import Callable, Hashable
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from nbhitl.kernel.output_order import OutputOrder
from nbhitl.kernel.standing import StandingOutput, StandingOutputs, is_captured, watch_clearing
from nbhitl.kernel.surroundings import request_of, running_kernel


def show(mime_bundle: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
    """Add an output to the running cell."""
    from IPython.display import display

    display(mime_bundle, raw=True, metadata=metadata)  # type: ignore[no-untyped-call]


class LastOutput(NamedTuple):
    """An output shown below the cell's ordinary outputs.

    Attributes
    ----------
    place
        Sort key among the last outputs of the cell.
    draw
        Returns the mime bundle of the output: called when the output is shown, so that nothing waits for the drawing.
    metadata
        The metadata of the output.
    name
        The name among the outputs that stand in the cell; a later output with the same name replaces the output.
    """

    place: tuple[int, ...]
    draw: Callable[[], dict[str, Any]]
    metadata: dict[str, Any]
    name: Hashable = ""


class Cell:
    """An execution of a cell, with the calls and outputs deferred to the end of the cell.

    Outputs that must not depend on the moment of an event are shown together, sorted, at the end: the cell then shows
    the same in each run.

    Attributes
    ----------
    cards
        Number of cards first shown in this cell.
    order
        The order of the outputs of the reviews that the cell makes.
    shows_result
        Whether the cell shows the value of the last line; ``None`` while the cell runs.
    """

    def __init__(self, *, runs: bool) -> None:
        self._runs = runs
        self._request = _request() if runs else None
        self._lock = threading.Lock()  # an answer may come on another thread while the cell ends
        self._calls: list[Callable[[], None]] = []
        self._last: dict[Hashable, LastOutput] = {}
        self._standing = StandingOutputs()
        self._failure: BaseException | None = None
        self.shows_result = None if runs else False
        self.cards = 0
        self.order = OutputOrder(runs=runs)
        if self._request is not None:
            _CELLS[_id_of(self._request)] = self

    def add_card(self) -> int:
        """Count a card first shown here; return the number of earlier cards."""
        self.cards += 1
        return self.cards - 1

    @property
    def has_ended(self) -> bool:
        """Whether the deferred outputs have been shown, or are being shown."""
        return not self._runs

    @property
    def source(self) -> str:
        """The source of the cell; empty where no cell runs."""
        return str((self._request or {}).get("content", {}).get("code", ""))

    def fail(self, error: BaseException) -> None:
        """Let the cell fail with this error at the end; for calls of `then`."""
        self._failure = self._failure or error

    def then(self, call: Callable[[], None]) -> None:
        """Call ``call`` when the cell has ended, before the last outputs are shown."""
        self._calls.append(call)

    def show_card(self, data: dict[str, Any]) -> None:
        """Show a card, or an inbox, that stays when the outputs of the cell are cleared."""
        with self._lock:
            self._standing.add_card(StandingOutput(data))
        _watch_clearing()
        show(data)

    def has_result(self, data: dict[str, Any]) -> None:
        """Note that the code of the cell has waited for a card: the card goes when this code clears the outputs."""
        with self._lock:
            self._standing.has_result(StandingOutput(data))

    def stands(self, output: LastOutput, data: dict[str, Any]) -> None:
        """Note that an output stands in the cell, drawn as ``data``: shown by a page, or here."""
        with self._lock:
            self._standing.put_last(output.name, output.place, StandingOutput(data, output.metadata))

    def stands_no_more(self, name: Hashable) -> None:
        """Note that an output was removed from the cell."""
        with self._lock:
            self._standing.drop_last(name)

    def cleared(self, *, by_node: bool) -> None:
        """Show the outputs of nbhitl again, after the outputs of the cell were cleared."""
        with self._lock:
            again = self._standing.cleared(by_node=by_node)
        for output in again:
            show(output.data, output.metadata)

    def show_last(self, key: Hashable, output: LastOutput) -> bool:
        """Show an output when the cell has ended, in place of an output with the same key; false after the end."""
        with self._lock:
            if self._runs:
                self._last[key] = output
            return self._runs

    def show_late(self, output: LastOutput) -> None:
        """Show an output in this cell after the end of the cell: front ends append the output."""
        kernel = running_kernel()
        if self._request is None or kernel is None:
            return
        content = {"data": output.draw(), "metadata": output.metadata, "transient": {}}
        self.stands(output, content["data"])
        with suppress(AttributeError):  # a kernel of another make: the card shows the same
            kernel.session.send(kernel.iopub_socket, "display_data", content, parent=self._request)

    def drop_last(self, key: Hashable) -> None:
        """Drop an output that `show_last` has deferred."""
        with self._lock:
            self._last.pop(key, None)

    def end(self, result: Any = None) -> BaseException | None:
        """Run the deferred calls, show the deferred outputs, and return the error of `fail`.

        ``result`` is the value of the last line, if IPython shows the value.
        """
        self.shows_result = result is not None and not hasattr(type(result), "_ipython_display_")
        self.order.code_ended()
        for call in self._calls:
            _called(call)
        with self._lock:
            self._runs = False
            last = sorted(self._last.values(), key=lambda output: output.place)
        self._calls.clear()  # the calls hold the reviews of this cell, and each review holds the cell
        self._last.clear()
        for output in last:
            _called(partial(self._show_now, output))
        failure, self._failure = self._failure, None
        return failure

    def _show_now(self, output: LastOutput) -> None:
        data = output.draw()
        self.stands(output, data)
        show(data, output.metadata)


def _called(call: Callable[[], None]) -> None:
    """Call ``call``; an exception is shown, as IPython's events do, and keeps nothing from the rest."""
    try:
        call()
    except (Exception, KeyboardInterrupt):  # noqa: BLE001 - see above
        _shell().showtraceback()


_RUNNING: list[Cell] = []
"""The running cell, if code in the cell asked for it."""

_CELLS: weakref.WeakValueDictionary[str, Cell] = weakref.WeakValueDictionary()
"""The cells that live, by the id of the execute request: also cells that have ended, and whose reviews go on."""

_ENDED: list[str] = []
"""Id of the execute request that ended last; background work started there may go on."""

_LISTENING: list[Any] = []
"""The shell whose ``post_run_cell`` event is registered."""


def running_cell() -> Cell:
    """Return the running cell; a `Cell` that has ended where no cell runs, as in a callback of a widget."""
    header = _header()
    if header.get("msg_type") != "execute_request" or header.get("msg_id") in _ENDED:
        return Cell(runs=False)
    if not _RUNNING:
        _RUNNING.append(Cell(runs=True))
        _listen()
        _watch_clearing()
    return _RUNNING[0]


def after_this_cell(call: Callable[[], None]) -> None:
    """Call ``call`` once, when the running cell has ended; where no cell runs, after the next cell."""
    running_cell()
    if _RUNNING:
        _RUNNING[0].then(call)
        return
    events = _shell().events

    def once(_result: Any) -> None:
        events.unregister("post_run_cell", once)
        call()

    events.register("post_run_cell", once)


def _listen() -> None:
    shell = _shell()
    if shell not in _LISTENING:
        _LISTENING[:] = [shell]
        shell.events.register("post_run_cell", _cell_ended)


def _watch_clearing() -> None:
    watch_clearing(getattr(_shell(), "display_pub", None), _cleared)


def _cleared(by_node: bool) -> None:
    request = _header().get("msg_id", "")
    cell = _CELLS.get(request)
    if cell is not None and not is_captured(request):
        cell.cleared(by_node=by_node)


def _cell_ended(result: Any) -> None:
    if _is_within_code():
        return
    try:
        failure = _RUNNING[0].end(getattr(result, "result", None)) if _RUNNING else None
        if failure is not None and getattr(result, "success", False):
            result.error_in_exec = failure  # the kernel replies with the error, as if the code had raised
            _shell().showtraceback((type(failure), failure, failure.__traceback__))
    finally:
        _RUNNING.clear()
        _ENDED[:] = [_header().get("msg_id", "")]


def _is_within_code() -> bool:
    """Tell whether code of a cell runs here: ``%%capture`` runs the lines below as a cell within the cell."""
    from IPython.core.interactiveshell import InteractiveShell

    running = InteractiveShell.run_code.__code__
    frame = inspect.currentframe()
    while frame is not None and frame.f_code is not running:
        frame = frame.f_back
    return frame is not None


def _header() -> dict[str, Any]:
    return dict(_request().get("header", {}))


def _id_of(request: dict[str, Any]) -> str:
    return str(request.get("header", {}).get("msg_id", ""))


def _request() -> dict[str, Any]:
    return request_of(running_kernel())


def _shell() -> Any:
    from IPython import get_ipython

    return get_ipython()
