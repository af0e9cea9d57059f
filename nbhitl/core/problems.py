"""Exceptions as a person reads them."""

from nbhitl.engines.failures import without_input
from nbhitl.errors import NbhitlError
from nbhitl.jsontext import cut
from nbhitl.protocol import Problem

MESSAGE_LIMIT = 5_000
"""Characters of an exception's message that are shown."""


def problem_of(error: BaseException) -> Problem:
    """Return an exception as a person reads it."""
    return {"kind": "problem", "name": type(error).__name__, "message": cut(_said(error), MESSAGE_LIMIT)}


def in_words(problem: Exception) -> str:
    """Return what went wrong with an answer; whose exception it is where it is none of ours."""
    said = cut(_said(problem), MESSAGE_LIMIT)
    return said if isinstance(problem, NbhitlError) else f"{type(problem).__name__}: {said}"


def _said(error: BaseException) -> str:
    try:
        notes = [note for note in getattr(error, "__notes__", ()) if note.startswith("nbhitl:")]
        return "\n".join([without_input(str(error)) or type(error).__name__, *notes])
    except Exception:  # noqa: BLE001 - an exception of somebody's, whose own text fails
        return type(error).__name__
