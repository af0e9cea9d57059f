"""The line of code that opens a thread in another kernel."""

from collections.abc import Callable, Sequence
from typing import Any

from nbhitl.engines.base import OpeningLine


def opening_line(thread_id: str, graph: Any, saver: Any, name_of: Callable[[Any], str | None]) -> OpeningLine:
    """Return the line that opens a thread.

    Parameters
    ----------
    thread_id, graph, saver
        The thread; the graph and the checkpointer that were given to the review, ``None`` for the graph's own.
    name_of
        Finds the name of an object in the user's code.
    """
    name = name_of(graph)
    given = [name or "graph", f"thread_id={thread_id!r}"]
    nameless = [] if name else ["graph"]
    if saver is not None:
        named = name_of(saver)
        given.append(f"checkpointer={named or 'checkpointer'}")
        nameless += [] if named else ["checkpointer"]
    return OpeningLine(f"nbhitl.open({', '.join(given)})", _nameless(nameless))


def _nameless(parts: Sequence[str]) -> str:
    """Say which parts of a line that opens the thread are no names of the user's code."""
    if not parts:
        return ""
    first, then = ("it", "it") if len(parts) == 1 else ("these", "them")
    return f"No variable holds the {' and the '.join(parts)}: make {first} first, and name {then} here."
