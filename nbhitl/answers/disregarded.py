"""Names the keys of ``ignore=`` that set nothing aside because of a tool call, and the places to write instead."""

from collections.abc import Mapping
from typing import Any

from nbhitl.answers.tool_calls import CALLED_WITH, DEEPEST, arguments_in, has_calls
from nbhitl.answers.volatile import SET_ASIDE, Path, reading_of
from nbhitl.jsontext import plain
from nbhitl.runs.run import Interrupt

MOST = 3
"""Keys that a message names."""

Found = dict[Path, list[Any]]
"""The values at each place in a payload; a place in a list has several."""


def disregarded(interrupt: Interrupt, recorded: tuple[Any] | None) -> str:
    """Return which keys of ``ignore=`` were disregarded, each with the place to write; empty if there are none.

    Parameters
    ----------
    interrupt
        The question.
    recorded
        The recorded payload: only keys whose values differ are named. ``None`` if unknown.
    """
    try:
        now = _found(interrupt, interrupt.value)
        before = {} if recorded is None else _found(interrupt, recorded[0])
        differ = [place for place in now if recorded is None or before.get(place) != now[place]]
        return " ".join(_advice(place, now[place], before.get(place, [])) for place in differ[:MOST])
    except RecursionError:
        return ""


def _found(interrupt: Interrupt, payload: Any) -> Found:
    found: Found = {}
    names = frozenset(each for each in interrupt.ignore if "." not in each)
    if names:
        _look(plain(payload), reading_of(interrupt), names, (), found)
    return found


def _look(value: Any, pairs: Any, names: frozenset[str], place: Path, found: Found) -> None:
    """Collect the values below the keys that are not set aside."""
    if isinstance(value, list):
        for each in value:
            _look(each, pairs, names, place, found)
    if not isinstance(value, Mapping) or len(place) > DEEPEST:
        return
    for key, each, below in pairs(value):
        if each == SET_ASIDE:
            continue
        if key in names:
            found.setdefault((*place, key), []).append(each)
        _look(each, below, names, (*place, key), found)


def _advice(place: Path, now: list[Any], before: list[Any]) -> str:
    key = place[-1]
    if key not in CALLED_WITH and any(map(has_calls, now)):
        below = next(filter(None, (_arguments_in(each, place) for each in now)), None)
        return f'"{key}" holds a tool call{_write(below)}.'
    if len(place) > 1:
        return f'"{key}" belongs to a tool call{_write(place)}.'
    return f'"{key}" belongs to a tool call{_write(_first_that_differs(place, now, before))}.'


def _write(place: Path | None) -> str:
    is_writable = place is not None and not any("." in key for key in place)
    return f': write "{".".join(place)}"' if place and is_writable else ", and is not set aside"


def _arguments_in(value: Any, place: Path) -> Path | None:
    """Return the place of the first arguments of a tool."""
    if len(place) > DEEPEST:
        return None
    if isinstance(value, list):
        return next(filter(None, (_arguments_in(each, place) for each in value)), None)
    if not isinstance(value, Mapping):
        return None
    arguments = arguments_in(value)
    held = next((key for key in value if key in arguments), None)
    if held is not None:
        return (*place, held)
    return next(filter(None, (_arguments_in(each, (*place, key)) for key, each in value.items())), None)


def _first_that_differs(place: Path, now: list[Any], before: list[Any]) -> Path | None:
    """Return the place of an argument: a place has two keys or more."""
    for number, mine in enumerate(now):
        theirs = before[number] if number < len(before) else None
        old = theirs if isinstance(theirs, Mapping) else {}
        changed = [key for key in mine if mine[key] != old.get(key, ...)] if isinstance(mine, Mapping) else []
        if changed:
            return (*place, changed[0])
    return None
