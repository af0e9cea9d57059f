"""What a person switched to: the JSON editor ("Edit as JSON"), or another type than text."""

from typing import Any, Literal

from nbhitl.errors import InvalidAnswer
from nbhitl.forms.base import Form
from nbhitl.forms.conventions.idioms import YES_OR_NO
from nbhitl.forms.conventions.schemas import SchemaForm
from nbhitl.forms.decisions.deciding import DecisionsForm
from nbhitl.forms.fallback import JsonForm
from nbhitl.forms.secrets import asks_for_secrets
from nbhitl.protocol import Written

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


class TypeInstead(SchemaForm):
    """A number, or yes or no, in place of a text."""

    def __init__(self, form: Form, kind: Literal["number", "boolean"]) -> None:
        schema = {"type": "number"} if kind == "number" else YES_OR_NO
        super().__init__(form.prompt, schema, shows=form.shows, is_guess=True)
        self.kind: Literal["number", "boolean"] = kind


def retyped(draft: str, before: Written, to: Written) -> str:
    """Return what was written as one type, as it stands in another; empty where it cannot stand there."""
    text = _plain_text(draft) if before in ("json", "boolean", "number") else draft
    if to == "text":
        return text if before == "json" else ""
    if to == "json":
        return _as_json(text if before == "text" else draft)
    return _as_scalar(text, to)


def _plain_text(draft: str) -> str:
    """Return the text that JSON text stands for; of anything else the JSON text itself."""
    try:
        value = _JSON.value(draft)
    except InvalidAnswer:
        return draft
    return value if isinstance(value, str) else draft


def _as_json(text: str) -> str:
    """Return a text as JSON: as it is where it is JSON already, but for words that are none."""
    if not text.strip():
        return ""
    try:
        _JSON.value(text)
    except InvalidAnswer:
        return _JSON.draft(text) or ""
    return text


def _as_scalar(text: str, to: Written) -> str:
    if to == "boolean":
        said = {"yes": "true", "y": "true", "true": "true", "no": "false", "n": "false", "false": "false"}
        return said.get(text.strip().lower(), "")
    try:
        value = _JSON.value(text.strip())
    except InvalidAnswer:
        return ""
    return text.strip() if isinstance(value, int | float) and not isinstance(value, bool) else ""


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
