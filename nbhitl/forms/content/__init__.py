"""What a card shows of a payload, each value in its own way: text, code, tables, images, conversations, trees."""

from collections.abc import Mapping
from typing import Any

from nbhitl.forms.content.mixed import shown
from nbhitl.forms.content.room import Room
from nbhitl.forms.reading import SHORT, asks, without
from nbhitl.protocol import Content

__all__ = ["Room", "contents_of", "described"]


def contents_of(payload: Any, room: Room | None = None) -> list[Content]:
    """Return how a payload is drawn; of a large one only as much as a page can take.

    Parameters
    ----------
    payload
        Anything.
    room
        What several payloads share that are shown together.
    """
    is_nothing = payload is None or (isinstance(payload, str) and not payload)
    return [] if is_nothing else shown(payload, room or Room())


def described(payload: Any, otherwise: str) -> tuple[str, list[Content]]:
    """Return what a payload asks, in a few words, and how the rest of it is drawn.

    Parameters
    ----------
    payload
        Anything.
    otherwise
        What to say where it asks nothing.
    """
    if isinstance(payload, str) and len(payload) <= SHORT and "\n" not in payload.strip() and payload.strip():
        return payload, []
    found = asks(payload)
    if found is None:
        return otherwise, contents_of(payload)
    key, question = found
    rest = without(payload, key) if isinstance(payload, Mapping) else {}
    return question, contents_of(rest) if rest else []
