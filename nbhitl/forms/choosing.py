"""Which form an interrupt gets: the one a person switched to, the one given for its node, or that of its convention."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from nbhitl.errors import InvalidAnswer
from nbhitl.forms import (
    ask_user,
    copilotkit,
    fallback,
    idioms,
    inbox,
    mcp,
    middleware,
    per_call,
    records,
    schemas,
    stop,
    text,
)
from nbhitl.forms.base import Form
from nbhitl.forms.given import check_given, given_form, registered_form
from nbhitl.forms.schema import is_ready
from nbhitl.forms.switched import JsonInstead
from nbhitl.jsontext import digest
from nbhitl.thread import Interrupt

Recognise = Callable[[Interrupt], Form | None]
"""Returns a form where the interrupt is of its convention."""

CONVENTIONS: tuple[Recognise, ...] = (
    stop.recognise,
    per_call.recognise,  # it has a response schema, and more to say than that
    schemas.recognise,
    middleware.recognise,
    mcp.recognise,
    ask_user.recognise,
    inbox.recognise,
    copilotkit.recognise,
    idioms.recognise,
    text.recognise,
    records.recognise,
    fallback.recognise,
)


def form_for(interrupt: Interrupt) -> Form:
    """Return the form that an interrupt gets by its payload."""
    if not interrupt.is_stop and (form := registered_form(interrupt)) is not None:
        return form
    forms = (recognise(interrupt) for recognise in CONVENTIONS)
    return next(form for form in forms if form is not None)


Key = tuple[str, str, str | None]

KEPT = 1_000
"""Interrupts whose keys are kept: of a server's thread, each look makes new objects."""


class Forms:
    """The forms of one review.

    Parameters
    ----------
    by_node
        Forms given by the user, by node; see `nbhitl.review`.

    Raises
    ------
    UsageError
        If one of them is nothing that a form can be made of.
    """

    def __init__(self, by_node: Mapping[str, Any] | None = None) -> None:
        self._by_node = check_given(by_node or {})
        self._keys: dict[int, tuple[Interrupt, Key]] = {}  # the interrupt is kept, so that its id() stays its own
        self._known: dict[Key, Form] = {}
        self._as_json: dict[Key, JsonInstead] = {}
        self._sends: dict[Key, tuple[Form, str]] = {}

    def of(self, interrupt: Interrupt) -> Form:
        """Return the form of an interrupt."""
        return self._as_json.get(self._key(interrupt)) or self._own(interrupt)

    def sends(self, interrupt: Interrupt) -> str:
        """Return in words what would be sent for the field as it begins; empty where that is no answer yet."""
        form, key = self.of(interrupt), self._key(interrupt)
        known = self._sends.get(key)
        if known is None or known[0] is not form:
            if form.field["kind"] in ("form", "decisions") and not is_ready():
                return ""
            known = self._sends[key] = form, _sends(form)
        return known[1]

    def other(self, interrupt: Interrupt) -> Literal["json", "form"] | None:
        """Return to what the form can be switched."""
        if self._key(interrupt) in self._as_json:
            return "form"
        kind = self._own(interrupt).field["kind"]
        return None if kind in ("json", "continue", "widget") else "json"

    def switch(self, interrupt: Interrupt, to: Literal["json", "form"], draft: str) -> str:
        """Switch to the JSON editor, or back; return what was written, as it stands there.

        Raises
        ------
        InvalidAnswer
            If it cannot stand there; then the form stays.
        """
        key = self._key(interrupt)
        own, instead = self._own(interrupt), self._as_json.get(key)
        if to == "json" and instead is None:
            instead = JsonInstead(own)
            text = instead.written_in(draft)
            self._as_json[key] = instead
            return text
        if to == "form" and instead is not None:
            text = instead.written_back(draft)
            del self._as_json[key]
            return text
        return draft

    def _own(self, interrupt: Interrupt) -> Form:
        key = self._key(interrupt)
        if key not in self._known:
            self._known[key] = given_form(self._by_node, interrupt) or form_for(interrupt)
        return self._known[key]

    def _key(self, interrupt: Interrupt) -> Key:
        """Return what names a question: an older LangGraph gives all of one node the same id.

        A state that is read again makes new objects of the same interrupts; what a person did in their forms stays.
        """
        known = self._keys.get(id(interrupt))
        if known is None:
            if len(self._keys) >= KEPT:
                self._keys.clear()
            error = interrupt.former.error if interrupt.former else None
            known = self._keys[id(interrupt)] = interrupt, (interrupt.id, digest(interrupt.value), error)
        return known[1]


def _sends(form: Form) -> str:
    try:
        return in_words(form.value(form.field["original"]))
    except InvalidAnswer:
        return ""


def in_words(value: Any) -> str:
    """Return of which type a value is, as people say it."""
    match value:
        case None:
            return "nothing (null)"
        case bool():
            return "true/false"
        case int():
            return "whole number"
        case float():
            return "number"
        case str():
            return "text"
        case list() | tuple():
            return f"list of {len(value)}"
        case Mapping():
            return f"object with {len(value)} {'key' if len(value) == 1 else 'keys'}"
        case _:
            return type(value).__name__
