"""Finds ``interrupt()`` inside a ``try`` that catches it: the run would go on there and ask nobody.

`interrupt` pauses by raising, and ``except Exception`` stops it. What cannot be read for sure is left out: a false
alarm is worse than none. No import of langgraph: what a name stands for is looked up where the function would do it.
"""

import ast
import builtins
import inspect
import linecache
import sys
import textwrap
from collections import ChainMap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from types import FunctionType, MethodType, ModuleType
from typing import Any
from weakref import WeakKeyDictionary

CATCHERS = {
    ("builtins", "BaseException"),
    ("builtins", "Exception"),
    ("langgraph.errors", "GraphBubbleUp"),
    ("langgraph.errors", "GraphInterrupt"),
}
"""The classes of what `interrupt` raises."""

NOT_THE_USERS = ("langgraph.", "langchain.", "langchain_core.", "concurrent.", "functools")
"""Modules whose functions are not read."""

DEEPEST_CALL = 3
"""How many helper functions may stand between a node and ``interrupt()``."""

UNKNOWN = object()


def swallowed_interrupts(graph: Any) -> tuple[str, ...]:
    """Return a sentence for each ``interrupt()`` of a compiled graph that an ``except`` around it would catch.

    Nodes, subgraphs, tools and the functional API's tasks are read, where Python has their source. A call of a helper
    function of the same module that calls ``interrupt()`` counts as well.
    """
    sentences = (f"{owner}: {place}" for owner, function in _functions(graph, "") for place in _places(function))
    return tuple(dict.fromkeys(sentences))


# --- the functions of a graph -------------------------------------------------------------------


def _functions(graph: Any, path: str, seen: set[int] | None = None) -> Iterator[tuple[str, FunctionType]]:
    seen = set() if seen is None else seen
    for name, node in getattr(graph, "nodes", {}).items():
        for function in _of(getattr(node, "bound", None), seen):
            yield f"Node {path + name!r}", function
            for task in _values(function):
                if _is_task(task):
                    yield from ((f"Task {each.__name__!r}", each) for each in _of(task.func, seen))
        for subgraph in getattr(node, "subgraphs", None) or ():
            if id(subgraph) not in seen:
                seen.add(id(subgraph))
                yield from _functions(subgraph, f"{path}{name}/", seen)


def _of(thing: Any, seen: set[int]) -> Iterator[FunctionType]:
    """Yield the user's functions in a runnable, a tool, a method, a partial."""
    if thing is None or id(thing) in seen or hasattr(thing, "channels"):  # a graph in a graph: see `_functions`
        return
    seen.add(id(thing))
    if isinstance(thing, FunctionType):
        if not f"{thing.__module__}.".startswith(NOT_THE_USERS):
            yield thing
        thing = getattr(thing, "__wrapped__", None)
        yield from _of(thing, seen)
    elif isinstance(thing, MethodType | partial):
        yield from _of(thing.__func__ if isinstance(thing, MethodType) else thing.func, seen)
    elif hasattr(thing, "invoke"):  # a runnable or a tool, langgraph's or langchain's
        parts = [getattr(thing, name, None) for name in ("func", "afunc", "coroutine", "bound", "_run", "_arun")]
        parts += [*getattr(thing, "steps", ()), *getattr(thing, "tools_by_name", {}).values()]
        for part in parts:
            yield from _of(part, seen)
    elif callable(thing) and not isinstance(thing, type):
        yield from _of(vars(type(thing)).get("__call__"), seen)


def _is_task(value: Any) -> bool:
    return type(value).__module__ == "langgraph.func" and hasattr(value, "func")


def _values(function: FunctionType) -> Iterator[Any]:
    """Yield what the names in a function stand for outside of it."""
    names = _closure(function)
    yield from names.values()
    for name in function.__code__.co_names:
        if name in function.__globals__:
            yield function.__globals__[name]


def _closure(function: FunctionType) -> dict[str, Any]:
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=False)
    return {name: cell.cell_contents for name, cell in cells if _is_filled(cell)}


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018 - an empty cell raises
    except ValueError:
        return False
    return True


# --- one function -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Guard:
    """What stands around a call: the handlers of a ``try``, or what a ``with`` is given."""

    handlers: Sequence[ast.ExceptHandler] = ()
    managers: Sequence[ast.expr] = ()


Guards = tuple[_Guard, ...]


@dataclass(frozen=True)
class _Source:
    """What a function's source says: the calls that its own body makes, with what stands around each, inside first."""

    line: int
    calls: Sequence[tuple[ast.Call, Guards]] = ()
    awaited: frozenset[int] = frozenset()
    imports: Sequence[ast.Import | ast.ImportFrom] = ()


_READ: WeakKeyDictionary[FunctionType, _Source] = WeakKeyDictionary()
"""The source of a function is read once; what its names stand for may change, and is looked up each time."""


def _places(function: FunctionType) -> Iterator[str]:
    if not function.__code__.co_exceptiontable:  # no `try`, no `with`
        return
    source = _source(function)
    scope = _Scope(function, source)
    for call, guards in source.calls:
        if guards and (asked := scope.asks(call)) and (catcher := scope.catcher(guards)):
            yield (
                f"{asked} in line {call.lineno - source.line} of {function.__code__.co_name}() does not pause the run: "
                f"it pauses by raising, and {_named(catcher)} in line {catcher.lineno - source.line} catches that. "
                "Move the call out of there, catch a narrower exception, or put `except GraphBubbleUp: raise` (from "
                "langgraph.errors) first."
            )


def _named(catcher: ast.ExceptHandler | ast.expr) -> str:
    if isinstance(catcher, ast.expr):
        return f"`with {ast.unparse(catcher)}`"
    return f"`except {ast.unparse(catcher.type)}`" if catcher.type else "`except`"


def _source(function: FunctionType) -> _Source:
    if function not in _READ:
        _READ[function] = _read(function)
    return _READ[function]


def _read(function: FunctionType) -> _Source:
    code = function.__code__
    try:
        # Not inspect.getsource: that looks through all modules first, which takes tens of milliseconds.
        lines = linecache.getlines(code.co_filename, function.__globals__)[code.co_firstlineno - 1 :]
        tree = ast.parse(textwrap.dedent("".join(inspect.getblock(lines)))).body[0]
    except (SyntaxError, ValueError, IndexError):  # no source, or none that stands for itself
        return _Source(0)
    if not isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef) or tree.name != code.co_name:
        return _Source(0)  # a lambda; a file that was changed since it was imported
    nodes = list(ast.walk(tree))
    return _Source(
        tree.lineno - 1,
        tuple(_calls(tree.body)),
        frozenset(id(node.value) for node in nodes if isinstance(node, ast.Await)),
        [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)],
    )


def _calls(nodes: Iterable[ast.AST], guards: Guards = ()) -> Iterator[tuple[ast.Call, Guards]]:
    for node in nodes:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
                continue  # what is written there does not run there
            case ast.Try():
                yield from _calls(node.body, (_Guard(node.handlers), *guards))
                yield from _calls([*node.handlers, *node.orelse, *node.finalbody], guards)
                continue
            case ast.With():
                managers = [item.context_expr for item in node.items]
                yield from _calls(node.body, (_Guard(managers=managers), *guards))
                yield from _calls(managers, guards)
                continue
            case ast.Call():
                yield node, guards
        yield from _calls(ast.iter_child_nodes(node), guards)


class _Scope:
    """What the names in one function stand for, as far as that is sure."""

    def __init__(self, function: FunctionType, source: _Source, depth: int = 0) -> None:
        self._function, self._awaited, self._depth = function, source.awaited, depth
        own = (*function.__code__.co_varnames, *function.__code__.co_cellvars)
        near = {**dict.fromkeys(own, UNKNOWN), **_closure(function), **_imported(source.imports)}
        self._names = ChainMap(near, function.__globals__, vars(builtins))

    def value(self, expression: ast.expr | None) -> Any:
        """Return what a name, or a name in a module, stands for."""
        match expression:
            case ast.Name(id=name):
                return self._names.get(name, UNKNOWN)
            case ast.Attribute(value=holder, attr=name) if isinstance(module := self.value(holder), ModuleType):
                return vars(module).get(name, UNKNOWN)
            case ast.Tuple(elts=parts):
                return tuple(map(self.value, parts))
        return UNKNOWN

    def asks(self, call: ast.Call) -> str | None:
        """Return how a call is named if it calls ``interrupt()``, itself or through a helper of the same module."""
        called = self.value(call.func)
        if not isinstance(called, FunctionType):
            return None
        if (called.__module__, called.__name__) == ("langgraph.types", "interrupt"):
            return "interrupt()"
        runs = not inspect.isgeneratorfunction(called) and not inspect.isasyncgenfunction(called)
        if inspect.iscoroutinefunction(called):
            runs = id(call) in self._awaited
        near = called.__module__ == self._function.__module__ and called is not self._function
        if runs and near and self._depth < DEEPEST_CALL and _lets_through(called, self._depth + 1):
            return f"{called.__name__}(), which calls interrupt(),"
        return None

    def catcher(self, guards: Guards) -> ast.ExceptHandler | ast.expr | None:
        """Return what catches an interrupt for good; ``None`` if nothing does, or if that cannot be said."""
        for guard in guards:
            for manager in guard.managers:
                if self._suppresses(manager):
                    return manager
            for handler in guard.handlers:
                caught = self._catches(handler)
                if caught is None:
                    return None
                if caught:
                    if not _may_raise_again(handler):
                        return handler
                    break
        return None

    def _suppresses(self, expression: ast.expr) -> bool:
        if not isinstance(expression, ast.Call):
            return False
        suppress = self.value(expression.func)
        if (getattr(suppress, "__module__", None), getattr(suppress, "__name__", None)) != ("contextlib", "suppress"):
            return False
        return any(_is_catcher(self.value(each)) for each in expression.args)

    def _catches(self, handler: ast.ExceptHandler) -> bool | None:
        if handler.type is None:
            return True
        value = self.value(handler.type)
        classes = value if isinstance(value, tuple) else (value,)
        if any(map(_is_catcher, classes)):
            return True
        return False if all(isinstance(each, type) for each in classes) else None


def _lets_through(function: FunctionType, depth: int) -> bool:
    """Tell whether a call of a function may pause the run."""
    source = _source(function)
    scope = _Scope(function, source, depth)
    return any(not any(guard.handlers for guard in guards) and scope.asks(call) for call, guards in source.calls)


def _is_catcher(value: Any) -> bool:
    return isinstance(value, type) and (value.__module__, value.__name__) in CATCHERS


def _may_raise_again(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler raises what it caught, on one path at least: which one runs cannot be read off."""
    for node in _inside(handler.body):
        if isinstance(node, ast.Raise) and (node.exc is None or _is_name(node.exc, handler.name)):
            return True
        called = node.func if isinstance(node, ast.Call) else None
        if "raise" in (getattr(called, "id", "") + getattr(called, "attr", "")).lower():
            return True
    return False


def _inside(nodes: Sequence[ast.AST]) -> Iterator[ast.AST]:
    for node in nodes:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from _inside(list(ast.iter_child_nodes(node)))


def _is_name(expression: ast.expr, name: str | None) -> bool:
    return isinstance(expression, ast.Name) and expression.id == name


def _imported(imports: Iterable[ast.Import | ast.ImportFrom]) -> dict[str, Any]:
    """Return what import statements inside a function bind, without running them."""
    found: dict[str, Any] = {}
    for node in imports:
        if isinstance(node, ast.ImportFrom):
            module = None if node.level else sys.modules.get(node.module or "")
            found |= {alias.asname or alias.name: getattr(module, alias.name, UNKNOWN) for alias in node.names}
        else:
            for alias in node.names:
                name = alias.name if alias.asname else alias.name.split(".")[0]
                found[alias.asname or name] = sys.modules.get(name, UNKNOWN)
    return found
