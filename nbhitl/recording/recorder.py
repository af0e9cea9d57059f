"""The records of a review's answers: written by the page, by the kernel, or not at all."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context, copy_context
from dataclasses import replace
from functools import partial
from typing import Any

from nbhitl.answers import Answer
from nbhitl.core.problems import in_words, problem_of
from nbhitl.core.questions import Answered, Asked, QuestionKey, question_key
from nbhitl.core.review_core import ReviewCore
from nbhitl.core.state import ReviewState
from nbhitl.errors import Abandoned
from nbhitl.kernel import Cell, running_cell, show
from nbhitl.protocol import (
    OUTPUT_KEY,
    RECORD_FORMAT,
    AnswerMessage,
    DecidedMessage,
    KeptRecord,
    NotRecorded,
    Problem,
    Recorded,
    RecordedAt,
    RecordEntry,
    RecordStatus,
    RecordToWrite,
    ResumeMessage,
    ToldAnswer,
)
from nbhitl.recording import in_one, outputs
from nbhitl.recording.for_pages import RecordForPages
from nbhitl.recording.outputs import NewRecord
from nbhitl.recording.unread import is_unread

RECORDING_OFF: RecordStatus = {"kind": "nothing"}
KEPT_OUT: RecordStatus = {"kind": "kept_out"}


class Recorder:
    """Decides on the record of each answer, and knows the outcome.

    The output with an answer is among the last outputs of the cell that shows the card. While that cell runs, the
    kernel keeps the output, and shows the output at the end of the cell, in a replay as with a person; later the page
    adds the output.

    A page may go before the record is written or saved. So each record is kept, and a page that comes asks for the
    records that the notebook of the page lacks.

    Parameters
    ----------
    core
        The review.
    where
        The execution of the cell and the number of the review; ``None`` where nothing is recorded.

    Attributes
    ----------
    statuses
        The status of each record in the card.
    card
        The number of cards before this card in the first cell that shows this card.
    decided
        The records of decisions without a person after the end of the cell, for a page to write.
    """

    def __init__(self, core: ReviewCore, where: outputs.Where | None) -> None:
        self._core, self._forms = core, core.forms
        self._place, self._in_one = where, core.settings.in_one
        # Answers, looks and drawings come from any thread. The lock guards the attributes that are marked with (lock);
        # the rest is read and written in single steps of the interpreter.
        self._lock = threading.RLock()

        # the records of the answers
        self.statuses: dict[QuestionKey, RecordStatus] = {}
        self._news: list[QuestionKey] = []  # questions with a new status
        self._requests: dict[str, QuestionKey] = {}  # by request of an answer
        self._kept: dict[QuestionKey, RecordEntry] = {}  # in the single output of a batch
        self._for_pages: dict[QuestionKey, RecordForPages] = {}  # for pages that come (lock)
        # to pages to write, by the interrupt's id, until the answer has reached the node (lock)
        self._given: dict[str, RecordToWrite] = {}
        self._taken_back: list[RecordToWrite | None] = []  # for each late answer (lock)
        self.decided: list[DecidedMessage] = []
        self._seen: dict[QuestionKey, Answer | None] = {}  # decisions without a person (lock)
        self._recorded_up_to = 0  # settled questions whose decision without a person was recorded (lock)
        self._last_looked_at: Answered | None = None  # the last of these questions (lock)

        # the cells
        self._cell: Cell | None = None  # the first cell that shows the card
        self._in_cell: Context | None = None  # of that cell, for late outputs
        self.card = 0  # the number of cards before in that cell
        self._holding: Cell | None = None  # the cell that waits for the review
        self._awaiting: Cell | None = None  # the last cell that waited
        self._awaited_ends = -1  # how often the run had ended when that cell went on

        # the outputs in the cells
        # answers before the card was shown, by a program or a rule, each with the metadata of the output
        self._untold: dict[QuestionKey, tuple[NewRecord, dict[str, Any] | None]] = {}
        self._told: set[QuestionKey] = set()  # answers that a replay has shown
        self._asked: set[QuestionKey] = set()  # questions shown without an answer (lock)
        self._known: set[QuestionKey] = set()  # questions shown before, or answered (lock)
        self._is_silent = False  # no question is shown any more (lock)
        self._looked_at = 0  # settled questions that were looked at for that (lock)
        self._failure: Problem | None = None  # the failure that the cell tells

        core.add_viewer(self.tell_of_failure)
        core.add_viewer(self.look)

    @property
    def _where(self) -> outputs.Where | None:
        """The place of the records, with the questions that were settled when the run was found."""
        return None if self._place is None else replace(self._place, earlier=self._core.state.past.settled)

    @property
    def is_on(self) -> bool:
        """Whether answers are recorded."""
        return self._place is not None

    @property
    def nth(self) -> int:
        """The number of reviews that this execution of the cell made before this review."""
        return 0 if self._place is None else self._place.nth

    # --- the records of the answers --------------------------------------------------------------

    def news(self) -> list[QuestionKey]:
        """Return the questions whose status may have changed since the last call."""
        news: list[QuestionKey] = []
        while self._news:  # other threads add more meanwhile
            news.append(self._news.pop())
        return news

    def _set_status(self, place: QuestionKey, status: RecordStatus) -> None:
        """Set the status of a record, and then tell the next drawing: a drawing before knows of no status."""
        self.statuses[place] = status
        self._news.append(place)

    def take(self, asked: Asked, message: AnswerMessage | ResumeMessage) -> RecordToWrite | None:
        """Decide on an accepted answer; return the record for the page to write."""
        return self._or_why_not(asked, lambda: self._take(asked, message))

    def _or_why_not(self, asked: Asked | Answered, take: Callable[[], RecordToWrite | None]) -> RecordToWrite | None:
        """Say in the card why an answer has no record: users' forms take part, and the run has the answer already."""
        try:
            return take()
        except Exception as error:
            logging.getLogger("nbhitl").exception("An answer could not be recorded; the review goes on.")
            place = question_key(asked)
            with self._lock:
                self._given.pop(asked.interrupt.id, None)
                self._for_pages.pop(place, None)
            self._kept.pop(place, None)
            self._do_not_show(place)
            self._set_status(place, {"kind": "not_recorded", "reason": in_words(error)})
            return None

    def _take(self, asked: Asked, message: AnswerMessage | ResumeMessage) -> RecordToWrite | None:
        with self._lock:  # afterwards no thread shows this question as open
            place = self._requests[message["request"]] = question_key(asked)
            self._known.add(place)
            self._given.pop(asked.interrupt.id, None)  # of a replaced answer
            self._for_pages.pop(place, None)
        self._news.append(place)
        before = self.statuses.pop(place, None)  # of a replaced answer
        self._do_not_show(place)
        where = self._where
        record = self._record_of(asked, message, where)
        if not isinstance(record, NewRecord):
            self._set_status(place, record)
            if where is None or before is None or before["kind"] != "recorded":
                return None
            forgotten = outputs.record_to_forget(asked, self._forms, where, self.card)
            self._keep(place, RecordForPages(forgotten, message["request"]))
            return self._without_what_the_cell_shows(place, forgotten)
        with self._lock:
            if any(late.answer is asked.answer for late in self._core.state.late):  # and was told as such
                return None
            if message["kind"] == "resume" or "why_not" not in message:
                self._give(asked.interrupt.id, record.to_write)
                self._keep(place, RecordForPages(record, message["request"]))
                return self._without_what_the_cell_shows(place, record)
            if self._in_one and self._holding is not None:
                self._kept[place] = record.to_write["entry"]
                self._set_status(place, {"kind": "in_output"})
            elif self._shows_last(self._holding, place, record, _as_metadata(record)):
                self._set_status(place, {"kind": "in_output"})
            else:
                self._set_status(place, {"kind": "not_recorded", "reason": message["why_not"]})
            return None

    def _keep(self, place: QuestionKey, kept: RecordForPages) -> None:
        with self._lock:
            self._for_pages[place] = kept

    def lacking(self, has: Sequence[RecordedAt]) -> list[KeptRecord]:
        """Return the records that a notebook lacks which has these answers, with the outputs that tell the answers."""
        with self._lock:
            kept = list(self._for_pages.items())
        if not kept or self._place is None:
            return []
        of_review = (self._place.execution, self._place.nth)
        there = {
            (each["node"], each["ordinal"]): each["answered_at"]
            for each in has
            if (each["execution"], each.get("review", 0)) == of_review
        }
        for place, each in kept:
            # the page has gone before telling the outcome
            if place not in self.statuses and not each.is_removal and each.is_in(there.get(place)):
                self._set_status(place, {"kind": "recorded"})
        return [
            {"kind": "kept_record", "request": each.request, "record": self._given_again(each)}
            for place, each in kept
            if each.is_lacking(there.get(place))
        ]

    def _given_again(self, each: RecordForPages) -> RecordToWrite:
        """Return a record with the output; an output that holds the record stands in the cell already."""
        written = each.record.whole()
        return written if each.cell is not None else self._stands(written)

    def _give(self, interrupt_id: str, record: RecordToWrite) -> None:
        """Keep a record that a page writes, so that the record can be taken back while the answer is on the way."""
        with self._lock:
            if self._core.state.is_on_its_way(interrupt_id):  # a quick node may have had the answer by now
                self._given[interrupt_id] = record

    def look(self) -> None:
        """Record the decisions without a person, and take back the records of late answers."""
        self._take_back_late()
        for each in self._newly_decided():
            self._or_why_not(each, partial(self._take_decided, each, question_key(each)))
        state = self._core.state
        with self._lock:
            for interrupt_id in [each for each in self._given if not state.is_on_its_way(each)]:
                del self._given[interrupt_id]  # it has arrived, and is not taken back

    def _newly_decided(self) -> Sequence[Answered]:
        """Return the decisions without a person since the last look; each is returned to a single thread."""
        with self._lock:
            decided = [each for each in self._newly_settled() if each.origin in ("rule", "time")]
            new = [each for each in decided if self._seen.get(question_key(each)) is not each.answer]
            self._seen |= {question_key(each): each.answer for each in new}
            return new

    def _newly_settled(self) -> Sequence[Answered]:
        """Return the questions that were settled since the last look, so that the work does not grow with a batch.

        New questions are at the end of the list of settled questions. Where a fork has removed questions, the last
        question of the last look has moved: then all settled questions are returned.
        """
        settled, number = self._core.state.settled, self._recorded_up_to
        is_same = 0 < number <= len(settled) and settled[number - 1] is self._last_looked_at
        self._recorded_up_to, self._last_looked_at = len(settled), settled[-1] if settled else None
        return settled[number:] if is_same else settled

    def _take_decided(self, answered: Answered, place: QuestionKey) -> None:
        """Record a decision with the output of its cell, or by a page where the cell has ended."""
        with self._lock:
            self._known.add(place)
        self._news.append(place)
        self._do_not_show(place)
        record = self._record_of(answered, None, self._where)
        if not isinstance(record, NewRecord):
            self._set_status(place, record)
            return
        kept = _as_metadata(record)
        cells = (self._holding, self._cell)
        if self._cell is None:
            self._untold[place] = record, kept
            self._set_status(place, {"kind": "in_output"})
        elif cell := next((cell for cell in cells if self._shows_last(cell, place, record, kept)), None):
            self._set_status(place, {"kind": "in_output"})
            request = f"in-output-{len(self._requests)}"
            self._requests[request] = place
            self._keep(place, RecordForPages(record, request, cell))
        else:
            self.statuses.pop(place, None)
            request = f"decided-{len(self.decided)}"
            self._requests[request] = place
            self._give(answered.interrupt.id, record.to_write)
            self._keep(place, RecordForPages(record, request))
            self.decided.append({"kind": "decided", "request": request, "record": self._stands(record.whole())})

    def says_of(self, asked: Asked) -> bool:
        """Tell whether the record of an answer has a status already."""
        return question_key(asked) in self.statuses

    def taken_back(self, number: int) -> RecordToWrite | None:
        """Return the record that removes a late answer from the notebook; ``None`` where no page has a record."""
        self._take_back_late()
        return self._taken_back[number]

    def _take_back_late(self) -> None:
        """Take back the records of answers that came too late, each once: the question may be open again."""
        late = self._core.state.late
        with self._lock:
            for asked in late[len(self._taken_back) :]:
                place = question_key(asked)
                self._kept.pop(place, None)
                self.statuses.pop(place, None)
                self._do_not_show(place)
                self._news.append(place)
                self._for_pages.pop(place, None)
                removal = self._removal_of(asked)
                self._taken_back.append(removal)
                if removal is not None:
                    self._keep(place, RecordForPages(NewRecord(removal, None), f"late-{len(self._taken_back)}"))

    def _removal_of(self, asked: Asked) -> RecordToWrite | None:
        written = self._given.pop(asked.interrupt.id, None)
        if written is None:
            return None
        if self._in_one:
            removal = outputs.without_entry(written)
        else:
            removal = self._stands(outputs.record_to_take_back(asked, self._forms, written))
        for number, decided in enumerate(self.decided):
            if decided["record"]["entry"] is written["entry"]:  # a page may not have written it so far
                self.decided[number] = {**decided, "record": removal}
        return removal

    def came_to(self, request: str, outcome: Recorded | NotRecorded) -> bool:
        """Note the outcome of a write by the page; tell whether the kernel knows the answer (a new kernel does not)."""
        place = self._requests.get(request)
        is_written = place is not None and self.statuses.get(place, RECORDING_OFF)["kind"] == "recorded"
        # of two pages with this notebook, one may be unable to write
        if place is not None and not (is_written and outcome["kind"] == "not_recorded"):
            self._set_status(place, outcome)
            if outcome["kind"] == "not_recorded" and self._cell is not None:
                self._cell.stands_no_more(outputs.name_of_answer(self.card, *place))
        return place is not None

    def _record_of(
        self, asked: Asked | Answered, message: AnswerMessage | ResumeMessage | None, where: outputs.Where | None
    ) -> NewRecord | RecordStatus:
        """Return the record to write into the notebook, or the status of an answer without a record."""
        if where is None:
            return RECORDING_OFF
        if message is not None and message["kind"] == "answer" and not message.get("record", True):
            return KEPT_OUT
        if asked.why_unplaced is not None:
            return {"kind": "not_recorded", "reason": asked.why_unplaced}
        form = self._forms.of(asked.interrupt)
        answered = asked if isinstance(asked, Answered) else asked.as_answered()
        why_not = outputs.why_not_recorded(answered.value, form)  # decisions have their shape by now
        if why_not:
            return {"kind": "not_recorded", "reason": why_not}
        if self._in_one:
            return outputs.record_in_one(answered, where, self.card)
        return outputs.new_record(answered, self._forms, where, self.card)

    # --- the outputs in the cells ----------------------------------------------------------------

    def shown(self) -> Cell | None:
        """Note that the running cell shows the card; return the cell on the first call."""
        if self._cell is not None:
            return None
        self._cell, self._in_cell = running_cell(), copy_context()
        self.card = self._cell.add_card()
        for place, (record, metadata) in self._untold.items():
            record.to_write["told"] = outputs.told_in(record.to_write["told"], self.card)
            self._shows_last(self._cell, place, record, metadata)
        self._untold.clear()
        return self._cell

    def tell_of_open(self) -> None:
        """Show each new question without an answer below the card, for readers without a kernel.

        The record of the answer replaces the question. After an answer from code or another client no question is
        shown: in a replay the cell would have ended by then.
        """
        try:
            with self._lock:
                self._tell_of_open(self._core.state)
        except Exception:  # a user's form may raise on its second creation
            logging.getLogger("nbhitl").exception("A question could not be told below its card; the review goes on.")

    def _tell_of_open(self, state: ReviewState) -> None:
        if self._cell is None or self._in_one:
            return
        waiting = {question_key(asked): asked for asked in state.unanswered}
        for place in self._asked - waiting.keys():
            self._asked.discard(place)
            self._cell.drop_last((self, place, "asked"))  # of a cell that has not ended
        new = waiting.keys() - self._known
        if not new or self._is_answered_elsewhere(state):
            return
        for place, asked in waiting.items():
            is_first = asked.interrupt.former is None and asked.offer is None and asked.problem is None
            if place in new and is_first and place not in self._told:
                self._asked.add(place)
                self._show_question(self._cell, place, asked)
        self._known |= new

    def _is_answered_elsewhere(self, state: ReviewState) -> bool:
        """Tell whether code or another client has answered; looks only at new answers."""
        settled = state.settled
        looked_at = min(self._looked_at, len(settled))
        self._is_silent |= any(each.origin in ("code", "elsewhere") for each in settled[looked_at:])
        self._looked_at = len(settled)
        return self._is_silent

    def _show_question(self, cell: Cell, place: QuestionKey, asked: Asked) -> None:
        draw = outputs.question_drawing(asked.interrupt, self._forms)
        last = outputs.last_output(draw, outputs.told_answer(asked, self.card))
        if not cell.show_last((self, place, "asked"), last):
            cell.show_late(last)

    def tell_of_replayed(self) -> None:
        """Show, when the cell has ended, the outputs that a person's answers had."""
        self._tell_of_earlier()
        for each in () if self._in_one else self._core.state.answered:
            place = question_key(each)
            if each.origin != "record" or place in self._told or self._cell is None:
                continue
            self._told.add(place)
            draw = outputs.record_drawing(each, self._forms)
            last = outputs.last_output(draw, outputs.told_answer(each, self.card))
            # a run on the kernel's own loop may continue after the cell
            _ = self._cell.show_last((self, place), last) or running_cell().show_last((self, place), last)

    def tell_in_one(self) -> None:
        """Show a single output for all answers, when the cell has ended; for a batch only."""
        if not self._in_one or self._cell is None:
            return
        self._take_back_late()
        told: ToldAnswer = {"card": self.card, "node": in_one.NAME, "ordinal": 0, "place": [self.card, 0, 0, 0]}
        entries = list(self._kept.values())
        kept: Any = {OUTPUT_KEY: {"format": RECORD_FORMAT, "answers": entries}} if entries else None
        # drawn now: users' code may change the rows later
        data = outputs.always(lambda: in_one.batch_output(in_one.all_answered(self._core.state), self._forms))()
        last = outputs.last_output(lambda: data, told, kept)
        _ = self._cell.show_last((self, in_one.NAME), last) or running_cell().show_last((self, in_one.NAME), last)

    def _tell_of_earlier(self) -> None:
        """Show the outputs of answers from an earlier execution."""
        earlier = self._core.earlier
        for number, entry in enumerate(() if earlier is None else earlier.settled):
            last = outputs.earlier_output(entry, self.card, number)
            if last is not None and self._cell is not None:
                self._cell.show_last((self, (entry["node"], entry["ordinal"])), last)

    def tell_of_failure(self) -> None:
        """Tell in the card's cell of a failed run that the cell does not wait for: nothing is raised there."""
        failure = self._core.state.failure
        if failure is None:
            self._core.has_raised = False
        is_told = failure is not None and not self._core.has_raised and not isinstance(failure, Abandoned)
        problem = problem_of(failure) if failure is not None and is_told else None
        if self._cell is None or self._in_cell is None or problem == self._failure:
            return
        if problem is None:
            self._cell.drop_last((self, "failure"))
            self._cell.stands_no_more(outputs.name_of_answer(self.card, *outputs.OF_FAILURE))
        elif self._holding is self._cell:
            return
        else:
            output = outputs.failure_output(problem, self.card)
            if not self._cell.show_last((self, "failure"), output):
                data = output.draw()
                self._cell.stands(output, data)
                self._in_cell.copy().run(show, data, output.metadata)
        self._failure = problem

    def fail_where_unread(self) -> None:
        """Let the card's cell fail with the run where nobody is there, and no later cell reads the result."""
        place, cell, failure = self._core.place, self._cell, self._core.state.failure
        if place.person_there or cell is None or self._failure is None or failure is None:
            return
        if is_unread(self._core, cell.source):
            cell.drop_last((self, "failure"))
            cell.fail(failure)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the running cell, and show at the end of the cell the records that the page cannot write."""
        cell = self._holding = self._awaiting = running_cell()
        cell.then(self._redraw_where_result_is_missing)
        try:
            yield
        finally:
            self._holding = None
            self._awaited_ends = self._core.state.ends

    @property
    def cell_shows_result(self) -> bool:
        """Whether the cell that waits for the review shows the result, or may when the cell has ended."""
        is_this_end = self._holding is not None or self._awaited_ends == self._core.state.ends
        return self._awaiting is not None and self._awaiting.shows_result is not False and is_this_end

    def _redraw_where_result_is_missing(self) -> None:
        if not self.cell_shows_result:
            self._core.redraw()

    def _without_what_the_cell_shows(self, place: QuestionKey, record: NewRecord) -> RecordToWrite:
        """Leave the output to the running cell of the card; return the record for the page to write."""
        if self._in_one:
            return record.whole()
        if self._cell is None:
            self._untold[place] = record, None
        return record.to_write if self._shows_last(self._cell, place, record) else self._stands(record.whole())

    def _stands(self, written: RecordToWrite) -> RecordToWrite:
        """Note that a page writes the output of a record into the cell of the card."""
        output, place = written["output"], self._core.place
        if self._cell is not None and output is not None and (place.is_replay or not place.is_client):
            self._cell.stands(outputs.last_output(lambda: output, written["told"]), output)
        return written

    def _shows_last(
        self, cell: Cell | None, place: QuestionKey, record: NewRecord, metadata: dict[str, Any] | None = None
    ) -> bool:
        if record.draw is None or cell is None:
            return False
        last = outputs.last_output(record.draw, record.to_write["told"], metadata)
        return cell.show_last((self, place), last)

    def _do_not_show(self, place: QuestionKey) -> None:
        self._untold.pop(place, None)
        for cell in (self._cell, self._holding):
            if cell is not None:
                cell.drop_last((self, place))
                cell.drop_last((self, place, "asked"))


def _as_metadata(record: NewRecord) -> dict[str, Any]:
    """Return the metadata of an output that holds a record, where no page writes the record into the notebook."""
    return {OUTPUT_KEY: {"format": record.to_write["format"], "answers": [record.to_write["entry"]]}}
