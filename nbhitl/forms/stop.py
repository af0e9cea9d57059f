"""The form of a stop without a question: a static breakpoint, or a run that was cut off."""

from typing import Any

from nbhitl.protocol import Field
from nbhitl.thread import Interrupt


class StopForm:
    """A button; the answer is ``None``, LangGraph's input for going on."""

    def __init__(self, node: str) -> None:
        self.prompt = f"The run stopped before {node}, without a question. Go on?"
        self.field: Field = {"kind": "continue", "original": ""}

    def value(self, draft: str) -> None:
        """Return ``None``."""

    def show(self, value: Any) -> str:
        """Say what was decided."""
        return "go on"


def recognise(interrupt: Interrupt) -> StopForm | None:
    """Return the form where the interrupt is a stop."""
    return StopForm(interrupt.node) if interrupt.is_stop else None
