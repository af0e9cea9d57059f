"""The controls of a form: a JSON Schema in terms of things that a page can draw.

The draft of a form is the JSON text of the answer, so a control is a view of a place in that text. Numbers stay in the
text as written: a page must not read a number into a float. Input that is not yet of the control's type (``12a`` in a
number) stands in the text as a string, which the schema then refuses.
"""

from typing import (
    Literal,
    NotRequired,  # pydantic reads typing.TypedDict only from Python 3.12 on
)

from typing_extensions import TypedDict


class TextControl(TypedDict):
    """A text. ``secret`` is masked while typed; ``long`` has several lines; ``longest`` in characters.

    ``options`` are texts that can be taken unchanged.
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
    """An option of a choice; ``value`` is JSON text."""

    kind: Literal["option"]
    label: str
    hint: str
    value: str


class ChoiceControl(TypedDict):
    """A single value out of several."""

    kind: Literal["choice"]
    options: list[Option]


class ChoicesControl(TypedDict):
    """A list of values out of several."""

    kind: Literal["choices"]
    options: list[Option]


class Member(TypedDict):
    """A member of a group; ``start`` is the JSON text of a member that is added."""

    kind: Literal["member"]
    name: str
    label: str
    hint: str
    required: bool
    start: str
    control: "Control"


class GroupControl(TypedDict):
    """An object; ``others`` is the control of members that are not listed, where such members are allowed.

    ``start`` is the JSON text of such a member at the beginning.
    """

    kind: Literal["group"]
    members: list[Member]
    others: "Control | None"
    start: str


class ListControl(TypedDict):
    """A list of alike items; a new item begins as ``start``. ``table``: a list of flat objects, drawn as a table."""

    kind: Literal["list"]
    item: "Control"
    start: str
    fewest: int
    most: int | None
    table: bool


class RowControl(TypedDict):
    """A list whose items differ by place."""

    kind: Literal["row"]
    items: list[Member]


class Variant(TypedDict):
    """A possible shape of a value; ``start`` is the JSON text at the beginning.

    ``tag`` is the JSON text of the value that identifies the shape, at the member ``by`` of the `VariantsControl`.
    """

    kind: Literal["variant"]
    label: str
    hint: str
    tag: str | None
    start: str
    control: "Control"


class VariantsControl(TypedDict):
    """A value of several possible shapes, identified by the member ``by``, else by the type of the value.

    An optional value has two shapes: the second is a `FixedControl` of ``null``.
    """

    kind: Literal["variants"]
    by: str | None
    variants: list[Variant]


class FixedControl(TypedDict):
    """Nothing to choose: ``value`` is JSON text."""

    kind: Literal["fixed"]
    value: str


class SecretControl(TypedDict):
    """A value that is stored nowhere and not shown again; a secret text has a ``format`` in place of this control."""

    kind: Literal["secret"]
    control: "Control"


class SharedControl(TypedDict):
    """The control under this name in the field's ``shared``; schemas may contain themselves."""

    kind: Literal["shared"]
    name: str


class JsonControl(TypedDict):
    """Any JSON value, written as JSON: a part that cannot be drawn. ``why`` names the responsible keyword."""

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
