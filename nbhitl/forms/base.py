"""The contract of a form: a payload becomes a field, and what a person typed there becomes the resume value."""

from typing import Any, Protocol

from nbhitl.protocol import Field


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

    def show(self, value: Any) -> str:
        """Return ``value`` as the editor would hold it, for people to read."""
