"""Idioms of LangGraph's documentation, besides the idioms that ask for a text.

``{"question", "details"}`` asks for true or false, ``{"question", "options"}`` for a choice among the options,
``{"question", "fields", "current_values"}`` for a mapping. ``{"action", ...args, "message"}`` asks to approve a call,
answered by ``{"action": "approve", ...changed arguments}``, or by anything else to refuse; nodes read many different
keys, so that this form is drawn only where the source of the node reads these keys. All forms here are guesses: a
person may answer with any JSON instead, and code with anything.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any

from nbhitl.forms.base import Form
from nbhitl.forms.content import contents_of
from nbhitl.forms.conventions.schemas import SchemaForm
from nbhitl.forms.decisions.choice import NOTHING, AskedFor, Choice
from nbhitl.forms.decisions.deciding import SingleDecisionForm
from nbhitl.forms.decisions.tools import SEND_EDITED, simple, worded
from nbhitl.forms.fallback import editable_json, is_same
from nbhitl.forms.infer import schema_like
from nbhitl.forms.reading import mapping, mappings, texts, without
from nbhitl.runs.run import Interrupt
from nbhitl.runs.shape import Shape

SIGNS = frozenset({"question"})
"""Keys of which each payload of the convention has one."""

MOST_OPTIONS = 500

YES_OR_NO = {"oneOf": [{"const": True, "title": "Yes"}, {"const": False, "title": "No"}]}
"""A switch would begin with an answer that nobody gave."""

Payload = Mapping[str, Any]


def recognise(interrupt: Interrupt) -> Form | None:
    """Return a form where the payload follows an idiom of this module."""
    payload, reads = mapping(interrupt.value), interrupt.reads
    if payload is None:
        return None
    makes: list[Callable[[Payload], Form | None]]
    makes = [options, fields, _yes_or_no] if reads is None else [options] if "text" in reads.kinds else [fields]
    forms = (make(payload) for make in makes)
    return next((form for form in forms if form is not None), None)


def _yes_or_no(payload: Payload) -> Form | None:
    if payload.keys() != {"question", "details"} or not isinstance(payload["question"], str):
        return None
    return SchemaForm(payload["question"], YES_OR_NO, shows=contents_of(payload["details"]), is_guess=True)


def option_values(payload: Payload) -> list[Any]:
    """Return the answers that the options of the payload stand for; an empty list without such options."""
    return [branch["const"] for branch in _branches(payload)]


def _branches(payload: Payload) -> list[dict[str, Any]]:
    listed = payload.get("options")
    is_asked = isinstance(payload.get("question"), str) and isinstance(listed, list | tuple)
    return [_option(each) for each in listed or ()] if is_asked and len(listed or ()) <= MOST_OPTIONS else []


def options(payload: Payload, more: Sequence[str] = ()) -> Form | None:
    """Return a form for a choice among the options of the payload, and ``more``; ``None`` without such options."""
    question, branches = payload.get("question"), _branches(payload)
    if not isinstance(question, str) or not branches:
        return None
    branches += [_option(each) for each in more]
    rest = without(payload, "question", "options")
    form = SchemaForm(question, {"anyOf": branches}, shows=contents_of(rest or None), is_guess=True)
    is_drawn = form.field["kind"] == "form" and form.field["control"]["kind"] != "json"  # else too large
    return form if is_drawn and all(editable_json(each["const"]) is not None for each in branches) else None


def _option(option: Any) -> dict[str, Any]:
    """Return an option; a mapping with the key ``value`` stands for that value, any other option for itself."""
    found = mapping(option)
    if found is None:
        return {"const": option}
    label = next((found[key] for key in ("label", "title", "name", "value") if isinstance(found.get(key), str)), None)
    hint = found.get("description")
    value = found["value"] if "value" in found and not isinstance(found["value"], Mapping | list) else option
    titled = {"const": value} if label is None else {"const": value, "title": label}
    return {**titled, "description": hint} if isinstance(hint, str) else titled


def fields(payload: Payload, read: Set[str] = frozenset()) -> Form | None:
    """Return a form for the fields of the payload, filled with the current values; ``None`` without such fields.

    ``read`` are keys that the node reads: ``None`` also where a key is no field.
    """
    question, current = payload.get("question"), mapping(payload.get("current_values", {}))
    names = _names(payload.get("fields"))
    if not isinstance(question, str) or current is None or names is None or not read <= set(names):
        return None
    members = {name: _member(current.get(name)) for name in names}
    start = {name: current.get(name, "") for name in names}
    if editable_json(start) is None:
        return None
    rest = without(payload, "question", "fields", "current_values") | _others(current, names)
    schema = {"type": "object", "properties": members, "required": names}
    return SchemaForm(question, schema, start=start, shows=contents_of(rest or None), is_guess=True)


def _names(fields: Any) -> list[str] | None:
    listed = [each.get("name") for each in mappings(fields) or []] or fields
    found = texts(listed)
    return None if found is None else list(dict.fromkeys(found))


def _member(value: Any) -> dict[str, Any]:
    return {"type": ["string", "null"]} if value is None else schema_like(value)


def _others(current: Payload, names: list[str]) -> dict[str, Any]:
    return {key: value for key, value in current.items() if key not in names}


class ActionForm(SingleDecisionForm):
    """Approval of a call, in the shape of LangGraph's documentation."""

    is_guess = True

    def check(self, value: Any) -> None:
        """Accept any answer: the node may read any key."""


def approval(payload: Any, reads: Shape) -> Form | None:
    """Return the form for approval of a call, where the node compares the answer's ``action`` to ``"approve"``."""
    found = mapping(payload) or {}
    name, message = found.get("action"), found.get("message")
    if not isinstance(name, str) or not isinstance(message, str):
        return None
    literals = [literal for key in reads.keys if key.name == "action" for literal in key.shape.literals]
    args = without(found, "action", "message")
    known = {"action", "message", *args}
    if "approve" not in literals or set(literals) - {"approve", "reject"} or {key.name for key in reads.keys} - known:
        return None
    choices = [simple("approve", "Approve", "a", {"action": "approve"}, kind="approve")]
    if args and any(key.name in args for key in reads.keys):
        choices.append(_with_changes(args))
    choices.append(worded("reject", "Reject", "r", _reject, _rejected, kind="reject"))
    return ActionForm(message, [AskedFor(name, contents_of(args or None), choices, [(name, args)])])


def _with_changes(args: dict[str, Any]) -> Choice:
    """Return the choice to approve with changed arguments; only the changes are sent."""

    def make(filled: Any) -> Any:
        changed = {key: each for key, each in filled.items() if key not in args or not is_same(each, args[key])}
        return {"action": "approve", **without(changed, "action")}

    def back(answer: Any) -> Any:
        found = mapping(answer) or {}
        is_approved = found.get("action") == "approve" and len(found) > 1
        return {**args, **without(found, "action")} if is_approved else NOTHING

    return Choice(
        name="edit",
        label="Approve with changes",
        key="e",
        look="plain",
        make=make,
        back=back,
        schema=schema_like(args),
        start=dict(args),
        kinds=("edit",),
        is_open=True,
        sends=SEND_EDITED,
    )


def _reject(reason: str) -> dict[str, Any]:
    return {"action": "reject", "message": reason} if reason else {"action": "reject"}


def _rejected(answer: Any) -> Any:
    found = mapping(answer) or {}
    reason = found.get("message", "")
    is_rejected = found.get("action") == "reject" and not without(found, "action", "message")
    return reason if is_rejected and isinstance(reason, str) else NOTHING
