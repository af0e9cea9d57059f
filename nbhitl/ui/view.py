"""A session as the view that the page draws."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from operator import is_
from typing import Literal, TypeAlias

from nbhitl.core.answered import decided_by
from nbhitl.core.deadline import Deadlines
from nbhitl.core.drafts import Drafts
from nbhitl.core.phases import Asking, Failed, Finished, Running, Starting
from nbhitl.core.problems import in_words, problem_of
from nbhitl.core.questions import Answered, Asked, QuestionKey, question_key
from nbhitl.core.ruling import NONE, ReviewRules, Rulings
from nbhitl.core.state import NOBODY_TO_SAY, Reading
from nbhitl.forms import Form, Forms
from nbhitl.forms.alike import alike
from nbhitl.forms.base import FIELD_KINDS, OTHER
from nbhitl.forms.content import has_markdown
from nbhitl.forms.decisions.ruled import InForce
from nbhitl.forms.gist import gist_of, gist_of_result, told_in_full
from nbhitl.jsontext import DISPLAY_LIMIT, cut, pretty
from nbhitl.protocol import (
    About,
    BatchEntry,
    Deadline,
    Earlier,
    Former,
    Offered,
    Pending,
    PhaseEntry,
    RecordStatus,
    RuleInForce,
    Settled,
    Standing,
    ViewHead,
    Written,
)
from nbhitl.protocol.entries import ABOUT, BATCH, PENDING, PHASE, RECORD, RULE, STANDING, TURN, Entries
from nbhitl.recording.result import result_to_show
from nbhitl.runs.past import Past
from nbhitl.runs.run import Interrupt, Tally

PROMPT_LIMIT = 2_000
"""Most characters that are shown of an exception's message and of a prompt."""


RECORDED = ("person", "rule", "time")
"""Origins of answers that are recorded."""

CALLS = 5
"""Most calls of a rule that are shown: the last calls."""


class Drawing:
    """Draws a session as entries, and leaves unchanged entries alone.

    Parameters
    ----------
    forms
        The forms that draw the questions.
    records
        The outcomes of the records, where answers are recorded.
    rules
        The rules that may decide.
    deadlines
        The countdowns of questions; ``None`` where questions wait for ever.
    drafts
        The drafts that further kernels kept; ``None`` where no draft is offered.

    Attributes
    ----------
    entries
        The drawn entries, by key.
    has_markdown
        Whether a question had Markdown to draw.
    """

    def __init__(
        self,
        forms: Forms,
        records: Mapping[QuestionKey, RecordStatus],
        rules: ReviewRules,
        deadlines: Deadlines | None,
        drafts: Drafts | None = None,
    ) -> None:
        self._forms, self._records, self._rules, self._deadlines = forms, records, rules, deadlines
        self._drafts = drafts
        self.entries = Entries()
        self.has_markdown = False
        self._questions: dict[str, _DrawnQuestion] = {}  # by interrupt
        self._free: list[int] = []  # places of questions that are gone
        self._ranks = count()
        self._turns: tuple[Answered, ...] = ()
        self._at: dict[QuestionKey, int] = {}  # the number of each turn
        self._end: tuple[int, PhaseEntry] | None = None

    def draw(self, session: Reading, about: About, news: Iterable[QuestionKey]) -> ViewHead:
        """Draw the changes; ``news`` are the questions whose record has a new status."""
        entries = self.entries
        entries.put(ABOUT, 0, about)
        entries.put(PHASE, 0, self._phase(session))
        for order, rule in enumerate(self._rules.all):
            entries.put(RULE, order, _in_force(rule))
        self._draw_questions(session)
        if session.snapshot.tally is not None:  # without the answers, so that the card does not grow
            self._draw_batch(session.snapshot.tally, session)
        else:
            self._draw_turns(session)
        for place in news:
            self._draw_record(self._at.get(place, len(self._turns)))
        return {
            "kind": "view_head",
            "keys": dict(entries.keys),
            "written": entries.written,
            "revision": session.revision,
            "stop": session.at_work,
            "stopping": session.stopping,
            "ask_again": session.can_ask_again,
            "send_now": _cost_of_sending_now(session),
        }

    def _draw_questions(self, session: Reading) -> None:
        asked_now = session.asked
        open_now = {asked.interrupt.id for asked in asked_now}
        for gone in [key for key in self._questions if key not in open_now]:
            place = self._questions.pop(gone).place
            self.entries.put(PENDING, place, None)
            self.entries.put(STANDING, place, None)
            self._free.append(place)
        last = -1
        for asked in asked_now:
            drawn = self._questions.get(asked.interrupt.id)
            if drawn is None:
                place = self._free.pop() if self._free else self.entries.keys.get(PENDING, 0)
                drawn = self._questions[asked.interrupt.id] = _DrawnQuestion(place)
            last = self._draw_question(session, drawn, asked, last)

    def _draw_question(self, session: Reading, drawn: "_DrawnQuestion", asked: Asked, after: int) -> int:
        """Draw a question behind the question of a rank; return the new rank."""
        form = self._forms.of(asked.interrupt)
        done = session.may_have_run(asked)
        beside = (
            form,
            self._forms.sends(asked.interrupt),
            self._forms.other(asked.interrupt),
            self._forms.written(asked.interrupt),
            "" if done is None else f"{done} {NOBODY_TO_SAY}",
            session.only_goes_on(asked),
            self._rules.of(asked.interrupt) if self._rules.all else NONE,
            None if self._deadlines is None else self._deadlines.shown(asked),
            None if self._drafts is None else self._drafts.offered(asked, form),
        )
        former = former_of(asked, form, session)
        if drawn.interrupt is not asked.interrupt or drawn.beside != beside or drawn.former != former:
            pending = _pending(asked, former, beside)
            if session.snapshot.tally is not None:
                pending["alike"] = alike(form, asked.interrupt.node.partition("/")[2])
            self.entries.put(PENDING, drawn.place, pending)
            self.has_markdown = self.has_markdown or _has_markdown(form)
        if drawn.asked is not asked:
            drawn.standing = _standing(asked, form)
        drawn.asked, drawn.interrupt, drawn.beside, drawn.former = asked, asked.interrupt, beside, former
        if drawn.rank <= after:
            drawn.rank = next(self._ranks)
        self.entries.put(STANDING, drawn.place, drawn.standing, drawn.rank)
        return drawn.rank

    def _draw_batch(self, tally: Tally, session: Reading) -> None:
        held = [asked.interrupt.id for asked in session.asked if asked.answer is not None]
        batch: BatchEntry = {
            "kind": "batch",
            "total": tally.total,
            "decided": tally.decided,
            "skipped": tally.skipped,
            "failed": tally.failed,
            "flagged": tally.flagged,
            "waiting": tally.waiting,
            "failures": [
                {"kind": "failed_item", "number": each.number, "input": each.input, "error": each.error}
                for each in tally.failures
            ],
            "several": [
                {"kind": "several", "item": each.item, "decided": each.decided, "total": each.total}
                for each in tally.several
            ],
            "taken": [*session.in_flight, *held],
        }
        self.entries.put(BATCH, 0, batch)

    def _draw_turns(self, session: Reading) -> None:
        now = session.answered
        are_same = list(map(is_, now, self._turns))  # a settled question stays the same object
        first = are_same.index(False) if False in are_same else len(are_same)
        self._turns = now
        for place in range(first, len(now)):
            answered = now[place]
            self.entries.put(TURN, place, _settled(answered, self._forms.of(answered.interrupt)))
            self._at[question_key(answered)] = place
            self._draw_record(place)
        self.entries.drop_from(TURN, len(now))
        self.entries.drop_from(RECORD, len(now))

    def _draw_record(self, place: int) -> None:
        if place < len(self._turns):
            self.entries.put(RECORD, place, _record_status(self._turns[place], self._records))

    def _phase(self, session: Reading) -> PhaseEntry:
        if not session.over:
            return _phase_of(session, self._forms)
        if self._end is None or self._end[0] != session.ends:
            self._end = session.ends, _phase_of(session, self._forms)
        return self._end[1]  # the session may have let go of the result meanwhile


def _phase_of(session: Reading, forms: Forms) -> PhaseEntry:
    match session.now:
        case Finished():
            result = result_to_show(session, forms)
            return {"kind": "finished", "result": pretty(result), "gist": gist_of_result(result)}
        case Failed(error=error):
            assert error is not None, "failed without an error"
            return {"kind": "failed", "problem": problem_of(error)}
        case Starting():
            return {"kind": "starting"}
        case Asking():
            return {"kind": "asking"}
        case Running():
            return {"kind": "running"}


_Beside: TypeAlias = tuple[
    Form,
    tuple[str, str],
    Literal["json", "form"] | None,
    Written | None,
    str,
    bool,
    Rulings,
    Deadline | None,
    Offered | None,
]
"""The data beside a question: the form and the switched form, the types of the answer, `may_have_run`, `goes_on`, the
decisions of rules, the countdown, the draft of another kernel."""


@dataclass
class _DrawnQuestion:
    """An open question as last drawn, and the place."""

    place: int
    rank: int = -1
    asked: Asked | None = None
    interrupt: Interrupt | None = None
    beside: "_Beside | None" = None
    former: Former | None = None
    standing: Standing | None = None


def _has_markdown(form: Form) -> bool:
    """Tell whether the page needs the reader of Markdown, which also colours code, to draw a question."""
    field = form.field
    shows = list(form.shows)
    if field["kind"] == "decisions":
        shows += [each for request in field["requests"] for each in request["shows"]]
    is_text = field["kind"] == "text" and field["language"] == "markdown"
    return is_text or (bool(shows) and has_markdown(shows))


def earlier_of(past: Past, key: str, review: int, card: int) -> Earlier:
    """Return the earlier questions of a run that the review found by key."""
    return {
        "kind": "earlier",
        "key": key,
        "review": review,
        "card": card,
        "questions": [{"node": each.node, "id": each.id} for each in past.questions],
        "unsure": sorted(past.unsure),
        "in_order": past.is_in_order,
        "why_unknown": past.why_unknown,
    }


def _cost_of_sending_now(session: Reading) -> str | None:
    waiting = session.unanswered
    if session.phase != "asking" or not waiting or len(waiting) == len(session.asked):
        return None
    if any(asked.needs_fork for asked in session.asked):
        return None
    nodes = "the node that still waits runs" if len(waiting) == 1 else f"the {len(waiting)} nodes that still wait run"
    return f"If you send now, {nodes} once more, up to the question. By default all answers go out together."


def _pending(asked: Asked, former: Former | None, beside: _Beside) -> Pending:
    form, (sends, sent), switch, written, may_have_run, goes_on, rulings, deadline, offered = beside
    payload = asked.interrupt.value  # an array cannot be compared with a text
    pending: Pending = {
        "kind": "pending",
        "id": asked.interrupt.id,
        "node": asked.interrupt.who,
        "prompt": cut(form.prompt, PROMPT_LIMIT),
        "shows": list(form.shows),
        "payload": "" if isinstance(payload, str) and payload == form.prompt else pretty(payload),
        "field": form.field,
        "sends": sends,
        "sent": sent,
        "switch": switch,
        "written": written,
        "former": former,
    }
    if may_have_run:
        pending["may_have_run"] = may_have_run
    if goes_on:
        pending["goes_on"] = True
    if deadline is not None:
        pending["deadline"] = deadline
    if offered is not None:
        pending["offered"] = offered
    if any(rulings.requests):
        pending["ruled"] = [
            {"kind": "ruled", "request": place, "action": each.action, "rule": each.by.id, "text": each.by.rule.text}
            for place, each in enumerate(rulings.requests)
            if each is not None
        ]
    return pending


def _in_force(rule: InForce) -> RuleInForce:
    return {
        "kind": "rule",
        "id": rule.id,
        "text": rule.rule.text,
        "decides": rule.rule.kind,
        "scope": rule.scope,
        "decided": len(rule.calls),
        "calls": rule.calls[-CALLS:],
        "revoked": rule.is_revoked,
    }


def _standing(asked: Asked, form: Form) -> Standing:
    if asked.answer is not None:
        value = asked.answer.value
        return {"kind": "held", "answer": gist_of(form, value) or form.show(value)}
    return {"kind": "open", "problem": None if asked.problem is None else in_words(asked.problem)}


def former_of(asked: Asked, form: Form, session: Reading) -> Former | None:
    """Return the former answer, and the consequences of asking again; ``None`` where the question is new."""
    node, former = asked.interrupt.who, asked.interrupt.former
    if asked.interrupt.is_stop:
        return None  # the form of a stop tells the former answer itself
    if former is not None:
        answer = form.draft(former.value) if former.is_known else None
        return {"kind": "former", "answer": answer, "message": _why_stuck(asked, session), "again": True}
    if asked.offer is None:
        return None
    known = asked.offer.value is not None or asked.offer.why == "other question"
    answer = form.draft(asked.offer.value) if known else None
    return {"kind": "former", "answer": answer, "message": OFFERED[asked.offer.why].format(node=node), "again": False}


OFFERED = {
    "sibling": "Asked again, because a question of the same step had to be asked again; your former answer is offered.",
    "changed": "Asked again, in a fork of the thread; your former answer is offered.",
    "kept": "This is the question that you answered again earlier; that answer is offered.",
    "other question": "Asked again, {node} now asks a different question; your former answer is offered.",
}


def _why_stuck(asked: Asked, session: Reading) -> str:
    """Say why the thread holds an answer that did not settle the question, and the consequence of an answer now."""
    node, former = asked.interrupt.who, asked.interrupt.former
    assert former is not None, "no former answer"
    if former.error is None:
        same = "The same answer continues the run" if former.is_known else "An answer continues the run"
        return (
            f"An answer was sent, and the run was cut off before the step was saved: {node} may have run already, with "
            f"effects outside the graph. {same} and runs {node} again; a different answer asks anew, in a fork."
        )
    with_it = [f"{other} is asked again as well, its former answer offered" for other in session.settled_siblings]
    settled = {other.interrupt.node.split("/")[0] for other in session.answered}
    with_it += [f"{other} runs again as well" for other in session.snapshot.finished if other not in settled]
    error = f" ({cut(former.error, PROMPT_LIMIT)})" if asked.problem is None else ""  # else the problem stands above
    return (
        f"{node} raised an exception on the answer{error}. Change the answer and ask again: the thread is "
        f"forked, and {node} runs anew from the start" + "".join(f"; {also}" for also in with_it) + "."
    )


def _settled(answered: Answered, form: Form) -> Settled:
    kind, original = form.field["kind"], form.field["original"]
    if answered.told:
        kind, original = "text", ""
    elif len(original) > DISPLAY_LIMIT:  # too long to compare with
        kind, original = "json", ""
    settled: Settled = {
        "kind": "settled",
        "id": answered.interrupt.id,
        "node": answered.interrupt.who,
        "prompt": cut(form.prompt, PROMPT_LIMIT),
        "field": kind,
        "original": original if FIELD_KINDS.get(kind, OTHER).is_revised else "",
        "answer": _told(answered) if answered.origin == "elsewhere" else told_in_full(form, answered.value),
        "origin": answered.origin,
    }
    gist = "" if answered.origin == "elsewhere" else gist_of(form, answered.value)
    if gist:
        settled["gist"] = gist
    if answered.answer is not None and answered.answer.who:
        settled["by"] = answered.answer.who
    if answered.answer is not None and any(answered.answer.ruled):
        settled["ruled"] = decided_by(answered.answer, answered.origin)
    return settled


def _told(answered: Answered) -> str:
    """Say when and by whom a question was answered elsewhere, and that an answer from here came too late."""
    late = "" if answered.late is None else " The answer given here came too late, and was not given to the node."
    return f"{answered.told}{late}"


def _record_status(answered: Answered, records: Mapping[QuestionKey, RecordStatus]) -> RecordStatus | None:
    """Return the outcome of the record of an answer; an answer that comes from a record counts as recorded."""
    return records.get(question_key(answered), {"kind": "recording"}) if answered.origin in RECORDED else None
