"""Python source as syntax trees: the only place where source is parsed.

CPython counts the depth of the tree under construction in a single place for all threads, and lets other threads run
where the garbage collector calls a finalizer meanwhile. Two threads that parse at the same time get ``SystemError: AST
constructor recursion depth mismatch`` (seen in 3.11.7). nbhitl parses a single source at a time, and tries again where
a user's thread parses at the same moment.
"""

import ast
import threading
from ast import parse
from typing import Literal

TIMES = 5
"""Tries until a source counts as unreadable."""

_PARSING = threading.RLock()  # a finalizer may parse within a parse


def parsed(source: str) -> ast.Module | None:
    """Return the tree of a source; ``None`` where the source cannot be read."""
    tree = _tree(source, "exec")
    return tree if isinstance(tree, ast.Module) else None


def parsed_expression(text: str) -> ast.expr | None:
    """Return the tree of an expression; ``None`` where the text cannot be read."""
    tree = _tree(text, "eval")
    return tree.body if isinstance(tree, ast.Expression) else None


def _tree(source: str, mode: Literal["exec", "eval"]) -> ast.AST | None:
    with _PARSING:
        for _ in range(TIMES):
            try:
                return parse(source, mode=mode)
            except SystemError:
                continue
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return None
    return None
