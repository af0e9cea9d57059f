"""The sources of functions and lambdas, each read once."""

import ast
import linecache
import sys
from types import FunctionType
from weakref import WeakKeyDictionary

from nbhitl.engines.functions import NOT_THE_USERS, Definition, definition_of

LONGEST = 100_000
"""Characters of a file in which a lambda is looked for: all of it is parsed for that."""

_READ: WeakKeyDictionary[FunctionType, Definition | ast.Lambda | None] = WeakKeyDictionary()


def source_of(function: FunctionType) -> Definition | ast.Lambda | None:
    """Return a function's source as Python reads it; ``None`` where there is none."""
    if function not in _READ:
        _READ[function] = _lambda(function) if function.__name__ == "<lambda>" else definition_of(function)
    return _READ[function]


def is_readable(function: FunctionType) -> bool:
    """Tell whether a function is the user's, so that it is read as well."""
    module = function.__module__ or ""
    if f"{module}.".startswith(NOT_THE_USERS) or module.partition(".")[0] in sys.stdlib_module_names - {"__main__"}:
        return False
    return "site-packages" not in function.__code__.co_filename


def _lambda(function: FunctionType) -> ast.Lambda | None:
    """Find a lambda by its line; of two in one line none is taken."""
    code = function.__code__
    text = "".join(linecache.getlines(code.co_filename, function.__globals__))
    if not 0 < len(text) <= LONGEST:
        return None
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda) and node.lineno == code.co_firstlineno]
    alike = [node for node in found if _names(node) == code.co_varnames[: code.co_argcount]]
    return alike[0] if len(alike) == 1 else None


def _names(node: ast.Lambda) -> tuple[str, ...]:
    return tuple(each.arg for each in [*node.args.posonlyargs, *node.args.args])
