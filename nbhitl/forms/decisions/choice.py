"""What can be decided on a request: choices, each with what may be filled in for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from nbhitl.decisions import Decision, Kind
from nbhitl.forms.schema import Compiled, compile  # noqa: A004 - as `re.compile`
from nbhitl.protocol import Content

NOTHING = object()
"""What is filled in where there is nothing to fill in; and: this answer is another choice's."""


TEXT = {"type": "string", "format": "textarea"}
NEEDED_TEXT = {**TEXT, "minLength": 1}

Look = Literal["good", "bad", "plain"]


@dataclass(frozen=True)
class Choice:
    """One thing that can be decided on a request.

    Attributes
    ----------
    name, label, key, look
        Of the action that the page draws.
    make
        Returns the answer to the request for what was filled in.
    back
        Returns what was filled in for an answer, or `NOTHING` where that answer is not of this choice.
    schema
        Of what is filled in; ``None`` where there is nothing to fill in.
    start
        What it begins with; `NOTHING`: what the schema tells.
    kinds
        The decisions from Python that mean this choice.
    is_first
        Whether it is chosen at first: one that does nothing before more is filled in, or that is expected.
    asks
        What is filled in, where the schema does not name it.
    is_open
        Whether the schema was only guessed, so that there may be members that it does not name.
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
    is_open: bool = False

    @cached_property
    def form(self) -> Compiled | None:
        """The form of what is filled in."""
        return None if self.schema is None else compile(self.schema)

    def begins(self) -> Any:
        """Return what is filled in at first."""
        if self.form is None:
            return NOTHING
        return self.form.start if self.start is NOTHING else self.start


@dataclass(frozen=True)
class AskedFor:
    """One request with its choices; ``title`` may be empty where it is the only one."""

    title: str
    shows: Sequence[Content]
    choices: Sequence[Choice]

    @property
    def name(self) -> str:
        """What an error calls it."""
        return repr(self.title) if self.title else "this question"

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
        """Return the choice that an answer is, and what was filled in."""
        found = ((choice, choice.back(answer)) for choice in self.choices)
        return next(((choice, filled) for choice, filled in found if filled is not NOTHING), None)
