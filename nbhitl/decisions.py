"""Decisions on tool calls, said once and sent in whatever shape the payload asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeGuard

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
