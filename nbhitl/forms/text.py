"""Idioms of LangGraph's documentation whose answer is a text.

``{"text_to_revise": text}`` and ``{"instruction": ..., "content": text}`` ask for the edited text; a bare text is a
question, answered with a text.
"""

from collections.abc import Mapping
from typing import Any

from nbhitl.jsontext import pretty
from nbhitl.protocol import Field
from nbhitl.thread import Interrupt


class TextForm:
    """An editable text; the answer is exactly what stands in the editor."""

    def __init__(self, prompt: str, original: str) -> None:
        self.prompt = prompt
        self.field: Field = {"kind": "text", "original": original}

    def value(self, draft: str) -> str:
        """Return the text."""
        return draft

    def show(self, value: Any) -> str:
        """Return a text as it is, anything else (an answer from Python may be) as JSON."""
        return value if isinstance(value, str) else pretty(value)


def recognise(interrupt: Interrupt) -> TextForm | None:
    """Return a form where the payload is one of this module's idioms."""
    payload = interrupt.value
    if interrupt.response_schema is not None:
        return None
    if isinstance(payload, str):
        return TextForm(payload, "")
    if not isinstance(payload, Mapping):
        return None
    if isinstance(text := payload.get("text_to_revise"), str):
        return TextForm(str(payload.get("instruction", "Revise the text")), text)
    if payload.keys() == {"instruction", "content"} and isinstance(payload["content"], str):
        return TextForm(str(payload["instruction"]), payload["content"])
    return None
