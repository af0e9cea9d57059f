"""The choices at a static breakpoint: for each tool call that waits there, and for the state."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from nbhitl.errors import InvalidAnswer
from nbhitl.forms.decisions.choice import NOTHING, AskedFor, Choice
from nbhitl.forms.decisions.shaping import check_edit
from nbhitl.forms.decisions.tools import worded
from nbhitl.forms.fallback import editable_json, is_same
from nbhitl.forms.infer import schema_like
from nbhitl.forms.reading import mapping
from nbhitl.forms.refusing import refuse_unknown_keys
from nbhitl.jsontext import cut, flat
from nbhitl.runs.conversation import calls_of, is_conversation, kind_of, part
from nbhitl.runs.run import Halt
from nbhitl.runs.stops import DECISION, MESSAGE

EDITED = 20
"""Number of messages at the end of a conversation that a form edits."""

KEYS = {"approve": (), "edit": ("args",), "reject": ("message",), "respond": ("message",)}
"""The keys of each decision on a call, besides the key of the kind."""

IN_PLACE = ("reject", "respond")
"""The decisions whose text replaces the result of the tool."""

SHORT = 80
"""Characters of an answer that a message of an error quotes."""

# --- a call --------------------------------------------------------------------------------------


def in_place(kind: Any) -> Choice:
    """Return the choice to reject a call or to respond in place of the tool, by ``kind``."""
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
    """Test a decision on a call, given in the shape of a stop; messages call the decision ``name``.

    Raises
    ------
    InvalidAnswer
        If the kind is not one of ``kinds``, a key is unknown or lacking, or an edit names an unknown argument.
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
    """The editable part of a state, and the update that an edit makes.

    Parameters
    ----------
    halt
        The static breakpoint, with the state.
    without
        A key to leave out.

    Attributes
    ----------
    values
        The editable values before the edit.
    """

    def __init__(self, halt: Halt, without: str | None = None) -> None:
        self._halt = halt
        self.values = {key: value for key, value in editable(halt).items() if key != without}

    def choice(self, sends: str = "Send") -> Choice:
        """Return the choice to update the state before the run goes on; ``sends`` is the label of the button."""
        schema = {**schema_like(self.values), "properties": {key: self._like(key) for key in self.values}}
        return Choice(
            name="edit",
            label="Edit the state first",
            key="e",
            look="plain",
            make=self._changes,
            back=self._edited,
            schema=schema,
            start=self.values,
            kinds=("edit",),
            is_open=True,
            sends=sends,
        )

    def holds(self, key: str, place: int) -> bool:
        """Tell whether the message at ``place`` in the conversation ``key`` is editable."""
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
    """Return the editable values of a state: values of JSON, which keep their type, in keys that an update replaces.

    From a conversation these are the last messages, where the reducer of the key replaces messages by id.
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
    return {key: value for key, value in kept.items() if editable_json(value) is not None}


def _is_replaced_by_id(halt: Halt, key: str, messages: Sequence[Any]) -> bool:
    has_ids = all(isinstance(part(each, "id"), str) for each in messages[-EDITED:])
    return has_ids and (halt.by_id is None or key in halt.by_id)


def _message(message: Any) -> dict[str, Any]:
    """Return the editable part of a message: the content, and the arguments of each tool call."""
    calls = calls_of(message)
    said = {"content": part(message, "content")}
    return {**said, "tool_calls": [call.args for call in calls]} if calls else said


def _replacing(place: int, message: Any, edited: Mapping[str, Any]) -> dict[str, Any]:
    """Return the update that replaces the message at a place of the conversation."""
    replaced = {MESSAGE: place, "type": kind_of(message), **edited}
    if "tool_calls" in edited:
        pairs = zip(calls_of(message), edited["tool_calls"], strict=True)
        replaced["tool_calls"] = [{"name": call.name, "args": args} for call, args in pairs]
    return replaced


def with_calls(place: int, message: Any, calls: Sequence[Any]) -> dict[str, Any]:
    """Return the update that replaces the arguments of all tool calls of a message, at a place of the conversation."""
    return _replacing(place, message, {**_message(message), "tool_calls": list(calls)})


def _like_messages(messages: Sequence[Any]) -> dict[str, Any]:
    """Return the schema of the last `EDITED` messages, each of its present type, and of any new messages."""
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
