"""The contract of a form: a payload becomes a field, and a person's draft becomes the resume value.

Code without knowledge of the single forms asks `kind_of` how a field is handled. A field kind that is not in the table
is handled as `OTHER`; the page's half of a kind is in ``js/src/fields/``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from nbhitl.decisions import are_decisions
from nbhitl.errors import InvalidAnswer
from nbhitl.jsontext import pretty
from nbhitl.protocol import Content, Field

EDITABLE = 200_000
"""Most characters of a text that the page can edit; a longer text is answered from Python, or written anew."""


class Form(Protocol):
    """The form of an interrupt.

    Attributes
    ----------
    prompt
        A short instruction to the person.
    field
        The control that the page draws for the answer.
    shows
        The drawn payload; empty where prompt and field show the whole payload.
    is_guess
        Whether this kind of answer is guessed from the payload. A person may then answer with any JSON instead.
    """

    prompt: str
    field: Field
    shows: Sequence[Content]
    is_guess: bool

    def value(self, draft: str) -> Any:
        """Return the resume value for the draft in the field.

        Raises
        ------
        InvalidAnswer
            If the draft is no answer; the message says why, and the exception's ``flaws`` say where.
        """

    def draft(self, value: Any) -> str | None:
        """Return the draft that stands for exactly ``value``: ``form.value(form.draft(x)) == x``.

        ``None`` if there is no such draft, or the draft would be longer than `EDITABLE`.
        """

    def show(self, value: Any) -> str:
        """Return ``value`` as text for people, shortened where long."""

    def without_secrets(self, value: Any) -> Any:
        """Return ``value`` with secrets blotted out, for display and storage.

        Return the same object if ``value`` holds no secret.
        """

    def example(self) -> Any:
        """Return an answer that shows the shape, to start from in the JSON editor."""

    def fit(self, value: Any) -> Any:
        """Return the resume value for an answer from Python, in which decisions (`nbhitl.approve`) take their shape.

        Raises
        ------
        InvalidAnswer
            If the node could not take the answer; the message continues "cannot be answered with this value: ".
        """


class BaseForm:
    """The defaults that most forms share."""

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
        """Return ``value`` unchanged."""
        if not isinstance(value, str):
            refuse_decisions(value)
        return value


def refuse_decisions(value: Any) -> None:
    """Raise where a decision is given to a question that asks for something else.

    Raises
    ------
    InvalidAnswer
        If ``value`` is a decision or a list of decisions.
    """
    if are_decisions(value):
        raise InvalidAnswer(
            "nbhitl.approve(), reject(), edit() and respond() decide on tool calls, and this payload holds none; "
            "give the value that interrupt() is to return"
        )


@dataclass(frozen=True)
class FieldHandling:
    """The facts about a field for code without knowledge of the single forms.

    Attributes
    ----------
    is_json
        Whether a draft is JSON already, finished or not.
    needs_schemas
        Whether the field's initial answer needs the library of JSON Schema, which is imported late.
    has_json_editor
        Whether the JSON editor may take the place of the field.
    shows_value
        Whether the page shows the value itself, so that the text of the answer need not be shown.
    is_revised
        Whether an answer is compared with the field's original word by word.
    """

    is_json: bool = False
    needs_schemas: bool = False
    has_json_editor: bool = True
    shows_value: bool = False
    is_revised: bool = False


OTHER = FieldHandling()

FIELD_KINDS: dict[str, FieldHandling] = {
    "text": FieldHandling(is_revised=True),
    "form": FieldHandling(is_json=True, needs_schemas=True),
    "decisions": FieldHandling(needs_schemas=True),
    "json": FieldHandling(has_json_editor=False),
    "continue": FieldHandling(has_json_editor=False),
    "widget": FieldHandling(has_json_editor=False, shows_value=True),
}


def kind_of(field: Field) -> FieldHandling:
    """Return how a form with this field is handled."""
    return FIELD_KINDS.get(field["kind"], OTHER)
