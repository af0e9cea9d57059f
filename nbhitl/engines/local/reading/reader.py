"""Reads how the nodes of a graph use the answers to their questions."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from types import FunctionType, MethodType
from typing import Any
from weakref import WeakKeyDictionary

from nbhitl.engines.local.functions import has, is_task, outer_values, own_functions, subgraphs_of
from nbhitl.engines.local.reading import kinds
from nbhitl.engines.local.reading.interpreter import Interpreter
from nbhitl.engines.local.reading.uses import Enough, Site
from nbhitl.engines.local.reading.values import (
    UNKNOWN,
    Either,
    KeptValue,
    Known,
    Of,
    Row,
    SaidValue,
    Update,
    each_of,
    either,
    parts_in,
    parts_of,
)
from nbhitl.runs.shape import Shape

STEPS_AFTER = 2_000
"""Most expressions that are read in the nodes behind a node."""

FOLLOWING = 2
"""Number of nodes behind the asking node that are read for uses of the answer."""

DEEPEST = 5
SCALARS = (str, int, float, bool, type(None))


class NodeReader:
    """Reads the nodes of a compiled graph; each node once, at the first request.

    Parameters
    ----------
    graph
        The compiled graph; never changed or run.
    """

    def __init__(self, graph: Any) -> None:
        self._graph = graph
        self._sites: dict[str, list[Site]] = {}

    def shape(self, node: str, payload: Any) -> Shape | None:
        """Return the shape of the answer to a question.

        Parameters
        ----------
        node
            The path of the asking node: ``"outer/ask"``.
        payload
            The question's payload, which distinguishes several questions of a node.

        Returns
        -------
        Shape or None
            ``None`` where nothing was found, or several questions of the node fit the payload.
        """
        if node not in self._sites:
            try:
                self._sites[node] = _sites(self._graph, node.split("/"))
            except Exception:  # noqa: BLE001 - only a proposal: unreadable code changes nothing
                self._sites[node] = []
        return _told(self._sites[node], payload)


_READERS: WeakKeyDictionary[Any, NodeReader] = WeakKeyDictionary()


def reader_of(graph: Any) -> NodeReader:
    """Return the reader of a graph; the reader lives as long as the graph."""
    try:
        return _READERS.setdefault(graph, NodeReader(graph))
    except TypeError:  # the class has no weak references, or no hash
        return NodeReader(graph)


def _told(sites: list[Site], payload: Any) -> Shape | None:
    """Return the shape of the questions that the payload is most like, if that shape is unique."""
    scored = [
        (score, site) for site in sites for each in site.payloads if (score := likeness(each, payload)) is not None
    ]
    best = max((score for score, _ in scored), default=0)
    found: list[Shape] = []
    for score, site in scored:
        if score == best and site.shape not in found:
            found.append(site.shape)
    if len(found) != 1:
        return None
    (shape,) = found
    return shape if shape.kinds or shape.literals else None


def _sites(graph: Any, path: list[str]) -> list[Site]:
    """Read the code that a node runs: the function, called tasks and tools, and the nodes behind."""
    found = _node_of(graph, path)
    if found is None:
        return []
    inner, name, node = found
    sites: list[Site] = []
    seen: set[int] = set()
    for function, holder in _functions(getattr(node, "bound", None)):
        if id(function.__code__) in seen:
            continue  # read already at the call, with the uses of the returned value
        reading = Interpreter()
        try:
            returned = reading.read(function, [UNKNOWN] if holder is None else [Known(holder), UNKNOWN])
            spec = getattr(getattr(inner, "builder", None), "nodes", {}).get(name)
            _compared(reading.gone_to, getattr(spec, "ends", None) or ())
            _stored(inner, name, returned, is_tool=_is_tool_node(node))
        except Enough:
            pass
        sites += reading.sites.values()
        seen |= reading.read_before
    return sites


def _node_of(graph: Any, path: list[str]) -> tuple[Any, str, Any] | None:
    """Return the innermost graph on a path, and the node there."""
    name, *rest = path
    node = getattr(graph, "nodes", {}).get(name)
    if node is None:
        return None
    for subgraph in subgraphs_of(node) if rest else ():
        found = _node_of(subgraph, rest)
        if found is not None:
            return found
    return graph, name, node


def _functions(bound: Any) -> Iterator[tuple[FunctionType, Any]]:
    """Yield the user's functions of a node, each with the object of a bound method."""
    seen: set[int] = set()
    for function in own_functions(bound, seen):
        yield function, _holder(bound, function)
        for value in outer_values(function):
            if is_task(value):
                yield from ((each, None) for each in own_functions(value.func, seen))
            elif _is_tool(value):
                yield from ((each, None) for each in own_functions(value, seen))


def _is_tool(value: Any) -> bool:
    return has(value, "invoke") and (has(value, "args_schema") or has(value, "tools_by_name"))


def _is_tool_node(node: Any) -> bool:
    return hasattr(getattr(node, "bound", None), "tools_by_name")


def _holder(bound: Any, function: FunctionType) -> Any:
    """Return the object of a bound method, or of a class with ``__call__``."""
    for name in ("func", "afunc"):
        thing = getattr(bound, name, None)
        while isinstance(thing, partial):
            thing = thing.func
        if isinstance(thing, MethodType) and thing.__func__ is function:
            return thing.__self__
        if thing is not None and not isinstance(thing, FunctionType) and vars(type(thing)).get("__call__") is function:
            return thing
    return None


# --- an answer in the state -----------------------------------------------------


def _stored(graph: Any, name: str, returned: Any, *, is_tool: bool) -> None:
    """Note all that the state's types and the next nodes tell about an answer in the state."""
    written = _written(returned, is_tool=is_tool)
    kept = {key: value for key, value in written.items() if any(True for _ in parts_in(value))}
    types = _state_types(graph)
    for key, value in kept.items():
        for of in parts_of(value):
            of.part.is_called(key)
        _typed(value, *types.get(key, (kinds.NO_TYPE, None)))
    stored = [of.part for value in kept.values() for of in parts_in(value)]
    for part in stored:
        part.is_only_stored = not (part.is_used or part.is_tested)
    if kept:
        _followed(graph, name, kept)
    for part in stored:
        part.is_used = True


def _written(returned: Any, *, is_tool: bool) -> dict[str, Any]:
    """Return the values written into the state, by key; a part of an answer that goes elsewhere counts as used."""
    written: dict[str, Any] = {}
    for one in each_of(returned):
        update = one.update if isinstance(one, Update) else one
        for each in each_of(update):
            if isinstance(each, KeptValue):
                written = _both(written, each.items)
            elif isinstance(each, Of) and is_tool:
                each.part.is_said = True
            else:
                for of in parts_in(each):
                    of.part.is_used = True
    return written


def _both(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return the union of two updates: a key in both may hold either value."""
    return {key: either(*(update[key] for update in (one, other) if key in update)) for key in {**one, **other}}


def _compared(parts: Iterable[Of], names: Iterable[str]) -> None:
    """Note that an answer names a target of the run, or a key of a table of targets."""
    names = [name for name in names if not name.startswith("__")]
    for of in parts:
        for name in names:
            of.part.is_compared(name, of.changes)


def _typed(value: Any, annotation: Any, resolve: Any) -> None:
    for of in parts_of(value):
        kinds.told(of.part, annotation, resolve)
    for one in each_of(value):
        if isinstance(one, Row):
            item = _item_type(annotation)
            for of in [of for each in one.items for of in parts_of(each)]:
                kinds.told(of.part, item, resolve)


def _item_type(annotation: Any) -> Any:
    """Return the type of a list's items."""
    inner = getattr(annotation, "__origin__", None)
    if hasattr(annotation, "__metadata__"):
        return _item_type(inner)
    args = getattr(annotation, "__args__", ())
    return args[0] if inner is list and args else kinds.NO_TYPE


def _state_types(graph: Any) -> Mapping[str, tuple[Any, Any]]:
    schema = getattr(getattr(graph, "builder", None), "state_schema", None)
    found: dict[str, tuple[Any, Any]] = {}
    for kind in reversed(getattr(schema, "__mro__", ())):
        if isinstance(kind, type):
            found |= {key: (each, kinds.names_of(kind)) for key, each in vars(kind).get("__annotations__", {}).items()}
    return found


def _followed(graph: Any, name: str, kept: Mapping[str, Any]) -> None:
    """Read the conditional edges of a node, and the nodes behind, for uses of the values in the state."""
    builder = getattr(graph, "builder", None)
    state = KeptValue(dict(kept), is_whole=False)
    reading = Interpreter(STEPS_AFTER)
    names, seen = [name], {name}
    with suppress(Enough):
        for _ in range(FOLLOWING):
            following: list[str] = []
            for each in names:
                following += _behind(builder, each, reading, state)
            names = [each for each in dict.fromkeys(following) if each not in seen]
            seen.update(names)
            for each in names:
                bound = getattr(getattr(graph, "nodes", {}).get(each), "bound", None)
                for function in own_functions(bound, set()):
                    reading.read(function, [state])


def _behind(builder: Any, name: str, reading: Interpreter, state: KeptValue) -> Iterator[str]:
    """Read the conditional edges of a node; yield the nodes to which edges and commands lead."""
    for branch in getattr(builder, "branches", {}).get(name, {}).values():
        ends = getattr(branch, "ends", None) or {}
        for function in own_functions(getattr(branch, "path", None), set()):
            _compared(parts_of(reading.read(function, [state])), ends)
        yield from ends.values()
    for start, end in getattr(builder, "edges", ()):
        if start == name:
            yield end
    spec = getattr(builder, "nodes", {}).get(name)
    yield from getattr(spec, "ends", None) or ()


def likeness(pattern: Any, payload: Any, depth: int = 0) -> int | None:
    """Return how much of a payload the source determines; ``None`` if the source contradicts the payload."""
    if depth > DEEPEST:
        return 0
    match pattern:
        case Either(values=values):
            found = [score for each in values if (score := likeness(each, payload, depth)) is not None]
            return max(found) if found else None
        case Known(value=value) if type(value) in SCALARS:
            return 2 if type(value) is type(payload) and value == payload else None
        case SaidValue(pieces=pieces):
            return _said(pieces, payload) if type(payload) is str else None
        case KeptValue(items=items, is_whole=is_whole):
            return _mapping(items, payload, depth, is_whole=is_whole) if isinstance(payload, Mapping) else None
        case Row(items=row):
            return _row(row, payload, depth) if isinstance(payload, list | tuple) else None
    return 0


def _mapping(items: Mapping[str, Any], payload: Mapping[Any, Any], depth: int, *, is_whole: bool) -> int | None:
    if items.keys() - payload.keys() or (is_whole and payload.keys() - items.keys()):
        return None
    total = 1
    for key, pattern in items.items():
        score = likeness(pattern, payload[key], depth + 1)
        if score is None:
            return None
        total += 1 + score
    return total


def _row(row: tuple[Any, ...], payload: Any, depth: int) -> int | None:
    if len(row) != len(payload):
        return None
    scores = [likeness(pattern, each, depth + 1) for pattern, each in zip(row, payload, strict=True)]
    return None if None in scores else 1 + sum(score for score in scores if score is not None)


def _said(pieces: tuple[str | None, ...], text: str) -> int | None:
    """Find the constant pieces of a text, in order."""
    told = [piece for piece in pieces if piece]
    if not told:
        return 0
    if pieces[0] and not text.startswith(pieces[0]):
        return None
    if pieces[-1] and not text.endswith(pieces[-1]):
        return None
    at = 0
    for piece in told:
        at = text.find(piece, at)
        if at < 0:
            return None
        at += len(piece)
    return 1
