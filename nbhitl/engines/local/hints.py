"""Adds to a run's error the missing explanation. Reads langgraph's objects without an import of langgraph."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from types import FrameType, FunctionType, TracebackType
from typing import Any, Literal

__all__ = ["unkept_part", "why_not_exact", "wrong_thread", "wrong_way"]

DEEPEST = 200
"""Level below which an error says "nested too deeply" in place of naming the part."""

LONGEST_KEY = 60

CHANNELS = {
    "__interrupt__": "payload",
    "__resume__": "answer",
    "__return__": "the task's return value",
    "__end__": "the return value",
    "__previous__": "the saved value",
    "__start__": "input",
    "__pregel_tasks": "Send",
}
"""LangGraph's own channels, with common names for their contents; any further channel is a part of the state."""

Dumps = Callable[[Any], Any]
NamedPart = tuple[str, Any]


# --- values that a checkpoint cannot keep --------------------------------------------------------------


def unkept_part(error: BaseException, dumps: Dumps) -> str | None:
    """Name the part of a value that a checkpoint could not keep.

    Parameters
    ----------
    error
        The exception of the run.
    dumps
        The checkpointer's ``serde.dumps_typed``.

    Returns
    -------
    str or None
        For instance ``"payload['table'] is a DataFrame, which a checkpoint cannot keep (give .to_dict('records'))"``;
        ``None`` if the error did not come from the serializer.
    """
    frames = list(_frames(error.__traceback__))
    dumping = next((i for i, frame in enumerate(frames) if frame.f_code.co_name == "dumps_typed"), None)
    if dumping is None:
        return None
    code, values = frames[dumping].f_code, frames[dumping].f_locals
    given = values.get(code.co_varnames[code.co_argcount - 1])  # dumps_typed(self, obj)
    place = next(filter(None, (_channel(frame, given) for frame in reversed(frames[:dumping]))), None)
    place = "the value" if place is None else CHANNELS.get(place, f"state[{place!r}]")
    if place == "payload" and (asked := [one for one in _listed(given) if _fails(dumps, one)]):
        given = getattr(asked[0], "value", asked[0])  # langgraph.types.Interrupt
    return _smallest(place, given, dumps)


def _frames(traceback: TracebackType | None) -> Iterator[FrameType]:
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next


def _channel(frame: FrameType, value: Any) -> str | None:
    """Return the channel for ``value`` in a checkpointer's method."""
    pairs: list[Any] = list(frame.f_locals.get("writes") or ())  # put_writes(config, writes, ...)
    for name in ("values", "checkpoint"):  # put(config, checkpoint, ...)
        found = frame.f_locals.get(name)
        if isinstance(found, Mapping):
            found = found.get("channel_values", found)
            pairs += found.items() if isinstance(found, Mapping) else ()
    return next((str(pair[0]) for pair in pairs if isinstance(pair, tuple) and pair[1] is value), None)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _smallest(place: str, value: Any, dumps: Dumps) -> str | None:
    """Descend to the smallest part that fails."""
    if not _fails(dumps, value):
        return None
    root, top, above = place, place, {id(value)}
    while (failing := next(((s, v) for s, v in _readable_parts(value) if _fails(dumps, v)), None)) is not None:
        step, value = failing
        if id(value) in above:
            return f"{top} contains itself, which a checkpoint cannot keep"
        if len(above) >= DEEPEST:
            return f"{top} is nested too deeply for a checkpoint ({_depth(value) + len(above)} levels)"
        above.add(id(value))
        place += step
        top = place if top == root else top
    if keys := [key for key in value if _fails(dumps, {key: None})] if isinstance(value, Mapping) else []:
        return f"{place} has the key {_short(keys[0])}, which a checkpoint cannot keep (give a text as the key)"
    what, instead = _kind(value)
    return f"{place} is {what}, which a checkpoint cannot keep ({instead})"


def _fails(dumps: Dumps, value: Any) -> bool:
    try:
        dumps(value)
    except Exception:  # noqa: BLE001 - any exception of the serializer means no
        return True
    return False


def _readable_parts(value: Any) -> Iterator[NamedPart]:
    """Yield the parts of a value until the value's own code raises."""
    with suppress(Exception):
        yield from _parts(value)


def _parts(value: Any) -> Iterator[NamedPart]:
    """Yield the parts of a value, each with the step that leads to the part."""
    if isinstance(value, Mapping):
        yield from ((f"[{_short(key)}]", part) for key, part in value.items())
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        yield from ((f".{name}", part) for name, part in zip(value._fields, value, strict=True))
    elif isinstance(value, list | tuple):
        yield from ((f"[{i}]", part) for i, part in enumerate(value))
    elif isinstance(value, set | frozenset):
        yield from ((" (an element of it)", part) for part in value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from ((f".{field.name}", getattr(value, field.name, None)) for field in dataclasses.fields(value))
    elif hasattr(type(value), "model_dump") or type(value).__name__ == "Send":
        yield from ((f".{name}", part) for name, part in getattr(value, "__dict__", {}).items())


def _short(key: Any) -> str:
    text = repr(key)
    return text if len(text) <= LONGEST_KEY else f"{text[: LONGEST_KEY - 1]}…"


def _depth(value: Any) -> int:
    """Return the number of levels below, by the first few parts of each level."""
    levels, layer = 0, [value]
    while layer and levels < 100 * DEEPEST:
        layer = [part for each in layer[:DEEPEST] for _, part in _readable_parts(each)]
        levels += 1
    return levels


def _kind(value: Any) -> tuple[str, str]:
    """Return the kind of a value, and a replacement to give instead."""
    name, module = type(value).__name__, type(value).__module__.split(".")[0]
    match value:
        case int():
            return "a whole number of more than 64 bits", "give it as a text: str(...)"
        case FunctionType():
            return "a function", "give its name"
        case type():
            return f"the class {value.__name__}", "give its name"
    if module == "pandas":
        return f"a {name}", "give .to_dict('records')" if name == "DataFrame" else "give .tolist()"
    if module == "numpy":
        return f"a numpy.{name}", "give .item()" if name != "ndarray" else "give .tolist()"
    return f"a {name}", "give plain values, a dataclass or a pydantic model"


def why_not_exact(value: Any, serde: Any) -> str | None:
    """Name the part of ``value`` that a checkpoint would refuse or change; ``None`` if the value is kept exactly.

    A tuple is kept as a list, as everywhere in LangGraph; this change does not count.

    Parameters
    ----------
    value
        An answer.
    serde
        The checkpointer's serializer.
    """
    if refused := _smallest("it", value, serde.dumps_typed):
        return refused
    rest = [("it", value, serde.loads_typed(serde.dumps_typed(value)))]
    while rest:
        place, part, back = rest.pop()
        if type(part) is tuple and type(back) is list:
            back = tuple(back)
        if type(part) is not type(back):
            return f"{place} is a {type(part).__name__}, which a checkpoint would turn into a {type(back).__name__}"
        pairs = _pairs(part, back)
        if pairs is None or (not pairs and not _equal(part, back)):
            what = "holds half of a surrogate pair" if isinstance(part, str) else f"is a {type(part).__name__}"
            return f"{place} {what}, which a checkpoint would change"
        if not isinstance(part, set | frozenset):  # without an order; possible elements are kept
            rest += [(place + step, one, other) for step, one, other in pairs]
    return None


def _pairs(part: Any, back: Any) -> list[tuple[str, Any, Any]] | None:
    """Return the parts of a value with the parts that come back; ``None`` where other parts come back."""
    parts, backs = list(_parts(part)), list(_parts(back))
    if [step for step, _ in parts] != [step for step, _ in backs]:
        return None
    return [(step, one, other) for (step, one), (_, other) in zip(parts, backs, strict=True)]


def _equal(one: Any, other: Any) -> bool:
    same = one == other
    if isinstance(same, bool):
        return same or one != one  # noqa: PLR0124 - NaN, which is kept
    return bool((same | (one != one)).all())  # noqa: PLR0124 - an array


# --- the wrong run= -----------------------------------------------------------------------


def wrong_way(error: BaseException, run: Literal["sync", "async"]) -> str | None:
    """Name the ``run=`` to write where a run failed because of the present ``run=``; else ``None``.

    A node or tool with only an async form cannot work in a sync run; a checkpointer with only a sync form cannot work
    in an async run.

    Parameters
    ----------
    error
        The exception of the run.
    run
        The present ``run=``.
    """
    frames = list(_frames(error.__traceback__))
    if not frames or not isinstance(error, NotImplementedError | TypeError | RuntimeError):
        return None
    found = _async_only(error, frames) if run == "sync" else _sync_only(error, frames)
    if found is None:
        return None
    way, other = ("synchronously", "async") if run == "sync" else ("asynchronously", "sync")
    return f'{found}, and this run worked {way}: write run="{other}".'


def wrong_thread(error: BaseException) -> str | None:
    """Name the remedy where a node used an SQLite connection of the cell's thread; else ``None``.

    Parameters
    ----------
    error
        The exception of the run.
    """
    if type(error).__name__ != "ProgrammingError" or "can only be used in that same thread" not in str(error):
        return None
    return "A review runs the graph in a separate thread: open the connection with check_same_thread=False."


def _async_only(error: BaseException, frames: list[FrameType]) -> str | None:
    raised_in = frames[-1]
    module, runnable = str(raised_in.f_globals.get("__name__")), raised_in.f_locals.get("self")
    name = getattr(runnable, "name", None) or "?"
    text = str(error)
    if module == "langchain_core.tools.structured" and isinstance(error, NotImplementedError):
        return f"The tool {name!r} has only an async form"
    if isinstance(error, NotImplementedError) and raised_in.f_code.co_name == "_run" and hasattr(runnable, "_arun"):
        return f"The tool {name!r} has only an async form"
    if not module.startswith(("langgraph.", "langchain_core.")):
        return None
    if text.startswith(("No synchronous function provided", "Cannot invoke a coroutine function synchronously")):
        return f"The node {name!r} has only an async form"
    if "sync context async tasks cannot be called" in text:
        return f"The task {getattr(raised_in.f_locals.get('func'), '__name__', '?')!r} has only an async form"
    return None


def _sync_only(error: BaseException, frames: list[FrameType]) -> str | None:
    saver = frames[-1].f_locals.get("self")
    method = frames[-1].f_code.co_name
    if isinstance(error, NotImplementedError) and hasattr(saver, "get_tuple") and method.startswith("a"):
        return f"The checkpointer {type(saver).__name__} has no async methods"
    return None
