"""The controls of a form: a JSON Schema, put in terms of what a page can draw.

The draft of a form is the JSON text of its answer, so that a control is a view of one place in that text. Numbers
stand in it as they were written: a page must not read them into floats. What cannot be written as the control's type
yet (``12a`` in a number) stands there as a text, which the schema then refuses.
"""

from typing import (
    Literal,
    NotRequired,  # pydantic reads typing.TypedDict only from Python 3.12 on
)

from typing_extensions import TypedDict


class TextControl(TypedDict):
    """A text. ``secret`` is not shown as it is typed; ``long`` has several lines; ``longest`` in characters.

    ``options`` are texts that can be taken as they are.
    """

    kind: Literal["text"]
    format: Literal["plain", "email", "uri", "date", "time", "date-time", "secret", "long", "code"]
    language: str
    longest: int | None
    options: NotRequired[list[str]]


class NumberControl(TypedDict):
    """A number; bounds and step are JSON numbers, as text."""

    kind: Literal["number"]
    integer: bool
    least: str | None
    most: str | None
    step: str | None


class SwitchControl(TypedDict):
    """True or false."""

    kind: Literal["switch"]


class Option(TypedDict):
    """One of a choice; ``value`` is JSON text."""

    kind: Literal["option"]
    label: str
    hint: str
    value: str


class ChoiceControl(TypedDict):
    """One of several values."""

    kind: Literal["choice"]
    options: list[Option]


class ChoicesControl(TypedDict):
    """A list of some of several values."""

    kind: Literal["choices"]
    options: list[Option]


class Member(TypedDict):
    """One member of a group; ``start`` is the JSON text it begins with where it is added."""

    kind: Literal["member"]
    name: str
    label: str
    hint: str
    required: bool
    start: str
    control: "Control"


class GroupControl(TypedDict):
    """An object; ``others`` is the control of members that are not listed, where there may be some.

    ``start`` is the JSON text with which such a member begins.
    """

    kind: Literal["group"]
    members: list[Member]
    others: "Control | None"
    start: str


class ListControl(TypedDict):
    """A list of alike items; a new one begins as ``start``. Drawn as a table where ``table``: of flat objects."""

    kind: Literal["list"]
    item: "Control"
    start: str
    fewest: int
    most: int | None
    table: bool


class RowControl(TypedDict):
    """A list whose items differ by their place."""

    kind: Literal["row"]
    items: list[Member]


class Variant(TypedDict):
    """One of several shapes; ``start`` is the JSON text it begins with.

    ``tag`` is the JSON text of the value that tells it, at the member ``by`` of its `VariantsControl`.
    """

    kind: Literal["variant"]
    label: str
    hint: str
    tag: str | None
    start: str
    control: "Control"


class VariantsControl(TypedDict):
    """One of several shapes, told by the value at the member ``by``, or else by the type of the value.

    An optional value is one of two shapes, of which the other is a `FixedControl` of ``null``.
    """

    kind: Literal["variants"]
    by: str | None
    variants: list[Variant]


class FixedControl(TypedDict):
    """Nothing to choose: ``value`` is JSON text."""

    kind: Literal["fixed"]
    value: str


class SecretControl(TypedDict):
    """A value that is kept nowhere and not shown again, whatever draws it: a number, a list. A text says so itself."""

    kind: Literal["secret"]
    control: "Control"


class SharedControl(TypedDict):
    """The control that stands under this name in ``shared`` of the field; schemas may contain themselves."""

    kind: Literal["shared"]
    name: str


class JsonControl(TypedDict):
    """Any JSON value, written as JSON: what cannot be drawn. ``why`` names the keyword that is to blame."""

    kind: Literal["json"]
    why: str


Control = (
    TextControl
    | NumberControl
    | SwitchControl
    | ChoiceControl
    | ChoicesControl
    | GroupControl
    | ListControl
    | RowControl
    | VariantsControl
    | FixedControl
    | SecretControl
    | SharedControl
    | JsonControl
)
