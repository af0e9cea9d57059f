"""The form of a stop without a question: a static breakpoint, or a run that was stopped or cut off.

The form shows the next step: the waiting tool calls, the last message, the changes of the state. An answer is ``None``,
LangGraph's input for going on; a mapping, with which the state is updated first (``graph.update_state``); or, where
tool calls wait and the node that runs the calls comes next, ``{"$decision": "reject" | "respond", "message"?}``: the
model gets this message in place of the tools' results.
"""

import difflib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from nbhitl.decisions import Decision, approve
from nbhitl.errors import InvalidAnswer
from nbhitl.forms.base import BaseForm, Form
from nbhitl.forms.content import Room, contents_of
from nbhitl.forms.conventions.stop_choices import IN_PLACE, StateEdit, check_decision, editable, in_place, with_calls
from nbhitl.forms.decisions.choice import NEEDED_TEXT, NOTHING, AskedFor, Choice, NamedCall
from nbhitl.forms.decisions.deciding import SingleDecisionForm
from nbhitl.forms.decisions.tools import MESSAGE as YOUR_MESSAGE
from nbhitl.forms.decisions.tools import arguments
from nbhitl.forms.fallback import is_same
from nbhitl.forms.reading import mapping
from nbhitl.jsontext import cut, flat, pretty
from nbhitl.protocol import Content, Field, Part
from nbhitl.runs.conversation import Call, calls_of, kind_of, text_of
from nbhitl.runs.run import Halt, Interrupt
from nbhitl.runs.stops import (
    DECISION,
    calls_at,
    can_answer_calls,
    conversation_at,
    maker_of,
    where,
    without_conversations,
)

EDITED = 20
"""Number of messages that can be edited: the last messages."""

SAID = 500
"""Longest text of a node that the prompt quotes."""


class StopForm(BaseForm):
    """A button; the answer is ``None``."""

    def __init__(self, interrupt: Interrupt) -> None:
        self._node = interrupt.node
        self.prompt, self.shows = prompt_of(interrupt), _shows(interrupt)
        self.field: Field = {"kind": "continue", "original": ""}

    def value(self, draft: str) -> None:
        """Return ``None``."""

    def draft(self, value: Any) -> str | None:
        """Return the draft for ``None``, the answer of the button."""
        return "" if value is None else None

    def fit(self, value: Any) -> None:
        """Return ``None``.

        Raises
        ------
        InvalidAnswer
            If the value is anything but ``None`` or an approval.
        """
        if value is not None and value != approve():
            raise InvalidAnswer(
                f"the run stopped at {self._node} without a question, so there is nothing to answer but None: go on. "
                "To change the state first, use graph.update_state"
            )

    def show(self, value: Any) -> str:
        """Return the decision in words."""
        return "go on"


class BreakpointForm(SingleDecisionForm):
    """Going on unchanged, with a changed state, or with an answer in place of the tools."""

    def __init__(self, interrupt: Interrupt) -> None:
        self._node, self._halt = interrupt.node, interrupt.halts[0]
        self._calls, self._found = calls_at(self._halt), conversation_at(self._halt)
        self._state = StateEdit(self._halt)
        title = _title(self._calls)
        asked = AskedFor(title, _shows(interrupt), self._choices(), self._calls_to_run())
        super().__init__(prompt_of(interrupt), [asked])

    def _calls_to_run(self) -> list[NamedCall]:
        """Return the calls that going on runs next; none where another node comes first, or a call cannot be read."""
        args = [mapping(call.args) for call in self._calls]
        if not can_answer_calls(self._halt) or any(each is None for each in args):
            return []
        return [(call.name, each or {}) for call, each in zip(self._calls, args, strict=True)]

    def _choices(self) -> list[Choice]:
        choices = [
            Choice(
                *("continue", "Continue", "c", "good"), _nothing, _nothing_for_none, kinds=("approve",), is_first=True
            )
        ]
        if self._state.values:
            choices.append(self._state.choice(sends="Continue with this state"))
        if self._calls and can_answer_calls(self._halt):
            return [*choices, in_place("reject"), in_place("respond")]
        if self._found is not None and not self._calls and _takes_messages(self._halt, self._found[0]):
            choices.append(_with_message(self._found[0]))
        return choices

    def check(self, value: Any) -> None:
        """Raise where the run cannot go on with ``value``.

        Raises
        ------
        InvalidAnswer
            If the value is neither ``None`` nor a mapping with a change.
        """
        if value is None:
            return
        found = mapping(value)
        if found is None or not found:
            raise InvalidAnswer(
                f"{_fault(value)}. The run stopped before {self._node}: answer None to go on as it is, or a mapping "
                "with the keys of the state that are to change first"
            )
        if DECISION in found:
            self._check_decision(found)

    def fit(self, value: Any) -> Any:
        """Return the resume value; an `nbhitl.edit` with arguments of the only waiting call edits that call.

        Raises
        ------
        InvalidAnswer
            If the value cannot be used.
        """
        if isinstance(value, Decision) and value.kind == "edit" and self._edits_call(value.args):
            return self._with_call(value.args)
        if isinstance(value, Decision) and value.kind == "edit":
            self._refuse_misspelt(value.args)
        return super().fit(value)

    @property
    def _keys(self) -> Collection[str]:
        """The keys of the state, as far as known: from a server, the keys that have a value."""
        return self._state.values.keys() if self._halt.keys is None else self._halt.keys

    def _refuse_misspelt(self, args: Mapping[str, Any]) -> None:
        known = mapping(self._calls[0].args) if len(self._calls) == 1 else None
        for name in args if known is not None and self._halt.keys is not None else ():
            near = difflib.get_close_matches(name, known or (), 1)
            if near and name not in (known or ()) and name not in self._keys:
                raise InvalidAnswer(f"{self._calls[0].name!r} has no {name!r} to edit; did you mean {near[0]!r}?")

    def _edits_call(self, args: Mapping[str, Any]) -> bool:
        """Tell whether these are arguments of the only waiting call, and not keys of the state."""
        known = mapping(self._calls[0].args) if len(self._calls) == 1 else None
        return known is not None and bool(args) and args.keys() <= known.keys() - set(self._keys)

    def _with_call(self, args: Mapping[str, Any]) -> dict[str, Any]:
        assert self._found is not None, "a call waits in no conversation"
        key, messages = self._found
        place = maker_of(messages)
        if not self._state.holds(key, place):
            raise InvalidAnswer("the message with the tool call cannot be edited here; use graph.update_state")
        calls = [
            {**call.args, **args} if call.id == self._calls[0].id else call.args for call in calls_of(messages[place])
        ]
        return {key: [with_calls(place, messages[place], calls)]}

    def _check_decision(self, decision: Mapping[str, Any]) -> None:
        (asked,) = self.asked
        kinds = [choice.name for choice in asked.choices if choice.name in IN_PLACE]
        if not kinds:
            raise InvalidAnswer(
                f"{flat(decision)} is no decision that is possible here; no tool call waits that could be answered"
            )
        check_decision(asked, decision, "it", kinds)

    def show(self, value: Any) -> str:
        """Return the decision in words."""
        found = mapping(value)
        if found is None:
            return "go on"
        if DECISION in found:
            said, message = f"{found[DECISION]} the tool call{'s' * (len(self._calls) != 1)}", found.get("message")
            return f"{said}: {message}" if message else said
        return f"go on with\n{pretty(value)}"


def _fault(value: Any) -> str:
    if not isinstance(value, Mapping):
        return "the answer is no mapping"
    return "a key of the mapping is no text" if value else "an empty mapping changes nothing"


def recognise(interrupt: Interrupt) -> Form | None:
    """Return the form where the interrupt is a stop."""
    if not interrupt.is_stop:
        return None
    has_state = interrupt.can_update and isinstance(interrupt.halts[0].values, Mapping) and interrupt.halts[0].values
    return BreakpointForm(interrupt) if has_state else StopForm(interrupt)


# --- the choices -------------------------------------------------------------------------


def _nothing(_filled: Any) -> None:
    return None


def _nothing_for_none(value: Any) -> Any:
    return None if value is None else NOTHING


def _with_message(key: str) -> Choice:
    """Return the choice to add a message to the conversation, in the person's role."""

    def make(text: Any) -> dict[str, Any]:
        return {key: [{"type": "human", "content": text}]}

    def back(answer: Any) -> Any:
        found = (mapping(answer) or {}).get(key)
        (message,) = found if isinstance(found, list) and len(found) == 1 else (None,)
        text = message.get("content") if isinstance(message, Mapping) else None
        return text if isinstance(text, str) and is_same(answer, make(text)) else NOTHING

    return Choice(
        name="message",
        label="Add a message first",
        key="m",
        look="plain",
        make=make,
        back=back,
        schema=NEEDED_TEXT,
        start="",
        kinds=("respond",),
        asks=YOUR_MESSAGE,
        sends="Continue with this message",
    )


def _takes_messages(halt: Halt, key: str) -> bool:
    """Tell whether an update under this key adds a message to the present messages."""
    return halt.added_to is None or key in halt.added_to


# --- contents ------------------------------------------------------------------------------------


def prompt_of(interrupt: Interrupt) -> str:
    """Return a prompt with the place of the stop and the effect of going on."""
    node, former = interrupt.node.replace("__start__", "its first step"), interrupt.former
    how = next(iter(interrupt.value), "") if isinstance(interrupt.value, Mapping) else ""
    if how == "stopped after":
        return f"The run stopped after {node} had run, before its next step. Go on?"
    if "NodeInterrupt" in interrupt.value:
        return (
            f"{node} raised NodeInterrupt: {cut(flat(interrupt.value['NodeInterrupt']), SAID)} No answer settles that: "
            f"going on runs {node} again, which raises again unless the state is changed first. Go on?"
        )
    calls = sum(len(calls_at(halt)) for halt in interrupt.halts)
    if former is None and calls:
        wait = "This tool call waits" if calls == 1 else f"These {calls} tool calls wait"
        return f"The run stopped before {node}. {wait} to be run. Go on?"
    if former is None:
        return f"The run stopped before {node}, without a question. Go on?"
    if former.error is not None:
        return f"The run failed in {node}: {former.error}. Going on runs it once more."
    return (
        f"The run stopped at {node}, without a question. If it was cut off there, {node} may have run already, with "
        f"effects outside the graph; going on runs {node} again. Go on?"
    )


def _title(calls: Sequence[Call]) -> str:
    if not calls:
        return ""
    return calls[0].name if len(calls) == 1 else f"{len(calls)} tool calls"


def _shows(interrupt: Interrupt) -> list[Content]:
    """Return the contents for the next step, and for the changes since the last stop."""
    room, shows = Room(), list[Content]()
    for halt in interrupt.halts:
        shows += _shown_at(halt, interrupt, room)
    return [*shows, *_note(interrupt)]


def shown_around(interrupt: Interrupt, room: Room) -> list[Content]:
    """Return the contents around the waiting calls: the last message, and the changes of the state."""
    (halt,) = interrupt.halts
    return [*_shown_beside(halt, interrupt, room), *_note(interrupt)]


def _shown_at(halt: Halt, interrupt: Interrupt, room: Room) -> list[Content]:
    calls = calls_at(halt)
    shows: list[Content] = []
    if len(calls) == 1 and interrupt.can_update:  # the call's name is the request's title
        shows += arguments(calls[0].name, mapping(calls[0].args) or {}, None, room)
    elif calls:
        shows += [each for call in calls for each in _call(call, room)]
    return [*shows, *_shown_beside(halt, interrupt, room)]


def _shown_beside(halt: Halt, interrupt: Interrupt, room: Room) -> list[Content]:
    found = conversation_at(halt)
    shows: list[Content] = []
    if found is not None and (said := _last_message(found[1][-1], room)) is not None:
        shows.append({"kind": "parts", "parts": [said]})
    if state := _state_shown(halt, interrupt.changed):
        label = "The state" if interrupt.changed is None else "Changed since the last stop"
        label = label if len(interrupt.halts) == 1 else f"{label}, at {where([halt])}"
        shows.append({"kind": "parts", "parts": [{"kind": "part", "label": label, "shows": contents_of(state, room)}]})
    return shows


def _call(call: Call, room: Room) -> list[Content]:
    name: Content = {"kind": "code", "text": call.name, "language": ""}
    return [name, *arguments(call.name, mapping(call.args) or {}, None, room)]


SPOKEN = {"ai": "The model said", "human": "A person said", "tool": "The tool said"}


def _last_message(message: Any, room: Room) -> Part | None:
    text, kind = text_of(message), kind_of(message)
    if not text:
        return None
    label = SPOKEN.get(kind or "", f"The last message ({kind})")
    return {"kind": "part", "label": label, "shows": contents_of(text, room)}


def _state_shown(halt: Halt, changed: Sequence[str] | None) -> Any:
    rest = without_conversations(halt.values)
    if changed is None or not isinstance(rest, Mapping):
        return rest
    return {key: value for key, value in rest.items() if key in changed}


def _note(interrupt: Interrupt) -> list[Content]:
    """Return notes: which keys cannot be edited here, and which keys an update adds to, which is unexpected."""
    if not interrupt.can_update:
        return _said_of_several(interrupt)
    (halt,) = interrupt.halts
    values = halt.values if isinstance(halt.values, Mapping) else {}
    edited = editable(halt) if values else {}
    names = ", ".join(key for key in values if key in (halt.added_to or ()) and key not in edited)
    if names:
        said = f"The graph adds what it is given to {names}: not to be edited here. card.answer({{...}}) adds to it."
    elif halt.added_to is None and edited:
        said = "Where a key of the state has a reducer, what you change is added to what is there."
    else:
        return []
    return [{"kind": "prose", "text": said, "markdown": False}]


def _said_of_several(interrupt: Interrupt) -> list[Content]:
    if len(interrupt.halts) > 1:
        said = "The run stopped at several places at once; to change a state first, use graph.update_state there."
    elif any(halt.is_within for halt in interrupt.halts):
        said = "The run stopped inside of this node, in a graph whose state LangGraph does not show."
    else:
        return []
    return [{"kind": "prose", "text": said, "markdown": False}]
