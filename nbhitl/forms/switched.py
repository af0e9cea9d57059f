"""The forms that a person can switch to: the JSON editor ("Edit as JSON"), or another type than text."""

from typing import Any, Literal

from nbhitl.errors import InvalidAnswer
from nbhitl.forms.base import Form, kind_of
from nbhitl.forms.conventions.idioms import YES_OR_NO
from nbhitl.forms.conventions.schemas import SchemaForm
from nbhitl.forms.decisions.deciding import DecisionsForm
from nbhitl.forms.fallback import JsonForm, editable_json, read_json
from nbhitl.forms.secrets import asks_for_secrets
from nbhitl.jsontext import is_number
from nbhitl.protocol import Written

_UNKNOWN = object()
"""A probe: only a form that may have a secret blots out an answer of unknown shape."""


class JsonInstead(JsonForm):
    """The JSON editor in place of a form; an answer must still fit a form that is no guess."""

    def __init__(self, form: Form) -> None:
        super().__init__(form.prompt)
        self._form, self.shows = form, form.shows
        self.field = {"kind": "json", "original": _begins(form)}
        if form.without_secrets(_UNKNOWN) is not _UNKNOWN or asks_for_secrets(form.field):
            self.field["secret"] = True
        self._was = "", ""

    def written_in(self, draft: str) -> str:
        """Return the form's draft as JSON text."""
        text = self._written_in(draft)
        self._was = text, draft
        return text

    def written_back(self, draft: str) -> str:
        """Return the JSON text as the form's draft: the former draft if the JSON text is unchanged."""
        value, form = super().value(draft), self._form
        text, before = self._was
        if draft == text:
            return before
        if kind_of(form.field).is_json:
            return draft
        return _held(form.begun(value) if isinstance(form, DecisionsForm) else form.draft(value), "The form")

    def _written_in(self, draft: str) -> str:
        form = self._form
        if kind_of(form.field).is_json:  # the draft of such a field is JSON already, finished or not
            return draft
        if draft == form.field["original"]:
            return self.field["original"]
        value = form.so_far(draft) if isinstance(form, DecisionsForm) else form.value(draft)
        return _held(editable_json(value), "JSON")

    def value(self, draft: str) -> Any:
        """Return the JSON value, if the form accepts the value or is a guess."""
        value = super().value(draft)
        return value if self._form.is_guess else self._form.fit(value)

    def draft(self, value: Any) -> str | None:
        """Return ``value`` as JSON text, if ``value`` holds no secret."""
        return super().draft(value) if self.without_secrets(value) is value else None

    def without_secrets(self, value: Any) -> Any:
        """Return ``value`` without secrets, by the replaced form."""
        return self._form.without_secrets(value)

    def fit(self, value: Any) -> Any:
        """Return the replaced form's ``fit``; any value where the form is a guess."""
        return super().fit(value) if self._form.is_guess else self._form.fit(value)


class TypeInstead(SchemaForm):
    """A number, or yes or no, in place of a text."""

    def __init__(self, form: Form, kind: Literal["number", "boolean"]) -> None:
        schema = {"type": "number"} if kind == "number" else YES_OR_NO
        super().__init__(form.prompt, schema, shows=form.shows, is_guess=True)
        self.kind: Literal["number", "boolean"] = kind


def retyped(draft: str, before: Written, to: Written) -> str:
    """Return a draft of a type as a draft of another type; empty if the other type cannot hold the draft."""
    text = _plain_text(draft) if before in ("json", "boolean", "number") else draft
    if to == "text":
        return text if before == "json" else ""
    if to == "json":
        return _as_json(text if before == "text" else draft)
    return _as_scalar(text, to)


def _plain_text(draft: str) -> str:
    """Return the text of a JSON string; any other draft unchanged."""
    try:
        value = read_json(draft)
    except InvalidAnswer:
        return draft
    return value if isinstance(value, str) else draft


def _as_json(text: str) -> str:
    """Return a text as JSON: unchanged if the text is JSON already, else as a JSON string."""
    if not text.strip():
        return ""
    try:
        read_json(text)
    except InvalidAnswer:
        return editable_json(text) or ""
    return text


def _as_scalar(text: str, to: Written) -> str:
    if to == "boolean":
        said = {"yes": "true", "y": "true", "true": "true", "no": "false", "n": "false", "false": "false"}
        return said.get(text.strip().lower(), "")
    try:
        value = read_json(text.strip())
    except InvalidAnswer:
        return ""
    return text.strip() if is_number(value) else ""


def _begins(form: Form) -> str:
    """Return the JSON of a form's initial answer, else of the form's example."""
    original = form.field["original"]
    if kind_of(form.field).is_json:
        return original
    try:
        begins = form.value(original)
    except InvalidAnswer:
        begins = form.example()
    return editable_json(begins) or ""


def _held(text: str | None, what: str) -> str:
    if text is None:
        raise InvalidAnswer(f"{what} cannot hold what is written here; change it, or stay with this form.")
    return text
