"""The options of a local review, and facts about a compiled graph before the run."""

import asyncio
import difflib
import inspect
import uuid
from collections.abc import Collection, Iterable, Mapping
from types import FunctionType
from typing import Any, Literal

from langchain_core.runnables import RunnableConfig
from langgraph.pregel import Pregel

from nbhitl.engines.local.functions import tools_in
from nbhitl.errors import UsageError

RunForm = Literal["sync", "async"]
Graph = Pregel[Any, Any, Any, Any]

BETWEEN = "|"
"""Separates the nodes in LangGraph's path of a subgraph."""

OPTIONS = frozenset(
    {
        "context",
        "control",
        "debug",
        "durability",
        "interrupt_after",
        "interrupt_before",
        "output_keys",
        "print_mode",
        "stream_mode",
        "version",
    }
)
"""Options that `Pregel.invoke` takes besides input and config."""

OF_ENGINE = frozenset({"checkpointer", "run", "thread_id", "tokens"})
"""Further options of `nbhitl.review` that make the engine."""

OTHERS = frozenset(
    {
        "abandon",
        "answers",
        "config",
        "forms",
        "ignore",
        "input",
        "key",
        "may_run_again",
        "models",
        "notify",
        "otherwise",
        "record",
        "rules",
        "timeout",
        "ui",
        "unattended",
        "within",
    }
)
"""Parameters of `nbhitl.review`, which an error names as misplaced or misspelt."""


def is_graph(target: Any) -> bool:
    """Tell whether ``target`` is a compiled graph, of the graph API or the functional API."""
    return isinstance(target, Pregel)


def needs_async(graph: Graph) -> bool:
    """Tell whether a node or tool of ``graph`` has only an async form, or the checkpointer belongs to an event loop."""
    if isinstance(getattr(graph.checkpointer, "loop", None), asyncio.AbstractEventLoop):
        return True
    return any(_async_only(bound) for each in _with_subgraphs(graph) for bound in _bounds(each))


def has_stops(graph: Graph) -> bool:
    """Tell whether ``graph``, or a subgraph, was compiled with static breakpoints."""
    return any(each.interrupt_before_nodes or each.interrupt_after_nodes for each in _with_subgraphs(graph))


def stops_within(graph: Graph, nodes: Collection[str]) -> bool:
    """Tell whether a graph inside one of these nodes was compiled with static breakpoints."""
    within = [inner for path, inner in graph.get_subgraphs(recurse=True) if path.split(BETWEEN)[0] in nodes]
    return any(has_stops(inner) for inner in within if isinstance(inner, Pregel))


def _with_subgraphs(graph: Graph) -> list[Graph]:
    subgraphs = (subgraph for _, subgraph in graph.get_subgraphs(recurse=True))
    return [graph, *(subgraph for subgraph in subgraphs if isinstance(subgraph, Pregel))]


def _bounds(graph: Graph) -> list[Any]:
    """Return the runnables of the graph's nodes; LangGraph does not promise to keep the name."""
    return [getattr(node, "bound", None) for node in graph.nodes.values()]


def _async_only(bound: Any) -> bool:
    if any(_async_only(step) for step in getattr(bound, "steps", ())):
        return True
    if any(getattr(tool, "func", ...) is None and getattr(tool, "coroutine", None) for tool in tools_in(bound)):
        return True
    return getattr(bound, "func", ...) is None and getattr(bound, "afunc", None) is not None


def has_unsaved_part(graph: Graph) -> bool:
    """Tell whether a graph inside keeps no checkpoints (``compile(checkpointer=False)``).

    LangGraph passes ``durability="sync"`` to such a graph, and then waits for a checkpoint that is never written:
    an AttributeError.
    """
    rest = _bounds(graph)
    seen: set[int] = set()
    while rest:
        part = rest.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, Pregel) and part.checkpointer is False:
            return True
        rest += _inside(part)
    return False


def _inside(part: Any) -> list[Any]:
    """Return the parts of a graph, a function or a runnable in which a graph may be."""
    if isinstance(part, Pregel):
        return _bounds(part)
    if isinstance(part, FunctionType):
        return [value for value in _named_in(part) if isinstance(value, Pregel) or hasattr(value, "func")]
    functions = [getattr(part, name, None) for name in ("func", "afunc", "coroutine")]
    return [*functions, *getattr(part, "steps", ()), *tools_in(part)]


def _named_in(function: FunctionType) -> list[Any]:
    """Return the values of a function's outer names; for a bound method the method's object."""
    try:
        names = inspect.getclosurevars(function)
    except ValueError:  # a name without a value so far
        return []
    return [getattr(value, "__self__", value) for value in (*names.nonlocals.values(), *names.globals.values())]


def check_options(options: Mapping[str, Any], run: str | None) -> None:
    """Raise where an option is unknown.

    Raises
    ------
    UsageError
        The message names the known options, and the most similar option.
    """
    if misplaced := options.keys() & (OF_ENGINE | OTHERS):
        named = _listed(misplaced)
        raise UsageError(f"{named}: for nbhitl.review, and without a meaning here. Leave out {named}.")
    if unknown := options.keys() - OPTIONS:
        known = sorted(OPTIONS | OF_ENGINE | OTHERS)
        close = [match for name in sorted(unknown) for match in difflib.get_close_matches(name, known, 1)]
        raise UsageError(
            f"Unknown: {_listed(unknown)}."
            + (f" Did you mean {_listed(close)}?" if close else "")
            + f" Beside the named parameters there are {_listed(OPTIONS | OF_ENGINE - {'thread_id'})}."
        )
    if run not in (None, "sync", "async"):
        raise UsageError(f'run= is "sync" or "async", not {run!r}.')


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"{name}=" for name in sorted(names))


def check_threads(graph: Graph, config: Mapping[str, Any]) -> None:
    """Raise where a streamed sync run would hang: LangGraph waits for chunks in a thread of the nodes' pool.

    Raises
    ------
    UsageError
        The message names the ways out.
    """
    if (config.get("max_concurrency") or (graph.config or {}).get("max_concurrency")) == 1:
        raise UsageError(
            'max_concurrency=1 leaves no thread for the stream, and the run would hang: write run="async", leave out '
            "tokens= and stream_mode=, or allow 2."
        )


def with_thread(config: Mapping[str, Any], thread_id: str | None) -> tuple[dict[str, Any], str]:
    """Return the config with a thread, and the thread's id: ``thread_id``, the config's own thread, or a new thread.

    As in LangGraph, a key outside of ``RunnableConfig`` counts as a key of ``configurable``.
    """
    loose = {key: value for key, value in config.items() if key not in RunnableConfig.__annotations__}
    config = {key: value for key, value in config.items() if key not in loose}
    configurable = {**loose, **(config.get("configurable") or {})}
    thread_id = thread_id or configurable.get("thread_id") or str(uuid.uuid4())
    return {**config, "configurable": {**configurable, "thread_id": thread_id}}, str(thread_id)
