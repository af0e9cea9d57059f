"""The names of objects in the code of the user, to write a line of source that the user can run."""

import keyword
import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from nbhitl.kernel.surroundings import running_shell


def name_in_code(found: Any, source: str) -> str | None:
    """Return the name of an object in the user's code; ``None`` if no variable and no module there holds the object.

    Nothing is called: a name is looked up in the variables of the notebook, or of ``__main__``, and in variables that
    are modules and that the cell names (``agents.support``).

    Parameters
    ----------
    found
        The object.
    source
        The source of the running cell: names that stand there come first.
    """
    shell = running_shell()
    variables = getattr(shell, "user_ns", None) or vars(sys.modules["__main__"])
    words = set(re.findall(r"\w+", source))
    names = [*_names_of(found, variables), *_names_in_modules(found, variables, words)]
    said = [name for name in names if words.issuperset(name.split("."))]
    return next(iter([*said, *names]), None)


def _names_of(found: Any, variables: dict[str, Any]) -> Iterator[str]:
    for name, value in list(variables.items()):
        if value is found and not name.startswith("_") and name.isidentifier() and not keyword.iskeyword(name):
            yield name


def _names_in_modules(found: Any, variables: dict[str, Any], words: set[str]) -> Iterator[str]:
    for name in sorted(words & variables.keys()):
        module = variables[name]
        if isinstance(module, ModuleType) and not name.startswith("_"):
            yield from (f"{name}.{each}" for each in _names_of(found, vars(module)) if each in words)
