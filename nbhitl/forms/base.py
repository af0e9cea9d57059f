"""The contract of a form: a payload becomes a field, and what a person typed there becomes the resume value."""

from collections.abc import Sequence
from typing import Any, Protocol

from nbhitl.decisions import are_decisions
from nbhitl.errors import InvalidAnswer
from nbhitl.jsontext import pretty
from nbhitl.protocol import Content, Field

EDITABLE = 200_000
"""Characters of a text that the page gets to edit; a longer one is answered from Python, or written anew."""


class Form(Protocol):
    """The form of one interrupt.

    Attributes
    ----------
    prompt
        What the person is asked to do, in a few words.
    field
        What the page draws to answer with.
    shows
        How the payload is drawn; empty where prompt and field show all of it.
    is_guess
        Whether the payload only looks as if it wanted such an answer. A person may then answer with any JSON instead.
    """

    prompt: str
    field: Field
    shows: Sequence[Content]
    is_guess: bool

    def value(self, draft: str) -> Any:
        """Return the resume value for what stands in the field.

        Raises
        ------
        InvalidAnswer
            If that makes no answer; the message says why, and its ``flaws`` where.
        """

    def draft(self, value: Any) -> str | None:
        """Return what stands in the field for ``value``, exactly: ``form.value(form.draft(x)) == x``.

        ``None`` where there is nothing, or where it would be longer than `EDITABLE`.
        """

    def show(self, value: Any) -> str:
        """Return ``value`` for people to read, cut where it is long."""

    def without_secrets(self, value: Any) -> Any:
        """Return ``value`` as it may be shown and kept, with its secrets blotted out.

        The very same object where it holds none.
        """

    def example(self) -> Any:
        """Return an answer that shows the shape, for whoever writes one as JSON."""

    def fit(self, value: Any) -> Any:
        """Return the resume value for an answer from Python, in which decisions (`nbhitl.approve`) take their shape.

        Raises
        ------
        InvalidAnswer
            If the node could not take it; the message goes on after "cannot be answered with this value: ".
        """


class BaseForm:
    """What most forms share."""

    prompt: str
    field: Field
    shows: Sequence[Content] = ()
    is_guess: bool = True

    def show(self, value: Any) -> str:
        """Return ``value`` as indented JSON text."""
        return pretty(self.without_secrets(value))

    def without_secrets(self, value: Any) -> Any:
        """Return ``value``: most forms ask for no secrets."""
        return value

    def example(self) -> Any:
        """Return ``None``."""
        return None

    def fit(self, value: Any) -> Any:
        """Return ``value`` as it is."""
        refuse_decisions(value)
        return value


def refuse_decisions(value: Any) -> None:
    """Raise where a decision is given to a question that asks for something else.

    Raises
    ------
    InvalidAnswer
        If ``value`` is one.
    """
    if are_decisions(value):
        raise InvalidAnswer(
            "nbhitl.approve(), reject(), edit() and respond() decide on tool calls, and this payload holds none; "
            "give the value that interrupt() is to return"
        )
