"""Engines run graphs, pause and resume. The contract is `nbhitl.engines.base.Engine`; its data are here as well."""

import sys
import uuid
from collections.abc import Mapping
from typing import Any

from nbhitl.engines.base import (
    AsksOnBranches,
    Engine,
    KeepsAside,
    KeepsDrafts,
    ManyRuns,
    NotesOpenings,
    OpeningLine,
    Reopened,
    SnippetLines,
    Threads,
)
from nbhitl.engines.script import ScriptedEngine, scripted
from nbhitl.engines.small import SmallEngine
from nbhitl.errors import NotAnEngine, UsageError
from nbhitl.runs.run import Chunk, Interrupt, RunSegment, Snapshot, Watch

__all__ = [
    "AsksOnBranches",
    "Chunk",
    "Engine",
    "Interrupt",
    "KeepsAside",
    "KeepsDrafts",
    "ManyRuns",
    "NotesOpenings",
    "OpeningLine",
    "Reopened",
    "RunSegment",
    "ScriptedEngine",
    "SmallEngine",
    "Snapshot",
    "SnippetLines",
    "Threads",
    "Watch",
    "check_config",
    "connect",
    "node_names",
    "scripted",
    "threads_of",
    "tool_names",
]


def connect(
    target: Any, config: Mapping[str, Any] | None = None, *, thread_id: str | uuid.UUID | None = None, **options: Any
) -> Engine:
    """Return an engine for a thread of ``target``.

    Parameters
    ----------
    target
        A compiled LangGraph graph, a server from `nbhitl.remote`, or an engine.
    config
        LangGraph's ``RunnableConfig``.
    thread_id
        The thread to use; by default the thread in ``config``, or else a new thread.
    **options
        Options of ``graph.invoke``, and for a local graph ``checkpointer=`` and ``run=``.

    Raises
    ------
    NotAnEngine
        If ``target`` is none of these.
    UsageError
        If ``target`` does not know an option.
    """
    check_config(config)
    if isinstance(thread_id, uuid.UUID):
        thread_id = str(thread_id)
    if not isinstance(thread_id, str | None):
        raise UsageError(f"thread_id= is a string, not a {type(thread_id).__name__}: write thread['thread_id'].")
    if isinstance(target, Engine):
        if options:
            given = ", ".join(f"{name}=" for name in options)
            raise UsageError(f"An engine takes no {given}: its options are given where the engine is made.")
        return target
    if _can_be_graph():
        from nbhitl.engines import local

        if local.is_graph(target):
            return local.LocalEngine(target, config, thread_id=thread_id, **options)
    if "nbhitl.engines.remote" in sys.modules:
        from nbhitl.engines import remote

        if isinstance(target, remote.Server):
            return target.thread(thread_id, config, **options)
    raise NotAnEngine(f"Expected a compiled graph, nbhitl.remote(...) or nbhitl.scripted(...), not {_describe(target)}")


def threads_of(target: Any, **options: Any) -> Threads:
    """Return all threads of ``target``, a graph with a checkpointer or a server from `nbhitl.remote`.

    Raises
    ------
    NotAnEngine
        If ``target`` is neither.
    UsageError
        If the graph has no checkpointer.
    """
    if _can_be_graph():
        from nbhitl.engines import local

        if local.is_graph(target):
            return local.LocalThreads(target, **options)
    if "nbhitl.engines.remote" in sys.modules:
        from nbhitl.engines import remote

        if isinstance(target, remote.Server):
            return remote.ServedThreads(target, **options)
    raise NotAnEngine(f"Expected a compiled graph with a checkpointer, or nbhitl.remote(...), not {_describe(target)}")


def tools_of(target: Any) -> tuple[tuple[str, Any], ...]:
    """Return a graph's tools with their names; none where these are not known, as for a server."""
    if not _can_be_graph():
        return ()
    from nbhitl.engines.local import functions

    return tuple(functions.tools_of(target))


def tool_names(target: Any) -> frozenset[str]:
    """Return the names of a graph's tools; empty where these are not known, as for a server."""
    return frozenset(name for name, _ in tools_of(target))


def node_names(target: Any) -> frozenset[str]:
    """Return the names of the nodes of a graph and of the graphs inside; empty where these are not known."""
    if not _can_be_graph():
        return frozenset()
    from nbhitl.engines.local import functions

    return functions.node_names(target)


def _can_be_graph() -> bool:
    """Tell whether a compiled graph can exist: none does before langgraph was imported.

    The engine of graphs takes long to import, and is imported only after langgraph.
    """
    return "langgraph.pregel" in sys.modules


def check_config(config: Any) -> None:
    """Raise where ``config`` is no ``RunnableConfig``.

    Raises
    ------
    UsageError
        If ``config``, or the value of ``"configurable"`` in it, is no mapping.
    """
    inner = config.get("configurable") if isinstance(config, Mapping) else None
    for value, place in ((config, ""), (inner, " with a")):
        if value is not None and not isinstance(value, Mapping):
            raise UsageError(
                f"config= is LangGraph's RunnableConfig, a mapping such as {{'configurable': {{...}}}}, not"
                f"{place} {type(value).__name__}{' in configurable' if place else ''}."
            )


def _describe(target: Any) -> str:
    name = type(target).__name__
    if isinstance(target, str):
        return f"the text {target!r}. For a server write nbhitl.remote({target!r}, 'assistant')."
    if name == "RemoteGraph":
        return "a RemoteGraph. Write nbhitl.remote(remote_graph) for the server behind it."
    if callable(getattr(target, "compile", None)):
        return f"a {name} that is not compiled. Compile it first: graph.compile()."
    return f"{name}."
