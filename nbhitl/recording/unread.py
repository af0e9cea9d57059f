"""Whether the result of a bare card is read by later cells, as far as names tell."""

import ast
import re
from collections.abc import Iterator
from typing import Any

from nbhitl.answers.notebook_file import around
from nbhitl.core.review_core import ReviewCore
from nbhitl.kernel.surroundings import running_shell
from nbhitl.text.source import parsed

OUTPUTS = ("_", "__", "___", "Out")
"""IPython's names for the last outputs; also ``_12``."""


def is_unread(core: ReviewCore, source: str) -> bool:
    """Tell whether no later cell of the notebook mentions the card, and the saved outputs show no failure.

    False where this is not known: a later cell may expect the failure.

    Parameters
    ----------
    core
        The review.
    source
        The source of the cell that shows the card.
    """
    found = around(source)
    if found is None or found.shows_failure:
        return False
    names = {*_names_of(core), *_root_of_last_line(source), *OUTPUTS}
    mentioned = re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, sorted(names)))}|_\d+)(?!\w)")
    return not any(mentioned.search(cell) for cell in found.later)


def _names_of(core: ReviewCore) -> Iterator[str]:
    """Yield the names of the review in the user's namespace, and of containers that hold the review."""
    for name, value in list(getattr(running_shell(), "user_ns", {}).items()):
        if name not in OUTPUTS and (_is_review(value, core) or any(_is_review(each, core) for each in _items(value))):
            yield name


def _is_review(value: Any, core: ReviewCore) -> bool:
    # Only nbhitl's objects are looked into, so that no code of users' objects runs.
    module = type(value).__module__
    if not str(module).startswith("nbhitl."):
        return False
    return any(each is core for each in getattr(value, "__dict__", {}).values())


def _items(value: Any) -> list[Any]:
    if type(value) is dict:
        return list(value.values())
    return list(value) if type(value) in (list, tuple, set) else []


def _root_of_last_line(source: str) -> Iterator[str]:
    """Yield the name at the beginning of the last line, as in ``helper.card``; a call makes a new object."""
    tree = parsed(source)  # none where the cell has magics, say
    last = tree.body[-1] if tree is not None and tree.body else None
    node = last.value if isinstance(last, ast.Expr) else None
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id
