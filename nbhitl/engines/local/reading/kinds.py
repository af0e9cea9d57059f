"""Reads the shape of an answer from types: annotations, dataclasses, TypedDicts, pydantic models; calls none."""

import ast
import builtins
import enum
import sys
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

import typing_extensions

from nbhitl.engines.local.reading.parts import SourcePart
from nbhitl.runs.shape import Kind
from nbhitl.text.source import parsed_expression

DEEPEST = 5

LONGEST = 500
"""Longest annotation in the form of a string that is parsed."""

KINDS: dict[Any, Kind] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "text",
    list: "list",
    tuple: "list",
    set: "list",
    dict: "mapping",
}

UNIONS = {typing.Union, types.UnionType}
LITERALS = {typing.Literal, typing_extensions.Literal}
WRAPPERS = {
    *(typing.Annotated, typing.Required, typing.NotRequired),
    *(typing_extensions.Required, typing_extensions.NotRequired),
}

Resolve = Callable[[ast.expr], Any]
"""Returns the object of an expression in an annotation; `NO_TYPE` where the object is unknown."""

NO_TYPE = object()


def told(part: SourcePart, kind: Any, resolve: Resolve | None = None, depth: int = 0) -> None:
    """Note in a part everything that a type tells.

    Parameters
    ----------
    part
        The part of the answer.
    kind
        A type, or an annotation as an object of `typing`, or as a string.
    resolve
        Resolves names in strings.
    """
    kind = _resolved(kind, resolve)
    if depth > DEEPEST or kind is NO_TYPE:
        return
    origin, inside = _origin(kind), _inside(kind)
    if origin in LITERALS:
        for literal in inside:
            part.is_compared(literal)
    elif origin in UNIONS or (origin in WRAPPERS and inside):
        for one in inside if origin in UNIONS else inside[:1]:
            told(part, one, resolve, depth)
    elif origin is not None:
        _generic(part, origin, inside, resolve, depth)
    elif isinstance(kind, type):
        _class(part, kind, depth)


def _resolved(kind: Any, resolve: Resolve | None) -> Any:
    if isinstance(kind, str):
        return from_text(kind, resolve)
    if isinstance(kind, ast.expr):
        return from_source(kind, resolve) if resolve else NO_TYPE
    return kind


def _generic(part: SourcePart, origin: Any, inside: tuple[Any, ...], resolve: Resolve | None, depth: int) -> None:
    if origin is dict or _is_mapping(origin):
        part.tells("mapping")
    elif origin in (list, set, tuple, frozenset) or _is_list(origin):
        part.tells("list")
        if inside:
            told(part.each(), inside[0], resolve, depth + 1)


def from_text(text: str, resolve: Resolve | None) -> Any:
    """Return the type of an annotation in the form of a string."""
    if resolve is None or len(text) > LONGEST:
        return NO_TYPE
    expression = parsed_expression(text)
    try:
        return NO_TYPE if expression is None else from_source(expression, resolve)
    except (ValueError, RecursionError):
        return NO_TYPE


def from_source(expression: ast.expr, resolve: Resolve) -> Any:
    """Return the type of an annotation in the form of an expression."""
    match expression:
        case ast.Constant(value=None):
            return type(None)
        case ast.Constant(value=str(text)):
            return from_text(text, resolve)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _Made(typing.Union, (from_source(left, resolve), from_source(right, resolve)))
        case ast.Subscript(value=value, slice=inside):
            return _subscript(resolve(value), inside, resolve)
        case ast.Name() | ast.Attribute():
            return resolve(expression)
    return NO_TYPE


class _Made:
    """A generic type that was only read: making the type could run code."""

    def __init__(self, origin: Any, inside: tuple[Any, ...]) -> None:
        self.origin, self.inside = origin, inside


def _subscript(origin: Any, inside: ast.expr, resolve: Resolve) -> Any:
    listed = inside.elts if isinstance(inside, ast.Tuple) else [inside]
    if origin in LITERALS:
        return _Made(origin, tuple(each.value for each in listed if isinstance(each, ast.Constant)))
    if origin is typing.Optional:
        return _Made(typing.Union, (from_source(inside, resolve),))
    origin = typing.get_origin(origin) or origin  # typing.List is list
    return _Made(origin, tuple(from_source(each, resolve) for each in listed))


def _origin(kind: Any) -> Any:
    if isinstance(kind, _Made):
        return kind.origin if _is_hashable(kind.origin) else None
    if type(kind) is not types.GenericAlias and isinstance(kind, type):
        return None
    return typing.Annotated if hasattr(kind, "__metadata__") else typing.get_origin(kind)


def _inside(kind: Any) -> tuple[Any, ...]:
    return kind.inside if isinstance(kind, _Made) else typing.get_args(kind) if _origin(kind) is not None else ()


def _is_hashable(thing: Any) -> bool:
    return type(thing).__hash__ is not None


def _is_list(origin: Any) -> bool:
    return getattr(origin, "__name__", "") in {"Sequence", "Iterable", "Collection", "MutableSequence"}


def _is_mapping(origin: Any) -> bool:
    return getattr(origin, "__name__", "") in {"Mapping", "MutableMapping"}


def _class(part: SourcePart, kind: type, depth: int) -> None:
    if kind in KINDS:
        part.tells(KINDS[kind])
        return
    if isinstance(kind, enum.EnumMeta):
        for literal in enum_values(kind):
            part.is_compared(literal)
        return
    for name, annotation, required in members(kind):
        told(part.at(name, required=required), annotation, names_of(kind), depth + 1)


def enum_values(kind: type) -> list[Any]:
    """Return the values of an enum's members."""
    found = vars(kind).get("_member_map_")
    each = found.values() if isinstance(found, dict) else ()
    return [vars(member).get("_value_") for member in each]


def members(kind: type) -> list[tuple[str, Any, bool]]:
    """Return the members of a pydantic model, a dataclass or a TypedDict: name, annotation, whether it is required."""
    fields = vars(kind).get("__pydantic_fields__", vars(kind).get("__dataclass_fields__"))
    if isinstance(fields, dict):
        return [(_alias(name, each), _annotation(each), _is_required(each)) for name, each in fields.items()]
    required = vars(kind).get("__required_keys__")
    if not isinstance(required, frozenset):
        return []
    return [(name, each, name in required) for name, each in vars(kind).get("__annotations__", {}).items()]


def _alias(name: str, field: Any) -> str:
    alias = getattr(field, "alias", None)
    return alias if isinstance(alias, str) else name


def _annotation(field: Any) -> Any:
    return getattr(field, "annotation", getattr(field, "type", None))


def _is_required(field: Any) -> bool:
    """Tell whether a field of a dataclass or a pydantic model has no default."""
    defaults = [getattr(field, name, None) for name in ("default", "default_factory")]
    return all(
        each is None or type(each).__name__ in {"_MISSING_TYPE", "PydanticUndefinedType"} for each in defaults
    ) and (type(defaults[0]).__name__ != "NoneType")


def names_of(kind: type) -> Resolve:
    """Return a function that resolves names in a class's annotations, by the class's module."""
    module = sys.modules.get(kind.__module__)
    space: Mapping[str, Any] = vars(module) if module is not None else {}
    return resolving(lambda name: space.get(name, _BUILTINS.get(name, NO_TYPE)))


def resolving(look: Callable[[str], Any]) -> Resolve:
    """Return a function that resolves names, and names in modules, with a function for plain names."""

    def resolve(expression: ast.expr) -> Any:
        match expression:
            case ast.Name(id=name):
                return look(name)
            case ast.Attribute(value=holder, attr=name):
                module = resolve(holder)
                return vars(module).get(name, NO_TYPE) if isinstance(module, types.ModuleType) else NO_TYPE
        return NO_TYPE

    return resolve


_BUILTINS: Mapping[str, Any] = vars(builtins)
