"""Conversations: LangChain's messages, as objects or as JSON, and messages of OpenAI's shape."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from nbhitl.forms.content.images import image_shown
from nbhitl.forms.content.prose import Room, text_shown
from nbhitl.forms.content.tree import tree_shown
from nbhitl.jsontext import cut
from nbhitl.protocol import Content, Message, Messages, Part
from nbhitl.runs.conversation import part

TYPES = {"human", "ai", "system", "tool", "function", "chat", "developer", "AIMessageChunk", "HumanMessageChunk"}
ROLES = {"user", "assistant", "system", "tool", "developer", "function", "human", "ai"}

SHOWN = 50
"""Number of messages that are shown: the last messages."""


def messages_shown(value: Any, room: Room) -> Messages | None:
    """Return a conversation or a single message; ``None`` if the value is neither."""
    messages = value if isinstance(value, list | tuple) else [value]
    if not messages or not all(map(_is_message, messages[:SHOWN])) or not all(map(_is_message, messages[-SHOWN:])):
        return None
    shown = [_message(each, room) for each in messages[-SHOWN:]]
    if len(messages) > SHOWN:
        left_out = f"{len(messages) - SHOWN:,} earlier messages are not shown."
        shown.insert(0, {"kind": "message", "role": "…", "shows": [_said(left_out)]})
    return {"kind": "messages", "messages": shown}


def _said(text: str) -> Content:
    return {"kind": "prose", "text": text, "markdown": False}


def _is_message(value: Any) -> bool:
    if isinstance(value, Mapping):
        role, kind = value.get("role"), value.get("type")
        is_named = (isinstance(role, str) and role in ROLES) or (isinstance(kind, str) and kind in TYPES)
        return is_named and "content" in value and _has_content(value)
    return type(value).__module__.startswith("langchain_core.messages") and hasattr(value, "content")


def _has_content(value: Mapping[str, Any]) -> bool:
    return value["content"] is None or isinstance(value["content"], str | list)


def _message(message: Any, room: Room) -> Message:
    role = part(message, "role") or part(message, "type")
    name = part(message, "name")
    content = part(message, "content")
    blocks = content if isinstance(content, list) else [content] if content else []
    shows = [each for block in blocks for each in _block(block, room)]
    shows += [each for call in _calls(message) for each in _call(call, room)]
    who = f"{role} ({name})" if isinstance(name, str) and name else str(role)
    return {"kind": "message", "role": cut(who, 100), "shows": shows}


def _block(block: Any, room: Room) -> list[Content]:
    if isinstance(block, str):
        return text_shown(block, room)
    if not isinstance(block, Mapping):
        return [tree_shown(block, room)]
    if isinstance(text := block.get("text"), str):
        return text_shown(text, room)
    if block.get("type") in ("tool_use", "tool_call"):
        return []  # the tool calls show this call
    if (found := _image(block, room)) is not None:
        return found
    return [tree_shown(block, room)]


def _image(block: Mapping[str, Any], room: Room) -> list[Content] | None:
    url = block.get("image_url", block.get("url"))
    url = url.get("url") if isinstance(url, Mapping) else url
    if isinstance(url, str):
        return image_shown(url, room) or text_shown(url, room)
    data, kind = block.get("base64", block.get("data")), block.get("mime_type")
    if isinstance(data, str) and isinstance(kind, str):
        return image_shown(f"data:{kind};base64,{data}", room)
    return None


def _calls(message: Any) -> Sequence[Any]:
    calls = part(message, "tool_calls")
    return calls if isinstance(calls, list | tuple) else ()


def _call(call: Any, room: Room) -> list[Content]:
    """Return the content for a tool call: name and arguments; OpenAI writes the arguments as JSON text."""
    inner = call.get("function") if isinstance(call, Mapping) else None
    function = inner if isinstance(inner, Mapping) else call if isinstance(call, Mapping) else {}
    name, args = function.get("name"), function.get("args", function.get("arguments"))
    part: Part = {"kind": "part", "label": cut(f"calls {name}", 200), "shows": [tree_shown(_read(args), room)]}
    return [{"kind": "parts", "parts": [part]}]


def _read(args: Any) -> Any:
    if not isinstance(args, str) or len(args) > 20_000:  # noqa: PLR2004
        return args
    try:
        return json.loads(args)
    except (ValueError, RecursionError):
        return args
