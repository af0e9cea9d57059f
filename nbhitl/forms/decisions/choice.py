"""The choices of a request, each with an optional value to fill in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from nbhitl.decisions import Decision, Kind
from nbhitl.forms.schema import Compiled, compile  # noqa: A004 - as `re.compile`
from nbhitl.protocol import Content

NOTHING = object()
"""The filled-in value of a choice without a schema; from ``back``: the answer belongs to another choice."""


TEXT = {"type": "string", "format": "textarea"}
NEEDED_TEXT = {**TEXT, "minLength": 1}

Look = Literal["good", "bad", "plain"]

NamedCall = tuple[str, Mapping[str, Any]]
"""The name and the arguments of a tool call."""


@dataclass(frozen=True)
class Choice:
    """A choice of a request.

    Attributes
    ----------
    name, label, key, look
        Name, label, key and look of the action that the page draws.
    make
        Returns the answer to the request for a filled-in value.
    back
        Returns the filled-in value of an answer, or `NOTHING` if the answer belongs to another choice.
    schema
        JSON Schema of the filled-in value; ``None`` for a choice without a value.
    start
        The initial value; `NOTHING` for the schema's own.
    kinds
        The decisions from Python that mean this choice.
    is_first
        Whether the choice is selected at first: the expected choice, or a choice without effect until filled in.
    asks
        The name of the filled-in value, where the schema has no title.
    sends
        The name of the button that sends the filled-in value.
    is_open
        Whether the schema was only guessed, so that further members are possible.
    """

    name: str
    label: str
    key: str
    look: Look
    make: Callable[[Any], Any]
    back: Callable[[Any], Any]
    schema: Mapping[str, Any] | None = None
    start: Any = NOTHING
    kinds: tuple[Kind, ...] = ()
    is_first: bool = False
    asks: str = ""
    sends: str = "Send"
    is_open: bool = False

    @cached_property
    def form(self) -> Compiled | None:
        """The compiled schema of the filled-in value."""
        return None if self.schema is None else compile(self.schema)

    def begins(self) -> Any:
        """Return the initial filled-in value."""
        if self.form is None:
            return NOTHING
        return self.form.start if self.start is NOTHING else self.start


@dataclass(frozen=True)
class AskedFor:
    """A request with its choices; ``title`` may be empty for the only request.

    ``calls`` are the names and arguments of the tool calls that the request decides on together.
    """

    title: str
    shows: Sequence[Content]
    choices: Sequence[Choice]
    calls: Sequence[NamedCall] = ()

    @property
    def name(self) -> str:
        """The request's name in errors."""
        return repr(self.title) if self.title else "this question"

    @property
    def question(self) -> str:
        """The question of this request: whether to approve, where approving needs no value."""
        approves = (choice for choice in self.choices if "approve" in choice.kinds and choice.schema is None)
        choice = next(approves, None)
        return f"Decide on {self.title}" if choice is None else f"{choice.label} {self.title}?"

    @property
    def first(self) -> Choice | None:
        """The choice that is chosen at first."""
        return next((choice for choice in self.choices if choice.is_first), None)

    def named(self, name: Any) -> Choice | None:
        """Return the choice of this name."""
        return next((choice for choice in self.choices if choice.name == name), None)

    def meant(self, decision: Decision) -> Choice | None:
        """Return the choice that a decision from Python means."""
        return next((choice for choice in self.choices if decision.kind in choice.kinds), None)

    def decided(self, answer: Any) -> tuple[Choice, Any] | None:
        """Return the choice and the filled-in value of an answer."""
        found = ((choice, choice.back(answer)) for choice in self.choices)
        return next(((choice, filled) for choice, filled in found if filled is not NOTHING), None)
