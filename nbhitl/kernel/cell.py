"""The cell that runs: showing something in its output, and what comes when it has ended."""

import threading
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from nbhitl.kernel.surroundings import running_kernel


def show(mime_bundle: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
    """Add an output to the running cell."""
    from IPython.display import display

    display(mime_bundle, raw=True, metadata=metadata)  # type: ignore[no-untyped-call]


class LastOutput(NamedTuple):
    """An output that stands below all others of its cell.

    Attributes
    ----------
    place
        Where it stands among its like: they are sorted by it.
    data, metadata
        Of the output.
    """

    place: tuple[int, ...]
    data: dict[str, Any]
    metadata: dict[str, Any]


class Cell:
    """One execution of a cell, and what is to be done and shown when it has ended.

    Outputs that must not depend on the moment at which something happened are shown together, sorted, at the end: then
    the cell shows the same whenever it happened.

    Attributes
    ----------
    cards
        How many cards were shown in it first.
    """

    def __init__(self, *, runs: bool) -> None:
        self._runs = runs
        self._lock = threading.Lock()  # an answer may come on another thread while the cell ends
        self._calls: list[Callable[[], None]] = []
        self._last: dict[Hashable, LastOutput] = {}
        self.cards = 0

    def add_card(self) -> int:
        """Count a card that is shown here first; return how many were before."""
        self.cards += 1
        return self.cards - 1

    def then(self, call: Callable[[], None]) -> None:
        """Call when the cell has ended, before the last outputs are shown."""
        self._calls.append(call)

    def show_last(self, key: Hashable, output: LastOutput) -> bool:
        """Show an output when the cell has ended, in place of one with the same key; false where it has ended."""
        with self._lock:
            if self._runs:
                self._last[key] = output
            return self._runs

    def drop_last(self, key: Hashable) -> None:
        """Do not show what was to be shown."""
        with self._lock:
            self._last.pop(key, None)

    def end(self) -> None:
        """Do and show what was left for the end."""
        for call in self._calls:
            try:
                call()
            except (Exception, KeyboardInterrupt):  # noqa: BLE001 - shown, as IPython's events do; the others come
                _shell().showtraceback()
        with self._lock:
            self._runs = False
            last = sorted(self._last.values(), key=lambda output: output.place)
        self._calls.clear()  # they hold the reviews of this cell, and each of these holds the cell
        self._last.clear()
        for output in last:
            show(output.data, output.metadata)


_RUNNING: list[Cell] = []
"""The cell that runs, if something in it asked for it."""

_ENDED: list[str] = []
"""The request whose cell ended last: what it has begun may work on."""

_LISTENING: list[Any] = []
"""The shell whose cells are heard to end."""


def running_cell() -> Cell:
    """Return the cell that runs; where none does, as in a callback of a widget, one that has ended."""
    header = _header()
    if header.get("msg_type") != "execute_request" or header.get("msg_id") in _ENDED:
        return Cell(runs=False)
    if not _RUNNING:
        _RUNNING.append(Cell(runs=True))
        _listen()
    return _RUNNING[0]


def after_this_cell(call: Callable[[], None]) -> None:
    """Call once, when the running cell has ended; where none runs, the next one."""
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


def _cell_ended(_result: Any) -> None:
    try:
        if _RUNNING:
            _RUNNING[0].end()
    finally:
        _RUNNING.clear()
        _ENDED[:] = [_header().get("msg_id", "")]


def _header() -> dict[str, Any]:
    kernel = running_kernel()
    request = (kernel.get_parent("shell") if kernel is not None else None) or {}
    return dict(request.get("header", {}))


def _shell() -> Any:
    from IPython import get_ipython

    return get_ipython()
