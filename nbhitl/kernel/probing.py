"""Probes of private ways of other packages: whether a name is there, and whether a call fits."""

import inspect
from typing import Any

MISSING = object()
"""Stands for the value of a name that is not there."""


def found_at(thing: Any, path: str) -> Any:
    """Return the value of a dotted name of an object; `MISSING` if a part of the name is not there."""
    for name in path.split("."):
        thing = getattr(thing, name, MISSING)
    return thing


def takes(call: Any, *args: Any, **options: Any) -> bool:
    """Tell whether an object can be called with these arguments, as far as its signature tells; nothing is called."""
    if not callable(call):
        return False
    try:
        signature = inspect.signature(call)
    except (TypeError, ValueError):  # code in C may have no signature
        return True
    try:
        signature.bind(*args, **options)
    except TypeError:
        return False
    return True
