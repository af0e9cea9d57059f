"""Finds the user's functions in a compiled graph, and their sources; imports nothing, and runs no user code.

langgraph is not imported: its objects are recognised by module names.
"""

import ast
import inspect
import linecache
import sys
import textwrap
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from types import FunctionType, MethodType
from typing import Any

from nbhitl.text.source import parsed

NOT_THE_USERS = ("langgraph.", "langchain.", "langchain_core.", "concurrent.", "functools")
"""Modules whose functions are not read."""

UNKNOWN = object()
"""Stands for the value of a name where that value cannot be read."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef


def own_functions(thing: Any, seen: set[int]) -> Iterator[FunctionType]:
    """Yield the user's functions in a runnable, a tool, a method, a partial."""
    if thing is None or id(thing) in seen or has(thing, "channels"):  # an inner graph lists its nodes itself
        return
    seen.add(id(thing))
    if isinstance(thing, FunctionType):
        if not f"{thing.__module__}.".startswith(NOT_THE_USERS):
            yield thing
        thing = getattr(thing, "__wrapped__", None)
        yield from own_functions(thing, seen)
    elif isinstance(thing, MethodType | partial):
        yield from own_functions(thing.__func__ if isinstance(thing, MethodType) else thing.func, seen)
    elif has(thing, "invoke"):  # a runnable or a tool, langgraph's or langchain's
        parts = [getattr(thing, name, None) for name in ("func", "afunc", "coroutine", "bound", "_run", "_arun")]
        parts += [*getattr(thing, "steps", ()), *tools_in(thing)]
        for part in parts:
            yield from own_functions(part, seen)
    elif callable(thing) and not isinstance(thing, type):
        yield from own_functions(vars(type(thing)).get("__call__"), seen)


def graphs_in(graph: Any, seen: set[int] | None = None) -> Iterator[Any]:
    """Yield a graph, the graphs that are nodes, and the graphs that functions of nodes and tools call.

    Nothing is yielded for an object that is no graph.
    """
    seen = set() if seen is None else seen
    if id(graph) in seen or not has(graph, "channels") or not isinstance(nodes := graph.nodes, dict):
        return
    seen.add(id(graph))
    yield graph
    for node in nodes.values():
        bound = getattr(node, "bound", None)
        called = [value for function in own_functions(bound, seen) for value in outer_values(function)]
        for inner in (bound, *called):
            yield from graphs_in(inner, seen)


def subgraphs_of(node: Any) -> Sequence[Any]:
    """Return the graphs that LangGraph knows to be in a node."""
    subgraphs = getattr(node, "subgraphs", ())
    return subgraphs if isinstance(subgraphs, Sequence) else ()


def tools_of(graph: Any) -> Iterator[tuple[str, Any]]:
    """Yield the tools in the ``ToolNode``s of a graph and of the graphs inside, each with the name in the node.

    None where no such node is known: then nothing can be said of the graph's tools.
    """
    for each in graphs_in(graph):
        for node in each.nodes.values():
            for name, tool in named_tools(getattr(node, "bound", None)).items():
                yield str(name), tool


def tools_in(thing: Any) -> Iterable[Any]:
    """Return the tools of a ``ToolNode``; none for any other object."""
    return named_tools(thing).values()


def named_tools(thing: Any) -> dict[Any, Any]:
    """Return the tools of a ``ToolNode`` by their names; none for any other object."""
    tools = getattr(thing, "tools_by_name", None)
    return tools if isinstance(tools, dict) else {}


def node_names(graph: Any) -> frozenset[str]:
    """Return the names of the nodes of a graph and of the graphs inside; empty for anything else."""
    return frozenset().union(*(each.nodes for each in graphs_in(graph)))


def is_task(value: Any) -> bool:
    """Tell whether a value is a task of the functional API."""
    return type(value).__module__ == "langgraph.func" and has(value, "func")


def has(thing: Any, name: str) -> bool:
    """Tell whether an object has an attribute, without running code of the object."""
    return inspect.getattr_static(thing, name, UNKNOWN) is not UNKNOWN


def outer_values(function: FunctionType) -> Iterator[Any]:
    """Yield the values of a function's outer names."""
    names = closure_of(function)
    yield from names.values()
    for name in function.__code__.co_names:
        if name in function.__globals__:
            yield function.__globals__[name]


def closure_of(function: FunctionType) -> dict[str, Any]:
    """Return the values of the names that a function takes from enclosing functions."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=False)
    return {name: cell.cell_contents for name, cell in cells if _is_filled(cell)}


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018 - an empty cell raises
    except ValueError:
        return False
    return True


def definition_of(function: FunctionType) -> Definition | None:
    """Return a function's syntax tree; ``None`` where no definition of this name is in the source.

    A lambda has no definition, and the source of a file that was changed after the import may not match.
    """
    code = function.__code__
    try:
        # Not inspect.getsource: that looks through all modules first, which takes tens of milliseconds.
        lines = linecache.getlines(code.co_filename, function.__globals__)[code.co_firstlineno - 1 :]
        block = textwrap.dedent("".join(inspect.getblock(lines)))
    except (SyntaxError, ValueError, IndexError, tokenize.TokenError):
        return None
    tree = parsed(block)
    first = tree.body[0] if tree is not None and tree.body else None
    return first if isinstance(first, Definition) and first.name == code.co_name else None


def imported(imports: Iterable[ast.Import | ast.ImportFrom]) -> dict[str, Any]:
    """Return the names that import statements inside a function bind, with the objects; nothing is imported."""
    found: dict[str, Any] = {}
    for node in imports:
        found.update(_names_from(node) if isinstance(node, ast.ImportFrom) else _modules(node))
    return found


def _names_from(node: ast.ImportFrom) -> Iterator[tuple[str, Any]]:
    # Not getattr: access to a name may make a module import further modules.
    module = None if node.level else sys.modules.get(node.module or "")
    names = {} if module is None else vars(module)
    for alias in node.names:
        yield alias.asname or alias.name, names.get(alias.name, UNKNOWN)


def _modules(node: ast.Import) -> Iterator[tuple[str, Any]]:
    for alias in node.names:
        name = alias.name if alias.asname else alias.name.split(".")[0]
        yield alias.asname or name, sys.modules.get(name, UNKNOWN)
