"""The user's functions in a compiled graph, and their sources; nothing is imported, and nothing of theirs is run.

No import of langgraph: it is known by the names of its modules.
"""

import ast
import inspect
import linecache
import sys
import textwrap
import tokenize
from collections.abc import Iterable, Iterator
from functools import partial
from types import FunctionType, MethodType
from typing import Any

NOT_THE_USERS = ("langgraph.", "langchain.", "langchain_core.", "concurrent.", "functools")
"""Modules whose functions are not read."""

UNKNOWN = object()
"""Stands for what a name means where that cannot be read off."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef


def own_functions(thing: Any, seen: set[int]) -> Iterator[FunctionType]:
    """Yield the user's functions in a runnable, a tool, a method, a partial."""
    if thing is None or id(thing) in seen or has(thing, "channels"):  # a graph in a graph has nodes of its own
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
        parts += [*getattr(thing, "steps", ()), *getattr(thing, "tools_by_name", {}).values()]
        for part in parts:
            yield from own_functions(part, seen)
    elif callable(thing) and not isinstance(thing, type):
        yield from own_functions(vars(type(thing)).get("__call__"), seen)


def is_task(value: Any) -> bool:
    """Tell whether a value is a task of the functional API."""
    return type(value).__module__ == "langgraph.func" and has(value, "func")


def has(thing: Any, name: str) -> bool:
    """Tell whether an object has an attribute, without asking the object: it may be anybody's."""
    return inspect.getattr_static(thing, name, UNKNOWN) is not UNKNOWN


def outer_values(function: FunctionType) -> Iterator[Any]:
    """Yield what the names in a function stand for outside of it."""
    names = closure_of(function)
    yield from names.values()
    for name in function.__code__.co_names:
        if name in function.__globals__:
            yield function.__globals__[name]


def closure_of(function: FunctionType) -> dict[str, Any]:
    """Return what the names stand for that a function takes from the functions around it."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=False)
    return {name: cell.cell_contents for name, cell in cells if _is_filled(cell)}


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018 - an empty cell raises
    except ValueError:
        return False
    return True


def definition_of(function: FunctionType) -> Definition | None:
    """Return the source of a function as Python reads it; ``None`` where there is none that stands for itself.

    That of a lambda does not, and nor does a file that was changed since it was imported.
    """
    code = function.__code__
    try:
        # Not inspect.getsource: that looks through all modules first, which takes tens of milliseconds.
        lines = linecache.getlines(code.co_filename, function.__globals__)[code.co_firstlineno - 1 :]
        tree = ast.parse(textwrap.dedent("".join(inspect.getblock(lines)))).body[0]
    except (SyntaxError, ValueError, IndexError, RecursionError, tokenize.TokenError):
        return None
    return tree if isinstance(tree, Definition) and tree.name == code.co_name else None


def imported(imports: Iterable[ast.Import | ast.ImportFrom]) -> dict[str, Any]:
    """Return what import statements inside a function bind, without running them."""
    found: dict[str, Any] = {}
    for node in imports:
        if isinstance(node, ast.ImportFrom):
            # Not getattr: a module may import others when it is asked for a name.
            module = None if node.level else sys.modules.get(node.module or "")
            names = {} if module is None else vars(module)
            found |= {alias.asname or alias.name: names.get(alias.name, UNKNOWN) for alias in node.names}
        else:
            for alias in node.names:
                name = alias.name if alias.asname else alias.name.split(".")[0]
                found[alias.asname or name] = sys.modules.get(name, UNKNOWN)
    return found
