"""An answer is validated without the lock, and then accepted only for the very question of the validation."""

import threading

import pytest

import nbhitl
from nbhitl.answers import Answer
from nbhitl.errors import AlreadyAnswered, InvalidAnswer
from nbhitl.forms.fallback import JsonForm
from tests import graphs
from tests.graphs import SEED_INPUT

LIMIT = 30
"""Seconds after which a thread counts as blocked."""


class SlowForm(JsonForm):
    """A form whose validation lasts until a test sets ``may_end``."""

    def __init__(self) -> None:
        super().__init__("Take your time")
        self.begun, self.may_end = threading.Event(), threading.Event()

    def fit(self, value):
        self.begun.set()
        assert self.may_end.wait(LIMIT)
        if value == "bad":
            raise InvalidAnswer("it is bad")
        return value


@pytest.fixture
def slow():
    form = SlowForm()
    yield form
    form.may_end.set()


def reviewed(slow):
    card = nbhitl.review(graphs.seed(), SEED_INPUT, forms={"human_review": lambda _: slow})
    assert card.interrupts
    return card


def in_thread(call):
    """Run ``call`` in a thread; return the thread, and a list that gets the outcome."""
    outcome = []

    def run():
        try:
            outcome.append(call())
        except Exception as error:  # noqa: BLE001 - the test looks at the error
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, outcome


def test_review_can_be_looked_at_while_a_form_validates_an_answer(slow):
    card = reviewed(slow)
    answering, _ = in_thread(lambda: card.answer("good"))
    assert slow.begun.wait(LIMIT)
    looking, seen = in_thread(lambda: (card.waits, len(card.interrupts)))
    looking.join(LIMIT)
    assert seen == [(True, 1)]
    assert answering.is_alive()
    slow.may_end.set()
    answering.join(LIMIT)
    assert card.result


def test_of_two_answers_that_are_validated_side_by_side_the_first_to_be_accepted_wins(slow):
    card = reviewed(slow)
    (interrupt,) = card.interrupts
    pairs = [in_thread(lambda n=n: card.answer(f"answer {n}", id=interrupt.id)) for n in range(2)]
    assert slow.begun.wait(LIMIT)
    slow.may_end.set()
    for thread, _ in pairs:
        thread.join(LIMIT)
    outcomes = [outcome[0] for _, outcome in pairs]
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyAnswered", "NoneType"]
    assert card.result


def test_refused_answer_leaves_the_question_open(slow):
    card = reviewed(slow)
    slow.may_end.set()
    with pytest.raises(InvalidAnswer, match="it is bad"):
        card.answer("bad")
    assert card.waits
    card.answer("good")
    assert card.result


def test_answer_that_was_validated_for_a_question_is_not_accepted_once_the_question_was_asked_anew(slow):
    slow.may_end.set()
    card = reviewed(slow)
    session, validation = card._core._shared._session, card._core._validation
    first = session.question_for(Answer(card.interrupts[0].id, "first", "code"))
    card.answer("good")
    assert card.result
    card.ask_again()
    (asked,) = card.interrupts
    late = validation.validated(first, Answer(asked.id, "first", "code"))
    with pytest.raises(AlreadyAnswered, match="asked anew"):
        session.accept(first, late)
    card.answer("good")
    assert card.result
