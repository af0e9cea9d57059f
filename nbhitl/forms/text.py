"""Payloads that ask for a text.

A bare text or number is a question, ``{"question": text}`` and its like as well. ``{"text_to_revise": text}`` and
``{"instruction": ..., "content": text}`` ask for the edited text, ``{"query": text}`` for ``{"data": text}``: idioms of
LangGraph's documentation. Where another type is wanted, a person can answer with any JSON instead.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from nbhitl.forms.base import EDITABLE, BaseForm, Form
from nbhitl.forms.content import contents_of, described
from nbhitl.forms.content.prose import language_of
from nbhitl.forms.fallback import JsonForm
from nbhitl.forms.reading import ASKING, mapping, without
from nbhitl.jsontext import cut, pretty
from nbhitl.protocol import Content, Field
from nbhitl.thread import Interrupt

REVISED = ("text_to_revise", "textToRevise")
"""Keys of a text to revise; the second is that of the JavaScript documentation."""


class TextForm(BaseForm):
    r"""An editable text; the answer is exactly what stands in the editor.

    A page's editor has only one kind of line end. Where all lines of the original end in ``\r\n``, so do those of
    the answer.
    """

    def __init__(self, prompt: str, original: str, *, shows: Sequence[Content] = ()) -> None:
        self.prompt, self.shows = prompt, shows
        self._windows = "\r" in original
        self.field: Field = {"kind": "text", "original": self._edited(original), "language": language_of(original)}

    def value(self, draft: str) -> str:
        """Return the text."""
        return draft.replace("\r\n", "\n").replace("\n", "\r\n") if self._windows else draft

    def draft(self, value: Any) -> str | None:
        """Return a text as the editor holds it."""
        if not isinstance(value, str) or len(value) > EDITABLE:
            return None
        text = self._edited(value)
        return text if "\r" not in text and _is_encodable(text) and self.value(text) == value else None

    def show(self, value: Any) -> str:
        """Return a text as it is, anything else (an answer from Python may be) as JSON."""
        return cut(self._edited(value)) if isinstance(value, str) else pretty(value)

    def _edited(self, text: str) -> str:
        return text.replace("\r\n", "\n") if self._windows else text


class DataForm(TextForm):
    """A text that the node gets as ``{"data": text}``."""

    def value(self, draft: str) -> Any:
        """Return the text in its mapping."""
        return {"data": draft}

    def draft(self, value: Any) -> str | None:
        """Return the text of such a mapping, as the editor holds it."""
        found = mapping(value) or {}
        return TextForm(self.prompt, "").draft(found["data"]) if found.keys() == {"data"} else None

    def show(self, value: Any) -> str:
        """Return the text as it is, anything else (an answer from Python may be) as JSON."""
        found = mapping(value) or {}
        return super().show(found["data"] if found.keys() == {"data"} else value)


def recognise(interrupt: Interrupt) -> Form | None:
    """Return a form where the payload asks for a text."""
    payload = interrupt.value
    if isinstance(payload, str) and payload.strip():
        prompt, shows = described(payload, "Your answer")
        return TextForm(prompt, "", shows=shows)
    if isinstance(payload, int | float):
        return TextForm(pretty(payload), "")
    return _of_mapping(mapping(payload) or {})


def _of_mapping(payload: Mapping[str, Any]) -> Form | None:
    for key in REVISED:
        if isinstance(text := payload.get(key), str):
            rest = without(payload, key, "instruction")
            return _revision(_said(payload.get("instruction")), text, contents_of(rest or None))
    if payload.keys() == {"instruction", "content"} and isinstance(payload["content"], str):
        return _revision(_said(payload["instruction"]), payload["content"])
    if len(payload) != 1:
        return None
    ((key, question),) = payload.items()
    if not isinstance(question, str) or not question.strip() or key not in {*ASKING, "query"}:
        return None
    prompt, shows = described(question, "Your answer")
    return DataForm(prompt, "", shows=shows) if key == "query" else TextForm(prompt, "", shows=shows)


def _said(instruction: Any) -> str:
    return instruction if isinstance(instruction, str) and instruction.strip() else "Revise the text"


def _revision(prompt: str, text: str, shows: Sequence[Content] = ()) -> Form:
    if len(text) > EDITABLE:
        how = f"card.answer(text), or write a new one here, in quotes: {len(text):,} characters are too many to edit"
        return JsonForm(f"{prompt} (answer from Python: {how})", "", shows=[*shows, *contents_of(text)])
    if not _fits_editor(text):
        why = "as JSON: it has characters that a text field would change"
        return JsonForm(f"{prompt} ({why})", _as_json(text), shows=shows)
    return TextForm(prompt, text, shows=shows)


def _fits_editor(text: str) -> bool:
    """Tell whether a page's editor gives a text back as it got it, but for its one kind of line end."""
    rest = text.replace("\r\n", "")
    one_kind = "\r" not in rest and ("\n" not in rest or rest == text)
    return one_kind and _is_encodable(text)


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _as_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()
