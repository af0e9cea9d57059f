"""The references between nbhitl's own objects at run time: imports that go down do not show callbacks that go up."""

import asyncio
import functools
import gc
import sys
import types
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

PASSED = (
    *(dict, list, tuple, set, frozenset, deque, types.MappingProxyType),
    *(types.MethodType, types.FunctionType, types.CellType, functools.partial),
    *(types.CoroutineType, types.GeneratorType, types.FrameType, asyncio.Future, asyncio.Event),
)
"""Types of Python whose objects are passed through: an object of nbhitl holds the next object through them."""

PASSED_BY_NAME = frozenset({"CallbackDispatcher", "_asyncio.Task"})
"""Further such types, by name."""

Graph = dict[int, dict[int, Any]]


def is_own(value: Any) -> bool:
    """Tell whether an object is an instance of a class of nbhitl outside ``nbhitl.testing``."""
    room = (type(value).__module__ or "").split(".")[:2]
    return room[0] == "nbhitl" and room != ["nbhitl", "testing"] and not isinstance(value, type)


def graph_of(roots: Iterable[Any]) -> tuple[dict[int, Any], dict[int, set[int]]]:
    """Return nbhitl's objects that are reached from ``roots``, by id, and the ids of the objects that each holds."""
    namespaces = {id(vars(module)) for module in list(sys.modules.values())}
    objects: dict[int, Any] = {}
    holds: dict[int, set[int]] = {}
    waiting = [root for root in roots if is_own(root)]
    while waiting:
        owner = waiting.pop()
        if id(owner) in objects:
            continue
        objects[id(owner)] = owner
        held = list(_held(owner, namespaces))
        holds[id(owner)] = {id(each) for each in held}
        waiting += held
    return objects, holds


def _held(owner: Any, namespaces: set[int]) -> Iterator[Any]:
    seen, waiting = {id(owner)}, [*gc.get_referents(owner)]
    while waiting:
        value = waiting.pop()
        if id(value) in seen or id(value) in namespaces or isinstance(value, type):
            continue
        seen.add(id(value))
        if is_own(value):
            yield value
        elif isinstance(value, PASSED) or type(value).__name__ in PASSED_BY_NAME:
            waiting += gc.get_referents(value)
    if id(owner) in {id(each) for each in gc.get_referents(owner)}:
        yield owner


def cycles(roots: Iterable[Any], most: int = 1_000) -> list[list[str]]:
    """Return the elementary cycles among the objects reached from ``roots``, as names of classes; at most ``most``."""
    objects, holds = graph_of(roots)
    found: list[list[str]] = []
    for start in sorted(objects):
        for path in _back_to(start, holds):
            found.append([type(objects[each]).__name__ for each in path])
            if len(found) >= most:
                return found
    return found


def _back_to(start: int, holds: dict[int, set[int]]) -> Iterator[list[int]]:
    """Yield each path from an object back to the same object that passes only objects with larger ids."""
    path, branches = [start], [iter(sorted(holds[start]))]
    while branches:
        for each in branches[-1]:
            if each == start:
                yield list(path)
            elif each > start and each not in path:
                path.append(each)
                branches.append(iter(sorted(holds.get(each, ()))))
                break
        else:
            branches.pop()
            path.pop()
