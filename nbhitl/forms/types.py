"""The JSON Schema of a Python type, by pydantic."""

import sys
import types
import warnings
from collections.abc import Callable, Mapping
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from typing_extensions import TypedDict, is_typeddict

from nbhitl.errors import UsageError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

R = TypeVar("R")

DECIMAL = r"^(?=.*\d)\s*[+-]?[\d_]*\.?[\d_]*[eE]?[+-]?\d*\s*$"
"""The pattern of a text that is read as a `Decimal`; without the pattern every text would fit the schema."""


def schema_of(kind: Any) -> Mapping[str, Any]:
    """Return the JSON Schema of a type, in pydantic's validation mode.

    Parameters
    ----------
    kind
        A type that pydantic knows (int, ``list[...]``, ``Literal``, an enum, a TypedDict, a dataclass, a model,
        ``Annotated`` with constraints, …), or a mapping, which is a schema already.

    Raises
    ------
    UsageError
        If the type has no schema.
    """
    if isinstance(kind, Mapping):
        return kind
    if isinstance(kind, str):
        raise UsageError(f"{kind!r} is a text, not a type: write the type itself, or its JSON Schema.")
    if isinstance(kind, bool | int | float | bytes):
        raise UsageError(f"{kind!r} is a value, not a type: give a type, the JSON Schema of one, or a list of options.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a default that JSON cannot hold is left out
        return _of_pydantic(kind, lambda adapter: adapter.json_schema(mode="validation", schema_generator=_generator()))


def adapter_of(kind: Any) -> "TypeAdapter[Any]":
    """Return the pydantic adapter that validates values of a type, as `schema_of` draws it.

    Raises
    ------
    UsageError
        If pydantic knows no such type.
    """
    return _of_pydantic(kind, lambda adapter: adapter)


def _of_pydantic(kind: Any, read: Callable[["TypeAdapter[Any]"], R]) -> R:
    from pydantic import PydanticUserError, TypeAdapter
    from pydantic.errors import PydanticUndefinedAnnotation
    from pydantic_core import SchemaError

    try:
        return read(TypeAdapter(_modern(kind)))
    except (PydanticUserError, PydanticUndefinedAnnotation, SchemaError, NameError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"{_name(kind)} has no JSON Schema, so that no form can be made of it: {reason}") from error


def _generator() -> Any:
    from pydantic.json_schema import GenerateJsonSchema

    class Generator(GenerateJsonSchema):
        """Adds the names of an enum's members, which say more than the values, and the pattern of a decimal."""

        def decimal_schema(self, schema: Any) -> dict[str, Any]:
            found = super().decimal_schema(schema)
            for branch in found.get("anyOf", ()):
                if branch.get("type") == "string":
                    branch.setdefault("pattern", DECIMAL)
            return found

        def enum_schema(self, schema: Any) -> dict[str, Any]:
            found = super().enum_schema(schema)
            members = schema["members"]
            if len(members) > 1 and any(member.value != member.name for member in members):
                found["x-enumNames"] = [_member_label(member) for member in members]
            return found

    return Generator


def _member_label(member: Any) -> str:
    return str(member.name).replace("_", " ").capitalize() if str(member.name).isupper() else str(member.name)


def _modern(kind: Any, around: tuple[Any, ...] = ()) -> Any:
    """Return a type with each `typing.TypedDict` as typing_extensions' own, which pydantic needs before Python 3.12."""
    if sys.version_info >= (3, 12) or kind in around:
        return kind
    if is_typeddict(kind) and type(kind).__module__ == "typing":
        return _modern_dict(kind, (*around, kind))
    origin, inside = get_origin(kind), get_args(kind)
    modern = tuple(_modern(each, around) for each in inside) if origin is not Literal else inside
    if all(one is other for one, other in zip(inside, modern, strict=True)):
        return kind
    if origin in {Union, types.UnionType}:
        return Union[modern]  # noqa: UP007 - made, not written
    return Annotated[modern] if hasattr(kind, "__metadata__") else origin[modern]


def _modern_dict(kind: Any, around: tuple[Any, ...]) -> Any:
    hints = {name: _modern(_unmarked(hint), around) for name, hint in get_type_hints(kind, include_extras=True).items()}
    marked = {name: hint if name in kind.__required_keys__ else NotRequired[hint] for name, hint in hints.items()}
    make: Any = TypedDict  # mypy knows only the call with literal names
    modern = make(kind.__name__, marked)
    modern.__doc__ = kind.__doc__
    return modern


def _unmarked(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) in {Required, NotRequired} else hint


def _name(kind: Any) -> str:
    return getattr(kind, "__qualname__", None) or repr(kind)
