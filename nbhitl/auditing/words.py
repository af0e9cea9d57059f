"""Values of a state in words: a message by its text and tool calls, without ids and counts of tokens."""

from typing import Any

from nbhitl.jsontext import flat
from nbhitl.runs.conversation import calls_of, kind_of, text_of

OF_A_MESSAGE = frozenset({"content", "id", "name", "role", "status", "type"}) | {
    *("additional_kwargs", "artifact", "example", "response_metadata", "usage_metadata"),
    *("invalid_tool_calls", "tool_call_id", "tool_calls"),
}
"""The keys of LangChain's messages; a mapping with further keys is a value of the graph's own."""


class Words(str):
    """A message as a text for people, which a difference shows without quotes."""

    __slots__ = ()


def in_words(value: Any) -> Any:
    """Return JSON with each of LangChain's messages as a text: ``"ai: pay(amount=5, to=Ann)"``."""
    if isinstance(value, list):
        return [in_words(each) for each in value]
    if not isinstance(value, dict):
        return value
    if kind_of(value) is not None and value.keys() <= OF_A_MESSAGE:
        return _message(value)
    return {key: in_words(each) for key, each in value.items()}


def _message(message: dict[str, Any]) -> Words:
    content = text_of(message)
    text = content if isinstance(content, str) else flat(content)
    calls = [f"{call.name}({_arguments(call.args)})" for call in calls_of(message)]
    return Words(f"{kind_of(message)}: {' · '.join(filter(None, [text, *calls]))}")


def _arguments(args: Any) -> str:
    """Return the arguments of a call; texts without quotes, which a JSON text around them would escape."""
    if not isinstance(args, dict):
        return flat(args)
    return ", ".join(f"{name}={each if isinstance(each, str) else flat(each)}" for name, each in args.items())
