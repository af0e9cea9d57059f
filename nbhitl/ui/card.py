"""The page of a review: shows the card, and receives the messages of the card."""

import json
import logging
from typing import TYPE_CHECKING, Any

from nbhitl.answers import Answer
from nbhitl.batches import ItemAnswer
from nbhitl.core.answered import answers_of
from nbhitl.core.begun import Begun
from nbhitl.core.deadline import Deadlines
from nbhitl.core.drafts import Drafts
from nbhitl.core.problems import problem_of
from nbhitl.core.review_core import ReviewCore
from nbhitl.errors import InvalidAnswer, NbhitlError, NobodyThere, UsageError
from nbhitl.forms import Form
from nbhitl.forms.choosing import NOT_YET
from nbhitl.forms.choosing import sends as told
from nbhitl.jsontext import plain
from nbhitl.kernel import running_cell
from nbhitl.kernel.clock import clock
from nbhitl.kernel.sigint import allow_sigint
from nbhitl.protocol import (
    AddressRequest,
    AllowRequest,
    AnswerMessage,
    ApplyRulesRequest,
    CheckRequest,
    CodeRequest,
    Flaw,
    Hello,
    KernelMessage,
    PageMessage,
    RecordOutcome,
    ResumeMessage,
    RevokeRequest,
    SnippetsRequest,
    SwitchRequest,
)
from nbhitl.recording import outputs
from nbhitl.recording.recorder import Recorder
from nbhitl.ui.publishing import Publisher
from nbhitl.ui.resuming import answer_in
from nbhitl.user import named

if TYPE_CHECKING:
    from nbhitl.ui.widget import CardWidget

ELSEWHERE = (
    "The run stopped without a question. Another client continues the thread with a run whose input is None: "
    "client.runs.wait(thread_id, assistant_id, input=None)."
)
"""Said in place of lines that resume an interrupt."""


class Page:
    """Shows the card of a review, and passes the actions of a person to the core.

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
        self._publisher = Publisher(core, recording, self._deadlines, self._drafts)
        if self._deadlines is not None:
            core.add_viewer(self._deadlines.look)  # first: the countdown is drawn with the question
        core.add_viewer(self._publisher.draw)
        if not core.engine.is_private:
            core.add_viewer(self._drafts.look)
            core.add_viewer(self._begun.look)
        core.watching.add_viewer(self._publisher.show_progress)

    def prepare(self) -> None:
        """Import the modules of a card, so that the card is shown without delay later."""
        import nbhitl.ui.widget  # noqa: F401 - half a second

    def show(self) -> None:
        """Show the card in the running cell."""
        self._core.is_shown = True
        running_cell().show_card(self.mime_bundle())

    def has_result(self) -> None:
        """Note that the code of the running cell has the result."""
        if self._publisher.widget is not None:
            running_cell().has_result(self.mime_bundle())

    def mime_bundle(self) -> dict[str, Any]:
        """Make the card at the first call; return the data with which a front end shows the card."""
        with self._publisher.lock:
            widget = self._publisher.widget or self.new_widget()
        view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
        return {"application/vnd.jupyter.widget-view+json": view, **outputs.placeholder(self._engine.graph_name)}

    def new_widget(self) -> "CardWidget":
        """Make a widget that shows the card, in the place of the widget before."""
        with self._publisher.lock:
            widget = self._publisher.new_widget(self._on_message)
            self._drafts.shown()
            self._begun.shown()
        return widget

    def close(self) -> None:
        """Close the widget, which the widget manager holds together with the review: no page shows the card."""
        with self._publisher.lock:
            widget, self._publisher.widget = self._publisher.widget, None
        if widget is not None:
            widget.close()

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
            case "records_request":
                records = self._recording.lacking(message["has"])
                self._publisher.draw()
                return {"kind": "records", "request": message["request"], "records": records}
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
                self._publisher.send_all()
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
        revision = self._publisher.drawn
        return {"kind": "welcome", "request": message["request"], "revision": revision, "now": clock().wall()}

    def _on_answer(self, message: AnswerMessage | ResumeMessage) -> KernelMessage:
        if message["kind"] == "answer":
            value = self._decided(message)
            who = named(message["by"]) if "by" in message else ""
            answer = Answer(
                message["id"],
                value,
                origin="person",
                revision=message["revision"],
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
            self._publisher.draw()
        revision = self._core.state.revision
        return {"kind": "accepted", "request": message["request"], "revision": revision, "record": record}

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
            code = answers_of(self._core.state.answered, self._forms, self._core.settings.items).as_code()
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


def _deadlines_of(core: ReviewCore) -> Deadlines | None:
    """Return the countdowns of a review, or ``None``: time is counted only for a person who sees the card."""
    place, settings = core.place, core.settings
    is_counted = core.person_can_answer and settings.ui_at(place) == "card" and not place.is_replay
    return Deadlines(settings.within, core) if is_counted and settings.within is not None else None
