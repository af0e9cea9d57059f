"""What a person sees: a session as the page's view."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from nbhitl.engines.failures import without_input
from nbhitl.errors import NbhitlError
from nbhitl.forms import Form, Forms
from nbhitl.jsontext import DISPLAY_LIMIT, cut, pretty
from nbhitl.protocol import (
    Earlier,
    Field,
    Former,
    Phase,
    Problem,
    Question,
    RecordStatus,
    Standing,
    Turn,
    View,
)
from nbhitl.questions import Answered, Asked
from nbhitl.session import NOBODY_TO_SAY, Session
from nbhitl.thread import Past

Place: TypeAlias = tuple[str, int]
"""Whose record it is: node and ordinal, which stay when a question is asked again."""

MESSAGE_LIMIT = 5_000
PROMPT_LIMIT = 2_000
"""Characters of an exception's message and of a prompt that are shown."""


def view_of(
    session: Session,
    forms: Forms,
    *,
    graph: str,
    runs_on: str,
    notes: Iterable[str],
    snippets: bool,
    records: Mapping[Place, RecordStatus],
    recording: bool,
) -> View:
    """Return the view of a session; ``records`` is what became of the records, where answers are recorded."""
    return {
        "kind": "view",
        "revision": session.revision,
        "graph": graph,
        "runs_on": runs_on,
        "phase": _phase(session),
        "questions": [_question(asked, session, forms) for asked in session.asked],
        "turns": [_turn(answered, forms.of(answered.interrupt), records) for answered in session.answered],
        "notes": list(notes),
        "snippets": snippets,
        "stop": session.at_work,
        "stopping": session.stopping,
        "ask_again": bool(session.last_decision),
        "send_now": _cost_of_sending_now(session),
        "records": recording,
    }


def place_of(question: Asked | Answered) -> Place:
    """Return what names a question in its review; its id changes when it is asked again in a fork."""
    return question.interrupt.node, question.ordinal


def problem_of(error: BaseException) -> Problem:
    """Return an exception as a person reads it."""
    return {"kind": "problem", "name": type(error).__name__, "message": cut(_said(error), MESSAGE_LIMIT)}


def _said(error: BaseException) -> str:
    try:
        notes = [note for note in getattr(error, "__notes__", ()) if note.startswith("nbhitl:")]
        return "\n".join([without_input(str(error)) or type(error).__name__, *notes])
    except Exception:  # noqa: BLE001 - an exception of somebody's, whose own text fails
        return type(error).__name__


def earlier_of(past: Past, key: str, card: int) -> Earlier:
    """Return what a run asked before the review with this key found it."""
    return {
        "kind": "earlier",
        "key": key,
        "card": card,
        "questions": [{"node": each.node, "id": each.id} for each in past.questions],
        "unsure": sorted(past.unsure),
        "in_order": past.is_in_order,
        "why_unknown": past.why_unknown,
    }


def _phase(session: Session) -> Phase:
    match session.phase:
        case "finished":
            return {"kind": "finished", "result": pretty(session.result)}
        case "failed":
            assert session.error is not None, "failed without an error"
            return {"kind": "failed", "problem": problem_of(session.error)}
        case "starting":
            return {"kind": "starting"}
        case "asking":
            return {"kind": "asking"}
        case "running":
            return {"kind": "running"}


def _cost_of_sending_now(session: Session) -> str | None:
    waiting = session.unanswered
    if session.phase != "asking" or not waiting or len(waiting) == len(session.asked):
        return None
    if any(asked.needs_fork for asked in session.asked):
        return None
    nodes = "node that still waits runs" if len(waiting) == 1 else f"{len(waiting)} nodes that still wait run"
    return f"The {nodes} once more for it, up to the question. By default all answers go out together."


def _question(asked: Asked, session: Session, forms: Forms) -> Question:
    question = _as_drawn(asked, session, forms)
    if (done := session.may_have_run(asked)) is not None:
        question["may_have_run"] = f"{done} {NOBODY_TO_SAY}"
    if session.only_goes_on(asked):
        question["goes_on"] = True
    return question


def _as_drawn(asked: Asked, session: Session, forms: Forms) -> Question:
    form = forms.of(asked.interrupt)
    sends, sent = forms.sends(asked.interrupt)
    return {
        "kind": "question",
        "id": asked.interrupt.id,
        "node": asked.interrupt.who,
        "prompt": cut(form.prompt, PROMPT_LIMIT),
        "shows": list(form.shows),
        "payload": "" if asked.interrupt.value == form.prompt else pretty(asked.interrupt.value),
        "field": form.field,
        "sends": sends,
        "sent": sent,
        "switch": forms.other(asked.interrupt),
        "written": forms.written(asked.interrupt),
        "standing": _standing(asked, form),
        "former": former_of(asked, form, session),
    }


def _standing(asked: Asked, form: Form) -> Standing:
    if asked.answer is not None:
        return {"kind": "held", "answer": form.show(asked.answer.value)}
    return {"kind": "open", "problem": None if asked.problem is None else _in_words(asked.problem)}


def _in_words(problem: Exception) -> str:
    """Return what went wrong with an answer; whose exception it is where it is none of ours."""
    said = cut(_said(problem), MESSAGE_LIMIT)
    return said if isinstance(problem, NbhitlError) else f"{type(problem).__name__}: {said}"


def former_of(asked: Asked, form: Form, session: Session) -> Former | None:
    """Return what was answered before, and what asking again does; ``None`` where the question is new."""
    node, former = asked.interrupt.who, asked.interrupt.former
    if asked.interrupt.is_stop:
        return None  # its form says it
    if former is not None:
        answer = form.draft(former.value) if former.is_known else None
        return {"kind": "former", "answer": answer, "message": _why_stuck(asked, session), "again": True}
    if asked.offer is None:
        return None
    known = asked.offer.value is not None or asked.offer.why == "other question"
    answer = form.draft(asked.offer.value) if known else None
    return {"kind": "former", "answer": answer, "message": OFFERED[asked.offer.why].format(node=node), "again": False}


OFFERED = {
    "sibling": "Asked again, because another question of the same step had to be; your former answer is offered.",
    "changed": "Asked again, in a fork of the thread; your former answer is offered.",
    "kept": "Here is the question that you answered anew before; that answer is offered.",
    "other question": "Asked again, {node} asks something else now; what you answered before is offered.",
}


def _why_stuck(asked: Asked, session: Session) -> str:
    """Say why the thread holds an answer that did not settle the question, and what sending one does."""
    node, former = asked.interrupt.who, asked.interrupt.former
    assert former is not None, "asked for a former answer that is not there"
    if former.error is None:
        same = "The same answer goes on with it" if former.is_known else "An answer goes on with it"
        return (
            f"An answer was sent, and the run was cut off before the step was saved: {node} may have run already, with "
            f"what it does outside the graph. {same} and runs {node} again; another one asks anew, in a fork."
        )
    with_it = [f"{other} is asked again as well, its former answer offered" for other in session.settled_siblings]
    settled = {other.interrupt.node.split("/")[0] for other in session.answered}
    with_it += [f"{other} runs again as well" for other in session.snapshot.finished if other not in settled]
    error = f" ({cut(former.error, PROMPT_LIMIT)})" if asked.problem is None else ""  # else it stands above
    return (
        f"{node} raised an exception on the answer{error}. Change it and ask again: the thread is forked, and {node} "
        "runs anew from its start" + "".join(f"; {also}" for also in with_it) + "."
    )


def _turn(answered: Answered, form: Form, records: Mapping[Place, RecordStatus]) -> Turn:
    return {
        "kind": "turn",
        "node": answered.interrupt.who,
        "prompt": cut(form.prompt, PROMPT_LIMIT),
        "field": {"kind": "text", "original": "", "language": ""} if answered.told else _shown_field(form.field),
        "answer": _told(answered) if answered.origin == "elsewhere" else form.show(answered.value),
        "origin": answered.origin,
        "record": _record_status(answered, records),
    }


def _told(answered: Answered) -> str:
    """Say when and by whom a question was answered elsewhere, and that an answer from here came too late."""
    late = "" if answered.late is None else " The answer given here came too late, and was not given to the node."
    return f"{answered.told}{late}"


def _shown_field(field: Field) -> Field:
    """Return the field of an answered question, without an original that is too long to compare with."""
    return field if len(field["original"]) <= DISPLAY_LIMIT else {"kind": "json", "original": ""}


def _record_status(answered: Answered, records: Mapping[Place, RecordStatus]) -> RecordStatus:
    """Only a person's answer is recorded, and the page reports on it."""
    return (
        records.get(place_of(answered), {"kind": "recording"}) if answered.origin == "person" else {"kind": "nothing"}
    )
