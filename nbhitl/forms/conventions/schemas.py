"""``interrupt(payload, response_schema=...)``, of langgraph 1.2.12 and later: the schema draws the form.

The payload is shown above the form. The answer is a value that fits the schema: LangGraph tests the answer against
pydantic models, TypedDicts and dataclasses, but not against a schema that is a plain mapping.
"""

from collections.abc import Sequence
from typing import Any

from nbhitl.forms.base import BaseForm, refuse_decisions
from nbhitl.forms.content import described
from nbhitl.forms.fallback import editable_json, read_json
from nbhitl.forms.refusing import refuse
from nbhitl.forms.schema import as_json, compile, flaws  # noqa: A004 - as `re.compile`
from nbhitl.forms.secrets import blotted
from nbhitl.protocol import Content
from nbhitl.runs.run import Interrupt

BEGIN = object()
"""Stands for the value that the schema begins with."""


class SchemaForm(BaseForm):
    """A form drawn from a JSON Schema; the answer is a value that fits the schema.

    Parameters
    ----------
    prompt
        The instruction to the person.
    schema
        The JSON Schema of the answer.
    start
        The initial value of the form, by default the schema's own.
    shows
        The drawn payload.
    is_guess
        Whether the schema was only guessed, so that code may answer with anything.
    """

    def __init__(
        self, prompt: str, schema: Any, *, start: Any = BEGIN, shows: Sequence[Content] = (), is_guess: bool = False
    ) -> None:
        self.prompt, self.shows, self.is_guess = prompt, shows, is_guess
        self._schema = schema
        self._compiled = compiled = compile(schema)
        begins = editable_json(compiled.start if start is BEGIN else start)
        self.field = {
            "kind": "form",
            "original": "null" if begins is None else begins,
            "control": compiled.control,
            "shared": compiled.shared,
        }

    def value(self, draft: str) -> Any:
        """Return the value; numbers keep their digits.

        Raises
        ------
        InvalidAnswer
            If the draft is no JSON or does not fit the schema.
        """
        value = read_json(draft)
        refuse(flaws(self._schema, value))
        return value

    def draft(self, value: Any) -> str | None:
        """Return ``value`` as JSON text; ``None`` if JSON cannot keep the value, or the value holds a secret."""
        return editable_json(value) if self.without_secrets(value) is value else None

    def without_secrets(self, value: Any) -> Any:
        """Return ``value`` without the texts that were written as secrets."""
        return blotted(value, self._compiled)

    def fit(self, value: Any) -> Any:
        """Return ``value`` unchanged; an object such as a pydantic model is tested as JSON.

        Raises
        ------
        InvalidAnswer
            If the value does not fit the schema, and the schema is no guess.
        """
        refuse_decisions(value)
        if not self.is_guess:
            refuse(flaws(self._schema, as_json(value)))
        return value


def recognise(interrupt: Interrupt) -> SchemaForm | None:
    """Return a form where the interrupt has a response schema."""
    if interrupt.response_schema is None:
        return None
    prompt, shows = described(interrupt.value, "Your answer")
    return SchemaForm(prompt, interrupt.response_schema, shows=shows)
