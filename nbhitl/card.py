"""What a person sees: a session as the page's view, as static output, as a transcript."""

import difflib
import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from nbhitl.forms import form_for
from nbhitl.jsontext import DISPLAY_LIMIT, cut, digest, flat, pretty
from nbhitl.protocol import (
    RECORD_FORMAT,
    Field,
    Origin,
    Phase,
    Problem,
    Question,
    RecordStatus,
    RecordToWrite,
    Standing,
    Turn,
    View,
)
from nbhitl.session import Answered, Asked, Session

WHO: dict[Origin, str] = {
    "person": "a person",
    "code": "card.answer",
    "script": "answers=",
    "record": "a person",  # the record of what a person answered: the output is the same both times
    "elsewhere": "another client",
}


MESSAGE_LIMIT = 5_000
PROMPT_LIMIT = 2_000
"""Characters of an exception's message and of a prompt that are shown."""

WORDS_TO_COMPARE = 2_000
"""Longer texts are told without marks: comparing takes time in the square of their length."""


def view_of(
    session: Session,
    *,
    graph: str,
    runs_on: str,
    notes: Iterable[str],
    snippets: bool,
    records: dict[str, RecordStatus],
) -> View:
    """Return the view of a session; ``records`` is what became of the records, by interrupt id."""
    return {
        "kind": "view",
        "revision": session.revision,
        "graph": graph,
        "runs_on": runs_on,
        "phase": _phase(session),
        "questions": [_question(asked) for asked in session.asked],
        "turns": [_turn(answered, records) for answered in session.answered],
        "notes": list(notes),
        "snippets": snippets,
    }


def problem_of(error: BaseException) -> Problem:
    """Return an exception as a person reads it."""
    return {"kind": "problem", "name": type(error).__name__, "message": cut(_said(error), MESSAGE_LIMIT)}


def _said(error: BaseException) -> str:
    try:
        return str(error) or type(error).__name__
    except Exception:  # noqa: BLE001 - an exception of somebody's, whose own text fails
        return type(error).__name__


def transcript(session: Session) -> str:
    """Return the review as text, without ids or times: ``print(card)``."""
    lines = [line for answered in session.answered for line in _told(answered)]
    lines += [f"{asked.interrupt.node} asks: {flat(asked.interrupt.value)}" for asked in session.asked]
    match session.phase:
        case "finished":
            lines.append(f"result: {flat(session.result)}")
        case "failed":
            assert session.error is not None, "failed without an error"
            problem = problem_of(session.error)
            lines.append(f"failed: {problem['name']}: {problem['message']}")
        case "asking":
            lines.append("(a person is awaited)")
        case _:
            lines.append("(running)")
    return "\n".join(lines)


def placeholder(graph: str) -> dict[str, str]:
    """Return what stands for the card where no widget can be drawn. It never changes, so that tests can compare it."""
    text = f"Review of {graph}"
    hint = "The card is drawn where the notebook runs; recorded answers stand below."
    return {
        "text/plain": text,
        "text/html": f'<div style="opacity:.75"><b>{html.escape(text)}</b> <small>{hint}</small></div>',
    }


def record_output(answered: Answered) -> dict[str, str]:
    """Return the static output that tells what was asked and answered; it holds no control, id, name or time."""
    form = form_for(answered.interrupt)
    original, answer = form.field["original"], cut(form.show(answered.value))
    is_revision = form.field["kind"] == "text" and bool(original)
    told = _marked_changes(original, answer) if is_revision else html.escape(answer)
    asks = f"{answered.interrupt.node} asked a person"
    plain = f"{asks}\n{pretty(answered.interrupt.value)}\nThe answer\n{answer}"
    parts = [_labelled(asks, html.escape(pretty(answered.interrupt.value))), _labelled("The answer", told)]
    return {"text/plain": plain, "text/html": f"<div>{''.join(parts)}</div>"}


def _labelled(label: str, marked: str) -> str:
    return (
        f'<div style="opacity:.75;font-size:90%">{html.escape(label)}</div>'
        f'<pre style="margin:2px 0 8px 0;padding:0 0 0 12px;white-space:pre-wrap">{marked}</pre>'
    )


def record_to_write(asked: Asked, execution: str) -> RecordToWrite:
    """Return what the page writes into the notebook for one answer of a person; the page fills in the cell."""
    answered = asked.as_answered()
    return {
        "kind": "record_to_write",
        "format": RECORD_FORMAT,
        "entry": {
            "cell": "",
            "execution": execution,
            "node": asked.interrupt.node,
            "ordinal": asked.ordinal,
            "payload_sha256": digest(asked.interrupt.value),
            "payload": pretty(asked.interrupt.value),
            "answer": json.dumps(answered.value, ensure_ascii=False),
            "answered_at": datetime.now(UTC).isoformat(timespec="seconds"),
        },
        "output": record_output(answered),
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


def _question(asked: Asked) -> Question:
    form = form_for(asked.interrupt)
    return {
        "kind": "question",
        "id": asked.interrupt.id,
        "node": asked.interrupt.node,
        "prompt": cut(form.prompt, PROMPT_LIMIT),
        "payload": pretty(asked.interrupt.value),
        "field": form.field,
        "standing": _standing(asked),
    }


def _standing(asked: Asked) -> Standing:
    if asked.answer is not None:
        return {"kind": "held", "answer": form_for(asked.interrupt).show(asked.answer.value)}
    return {"kind": "open", "problem": None if asked.problem is None else str(asked.problem)}


def _turn(answered: Answered, records: dict[str, RecordStatus]) -> Turn:
    form = form_for(answered.interrupt)
    return {
        "kind": "turn",
        "node": answered.interrupt.node,
        "prompt": cut(form.prompt, PROMPT_LIMIT),
        "field": _shown_field(form.field),
        "answer": "" if answered.origin == "elsewhere" else cut(form.show(answered.value)),
        "origin": answered.origin,
        "record": records.get(answered.interrupt.id, _not_yet(answered.origin)),
    }


def _shown_field(field: Field) -> Field:
    """Return the field of an answered question, without an original that is too long to compare with."""
    return field if len(field["original"]) <= DISPLAY_LIMIT else {"kind": "json", "original": ""}


def _not_yet(origin: Origin) -> RecordStatus:
    """Return what is known of a record before the page has reported: only a person's answer is recorded."""
    return {"kind": "recording"} if origin == "person" else {"kind": "nothing"}


def _told(answered: Answered) -> Iterator[str]:
    yield f"{answered.interrupt.node} asks: {flat(answered.interrupt.value)}"
    if answered.origin == "elsewhere":
        yield "answered by another client"
    else:
        yield f"{WHO[answered.origin]} answers: {flat(answered.value)}"


def _marked_changes(before: str, after: str) -> str:
    old, new = _words(before), _words(after)
    if len(old) + len(new) > WORDS_TO_COMPARE:
        return html.escape(after)
    opcodes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return "".join(_mark(op, old[a:b], new[c:d]) for op, a, b, c, d in opcodes)


def _mark(operation: str, old: Sequence[str], new: Sequence[str]) -> str:
    if operation == "equal":
        return html.escape("".join(new))
    removed = f'<del style="background:rgba(207,34,46,.18)">{html.escape("".join(old))}</del>' if old else ""
    added = f'<ins style="background:rgba(26,127,55,.2)">{html.escape("".join(new))}</ins>' if new else ""
    return removed + added


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", text)
