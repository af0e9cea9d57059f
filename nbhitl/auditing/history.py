"""The past of a thread, step by step: nodes, decisions, changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from nbhitl.auditing.decision import AuditedDecision, decision_of, secrets_in, time_of
from nbhitl.auditing.difference import difference
from nbhitl.auditing.rows import Rows
from nbhitl.auditing.words import in_words, state_in_words
from nbhitl.errors import UsageError
from nbhitl.forms.secret_texts import without
from nbhitl.jsontext import plain
from nbhitl.runs.decided import UNKNOWN, PastDecision, PastStep
from nbhitl.runs.run import Interrupt

NO_CHECKPOINT = (
    "{value!r} names no checkpoint. Give a step of card.history(), the id in its column `checkpoint`, or a config of "
    "graph.get_state_history(...)."
)


@dataclass(frozen=True)
class HistoryStep:
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
        The changes of the state since the checkpoint before, a line for each part; messages by their texts and calls.
    next
        The nodes that come next.
    asked, answered, who
        The questions at the checkpoint, the answers and the deciders: a single value, or a list; ``None`` where no
        question was asked. An open question has no answer and no decider yet.
    checkpoint, before
        The ids of the checkpoint and of the checkpoint before.
    is_current
        Whether the checkpoint is on the way to the end of the thread, and not on a branch that was left.
    decisions
        The decisions themselves.
    words
        Questions and answers in the words of their forms, by column.
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
    decisions: tuple[AuditedDecision, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)


class History(Rows[HistoryStep]):
    """The steps of a thread, the oldest first; made by ``card.history()``."""

    COLUMNS = tuple(each for each in HistoryStep.__dataclass_fields__ if each not in ("decisions", "words"))
    TOLD = ("changed",)
    DRAWN = ("step", "ran", "changed", "asked", "answered", "who", "next", "is_current", "when")
    WRITE = "card.history()"

    def cell(self, row: HistoryStep, name: str) -> Any:
        """Return a cell for a notebook; the column `is_current` only marks steps on branches that were left."""
        return None if name == "is_current" and row.is_current else super().cell(row, name)


def checkpoint_of(value: Any) -> str:
    """Return the id of a checkpoint that is given as a step, a row of the frame, an id, or LangGraph's state or config.

    Raises
    ------
    UsageError
        If the value names no checkpoint.
    """
    config = value if isinstance(value, Mapping) else getattr(value, "config", None)
    if isinstance(config, Mapping) and isinstance(config.get("configurable"), Mapping):
        found = config["configurable"].get("checkpoint_id")
    else:
        found = value if isinstance(value, str) else getattr(value, "checkpoint", None)
    if not isinstance(found, str):
        raise UsageError(NO_CHECKPOINT.format(value=value))
    return found


def history_of(
    steps: Sequence[PastStep], past: Iterable[PastDecision], thread: str | None, pending: Iterable[Interrupt] = ()
) -> list[HistoryStep]:
    """Return the steps of a thread with the decisions; secrets of answers are blotted out in the state as well.

    ``pending`` are the open questions at the end of the thread.
    """
    past = tuple(past)
    answered = {each.interrupt.id for each in past if steps and each.checkpoint == steps[-1].checkpoint}
    opened = [PastDecision(each, UNKNOWN) for each in pending if each.id not in answered]
    secrets = frozenset(text for each in (*past, *opened) for text in secrets_in(each))
    decisions = [decision_of(each, thread) for each in past]
    known = {each.checkpoint: each for each in steps}
    values = {each.checkpoint: _said(each.values, secrets) for each in steps}
    found: list[HistoryStep] = []
    for number, each in enumerate(steps):
        made = [decision for decision in decisions if decision.checkpoint == each.checkpoint]
        found.append(_step(number, each, known.get(each.before or ""), values, made))
    if found and opened:
        found[-1] = _with_open(found[-1], [decision_of(each, thread) for each in opened])
    return found


def _said(values: Any, secrets: frozenset[str]) -> Any:
    """Return a state in words; secrets are removed first: a text quoted within a text would not be found."""
    return in_words(without(secrets, plain(values))) if secrets else state_in_words(values)


def _with_open(step: HistoryStep, opened: Sequence[AuditedDecision]) -> HistoryStep:
    together = [*step.decisions, *opened]
    return replace(
        step,
        asked=_one([each.asked for each in together]),
        answered=_one([each.answered for each in together]),
        who=_one([each.who for each in together]),
        words=_words(together),
    )


def _step(
    number: int, step: PastStep, before: PastStep | None, values: dict[str, Any], made: Sequence[AuditedDecision]
) -> HistoryStep:
    ran = before.next if before is not None and step.source == "loop" else ()
    now = values[step.checkpoint]
    nothing: Any = {} if isinstance(now, dict) else None  # the state of the functional API is any value
    was = nothing if before is None else values[before.checkpoint]
    return HistoryStep(
        step=number,
        when=time_of(step.at),
        source=step.source,
        ran=tuple(dict.fromkeys(ran)),
        changed=difference(was, now),
        next=tuple(dict.fromkeys(step.next)),
        asked=_one([each.asked for each in made]),
        answered=_one([each.answered for each in made]),
        who=_one([each.who for each in made]),
        checkpoint=step.checkpoint,
        before=step.before,
        is_current=step.is_current,
        decisions=tuple(made),
        words=_words(made),
    )


def _words(decisions: Sequence[AuditedDecision]) -> dict[str, str]:
    """Return the words for several questions together: a line for each."""
    return {name: "\n".join(each.words.get(name, "") for each in decisions) for name in ("asked", "answered")}


def _one(values: list[Any]) -> Any:
    return (values[0] if len(values) == 1 else values) if values else None
