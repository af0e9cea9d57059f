import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbhitl.errors import InvalidAnswer
from nbhitl.forms import form_for
from nbhitl.thread import Interrupt


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
    assert (found.prompt, found.field) == (prompt, {"kind": "text", "original": original})


@pytest.mark.parametrize(
    "payload",
    [{"text_to_revise": 3}, {"content": "a"}, {"instruction": "a", "content": 1}, ["a"], None, 3, {"question": "a"}],
)
def test_any_other_payload_gets_the_json_field(payload):
    assert form(payload).field["kind"] == "json"


def test_response_schema_is_not_taken_for_a_text():
    assert form({"text_to_revise": "a"}, {"type": "integer"}).field["kind"] == "json"


@given(st.text())
def test_text_answer_is_exactly_what_stands_in_the_editor(draft):
    assert form("Name?").value(draft) == draft


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.none() | st.booleans())
def test_json_answer_keeps_its_type_and_every_digit(value):
    answer = form(None).value(json.dumps(value))
    assert answer == value
    assert type(answer) is type(value)


@pytest.mark.parametrize("draft", ["", "Ann", "{", "NaN", "Infinity", "[1,]"])
def test_text_that_is_no_json_is_refused_with_what_to_write(draft):
    with pytest.raises(InvalidAnswer, match="no JSON"):
        form(None).value(draft)


@given(st.text())
def test_json_field_raises_nothing_but_invalid_answer(draft):
    with contextlib.suppress(InvalidAnswer):
        form(None).value(draft)
