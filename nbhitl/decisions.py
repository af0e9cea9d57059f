"""Decisions on tool calls, in one form for all payloads; `nbhitl.forms` converts them to the shape of the payload."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeGuard, get_args

from nbhitl.unquoted import Unquoted

Kind = Literal["approve", "edit", "reject", "respond"]


@dataclass(frozen=True)
class Decision:
    """A decision on a tool call; made by `approve`, `edit`, `reject` and `respond`.

    Attributes
    ----------
    kind
        The kind of the decision.
    args
        The arguments that `edit` changes; all other arguments stay.
    message
        The reason of `reject`, or the text of `respond` in place of the tool's result.
    """

    kind: Kind
    args: Mapping[str, Any] = field(default_factory=dict)
    message: str | None = None


def approve() -> Decision:
    """Let the tool run with the arguments of the call."""
    return Decision("approve")


def edit(args: Mapping[str, Any] | None = None, /, **changed: Any) -> Decision:
    """Let the tool run with changed arguments.

    Parameters
    ----------
    args, **changed
        The arguments to change, by name; all other arguments stay as the model gave them.
    """
    return Decision("edit", {**(args or {}), **changed})


def reject(message: str | None = None) -> Decision:
    """Do not let the tool run; the model reads ``message`` as the reason."""
    return Decision("reject", message=message)


def respond(message: str) -> Decision:
    """Answer in place of the tool: the model reads ``message`` as the result of the tool."""
    return Decision("respond", message=message)


def are_decisions(value: Any) -> TypeGuard[Decision | Sequence[Decision]]:
    """Tell whether an answer is a decision, or a list with a decision for each tool call."""
    if isinstance(value, list | tuple):
        return bool(value) and all(isinstance(each, Decision) for each in value)
    return isinstance(value, Decision)


JSON_KEY = "$decision"
"""Key that marks a decision in JSON, which has no type for decisions."""

KEYS = (JSON_KEY, "args", "message")
"""All keys of a decision in JSON."""


def to_json(value: Any) -> Any:
    """Return an answer with decisions as JSON, ``{"$decision": "reject", ...}``; an answer without decisions as is."""
    if not are_decisions(value):
        return value
    if not isinstance(value, Decision):
        return [to_json(each) for each in value]
    told: dict[str, Any] = {JSON_KEY: value.kind}
    if value.args:
        told["args"] = dict(value.args)
    if value.message is not None:
        told["message"] = value.message
    return told


def from_json(value: Any) -> Any:
    """Return the answer that `to_json` wrote.

    Raises
    ------
    ValueError
        If a decision has an unknown key or kind, or a value of the wrong type.
    """
    if isinstance(value, list) and value and all(_is_decision(each) for each in value):
        return [from_json(each) for each in value]
    if not _is_decision(value):
        return value
    if unknown := [key for key in value if key not in KEYS]:
        near = difflib.get_close_matches(str(unknown[0]), KEYS, 1)
        meant = f"did you mean {near[0]!r}? " if near else ""
        raise ValueError(f"a decision has no {unknown[0]!r}; {meant}keys: {', '.join(KEYS)}")
    kind, args, message = (value.get(key) for key in (JSON_KEY, "args", "message"))
    message = message.word if isinstance(message, Unquoted) else message
    if kind not in get_args(Kind) or not isinstance(args, dict | None) or not isinstance(message, str | None):
        kinds = ", ".join(get_args(Kind))
        named = {JSON_KEY: str(kind)[:40]} | {key: "…" for key in value if key != JSON_KEY}  # values may be secret
        raise ValueError(f"{named} is not a decision: {JSON_KEY} is one of {kinds}; args is a mapping, message a text")
    return Decision(kind, args or {}, message)


def _is_decision(value: Any) -> bool:
    return isinstance(value, dict) and JSON_KEY in value
