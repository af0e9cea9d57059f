"""Where a review runs, and whether a person can be asked there."""

import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

LIVE = "live"
"""``NBHITL_ANSWERS=live``: a client that answers through the widget's messages is connected."""


@dataclass(frozen=True)
class Place:
    """Where a review was made.

    Attributes
    ----------
    in_kernel
        Whether there is a Jupyter kernel, so that a card can be shown.
    person_there
        Whether the front end can ask somebody. Jupyter says so with ``allow_stdin`` of the ``execute_request``
        (Messaging in Jupyter, "execute"): true in JupyterLab, false under nbclient and nbval.
    execution
        A token of this execution of this cell.
    source
        The source of the cell.
    cell
        What names the cell over its executions: its id where the front end tells it, else its source.
    """

    in_kernel: bool
    person_there: bool
    execution: str
    source: str
    cell: str = ""


def current_place() -> Place:
    """Tell where the calling code runs."""
    kernel = _kernel()
    if kernel is None:
        return Place(in_kernel=False, person_there=bool(_SEATED), execution="", source="")
    request = kernel.get_parent("shell") or {}
    content = request.get("content", {})
    live = os.environ.get("NBHITL_ANSWERS") == LIVE
    token = hashlib.sha256(request.get("header", {}).get("msg_id", "").encode()).hexdigest()[:12]
    return Place(
        in_kernel=True,
        person_there=live or bool(content.get("allow_stdin")),
        execution=token,
        source=content.get("code", ""),
        cell=str(request.get("metadata", {}).get("cellId") or content.get("code", "")),
    )


Seat = Callable[[Callable[[], dict[str, Any]]], None]
"""Is handed each new review's way to show its card: a function that returns its mime bundle."""

_SEATED: list[Seat] = []


@contextmanager
def seated(seat: Seat) -> Iterator[None]:
    """Let somebody in this very process see and answer the cards of reviews made outside of a kernel: a test."""
    _SEATED.append(seat)
    try:
        yield
    finally:
        _SEATED.remove(seat)


def show_to_seated(card: Callable[[], dict[str, Any]]) -> None:
    """Show a card to whoever came last."""
    for seat in _SEATED[-1:]:
        seat(card)


def _kernel() -> Any:
    """Return the running ipykernel, if there is one; IPython is not imported to find out."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None)
