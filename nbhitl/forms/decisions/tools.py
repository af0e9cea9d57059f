"""The choices that reviews of tool calls share, and the description and arguments of a call as content."""

from collections.abc import Callable, Mapping
from typing import Any

from nbhitl.forms.content import Room, contents_of
from nbhitl.forms.decisions.choice import NEEDED_TEXT, NOTHING, TEXT, Choice, Look
from nbhitl.forms.fallback import is_same
from nbhitl.forms.infer import schema_like
from nbhitl.forms.reading import mapping
from nbhitl.protocol import Content

Make = Callable[[Any], Any]

REASON = "Why (may be left empty)"
MESSAGE = "Your message"

SEND_REASON = "Send the rejection"
SEND_MESSAGE = "Send the message"
SEND_EDITED = "Approve as edited"


def simple(name: str, label: str, key: str, answer: Any, *, kind: Any, good: bool = True) -> Choice:
    """Return a choice with nothing to fill in."""

    def back(given: Any) -> Any:
        return None if is_same(given, answer) else NOTHING

    return Choice(name, label, key, "good" if good else "bad", lambda _: answer, back, kinds=(kind,))


def worded(name: str, label: str, key: str, make: Make, back: Make, *, kind: Any, needed: bool = False) -> Choice:
    """Return a choice with a text: a reason, or a response in place of a tool's result."""
    look: Look = "plain" if needed else "bad"
    schema = NEEDED_TEXT if needed else TEXT
    asks, sends = (MESSAGE, SEND_MESSAGE) if needed else (REASON, SEND_REASON)
    return Choice(name, label, key, look, make, back, schema, start="", kinds=(kind,), asks=asks, sends=sends)


def edited(args: Mapping[str, Any], make: Make, back: Make, schema: Mapping[str, Any] | None = None) -> Choice:
    """Return the choice to let a tool run with other arguments; without a schema, ``args`` serve as the example."""
    drawn, is_guess = (schema_like(args), True) if schema is None else (schema, False)
    return Choice(
        *("edit", "Edit", "e", "plain", make, back, drawn, dict(args), ("edit",)),
        is_open=is_guess,
        sends=SEND_EDITED,
    )


BY_DEFAULT = "Tool execution requires approval"
"""The text of LangChain's middleware where nobody gave one: the question says so already."""


def arguments(name: str, args: Mapping[str, Any], description: Any, room: Room) -> list[Content]:
    """Return the content that draws a tool call: description and arguments."""
    said = _own_words(description, name) if isinstance(description, str) else ""
    return [*contents_of(said or None, room), *contents_of(args or None, room)]


def _own_words(description: str, name: str) -> str:
    """Return a description without the text that LangChain's middleware has by default: prefix, tool and arguments."""
    begins = description.rfind(f"Tool: {name}\nArgs: {{")
    if begins < 0 or not description.endswith("}"):
        return description
    prefix = description[:begins].strip()
    return "" if prefix == BY_DEFAULT else prefix


def text_at(answer: Any, kind: str, *, key: str = "message", needed: bool = False) -> Any:
    """Return the text of an answer ``{"type": kind, key: text}``; `NOTHING` for any other answer."""
    found = mapping(answer)
    if found is None or found.get("type") != kind or found.keys() - {"type", key}:
        return NOTHING
    text = found.get(key, NOTHING if needed else "")
    return text if isinstance(text, str) else NOTHING
