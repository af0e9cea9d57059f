"""Errors about missing answers that code of a cell has caught: the cell fails all the same, at the end."""

import ast
import linecache
from collections.abc import Callable, Iterator

from nbhitl.errors import NbhitlError
from nbhitl.kernel.cell import running_cell
from nbhitl.text.source import parsed


def fail_in_the_end(error: NbhitlError, still_counts: Callable[[], bool]) -> None:
    """Let the running cell fail with an error that code catches, unless the code catches the error by name.

    ``still_counts`` tells at the end of the cell whether the answer is missing still. Otherwise a test would pass
    because nobody was asked: under ``except Exception``, or in ``asyncio.gather(..., return_exceptions=True)``.
    """
    cell = running_cell()

    def fail() -> None:
        if still_counts() and not _is_caught_by_name(error):
            cell.fail(error)

    cell.then(fail)


def _is_caught_by_name(error: NbhitlError) -> bool:
    """Tell whether the code that caught the error names the class of the error, or a class above of nbhitl's."""
    found = error.__traceback__  # begins with the frame that caught the error
    if found is None:
        return False
    line, file = found.tb_lineno, found.tb_frame.f_code.co_filename
    tree = parsed("".join(linecache.getlines(file, found.tb_frame.f_globals)))
    names = {each.__name__ for each in type(error).__mro__ if issubclass(each, NbhitlError)}
    return tree is not None and any(names & _named(each) for each in _catching(tree, line))


def _catching(tree: ast.Module, line: int) -> Iterator[ast.expr]:
    """Yield the expressions with the classes that are caught around a line, by ``except`` or by ``with``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Try | ast.TryStar) and _holds(node.body, line):
            yield from (handler.type for handler in node.handlers if handler.type is not None)
        elif isinstance(node, ast.With | ast.AsyncWith) and _holds(node.body, line):
            yield from (item.context_expr for item in node.items)


def _holds(body: list[ast.stmt], line: int) -> bool:
    return body[0].lineno <= line <= (body[-1].end_lineno or line)


def _named(expression: ast.expr) -> set[str]:
    nodes = list(ast.walk(expression))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return names | {node.attr for node in nodes if isinstance(node, ast.Attribute)}
