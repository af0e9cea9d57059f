"""Values of a state in words: a message by its text and tool calls, without ids and counts of tokens."""

from collections.abc import Iterator, Mapping
from typing import Any

from nbhitl.jsontext import flat, plain
from nbhitl.runs.conversation import kind_of, part, text_of

OF_A_MESSAGE = frozenset({"content", "id", "name", "role", "status", "type"}) | {
    *("additional_kwargs", "artifact", "example", "response_metadata", "usage_metadata"),
    *("invalid_tool_calls", "tool_call_id", "tool_calls"),
}
"""The keys of LangChain's messages; a mapping with further keys is a value of the graph's own."""


class Words(str):
    """A message as a text for people, which a difference shows without quotes."""

    __slots__ = ()


def state_in_words(values: Any) -> Any:
    """Return the values of a state as JSON, with messages in words.

    A thread of n turns has n checkpoints with up to n messages: so messages are not turned into JSON first.
    """
    if not isinstance(values, Mapping):
        return in_words(plain(values))
    return {str(key): _each(value) if type(value) is list else in_words(plain(value)) for key, value in values.items()}


def _each(values: list[Any]) -> list[Any]:
    return [
        in_words(plain(each)) if isinstance(each, Mapping) or kind_of(each) is None else _message(each)
        for each in values
    ]


def in_words(value: Any) -> Any:
    """Return JSON with each of LangChain's messages as a text: ``"ai: pay(amount=5, to=Ann)"``."""
    if isinstance(value, list):
        return [in_words(each) for each in value]
    if not isinstance(value, dict):
        return value
    if kind_of(value) is not None and value.keys() <= OF_A_MESSAGE:
        return _message(value)
    return {key: in_words(each) for key, each in value.items()}


def _message(message: Any) -> Words:
    content = text_of(message)
    text = "" if content is None else _text(content)
    return Words(f"{kind_of(message)}: {' · '.join(filter(None, [text, *_calls(message)]))}")


def _calls(message: Any) -> Iterator[str]:
    """Yield the calls of a message, also in OpenAI's form; a call with arguments for no tool is marked invalid."""
    for name, mark in (("tool_calls", ""), ("invalid_tool_calls", "invalid ")):
        found = part(message, name)
        yield from (f"{mark}{_call(each)}" for each in (found if isinstance(found, list | tuple) else ()))


def _call(call: Any) -> str:
    function = part(call, "function")
    name, args = part(call, "name"), part(call, "args")
    if isinstance(function, Mapping):
        name, args = function.get("name"), function.get("arguments")
    return called(name, args) if isinstance(name, str) else flat(call)


def called(name: str, args: Any) -> str:
    """Return a tool call in words; texts have no quotes, because a JSON text around the call would escape quotes."""
    if not isinstance(args, Mapping):
        return f"{name}({_text(args)})"
    return f"{name}({', '.join(f'{key}={_text(each)}' for key, each in args.items())})"


def beside(question: str, payload: Mapping[str, Any]) -> list[str]:
    """Return a line for each part of a payload that the question does not hold; without the options."""
    told = {key: " ".join(_text(value).split()) for key, value in payload.items() if key not in ("options", "choices")}
    return [f"{key}: {text}" for key, text in told.items() if text not in question]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else flat(value)
