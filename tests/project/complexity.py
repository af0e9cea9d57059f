"""Counts the branches of functions, with the boolean operators and comprehensions that ruff and complexipy leave out.

``python -m tests.project.complexity`` prints the functions with the most branches. Counted as radon does: a branch, a
loop, a handler, a case, an assertion, each further part of ``and`` and ``or``, each ``for`` and ``if`` of a
comprehension. Ruff counts no boolean operator and no comprehension; complexipy leaves out a comprehension inside of an
expression: ``[a for a in x if a] + [b for b in y if b]`` counts as nothing.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.tools import ROOT

FOLDERS = ("nbhitl", "nbhitl_pytest")
LIMIT = 20
"""The same number as for complexipy, in pyproject.toml."""

SHOWN = 30


class Counted(NamedTuple):
    """A function with its branches."""

    branches: int
    place: str


def branches_of(function: ast.AST) -> int:
    """Return the branches of a function, with the branches of the functions inside."""
    return 1 + sum(_adds(node) for node in ast.walk(function))


def _adds(node: ast.AST) -> int:
    match node:
        case ast.If() | ast.IfExp() | ast.Assert() | ast.ExceptHandler():
            return 1
        case ast.For(orelse=otherwise) | ast.AsyncFor(orelse=otherwise) | ast.While(orelse=otherwise):
            return 1 + bool(otherwise)
        case ast.Try(orelse=otherwise) | ast.TryStar(orelse=otherwise):
            return int(bool(otherwise))
        case ast.BoolOp(values=parts):
            return len(parts) - 1
        case ast.comprehension(ifs=conditions):
            return 1 + len(conditions)
        case ast.Match(cases=cases):
            return sum(not _takes_the_rest(case) for case in cases)
    return 0


def _takes_the_rest(case: ast.match_case) -> bool:
    return isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None


def counted() -> Iterator[Counted]:
    """Yield the functions of the package."""
    for path in sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")):
        yield from counted_in(path.read_text(encoding="utf-8"), path.relative_to(ROOT))


def counted_in(source: str, path: Path) -> Iterator[Counted]:
    """Yield the functions of a file."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Counted(branches_of(node), f"{path}:{node.lineno} {node.name}")


if __name__ == "__main__":
    most = sorted(counted(), reverse=True)[:SHOWN]
    sys.stdout.write("".join(f"{branches:4} {place}\n" for branches, place in most))
