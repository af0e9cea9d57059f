"""The view of a review, and the progress of the run, as entries that are sent to the pages with the card."""

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from nbhitl.batches import BatchEngine
from nbhitl.core.deadline import Deadlines
from nbhitl.core.drafts import Drafts
from nbhitl.core.review_core import ReviewCore
from nbhitl.core.settings import ReviewSettings
from nbhitl.core.state import ReviewState
from nbhitl.engines import OpeningLine, Reopened
from nbhitl.engines.question import QuestionEngine
from nbhitl.kernel import name_in_code
from nbhitl.kernel.background import call_later
from nbhitl.protocol import About, Earlier, KernelMessage, Opens, PageMessage, ViewHead
from nbhitl.protocol.entries import DECIDED, EARLIER, EARLIER_ITEM, LATE, Entries
from nbhitl.recording.recorder import Recorder
from nbhitl.runs.notes import Aside
from nbhitl.runs.past import ItemPasts, Past
from nbhitl.text.characters import escaped, shown
from nbhitl.ui import view as card

if TYPE_CHECKING:
    from nbhitl.ui.widget import CardWidget, CodePart, Groups

AT_WORK_AFTER = 0.1
"""Seconds from the last answer of a page until the page shows the run at work. Most runs are over before."""

UNREAD = "The thread cannot be read at present, and the card goes on looking. {why}"

NO_RECORD = Aside("Answers in this card are not written into the notebook, so a replay does not have them.")
"""An aside in a card without a record: by ``record=False``, or in an inbox."""


class Publisher:
    """Draws a review, and sends the changes to the pages that show the card.

    Drawing has a separate lock: forms run user code and may be slow, while further code reads the review.

    Parameters
    ----------
    core
        The review.
    recording
        The records of the answers.
    deadlines
        The countdowns of the questions.
    drafts
        The texts of questions without an answer.

    Attributes
    ----------
    lock
        Lets a single thread draw at a time.
    widget
        The widget that shows the card; ``None`` before the card is shown.
    """

    def __init__(self, core: ReviewCore, recording: Recorder, deadlines: Deadlines | None, drafts: Drafts) -> None:
        self._core, self._recording, self._engine = core, recording, core.engine
        self._typed = drafts.typed
        offered = None if core.engine.is_private else drafts  # no further kernel can have the thread
        self._drawing = card.Drawing(core.forms, recording.statuses, core.rules, deadlines, offered)
        self.lock = threading.RLock()
        self._is_drawing = self._is_due = False
        self._drawn = 0  # the revision that the pages have
        self._is_drawn_at_work = False
        self._put_off: ReviewState | None = None  # the run at work, which is drawn within `AT_WORK_AFTER`
        self._past_drawn = Past()
        self._item_pasts = ItemPasts()  # the pasts that the pages have
        self._at_work = Entries()
        self.widget: CardWidget | None = None
        self._opener = core.engine if isinstance(core.engine, Reopened) and not core.engine.is_private else None
        self._line: OpeningLine | None = None

    @property
    def drawn(self) -> int:
        """The revision whose view has been sent to the pages."""
        with self.lock:
            return self._drawn

    def new_widget(self, on_message: Callable[[PageMessage], KernelMessage | None]) -> "CardWidget":
        """Make a widget that shows the card, in the place of the widget before."""
        from nbhitl.ui.widget import CardWidget  # half a second of imports: only when a card is shown

        with self.lock:
            groups: Groups = {"view": (self._drawing.entries, self._view(self._core.state))}
            if self._core.watching.has_begun:
                groups["progress"] = self._at_work, self._core.watching.seen.write(self._at_work)
            self.widget = CardWidget(groups, on_message, self.lock, self._parts(), self._typed)
            return self.widget

    def send_all(self) -> None:
        """Send the whole state, for a page that has lost a message."""
        with self.lock:
            if self.widget is not None:
                self.widget.send_state()

    def draw(self) -> None:
        """Publish the changes of the view, if the card has been shown.

        Never raises: code that waits for the run must go on, whether the view can be shown or not.
        """
        with self.lock:
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
        if self.widget is None:
            return
        state = self._core.state
        if self._can_wait(state):
            return
        put_off, self._put_off = self._put_off, None
        try:
            # Between two questions with the same id, a page has to see that the first is not open any more.
            if put_off is not None and state.phase == "asking":
                self._send(self.widget, put_off)
            self._send(self.widget, state)
        except Exception:
            logging.getLogger("nbhitl").exception("The card could not be drawn; the review goes on.")

    def _can_wait(self, state: ReviewState) -> bool:
        """Put off drawing a run that works on answers of a person.

        The page knows from the reply that the answer was taken. Drawing would take the interpreter from the run, and a
        card that shows a run at work for a few milliseconds flickers.
        """
        sent = [asked.answer for asked in state.in_flight.values()]
        is_of_person = bool(sent) and all(answer is not None and answer.origin == "person" for answer in sent)
        is_at_work = state.phase == "running" and not state.stopping and not state.unanswered
        if self._is_drawn_at_work or not is_at_work or not (is_of_person or self._put_off):
            return False
        if self._put_off is None:
            call_later(AT_WORK_AFTER, self._draw_at_work)
        self._put_off = state
        return True

    def _draw_at_work(self) -> None:
        with self.lock:
            if self._put_off is not None:
                self._is_drawn_at_work = True
                self.draw()

    def _send(self, widget: "CardWidget", state: ReviewState) -> None:
        head = self._view(state)
        widget.load(self._parts())
        widget.publish("view", self._drawing.entries, head)

    def show_progress(self) -> None:
        """Publish the changes of the progress; called from any thread."""
        with self.lock:
            if self.widget is None:
                return
            try:
                self.widget.publish("progress", self._at_work, self._core.watching.seen.write(self._at_work))
            except Exception:
                logging.getLogger("nbhitl").exception("Progress could not be shown; the review goes on.")

    def _view(self, state: ReviewState) -> ViewHead:
        """Draw the changes."""
        unread = [UNREAD.format(why=state.unread)] if state.unread else []
        notes = [*self._engine.notes, *state.notes, *unread, *([] if self._recording.is_on else [NO_RECORD])]
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
        self._drawn, self._is_drawn_at_work = state.revision, state.phase == "running"
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
        for number, of_run in self._item_pasts.new_in(state.snapshot.item_pasts) if self._core.place.is_client else ():
            entries.put(EARLIER_ITEM, number, self._earlier(of_run))
        for place, asked in enumerate(state.late):
            record = self._recording.taken_back(place)
            entries.put(LATE, place, {"kind": "late", "id": asked.interrupt.id, "record": record})
        for place, decided in enumerate(self._recording.decided):
            entries.put(DECIDED, place, decided)

    def _earlier(self, past: Past) -> Earlier:
        return card.earlier_of(past, self._core.settings.key, self._recording.nth, self._recording.card)


def _left_out(settings: ReviewSettings) -> str:
    """Name the settings that the line to open the thread does not repeat, because their values are objects of code."""
    given = {"forms=": settings.forms.are_given, "rules=": settings.rules, "within=": settings.within}
    names = [name for name, value in given.items() if value]
    return f"Add the review's {' and '.join(names)}." if names else ""
