"""`notify=` and `nbhitl.notify`: a callable is told when a person is needed, and when nobody is needed any longer."""

import threading

import pytest

import nbhitl
from nbhitl.core import notices
from nbhitl.testing import Person
from tests import graphs
from tests.graphs import SEED_INPUT


@pytest.fixture(autouse=True)
def nobody_told():
    yield
    nbhitl.notify(None)


class Told:
    """A callable that keeps the notices, then calls ``then``, which may raise or hang."""

    __name__ = "told"

    def __init__(self, then=lambda: None):
        self.notices, self.changed, self._then = [], threading.Condition(), then

    def __call__(self, notice):
        with self.changed:
            self.notices.append(notice)
            self.changed.notify_all()
        return self._then()

    def wait(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.notices) >= count, 10), self.notices
            return [each.needed for each in self.notices]


def answer_seed(told=None, **options):
    with Person() as person:
        card = nbhitl.review(graphs.seed(), SEED_INPUT, **options)
        person.sees(node="human_review")
        if told is not None:
            assert told.wait(1) == [True]
        person.answer("edited")
        assert card.result == {"some_text": "edited"}
        return card, person


@pytest.mark.parametrize("how", ["for one review", "for all", "async"])
def test_callable_is_told_that_a_person_is_needed_and_then_no_longer(how):
    async def nothing():
        pass

    told = Told(nothing) if how == "async" else Told()
    if how == "for all":
        nbhitl.notify(told)
    answer_seed(told, **({} if how == "for all" else {"notify": told}))
    assert told.wait(2) == [True, False]
    needed, over = told.notices
    assert [each.node for each in needed.interrupts] == ["human_review"]
    assert needed.interrupts[0].value == {"text_to_revise": "original text"}
    assert (over.interrupts, needed.graph, needed.thread_id) == ((), "LangGraph", over.thread_id)


def test_callable_of_a_review_is_told_in_place_of_the_one_for_all():
    all_of_them, own = Told(), Told()
    nbhitl.notify(all_of_them)
    answer_seed(own, notify=own)
    assert own.wait(2) == [True, False]
    assert all_of_them.notices == []


def test_callable_that_raises_changes_nothing_but_a_note_in_the_card():
    def fails():
        raise ValueError("no mail today")

    told = Told(fails)
    card, person = answer_seed(told, notify=told)
    assert told.wait(2) == [True, False]
    noted_on(card)
    assert "notify: told raised ValueError: no mail today" in person.view["notes"]


@pytest.mark.parametrize(
    ("ends", "note"),
    [
        (SystemExit(0), None),
        (SystemExit(), None),
        (SystemExit("no mail today"), "notify: told raised SystemExit: no mail today"),
        (KeyboardInterrupt(), "notify: told raised KeyboardInterrupt: "),
    ],
)
def test_callable_that_ends_as_a_command_does_is_told_the_next_notices_too(ends, note):
    def exits():
        raise ends

    told = Told(exits)
    card, _ = answer_seed(told, notify=told)
    assert told.wait(2) == [True, False]
    written = [each for each in card._core.state.notes if "notify" in each]
    assert written == ([] if note is None else [note])


def test_callable_that_hangs_changes_nothing_but_a_note_in_the_card(monkeypatch):
    monkeypatch.setattr(notices, "SLOW_SECONDS", 0)
    goes_on = threading.Event()
    told = Told(lambda: goes_on.wait(30))
    try:
        card, person = answer_seed(told, notify=told)
        noted_on(card)
        assert "notify: told has not returned for 0 s." in person.view["notes"]
        assert [each.needed for each in told.notices] == [True]
    finally:
        goes_on.set()
    assert told.wait(2) == [True, False]


def noted_on(card):
    """Wait until the card has a note about the callable."""
    noted = threading.Event()
    end = card._core.subscribe(lambda: noted.set() if _is_noted(card) else None)
    if _is_noted(card):
        noted.set()
    assert noted.wait(30)
    end()


def _is_noted(card):
    return any(note.startswith("notify:") for note in card._core.state.notes)


@pytest.mark.parametrize("answers", [["edited"], None], ids=["answered by the source", "nobody there"])
def test_callable_is_told_nothing_where_nobody_is_asked(answers):
    told = Told()
    nbhitl.notify(told)
    card = nbhitl.review(graphs.seed(), SEED_INPUT, answers=answers, notify=told)
    if answers:
        assert card.result == {"some_text": "edited"}
    else:
        with pytest.raises(nbhitl.errors.NobodyThere):
            _ = card.result
    assert not [each for each in threading.enumerate() if each.name == "nbhitl notices"]
    assert told.notices == []


@pytest.mark.parametrize(
    "call",
    [
        lambda: nbhitl.notify("me"),  # type: ignore[arg-type]
        lambda: nbhitl.review(graphs.seed(), SEED_INPUT, notify=3),  # type: ignore[arg-type]
        lambda: nbhitl.ask("Why?", notify=3),  # type: ignore[arg-type]
    ],
)
def test_no_callable_is_refused_by_name(call):
    with pytest.raises(nbhitl.errors.UsageError, match=r"notify takes a callable that receives a nbhitl\.Notice, not"):
        call()
