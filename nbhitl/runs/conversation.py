"""Messages of a conversation, read alike from LangChain's objects and from a server's JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KINDS = frozenset({"ai", "chat", "developer", "function", "human", "system", "tool"})

ROLES = {"assistant": "ai", "user": "human"}
"""LangChain's message types for OpenAI's role names."""


@dataclass(frozen=True)
class Call:
    """A tool call of a model."""

    name: str
    args: Any
    id: str | None


def is_conversation(value: Any) -> bool:
    """Tell whether a value is a non-empty list of messages."""
    return isinstance(value, list | tuple) and bool(value) and all(kind_of(each) is not None for each in value)


def kind_of(message: Any) -> str | None:
    """Return LangChain's type of a message; ``None`` if the value is no message."""
    if isinstance(message, Mapping):
        kind = message.get("type", message.get("role"))
        if "content" not in message or not isinstance(kind, str):
            return None
    else:
        is_langchains = any(base.__module__.startswith("langchain_core.messages") for base in type(message).__mro__)
        kind = getattr(message, "type", None) if is_langchains and hasattr(message, "content") else None
        if not isinstance(kind, str):
            return None
    kind = ROLES.get(kind, kind.removesuffix("MessageChunk").lower())
    return kind if kind in KINDS else None


def part(message: Any, name: str) -> Any:
    """Return a part of a message, or of a state, as an object or as JSON; ``None`` if the part is missing."""
    return message.get(name) if isinstance(message, Mapping) else getattr(message, name, None)


def calls_of(message: Any) -> list[Call]:
    """Return the tool calls of a message."""
    found = part(message, "tool_calls")
    calls = found if isinstance(found, Sequence) and not isinstance(found, str) else []
    return [
        Call(call["name"], call.get("args"), call.get("id"))
        for call in calls
        if isinstance(call, Mapping) and isinstance(call.get("name"), str)
    ]


def pending_calls(messages: Sequence[Any]) -> list[Call]:
    """Return the tool calls of the model's last message that no tool has answered."""
    answered: set[Any] = set()
    for message in reversed(messages):
        match kind_of(message):
            case "tool":
                answered.add(part(message, "tool_call_id"))
            case "ai":
                return [call for call in calls_of(message) if call.id not in answered]
    return []


def text_of(message: Any) -> Any:
    """Return the content of a message without the blocks of tool calls: a text where all blocks are text."""
    content = part(message, "content")
    if not isinstance(content, list):
        return content
    kept = [each for each in content if not (isinstance(each, Mapping) and each.get("type") in CALL_BLOCKS)]
    texts = [each["text"] if isinstance(each, Mapping) and set(each) >= {"type", "text"} else each for each in kept]
    return "\n".join(texts) if all(isinstance(each, str) for each in texts) else kept


CALL_BLOCKS = frozenset({"tool_call", "tool_use", "function_call"})
