"""The form of a stop without a question: a static breakpoint, or a run that was stopped or cut off."""

from typing import Any

from nbhitl.protocol import Field
from nbhitl.thread import Interrupt


class StopForm:
    """A button; the answer is ``None``, LangGraph's input for going on."""

    def __init__(self, interrupt: Interrupt) -> None:
        self.prompt = _prompt(interrupt)
        self.field: Field = {"kind": "continue", "original": ""}

    def value(self, draft: str) -> None:
        """Return ``None``."""

    def draft(self, value: Any) -> str | None:
        """Return what stands for ``None``, the only answer."""
        return "" if value is None else None

    def show(self, value: Any) -> str:
        """Say what was decided."""
        return "go on"


def recognise(interrupt: Interrupt) -> StopForm | None:
    """Return the form where the interrupt is a stop."""
    return StopForm(interrupt) if interrupt.is_stop else None


def _prompt(interrupt: Interrupt) -> str:
    node, former = interrupt.node.replace("__start__", "its first step"), interrupt.former
    if interrupt.value.get("saved"):
        return f"The run stopped after {node} had run, before its next step. Go on?"
    if former is None:
        return f"The run stopped before {node}, without a question. Go on?"
    if former.error is not None:
        return f"The run failed in {node}: {former.error}. Going on runs it once more."
    return (
        f"The run stopped at {node}, without a question. If it was cut off there, {node} may have run already, with "
        "what it does outside the graph; going on runs it again. Go on?"
    )
