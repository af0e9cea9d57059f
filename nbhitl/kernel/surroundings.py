"""The surroundings of a review: kernel, front end, and whether a person can be asked."""

import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from nbhitl.answers.notebook_file import ANSWERS_VARIABLE, CLIENTS, REPLAY
from nbhitl.errors import CannotWaitHere
from nbhitl.kernel.probing import found_at, takes

ANSWER_IN_CODE = (
    "Give answers=[...], or hold the review (`card = nbhitl.review(...)`), call card.answer(...), and read "
    "card.result. In a terminal card.wait() asks here."
)

IN_MARIMO = (
    "In marimo no cell can wait: messages of the page arrive when the cell has ended. Give the answers in the source, "
    "`answers=[...]`, or write `card = nbhitl.review(...)` with a bare `card` as last line, answer in the card or with "
    "card.answer(...) in a cell of its own, and run the cell with card.result afterwards."
)

IN_VOILA = (
    "Voila draws the page only when all cells have ended, so no cell can wait for it. Write "
    "`card = nbhitl.review(...)` with a bare `card` as last line: the click resumes the run, and the card shows its "
    "result."
)


@dataclass(frozen=True)
class Surroundings:
    """Where a review was made.

    Attributes
    ----------
    in_kernel
        Whether there is a Jupyter kernel, so that a card can be shown.
    person_there
        Whether the front end can ask somebody. Jupyter says so with ``allow_stdin`` of the ``execute_request``
        (Messaging in Jupyter, "execute"): true in JupyterLab, false under nbclient and nbval. Voila executes with
        nbclient, although somebody looks at the page.
    execution
        Token of this execution of the cell.
    source
        The source of the cell.
    cell
        Name of the cell across executions: the cell id if the front end sends one, else the source.
    is_client
        Whether a program answers, so that no page is needed.
    is_replay
        Whether that program gives recorded answers.
    why_no_wait
        Why no cell can wait here, and the code to write instead; empty where a cell can wait.
    instead
        The code to write where nobody can be asked.
    """

    in_kernel: bool
    person_there: bool
    execution: str
    source: str
    cell: str = ""
    is_client: bool = False
    is_replay: bool = False
    why_no_wait: str = ""
    instead: str = ANSWER_IN_CODE


def current_surroundings() -> Surroundings:
    """Tell where the calling code runs.

    Raises
    ------
    CannotWaitHere
        In a kernel that lives in a page, as in JupyterLite: such a kernel has no threads for a run.
    """
    if sys.platform == "emscripten":
        raise CannotWaitHere(
            "JupyterLite runs Python inside of the page, without threads, and a review needs them. Open the notebook "
            "in JupyterLab or Notebook 7, with a Python kernel of their own."
        )
    kernel = running_kernel()
    if kernel is None:
        nowhere = Surroundings(in_kernel=False, person_there=bool(_SEATED), execution="", source="")
        if not in_marimo():
            return nowhere
        return replace(nowhere, person_there=_marimo_has_page(), why_no_wait=IN_MARIMO, instead=IN_MARIMO)
    request = request_of(kernel)
    content = request.get("content", {})
    client = os.environ.get(ANSWERS_VARIABLE)
    token = hashlib.sha256(request.get("header", {}).get("msg_id", "").encode()).hexdigest()[:12]
    return Surroundings(
        in_kernel=True,
        person_there=client in CLIENTS or bool(content.get("allow_stdin")) or _in_voila(),
        is_client=client in CLIENTS,
        is_replay=client == REPLAY,
        execution=token,
        source=content.get("code", ""),
        cell=str(request.get("metadata", {}).get("cellId") or content.get("code", "")),
        why_no_wait=IN_VOILA if _in_voila() else "",
    )


def _in_voila() -> bool:
    """Tell whether Voila started the kernel: preheated, or for a page."""
    return "VOILA_PREHEAT" in os.environ or os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")


def in_marimo() -> bool:
    """Tell whether the calling code is a cell of marimo's."""
    # A module that another thread is importing is in `sys.modules` already, and may have no names yet.
    in_notebook = getattr(sys.modules.get("marimo"), "running_in_notebook", None)
    return in_notebook is not None and bool(in_notebook())


def _marimo_has_page() -> bool:
    """Tell whether a browser asked for the cells to run; an export, which runs the cells as well, has no request."""
    return sys.modules["marimo"].app_meta().request is not None


Seat = Callable[[Callable[[], dict[str, Any]]], None]
"""Receives, for each new review, a function that returns the mime bundle of the card."""

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
    """Show a card to the seat entered last."""
    for seat in _SEATED[-1:]:
        seat(card)


def running_shell() -> Any:
    """Return IPython's shell, or ``None``; does not import IPython."""
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)  # as in `in_marimo`
    return get_ipython() if get_ipython is not None else None


def running_kernel() -> Any:
    """Return the running Jupyter kernel, or ``None``; does not import IPython."""
    return getattr(running_shell(), "kernel", None)


def request_of(kernel: Any) -> dict[str, Any]:
    """Return the request that a kernel handles, such as the execution of a cell; empty where the kernel tells none."""
    get_parent: Any = getattr(kernel, "get_parent", None)
    of_shell = found_at(kernel, "shell.get_parent")
    request = None
    if takes(get_parent, "shell"):
        request = get_parent("shell")
    elif takes(of_shell):
        request = of_shell()
    return dict(request) if isinstance(request, Mapping) else {}
