"""A run that an answer of the page has set to work is drawn a moment later, and not at all where the run is over."""

import threading
from collections.abc import Callable
from typing import Any, cast

import pytest

import nbhitl
from nbhitl.testing import Person
from nbhitl.ui import publishing
from tests import graphs
from tests.graphs import compile_node, interrupt


@pytest.fixture
def person():
    with Person() as someone:
        yield someone


@pytest.fixture
def drawn_late(monkeypatch):
    """Let a run at work be drawn only after the end of the test."""
    monkeypatch.setattr(publishing, "AT_WORK_AFTER", 3600)


def wait_for(person: Person, condition: Callable[[], bool]) -> None:
    """Wait for a change of the card that fulfils the condition."""
    with person._changed:
        assert person._changed.wait_for(condition, 30)


def phases(person: Person) -> list[str]:
    """Return the phases that the page is sent from now on."""
    seen: list[str] = []
    card = cast(Any, person)._newest()
    take, before = card.take, [card.seen.phase["kind"]]

    def taken(state: Any) -> None:
        take(state)
        if (phase := card.seen.phase["kind"]) != [*before, *seen][-1]:
            seen.append(phase)

    card.take = taken
    return seen


def works_on() -> tuple[Any, threading.Event]:
    """Return a graph that works after the answer until the event is set."""
    goes_on = threading.Event()

    def ask(_state: Any) -> Any:
        answer = interrupt("?")
        assert goes_on.wait(30)
        return {"some_text": answer}

    return compile_node(ask), goes_on


def test_run_that_is_over_at_once_is_not_drawn_at_work(person, drawn_late):
    card = nbhitl.review(graphs.seed(), graphs.SEED_INPUT)
    person.sees()
    seen = phases(person)
    page: Any = cast(Any, person)._newest()
    page.ask("answer", id=page.seen.questions[0]["id"], revision=page.seen.revision, draft="mine")
    assert card.result == {"some_text": "mine"}
    wait_for(person, lambda: seen == ["finished"])


def test_run_that_works_on_is_drawn_at_work(person):
    graph, goes_on = works_on()
    card = nbhitl.review(graph, graphs.SEED_INPUT)
    person.sees()
    seen = phases(person)
    person.answer("mine")
    wait_for(person, lambda: seen == ["running"])
    goes_on.set()
    assert card.result
    wait_for(person, lambda: seen == ["running", "finished"])


def test_question_that_is_asked_again_is_seen_answered_first(person, drawn_late):
    answers = []

    def ask(_state: Any) -> Any:
        answers.append(interrupt("?"))
        if len(answers) == 1:
            raise ValueError("not that")
        return {"some_text": answers[-1]}

    card = nbhitl.review(compile_node(ask), graphs.SEED_INPUT)
    first = person.sees()
    seen = phases(person)
    person.answer("a")
    again = person.sees(problem="not that")
    assert first["id"] == again["id"]
    assert seen == ["running", "asking"]
    person.answer("b")
    assert card.result == {"some_text": "b"}


def test_stop_is_drawn_at_once_where_the_run_at_work_is_not_drawn_yet(person, drawn_late):
    graph, goes_on = works_on()
    card = nbhitl.review(graph, graphs.SEED_INPUT)
    person.sees()
    seen = phases(person)
    person.answer("mine")
    card.stop()
    wait_for(person, lambda: "running" in seen)
    goes_on.set()
    wait_for(person, lambda: seen[-1] != "running")
