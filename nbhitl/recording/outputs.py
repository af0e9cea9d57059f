"""The static outputs and the transcript of a review, without ids and times."""

import html
import json
import logging
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias

from nbhitl.answers import Answer, address_of, deciders, reading_of, seen_of, steady, without_what_is_set_aside
from nbhitl.core.answered import WHO, decided_by, person_of
from nbhitl.core.problems import problem_of
from nbhitl.core.questions import Answered, Asked, in_order
from nbhitl.core.state import Reading
from nbhitl.forms import Form, Forms
from nbhitl.jsontext import ADDRESS, cut, flat, pretty
from nbhitl.kernel import LastOutput
from nbhitl.protocol import (
    ANSWER_KEY,
    OUTPUT_KEY,
    RECORD_FORMAT,
    Problem,
    RecordEntry,
    RecordToWrite,
    ToldAnswer,
)
from nbhitl.recording.answered import answered_blocks
from nbhitl.recording.asked import asked_blocks, request_blocks
from nbhitl.recording.blocks import Block, Bullets, Span, TextOnly, Under, as_html, as_text, line
from nbhitl.recording.drawn import content_blocks
from nbhitl.recording.result import result_to_show
from nbhitl.runs.past import AskedAt
from nbhitl.runs.run import Interrupt
from nbhitl.runs.stops import in_words
from nbhitl.text.characters import shown

KEPT_OUT = "(not recorded)"
"""Stands in the output for an answer that is kept out of the record and has replaced a recorded answer."""

RECORD_CLASS = "nbhitl-record"
"""Class of the HTML of a question and of a record: the page hides both below a live card (``js/src/outputs.ts``)."""

LATE = "(came too late, and was not given)"
"""Stands in the output for an answer that came after another client's answer."""

NOT_DRAWN = "(this output could not be drawn)"
"""Stands for an output whose form has raised."""

AT_LAST = 1_000_000_000
"""The place of an output behind all answers of a card."""

OF_FAILURE = ("", -1)
"""Stand for node and ordinal in the output that tells the failure of a run."""

TITLE = 2_000
"""Most characters of a prompt in an output."""

Draw: TypeAlias = Callable[[], dict[str, str]]
"""Draws an output."""


def transcript(session: Reading, forms: Forms) -> str:
    """Return the review as text, without ids, times or addresses of the run: ``print(card)``."""
    lines = [line for answered in in_order(session.answered) for line in _told(answered, forms.of(answered.interrupt))]
    lines += [_asks(asked.interrupt) for asked in session.asked]
    match session.phase:
        case "finished":
            pairs = without_what_is_set_aside(steady)
            lines.append(f"result: {flat(result_to_show(session, forms, pairs), pairs)}")
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
    who = decided_by(answered.answer, answered.origin)
    if answered.origin == "elsewhere":
        yield "answered by another client"
        if answered.late is not None:
            late = flat(form.without_secrets(answered.late.value))
            yield f"{WHO[answered.late.origin]} answered too late, and this was not given: {late}"
    elif answered.interrupt.is_stop:
        yield f"{who} answers: {' '.join(form.show(answered.value).split())}"
    else:
        yield f"{who} answers: {flat(form.without_secrets(answered.value))}"


def placeholder(graph: str) -> dict[str, str]:
    """Return the output of a card where no widget can be drawn; always the same, so that tests can compare outputs.

    The question, or the record of the answer, is a separate output below.
    """
    text = f"Review of {shown(graph)}"
    return {"text/plain": text, "text/html": card_html(text)}


def card_html(text: str) -> str:
    """Return the HTML beside a card; it must not change, because an export knows a card among widgets by this HTML."""
    return f"<small>{html.escape(text)}</small>"


def question_drawing(interrupt: Interrupt, forms: Forms) -> Draw:
    """Return a function that draws a question without an answer, from the present form; without controls."""
    form = forms.without_volatile(interrupt)
    return always(lambda: _output([*_question_blocks(interrupt, form), *asked_blocks(form)]))


def record_drawing(answered: Answered, forms: Forms) -> Draw:
    """Return a function that draws a question with the answer, from the present form; without ids and times."""
    interrupt = answered.interrupt
    form, steady_form = forms.own(interrupt), forms.without_volatile(interrupt)
    told = partial(_told_as_output, interrupt, steady_form)
    return always(lambda: told(answered_blocks(form, answered.value), answered.answer))


def always(draw: Draw) -> Draw:
    """Return a function that draws an output, or `NOT_DRAWN` where a form of the user raises.

    The output may hold the record of an answer, and is drawn when the run has the answer already.
    """

    def drawn() -> dict[str, str]:
        try:
            return draw()
        except Exception:
            logging.getLogger("nbhitl").exception("The output of an answer could not be drawn; the review goes on.")
            return _output([line(NOT_DRAWN)])

    return drawn


def _told_as_output(interrupt: Interrupt, form: Form, answer: list[Block], by: Answer | None = None) -> dict[str, str]:
    who = decided_by(by, "person") if by is not None and (any(by.ruled) or by.is_by_time) else "a person"
    label = line(Span(shown(f"{who[0].upper()}{who[1:]} {'decided' if interrupt.is_stop else 'answered'}:"), "small"))
    return _output([*_question_blocks(interrupt, form), *_decided_on(form), Under(label, tuple(answer))])


def _question_blocks(interrupt: Interrupt, form: Form) -> list[Block]:
    """Return the blocks common to a question and the record of the answer."""
    node = Span(f" {interrupt.node}", "small")
    title = line(Span(cut(form.prompt, TITLE) or "Your answer", "strong"), node)
    return [title, *content_blocks(form.shows)]


def _decided_on(form: Form) -> list[Block]:
    """Return the blocks that draw the requests that were decided on, or the text that was revised."""
    field = form.field
    if field["kind"] == "text":
        return [TextOnly(tuple(asked_blocks(form)))] if field["original"] else []
    if field["kind"] != "decisions":
        return []
    requests = field["requests"]
    if len(requests) == 1:
        return request_blocks(requests[0], field["shared"], choices=False)
    drawn = [request_blocks(each, field["shared"], choices=False) for each in requests]
    pairs = zip(requests, drawn, strict=True)
    return [Bullets(tuple((line(Span(each["title"], "strong")), *blocks) for each, blocks in pairs))]


def _output(blocks: list[Block]) -> dict[str, str]:
    return {"text/plain": as_text(blocks), "text/html": f'<div class="{RECORD_CLASS}">{as_html(blocks)}</div>'}


@dataclass(frozen=True)
class Where:
    """The review that a record belongs to.

    Attributes
    ----------
    execution
        The execution of the cell.
    nth
        The number of the review within this execution, from 0.
    key
        The key of the review, or ``""``.
    earlier
        The questions that were settled before the run was found again by the key.
    """

    execution: str
    nth: int = 0
    key: str = ""
    earlier: tuple[AskedAt, ...] = ()


def told_answer(question: Asked | Answered, card: int) -> ToldAnswer:
    """Return the identity and the place of an answer's output; ``card`` counts the cards of the cell."""
    place = [card, *question.rank]
    return {"card": card, "node": question.interrupt.node, "ordinal": question.ordinal, "place": place}


def failure_output(problem: Problem, card: int) -> LastOutput:
    """Return the output that tells the failure of a run, for a failure that no code has got; the same each time."""
    blocks = [line("The run failed"), line(f"{problem['name']}: {ADDRESS.sub('', problem['message'])}")]
    node, ordinal = OF_FAILURE
    told: ToldAnswer = {"card": card, "node": node, "ordinal": ordinal, "place": [card, AT_LAST], "failure": True}
    return last_output(lambda: {"text/plain": as_text(blocks), "text/html": f"<div>{as_html(blocks)}</div>"}, told)


def told_in(told: ToldAnswer, card: int) -> ToldAnswer:
    """Return the identity of the output for another card of the cell."""
    return {**told, "card": card, "place": [card, *told["place"][1:]]}


def last_output(draw: Draw, told: ToldAnswer, metadata: dict[str, Any] | None = None) -> LastOutput:
    """Return the output of an answer as shown at the end of the cell."""
    name = name_of_answer(told["card"], told["node"], told["ordinal"])
    return LastOutput(tuple(told["place"]), draw, {ANSWER_KEY: told, **(metadata or {})}, name)


def name_of_answer(card: int, node: str, ordinal: int) -> Hashable:
    """Return the name of an answer's output among the outputs of the cell, as in the page (`js/src/record.ts`)."""
    return card, node, ordinal


@dataclass(frozen=True)
class NewRecord:
    """A record of an answer whose output is drawn later: at the end of the cell, or for the page.

    Attributes
    ----------
    to_write
        The record for the page to write, without the output; the page fills in the cell.
    draw
        Draws the output; ``None`` where a single output tells all answers.
    """

    to_write: RecordToWrite
    draw: Draw | None

    def whole(self) -> RecordToWrite:
        """Return the record with the output."""
        return self.to_write if self.draw is None else {**self.to_write, "output": self.draw()}


def new_record(asked: Asked | Answered, forms: Forms, where: Where, card: int = 0) -> NewRecord:
    """Return the record of a person's answer."""
    answered = _as_answered(asked)
    record, draw = _without_output(answered, where, card), record_drawing(answered, forms)
    if where.key:
        output = record["entry"]["output"] = draw()
        return NewRecord(record, lambda: output)
    return NewRecord(record, draw)


def record_in_one(asked: Asked | Answered, where: Where, card: int = 0) -> NewRecord:
    """Return the record of a batch's answer: a single output tells all answers, and with a key earlier answers stay."""
    record = _without_output(_as_answered(asked), where, card)
    if where.key:
        record["keep"] = True
    return NewRecord(record, None)


def _as_answered(asked: Asked | Answered) -> Answered:
    return asked if isinstance(asked, Answered) else asked.as_answered()


def _without_output(answered: Answered, where: Where, card: int) -> RecordToWrite:
    entry = _entry(answered, where, json.dumps(answered.value, ensure_ascii=False))
    return _to_write(answered, entry, None, where, card)


def earlier_output(entry: RecordEntry, card: int, number: int) -> LastOutput | None:
    """Return the output that told an earlier execution's answer; ``None`` where the record does not hold the output.

    The output stands before the outputs of this execution, with the record if the output keeps the record.
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
    output = entry["output"]
    return last_output(lambda: output, told, record if entry.get("in_output") else None)


def record_to_forget(asked: Asked, forms: Forms, where: Where, card: int = 0) -> NewRecord:
    """Return the record to remove from the notebook: an answer that is kept out has replaced the recorded answer."""
    record = _to_write(asked, _entry(asked, where, "null"), None, where, card)
    interrupt, form = asked.interrupt, forms.without_volatile(asked.interrupt)
    draw = always(partial(_told_as_output, interrupt, form, [line(KEPT_OUT)]))
    return NewRecord({**record, "forget": True}, draw)


def record_to_take_back(asked: Asked, forms: Forms, written: RecordToWrite) -> RecordToWrite:
    """Return the removal of a record that was written for an answer that came too late."""
    interrupt = asked.interrupt
    draw = always(lambda: _told_as_output(interrupt, forms.without_volatile(interrupt), [line(LATE)]))
    return {**without_entry(written), "output": draw()}


def without_entry(written: RecordToWrite) -> RecordToWrite:
    """Return the removal of the entry of a record, where a single output tells all answers."""
    return {**written, "forget": True, "exact": True}


def _to_write(
    asked: Asked | Answered, entry: RecordEntry, output: dict[str, str] | None, where: Where, card: int
) -> RecordToWrite:
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


def _entry(asked: Asked | Answered, where: Where, answer: str) -> RecordEntry:
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
        "answered_by": person_of(asked.answer),
    }
    answer_given = asked.answer
    if answer_given is not None and any(answer_given.ruled):
        entry["rules"] = list(answer_given.ruled)
        entry["answered_by"] = deciders(answer_given.ruled, person_of(answer_given))
    if answer_given is not None and answer_given.is_by_time:
        entry["by_time"] = True
        entry["answered_by"] = decided_by(answer_given, "time")
    if answer_given is not None and answer_given.revoked:
        entry["revoked"] = list(answer_given.revoked)
    if asked.answer is not None and asked.answer.seconds is not None:
        entry["seconds"], entry["keys"] = asked.answer.seconds, asked.answer.keys or 0
    if where.nth:
        entry["review"] = where.nth
    if where.key:
        entry["key"] = where.key
    return entry


def why_not_recorded(value: Any, form: Form) -> str | None:
    """Return the reason why an answer cannot be recorded, or ``None``; a widget's value may be of any type."""
    if form.without_secrets(value) is not value:
        return "it holds a secret"
    unknown: list[Any] = []
    try:
        json.dumps(value, skipkeys=True, default=unknown.append)
    except (ValueError, RecursionError) as error:  # a circle, too many levels, or a number of too many digits
        return f"JSON does not keep it ({error})"
    part = f"a {type(unknown[0]).__name__}" if unknown else _changed_by_json(value)
    return None if part is None else f"it holds {part}, which JSON does not keep"


def _changed_by_json(value: Any) -> str | None:
    """Return the first part that JSON writes and reads as a different part, or ``None``.

    JSON makes texts of numbers that are keys, and lists of tuples: a replay would give the node a different answer.
    """
    parts = [value]
    for part in parts:  # grows meanwhile
        if isinstance(part, dict):
            for key in part:
                if not isinstance(key, str):
                    return f"a key of type {type(key).__name__}"
            parts.extend(part.values())
        elif isinstance(part, list):
            parts.extend(part)
        elif isinstance(part, tuple):
            return f"a {type(part).__name__}"
    return None
