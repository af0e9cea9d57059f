""" "Edit as JSON", and back: with every convention, finished or not."""

import json

import pytest

from nbhitl.errors import InvalidAnswer
from nbhitl.forms import Forms
from nbhitl.runs.run import Interrupt
from tests.forms.asking import asked, decided
from tests.forms.payloads import TABLE, pay

TWO_CALLS = {**pay(), "action_requests": pay()["action_requests"] * 2}
TWO_QUESTIONS = {
    "type": "ask_user",
    "tool_call_id": "1",
    "questions": [
        {"question": "Name?", "type": "text"},
        {"question": "Size?", "type": "multiple_choice", "choices": [{"value": "s"}, {"value": "l"}]},
    ],
}
SWITCHABLE = [row for row in TABLE if row.field in ("form", "decisions", "text")]


@pytest.mark.parametrize("row", SWITCHABLE, ids=lambda row: row.convention)
def test_form_that_nobody_touched_can_be_switched_and_switched_back(row):
    forms, interrupt = Forms(), asked(row.payload, row.schema, row.reads)
    begins = forms.of(interrupt).field["original"]
    text = forms.switch(interrupt, "json", begins)
    assert forms.of(interrupt).field["kind"] == "json"
    assert forms.switch(interrupt, "form", text) == begins
    assert forms.of(interrupt).field["kind"] == row.field


def test_empty_text_written_as_json_is_an_empty_text_in_the_form():
    forms, interrupt = Forms(), asked({"text_to_revise": "a"})
    forms.switch(interrupt, "json", "a")
    assert forms.switch(interrupt, "form", '""') == ""


@pytest.mark.parametrize(
    ("payload", "draft", "as_json"),
    [
        (TWO_CALLS, '[{"action": "approve"}, null]', {"decisions": [{"type": "approve"}, None]}),
        (
            TWO_CALLS,
            '[null, {"action": "respond", "value": ""}]',
            {"decisions": [None, {"type": "respond", "message": ""}]},
        ),
        (TWO_QUESTIONS, decided(("answer", {"1": "Ann"})), {"status": "answered", "answers": ["Ann", ""]}),
        (TABLE[4].payload, decided(("accept", {"seats": "x"})), {"action": "accept", "content": {"seats": "x"}}),
    ],
    ids=["one of two decided", "a text is missing", "one of two answered", "does not fit"],
)
def test_half_filled_form_keeps_the_draft_when_switched_to_json_and_back(payload, draft, as_json):
    forms, interrupt = Forms(), asked(payload)
    text = forms.switch(interrupt, "json", draft)
    assert json.loads(text) == as_json
    with pytest.raises(InvalidAnswer):
        forms.of(interrupt).value(text)
    assert json.loads(forms.switch(interrupt, "form", f"{text} ")) == json.loads(draft)


def test_json_that_the_form_cannot_draw_stays_json_and_says_so():
    forms, interrupt = Forms(), asked(TWO_CALLS)
    forms.switch(interrupt, "json", '[{"action": "approve"}, null]')
    with pytest.raises(InvalidAnswer, match="The form cannot hold"):
        forms.switch(interrupt, "form", '{"something": "else"}')
    assert forms.of(interrupt).field["kind"] == "json"


def test_second_question_under_the_id_of_the_first_has_a_separate_form():
    """Servers with an older LangGraph give all questions of a node the same id."""
    forms = Forms()
    first, second = Interrupt("id", "ask", {"text_to_revise": "a"}), Interrupt("id", "ask", {"text_to_revise": "b"})
    forms.switch(first, "json", "a")
    assert forms.of(second).field == {"kind": "text", "original": "b", "language": ""}
    assert forms.of(first).field["kind"] == "json"
