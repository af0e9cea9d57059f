"""A person's time for a question, and the answer that is given at the end of that time; the tests move the clock."""

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pytest

import nbhitl
from nbhitl.errors import UsageError
from nbhitl.forms.conventions.text import TextForm
from nbhitl.kernel import clock as clocks
from nbhitl.recording.recorder import Recorder
from tests import graphs
from tests.rules import asking, batched
from tests.test_rules import APPROVED, TWO

PAY = batched(("pay", {"amount": 5}))
NOBODY = nbhitl.reject("nobody answered")
REJECTED = {"decisions": [{"type": "reject", "message": "nobody answered"}]}
WRITTEN: Any = nbhitl


class Clock:
    """A clock that stands still until a test moves the time."""

    def __init__(self):
        self.time, self.calls = 1000.0, []

    def now(self):
        return self.time

    wall = now

    def call_later(self, seconds, call):
        self.calls.append((self.time + seconds, call))

    def move(self, seconds):
        self.time += seconds
        due = [each for each in self.calls if each[0] <= self.time]
        self.calls = [each for each in self.calls if each[0] > self.time]
        for _, call in due:
            call()


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(clocks, "_CLOCKS", [clock])
    return clock


@pytest.mark.parametrize(
    "within", ["10 min", "600 s", "600s", "10 minutes", 600, 600.0, timedelta(minutes=10), np.int64(600)]
)
def test_nobody_answers_in_time_and_the_answer_is_given(person, clock, within):
    card = nbhitl.review(asking(PAY), {}, within=within, otherwise=NOBODY)
    question = person.sees(field="decisions")
    assert question["deadline"] == {
        "kind": "deadline",
        "at": 1600.0,
        "left": None,
        "otherwise": "pay: reject\nnobody answered",
    }
    clock.move(599.9)
    assert card.waits
    clock.move(0.1)
    assert card.result["taken"] == [REJECTED]
    assert person.view["turns"][0]["origin"] == "time"
    assert card.answers.to_frame()[["origin", "decided_by"]].to_numpy().tolist() == [["time", "the time-out"]]
    assert "the time-out answers: " in str(card)


def test_timer_that_fires_early_is_set_again_for_the_rest_and_the_answer_is_given(person, clock, monkeypatch):
    set_for = clock.call_later
    monkeypatch.setattr(clock, "call_later", lambda seconds, call: set_for(max(0, seconds - 0.25), call))
    card = nbhitl.review(asking(PAY), {}, within="10 min", otherwise=NOBODY)
    person.sees(field="decisions")
    clock.move(599.75)
    assert card.waits
    assert len(clock.calls) == 1
    clock.move(0.25)
    assert card.result["taken"] == [REJECTED]


def test_timer_of_a_countdown_that_was_paused_sets_no_further_timer(person, clock):
    card = nbhitl.review(asking(PAY), {}, within="10 min", otherwise=NOBODY)
    question = person.sees(field="decisions")
    clock.move(300)
    pauses(person, question)
    clock.move(100)
    pauses(person, question, goes_on=True)
    clock.move(200)  # the time of the first timer
    assert card.waits
    assert len(clock.calls) == 1
    clock.move(100)
    assert card.result["taken"] == [REJECTED]


def test_answer_in_time_is_the_persons_and_each_question_has_its_own_time(person, clock):
    card = nbhitl.review(asking(PAY, PAY), {}, within="10 min", otherwise=NOBODY)
    person.sees(field="decisions")
    clock.move(500)
    person.approve()
    assert person.sees(field="decisions")["deadline"]["at"] == 2100.0
    clock.move(599)
    assert card.waits
    clock.move(1)
    assert card.result["taken"] == [{"decisions": [APPROVED]}, REJECTED]


def test_any_answer_can_be_given_by_time_to_any_question(person, clock):
    card = nbhitl.review(graphs.seed(), graphs.SEED_INPUT, within="1 h", otherwise="as it was")
    person.sees()
    clock.move(3600)
    assert card.result == {"some_text": "as it was"}
    asked = nbhitl.ask("How many?", int, within=5, otherwise=3)
    person.sees()
    clock.move(5)
    assert asked.result == 3


def test_answer_by_time_that_json_does_not_keep_is_given_without_a_record(person, clock):
    seen = []

    def ask(_state):
        seen.append(graphs.interrupt("Which weights?"))
        return {"some_text": "done"}

    for otherwise in ({("ann", "ben"): 1}, (1, 2)):
        card = nbhitl.review(graphs.compile_node(ask), graphs.SEED_INPUT, within=5, otherwise=otherwise)
        person.sees()
        clock.move(5)
        assert card.result == {"some_text": "done"}
        assert seen.pop() == otherwise
        assert person.view["turns"][0]["record"]["kind"] == "not_recorded"


def test_answer_by_time_is_given_where_the_record_cannot_be_made(person, clock, monkeypatch):
    def raises(*_):
        raise LookupError("no such form")

    monkeypatch.setattr(Recorder, "_record_of", raises)
    card = nbhitl.review(graphs.seed(), graphs.SEED_INPUT, within=5, otherwise="as it was")
    person.sees()
    clock.move(5)
    assert card.result == {"some_text": "as it was"}
    assert person.view["turns"][0]["record"] == {"kind": "not_recorded", "reason": "LookupError: no such form"}


@pytest.mark.parametrize(("fails", "said"), [("show", "does not fit"), ("fit", "could not be given")])
def test_form_that_raises_where_the_time_decides_is_told_and_the_question_waits(
    person, clock, monkeypatch, fails, said
):
    def raises(*_):
        raise LookupError("no such form")

    card = nbhitl.review(graphs.seed(), graphs.SEED_INPUT, within=5, otherwise="as it was")
    if fails == "show":
        monkeypatch.setattr(TextForm, fails, raises)
    person.sees()
    monkeypatch.setattr(TextForm, fails, raises)
    clock.move(5)
    assert card.waits
    (note,) = person.view["notes"]
    assert said in note
    assert "LookupError: no such form" in note
    monkeypatch.undo()
    card.answer("mine")
    assert card.result == {"some_text": "mine"}


def pauses(person, question, *, goes_on=False):
    person._newest().ask("pause", id=question["id"], goes_on=goes_on)


def test_question_that_a_person_has_in_hand_is_not_decided(person, clock):
    card = nbhitl.review(asking(PAY), {}, within="10 min", otherwise=NOBODY)
    question = person.sees(field="decisions")
    clock.move(400)
    pauses(person, question)
    assert person.sees(field="decisions")["deadline"]["left"] == 200.0
    clock.move(10_000)
    assert card.waits
    pauses(person, question, goes_on=True)
    clock.move(199)
    assert card.waits
    pauses(person, question)
    pauses(person, question)
    pauses(person, question, goes_on=True)
    clock.move(1)
    assert card.result["taken"] == [REJECTED]


def test_pause_at_the_last_moment_is_either_before_or_after_the_decision(person, clock):
    card = nbhitl.review(asking(PAY), {}, within="10 min", otherwise=NOBODY)
    question = person.sees(field="decisions")
    clock.time += 600
    pauses(person, question)
    clock.move(0)
    assert card.waits
    person.approve()
    assert card.result["taken"] == [{"decisions": [APPROVED]}]


def test_time_decides_on_the_calls_that_the_rules_leave(person, clock):
    rules = [nbhitl.allow("search_*")]
    card = nbhitl.review(asking(TWO), {}, rules=rules, within="10 min", otherwise=NOBODY)
    person.sees(field="decisions")
    clock.move(600)
    assert card.result["taken"] == [{"decisions": [APPROVED, *REJECTED["decisions"]]}]
    assert card.answers.to_frame()["decided_by"].tolist() == ["the rule allow('search_*') and the time-out"]
    assert person.view["rules"][0]["decided"] == 1


def test_answer_that_does_not_fit_is_told_at_once_and_the_question_waits(person, clock):
    card = nbhitl.review(graphs.seed(), graphs.SEED_INPUT, within="10 min", otherwise=NOBODY)
    assert "deadline" not in person.sees()
    assert "otherwise= does not fit" in person.view["notes"][0]
    clock.move(10_000)
    assert card.waits


def test_time_out_never_approves_a_call_that_a_rule_denies(person, clock):
    rules = [nbhitl.deny("search_*", "no")]
    card = nbhitl.review(asking(TWO), {}, rules=rules, within="10 min", otherwise=[nbhitl.approve(), nbhitl.approve()])
    assert "deadline" not in person.sees(field="decisions")
    clock.move(10_000)
    assert card.waits


def test_answer_that_a_person_asked_again_is_not_decided_by_time(person, clock):
    card = nbhitl.review(asking(PAY), {}, within="10 min", otherwise=NOBODY)
    person.sees()
    clock.move(600)
    assert card.result
    person.asks_again()
    assert "deadline" not in person.sees(field="decisions")
    person.approve()
    assert card.result["taken"] == [{"decisions": [APPROVED]}]


def test_answer_that_cannot_be_sent_when_the_time_is_over_leaves_the_question_to_a_person(person, clock, tmp_path):
    import sqlite3

    from langgraph.checkpoint.sqlite import SqliteSaver

    connection = sqlite3.connect(tmp_path / "threads.db", check_same_thread=False)
    card = nbhitl.review(asking(PAY, saver=SqliteSaver(connection)), {}, within="10 min", otherwise=NOBODY)
    person.sees(field="decisions")
    connection.close()
    clock.move(600)
    assert card.waits
    assert "the answer could not be given" in person.view["notes"][-1]
    clock.move(10_000)
    assert [note for note in person.view["notes"] if "could not be given" in note] == person.view["notes"][-1:]
    assert "deadline" not in person.sees()


def test_countdown_that_runs_goes_on_as_before_where_a_page_lets_the_countdown_go_on(person, clock):
    card = nbhitl.review(asking(PAY), {}, within="10 min", otherwise=NOBODY)
    question = person.sees(field="decisions")
    clock.move(400)
    pauses(person, question, goes_on=True)
    clock.move(199)
    assert card.waits
    clock.move(1)
    assert card.result["taken"] == [REJECTED]


def test_nothing_counts_where_answers_stand_in_the_source(clock):
    card = nbhitl.review(asking(PAY), {}, within="10 min", otherwise=NOBODY, answers=[nbhitl.approve()])
    assert card.result["taken"] == [{"decisions": [APPROVED]}]
    assert clock.calls == []


@pytest.mark.parametrize(
    ("form", "otherwise"),
    [(int, "many"), (["Q1", "Q2"], "Q5"), (pd.DataFrame({"a": [1]}), 3), (bool, nbhitl.approve())],
)
def test_answer_by_time_that_the_form_does_not_take_is_refused_at_the_call(form, otherwise):
    with pytest.raises(UsageError, match="otherwise= is no answer to 'Well.'"):
        nbhitl.ask("Well?", form, within=5, otherwise=otherwise)


def test_call_that_is_over_says_nothing_when_its_time_comes(person, clock):
    card = nbhitl.review(asking(PAY), {}, within="10 min", otherwise=NOBODY)
    person.approve()
    assert card.result
    clock.move(600)
    assert card.result["taken"] == [{"decisions": [APPROVED]}]
    assert len(person.view["turns"]) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"within": "10 min"}, "needs the answer that is given then"),
        ({"otherwise": 1}, "say which time"),
        ({"within": "soon", "otherwise": 1}, "takes a time .* not 'soon'"),
        ({"within": "10m", "otherwise": 1}, "takes a time .* not '10m'"),
        ({"within": timedelta(0), "otherwise": 1}, r"takes a time .* not datetime\.timedelta\(0\)"),
        ({"within": 10**400, "otherwise": 1}, "takes a time up to 10 years"),
        ({"within": "5000 days", "otherwise": 1}, "takes a time up to 10 years"),
        ({"within": "10 lightyears", "otherwise": 1}, "takes a time"),
        ({"within": 0, "otherwise": 1}, "takes a time"),
        ({"within": True, "otherwise": 1}, "takes a time"),
        ({"within": float("nan"), "otherwise": 1}, "takes a time"),
        ({"within": [10], "otherwise": 1}, "takes a time"),
    ],
)
def test_unreadable_time_is_refused_with_an_example(options, said):
    for call in (
        lambda: WRITTEN.review(graphs.seed(), graphs.SEED_INPUT, **options),
        lambda: WRITTEN.open(graphs.seed(), thread_id="1", **options),
        lambda: WRITTEN.ask("How many?", int, **options),
    ):
        with pytest.raises(UsageError, match=said):
            call()
