"""The past of a thread, step by step: nodes, decisions, changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nbhitl.auditing.decision import Decision, decision_of, secrets_in, time_of
from nbhitl.auditing.difference import difference
from nbhitl.auditing.rows import Rows
from nbhitl.forms.secret_texts import without
from nbhitl.jsontext import plain
from nbhitl.runs.decided import PastDecision, PastStep


@dataclass(frozen=True)
class Step:
    """A checkpoint of a thread with the decisions there.

    Attributes
    ----------
    step
        The number of the checkpoint, from 0.
    when
        The time of the checkpoint.
    source
        LangGraph's: ``"input"``, ``"loop"``, ``"update"`` or ``"fork"``.
    ran
        The nodes of the step that made the checkpoint.
    changed
        The changes of the state since the checkpoint before, a line for each part.
    next
        The nodes that come next.
    asked, answered, who
        The questions at the checkpoint, the answers and the deciders: one value, or a list; ``None``
        without a decision.
    checkpoint, before
        The ids of the checkpoint and of the checkpoint before.
    is_current
        Whether the checkpoint is on the way to the end of the thread, and not on a branch that was left.
    decisions
        The decisions themselves.
    """

    step: int
    when: datetime | None
    source: str
    ran: tuple[str, ...]
    changed: str
    next: tuple[str, ...]
    asked: Any
    answered: Any
    who: Any
    checkpoint: str
    before: str | None
    is_current: bool
    decisions: tuple[Decision, ...] = ()


class History(Rows[Step]):
    """The steps of a thread, the oldest first; made by ``card.history()``."""

    COLUMNS = tuple(each for each in Step.__dataclass_fields__ if each != "decisions")
    TOLD = ("changed",)
    WRITE = "card.history()"


def history_of(steps: Sequence[PastStep], past: Iterable[PastDecision], thread: str | None) -> list[Step]:
    """Return the steps of a thread with the decisions; secrets of answers are blotted out in the state as well."""
    past = tuple(past)
    secrets = frozenset(text for each in past for text in secrets_in(each))
    decisions = [decision_of(each, thread) for each in past]
    known = {each.checkpoint: each for each in steps}
    values = {each.checkpoint: without(secrets, plain(each.values)) for each in steps}
    found: list[Step] = []
    for number, each in enumerate(steps):
        made = [decision for decision in decisions if decision.checkpoint == each.checkpoint]
        found.append(_step(number, each, known.get(each.before or ""), values, made))
    return found


def _step(
    number: int, step: PastStep, before: PastStep | None, values: dict[str, Any], made: Sequence[Decision]
) -> Step:
    ran = before.next if before is not None and step.source == "loop" else ()
    return Step(
        step=number,
        when=time_of(step.at),
        source=step.source,
        ran=tuple(dict.fromkeys(ran)),
        changed=difference(values[before.checkpoint] if before is not None else {}, values[step.checkpoint]),
        next=tuple(dict.fromkeys(step.next)),
        asked=_one([each.asked for each in made]),
        answered=_one([each.answered for each in made]),
        who=_one([each.who for each in made]),
        checkpoint=step.checkpoint,
        before=step.before,
        is_current=step.is_current,
        decisions=tuple(made),
    )


def _one(values: list[Any]) -> Any:
    return (values[0] if len(values) == 1 else values) if values else None
