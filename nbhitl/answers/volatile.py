"""Reads payloads without their volatile parts, so that a question is recognised in a later run.

Set aside are ids made by LangChain and LangGraph, and only where their origin is certain: in the shape of a message, a
tool call, or a LangChain payload. A key's name alone proves nothing: ``message_id`` may name the message that a tool
deletes. Other volatile parts are named by the user (``ignore=``).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nbhitl.answers.tool_calls import (
    DEEPEST,
    MESSAGE,
    TOOL,
    arguments_in,
    describes_a_tool,
    has_calls,
    is_action,
    names_a_tool,
)
from nbhitl.errors import UsageError
from nbhitl.jsontext import Pairs, digest, plain
from nbhitl.runs.run import Interrupt

SET_ASIDE = "(set aside)"

MESSAGES = frozenset({"ai", "chat", "developer", "function", "human", "remove", "system", "tool"})
ROLES = MESSAGES | {"assistant", "user"}

TOOL_CALLS = frozenset({"invalid_tool_call", "server_tool_call", "tool_call", "tool_call_chunk"})

UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
LANGCHAIN_ID = re.compile(rf"(?:lc_)?run-{{1,2}}{UUID}(?:-\d+)?|lc_{UUID}")
CALL_ID = re.compile(rf"(?:call|toolu|tooluse|chatcmpl-tool|fc)[-_].+|{UUID}|{LANGCHAIN_ID.pattern}", re.DOTALL)
"""Ids of tool calls as models, their servers and LangChain make them."""

MESSAGE_ID = re.compile(rf"(?:chatcmpl|msg|resp)[-_].+|{UUID}|{LANGCHAIN_ID.pattern}", re.DOTALL)
BLOCK_ID = re.compile(rf"(?:msg|rs)_\w+|{LANGCHAIN_ID.pattern}")
INTERRUPT_ID = re.compile(r"[0-9a-f]{32}")

AS_INTERRUPT = frozenset({"id", "response_schema", "value"})
"""Keys of LangGraph's interrupts. An ``id`` beside a ``value`` may be anybody's."""

DRAWN = frozenset({"PIL", "langchain_core", "matplotlib", "numpy", "pandas", "polars"})
"""Packages whose objects have a drawing without ids."""

NONE: frozenset[str] = frozenset()

Path = tuple[str, ...]


class SteadyReading:
    """How to read a payload: its items, volatile ones set aside; passed to the writers of `nbhitl.jsontext`.

    Parameters
    ----------
    names
        Keys that are set aside everywhere except in a tool's arguments, and except of a tool call itself.
    paths
        Places that are set aside as well: keys from here on. Lists on the way are passed through.
    is_exact
        Whether the payload part is a tool's arguments.
    """

    def __init__(self, names: frozenset[str] = NONE, paths: tuple[Path, ...] = (), *, is_exact: bool = False) -> None:
        self._names, self._paths, self._is_exact = names, paths, is_exact
        is_whole = not paths  # below, only the paths that lead there are left
        self._exactly = self if is_exact and is_whole else SteadyReading(names, is_exact=True)
        self._plainly = self if is_whole else SteadyReading(names)

    def __call__(self, mapping: Mapping[Any, Any]) -> Iterator[tuple[Any, Any, Pairs]]:
        """Yield the items of a mapping, each with the reading for the value's own items."""
        is_flat = is_action(mapping)
        is_call = self._is_exact or is_flat
        made = NONE if is_call else _made_in(mapping)
        arguments = arguments_in(mapping)
        for key, value in mapping.items():
            is_made = key in made and value is not None and value != {}
            is_args = key in arguments
            is_prose = key == "message" and is_flat and not self._is_exact
            aside = is_made or self._is_named(key, value, mapping, is_exact=is_args or (is_call and not is_prose))
            is_exact = is_call or is_args or (key in TOOL and describes_a_tool(value))
            yield key, SET_ASIDE if aside else value, self._below(key, is_exact=is_exact)

    def _is_named(self, key: Any, value: Any, mapping: Mapping[Any, Any], *, is_exact: bool) -> bool:
        if self._paths and (key,) in self._paths:
            return True
        return key in self._names and not (is_exact or names_a_tool(key, mapping) or has_calls(value))

    def _below(self, key: Any, *, is_exact: bool) -> "SteadyReading":
        paths = tuple(path[1:] for path in self._paths if path[0] == key and len(path) > 1)
        if paths:
            return SteadyReading(self._names, paths, is_exact=is_exact)
        return self._exactly if is_exact or self._is_exact else self._plainly


steady = SteadyReading()
"""Reads a payload where the user sets nothing aside."""


def reading(ignore: Iterable[str]) -> SteadyReading:
    """Return the reading for the user's keys (``"asked_at"``) or places (``"order.asked_at"``) to set aside."""
    split = [tuple(each.split(".")) for each in ignore]
    if not split:
        return steady
    names = frozenset(path[0] for path in split if len(path) == 1)
    return SteadyReading(names, tuple(path for path in split if len(path) > 1))


def without_what_is_set_aside(pairs: Pairs) -> Pairs:
    """Return a reading like ``pairs`` that leaves out the parts set aside."""

    def read(mapping: Mapping[Any, Any]) -> Iterator[tuple[Any, Any, Pairs]]:
        for key, value, below in pairs(mapping):
            if value is not SET_ASIDE:
                yield key, value, without_what_is_set_aside(below)

    return read


def without_volatile(value: Any, pairs: Pairs) -> tuple[Any, bool]:
    """Return a payload with volatile values replaced, and whether the payload has none.

    Messages, tables and images stay objects, because drawings of such objects have no ids. A payload that contains
    itself, or is nested deeply, becomes JSON's own types.
    """
    try:
        return _without_volatile(value, pairs, ())
    except _TooDeep:
        return plain(value, pairs=pairs), False


class _TooDeep(Exception):
    """A value contains itself, or is nested more deeply than a form draws."""


def _without_volatile(value: Any, pairs: Pairs, around: tuple[int, ...]) -> tuple[Any, bool]:
    if len(around) > DEEPEST or id(value) in around:
        raise _TooDeep
    inside = (*around, id(value))
    if isinstance(value, Mapping):
        return _mapping_without(value, pairs, inside)
    if isinstance(value, list | tuple):
        parts = [_without_volatile(each, pairs, inside) for each in value]
        return (value, True) if all(same for _, same in parts) else ([now for now, _ in parts], False)
    if type(value).__module__.partition(".")[0] in DRAWN or not hasattr(value, "__dict__"):
        return value, True
    now = plain(value, pairs=pairs)
    return (now, False) if digest(now) != digest(value) else (value, True)


def checked_ignore(ignore: Any, where: str = "ignore=") -> tuple[str, ...]:
    """Return the keys and places to set aside.

    Raises
    ------
    UsageError
        If ``ignore`` is no list of keys, and of places such as ``"order.asked_at"``.
    """
    is_list = isinstance(ignore, Sequence) and not isinstance(ignore, str | bytes)
    if not is_list or not all(isinstance(each, str) and all(each.split(".")) for each in ignore):
        example = f"[{ignore!r}]" if isinstance(ignore, str) and ignore else "['asked_at', 'order.number']"
        raise UsageError(
            f"{where} takes a list of keys, and of places with dots between their keys, not {ignore!r}: {example}."
        )
    return tuple(ignore)


def reading_of(interrupt: Interrupt) -> SteadyReading:
    """Return the reading for the payload of an interrupt."""
    return reading(interrupt.ignore)


def _mapping_without(value: Mapping[Any, Any], pairs: Pairs, inside: tuple[int, ...]) -> tuple[Any, bool]:
    kept: dict[Any, Any] = {}
    is_same = True
    for key, each, below in pairs(value):
        kept[key], is_part_same = _without_volatile(each, below, inside)
        is_same = is_same and is_part_same and each is value[key]
    return (value, True) if is_same else (kept, False)


def _made_in(mapping: Mapping[Any, Any]) -> frozenset[str]:
    """Return the keys of a mapping whose values are ids made by LangChain or LangGraph."""
    kind, keys = mapping.get("type"), mapping.keys()
    if not isinstance(kind, str):
        return _made_without_type(mapping, keys)
    if keys >= MESSAGE and (kind in MESSAGES or kind.endswith("Chunk")):
        # The metadata of a model's message change on every run, too: tokens, times, fingerprints.
        return frozenset({"id", "tool_call_id", "response_metadata", "usage_metadata"})
    if kind in MESSAGES and "content" in keys:
        return _made_in_message(mapping, kind)
    if _is_tool_call(mapping, kind):
        return frozenset({"id"})
    if kind == "tool_result":
        return frozenset({"tool_use_id"})
    if kind == "server_tool_result":
        return frozenset({"tool_call_id"})
    if (kind == "tool_approval" and keys >= {"name", "args"}) or (kind == "ask_user" and "questions" in keys):
        return frozenset({"tool_call_id"})
    if kind in {"reasoning", "text", "thinking"} and _is(mapping.get("id"), BLOCK_ID):
        return frozenset({"id"})
    return NONE


def _made_without_type(mapping: Mapping[Any, Any], keys: Any) -> frozenset[str]:
    role = mapping.get("role")
    if isinstance(role, str) and role in ROLES and "content" in keys:
        return _made_in_message(mapping, role)
    if keys == {"name", "args", "id"} and _is(mapping.get("id"), CALL_ID):
        return frozenset({"id"})
    if keys == AS_INTERRUPT and _is(mapping.get("id"), INTERRUPT_ID):
        return frozenset({"id"})
    return NONE


def _made_in_message(mapping: Mapping[Any, Any], kind: str) -> frozenset[str]:
    """Return the id keys of a mapping that may be anybody's message: only the id's value tells who made the id."""
    made = {"id"} if _is(mapping.get("id"), MESSAGE_ID) else set()
    return frozenset(made | {"tool_call_id"} if kind == "tool" else made)


def _is(value: Any, shape: re.Pattern[str]) -> bool:
    return isinstance(value, str) and shape.fullmatch(value) is not None


def _is_tool_call(mapping: Mapping[Any, Any], kind: str) -> bool:
    if kind == "function":  # as OpenAI writes a tool call
        called = mapping.get("function")
        return isinstance(called, Mapping) and called.keys() >= {"name", "arguments"}
    if kind == "tool_use":  # as Anthropic does
        return mapping.keys() >= {"name", "input"}
    return kind in TOOL_CALLS and mapping.keys() >= {"name", "args"}
