"""Decisions on tool calls, said once and sent in whatever shape the payload asks for."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeGuard, get_args

Kind = Literal["approve", "edit", "reject", "respond"]


@dataclass(frozen=True)
class Decision:
    """What is decided on one tool call; `approve`, `edit`, `reject` and `respond` make them.

    Attributes
    ----------
    kind
        What is decided.
    args
        The arguments that `edit` changes; those not named stay.
    message
        Why a call is rejected, or what is answered in place of the tool.
    """

    kind: Kind
    args: Mapping[str, Any] = field(default_factory=dict)
    message: str | None = None


def approve() -> Decision:
    """Let the tool run as it was called."""
    return Decision("approve")


def edit(args: Mapping[str, Any] | None = None, /, **changed: Any) -> Decision:
    """Let the tool run with other arguments.

    Parameters
    ----------
    args, **changed
        The arguments to change, by name; the others stay as the model gave them.
    """
    return Decision("edit", {**(args or {}), **changed})


def reject(message: str | None = None) -> Decision:
    """Do not let the tool run, and tell the model why."""
    return Decision("reject", message=message)


def respond(message: str) -> Decision:
    """Answer in place of the tool: the model takes ``message`` for what it returned."""
    return Decision("respond", message=message)


def are_decisions(value: Any) -> TypeGuard[Decision | Sequence[Decision]]:
    """Tell whether an answer is a decision, or a list of them: one for each tool call."""
    if isinstance(value, list | tuple):
        return bool(value) and all(isinstance(each, Decision) for each in value)
    return isinstance(value, Decision)


JSON_KEY = "$decision"
"""Marks a decision in JSON, which has no type for it."""

KEYS = (JSON_KEY, "args", "message")
"""All keys of a decision in JSON."""


def to_json(value: Any) -> Any:
    """Return an answer as JSON can hold it: a decision, or each of a list, as ``{"$decision": "reject", ...}``."""
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
        If a decision in it is none that there is.
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
    if kind not in get_args(Kind) or not isinstance(args, dict | None) or not isinstance(message, str | None):
        kinds = ", ".join(get_args(Kind))
        named = {JSON_KEY: str(kind)[:40]} | {key: "…" for key in value if key != JSON_KEY}  # they may hold a secret
        raise ValueError(f"{named} is no decision: {JSON_KEY} is one of {kinds}; args is a mapping, message a text")
    return Decision(kind, args or {}, message)


def _is_decision(value: Any) -> bool:
    return isinstance(value, dict) and JSON_KEY in value
