"""The sources of functions and lambdas, each read once."""

import ast
import linecache
import sys
from types import FunctionType
from weakref import WeakKeyDictionary

from nbhitl.engines.local.functions import NOT_THE_USERS, Definition, definition_of
from nbhitl.text.source import parsed

LONGEST = 20_000
"""Longest file that is parsed to find a lambda outside of the lambda's own lines."""

LONGEST_FUNCTION = 400
"""Longest function that is read, in lines: a longer function costs more time than a proposal is worth."""

LINES = 12
"""Most lines of a statement in which a lambda is searched for."""

AROUND = ("{}", "_{}", "f({})", "f({}")
"""Contexts that can make a few lines of a longer statement parse."""

_READ: WeakKeyDictionary[FunctionType, Definition | ast.Lambda | None] = WeakKeyDictionary()


def source_of(function: FunctionType) -> Definition | ast.Lambda | None:
    """Return the syntax tree of a function's source; ``None`` where there is no source."""
    if function not in _READ:
        _READ[function] = _read(function)
    return _READ[function]


def _read(function: FunctionType) -> Definition | ast.Lambda | None:
    code = function.__code__
    last = max((line for _, _, line in code.co_lines() if line is not None), default=0)
    if last - code.co_firstlineno > LONGEST_FUNCTION:
        return None
    return _lambda(function) if function.__name__ == "<lambda>" else definition_of(function)


def is_readable(function: FunctionType) -> bool:
    """Tell whether a function belongs to the user, so that the function is read as well."""
    module = function.__module__ or ""
    if f"{module}.".startswith(NOT_THE_USERS) or module.partition(".")[0] in sys.stdlib_module_names - {"__main__"}:
        return False
    return "site-packages" not in function.__code__.co_filename


def _lambda(function: FunctionType) -> ast.Lambda | None:
    """Find a lambda by the line; of two similar lambdas in the same line, return neither."""
    code = function.__code__
    lines = linecache.getlines(code.co_filename, function.__globals__)
    first = code.co_firstlineno - 1
    for number in range(1, LINES + 1):
        text = "".join(lines[first : first + number]).strip().rstrip(",")
        for around in AROUND:
            if tree := parsed(around.format(text)):
                return _found(function, [node for node in _lambdas(tree) if node.lineno == 1])
    text = "".join(lines)
    tree = parsed(text) if 0 < len(text) <= LONGEST else None
    return _found(function, [node for node in _lambdas(tree) if node.lineno == first + 1]) if tree else None


def _lambdas(tree: ast.Module) -> list[ast.Lambda]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Lambda)]


def _found(function: FunctionType, nodes: list[ast.Lambda]) -> ast.Lambda | None:
    code = function.__code__
    alike = [node for node in nodes if _names(node) == code.co_varnames[: code.co_argcount]]
    return alike[0] if len(alike) == 1 else None


def _names(node: ast.Lambda) -> tuple[str, ...]:
    return tuple(each.arg for each in [*node.args.posonlyargs, *node.args.args])
