import contextlib
import datetime as dt
import decimal
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbhitl.errors import InvalidAnswer
from nbhitl.forms import form_for
from nbhitl.forms.base import EDITABLE
from nbhitl.runs.run import Halt, Interrupt, StuckAnswer
from nbhitl.runs.stops import seen_at


def form(payload, schema=None):
    return form_for(Interrupt("id", "node", payload, schema))


@pytest.mark.parametrize(
    ("payload", "prompt", "original"),
    [
        ({"text_to_revise": "a"}, "Revise the text", "a"),
        ({"text_to_revise": "a", "instruction": "Shorten"}, "Shorten", "a"),
        ({"instruction": "Review this", "content": "a"}, "Review this", "a"),
        ("What is your name?", "What is your name?", ""),
    ],
)
def test_text_idiom_gets_a_text_field_with_the_original(payload, prompt, original):
    found = form(payload)
    assert (found.prompt, found.field) == (prompt, {"kind": "text", "original": original, "language": ""})


@pytest.mark.parametrize(
    "payload",
    [{"text_to_revise": 3}, ["a"], None, {}, {"question": 3}],
)
def test_any_other_payload_without_a_text_gets_the_json_field(payload):
    assert form(payload).field["kind"] == "json"


@pytest.mark.parametrize("payload", [{"content": "a"}, {"instruction": "a", "content": 1}, {"plan": [1], "by": "Ann"}])
def test_any_other_payload_with_a_text_gets_a_text_field(payload):
    assert form(payload).field["kind"] == "text"


@given(st.text())
def test_text_answer_is_exactly_the_text_in_the_editor(draft):
    assert form("Name?").value(draft) == draft


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


def typed(value):
    """Return a value with its types, so that 1, 1.0, True and -0.0 differ."""
    if isinstance(value, dict):
        return {key: typed(each) for key, each in value.items()}
    if isinstance(value, list):
        return [typed(each) for each in value]
    return type(value), repr(value)


@given(JSON)
def test_json_answer_keeps_its_types_and_every_digit(value):
    assert typed(form(None).value(json.dumps(value))) == typed(value)
    assert typed(form(None).value(form(None).draft(value))) == typed(value)


@pytest.mark.parametrize("value", ["\ud800", "\0\r\n", 2**53 + 1, 2**64, {"a": "\ud800"}, -0.0, 1e308, "a" * 100_000])
def test_json_draft_stands_for_exactly_the_value(value):
    draft = form(None).draft(value)
    assert draft is not None
    assert draft.encode()
    assert typed(form(None).value(draft)) == typed(value)


KNOT: list[object] = []
KNOT.append(KNOT)


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        (1, 2),
        {1: 2},
        {1},
        b"a",
        dt.date(2024, 1, 1),
        decimal.Decimal(1),
        10**5000,
        KNOT,
        "a" * EDITABLE,
        ["a"] * EDITABLE,
    ],
    ids=lambda value: type(value).__name__,
)
def test_value_without_a_json_text_has_no_draft(value):
    assert form(None).draft(value) is None
    assert form(None).show(value)


def test_error_about_an_unreadable_number_names_the_length():
    with pytest.raises(InvalidAnswer, match="a whole number of 5,000 digits is too long"):
        form(None).value("9" * 5000)


LINE_ENDS = ["\n", "\r\n"]


@given(
    st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))), st.sampled_from(LINE_ENDS)
)
def test_text_comes_back_from_the_editor_with_its_own_line_ends(lines, line_end):
    text = line_end.join(lines)
    found = form({"text_to_revise": text})
    assert "\r" not in found.field["original"]  # an editor in a page knows only "\n"
    assert found.value(found.field["original"]) == text
    assert found.draft(text) == found.field["original"]


@pytest.mark.parametrize("text", ["a\rb", "a\nb\r\nc", "half \ud800"])
def test_text_that_an_editor_would_change_is_edited_as_json(text):
    found = form({"text_to_revise": text})
    assert found.field["kind"] == "json"
    assert "as JSON" in found.prompt
    assert found.value(found.field["original"]) == text


def test_text_too_long_to_edit_is_answered_from_python_and_never_by_accident():
    whole = form({"text_to_revise": "a" * EDITABLE})
    assert whole.field == {"kind": "text", "original": "a" * EDITABLE, "language": ""}
    longer = form({"text_to_revise": "a" * 10_000_000, "instruction": "Shorten"})
    assert longer.field == {"kind": "json", "original": ""}
    assert longer.prompt.startswith("Shorten (answer from Python: card.answer(text), or write a new one here")
    with pytest.raises(InvalidAnswer):
        longer.value("")
    assert longer.value('"short"') == "short"


def test_text_form_has_no_draft_for_a_value_that_cannot_be_edited_as_text():
    assert form("Name?").draft(3) is None
    assert form("Name?").draft("a" * (EDITABLE + 1)) is None
    assert form("Name?").draft("two\r\nlines") is None
    assert form("Name?").draft("Ann") == "Ann"


def test_long_answer_is_shown_cut():
    assert "characters more" in form("Name?").show("a" * 10_000_000)
    assert "not shown" in form(None).show(["a" * 10_000_000])


@pytest.mark.parametrize("draft", ["", "Ann", "{", "NaN", "Infinity", "[1,]"])
def test_invalid_json_is_refused_with_advice(draft):
    with pytest.raises(InvalidAnswer, match="no JSON"):
        form(None).value(draft)


@given(st.text())
def test_json_field_raises_nothing_but_invalid_answer(draft):
    with contextlib.suppress(InvalidAnswer):
        form(None).value(draft)


@pytest.mark.parametrize(
    ("former", "saved", "said"),
    [
        (None, False, "stopped before tools"),
        (None, True, "after tools had run"),
        (StuckAnswer(), False, "may have run already"),
        (StuckAnswer(error="ValueError: no"), False, "failed in tools: ValueError: no"),
    ],
)
def test_prompt_of_a_stop_tells_the_state_of_the_step(former, saved, said):
    value = seen_at((Halt(next=("tools",)),), former, is_saved=saved)
    stop = Interrupt("stop-1", "tools", value, is_stop=True, former=former)
    assert said in form_for(stop).prompt
