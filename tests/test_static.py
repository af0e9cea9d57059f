"""The static output of a question, and of the record of an answer, in a page without a kernel."""

import html
import json
import re
from html.parser import HTMLParser
from typing import Any

import pandas as pd  # type: ignore[import-untyped] # nbhitl does not depend on the stubs of pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage
from pydantic import BaseModel, Field, SecretStr

from nbhitl.core.questions import Answered
from nbhitl.forms import Forms
from nbhitl.forms.values import question_of
from nbhitl.recording.blocks import Span, as_html, as_text, line
from nbhitl.recording.outputs import placeholder
from nbhitl.runs.run import Interrupt
from tests.outputs import question_output, record_output

PAY: dict[str, Any] = {
    "action_requests": [{"name": "pay", "args": {"amount": 50, "to": "Ann"}, "description": "Pay somebody"}],
    "review_configs": [{"action_name": "pay", "allowed_decisions": ["approve", "edit", "reject"]}],
}
PAY_TWICE = {key: value * 2 for key, value in PAY.items()}
ROWS = [{"city": "Lisbon", "visits": 12}, {"city": "Porto", "visits": 8}]
EDIT_ROWS = "Edit the rows, or send them as they are"
EDITED = {"decisions": [{"type": "edit", "edited_action": {"name": "pay", "args": {"amount": 5, "to": "Ann"}}}]}
REJECTED = {"decisions": [{"type": "approve"}, {"type": "reject", "message": "too much"}]}


class Text(HTMLParser):
    """Collects tags, attributes and text of a piece of HTML, as shown in a page without styles and classes."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.attributes, self.text = set(), set(), ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data


def asked(payload, forms=None, **how):
    return question_output(Interrupt("id-1", "review", payload, **how), forms or Forms())


def recorded(payload, answer, forms=None):
    return record_output(Answered(Interrupt("id-1", "review", payload), 0, answer, "person"), forms or Forms())


def forms_of(kind, prompt="How many?"):
    question = question_of(prompt, kind)
    return question.payload, Forms({"review": question.form})


class Trip(BaseModel):
    """Where to?"""

    city: str
    nights: int = Field(default=2, ge=1, le=30, description="of the whole stay")
    pin: SecretStr = SecretStr("4711")


@pytest.mark.parametrize(
    ("payload", "lines"),
    [
        ({"text_to_revise": "original text"}, ["Revise the text review", "original text"]),
        (PAY, ["Approve pay? review", "Pay somebody", "- amount: 50", "- to: Ann", "[Approve] [Edit] [Reject]"]),
        ({"question": "Which?", "options": ["small", "large"]}, ["Which? review", "[small] [large]"]),
        ({"question": "Delete?", "details": "42 tables"}, ["Delete? review", "42 tables", "[Yes] [No]"]),
        (
            ROWS,
            ["Edit the rows, or send them as they are review", "city    visits", "Lisbon      12", "Porto        8"],
        ),
        ("Your name?", ["Your name? review"]),
    ],
    ids=["revision", "tool call", "options", "yes or no", "table", "text"],
)
def test_question_is_told_with_payload_and_choices(payload, lines):
    assert asked(payload)["text/plain"].split("\n") == lines


def test_form_is_told_with_fields_bounds_and_initial_values():
    payload, forms = forms_of(Trip, "Where to?")
    told = asked(payload, forms)["text/plain"]
    assert told.split("\n")[:3] == [
        "Where to? review",
        "- City (text)",
        "- Nights (a whole number from 1 to 30): 2 of the whole stay",
    ]
    assert "Pin (a secret)" in told
    assert "4711" not in told


@pytest.mark.parametrize(
    ("payload", "answer", "last"),
    [
        ({"text_to_revise": "original text"}, "edited text", ["edited text"]),
        (PAY, {"decisions": [{"type": "approve"}]}, ["Approved"]),
        (PAY, {"decisions": [{"type": "reject", "message": "too much"}]}, ["Rejected: too much"]),
        (PAY, EDITED, ["Approved with changes:", "- amount: 5", "- to: Ann"]),
        (PAY_TWICE, REJECTED, ["- pay: Approved", "- pay: Rejected: too much"]),
        (ROWS, [ROWS[0], {"city": "Porto", "visits": 9}], ["city    visits", "Lisbon      12", "Porto        9"]),
        ({"a": [1], "b": {"c": 2}}, {"c": 1, "d": ["x"]}, ["- c: 1", '- d: ["x"]']),
        ({"question": "Delete?", "details": "42 tables"}, True, ["Yes"]),
    ],
    ids=["revision", "approved", "rejected", "edited", "two calls", "table", "JSON", "yes"],
)
def test_record_reads_as_the_question_and_then_the_answer(payload, answer, last):
    told, question = recorded(payload, answer)["text/plain"].split("\n"), asked(payload)["text/plain"].split("\n")
    assert told[0] == question[0]
    assert told[-len(last) - 1 :] == ["A person answered:", *last]
    assert "action_requests" not in "".join(told)


def test_changed_words_are_marked_also_where_styles_are_gone():
    revised = recorded({"text_to_revise": "original text"}, "edited text")["text/html"]
    assert re.sub(r' style="[^"]*"', "", revised).count("<del>original</del><ins>edited</ins> text") == 1
    edited = re.sub(r' style="[^"]*"', "", recorded(PAY, EDITED)["text/html"])
    assert "<strong>amount</strong>: <del>50</del> <ins>5</ins>" in edited
    table = re.sub(r' style="[^"]*"', "", recorded(ROWS, [ROWS[0], {"city": "Porto", "visits": 9}])["text/html"])
    assert "<td>Porto</td><td><del>8</del> <ins>9</ins></td>" in table


def test_data_frame_is_told_as_a_table_before_and_after():
    payload, forms = forms_of(pd.DataFrame(ROWS), "Correct these rows")
    assert "<td" in asked(payload, forms)["text/html"]
    told = recorded(payload, [ROWS[0], {"city": "Porto", "visits": 9}], forms)["text/html"]
    assert told.count("<table>") == 1


@pytest.mark.parametrize(
    "payload",
    [
        {"question": "Go on?", "messages": [{"type": "ai", "content": "Hi", "id": "run--{}-0"}]},
        {"question": "Go on?", "message": AIMessage("Hi", id="run--{}-0")},
        {"question": "Go on?", "call": {"name": "pay", "args": {"to": "Ann"}, "id": "call_{}", "type": "tool_call"}},
        {"question": "Go on?", "trip": Trip(city="Rome")},
    ],
    ids=["messages", "message object", "tool call", "object"],
)
def test_question_has_no_id_that_changes_with_each_run(payload):
    def of_run(number):
        text = f"{number:08x}-0000-0000-0000-000000000000"
        written = {
            key: each.model_copy(update={"id": f"run--{text}-0"}) if isinstance(each, AIMessage) else each
            for key, each in payload.items()
        }
        is_json = not any(isinstance(each, BaseModel) for each in written.values())
        return asked(json.loads(json.dumps(written).replace("{}", text)) if is_json else written)

    assert of_run(1) == of_run(2)
    assert "Go on?" in of_run(1)["text/plain"]


def test_ignored_parts_are_set_aside_in_static_records():
    def at(time):
        return asked({"question": "Ship?", "order": {"number": 7, "asked_at": time}}, ignore=("asked_at",))

    assert at("10:00") == at("11:00")
    assert "7" in at("10:00")["text/plain"]


ALLOWED = {
    *("a", "br", "code", "del", "div", "em", "img", "ins", "kbd", "li", "p", "pre", "small", "span", "strong"),
    *("table", "tbody", "td", "th", "thead", "tr", "ul"),
}
HOSTILE = st.text(st.sampled_from("<>\"'&/=:;$\\()[]`abscriptonerorjavh \n\t\u202e\u200b\x1b{}|*_#-."), max_size=60)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_hostile_payload_stays_text(one, two, three):
    hostile = f"{one}<script>alert(1)</script><img src=x onerror=alert(1)>{two}"
    payloads = [
        hostile,
        {"text_to_revise": hostile},
        {"question": one, hostile: [{hostile: two, "b": 1}, {hostile: three, "b": 2}]},
        {
            "question": "See",
            "url": f"javascript:{one}",
            "image": f"data:image/svg+xml;base64,{two}",
            "md": f"**b** {one}",
        },
        {"action_requests": [{"name": hostile, "args": {one: two, two: hostile}}], "review_configs": []},
    ]
    for payload in payloads:
        for output in (asked(payload), recorded(payload, hostile), recorded(payload, {one: two, "b": [hostile]})):
            read = Text(output["text/html"])
            assert read.tags <= ALLOWED
            assert read.attributes <= {"alt", "class", "dir", "href", "rel", "src", "style"}
            assert "\u202e" not in output["text/html"] + output["text/plain"]
            assert "\x1b" not in output["text/html"] + output["text/plain"]


def test_only_addresses_that_open_a_page_are_links():
    def of(url):
        return as_html([line(Span("label", href=url))])

    assert of("https://a.example/?x=1&y=2").startswith('<p dir="auto"><a href="https://a.example/?x=1&amp;y=2"')
    for url in (
        "javascript:alert(1)",
        " https://a.example",
        'https://a.example/"onclick="x',
        "data:text/html,x",
        "//a",
    ):
        assert "<a" not in of(url)


@pytest.mark.parametrize("text", ["costs $5 or $6", r"\(x\)", r"\[x\]", r"\begin{align}", "$$x$$"])
def test_no_page_finds_a_formula_in_a_text(text):
    written = as_html([line(text)])
    assert Text(written).text == text
    parts = re.split(r"<[^>]*>", written)
    assert not any(re.search(r"\$.*\$|\\[(\[]|\\begin", html.unescape(part)) for part in parts)


def test_text_of_a_deleted_word_is_not_told():
    assert as_text([line(Span("old", "del"), Span("new", "ins"))]) == "new"


def test_placeholder_names_the_review_only():
    assert placeholder("forms")["text/html"] == "<small>Review of forms</small>"


MARKDOWN = """# Head
**Ann** asks for *this*, `x` and 2 ** 3 * 4
- one
- two [b](https://b.example/)

```python
**code**
```
[evil](javascript:alert)"""


def test_markdown_is_told_with_its_marks():
    written = Text(asked({"question": "Read", "text": MARKDOWN})["text/html"])
    assert {"strong", "em", "code", "ul", "a", "pre"} <= written.tags
    assert "# Head" not in written.text
    for text in ("2 ** 3 * 4", "**code**", "b (https://b.example/)", "[evil](javascript:alert)"):
        assert text in written.text


def test_fields_of_an_action_that_asks_for_several_are_told():
    questions = {
        "type": "ask_user",
        "tool_call_id": "call-1",
        "questions": [
            {"question": "What shall it be called?", "type": "text"},
            {"question": "Which format?", "type": "multiple_choice", "choices": [{"value": "PDF"}, {"value": "Word"}]},
        ],
    }
    told = asked(questions)["text/plain"]
    assert "What shall it be called?" in told
    assert "PDF · Word" in told
