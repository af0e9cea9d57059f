"""Idioms of LangGraph's documentation whose answer is a text.

``{"text_to_revise": text}`` and ``{"instruction": ..., "content": text}`` ask for the edited text; a bare text is a
question, answered with a text.
"""

import json
from collections.abc import Mapping
from typing import Any

from nbhitl.forms.base import EDITABLE, Form
from nbhitl.forms.fallback import JsonForm
from nbhitl.jsontext import cut, pretty
from nbhitl.protocol import Field
from nbhitl.thread import Interrupt


class TextForm:
    r"""An editable text; the answer is exactly what stands in the editor.

    A page's editor has only one kind of line end. Where all lines of the original end in ``\r\n``, so do those of
    the answer.
    """

    def __init__(self, prompt: str, original: str) -> None:
        self.prompt = prompt
        self._windows = "\r" in original
        self.field: Field = {"kind": "text", "original": self._edited(original)}

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


def recognise(interrupt: Interrupt) -> Form | None:
    """Return a form where the payload is one of this module's idioms."""
    payload = interrupt.value
    if interrupt.response_schema is not None:
        return None
    if isinstance(payload, str):
        return TextForm(payload, "")
    if not isinstance(payload, Mapping):
        return None
    if isinstance(text := payload.get("text_to_revise"), str):
        return _revision(str(payload.get("instruction", "Revise the text")), text)
    if payload.keys() == {"instruction", "content"} and isinstance(payload["content"], str):
        return _revision(str(payload["instruction"]), payload["content"])
    return None


def _revision(prompt: str, text: str) -> Form:
    if len(text) > EDITABLE:
        how = f"card.answer(text), or write a new one here, in quotes: {len(text):,} characters are too many to edit"
        return JsonForm(f"{prompt} (answer from Python: {how})", "")
    if not _fits_editor(text):
        return JsonForm(f"{prompt} (as JSON: it has characters that a text field would change)", _as_json(text))
    return TextForm(prompt, text)


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
