"""Payloads that ask for a text.

A bare text or number is a question, as are ``{"question": text}`` and similar mappings. ``{"text_to_revise": text}``
and ``{"instruction": ..., "content": text}`` ask for the edited text, ``{"query": text}`` for ``{"data": text}``:
idioms of LangGraph's documentation. Choices in the question itself ("(y/n)") are offered as they are. Where the node
needs another type, a person can answer with a number, with yes or no, or with any JSON instead.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from nbhitl.forms.base import EDITABLE, BaseForm, Form
from nbhitl.forms.content import contents_of, described
from nbhitl.forms.content.prose import language_of
from nbhitl.forms.decisions.words import named_in, options_of
from nbhitl.forms.fallback import JsonForm
from nbhitl.forms.reading import asks, mapping, without
from nbhitl.jsontext import cut, pretty
from nbhitl.protocol import Content, Field, TextField
from nbhitl.runs.run import Interrupt

REVISED = ("text_to_revise", "textToRevise")
"""Keys of a text to revise; the second is the key of the JavaScript documentation."""


class TextForm(BaseForm):
    r"""An editable text; the answer is exactly the text in the editor.

    A page's editor has a single kind of line end. Where all lines of the original end in ``\r\n``, all lines of the
    answer end in ``\r\n``, too.

    Parameters
    ----------
    prompt
        The task of the person.
    original
        The text to revise; empty for a new text.
    shows
        The contents that draw the payload.
    options
        Texts that are offered as they are.
    is_sure
        Whether the node needs a text; if not, a person can choose another type.
    """

    key: Any = None
    """The key of the text, where the answer is a mapping."""

    def __init__(
        self,
        prompt: str,
        original: str,
        *,
        shows: Sequence[Content] = (),
        options: Sequence[str] = (),
        is_sure: bool = True,
    ) -> None:
        self.prompt, self.shows, self.is_sure = prompt, shows, is_sure
        self._windows = "\r" in original
        field: TextField = {"kind": "text", "original": self._edited(original), "language": language_of(original)}
        if options:
            field["options"] = list(options)
        if self.key is not None:
            field["key"] = self.key
        self.field: Field = field

    def value(self, draft: str) -> str:
        """Return the text."""
        return draft.replace("\r\n", "\n").replace("\n", "\r\n") if self._windows else draft

    def draft(self, value: Any) -> str | None:
        """Return a text as the editor holds the text; ``None`` if the editor would change the text."""
        if not isinstance(value, str) or len(value) > EDITABLE:
            return None
        text = self._edited(value)
        return text if "\r" not in text and _is_encodable(text) and self.value(text) == value else None

    def show(self, value: Any) -> str:
        """Return a text unchanged, any other value (an answer from Python) as JSON."""
        return cut(self._edited(value)) if isinstance(value, str) else pretty(value)

    def _edited(self, text: str) -> str:
        return text.replace("\r\n", "\n") if self._windows else text


class KeyedForm(TextForm):
    """A text that the node gets in a mapping, under a single key: ``{"data": text}``."""

    def __init__(self, prompt: str, key: str, original: str = "", *, shows: Sequence[Content] = (), **how: Any) -> None:
        self.key = key
        super().__init__(prompt, original, shows=shows, **how)

    def value(self, draft: str) -> Any:
        """Return a mapping with the text."""
        return {self.key: super().value(draft)}

    def draft(self, value: Any) -> str | None:
        """Return the text of such a mapping, as the editor holds the text."""
        text = self._text(value)
        return None if text is None else TextForm(self.prompt, "").draft(text)

    def show(self, value: Any) -> str:
        """Return the text unchanged, any other value (an answer from Python) as JSON."""
        text = self._text(value)
        return super().show(value if text is None else text)

    def _text(self, value: Any) -> Any:
        found = mapping(value) or {}
        return found[self.key] if found.keys() == {self.key} else None


def recognise(interrupt: Interrupt) -> Form | None:
    """Return a form where the payload asks for a text."""
    payload, reads = interrupt.value, interrupt.reads
    if reads is not None and "text" not in reads.kinds:
        return None
    if isinstance(payload, str) and payload.strip():
        return asked_for(payload, is_sure=reads is not None)
    if isinstance(payload, int | float):
        return TextForm(pretty(payload), "", is_sure=reads is not None)
    return _of_mapping(mapping(payload) or {}, interrupt)


def otherwise(interrupt: Interrupt) -> Form:
    """Return the form of any other payload: a text if the payload holds a text, else JSON; both can be switched."""
    payload = interrupt.value
    if any(isinstance(each, str) and each.strip() for each in (mapping(payload) or {}).values()):
        return asked_for(payload)
    prompt, shows = described(payload, "Answer with any JSON value")
    return JsonForm(prompt, shows=shows, is_sure=False)


def asked_for(payload: Any, *, is_sure: bool = False) -> TextForm:
    """Return the form for a text that a payload asks for, with the choices in the payload."""
    prompt, shows = described(payload, "Your answer")
    options = [str(each) for each in options_of(payload)] or named_in(payload)
    return TextForm(prompt, "", shows=shows, options=options, is_sure=is_sure)


def revision(payload: Mapping[str, Any], options: Sequence[str] = ()) -> Form | None:
    """Return a form that begins with the text to revise, where the payload has such a text.

    ``options`` are texts that are offered beside.
    """
    for key in REVISED:
        if isinstance(text := payload.get(key), str):
            rest = without(payload, key, "instruction")
            return _revision(_said(payload.get("instruction")), text, contents_of(rest) if rest else (), options)
    if payload.keys() == {"instruction", "content"} and isinstance(payload["content"], str):
        return _revision(_said(payload["instruction"]), payload["content"], (), options)
    return None


def _of_mapping(payload: Mapping[str, Any], interrupt: Interrupt) -> Form | None:
    if (form := revision(payload)) is not None:
        return form
    if payload.keys() == {"query"} and isinstance(payload["query"], str) and interrupt.reads is None:
        prompt, shows = described(payload["query"], "Your answer")
        return KeyedForm(prompt, "data", shows=shows)
    is_asking = asks(payload) is not None or interrupt.reads is not None
    return asked_for(payload, is_sure=interrupt.reads is not None) if is_asking else None


def _said(instruction: Any) -> str:
    return instruction if isinstance(instruction, str) and instruction.strip() else "Revise the text"


def _revision(prompt: str, text: str, shows: Sequence[Content], options: Sequence[str]) -> Form:
    if len(text) > EDITABLE:
        how = f"card.answer(text), or write a new one here, in quotes: {len(text):,} characters are too many to edit"
        return JsonForm(f"{prompt} (answer from Python: {how})", "", shows=[*shows, *contents_of(text)])
    if not _fits_editor(text):
        why = "as JSON: the text has characters that a text field would change"
        return JsonForm(f"{prompt} ({why})", _as_json(text), shows=shows)
    return TextForm(prompt, text, shows=shows, options=options)


def _fits_editor(text: str) -> bool:
    """Tell whether a page's editor returns a text unchanged, except for line ends of a single kind."""
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
