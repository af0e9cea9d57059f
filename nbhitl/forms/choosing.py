"""The choice of an interrupt's form: the person switched to, the user gave for the node, or the convention makes."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal, NamedTuple

from nbhitl.answers.volatile import reading_of, without_volatile
from nbhitl.decisions import to_json
from nbhitl.errors import InvalidAnswer
from nbhitl.forms.base import Form, kind_of
from nbhitl.forms.conventions import (
    ask_user,
    copilotkit,
    idioms,
    inbox,
    mcp,
    middleware,
    node,
    per_call,
    records,
    schemas,
    stop,
    stop_calls,
    text,
)
from nbhitl.forms.conventions.text import TextForm
from nbhitl.forms.decisions.deciding import DecisionsForm
from nbhitl.forms.fallback import JsonForm
from nbhitl.forms.given import Recognise, check_given, given_form, registered, registered_form
from nbhitl.forms.schema import is_ready
from nbhitl.forms.switched import JsonInstead, TypeInstead, retyped
from nbhitl.forms.widget import WidgetForm
from nbhitl.jsontext import digest, encodable, plain, write
from nbhitl.kernel.subscribers import Listener, Subscribers
from nbhitl.protocol import Written
from nbhitl.runs.run import Interrupt

Sends = tuple[str, str]
"""The type of the answer to send, in words, and the answer's JSON text; no text for a long answer."""

NOT_YET: Sends = "", ""

LONGEST_SENT = 300
"""Most characters of an answer whose JSON text is shown."""


class Convention(NamedTuple):
    """A payload convention.

    ``recognise`` is called only for interrupts that can be of the convention, so that an interrupt does not pass all
    conventions on the way to a person.

    Attributes
    ----------
    name
        As an audit names the convention.
    recognise
        Returns the form for an interrupt of the convention.
    of
        Interrupts that can be of the convention: all, stops, interrupts with a response schema, or interrupts whose
        node reads more of the answer than a text.
    keys
        Each mapping of the convention has one of these keys; without keys any mapping may be of the convention.
    """

    name: str
    recognise: Recognise
    of: Literal["all", "stops", "schemas", "shapes"] = "all"
    keys: frozenset[str] = frozenset()

    def may_be_of(self, interrupt: Interrupt) -> bool:
        """Tell whether an interrupt can be of the convention, from a look at the outside."""
        if self.of == "stops":
            return interrupt.is_stop
        if self.of == "schemas" and interrupt.response_schema is None:
            return False
        if self.of == "shapes" and not _reads_more_than_text(interrupt):
            return False
        is_mapping = isinstance(interrupt.value, Mapping)
        return not (self.keys and is_mapping) or any(key in interrupt.value for key in self.keys)


def _reads_more_than_text(interrupt: Interrupt) -> bool:
    shape = interrupt.reads
    return shape is not None and (shape.kinds[:1] != ("text",) or bool(shape.literals))


CONVENTIONS: list[Convention] = [
    Convention("breakpoint", stop_calls.recognise, of="stops"),
    Convention("breakpoint", stop.recognise, of="stops"),
    # before schemas: has a response schema too, and tells more than the schema
    Convention("LangChain middleware, per call", per_call.recognise, of="schemas"),
    Convention("response_schema", schemas.recognise, of="schemas"),
    Convention("LangChain middleware", middleware.recognise, keys=middleware.SIGNS),
    Convention("MCP elicitation", mcp.recognise, keys=mcp.SIGNS),
    Convention("ask_user", ask_user.recognise, keys=ask_user.SIGNS),
    Convention("Agent Inbox", inbox.recognise, keys=inbox.SIGNS),
    Convention("CopilotKit", copilotkit.recognise, keys=copilotkit.SIGNS),
    Convention("source of the node", node.recognise, of="shapes"),
    Convention("idiom", idioms.recognise, keys=idioms.SIGNS),
    Convention("text", text.recognise),
    Convention("records", records.recognise),
    Convention("any", text.otherwise),
]
"""The payload conventions, in the order of trial; the last convention recognises every payload."""


def convention_of(interrupt: Interrupt) -> tuple[str, Form]:
    """Return the name of an interrupt's convention, and its form; ``"registered"`` for a registered function."""
    for recognise in () if interrupt.is_stop else tuple(registered()):  # a function may register a further function
        if (form := registered_form(recognise, interrupt)) is not None:
            return "registered", form
    for convention in CONVENTIONS:
        if convention.may_be_of(interrupt) and (found := convention.recognise(interrupt)) is not None:
            return convention.name, found
    raise AssertionError("the last convention recognises every payload")


def form_for(interrupt: Interrupt) -> Form:
    """Return the form of an interrupt by registered functions, else by nbhitl's conventions."""
    return convention_of(interrupt)[1]


To = Literal["json", "form", "text", "number", "boolean"]


@dataclass
class _Known:
    """A question with its form.

    ``instead`` is the form that the person switched to, ``sends`` is the cached result of `Forms.sends` for the form
    beside, and ``drafts`` keeps the draft of each type that the person left.
    """

    interrupt: Interrupt
    own: Form
    instead: JsonInstead | TypeInstead | TextForm | None = None
    sends: tuple[Form, Sends] | None = None
    drafts: dict[str, str] = field(default_factory=dict)

    @property
    def form(self) -> Form:
        """The form that is drawn."""
        return self.instead or self.own

    @property
    def is_typed(self) -> bool:
        """Whether the type of the answer is for the person to choose."""
        return isinstance(self.own, TextForm | JsonForm) and not self.own.is_sure

    @property
    def written(self) -> Written:
        """The type that the answer is written as."""
        if isinstance(self.instead, TypeInstead):
            return self.instead.kind
        return "text" if isinstance(self.form, TextForm) else "json"


class Forms:
    """The forms of a review.

    Parameters
    ----------
    by_node
        Forms given by the user, by node; see `nbhitl.review`.

    Raises
    ------
    UsageError
        If no form can be made of a value in ``by_node``.
    """

    def __init__(self, by_node: Mapping[str, Any] | None = None) -> None:
        self._by_node = check_given(by_node or {})
        self._known: dict[str, list[_Known]] = {}
        self._lock = threading.Lock()  # for the records; forms are made without the lock
        self._viewers = Subscribers()

    def add_viewer(self, redraw: Listener) -> None:
        """Call a bound method, while the method's object lives, when a form's display has changed without a switch.

        For example, a widget's value has another type than before.
        """
        self._viewers.add_weakly(redraw)

    @property
    def are_given(self) -> bool:
        """Whether the user gave forms of their own."""
        return bool(self._by_node)

    def of(self, interrupt: Interrupt) -> Form:
        """Return the form of an interrupt."""
        return self._of(interrupt).form

    def own(self, interrupt: Interrupt) -> Form:
        """Return the form of an interrupt before any switch, as in a replay."""
        return self._of(interrupt).own

    def without_volatile(self, interrupt: Interrupt) -> Form:
        """Return the form without ids and ignored values, so that a later run draws the same."""
        own = self.own(interrupt)
        if interrupt.is_stop or kind_of(own.field).shows_value:  # a stop has no ids; a widget is made once
            return own
        value, is_same = without_volatile(interrupt.value, reading_of(interrupt))
        if is_same:
            return own
        steady = replace(interrupt, value=value)
        form = self._made(steady)
        return form if form.field["kind"] == own.field["kind"] else own

    def decisions_of(self, interrupt: Interrupt) -> DecisionsForm | None:
        """Return the form that decides on tool calls, also where the person switched to JSON; ``None`` for others."""
        own = self._of(interrupt).own
        return own if isinstance(own, DecisionsForm) else None

    def decides_as_drawn(self, interrupt: Interrupt) -> bool:
        """Tell whether a draft has the entries of `decisions_of`: not where the person switched to JSON."""
        known = self._of(interrupt)
        return known.form is known.own

    def unmarked(self, value: Any) -> tuple[Any, Callable[[Any], Any]] | None:
        """Return an answer without marks, and a function that puts the same marks on another answer.

        ``None`` where the question was left without an answer. Only the answers of a batch have marks.
        """
        return value, lambda answer: answer

    def sends(self, interrupt: Interrupt) -> Sends:
        """Return the type and text of the field's initial answer; `NOT_YET` if the field begins without an answer."""
        known = self._of(interrupt)
        if known.sends is None or known.sends[0] is not known.form:
            if kind_of(known.form.field).needs_schemas and not is_ready():
                return NOT_YET
            known.sends = known.form, _sends(known.form)
        return known.sends[1]

    def other(self, interrupt: Interrupt) -> Literal["json", "form"] | None:
        """Return the kind of form to switch to; ``None`` where the person cannot switch."""
        known = self._of(interrupt)
        if known.is_typed:
            return None
        if known.instead is not None:
            return "form"
        return "json" if kind_of(known.own.field).has_json_editor else None

    def written(self, interrupt: Interrupt) -> Written | None:
        """Return the type that the answer is written as; ``None`` where the person cannot choose the type."""
        known = self._of(interrupt)
        return known.written if known.is_typed else None

    def switch(self, interrupt: Interrupt, to: To, draft: str) -> str:
        """Switch to the JSON editor, or another type, or back; return the draft for the new form.

        Raises
        ------
        InvalidAnswer
            If the new form cannot hold the draft; the form then stays.
        """
        known = self._of(interrupt)
        if known.is_typed:
            return _retyped(known, "text" if to == "form" else to, draft)
        if to == "json" and known.instead is None:
            instead = JsonInstead(known.own)
            text = instead.written_in(draft)
            known.instead = instead
            return text
        if to == "form" and isinstance(known.instead, JsonInstead):
            text = known.instead.written_back(draft)
            known.instead = None
            return text
        return draft

    def _of(self, interrupt: Interrupt) -> _Known:
        """Return the record of a question.

        An older LangGraph gives all questions of a node the same id, so that an id can have several records. Each read
        of the state makes new objects of the same interrupts; their records, with the person's switches, stay.
        """
        known = self._found(interrupt)
        if known is None:
            known = self._kept(_Known(interrupt, self._made(interrupt)))
        known.interrupt = interrupt
        return known

    def _made(self, interrupt: Interrupt) -> Form:
        """Make a form, perhaps by code of the user, which may be slow."""
        given = given_form(self._by_node, interrupt) if self._by_node else None
        return given or form_for(interrupt)

    def _found(self, interrupt: Interrupt) -> _Known | None:
        same_id = self._known.get(interrupt.id, ())
        known = next((each for each in same_id if each.interrupt is interrupt), None)
        return known or next((each for each in same_id if _is_same(each.interrupt, interrupt)), None)

    def _kept(self, new: _Known) -> _Known:
        """Keep a record; where another thread was quicker, return the record of that thread instead."""
        with self._lock:
            if (known := self._found(new.interrupt)) is not None:
                return known
            self._known[new.interrupt.id] = [*self._known.get(new.interrupt.id, ()), new]
        if isinstance(new.own, WidgetForm):
            new.own.watch(partial(self._has_changed, new))
        return new

    def _has_changed(self, known: _Known) -> None:
        now = known.own, _sends(known.own)
        if known.sends != now:
            known.sends = now
            self._viewers.tell()


def _is_same(one: Interrupt, other: Interrupt) -> bool:
    """Tell whether two interrupts with the same id ask the same."""
    if one.is_stop or one.node != other.node or one.response_schema != other.response_schema:
        return False
    try:
        return bool(one.value == other.value)
    except Exception:  # noqa: BLE001 - a data frame compares to no boolean; a user's class may raise anything
        return digest(one.value) == digest(other.value)


def _retyped(known: _Known, to: Written, draft: str) -> str:
    """Write the answer as another type; keep the draft of the type before."""
    if to == known.written:
        return draft
    before, known.drafts[known.written] = known.written, draft
    known.instead = None
    if to != known.written:
        known.instead = _written_as(to, known.own)
    return retyped(draft, before, to) or known.drafts.get(to, "") or known.form.field["original"]


def _written_as(to: Written, own: Form) -> JsonInstead | TypeInstead | TextForm:
    if to == "text":
        return TextForm(own.prompt, "", shows=own.shows)
    return JsonInstead(own) if to == "json" else TypeInstead(own, to)


def _sends(form: Form) -> Sends:
    try:
        told = sends(form, form.value(form.field["original"]))
        return (told[0], "") if kind_of(form.field).shows_value else told
    except InvalidAnswer:
        return NOT_YET


def sends(form: Form, value: Any) -> Sends:
    """Return the type of an answer in words, and the JSON text of a short answer without secrets.

    `NOT_YET` for going on from a stop, because the button already says that nothing is sent.
    """
    if value is None and isinstance(form, stop.StopForm | stop.BreakpointForm | stop_calls.CallsForm):
        return NOT_YET
    shown = form.without_secrets(value)
    answer = shown if isinstance(shown, str) else to_json(shown)
    _, is_whole = write(answer, LONGEST_SENT)
    is_worth_it = is_whole and not (isinstance(shown, str) and "\n" in shown)
    return in_words(value), encodable(json.dumps(plain(answer), ensure_ascii=False)) if is_worth_it else ""


def in_words(value: Any) -> str:
    """Return a value's type in words."""
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
