"""The JSON editor that a person switched to: "Edit as JSON"."""

from typing import Any

from nbhitl.errors import InvalidAnswer
from nbhitl.forms.base import Form
from nbhitl.forms.deciding import DecisionsForm
from nbhitl.forms.fallback import JsonForm
from nbhitl.forms.secrets import asks_for_secrets

_JSON = JsonForm()

_UNKNOWN = object()
"""An answer of which nothing is known: it is blotted out by forms that may have a secret."""


class JsonInstead(JsonForm):
    """The JSON editor in place of a form; where that was no guess, the answer must still fit it."""

    def __init__(self, form: Form) -> None:
        super().__init__(form.prompt)
        self._form, self.shows = form, form.shows
        self.field = {"kind": "json", "original": _begins(form)}
        if form.without_secrets(_UNKNOWN) is not _UNKNOWN or asks_for_secrets(form.field):
            self.field["secret"] = True
        self._was = "", ""

    def written_in(self, draft: str) -> str:
        """Return what stands in the form as JSON."""
        text = self._written_in(draft)
        self._was = text, draft
        return text

    def written_back(self, draft: str) -> str:
        """Return what was written as JSON as it stands in the form: as it stood there, where nobody changed it."""
        value, form = super().value(draft), self._form
        text, before = self._was
        if draft == text:
            return before
        if form.field["kind"] == "form":
            return draft
        return _held(form.begun(value) if isinstance(form, DecisionsForm) else form.draft(value), "The form")

    def _written_in(self, draft: str) -> str:
        form = self._form
        if form.field["kind"] == "form":  # it is JSON already, finished or not
            return draft
        if draft == form.field["original"]:
            return self.field["original"]
        value = form.so_far(draft) if isinstance(form, DecisionsForm) else form.value(draft)
        return _held(_JSON.draft(value), "JSON")

    def value(self, draft: str) -> Any:
        """Return the JSON value, if the node could take it."""
        value = super().value(draft)
        return value if self._form.is_guess else self._form.fit(value)

    def draft(self, value: Any) -> str | None:
        """Return ``value`` as JSON text, if it holds no secret."""
        return super().draft(value) if self.without_secrets(value) is value else None

    def without_secrets(self, value: Any) -> Any:
        """Return what the form makes of it."""
        return self._form.without_secrets(value)

    def fit(self, value: Any) -> Any:
        """Return what the form makes of it, or any value where that is only a guess."""
        return super().fit(value) if self._form.is_guess else self._form.fit(value)


def _begins(form: Form) -> str:
    """Return the JSON that stands for what a form begins with, or shows the shape of its answers."""
    original = form.field["original"]
    if form.field["kind"] == "form":
        return original
    try:
        begins = form.value(original)
    except InvalidAnswer:
        begins = form.example()
    return _JSON.draft(begins) or ""


def _held(text: str | None, what: str) -> str:
    if text is None:
        raise InvalidAnswer(f"{what} cannot hold what is written here; change it, or stay with this form.")
    return text
