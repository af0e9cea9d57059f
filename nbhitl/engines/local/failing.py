"""Names the failures of a checkpointer: a locked file, a database that starts again, a broken network."""

from types import FrameType
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from nbhitl.engines.failures import came_through, frames_of
from nbhitl.engines.local import stores
from nbhitl.engines.local.locks import finding
from nbhitl.errors import CheckpointerError, NbhitlError

QUERIES = (finding, stores)
"""The modules that send queries of nbhitl's own to the database of a checkpointer."""

FAILED = "The checkpointer {name} failed ({error}). The question stays: try again when the database answers."


def failure_of(checkpointer: Any, error: Exception) -> CheckpointerError | None:
    """Return the exception that names a failed request to the database; ``None`` for an exception of other code.

    A database driver has exceptions of its own, so that the frames tell: LangGraph, schemas of users and nbhitl itself
    also raise at a look.
    """
    is_own = any(came_through(error, module.__name__) for module in QUERIES)
    if isinstance(error, NbhitlError) or not (is_own or any(map(_is_of_saver, frames_of(error)))):
        return None
    text = str(error).strip()
    told = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return CheckpointerError(FAILED.format(name=type(checkpointer).__name__, error=told))


def _is_of_saver(frame: FrameType) -> bool:
    return isinstance(frame.f_locals.get("self"), BaseCheckpointSaver)
