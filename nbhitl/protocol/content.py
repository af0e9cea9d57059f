"""The contents with which a card draws a payload: text, code, tables, images, conversations, trees."""

from typing import Literal

from typing_extensions import TypedDict


class Prose(TypedDict):
    """A text; ``markdown`` if the text is Markdown."""

    kind: Literal["prose"]
    text: str
    markdown: bool


class Code(TypedDict):
    """Program text; ``language`` is ``"python"``, ``"sql"``, ``"json"``, …, or empty."""

    kind: Literal["code"]
    text: str
    language: str


class Tree(TypedDict):
    """A JSON value to look into; ``text`` is JSON."""

    kind: Literal["tree"]
    text: str


class Grid(TypedDict):
    """Records as a table; ``rows`` holds a text for each column, ``more`` counts the rows that are not shown.

    ``numeric``: which columns hold numbers only; ``ticks``: which hold booleans only.
    """

    kind: Literal["grid"]
    columns: list[str]
    numeric: list[bool]
    ticks: list[bool]
    rows: list[list[str]]
    more: int


class Image(TypedDict):
    """An image; ``src`` is a data URL of a raster image."""

    kind: Literal["image"]
    src: str
    alt: str


class Link(TypedDict):
    """A link; ``url`` is ``https:``, ``http:`` or ``mailto:``."""

    kind: Literal["link"]
    url: str
    label: str


class Message(TypedDict):
    """A message of a conversation."""

    kind: Literal["message"]
    role: str
    shows: "list[Content]"


class Messages(TypedDict):
    """A conversation."""

    kind: Literal["messages"]
    messages: list[Message]


class Part(TypedDict):
    """An entry of a mapping, under a key."""

    kind: Literal["part"]
    label: str
    shows: "list[Content]"


class Parts(TypedDict):
    """A mapping whose values are each drawn in a suitable way."""

    kind: Literal["parts"]
    parts: list[Part]


Content = Prose | Code | Tree | Grid | Image | Link | Messages | Parts
