"""The fields: what a person answers with. The page knows these, never the payload's convention."""

from typing import (
    Literal,
    NotRequired,  # pydantic reads typing.TypedDict only from Python 3.12 on
)

from typing_extensions import TypedDict

from nbhitl.protocol.content import Content
from nbhitl.protocol.control import Control


class TextField(TypedDict):
    """A text to write, or to revise; what changed against ``original`` is shown.

    ``language``: ``"markdown"``, ``"python"``, ``"sql"``, …; empty for prose. ``options`` are texts that can be taken
    as they are. ``key``: the answer is a mapping with the text under this key.
    """

    kind: Literal["text"]
    original: str
    language: str
    options: NotRequired[list[str]]
    key: NotRequired[str]


class JsonField(TypedDict):
    """Any JSON value, edited as JSON text; ``secret``: a secret may stand in it."""

    kind: Literal["json"]
    original: str
    secret: NotRequired[bool]


class ContinueField(TypedDict):
    """Nothing to fill in: the only answer is to go on."""

    kind: Literal["continue"]
    original: str


class FormField(TypedDict):
    """A form; the draft is the JSON text of the answer, ``original`` what it begins with."""

    kind: Literal["form"]
    original: str
    control: Control
    shared: dict[str, Control]


class Action(TypedDict):
    """One thing that can be decided; ``control`` is filled in for it, beginning with ``start`` (JSON text).

    ``key`` is the letter that chooses it. ``asks`` says what is to be written, where the control does not say it.
    ``sends`` is the name of the button that sends what was filled in.
    """

    kind: Literal["action"]
    name: str
    label: str
    key: str
    look: Literal["good", "bad", "plain"]
    control: Control | None
    start: str
    asks: str
    sends: str


class Request(TypedDict):
    """One thing to decide on: a tool call, say."""

    kind: Literal["request"]
    title: str
    shows: list[Content]
    actions: list[Action]


class DecisionsField(TypedDict):
    """Decisions on one or several requests.

    The draft is JSON text: a list with one entry for each request, ``null`` while it is undecided, else
    ``{"action": name, "value": what was filled in}`` (without ``value`` where there is nothing to fill in).
    """

    kind: Literal["decisions"]
    original: str
    requests: list[Request]
    shared: dict[str, Control]


class WidgetField(TypedDict):
    """An ipywidget of the user's; the answer is its ``value``, which the kernel reads. ``widget`` refers to it."""

    kind: Literal["widget"]
    original: str
    widget: str


Field = TextField | JsonField | ContinueField | FormField | DecisionsField | WidgetField

FieldKind = Literal["text", "json", "continue", "form", "decisions", "widget"]
"""The ``kind`` of each."""
