"""The page of a review: shows the card, and receives the messages of the card."""

import json
import logging
import threading
from typing import TYPE_CHECKING, Any

from nbhitl.answers import Answer
from nbhitl.batches import BatchEngine, ItemAnswer
from nbhitl.core.answered import answers_of
from nbhitl.core.begun import Begun
from nbhitl.core.deadline import Deadlines
from nbhitl.core.drafts import Drafts
from nbhitl.core.problems import problem_of
from nbhitl.core.review_core import ReviewCore
from nbhitl.core.settings import ReviewSettings
from nbhitl.core.state import ReviewState
from nbhitl.engines import OpeningLine, Reopened
from nbhitl.engines.question import QuestionEngine
from nbhitl.errors import InvalidAnswer, NbhitlError, NobodyThere, UsageError
from nbhitl.forms import Form
from nbhitl.forms.choosing import NOT_YET
from nbhitl.forms.choosing import sends as told
from nbhitl.jsontext import plain
from nbhitl.kernel import name_in_code, show
from nbhitl.kernel.clock import clock
from nbhitl.kernel.sigint import allow_sigint
from nbhitl.protocol import (
    About,
    AddressRequest,
    AllowRequest,
    AnswerMessage,
    ApplyRulesRequest,
    CheckRequest,
    CodeRequest,
    Earlier,
    Flaw,
    Hello,
    KernelMessage,
    Opens,
    PageMessage,
    RecordOutcome,
    ResumeMessage,
    RevokeRequest,
    SnippetsRequest,
    SwitchRequest,
    ViewHead,
)
from nbhitl.protocol.entries import DECIDED, EARLIER, EARLIER_ITEM, LATE, Entries
from nbhitl.recording import outputs
from nbhitl.recording.recorder import Recorder
from nbhitl.runs.notes import Aside
from nbhitl.runs.run import ItemPasts, Past
from nbhitl.text.characters import escaped, shown
from nbhitl.ui import view as card
from nbhitl.ui.resuming import answer_in
from nbhitl.user import named

if TYPE_CHECKING:
    from nbhitl.ui.widget import CardWidget, CodePart, Groups

ELSEWHERE = (
    "The run stopped without a question. Another client continues the thread with a run whose input is None: "
    "client.runs.wait(thread_id, assistant_id, input=None)."
)
"""Said in place of lines that resume an interrupt."""

NO_RECORD = Aside("Answers in this card are not written into the notebook, so a replay does not have them.")
"""An aside in a card without a record: by ``record=False``, or in an inbox."""


class Page:
    """Draws a review, and passes the actions of a person to the core.

    Drawing has a separate lock: forms run user code and may be slow, while further code reads the review.

    Parameters
    ----------
    core
        The review.
    recording
        Decides on the record of each answer.
    """

    def __init__(self, core: ReviewCore, recording: Recorder) -> None:
        self._core, self._recording = core, recording
        self._engine, self._forms, self._key = core.engine, core.forms, core.settings.key
        self._deadlines = _deadlines_of(core)
        self._drafts, self._begun = Drafts(core), Begun(core)
        offered = None if core.engine.is_private else self._drafts  # no further kernel can have the thread
        self._drawing = card.Drawing(core.forms, recording.statuses, core.rules, self._deadlines, offered)
        self._lock = threading.RLock()  # a single drawing at a time, of the newest state
        self._is_drawing = self._is_due = False
        self._drawn = 0  # the revision that the page has
        self._past_drawn = Past()
        self._item_pasts = ItemPasts()  # the pasts that the page has
        self._at_work = Entries()
        self._widget: CardWidget | None = None
        self._opener = core.engine if isinstance(core.engine, Reopened) and not core.engine.is_private else None
        self._line: OpeningLine | None = None
        if self._deadlines is not None:
            core.add_viewer(self._deadlines.look)  # first: the countdown is drawn with the question
        core.add_viewer(self.draw)
        if offered is not None:
            core.add_viewer(self._drafts.look)
            core.add_viewer(self._begun.look)
        core.watching.add_viewer(self.show_progress)

    def prepare(self) -> None:
        """Import the modules of a card, so that the card is shown without delay later."""
        import nbhitl.ui.widget  # noqa: F401 - half a second

    def show(self) -> None:
        """Show the card in the running cell."""
        self._core.is_shown = True
        show(self.mime_bundle())

    def draw(self) -> None:
        """Publish the changes of the view, if the card has been shown.

        Never raises: code that waits for the run must go on, whether the view can be shown or not.
        """
        with self._lock:
            self._is_due = True
            if self._is_drawing:  # a form changes the review while being drawn
                return
            self._is_drawing = True
            try:
                while self._is_due:
                    self._is_due = False
                    self._publish()
            finally:
                self._is_drawing = False

    def _publish(self) -> None:
        if self._widget is None:
            return
        try:
            head = self._view()
            self._widget.load(self._parts())
            self._widget.publish("view", self._drawing.entries, head)
        except Exception:
            logging.getLogger("nbhitl").exception("The card could not be drawn; the review goes on.")

    def show_progress(self) -> None:
        """Publish the changes of the progress; called from any thread."""
        with self._lock:
            if self._widget is None:
                return
            try:
                self._widget.publish("progress", self._at_work, self._core.watching.seen.write(self._at_work))
            except Exception:
                logging.getLogger("nbhitl").exception("Progress could not be shown; the review goes on.")

    def mime_bundle(self) -> dict[str, Any]:
        """Make the card at the first call; return the data with which a front end shows the card."""
        with self._lock:
            widget = self._widget or self.new_widget()
        view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
        return {"application/vnd.jupyter.widget-view+json": view, **outputs.placeholder(self._engine.graph_name)}

    def new_widget(self) -> "CardWidget":
        """Make a widget that shows the card, in the place of the widget before."""
        from nbhitl.ui.widget import CardWidget  # half a second of imports: only when a card is shown

        with self._lock:
            groups: Groups = {"view": (self._drawing.entries, self._view())}
            if self._core.watching.has_begun:
                groups["progress"] = self._at_work, self._core.watching.seen.write(self._at_work)
            self._widget = CardWidget(groups, self._on_message, self._lock, self._parts(), self._drafts.typed)
            self._drafts.shown()
            self._begun.shown()
            return self._widget

    def _view(self) -> ViewHead:
        """Draw the changes."""
        state = self._core.state
        notes = [*self._engine.notes, *state.notes, *([] if self._recording.is_on else [NO_RECORD])]
        about: About = {
            "kind": "about",
            "graph": self._engine.graph_name,
            "runs_on": self._engine.runs_on,
            "notes": [note for note in notes if not isinstance(note, Aside)],
            "asides": [note for note in notes if isinstance(note, Aside)],
            "snippets": self._engine.has_snippets,
            "records": self._recording.is_on,
            "card": self._recording.card,
        }
        if (opens := self._opens()) is not None:
            about["opens"] = opens
        elsewhere = self._core.elsewhere
        if elsewhere.asked & state.open.keys():
            about["answering"] = {"kind": "answering", "names": list(elsewhere.names), "text": shown(elsewhere.said)}
        self._draw_once_known(state)
        self._drawn = state.revision
        head = self._drawing.draw(state, about, self._recording.news())
        # The result of `nbhitl.ask` is the answer, which the card shows already.
        if isinstance(self._engine, QuestionEngine) or (state.over and self._recording.cell_shows_result):
            head["result_shown"] = True
        return head

    def _opens(self) -> Opens | None:
        """Return the line that opens the thread in another kernel; the names are looked up once."""
        opener, core = self._opener, self._core
        if self._line is None and opener is not None and self._engine.thread_id is not None:
            self._line = opener.opened_by(lambda found: name_in_code(found, core.place.source))
        if self._line is None:
            return None
        remarks = filter(None, [self._line.remark, _left_out(core.settings)])
        return {"kind": "opens", "code": escaped(self._line.code), "remark": " ".join(remarks)}

    def _parts(self) -> set["CodePart"]:
        """Return the parts of the page's code that this card needs."""
        parts: set[CodePart] = set()
        if isinstance(self._engine, BatchEngine):
            parts.add("batch")
        if self._drawing.has_markdown:
            parts.add("markdown")
        return parts

    def _draw_once_known(self, state: ReviewState) -> None:
        """Draw entries that are published only once: the past of a run found midway, and late answers.

        The runs of a batch are found one after another, and the past of each run has an entry.
        """
        past, entries = state.past, self._drawing.entries
        if past != self._past_drawn and (past.questions or past.why_unknown):
            entries.put(EARLIER, 0, self._earlier(past))
            self._past_drawn = past
        for number, of_run in self._item_pasts.new_in(state.snapshot) if self._core.place.is_client else ():
            entries.put(EARLIER_ITEM, number, self._earlier(of_run))
        for place, asked in enumerate(state.late):
            record = self._recording.taken_back(place)
            entries.put(LATE, place, {"kind": "late", "id": asked.interrupt.id, "record": record})
        for place, decided in enumerate(self._recording.decided):
            entries.put(DECIDED, place, decided)

    def _earlier(self, past: Past) -> Earlier:
        return card.earlier_of(past, self._key, self._recording.nth, self._recording.card)

    def _on_message(self, message: PageMessage) -> KernelMessage | None:
        try:
            return self._reply(message)
        except Exception as error:
            if not isinstance(error, NbhitlError):
                logging.getLogger("nbhitl").exception("A message of the card failed: %s", message["kind"])
            flaws = list(error.flaws) if isinstance(error, InvalidAnswer) else []
            problem = problem_of(error)
            return {"kind": "refused", "request": message["request"], "problem": problem, "flaws": flaws}

    def _reply(self, message: PageMessage) -> KernelMessage | None:
        match message["kind"]:
            case "hello":
                return self._welcome(message)
            case "answer" | "resume":
                return self._on_answer(message)
            case "address_request":
                return self._on_address_request(message)
            case "check":
                return self._on_check(message)
            case "switch":
                return self._on_switch(message)
            case "snippets_request" | "code_request":
                return self._on_code_wanted(message)
            case "record_outcome":
                self._on_record_outcome(message)
                return None
            case "revoke" | "allow" | "apply_rules":
                self._on_rules(message)
            case _:
                self._obey(message)
        return {"kind": "done", "request": message["request"]}

    def _obey(self, message: PageMessage) -> None:
        """Carry out a request that needs no reply but a confirmation."""
        match message["kind"]:
            case "leave":
                self._core.leave(NobodyThere(message["why"]))
            case "state_request":
                self._send_all()
            case "pause" if self._deadlines is not None:
                self._deadlines.pause(message["id"], goes_on=message["goes_on"])
            case "begin":
                self._begun.begins(named(message.get("by", "")))
            case "fetch":
                self._core.fetch_ahead()
            case "stop" | "ask_again" | "send_now" | "retry" as kind:
                self._core.order(kind)

    def _on_rules(self, message: RevokeRequest | AllowRequest | ApplyRulesRequest) -> None:
        match message["kind"]:
            case "revoke":
                self._core.in_force.revoke(message["rule"])
            case "apply_rules":
                self._core.in_force.apply(message["id"])
            case "allow":
                looked_at = Answer(message["id"], None, "person", message["revision"])
                self._core.in_force.allow(looked_at, message["call"], message["scope"], message["bounds"])

    def _welcome(self, message: Hello) -> KernelMessage:
        self._core.look()
        with self._lock:  # the view of this revision has been sent
            return {"kind": "welcome", "request": message["request"], "revision": self._drawn, "now": clock().wall()}

    def _send_all(self) -> None:
        with self._lock:
            if self._widget is not None:
                self._widget.send_state()

    def _on_answer(self, message: AnswerMessage | ResumeMessage) -> KernelMessage:
        if message["kind"] == "answer":
            value = self._decided(message)
            who = named(message["by"]) if "by" in message else ""
            answer = Answer(
                *(message["id"], value, "person", message["revision"]),
                by=who,
                who=who,
                seconds=message.get("seconds"),
                keys=message.get("keys"),
            )
        else:
            answer = answer_in(message)
        asked = self._core.submit(answer)
        record = self._recording.take(asked, message)
        if self._recording.says_of(asked):  # the run may have ended meanwhile, without another drawing
            self.draw()
        return {"kind": "accepted", "request": message["request"], "record": record}

    def _decided(self, message: AnswerMessage) -> Any:
        """Return the resume value for a draft, with the marks beside the answer to a question of a batch."""
        marks = message.get("item", {})
        if marks.get("skipped"):
            return ItemAnswer.marked(None, marks).as_value()
        _, value = self._read(message["id"], message["draft"])
        return ItemAnswer.marked(value, marks).as_value() if marks else value

    def _on_address_request(self, message: AddressRequest) -> KernelMessage:
        asked = self._core.state.question(message["id"])
        payload = json.dumps(plain(asked.interrupt.value))
        return {
            "kind": "address",
            "request": message["request"],
            "key": self._key,
            "node": asked.interrupt.node,
            "ordinal": asked.ordinal,
            "payload": payload,
            "review": self._recording.nth,
            "ignore": list(asked.interrupt.ignore),
            "stop": asked.interrupt.is_stop,
        }

    def _on_check(self, message: CheckRequest) -> KernelMessage:
        request, (sends, sent) = message["request"], NOT_YET
        flaws: list[Flaw] = []
        try:
            sends, sent = told(*self._read(message["id"], message["draft"]))
        except InvalidAnswer as error:
            # A flaw without a place concerns the answer as a whole.
            flaws = list(error.flaws) or [{"kind": "flaw", "path": [], "message": str(error)}]
        return {"kind": "checked", "request": request, "sends": sends, "sent": sent, "flaws": flaws}

    def _on_switch(self, message: SwitchRequest) -> KernelMessage:
        interrupt = self._core.state.interrupt(message["id"])
        draft = self._forms.switch(interrupt, message["to"], message["draft"])
        self._core.redraw()
        return {"kind": "switched", "request": message["request"], "draft": draft}

    def _on_code_wanted(self, message: SnippetsRequest | CodeRequest) -> KernelMessage:
        if message["kind"] == "code_request":
            code = answers_of(self._core.state.answered, self._forms).as_code()
            return {"kind": "answers_code", "request": message["request"], "python": code}
        if self._core.state.interrupt(message["id"]).is_stop:
            raise UsageError(ELSEWHERE)
        form, value = self._read(message["id"], message["draft"])
        lines = self._engine.snippets(message["id"], form.without_secrets(value))
        return {
            "kind": "snippets",
            "request": message["request"],
            "python": lines.python,
            "javascript": lines.javascript,
            "curl": lines.curl,
        }

    def _on_record_outcome(self, message: RecordOutcome) -> None:
        if self._recording.came_to(message["request"], message["outcome"]):
            self._core.redraw()

    def _read(self, interrupt_id: str, draft: str) -> tuple[Form, Any]:
        """Return a question's form, and the resume value that a draft stands for."""
        with allow_sigint():
            interrupt = self._core.state.interrupt(interrupt_id)
            form = self._forms.of(interrupt)
            if self._core.rules.all:
                draft = self._core.rules.draft(interrupt, draft)
            return form, form.value(draft)


def _left_out(settings: ReviewSettings) -> str:
    """Name the settings that the line to open the thread does not repeat, because their values are objects of code."""
    given = {"forms=": settings.forms.are_given, "rules=": settings.rules, "within=": settings.within}
    names = [name for name, value in given.items() if value]
    return f"Add the review's {' and '.join(names)}." if names else ""


def _deadlines_of(core: ReviewCore) -> Deadlines | None:
    """Return the countdowns of a review, or ``None``: time is counted only for a person who sees the card."""
    place, settings = core.place, core.settings
    is_counted = core.person_can_answer and settings.ui_at(place) == "card" and not place.is_replay
    return Deadlines(settings.within, core) if is_counted and settings.within is not None else None
