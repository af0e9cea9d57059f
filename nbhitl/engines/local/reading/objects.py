"""Reads constants in values, and attributes of outer objects, without running code of these objects."""

import ast
import enum
import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

from nbhitl.engines.local.functions import closure_of, imported
from nbhitl.engines.local.reading import kinds
from nbhitl.engines.local.reading.parts import CHANGES
from nbhitl.engines.local.reading.values import (
    UNKNOWN,
    BoundMethod,
    KeptValue,
    Known,
    Row,
    SaidValue,
    each_of,
    either,
    parts_of,
)


@dataclass(frozen=True, eq=False)
class OfOurs:
    """A method of an object that the code has made, not called yet."""

    holder: Any
    name: str


def names_outside(function: FunctionType, node: ast.AST) -> Mapping[str, Any]:
    """Return the values of names that a function does not bind itself."""
    imports = [each for each in ast.walk(node) if isinstance(each, ast.Import | ast.ImportFrom)]
    return {**function.__globals__, **closure_of(function), **imported(imports)}


def joined(all_names: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the possible values of each name after alternative blocks."""
    names = dict.fromkeys(name for each in all_names for name in each)
    return {name: either(*(each[name] for each in all_names if name in each)) for name in names}


def leaves(block: Sequence[ast.stmt]) -> bool:
    """Tell whether the code behind a block never runs after this block."""
    return bool(block) and isinstance(block[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)


def pieces(value: Any) -> tuple[str | None, ...]:
    """Return the pieces of a text, ``None`` for an unknown piece."""
    match value:
        case Known(value=str(text)):
            return (text,)
        case SaidValue(pieces=pieces):
            return pieces
    return (None,)


def negative(op: ast.unaryop, found: Known) -> Any:
    """Return a number with its sign changed."""
    is_number = type(found.value) in (int, float)
    return Known(-found.value) if is_number and isinstance(op, ast.USub) else UNKNOWN


def constant_of(value: Any) -> Any:
    """Return the JSON value of a constant: for a member of an enum the member's value."""
    return vars(value).get("_value_") if isinstance(type(value), enum.EnumMeta) else value


def literals_in(container: Any) -> list[Any]:
    """Return the literals of a container."""
    found: list[Any] = []
    for one in each_of(container):
        match one:
            case Known(value=tuple() | list() | set() | frozenset() | dict() as value) if len(value) < 50:  # noqa: PLR2004
                found += list(value)
            case Known(value=str(text)) if len(text) < 10:  # noqa: PLR2004 - the letters of "yY"
                found += list(text)
            case Row(items=items):
                found += [each.value for item in items for each in each_of(item) if isinstance(each, Known)]
            case KeptValue(items=kept):
                found += list(kept)
            case Known(value=type() as kind):
                found += kinds.enum_values(kind)
    return found


def words_in(value: Any) -> Iterator[str]:
    """Yield the texts that a value may be, or that the value's literals hold."""
    found = [one.value for one in each_of(value) if isinstance(one, Known) and isinstance(one.value, str)]
    yield from [*found, *(each for each in literals_in(value) if isinstance(each, str) and not found)]


def is_reached(word: str, changes: tuple[str, ...]) -> bool:
    """Tell whether a text after these changes can begin with a word."""
    changed = word
    for name in changes:
        changed = CHANGES[name](changed) if name in CHANGES and "strip" not in name else changed
    return bool(word) and changed == word


def classes_in(value: Any) -> Any:
    """Return the classes in the second argument of ``isinstance``."""
    if isinstance(value, Row):
        return tuple(each.value for each in value.items if isinstance(each, Known))
    return value.value if isinstance(value, Known) else None


def member_of(value: Any, name: str) -> Any:
    """Return an attribute of an outer object, if readable without running code of the object."""
    if isinstance(value, ModuleType):
        return Known(vars(value)[name]) if name in vars(value) else UNKNOWN
    if isinstance(type(value), enum.EnumMeta):
        return Known(vars(value).get("_value_")) if name == "value" else UNKNOWN
    if isinstance(value, enum.EnumMeta):
        found = vars(value).get("_member_map_")
        return Known(found[name]) if isinstance(found, dict) and name in found else UNKNOWN
    if isinstance(value, type):
        return _of_class(value, name)
    own = _own(value)
    if name in own:
        return Known(own[name])
    found = inspect.getattr_static(type(value), name, None)
    if isinstance(found, FunctionType):
        return BoundMethod(found, Known(value))
    return Known(found.__func__) if isinstance(found, staticmethod) else UNKNOWN


def _of_class(kind: type, name: str) -> Any:
    if name in {"model_validate", "parse_obj", "from_dict", "model_construct"} and kinds.members(kind):
        return Validating(kind)
    found = inspect.getattr_static(kind, name, None)
    if isinstance(found, staticmethod | classmethod):
        return Known(found.__func__) if isinstance(found, staticmethod) else BoundMethod(found.__func__, Known(kind))
    is_constant = isinstance(found, str | int | float | tuple | frozenset | list | dict)
    return Known(found) if is_constant or isinstance(found, FunctionType) else UNKNOWN


def _own(value: Any) -> Mapping[str, Any]:
    try:
        found = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    return found if isinstance(found, dict) else {}


def of_dict(value: Any, key: str) -> Any:
    """Return the value under a key of an outer dictionary."""
    return Known(value[key]) if type(value) is dict and key in value else UNKNOWN


@dataclass(frozen=True, eq=False)
class Validating:
    """A model's ``model_validate``."""

    kind: type


def read_message(items: Mapping[str, Any]) -> None:
    """Note the types that a message or a tool call in a mapping implies for the parts."""
    if "role" in items or items.keys() >= {"type", "content"}:
        for of in parts_of(items.get("content", UNKNOWN)):
            of.part.tells("text")
    if "args" in items and ("name" in items or "id" in items):
        for of in parts_of(items["args"]):
            of.part.tells("mapping")
