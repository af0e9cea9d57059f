"""The content that draws a payload: text, code, tables, images, conversations, trees."""

from collections.abc import Mapping
from typing import Any

from nbhitl.forms.content.mixed import shown
from nbhitl.forms.content.room import Room
from nbhitl.forms.reading import SHORT, asks, without
from nbhitl.protocol import Content

__all__ = ["Room", "contents_of", "described"]


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
