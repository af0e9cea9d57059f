"""An addition is a file and a registration: each test makes an addition here, as a file of the package would."""

import json
from typing import Any

import pytest

import nbhitl
from nbhitl.answers import Answer
from nbhitl.answers.precedence import PRECEDENCE
from nbhitl.core import sources
from nbhitl.engines import Engine, Interrupt, RunSegment, SmallEngine, Snapshot
from nbhitl.errors import InvalidAnswer, NobodyThere, UsageError
from nbhitl.forms import BaseForm, JsonForm
from nbhitl.forms.base import FIELD_KINDS, FieldHandling
from nbhitl.forms.choosing import CONVENTIONS, Convention, convention_of
from nbhitl.protocol import Origin
from nbhitl.testing.runner.loading import load
from nbhitl.testing.runner.paths import DecisionPath
from nbhitl.testing.runner.sources import FromPath, FromRecord, source_of
from tests import graphs
from tests.graphs import SEED_INPUT
from tests.test_page import Card
from tests.views import view_of

# --- a payload convention -------------------------------------------------------------------------


class RatingForm(JsonForm):
    """Asks for one to five stars."""

    def fit(self, value):
        if value not in range(1, 6):
            raise InvalidAnswer("one to five stars are possible")
        return value


def recognise_rating(interrupt):
    value = interrupt.value
    return RatingForm(value["rate"]) if isinstance(value, dict) and value.keys() == {"rate"} else None


def test_payload_convention_is_a_function_and_a_line_in_the_list_of_conventions(monkeypatch):
    monkeypatch.setattr("nbhitl.forms.choosing.CONVENTIONS", [Convention("rating", recognise_rating), *CONVENTIONS])

    def rates(_state: graphs.State) -> graphs.State:
        return {"some_text": "*" * graphs.interrupt({"rate": "How good is it?"})}

    card = Card(graphs.compile_node(rates))
    (question,) = card.view["questions"]
    assert question["prompt"] == "How good is it?"
    assert convention_of(card.review.interrupts[0])[0] == "rating"
    assert card.answer("9")["problem"]["name"] == "InvalidAnswer"
    assert card.answer("4")["kind"] == "accepted"
    assert card.review.result == {"some_text": "****"}


# --- a field kind -----------------------------------------------------------------------------------


class ColourForm(BaseForm):
    """Asks for a colour, with a field that no form of nbhitl has."""

    prompt = "Which colour?"

    def __init__(self) -> None:
        field: Any = {"kind": "colour", "original": "#ff0000"}
        self.field = field

    def value(self, draft):
        if not draft.startswith("#"):
            raise InvalidAnswer("a colour begins with #")
        return {"colour": draft}

    def draft(self, value):
        return str(value["colour"])


@pytest.fixture
def asks_for_a_colour():
    def paints(_state: graphs.State) -> graphs.State:
        return {"some_text": graphs.interrupt("a colour")["colour"]}

    return graphs.compile_node(paints)


def test_field_kind_without_a_line_in_the_table_is_drawn_switched_and_answered(asks_for_a_colour):
    card = Card(asks_for_a_colour, forms={"human_review": lambda _: ColourForm()})
    (question,) = card.view["questions"]
    assert question["field"] == {"kind": "colour", "original": "#ff0000"}
    assert question["sent"] == '{"colour": "#ff0000"}'
    switched = card.receive(kind="switch", id=question["id"], to="json", draft="#00ff00")
    assert json.loads(switched["draft"]) == {"colour": "#00ff00"}
    assert card.answer('{"colour": "#0000ff"}')["kind"] == "accepted"
    assert card.review.result == {"some_text": "#0000ff"}
    assert card.view["turns"][0]["answer"] == '{\n  "colour": "#0000ff"\n}'


def test_special_handling_of_a_field_kind_is_a_line_in_the_table(monkeypatch, asks_for_a_colour):
    monkeypatch.setitem(FIELD_KINDS, "colour", FieldHandling(has_json_editor=False, shows_value=True))
    card = Card(asks_for_a_colour, forms={"human_review": lambda _: ColourForm()})
    (question,) = card.view["questions"]
    assert (question["sent"], question["switch"]) == ("", None)
    assert card.answer("#00ff00")["kind"] == "accepted"
    assert card.review.result == {"some_text": "#00ff00"}


def test_field_kind_is_asked_for_in_a_terminal_as_well(monkeypatch, asks_for_a_colour):
    monkeypatch.setattr("builtins.input", lambda _prompt: "#00ff00")
    card = nbhitl.review(asks_for_a_colour, SEED_INPUT, forms={"human_review": lambda _: ColourForm()}, ui="text")
    assert card.wait() == {"some_text": "#00ff00"}


# --- an engine ----------------------------------------------------------------------------------------


class Countdown(SmallEngine):
    """An engine without LangGraph: counts down, and asks at each number whether to go on."""

    graph_name = "countdown"

    def __init__(self) -> None:
        self._number = 0

    async def start(self, value, watch, *, after=None, drop_question=False, only_first=False):
        self._number = value
        return self._segment()

    async def resume(self, answers, watch, *, again=(), asked=(), decided=()):
        (goes_on,) = answers.values()
        self._number = self._number - 1 if goes_on else 0
        return self._segment()

    async def read(self):
        return self._segment().snapshot

    def _segment(self):
        if self._number <= 0:
            return RunSegment("lift-off", Snapshot(values="lift-off"))
        asked = Interrupt(f"at {self._number}", "count", f"{self._number}: go on?")
        return RunSegment(None, Snapshot((asked,), ("count",)))


def test_engine_is_a_class_with_three_methods_and_is_given_as_the_graph():
    engine = Countdown()
    assert isinstance(engine, Engine)
    card = nbhitl.review(engine, 3)
    card.answer(True)
    assert [each.value for each in card.interrupts] == ["2: go on?"]
    card.answer(False)
    assert card.result == "lift-off"
    assert view_of(card)["graph"] == "countdown"


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (lambda card: card.abandon(), "cannot abandon its thread"),
        (lambda card: card.delete(), "cannot delete its thread"),
    ],
)
def test_part_that_an_engine_does_not_have_is_refused_by_name_and_the_question_stays(order, message):
    card = nbhitl.review(Countdown(), 1)
    assert card.interrupts
    order(card)
    with pytest.raises(UsageError, match=message):
        _ = card.result
    card.answer(True)
    assert card.result == "lift-off"


def test_engine_takes_no_options_of_a_graph():
    with pytest.raises(UsageError, match="durability="):
        nbhitl.review(Countdown(), 1, durability="sync")


# --- a source of answers --------------------------------------------------------------------------------


class Always:
    """Gives the same answer to every question."""

    origin: Origin = "script"
    may_run_again = is_complete = False

    def __init__(self, value: Any) -> None:
        self._value = value

    def found(self, past):
        pass

    def take(self, interrupt, ordinal):
        return Answer(interrupt.id, self._value, "script")

    def why_none(self, interrupt, ordinal):
        return NobodyThere("it always answers")

    def left_over(self):
        return None


@pytest.fixture
def a_further_source(monkeypatch):
    monkeypatch.setattr(sources, "FINDERS", dict(sources.FINDERS))
    order = list(PRECEDENCE)
    sources.add_finder("the office", lambda _asking: Always("by the office"), before="unattended=")
    yield
    PRECEDENCE[:] = order


def test_source_of_answers_is_a_function_and_a_rank_in_the_order_of_precedence(a_further_source):
    graph = graphs.seed()
    assert nbhitl.review(graph, SEED_INPUT).result == {"some_text": "by the office"}
    assert nbhitl.review(graph, SEED_INPUT, unattended=["unattended"]).result == {"some_text": "by the office"}
    assert nbhitl.review(graph, SEED_INPUT, answers=["in the source"]).result == {"some_text": "in the source"}


def test_each_place_of_answers_of_a_review_has_a_rank():
    assert set(sources.FINDERS) < set(PRECEDENCE)


def test_runner_takes_answers_in_the_same_order_of_precedence(monkeypatch, tmp_path):
    notebook = tmp_path / "notebook.ipynb"
    notebook.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    loaded = load(notebook)
    assert isinstance(source_of(loaded, None), FromRecord)
    path = DecisionPath("a path", {"review": ["yes"]}, "answers of a path", {})
    assert isinstance(source_of(loaded, path), FromPath)
    monkeypatch.setattr("nbhitl.answers.precedence.PRECEDENCE", PRECEDENCE[::-1])
    assert isinstance(source_of(loaded, path), FromRecord)
