"""The contract of a form: a payload becomes a field, and what a person typed there becomes the resume value."""

from typing import Any, Protocol

from nbhitl.protocol import Field

EDITABLE = 200_000
"""Characters of a text that the page gets to edit; a longer one is answered from Python, or written anew."""


class Form(Protocol):
    """The form of one interrupt."""

    @property
    def prompt(self) -> str:
        """What the person is asked to do, in a few words."""

    @property
    def field(self) -> Field:
        """What the page draws."""

    def value(self, draft: str) -> Any:
        """Return the resume value for the text in the editor.

        Raises
        ------
        InvalidAnswer
            If the text makes no answer; the message says why.
        """

    def draft(self, value: Any) -> str | None:
        """Return the text in the editor that stands for ``value``, exactly: ``form.value(form.draft(x)) == x``.

        ``None`` where there is none, or where it would be longer than `EDITABLE`.
        """

    def show(self, value: Any) -> str:
        """Return ``value`` for people to read, cut where it is long."""
