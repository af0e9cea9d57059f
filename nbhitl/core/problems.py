"""Exceptions as a person reads them: the message and the notes of nbhitl, without the traceback."""

from collections.abc import Callable

from nbhitl.engines.failures import without_input
from nbhitl.errors import NbhitlError
from nbhitl.jsontext import cut
from nbhitl.protocol import Problem

MESSAGE_LIMIT = 5_000
"""Characters of an exception's message that are shown."""


class WrittenLater:
    """The message of an exception, written when somebody reads the message.

    The session makes such an exception under the lock, and to write the text of a foreign exception runs users' code.
    """

    def __init__(self, write: Callable[[], str]) -> None:
        self._write = write

    def __str__(self) -> str:
        return self._write()

    def __repr__(self) -> str:
        return repr(self._write())

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (self._write(),)  # a copy, or another process, gets the text


def problem_of(error: BaseException) -> Problem:
    """Return an exception as the entry that the page shows."""
    return {"kind": "problem", "name": type(error).__name__, "message": cut(_said(error), MESSAGE_LIMIT)}


def in_words(problem: Exception) -> str:
    """Return the message of an exception about an answer; with the type where the exception is not from nbhitl."""
    said = cut(_said(problem), MESSAGE_LIMIT)
    return said if isinstance(problem, NbhitlError) else f"{type(problem).__name__}: {said}"


def _said(error: BaseException) -> str:
    try:
        notes = [note for note in getattr(error, "__notes__", ()) if note.startswith("nbhitl:")]
        return "\n".join([without_input(str(error)) or type(error).__name__, *notes])
    except Exception:  # noqa: BLE001 - the text of a foreign exception may fail
        return type(error).__name__
