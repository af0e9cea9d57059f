"""The nested graphs of a thread: where each graph stands, and how to update each graph's state."""

from collections.abc import Iterator, Mapping, Set
from types import CodeType
from typing import Any

from langchain_core.messages import BaseMessage, convert_to_messages
from langgraph.pregel import Pregel
from langgraph.types import StateSnapshot

from nbhitl.engines.local.options import Graph
from nbhitl.runs.run import Halt

DEEPEST = 5
"""Most steps of a node that are examined."""


def graph_at(graph: Graph, path: tuple[str, ...]) -> Graph:
    """Return the subgraph in the nodes ``path``; the graph itself for an empty path."""
    return _found_at(graph, path) or graph


def halts_of(graph: Graph, state: StateSnapshot, within: Set[tuple[str, ...]]) -> tuple[Halt, ...]:
    """Return a halt for each graph of a stopped thread.

    Parameters
    ----------
    graph
        The graph of the thread.
    state
        The thread's state, read with ``subgraphs=True``.
    within
        The paths of the nodes with a running graph that the state does not show.
    """
    return tuple(_halts(graph, state, within, ()))


def _halts(root: Graph, state: StateSnapshot, within: Set[tuple[str, ...]], path: tuple[str, ...]) -> Iterator[Halt]:
    inside = [(task.name, task.state) for task in state.tasks if isinstance(task.state, StateSnapshot)]
    begun = {name: inner for name, inner in inside if inner.next}
    # A run that was killed may leave tasks behind while `next` is empty.
    coming = dict.fromkeys(state.next or [task.name for task in state.tasks])
    here = [name for name in coming if name not in begun]
    graph = _found_at(root, path)
    for is_within in (False, True):
        names = tuple(name for name in here if ((*path, name) in within) == is_within)
        if names:
            yield _halt(graph, state, path, names, is_within=is_within)
    for name, inner in begun.items():
        yield from _halts(root, inner, within, (*path, name))


def _halt(
    graph: Graph | None, state: StateSnapshot, path: tuple[str, ...], coming: tuple[str, ...], *, is_within: bool
) -> Halt:
    channels = {} if graph is None else graph.channels
    reducers = {name: reducer for name, each in channels.items() if (reducer := _reducer(each)) is not None}
    return Halt(
        path,
        coming,
        state.values,
        keys=None if graph is None else keys_of(graph),
        added_to=None if graph is None else frozenset(reducers),
        by_id=None if graph is None else frozenset(name for name, each in reducers.items() if _is_by_id(each)),
        tools=frozenset(name for name in coming if graph is not None and _runs_tools(graph.nodes.get(name))),
        is_within=is_within,
        checkpoint=(state.config or {}).get("configurable", {}).get("checkpoint_id"),
    )


def keys_of(graph: Graph) -> frozenset[str]:
    """Return the keys of the graph's state that an update may have."""
    names = graph.stream_channels_asis
    return frozenset([names] if isinstance(names, str) else names)


def _found_at(graph: Graph, path: tuple[str, ...]) -> Graph | None:
    if not path:
        return graph
    found = dict(graph.get_subgraphs(namespace="|".join(path), recurse=True)).get("|".join(path))
    return found if isinstance(found, Pregel) else None


def _reducer(channel: Any) -> Any:
    return getattr(channel, "operator", None) or getattr(channel, "reducer", None)


def _is_by_id(reducer: Any) -> bool:
    """Tell whether a reducer is LangGraph's reducer for messages, which matches messages by id."""
    module = str(getattr(reducer, "__module__", ""))
    return module.startswith(("langgraph.graph.message", "langgraph.graph.ui", "langchain.agents"))


def _runs_tools(node: Any) -> bool:
    """Tell whether a node produces the results of a conversation's tool calls: a ToolNode, or code with ToolMessage."""
    bound = getattr(node, "bound", node)
    steps = [bound, *list(getattr(bound, "steps", ()))[:DEEPEST]]
    return any(hasattr(step, "tools_by_name") or _makes_results(step) for step in steps)


def _makes_results(step: Any) -> bool:
    function = getattr(step, "func", None) or getattr(step, "afunc", None)
    function = getattr(function, "__func__", getattr(function, "__wrapped__", function))
    code = getattr(function, "__code__", None)
    return isinstance(code, CodeType) and any("ToolMessage" in each.co_names for each in _codes(code))


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _codes(each)


def as_messages(update: Mapping[str, Any], values: Any) -> dict[str, Any]:
    """Return an update with messages as LangChain's objects, where the state has such objects."""
    known = values if isinstance(values, Mapping) else {}
    return {key: _as_messages(value, known.get(key)) for key, value in update.items()}


def _as_messages(value: Any, known: Any) -> Any:
    if not isinstance(known, list) or not any(isinstance(each, BaseMessage) for each in known):
        return value
    given = value if isinstance(value, list) else [value]
    by_id = {each.id: each for each in known if isinstance(each, BaseMessage) and each.id is not None}
    return [_as_message(each, by_id) if isinstance(each, Mapping) else each for each in given]


def _as_message(given: Mapping[str, Any], by_id: Mapping[str, BaseMessage]) -> BaseMessage:
    """Return a message; a message that replaces another keeps all parts that are not given."""
    message, before = convert_to_messages([dict(given)])[0], by_id.get(given.get("id", ""))
    if before is None or before.type != message.type:
        return message
    changed = {name: getattr(message, name) for name in ("content", "tool_calls") if name in given}
    return before.model_copy(update=changed)
