"""The content that draws a payload: text, code, tables, images, conversations, trees."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from nbhitl.forms.content.images import image_shown
from nbhitl.forms.content.messages import messages_shown
from nbhitl.forms.content.prose import Room, language_of, text_shown
from nbhitl.forms.content.records import grid_shown, table_of
from nbhitl.forms.content.tree import tree_shown
from nbhitl.forms.reading import SHORT, asks, without
from nbhitl.jsontext import cut, flat
from nbhitl.protocol import Content, Part

__all__ = ["Room", "contents_of", "described", "has_markdown"]

PARTS = 40
"""Most keys of a mapping that is shown key by key; a larger mapping is shown as a tree."""

DEEPEST = 3

LONG = 200
"""Length from which a text is shown separately, not inside a tree."""

LABEL = 200


def contents_of(payload: Any, room: Room | None = None) -> list[Content]:
    """Return the content that draws a payload, cut to the size that a page can take.

    Parameters
    ----------
    payload
        Anything.
    room
        The size limit that payloads of the same page share.
    """
    is_nothing = payload is None or (isinstance(payload, str) and not payload)
    return [] if is_nothing else shown(payload, room or Room())


def has_markdown(shows: Iterable[Content]) -> bool:
    """Tell whether a content, or a content within, is Markdown or code, which the same part of the page draws."""
    for each in shows:
        match each["kind"]:
            case "code":
                found = each["language"] != ""
            case "prose":
                found = each["markdown"]
            case "messages":
                found = any(has_markdown(message["shows"]) for message in each["messages"])
            case "parts":
                found = any(has_markdown(part["shows"]) for part in each["parts"])
            case _:
                found = False
        if found:
            return True
    return False


def described(payload: Any, otherwise: str) -> tuple[str, list[Content]]:
    """Return a payload's short question, and the content that draws the rest of the payload.

    Parameters
    ----------
    payload
        Anything.
    otherwise
        The prompt for a payload without a question.
    """
    if isinstance(payload, str) and len(payload) <= SHORT and "\n" not in payload.strip() and payload.strip():
        return payload, []
    found = asks(payload)
    if found is None:
        return otherwise, contents_of(payload)
    key, question = found
    rest = without(payload, key) if isinstance(payload, Mapping) else {}
    return question, contents_of(rest) if rest else []


def shown(value: Any, room: Room) -> list[Content]:
    """Return the content for a value; never raises, although the value may run its own code."""
    try:
        return _shown(value, room, "", 0)
    except Exception:  # noqa: BLE001 - the value's own code raised: show a tree
        return [tree_shown(value, room)]


def _shown(value: Any, room: Room, key: str, depth: int) -> list[Content]:
    if (image := image_shown(value, room, key)) is not None:
        return image
    if isinstance(value, str):
        return text_shown(value, room, key)
    if isinstance(value, float) and not math.isfinite(value):  # no JSON, which a tree is
        return text_shown(flat(value), room)
    if (messages := messages_shown(value, room)) is not None:
        return [messages]
    if (grid := grid_shown(value, room)) is not None:
        return [grid]
    if isinstance(value, Mapping) and 0 < len(value) <= PARTS and (depth == 0 or _is_worth_it(value, depth)):
        return [{"kind": "parts", "parts": [_part(name, each, room, depth) for name, each in value.items()]}]
    return [tree_shown(value, room)]


def _part(key: Any, value: Any, room: Room, depth: int) -> Part:
    name = key if isinstance(key, str) else str(key)
    return {"kind": "part", "label": cut(name, LABEL), "shows": _shown(value, room, name, depth + 1)}


def _is_worth_it(value: Mapping[Any, Any], depth: int) -> bool:
    """Tell whether a mapping holds a value that a tree would show badly."""
    return depth <= DEEPEST and any(_is_special(key, each, depth) for key, each in value.items())


def _is_special(key: Any, value: Any, depth: int) -> bool:
    if isinstance(value, str):
        return len(value) > LONG or "\n" in value or bool(language_of(value, str(key)))
    if isinstance(value, Mapping):
        return "content" in value or (len(value) <= PARTS and _is_worth_it(value, depth + 1))
    if isinstance(value, list | tuple):
        return bool(value) and table_of(value, 1) is not None
    return value is not None and not isinstance(value, bool | int | float)
