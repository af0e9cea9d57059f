"""Tells whether a thread that waits can be a thread of a graph: graphs with the same checkpointer share the threads.

A checkpoint names no graph. An agent that has a name writes the name into the metadata of its checkpoints; of other
threads the asking node, and the tools to decide on, tell whether another graph has asked.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from types import FunctionType, MethodType
from typing import Any

from nbhitl.engines.local.functions import NOT_THE_USERS, closure_of, named_tools
from nbhitl.engines.local.levels import graph_at
from nbhitl.engines.local.options import Graph
from nbhitl.engines.whose import BELOW, agent_in
from nbhitl.runs.conversation import calls_of
from nbhitl.runs.run import Interrupt
from nbhitl.runs.waiting import WaitingThread

OF_AGENTS = "ls_integration"
"""Key of the metadata that LangChain gives each agent, also an agent without a name."""


class OwnThreads:
    """Tells threads of a graph from threads of another graph with the same checkpointer.

    Attributes
    ----------
    is_agent
        Whether the graph is an agent of LangChain, so that the name of another agent proves another graph.
    agent
        The agent's name; ``None`` for an agent without a name, and for another graph.
    """

    def __init__(self, graph: Graph) -> None:
        metadata = (graph.config or {}).get("metadata") or {}
        self._graph = graph
        self.agent = agent_in(metadata)
        self.is_agent = self.agent is not None or OF_AGENTS in metadata

    def names(self, agent: str | None) -> bool:
        """Tell whether a thread whose checkpoint names ``agent`` names this graph; true where the graph has no name."""
        return self.agent is None or agent == self.agent

    def may_have(self, waiting: WaitingThread, agent: str | None) -> bool:
        """Tell whether a thread whose checkpoint names ``agent`` may be of this graph."""
        if self.is_agent and agent not in (None, self.agent):
            return False
        return all(map(self._may_ask, waiting.interrupts))

    def _may_ask(self, interrupt: Interrupt) -> bool:
        if interrupt.is_stop:
            return self._may_stop(interrupt)
        *path, name = interrupt.node.split("/")
        graph = graph_at(self._graph, tuple(path))
        if path and graph is self._graph:  # a graph that only the code of a node or tool knows
            return True
        if name not in graph.nodes:
            return False
        bound = getattr(graph.nodes[name], "bound", None)
        if _is_gate(bound):
            return _may_run(graph, graph.nodes, frozenset(_called_in(interrupt.value)))
        tool = interrupt.asker.partition(BELOW)[0]
        return not tool or _may_run(graph, [name], {tool})

    def _may_stop(self, interrupt: Interrupt) -> bool:
        seen = interrupt.value if isinstance(interrupt.value, Mapping) else {}
        called = {call.name for call in calls_of({"tool_calls": seen.get("tool calls")})}
        graphs = [(graph_at(self._graph, halt.path), halt.next) for halt in interrupt.halts]
        return len(graphs) != 1 or _may_run(*graphs[0], called)


def _is_gate(bound: Any) -> bool:
    """Tell whether a node is of a middleware that asks about calls of tools.

    The tools that the middleware asks about tell nothing: the list may have changed since the question.
    """
    functions = (getattr(bound, name, None) for name in ("func", "afunc"))
    return any(hasattr(getattr(each, "__self__", None), "interrupt_on") for each in functions)


def _called_in(payload: Any) -> Iterator[str]:
    """Yield the tools of the calls that a payload of LangChain's middleware asks about."""
    requests = payload.get("action_requests") if isinstance(payload, Mapping) else None
    for each in requests if isinstance(requests, list) else ():
        if isinstance(each, Mapping) and isinstance(name := each.get("name"), str):
            yield name


def _may_run(graph: Graph, names: Iterable[str], called: Collection[str]) -> bool:
    """Tell whether the nodes of these names may run the calls; true where none of the nodes has tools.

    A node whose calls go through a wrapper may run further tools.
    """
    bounds = (getattr(graph.nodes.get(name), "bound", None) for name in names)
    nodes = [bound for bound in bounds if named_tools(bound)]
    known = {str(name) for each in nodes for name in named_tools(each)}
    return not nodes or known.issuperset(called) or any(map(_is_wrapped, nodes))


def _is_wrapped(node: Any) -> bool:
    """Tell whether a function of the user's is around the calls of a ``ToolNode``."""
    wrappers = [getattr(node, name, None) for name in ("_wrap_tool_call", "_awrap_tool_call")]
    seen: set[int] = set()
    while wrappers:
        function = wrappers.pop()
        function = function.__func__ if isinstance(function, MethodType) else function
        if id(function) in seen or not isinstance(function, FunctionType):
            continue
        seen.add(id(function))
        if not f"{function.__module__}.".startswith((*NOT_THE_USERS, "langsmith.")):
            return True
        wrappers += closure_of(function).values()  # LangChain joins the wrappers of several middlewares
    return False
