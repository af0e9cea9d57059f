"""What can be decided at a stop, whether one tool call waits there or several: on a call, and on the state."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from nbhitl.errors import InvalidAnswer
from nbhitl.forms.decisions.choice import NOTHING, AskedFor, Choice
from nbhitl.forms.decisions.shaping import check_edit
from nbhitl.forms.decisions.tools import worded
from nbhitl.forms.fallback import JsonForm, is_same
from nbhitl.forms.infer import schema_like
from nbhitl.forms.reading import mapping
from nbhitl.forms.refusing import refuse_unknown_keys
from nbhitl.jsontext import cut, flat
from nbhitl.model.conversation import calls_of, is_conversation, kind_of, part
from nbhitl.model.run import Halt
from nbhitl.model.stops import DECISION, MESSAGE

EDITED = 20
"""Messages that are edited in a form: the last ones."""

KEYS = {"approve": (), "edit": ("args",), "reject": ("message",), "respond": ("message",)}
"""The keys of each decision on a call, beside its kind."""

IN_PLACE = ("reject", "respond")
"""The decisions whose words stand in place of what the tool returns."""

SHORT = 80
"""Characters of an answer that an error quotes."""

_JSON = JsonForm()


# --- a call --------------------------------------------------------------------------------------


def in_place(kind: Any) -> Choice:
    """Return the choice to answer a call in place of its tool."""
    is_reject = kind == "reject"

    def make(text: Any) -> dict[str, Any]:
        return {DECISION: kind, "message": text} if text else {DECISION: kind}

    def back(answer: Any) -> Any:
        found = mapping(answer) or {}
        message = found.get("message", "" if is_reject else NOTHING)
        is_it = found.get(DECISION) == kind and not found.keys() - {DECISION, "message"}
        return message if is_it and isinstance(message, str) and (message or is_reject) else NOTHING

    label, key = ("Reject", "r") if is_reject else ("Respond", "s")
    return worded(kind, label, key, make, back, kind=kind, needed=not is_reject)


def check_decision(asked: AskedFor, given: Any, name: str, kinds: Collection[str]) -> None:
    """Test a decision on a call in its own shape, which ``name`` calls it in the message.

    Raises
    ------
    InvalidAnswer
        If the decision is none of these kinds, or lacks something.
    """
    decision = mapping(given) or {}
    kind = str(decision.get(DECISION))
    if kind not in kinds:
        raise InvalidAnswer(f"{name} is {cut(flat(given), SHORT)}; allowed: {', '.join(kinds)}")
    refuse_unknown_keys(decision, (DECISION, *KEYS[kind]), name)
    if kind == "edit" and (args := mapping(decision.get("args"))) is not None:
        check_edit(asked, asked.title, args, name)
    if asked.decided(decision) is None:
        needed = "the arguments that are changed" if kind == "edit" else "a text"
        raise InvalidAnswer(f"{name} lacks {needed}: {', '.join(map(repr, KEYS[kind]))}")


# --- the state -----------------------------------------------------------------------------------


class StateEdit:
    """What of a state can be edited, and the update that an edit makes.

    Parameters
    ----------
    halt
        Where the run stopped.
    without
        A key that is not edited here.

    Attributes
    ----------
    values
        What is edited, as it is.
    """

    def __init__(self, halt: Halt, without: str | None = None) -> None:
        self._halt = halt
        self.values = {key: value for key, value in editable(halt).items() if key != without}

    def choice(self, sends: str = "Send") -> Choice:
        """Return the choice to update the state before the run goes on; ``sends`` names its button."""
        schema = {**schema_like(self.values), "properties": {key: self._like(key) for key in self.values}}
        return Choice(
            *("edit", "Edit the state first", "e", "plain"),
            *(self._changes, self._edited, schema, self.values),
            kinds=("edit",),
            is_open=True,
            sends=sends,
        )

    def holds(self, key: str, place: int) -> bool:
        """Tell whether the message at a place of a conversation is among those that are edited."""
        return key in self.values and place >= len(self._halt.values[key]) - len(self.values[key])

    def _like(self, key: str) -> Any:
        value = self._halt.values.get(key)
        return _like_messages(value) if is_conversation(value) else schema_like(value)

    def _changes(self, edited: Any) -> dict[str, Any] | None:
        changes = {
            key: self._change(key, value)
            for key, value in edited.items()
            if not is_same(self.values.get(key, NOTHING), value)
        }
        return changes or None

    def _change(self, key: str, value: Any) -> Any:
        messages = self._halt.values.get(key)
        if not is_conversation(messages) or not isinstance(value, list):
            return value
        before = self.values[key]
        first = len(messages) - len(before)
        old = [
            _replacing(first + place, messages[first + place], edited)
            for place, edited in enumerate(value[: len(before)])
            if not is_same(before[place], edited)
        ]
        return [*old, *value[len(before) :]]

    def _edited(self, changes: Any) -> Any:
        if not isinstance(changes, Mapping) or DECISION in changes or changes.keys() - self.values.keys():
            return NOTHING
        return {**self.values, **{key: self._with(key, change) for key, change in changes.items()}}

    def _with(self, key: str, change: Any) -> Any:
        messages = self._halt.values.get(key)
        if not is_conversation(messages) or not isinstance(change, list):
            return change
        edited = list(self.values[key])
        first = len(messages) - len(edited)
        for each in change:
            place = each.get(MESSAGE) if isinstance(each, Mapping) else None
            if isinstance(place, int) and 0 <= place - first < len(edited):
                edited[place - first] = _message(each)
            else:
                edited.append(each)
        return edited


def editable(halt: Halt) -> dict[str, Any]:
    """Return what of a state can be edited: what is JSON, so that it stays of its type, and is replaced by an update.

    Of a conversation these are its last messages, where its reducer replaces a message by its id.
    """
    kept = {}
    for key, value in halt.values.items():
        if not isinstance(key, str):
            continue
        if is_conversation(value):
            if _is_replaced_by_id(halt, key, value):
                kept[key] = [_message(each) for each in value[-EDITED:]]
        elif key not in (halt.added_to or ()):
            kept[key] = value
    return {key: value for key, value in kept.items() if _JSON.draft(value) is not None}


def _is_replaced_by_id(halt: Halt, key: str, messages: Sequence[Any]) -> bool:
    has_ids = all(isinstance(part(each, "id"), str) for each in messages[-EDITED:])
    return has_ids and (halt.by_id is None or key in halt.by_id)


def _message(message: Any) -> dict[str, Any]:
    """Return what of a message is edited: what it says, and with what it calls each tool."""
    calls = calls_of(message)
    said = {"content": part(message, "content")}
    return {**said, "tool_calls": [call.args for call in calls]} if calls else said


def _replacing(place: int, message: Any, edited: Mapping[str, Any]) -> dict[str, Any]:
    """Return the message that replaces the one at a place of the conversation."""
    replaced = {MESSAGE: place, "type": kind_of(message), **edited}
    if "tool_calls" in edited:
        pairs = zip(calls_of(message), edited["tool_calls"], strict=True)
        replaced["tool_calls"] = [{"name": call.name, "args": args} for call, args in pairs]
    return replaced


def with_calls(place: int, message: Any, calls: Sequence[Any]) -> dict[str, Any]:
    """Return what replaces a message at a place of the conversation by one with other arguments of its calls."""
    return _replacing(place, message, {**_message(message), "tool_calls": list(calls)})


def _like_messages(messages: Sequence[Any]) -> dict[str, Any]:
    """Return the schema of these messages, each as it is, and of a few more."""
    new = {
        "type": "object",
        "title": "another message",
        "properties": {
            "type": {"enum": ["human", "ai", "system"], "default": "human"},
            "content": {"type": "string", "format": "textarea"},
        },
        "required": ["type", "content"],
    }
    placed = [_like_message(each) for each in messages[-EDITED:]]
    return {"type": "array", "prefixItems": placed, "items": new}


def _like_message(message: Any) -> dict[str, Any]:
    members: dict[str, Any] = {"content": _like_content(part(message, "content"))}
    if calls := calls_of(message):
        args = [{**schema_like(call.args), "title": call.name} for call in calls]
        members["tool_calls"] = {"type": "array", "prefixItems": args, "minItems": len(args), "items": False}
    return {"type": "object", "title": kind_of(message), "properties": members, "required": list(members)}


def _like_content(content: Any) -> dict[str, Any]:
    return {"type": "string", "format": "textarea"} if isinstance(content, str) else {}
