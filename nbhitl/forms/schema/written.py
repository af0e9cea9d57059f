"""A value of Python as the JSON that its type would read: what a schema is tested on.

That is not what the type writes: it may read ``fullName`` and write ``full_name``; a computed field is only written.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from nbhitl.jsontext import plain


def as_json(value: Any, *, hide: bool = False) -> Any:
    """Return a value as JSON: models and dataclasses by the names they read, enums by their values.

    Parameters
    ----------
    value
        Anything.
    hide
        Whether a ``SecretStr`` is put as the asterisks that it shows, in place of its text.
    """
    from pydantic_core import PydanticSerializationError, to_jsonable_python

    try:
        simple = _taken_apart(value, hide)
        try:
            return to_jsonable_python(simple, fallback=plain)
        except (PydanticSerializationError, ValueError):  # bytes that are no text
            return to_jsonable_python(simple, fallback=plain, bytes_mode="base64")
    except (PydanticSerializationError, ValueError, RecursionError):
        return plain(value)


def _taken_apart(value: Any, hide: bool) -> Any:
    if isinstance(value, Mapping):
        return {key: _taken_apart(each, hide) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_taken_apart(each, hide) for each in value]
    if hasattr(value, "get_secret_value"):
        return str(value) if hide else value.get_secret_value()
    members = None if isinstance(value, type) else _members(value)
    if members is None:
        return value
    if getattr(type(value), "__pydantic_root_model__", False) is True:
        return _taken_apart(value.root, hide)
    return {name: _taken_apart(each, hide) for name, each in members.items()}


def _members(value: Any) -> dict[str, Any] | None:
    """Return the members of a model or a dataclass by the names it reads; ``None`` for anything else."""
    fields = getattr(type(value), "__pydantic_fields__", None)
    if isinstance(fields, Mapping):
        named = {_name(name, field): getattr(value, name) for name, field in fields.items()}
        return named | dict(getattr(value, "__pydantic_extra__", None) or {})
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return None


def _name(name: str, field: Any) -> str:
    """Return the name under which pydantic reads a field."""
    alias = field.validation_alias
    first = next(iter(getattr(alias, "choices", ())), alias)
    return first if isinstance(first, str) else name
