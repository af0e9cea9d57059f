"""An ipywidget's value as the answer: sent, recorded and shown."""

import datetime as dt
import json
from typing import NamedTuple

import pytest
import traitlets
from ipywidgets import (  # type: ignore[import-untyped]
    DatePicker,
    HBox,
    IntRangeSlider,
    IntText,
    Password,
    SelectMultiple,
    VBox,
)

from nbhitl.forms import Forms
from nbhitl.forms.fallback import JsonForm
from nbhitl.recording.outputs import why_not_recorded
from nbhitl.runs.run import Interrupt
from tests import graphs
from tests.test_page import Card


def asks(seen):
    def node(_state):
        seen.append(graphs.interrupt("Which?"))
        return {"some_text": "done"}

    return graphs.compile_node(node)


def test_date_of_a_widget_reaches_the_node_and_the_card_says_that_no_record_is_kept():
    seen: list[object] = []
    card = Card(asks(seen), forms={"human_review": DatePicker(value=dt.date(2026, 1, 31))})
    reply = card.answer("")
    assert (reply["kind"], reply["record"]) == ("accepted", None)
    assert card.review.result == {"some_text": "done"}
    assert seen == [dt.date(2026, 1, 31)]
    assert card.view["turns"][0]["record"]["reason"] == "it holds a date, which JSON does not keep"


def test_card_tells_the_type_of_the_widget_s_value_and_is_drawn_again_for_a_new_type_only():
    picker = DatePicker()
    card = Card(asks([]), forms={"human_review": picker})
    assert card.view["questions"][0]["sends"] == "nothing (null)"
    picker.value = dt.date(2026, 1, 31)
    assert card.view["questions"][0]["sends"] == "date"
    revision = card.view["revision"]
    picker.value = dt.date(2026, 2, 1)
    assert card.view["revision"] == revision


@pytest.mark.parametrize(
    ("widget", "value"),
    [(IntRangeSlider(value=(1, 5)), [1, 5]), (SelectMultiple(options=["a", "b"], value=("b",)), ["b"])],
    ids=["range", "several"],
)
def test_several_values_of_a_widget_are_a_list_also_when_replayed(widget, value):
    seen: list[object] = []
    card = Card(asks(seen), forms={"human_review": widget})
    reply = card.answer("")
    assert card.review.result
    assert seen == [value] == [json.loads(reply["record"]["entry"]["answer"])]


class Anything(HBox):  # type: ignore[misc]
    """A box with a value of any type."""

    value = traitlets.Any()


class Pair(NamedTuple):
    first: int
    second: int


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({("ann", "ben"): 3}, "it holds a key of type tuple, which JSON does not keep"),
        ([{"a": {1: "a"}}], "it holds a key of type int, which JSON does not keep"),
        ({None: "a"}, "it holds a key of type NoneType, which JSON does not keep"),
        ({"a": Pair(1, 2)}, "it holds a Pair, which JSON does not keep"),
    ],
    ids=["pair as a key", "number as a key", "nothing as a key", "named tuple"],
)
def test_value_that_json_would_change_reaches_the_node_and_the_card_says_that_no_record_is_kept(value, why):
    seen: list[object] = []
    card = Card(asks(seen), forms={"human_review": Anything(value=value)})
    reply = card.answer("")
    assert (reply["kind"], reply.get("record")) == ("accepted", None)
    assert card.review.result == {"some_text": "done"}
    assert seen == [value]
    assert card.view["turns"][0]["record"] == {"kind": "not_recorded", "reason": why}


@pytest.mark.parametrize(
    "value",
    [{"a": [1, 2.0, True, None, {"b": "c"}]}, [2**53 + 1, float("inf"), 1e300], (1, (2, 3))],
    ids=["plain", "numbers", "tuples"],
)
def test_value_that_json_keeps_is_recorded(value):
    seen: list[object] = []
    card = Card(asks(seen), forms={"human_review": Anything(value=value)})
    reply = card.answer("")
    assert card.review.result
    assert [repr(json.loads(reply["record"]["entry"]["answer"]))] == list(map(repr, seen))


CIRCLE: list[object] = []
CIRCLE.append(CIRCLE)
DEEP: list[object] = []
for _ in range(100_000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (CIRCLE, "JSON does not keep it (Circular reference"),
        (DEEP, "JSON does not keep it ("),
        (10**5000, "JSON does not keep it (Exceeds the limit"),
        ({("ann", "ben"): CIRCLE}, "it holds a key of type tuple, which JSON does not keep"),
    ],
    ids=["circle", "deep", "digits", "circle below a key"],
)
def test_value_that_json_cannot_write_is_not_recorded(value, why):
    found = why_not_recorded(value, JsonForm("?"))
    assert found is not None
    assert found.startswith(why)


def test_password_of_a_widget_reaches_the_node_and_nothing_that_is_shown_or_kept():
    seen: list[object] = []
    box = VBox([Password(value="canary")])
    box.value = {"password": "canary"}
    for form in (Password(value="canary"), box):
        card = Card(asks(seen), forms={"human_review": form})
        reply = card.answer("")
        assert card.review.result
        assert reply["record"] is None
        assert "canary" not in json.dumps([reply, card.view]) + str(card.review)
    assert seen == ["canary", {"password": "canary"}]


def test_widget_that_is_filled_in_stays_when_the_state_is_read_again():
    made = []

    def make(_interrupt):
        made.append(IntText())
        return made[-1]

    forms = Forms({"ask": make})
    form = forms.of(Interrupt("id", "ask", {"rows": [1]}))
    assert forms.of(Interrupt("id", "ask", {"rows": [1]})) is form
    assert len(made) == 1


def test_interrupt_for_which_a_function_has_no_form_is_left_to_the_convention():
    assert Forms({"ask": lambda interrupt: None}).of(Interrupt("id", "ask", "Name?")).field["kind"] == "text"
