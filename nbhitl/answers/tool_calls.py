"""Recognises tool calls in payloads: a key in ``ignore=`` sets aside neither the tool nor an argument.

A value may be an object: a message, a model of pydantic, a dataclass. Such a value is read as recorded, in the
types of JSON.
"""

from collections.abc import Mapping
from typing import Any

from nbhitl.jsontext import SCALARS, plain

CALLED_WITH = frozenset({"args", "arguments", "kwargs", "parameters", "tool_args", "tool_input"})
"""Keys of a tool's arguments: no value below is set aside unless the user names the value's place."""

TOOL = frozenset({"tool", "tool_name"})
"""Keys of a tool's name: each mapping beside such a key holds arguments, under any key of its own."""

BESIDE_A_TOOL = frozenset({"data", "input", "inputs", "params"})
"""Keys of arguments of any type, beside a tool's name: a text (``"rm -rf /"``) or a list as well."""

SAYS_TOOL = TOOL | {"action_name"}
"""Keys that tell by themselves that the value is a tool."""

NAMES = TOOL | {"action", "function", "name"}
"""Keys of a tool's name, in a mapping with the tool's arguments."""

MESSAGE = frozenset({"additional_kwargs", "content", "response_metadata", "type"})
"""Keys of every LangChain message that ``model_dump`` or a server has written."""

NONE: frozenset[Any] = frozenset()

DEEPEST = 50
"""Levels of a payload that are read; forms draw fewer."""


def is_action(mapping: Mapping[Any, Any]) -> bool:
    """Tell whether a mapping is a call with its arguments beside the ``action``."""
    return _is_text(mapping.get("action"))


def arguments_in(mapping: Mapping[Any, Any]) -> frozenset[Any]:
    """Return the keys of a mapping that hold the arguments of a tool."""
    is_beside = _is_beside_a_tool(mapping)
    if not is_beside and "input" not in mapping and CALLED_WITH.isdisjoint(mapping):
        return NONE  # as most mappings
    return frozenset(key for key, value in mapping.items() if _holds_arguments(key, value, mapping, is_beside))


def _holds_arguments(key: Any, value: Any, mapping: Mapping[Any, Any], is_beside_a_tool: bool) -> bool:
    if key in CALLED_WITH or (key == "input" and _is_provider_call(mapping)):
        return True
    if key in TOOL or not is_beside_a_tool:
        return False
    if key in BESIDE_A_TOOL:
        return True
    found = _outside(value)
    return isinstance(found, Mapping) and not found.keys() >= MESSAGE


def names_a_tool(key: Any, mapping: Mapping[Any, Any]) -> bool:
    """Tell whether an item of a mapping is the name of a tool."""
    return _is_tool(mapping[key]) if key in SAYS_TOOL else key in NAMES and bool(arguments_in(mapping))


def describes_a_tool(value: Any) -> bool:
    """Tell whether the value below a key in `TOOL` is a mapping with a ``name``, and neither a message nor a call."""
    found = _outside(value)
    return isinstance(found, Mapping) and _is_tool(found) and not (found.keys() >= MESSAGE or is_call(found))


def has_calls(value: Any) -> bool:
    """Tell whether a value holds a tool call, which a key alone does not set aside."""
    return not issubclass(type(value), SCALARS) and _has_calls(plain(value), 0)


def _has_calls(value: Any, level: int) -> bool:
    if level > DEEPEST:
        return True
    if isinstance(value, Mapping):
        return is_call(value) or any(_has_calls(each, level + 1) for each in value.values())
    return isinstance(value, list | tuple) and any(_has_calls(each, level + 1) for each in value)


def is_call(mapping: Mapping[Any, Any]) -> bool:
    """Tell whether a mapping, in JSON's types, has the keys of a tool call: the name of a tool beside arguments."""
    if is_action(mapping) and _is_text(mapping.get("message")):
        return True
    if _is_provider_call(mapping) and "input" in mapping:
        return True
    held = CALLED_WITH | BESIDE_A_TOOL if _is_beside_a_tool(mapping) else CALLED_WITH
    return any(key in held for key in mapping) and any(_is_tool(mapping.get(name)) for name in NAMES)


def _is_provider_call(mapping: Mapping[Any, Any]) -> bool:
    """Tell whether a mapping is a call in the form of model providers, with the arguments below ``input``."""
    kind = mapping.get("type")
    return isinstance(kind, str) and kind.endswith(("tool_call", "tool_use"))


def _is_beside_a_tool(mapping: Mapping[Any, Any]) -> bool:
    return not TOOL.isdisjoint(mapping) and any(_is_tool(mapping.get(name)) for name in TOOL)


def _is_tool(value: Any) -> bool:
    """Tell whether a value names a tool: a text, or a mapping with a ``name``."""
    found = _outside(value)
    return isinstance(found, str) or (isinstance(found, Mapping) and isinstance(found.get("name"), str))


def _is_text(value: Any) -> bool:
    return value is not None and isinstance(_outside(value), str)


def _outside(value: Any) -> Any:
    """Return a value whose outermost type is one of JSON's."""
    is_json = issubclass(type(value), SCALARS) or isinstance(value, Mapping | list | tuple)
    return value if is_json else plain(value)
