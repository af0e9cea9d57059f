"""A Python value as the JSON that the value's type would read: the JSON on which a schema is tested.

The JSON that the type writes can differ: a type may read ``fullName`` and write ``full_name``, and a computed field is
only written.
"""

import dataclasses
from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from nbhitl.jsontext import plain

BytesMode = Literal["utf8", "base64", "hex"]


def as_json(value: Any, *, hide: bool = False, bytes_as: BytesMode = "utf8") -> Any:
    """Return a value as JSON: models and dataclasses with the names that they read, enums with their values.

    Parameters
    ----------
    value
        Any Python value.
    hide
        Whether a ``SecretStr`` becomes asterisks, in place of the secret text.
    bytes_as
        The text for bytes. Bytes that are not UTF-8 become base64 in place of ``"utf8"``.
    """
    from pydantic_core import PydanticSerializationError, to_jsonable_python

    try:
        simple = _taken_apart(value, hide)
        try:
            return to_jsonable_python(simple, fallback=plain, bytes_mode=bytes_as)
        except (PydanticSerializationError, ValueError):  # bytes that are not UTF-8
            return to_jsonable_python(simple, fallback=plain, bytes_mode="base64")
    except (PydanticSerializationError, ValueError, RecursionError):
        return plain(value)


def bytes_in(value: Any) -> Counter[bytes]:
    """Return all bytes in a value, in models and dataclasses as well."""
    found: Counter[bytes] = Counter()
    rest = [_taken_apart(value, hide=False)]
    while rest:
        each = rest.pop()
        if isinstance(each, bytes | bytearray):
            found[bytes(each)] += 1
        elif isinstance(each, dict):
            rest += [*each.keys(), *each.values()]
        elif isinstance(each, list):
            rest += each
    return found


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
    """Return the members of a model or a dataclass by the names of reading; ``None`` for any other value."""
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
