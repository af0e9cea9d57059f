"""A decision for people to read: a row of an audit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from nbhitl.auditing.at_stops import changes_at_stop, parts_at_stop, words_at_stop
from nbhitl.auditing.difference import difference
from nbhitl.auditing.words import beside, called
from nbhitl.forms.base import Form
from nbhitl.forms.choosing import convention_of
from nbhitl.forms.compared import UNPROPOSED, Compared, compared
from nbhitl.forms.decisions.deciding import DecisionsForm
from nbhitl.forms.gist import answered_in_line, asked_in_line
from nbhitl.forms.secret_texts import hidden_texts, without
from nbhitl.forms.secrets import blotted
from nbhitl.jsontext import flat, plain
from nbhitl.runs.decided import UNKNOWN, PastDecision
from nbhitl.runs.run import Interrupt
from nbhitl.runs.stops import is_stop_seen


@dataclass(frozen=True)
class AuditedDecision:
    """A decision on a question.

    Attributes
    ----------
    who
        The decider: a person (``"anna on laptop"``), a rule, ``"the time-out"``; ``None`` for clients without nbhitl.
    origin
        The kind of decider: ``"person"``, ``"code"``, ``"script"``, ``"record"``, ``"rule"``, ``"time"``,
        ``"elsewhere"``; ``"compare"`` for an alternative that `nbhitl.compare` has tried.
    when
        The time of the answer; ``None`` where unknown.
    thread
        The thread; ``None`` for a record in a notebook.
    node
        The path of the node that asked.
    convention
        The convention of the payload.
    asked
        The payload; ``None`` if not kept.
    proposed
        The answer or the arguments that the payload proposes; ``None`` without a proposal.
    answered
        The resume value, without secrets.
    difference
        The changes of the proposal, a line for each part; for decisions on tool calls with the decision, and with the
        rule that decided where rules decided on some of the calls.
    seconds
        The time from the question to the answer; where the run was found midway, with the time of the step that asked.
        For a record in a notebook the time from the first sight of the question in the card.
    checkpoint
        The checkpoint that asked.
    notebook
        The notebook and the cell of a record (``"report.ipynb#3f2a"``); ``None`` for a thread.
    is_current
        Whether the decision stands: false on a branch that the thread has left, as after *Change my answer*.
    corrections
        Pairs of a proposal and a correction, in the same shape.
    words
        The question and the answer in the words of the form, by the name of the column.
    """

    who: str | None
    origin: str
    when: datetime | None
    thread: str | None
    node: str
    convention: str
    asked: Any
    proposed: Any
    answered: Any
    difference: str
    seconds: float | None
    checkpoint: str | None
    notebook: str | None = None
    is_current: bool = True
    corrections: tuple[tuple[Any, Any], ...] = field(default=(), repr=False)
    words: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)


COLUMNS = tuple(each for each in AuditedDecision.__dataclass_fields__ if each not in ("corrections", "words"))
"""The columns of a table of decisions, in order."""


def decision_of(past: PastDecision, thread: str | None, notebook: str | None = None) -> AuditedDecision:
    """Return a decision as a row, with secrets blotted out."""
    interrupt = past.interrupt
    convention, form = _form_of(interrupt)
    answer = past.answer
    if form is not None and answer is not UNKNOWN and not past.is_blotted:
        answer = form.without_secrets(answer)
    hidden = _secrets(past, form)  # secret texts, blotted out in all parts of the row
    if hidden and answer is not UNKNOWN:
        answer = without(hidden, plain(answer))
    parts = [_plain(each, hidden) for each in _parts(interrupt, form, answer)]
    when, asked_at = time_of(past.at), time_of(past.asked_at)
    return AuditedDecision(
        who=past.by,
        origin=past.origin,
        when=when,
        thread=thread,
        node=interrupt.node,
        convention=convention,
        asked=without(hidden, _known(interrupt.value)),
        proposed=_proposal(parts),
        answered=_known(answer),
        difference="\n".join(_differences(parts, past.ruled)) or _of_state(interrupt, answer),
        seconds=_seconds(past, when, asked_at),
        checkpoint=None if past.checkpoint is None else str(past.checkpoint),
        notebook=notebook,
        is_current=past.is_current,
        words=_words(interrupt, form, answer, parts, hidden),
        corrections=tuple(_pair(each) for each in parts if each.is_edit and each.proposed is not UNPROPOSED),
    )


def _words(
    interrupt: Interrupt, form: Form | None, answer: Any, parts: Sequence[Compared], hidden: frozenset[str]
) -> dict[str, str]:
    """Return the question and the answer in the words of the form, where the form has words."""
    if interrupt.is_stop and is_stop_seen(interrupt.value) and answer is not UNKNOWN:
        return words_at_stop(interrupt.value, answer)
    if form is None:
        return {}
    words = {"asked": "\n".join(_asked(interrupt, form, hidden))}
    # The words of the form quote the proposal, which may hold the secret texts.
    told = _verdicts(parts) if hidden else answered_in_line(form, answer)
    return words if answer is UNKNOWN else words | {"answered": told}


def _verdicts(parts: Sequence[Compared]) -> str:
    """Return the decisions on tool calls in a line; empty for an answer as a whole."""
    return "; ".join(f"{each.title}: {each.verdict}" for each in parts if each.title)


def _asked(interrupt: Interrupt, form: Form, hidden: frozenset[str]) -> Iterator[str]:
    """Yield the question, and the subject of the question: the tool calls, or the rest of the payload.

    The ``hidden`` texts are removed first: a text in quotes, or with joined lines, would not be found.
    """
    payload = without(hidden, plain(interrupt.value))
    question = asked_in_line(form, payload, hidden)
    yield question
    if isinstance(form, DecisionsForm):
        calls = [call for asked in form.asked for call in asked.calls]
        yield from (called(name, without(hidden, plain(args))) for name, args in calls)
    elif isinstance(payload, dict):
        yield from beside(question, payload)


def _seconds(past: PastDecision, when: datetime | None, asked_at: datetime | None) -> float | None:
    if past.seconds is not None or not (when and asked_at and when >= asked_at):
        return past.seconds
    return round((when - asked_at).total_seconds(), 3)


def _form_of(interrupt: Interrupt) -> tuple[str, Form | None]:
    if interrupt.is_stop:  # the form would need the state of that time
        return "breakpoint", None
    if interrupt.value is UNKNOWN:
        return "unknown", None
    return convention_of(interrupt)


def _parts(interrupt: Interrupt, form: Form | None, answer: Any) -> list[Compared]:
    if answer is UNKNOWN:
        return []
    if form is not None:
        return compared(form, plain(answer))
    return parts_at_stop(interrupt.value, answer) if is_stop_seen(interrupt.value) else []


def _of_state(interrupt: Interrupt, answer: Any) -> str:
    """Return the changes of the state at a stop."""
    is_seen = interrupt.is_stop and is_stop_seen(interrupt.value)
    return changes_at_stop(interrupt.value, answer) if is_seen else ""


def _known(value: Any) -> Any:
    return None if value is UNKNOWN else plain(value)


def _plain(each: Compared, hidden: frozenset[str]) -> Compared:
    proposed = each.proposed if each.proposed is UNPROPOSED else without(hidden, plain(each.proposed))
    return Compared(each.title, each.verdict, proposed, without(hidden, plain(each.given)), each.is_edit)


def _proposal(parts: list[Compared]) -> Any:
    """Return the proposal: a value, or a list with a value for each request."""
    if all(each.proposed is UNPROPOSED for each in parts):
        return None
    proposals = [None if each.proposed is UNPROPOSED else _named(each.title, each.proposed) for each in parts]
    return proposals[0] if len(proposals) == 1 else proposals


def _named(title: str, args: Any) -> Any:
    return {"name": title, "args": args} if title else args


def _pair(each: Compared) -> tuple[Any, Any]:
    return _named(each.title, each.proposed), _named(each.title, each.given)


def _differences(parts: Sequence[Compared], ruled: Sequence[str | None]) -> Iterator[str]:
    """Yield the lines of a decision; a call names the rule that decided, unless a single decider decided on all."""
    is_by_several = len(ruled) == len(parts) and len(set(ruled)) > 1
    for each, rule in zip(parts, ruled if is_by_several else [None] * len(parts), strict=True):
        yield from _told(each, "" if rule is None else f", by the rule {rule}")


def _told(each: Compared, by: str) -> Iterator[str]:
    lines = difference(each.proposed, each.given) if each.is_edit else ""
    if each.title:
        given = "" if each.is_edit or each.given is None else f" {flat(each.given)}"
        yield f"{each.title}: {each.verdict}{given}{by}"
    if lines:
        yield lines


def time_of(text: str | None) -> datetime | None:
    """Return a time with a zone; ``None`` for a text that is no time: a server may send any text."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def secrets_of(form: Form | None) -> frozenset[str]:
    """Return the secret texts of the proposal, by schema: the payload holds the same texts."""
    if not isinstance(form, DecisionsForm):
        return frozenset()
    found: set[str] = set()
    for asked in form.asked:
        for choice in asked.choices:
            if choice.form is not None and choice.form.hidden.any:
                begins = choice.begins()
                found |= hidden_texts(begins, blotted(begins, choice.form))
    return frozenset(found)


def secrets_in(past: PastDecision) -> frozenset[str]:
    """Return the secret texts of a question and of the answer: the state may hold the same texts."""
    return _secrets(past, _form_of(past.interrupt)[1])


def _secrets(past: PastDecision, form: Form | None) -> frozenset[str]:
    proposed = secrets_of(form)
    if past.raw is not UNKNOWN:
        return proposed | hidden_texts(past.raw, past.answer)
    if form is None or past.answer is UNKNOWN or past.is_blotted:
        return proposed
    return proposed | hidden_texts(past.answer, form.without_secrets(past.answer))
