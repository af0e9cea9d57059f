"""Users' code (forms, sources of answers) works without the lock of a review: other threads can read the review."""

import threading
import time
from dataclasses import replace

import pytest

import nbhitl
from nbhitl.answers import Answer
from nbhitl.core.review_core import ReviewCore
from nbhitl.errors import PersonAwaited
from nbhitl.forms.fallback import JsonForm
from tests import graphs
from tests.graphs import SEED_INPUT
from tests.test_validation import LIMIT, in_thread
from tests.views import view_of

LOOKS = 20
AT_ONCE = 0.05
"""Most seconds of the fastest of `LOOKS` looks."""


class Gate:
    """A place where users' code waits until the test lets it go on."""

    def __init__(self) -> None:
        self.reached, self.may_pass = threading.Event(), threading.Event()

    def wait(self) -> None:
        self.reached.set()
        assert self.may_pass.wait(LIMIT)


class GatedForm(JsonForm):
    """A form that waits in the validation of an answer, or in the display of an answer."""

    def __init__(self, gate: Gate, where: str) -> None:
        super().__init__("Take your time")
        self._gate, self._where = gate, where

    def fit(self, value):
        if self._where == "validates":
            self._gate.wait()
        return value

    def show(self, value):
        if self._where == "shows an answer":
            self._gate.wait()
        return super().show(value)


@pytest.fixture
def gate():
    gate = Gate()
    yield gate
    gate.may_pass.set()


def seconds_to_look(card):
    """Return the duration of the fastest of a few looks at a review, in a separate thread."""

    def look():
        took = []
        for _ in range(LOOKS):
            begun = time.perf_counter()
            assert card.waits in (True, False)
            took.append(time.perf_counter() - begun)
        return min(took)

    looking, seen = in_thread(look)
    looking.join(LIMIT)
    assert seen, "a look waits for users' code"
    return seen[0]


@pytest.mark.parametrize("where", ["validates", "shows an answer"])
def test_review_can_be_looked_at_while_a_form(where, gate):
    form = GatedForm(gate, where)
    card = nbhitl.review(graphs.seed(), SEED_INPUT, forms={"human_review": lambda _: form})
    assert card.interrupts
    card._screen.page.mime_bundle()
    answering, _ = in_thread(lambda: card.answer("good"))
    assert gate.reached.wait(LIMIT)
    assert seconds_to_look(card) < AT_ONCE
    assert not gate.may_pass.is_set()
    gate.may_pass.set()
    answering.join(LIMIT)
    assert card.result == {"some_text": "good"}
    assert view_of(card)["phase"]["kind"] == "finished"


def test_review_can_be_looked_at_while_a_form_is_made_and_drawn(gate):
    def made(_interrupt):
        gate.wait()
        return JsonForm("Take your time")

    card = nbhitl.review(graphs.seed(), SEED_INPUT, forms={"human_review": made})
    assert card.interrupts
    drawing, drawn = in_thread(card._screen.page.mime_bundle)
    assert gate.reached.wait(LIMIT)
    assert seconds_to_look(card) < AT_ONCE
    assert card.waits
    assert drawing.is_alive()
    gate.may_pass.set()
    drawing.join(LIMIT)
    assert drawn
    (question,) = view_of(card)["questions"]
    assert question["prompt"] == "Take your time"


class GatedSource:
    """Answers every question, as soon as the test opens the gate."""

    origin, may_run_again, is_complete = "script", False, False

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def found(self, past):
        pass

    def take(self, interrupt, ordinal):
        self._gate.wait()
        return Answer(interrupt.id, "from the source", "script")

    def why_none(self, interrupt, ordinal):
        return PersonAwaited("not asked")

    def left_over(self):
        return None


def test_question_that_a_source_is_about_to_answer_never_seems_open(gate, monkeypatch):
    monkeypatch.setattr("nbhitl.core.review_core.source_for", lambda *_: GatedSource(gate))
    card = nbhitl.review(graphs.seed(), SEED_INPUT)
    assert gate.reached.wait(LIMIT)
    assert seconds_to_look(card) < AT_ONCE
    assert not card.waits
    assert card._core.state.asked == ()
    assert card._core.works
    gate.may_pass.set()
    assert card.result == {"some_text": "from the source"}


def test_run_goes_on_from_the_moment_that_all_answers_are_there(monkeypatch):
    card = nbhitl.review(graphs.seed(), SEED_INPUT)
    assert card.interrupts
    assert not card._core.goes_on()
    state = card._core.state
    answered = {key: replace(each, answer=Answer(key, "good", "script")) for key, each in state.open.items()}
    monkeypatch.setattr(ReviewCore, "state", replace(state, open=answered))  # the state until the resume begins
    assert card._core.state.phase == "asking"
    assert card._core.goes_on()


def test_cell_that_waits_goes_on_only_when_the_end_of_the_run_is_drawn(gate, monkeypatch):
    card = nbhitl.review(graphs.seed(), SEED_INPUT)
    assert card.interrupts
    card._screen.page.mime_bundle()
    publisher = card._screen.page._publisher
    publish = publisher._publish

    def published():
        if card._core.state.over:
            gate.wait()
        publish()

    monkeypatch.setattr(publisher, "_publish", published)
    card.answer("good")
    waiting, result = in_thread(card.wait)
    assert gate.reached.wait(LIMIT)
    assert card._core.state.over
    assert not card._core.is_settled
    assert card._core.works
    gate.may_pass.set()
    waiting.join(LIMIT)
    assert result == [{"some_text": "good"}]
    assert card._core.is_settled


def test_form_that_changes_the_review_it_is_drawn_for_is_drawn_again(gate):
    cards: list[nbhitl.Review] = []

    def made(_interrupt):
        for card in cards:
            card._core.redraw()
        return JsonForm("Take your time")

    card = nbhitl.review(graphs.seed(), SEED_INPUT, forms={"human_review": made})
    cards.append(card)
    assert card.interrupts
    card._screen.page.mime_bundle()
    assert view_of(card)["revision"] == card._core.state.revision
