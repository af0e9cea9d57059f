"""What of a review stays in a notebook, and in a transcript: static, without ids or times."""

import difflib
import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from nbhitl.answers import address_of, reading_of, seen_of, steady, without_what_is_set_aside
from nbhitl.core.problems import problem_of
from nbhitl.core.questions import Answered, Asked, in_order
from nbhitl.core.state import Reading
from nbhitl.forms import Form, Forms
from nbhitl.jsontext import ADDRESS, flat, pretty
from nbhitl.kernel import LastOutput
from nbhitl.model.run import AskedAt, Interrupt
from nbhitl.model.stops import in_words
from nbhitl.protocol import (
    ANSWER_KEY,
    OUTPUT_KEY,
    RECORD_FORMAT,
    Origin,
    Problem,
    RecordEntry,
    RecordToWrite,
    ToldAnswer,
)
from nbhitl.text.characters import shown
from nbhitl.user import user

WHO: dict[Origin, str] = {
    "person": "a person",
    "code": "card.answer",
    "script": "answers=",
    "record": "a person",  # the record of what a person answered: the output is the same both times
    "elsewhere": "another client",
}

KEPT_OUT = "(not recorded)"
"""Stands in the output for an answer that was kept out in the place of one that was not."""

RECORD_CLASS = "nbhitl-record"
"""Class of the HTML of a record: the page hides it below a live card, which tells the same (``js/src/outputs.ts``)."""

LATE = "(came too late, and was not given)"
"""Stands in the output for an answer before which another client had answered."""

AT_LAST = 1_000_000_000
"""Behind the answers of a card."""

WORDS_TO_COMPARE = 2_000
"""Longer texts are told without marks: comparing takes time in the square of their length."""

STEPS = 3_000_000
"""Pairs of words that are looked at."""


def transcript(session: Reading, forms: Forms) -> str:
    """Return the review as text, without ids, times or addresses of the run: ``print(card)``."""
    lines = [line for answered in in_order(session.answered) for line in _told(answered, forms.of(answered.interrupt))]
    lines += [_asks(asked.interrupt) for asked in session.asked]
    match session.phase:
        case "finished":
            lines.append(f"result: {flat(session.result, without_what_is_set_aside(steady))}")
        case "failed":
            assert session.error is not None, "failed without an error"
            problem = problem_of(session.error)
            lines.append(f"failed: {problem['name']}: {ADDRESS.sub('', problem['message'])}")
        case "asking":
            lines.append("(a person is awaited)")
        case _:
            lines.append("(running)")
    return shown("\n".join(lines))


def _asks(interrupt: Interrupt) -> str:
    asked = f"the run {in_words(interrupt)}" if interrupt.is_stop else f"{interrupt.node} asks"
    seen = seen_of(interrupt)
    if interrupt.is_stop and not seen:
        return asked
    return f"{asked}: {flat(seen, without_what_is_set_aside(reading_of(interrupt)))}"


def _told(answered: Answered, form: Form) -> Iterator[str]:
    yield _asks(answered.interrupt)
    if answered.origin == "elsewhere":
        yield "answered by another client"
        if answered.late is not None:
            late = flat(form.without_secrets(answered.late.value))
            yield f"{WHO[answered.late.origin]} answered too late, and this was not given: {late}"
    elif answered.interrupt.is_stop:
        yield f"{WHO[answered.origin]} answers: {' '.join(form.show(answered.value).split())}"
    else:
        yield f"{WHO[answered.origin]} answers: {flat(form.without_secrets(answered.value))}"


def placeholder(graph: str) -> dict[str, str]:
    """Return what stands for the card where no widget can be drawn. It never changes, so that tests can compare it."""
    text = f"Review of {shown(graph)}"
    hint = "The card is drawn where the notebook runs; recorded answers stand below."
    return {
        "text/plain": text,
        "text/html": f'<div style="opacity:.75"><b>{html.escape(text)}</b> <small>{hint}</small></div>',
    }


def record_output(answered: Answered, form: Form) -> dict[str, str]:
    """Return the static output that tells what was asked and answered; it holds no control, id, name or time."""
    original, answer = shown(form.field["original"]), shown(form.show(answered.value))
    is_revision = form.field["kind"] == "text" and bool(original)
    told = _marked_changes(original, answer) if is_revision else html.escape(answer)
    return _told_as_output(answered.interrupt, answer, told)


def _told_as_output(interrupt: Interrupt, answer: str, marked: str) -> dict[str, str]:
    asks, payload = shown(f"{interrupt.node} asked a person"), shown(pretty(interrupt.value, reading_of(interrupt)))
    if interrupt.is_stop:
        asks = shown(f"The run {in_words(interrupt)}, and a person decided")
    plain = f"{asks}\n{payload}\nThe answer\n{answer}"
    parts = [_labelled(asks, html.escape(payload)), _labelled("The answer", marked)]
    return {"text/plain": plain, "text/html": f'<div class="{RECORD_CLASS}">{"".join(parts)}</div>'}


def _labelled(label: str, marked: str) -> str:
    return (
        f'<div style="opacity:.75;font-size:90%">{html.escape(label)}</div>'
        f'<pre style="margin:2px 0 8px 0;padding:0 0 0 12px;white-space:pre-wrap">{marked}</pre>'
    )


@dataclass(frozen=True)
class Where:
    """Which review it is that is recorded: of this execution of a cell the ``nth``, with this ``key``.

    ``earlier``: the questions of its run that were settled when it was found.
    """

    execution: str
    nth: int = 0
    key: str = ""
    earlier: tuple[AskedAt, ...] = ()


def told_answer(question: Asked | Answered, card: int) -> ToldAnswer:
    """Return what tells the output of an answer from others, and where it stands; ``card`` counts those of its cell."""
    place = [card, *question.rank]
    return {"card": card, "node": question.interrupt.node, "ordinal": question.ordinal, "place": place}


def failure_output(problem: Problem, card: int) -> LastOutput:
    """Return the output that tells of a failed run whose failure no code has got: in each execution the same."""
    name, message = problem["name"], shown(ADDRESS.sub("", problem["message"]))
    plain = f"The run failed\n{name}: {message}"
    html_text = _labelled("The run failed", html.escape(f"{name}: {message}"))
    told: ToldAnswer = {"card": card, "node": "", "ordinal": -1, "place": [card, AT_LAST], "failure": True}
    return last_output({"text/plain": plain, "text/html": f"<div>{html_text}</div>"}, told)


def told_in(told: ToldAnswer, card: int) -> ToldAnswer:
    """Return what tells the output from others where its card is another of the cell."""
    return {**told, "card": card, "place": [card, *told["place"][1:]]}


def last_output(data: dict[str, str], told: ToldAnswer, metadata: dict[str, Any] | None = None) -> LastOutput:
    """Return the output of an answer as the cell shows it when it has ended."""
    return LastOutput(tuple(told["place"]), data, {ANSWER_KEY: told, **(metadata or {})})


def record_to_write(asked: Asked, form: Form, where: Where, card: int = 0) -> RecordToWrite:
    """Return what the page writes into the notebook for one answer of a person; the page fills in the cell."""
    answered = asked.as_answered()
    entry = _entry(asked, where, json.dumps(answered.value, ensure_ascii=False))
    output = record_output(answered, form)
    if where.key:
        entry["output"] = output
    return _to_write(asked, entry, output, where, card)


def earlier_output(entry: RecordEntry, card: int, number: int) -> LastOutput | None:
    """Return the output that told of an earlier execution's answer; ``None`` where the record does not hold it.

    It stands before those of this execution; with its record, if that is kept in it.
    """
    if "output" not in entry:
        return None
    told: ToldAnswer = {
        "card": card,
        "node": entry["node"],
        "ordinal": entry["ordinal"],
        "place": [card, 0, 0, number],
    }
    kept: Any = {key: value for key, value in entry.items() if key != "in_output"}
    record = {OUTPUT_KEY: {"format": RECORD_FORMAT, "answers": [{**kept, "cell": ""}]}}
    return last_output(entry["output"], told, record if entry.get("in_output") else None)


def record_to_forget(asked: Asked, where: Where, card: int = 0) -> RecordToWrite:
    """Return what the page takes out of the notebook: the record of an answer that another, kept out, has replaced."""
    output = _told_as_output(asked.interrupt, KEPT_OUT, html.escape(KEPT_OUT))
    return {**_to_write(asked, _entry(asked, where, "null"), output, where, card), "forget": True}


def record_to_take_back(asked: Asked, written: RecordToWrite) -> RecordToWrite:
    """Return what takes a record out of the notebook that was written for an answer that came too late."""
    output = _told_as_output(asked.interrupt, LATE, html.escape(LATE))
    return {**written, "output": output, "forget": True, "exact": True}


def _to_write(asked: Asked, entry: RecordEntry, output: dict[str, str], where: Where, card: int) -> RecordToWrite:
    record: RecordToWrite = {
        "kind": "record_to_write",
        "format": RECORD_FORMAT,
        "entry": entry,
        "output": output,
        "told": told_answer(asked, card),
    }
    if where.earlier:
        record["earlier"] = [{"node": at.node, "ordinal": at.ordinal} for at in where.earlier]
    return record


def _entry(asked: Asked, where: Where, answer: str) -> RecordEntry:
    interrupt = asked.interrupt
    address = address_of(interrupt, asked.ordinal)
    entry: RecordEntry = {
        "cell": "",
        "execution": where.execution,
        "node": address.node,
        "ordinal": address.ordinal,
        "payload_sha256": address.payload_sha256,
        "payload": pretty(interrupt.value, reading_of(interrupt)),
        "answer": answer,
        "answered_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "answered_by": user(),
    }
    if where.nth:
        entry["review"] = where.nth
    if where.key:
        entry["key"] = where.key
    return entry


def why_not_recorded(value: Any, form: Form) -> str | None:
    """Return why an answer cannot be recorded; ``None`` where it can. A widget's value may be anything."""
    if form.without_secrets(value) is not value:
        return "it holds a secret"
    unknown: list[Any] = []
    json.dumps(value, default=unknown.append)
    return f"it holds a {type(unknown[0]).__name__}, which JSON does not keep" if unknown else None


def _marked_changes(before: str, after: str) -> str:
    old, new = _words(before), _words(after)
    if len(old) + len(new) > WORDS_TO_COMPARE:
        return html.escape(after)
    marked: list[str] = []
    a = b = 0
    for block in _same_words(old, new):
        marked += [_changed(old[a : block.a], new[b : block.b]), html.escape("".join(old[block.a :][: block.size]))]
        a, b = block.a + block.size, block.b + block.size
    return "".join(marked)


def _same_words(old: list[str], new: list[str]) -> list[difflib.Match]:
    """Return what is the same, in order, and an empty block at the end: as `difflib` finds it, but in bounded time.

    Words that stand there often take time for each pair of them, again and again. When that would be too much, the
    parts that are left count as changed.
    """
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    before = Counter(new)
    costs = [0, *accumulate(before[word] + 1 for word in old)]
    found, left = [], STEPS
    rest = [(0, len(old), 0, len(new))]
    while rest:
        old_from, old_to, new_from, new_to = rest.pop()
        left -= costs[old_to] - costs[old_from]
        if left < 0:
            break
        match = matcher.find_longest_match(old_from, old_to, new_from, new_to)
        if match.size:
            found.append(match)
            rest.append((old_from, match.a, new_from, match.b))
            rest.append((match.a + match.size, old_to, match.b + match.size, new_to))
    return [*sorted(found), difflib.Match(len(old), len(new), 0)]


def _changed(old: Sequence[str], new: Sequence[str]) -> str:
    removed = f'<del style="background:rgba(207,34,46,.18)">{html.escape("".join(old))}</del>' if old else ""
    added = f'<ins style="background:rgba(26,127,55,.2)">{html.escape("".join(new))}</ins>' if new else ""
    return removed + added


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", text)
