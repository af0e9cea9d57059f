"""Idioms of LangGraph's documentation, and CopilotKit."""

import json

import pytest

import nbhitl
from nbhitl.errors import InvalidAnswer
from tests.forms.asking import APPROVES, also_reads, answered, decided, form

OPTIONS = {"question": "Which?", "options": ["a", 1, True, {"id": 7, "label": "seven"}, {"value": 3, "label": "three"}]}
FIELDS = {"question": "Correct?", "fields": ["name", "age"], "current_values": {"age": 30, "note": "new"}}
ACTION = {"action": "send_email", "to": "ann", "n": 1, "message": "Approve sending this email?"}


@pytest.mark.parametrize(
    ("payload", "draft", "answer"),
    [
        ("What is your name?", "Ann", "Ann"),
        (42, "Ann", "Ann"),
        ({"question": "Your name?"}, "Ann", "Ann"),
        ({"question": "Approve?", "details": "pay 5"}, "true", True),
        ({"question": "Approve?", "details": {"pay": 5}}, "false", False),
        (OPTIONS, '"a"', "a"),
        (OPTIONS, "1", 1),
        (OPTIONS, "true", True),
        (OPTIONS, '{"id": 7, "label": "seven"}', {"id": 7, "label": "seven"}),
        (OPTIONS, "3", 3),
        ({"text_to_revise": "a"}, "b", "b"),
        ({"textToRevise": "a"}, "b", "b"),
        ({"instruction": "Review", "content": "a"}, "b", "b"),
        (FIELDS, '{"name": "Ann", "age": 31}', {"name": "Ann", "age": 31}),
        (ACTION, decided("approve"), {"action": "approve"}),
        (ACTION, decided(("edit", {"to": "ann", "n": 2})), {"action": "approve", "n": 2}),
        (ACTION, decided(("reject", "")), {"action": "reject"}),
        (ACTION, decided(("reject", "no")), {"action": "reject", "message": "no"}),
        ({"query": "Which hotel?"}, "The Grand", {"data": "The Grand"}),
        ({"__copilotkit_interrupt_value__": "Name?", "__copilotkit_messages__": []}, "Ann", "Ann"),
        ({"__copilotkit_interrupt_value__": ACTION | {"args": {}}, "__copilotkit_messages__": []}, "yes", "yes"),
    ],
    ids=lambda value: json.dumps(value)[:40],
)
def test_idiom_is_answered_in_its_shape(payload, draft, answer):
    reads = also_reads("to", "n") if payload is ACTION else None
    found = answered(payload, draft, reads=reads)
    assert (found, type(found)) == (answer, type(answer))
    again = form(payload, reads=reads).draft(answer)
    assert again is not None
    assert form(payload, reads=reads).value(again) == answer


@pytest.mark.parametrize(
    ("payload", "prompt", "kind"),
    [
        ("Name?", "Name?", "text"),
        (3, "3", "text"),
        ({"question": "Ok?", "details": "pay 5"}, "Ok?", "form"),
        (OPTIONS, "Which?", "form"),
        (FIELDS, "Correct?", "form"),
        (ACTION, "Approve sending this email?", "decisions"),
        ({"query": "Which hotel?"}, "Which hotel?", "text"),
    ],
    ids=lambda value: json.dumps(value)[:40],
)
def test_idiom_asks_its_question(payload, prompt, kind):
    found = form(payload, reads=APPROVES if payload is ACTION else None)
    assert (found.prompt, found.field["kind"], found.is_guess) == (prompt, kind, True)


def test_nothing_is_answered_before_a_person_chose():
    for found in (form({"question": "Ok?", "details": "pay 5"}), form(OPTIONS), form(ACTION, reads=APPROVES)):
        with pytest.raises(InvalidAnswer):
            found.value(found.field["original"])


def test_no_approve_button_where_the_node_is_not_known_to_read_approvals():
    found = form(ACTION)
    assert (found.field["kind"], found.field.get("options")) == ("text", None)
    assert found.prompt == ACTION["message"]


def test_approval_is_drawn_without_changes_where_the_node_reads_none():
    (request,) = form(ACTION, reads=APPROVES).field["requests"]
    assert [action["name"] for action in request["actions"]] == ["approve", "reject"]


def test_options_keep_their_types_and_have_labels():
    labels = [(option["label"], option["value"]) for option in form(OPTIONS).field["control"]["options"]]
    assert labels[:3] == [("a", '"a"'), ("1", "1"), ("true", "true")]
    assert [label for label, _ in labels[3:]] == ["seven", "three"]


def test_fields_begin_with_their_current_values_and_the_rest_is_shown():
    found = form(FIELDS)
    assert json.loads(found.field["original"]) == {"name": "", "age": 30}
    assert found.shows[0]["parts"][0]["label"] == "note"


def test_action_takes_decisions_and_plain_values_from_python():
    found = form(ACTION, reads=also_reads("to", "n"))
    assert found.fit(nbhitl.edit(n=2)) == {"action": "approve", "n": 2}
    assert found.fit(nbhitl.reject()) == {"action": "reject"}
    assert found.fit("yes") == "yes"
    with pytest.raises(InvalidAnswer, match="allowed: approve, edit, reject"):
        found.fit(nbhitl.respond("x"))


def test_answer_from_python_to_a_guess_may_be_anything():
    for payload in (OPTIONS, FIELDS, "Name?", {"question": "Ok?", "details": ""}):
        assert form(payload).fit({"any": 1}) == {"any": 1}


def test_decision_on_a_payload_without_tool_calls_is_refused_by_name():
    for payload in ("Name?", OPTIONS, None, [{"a": 1}, {"a": 2}]):
        with pytest.raises(InvalidAnswer, match="this payload holds none"):
            form(payload).fit(nbhitl.approve())


@pytest.mark.parametrize(
    ("text", "language"),
    [("a", ""), ("# Title\n\ntext", "markdown"), ("import os\n\nos.remove(1)", "python")],
)
def test_text_to_revise_is_edited_in_its_language(text, language):
    assert form({"text_to_revise": text}).field["language"] == language


def test_long_question_is_shown_above_the_editor():
    found = form("word " * 200)
    assert found.prompt == "Your answer"
    assert found.shows[0]["text"].startswith("word")


def test_copilotkit_action_shows_its_arguments():
    value = {"action": "confirm_write", "args": {"detail": "A"}}
    found = form({"__copilotkit_interrupt_value__": value, "__copilotkit_messages__": []})
    assert found.prompt == "confirm_write: your answer"
    assert found.shows[0]["parts"][0]["label"] == "detail"


def test_options_too_large_for_a_page_are_shown_and_answered_by_typing():
    found = form({"question": "Which?", "options": [str(number) * 20_000 for number in range(200)]})
    assert (found.field["kind"], found.prompt) == ("text", "Which?")
    assert found.shows
    assert len(json.dumps([found.field, list(found.shows)])) < 100_000
