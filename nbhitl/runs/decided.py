"""The past of a thread as data: decisions (decider, time, question, answer) and steps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from nbhitl.runs.run import Checkpoint, Interrupt

UNKNOWN: Any = object()
"""Stands for a payload or an answer that nobody has kept."""

COMPARED = "compare"
"""The origin of an alternative answer, which `nbhitl.compare` has tried on a branch."""


@dataclass(frozen=True)
class Decided:
    """An answer of this process, as the engine notes the answer beside the checkpoint.

    Attributes
    ----------
    interrupt
        The question.
    answer
        The resume value; for a stop, the answer that goes on.
    shown
        The answer without secrets; `UNKNOWN` where the answer holds none.
    origin
        The kind of decider: a person, a rule, the record, …
    by
        The name of the decider; empty for the user of this process.
    at
        The time of the answer.
    asked_at
        The time at which this process saw the question; ``None`` where the run was found midway.
    ruled
        The rule that decided on each tool call, ``None`` where no rule decided; empty without a rule.
    seconds, flag
        For an item of a batch: how long a person had the question on screen, if known, and the person's note.
    """

    interrupt: Interrupt
    answer: Any
    shown: Any
    origin: str
    by: str
    at: datetime
    asked_at: datetime | None
    ruled: tuple[str | None, ...] = ()
    seconds: float | None = None
    flag: str = ""


@dataclass(frozen=True)
class PastDecision:
    """A decision in the past of a thread, by this process or any client.

    Attributes
    ----------
    interrupt
        The question, with the ``value`` `UNKNOWN` where neither LangGraph nor a note has kept the payload.
    answer
        The resume value; `UNKNOWN` where nobody has kept the value.
    is_blotted
        Whether the answer held secrets, which are blotted out here.
    origin
        The kind of decider; ``"elsewhere"`` for another client, which says nothing of itself.
    by
        The name of the decider, where known.
    at, asked_at
        The times of the answer and of the question; ISO 8601, ``None`` where unknown.
    checkpoint
        The id of the checkpoint that asked.
    raw
        The answer with secrets, to find the secrets elsewhere; `UNKNOWN` where ``answer`` leaves nothing out.
    seconds
        The seconds from the first sight of the question in the card to the answer, where measured.
    ruled, flag
        See `Decided`.
    is_current
        Whether the checkpoint that asked is on the way to the end of the thread, and not on a branch that was left.
    """

    interrupt: Interrupt
    answer: Any
    is_blotted: bool = False
    origin: str = "elsewhere"
    by: str | None = None
    at: str | None = None
    asked_at: str | None = None
    checkpoint: Checkpoint = field(default=None, compare=False)
    raw: Any = field(default=UNKNOWN, compare=False, repr=False)
    seconds: float | None = None
    ruled: tuple[str | None, ...] = ()
    flag: str = ""
    is_current: bool = True


@dataclass(frozen=True)
class PastStep:
    """A checkpoint of a thread.

    Attributes
    ----------
    checkpoint, before
        The ids of the checkpoint and of the checkpoint before; ``None`` for the first.
    at
        The time; ISO 8601.
    source
        LangGraph's: ``"input"``, ``"loop"``, ``"update"`` or ``"fork"``.
    next
        The nodes that come next.
    values
        The values of the state.
    is_current
        Whether the checkpoint is on the way to the end of the thread, and not on a branch that was left.
    """

    checkpoint: str
    before: str | None
    at: str | None
    source: str
    next: tuple[str, ...]
    values: Any
    is_current: bool = True


def with_current(
    decisions: Iterable[PastDecision], before: Mapping[str, str | None], head: str | None
) -> tuple[PastDecision, ...]:
    """Return the decisions, with those of a branch that was left marked; ``before`` and ``head``: see `on_the_way`."""
    left = before.keys() - on_the_way(before, head)
    return tuple(replace(each, is_current=each.checkpoint not in left) for each in decisions)


def on_the_way(before: Mapping[str, str | None], head: str | None) -> frozenset[str]:
    """Return the checkpoints from the first to ``head``; ``before`` names the predecessor of each checkpoint."""
    line: set[str] = set()
    while head is not None and head not in line:
        line.add(head)
        head = before.get(head)
    return frozenset(line)
