"""Reads the exception of a node from a thread's state, and words the refusal of a checkpoint."""

import ast
import re
from collections.abc import Iterator
from types import FrameType
from typing import Any

from nbhitl.text.source import parsed_expression

CUT_OFF = ("CancelledError", "KeyboardInterrupt", "SystemExit")
"""Exceptions that end a node from outside: the node raised nothing."""


INPUT = re.compile(
    r" \[type=[^\n]*?, input_value=.*?(?:, input_type=[\w.]+\](?=\s*?(?:\n|\Z))|\Z)"
    r"(?:\s*For further information visit \S+)?",
    re.DOTALL,
)
"""Pydantic's quotation of a refused value, which may be a secret; the value itself may contain the same words."""


def no_checkpoint(thread_id: str, checkpoint: str) -> str:
    """Return the message where a thread has no such checkpoint."""
    return f"Thread {thread_id!r} has no checkpoint {checkpoint!r}. card.history() lists the checkpoints of a thread."


def nothing_comes_after(checkpoint: str) -> str:
    """Return the message where the run has ended at a checkpoint."""
    return (
        f"The run has ended at checkpoint {checkpoint!r}, so that nothing is asked there again. Take a checkpoint "
        "that asks: card.history() lists them."
    )


def without_input(text: str) -> str:
    """Return an exception's text without the values that pydantic quotes."""
    return INPUT.sub("", text)


def frames_of(error: BaseException) -> Iterator[FrameType]:
    """Return the frames that an exception has passed."""
    traceback = error.__traceback__
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next


def came_through(error: BaseException, module: str) -> bool:
    """Tell whether an exception has passed a function of a module."""
    return any(frame.f_globals.get("__name__") == module for frame in frames_of(error))


def raised(error: Any) -> str | None:
    """Return a node's exception as ``"ValueError: too large"``; ``None`` without one, or if the node was cut off.

    Parameters
    ----------
    error
        The exception, or the exception's ``repr`` from a checkpoint or a server.
    """
    if isinstance(error, BaseException):
        name, value = type(error).__name__, str(error)
        return None if name in CUT_OFF else _told(name, value)
    if not isinstance(error, str) or not error or error.startswith(CUT_OFF):
        return None
    match = re.fullmatch(r"(\w+)\((.*)\)", error, re.DOTALL)
    if match is None:
        return without_input(error)
    name, inner = match.groups()
    return _told(name, _literal(inner) if inner else "")


def _told(name: str, value: Any) -> str:
    return f"{name}: {without_input(str(value))}" if value != "" else name


def _literal(text: str) -> Any:
    """Return the value of a literal; any other text as it is."""
    expression = parsed_expression(text.lstrip(" \t"))
    try:
        return text if expression is None else ast.literal_eval(expression)
    except (ValueError, TypeError, MemoryError, RecursionError):
        return text
