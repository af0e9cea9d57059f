"""The fields of answers. The page knows these kinds, never the payload's convention."""

from typing import (
    Literal,
    NotRequired,  # pydantic reads typing.TypedDict only from Python 3.12 on
)

from typing_extensions import TypedDict

from nbhitl.protocol.content import Content
from nbhitl.protocol.control import Control


class TextField(TypedDict):
    """A text to write, or to revise; changes against ``original`` are shown.

    ``language``: ``"markdown"``, ``"python"``, ``"sql"``, …; empty for prose. ``options`` are texts that can be taken
    unchanged. ``key``: the answer is a mapping with the text under this key.
    """

    kind: Literal["text"]
    original: str
    language: str
    options: NotRequired[list[str]]
    key: NotRequired[str]


class JsonField(TypedDict):
    """Any JSON value, edited as JSON text; ``secret``: the value may contain a secret."""

    kind: Literal["json"]
    original: str
    secret: NotRequired[bool]


class ContinueField(TypedDict):
    """Nothing to fill in: the only answer is to go on."""

    kind: Literal["continue"]
    original: str


class FormField(TypedDict):
    """A form; the draft is the JSON text of the answer, ``original`` the draft at the beginning."""

    kind: Literal["form"]
    original: str
    control: Control
    shared: dict[str, Control]


class Action(TypedDict):
    """A possible decision; ``control`` is filled in for the decision, beginning with ``start`` (JSON text).

    ``key`` is the letter that chooses the action. ``asks`` describes the text to write, where the control does not.
    ``sends`` is the name of the button that sends the filled-in value.
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


class CallArgument(TypedDict):
    """An argument of a tool call; ``bounded``: whether a rule can accept values up to the value of the call."""

    name: str
    text: str
    bounded: bool


class ToolCall(TypedDict):
    """A tool call of which a person can make a rule."""

    kind: Literal["call"]
    tool: str
    args: list[CallArgument]


class Request(TypedDict):
    """A thing to decide on: a tool call, say."""

    kind: Literal["request"]
    title: str
    shows: list[Content]
    actions: list[Action]
    call: NotRequired[ToolCall]


class DecisionsField(TypedDict):
    """Decisions on requests.

    The draft is JSON text: a list with an entry for each request, ``null`` while undecided, else
    ``{"action": name, "value": filled-in value}`` (without ``value`` where there is nothing to fill in).
    """

    kind: Literal["decisions"]
    original: str
    requests: list[Request]
    shared: dict[str, Control]


class WidgetField(TypedDict):
    """The user's ipywidget, named by ``widget``; the answer is the widget's ``value``, which the kernel reads."""

    kind: Literal["widget"]
    original: str
    widget: str


Field = TextField | JsonField | ContinueField | FormField | DecisionsField | WidgetField

FieldKind = Literal["text", "json", "continue", "form", "decisions", "widget"]
"""The ``kind`` of each field."""
