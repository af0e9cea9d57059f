"""The ``ask_user`` tool of Deep Agents Code."""

import importlib

import pytest

import nbhitl
from nbhitl.errors import InvalidAnswer
from tests.environments import AGENTS
from tests.forms.agents import Agent
from tests.forms.asking import answered, decided, form

CHOICES = [{"value": "a b"}, {"value": "c"}]
PAYLOAD = {
    "type": "ask_user",
    "tool_call_id": "call-0",
    "questions": [
        {"question": "Your name?", "type": "text"},
        {"question": "Which one?", "type": "multiple_choice", "choices": CHOICES},
        {"question": "Which ones?", "type": "multi_select", "choices": CHOICES, "required": False},
    ],
}


@pytest.mark.parametrize(
    ("filled", "answers"),
    [
        ({"1": "Ann", "2": "c", "3": []}, ["Ann", "c", ""]),
        ({"1": "Ann", "2": "c", "3": ["a b", "c"]}, ["Ann", "c", "a b, c"]),
        ({"1": "Ann", "2other": "none of these"}, ["Ann", "none of these", ""]),
        ({"1": "Ann", "2": "c", "3": ["c"], "3other": "d\n\né"}, ["Ann", "c", "c, d, é"]),
    ],
)
def test_each_question_is_answered_by_a_text(filled, answers):
    answer = {"status": "answered", "answers": answers}
    assert answered(PAYLOAD, decided(("answer", filled))) == answer
    assert form(PAYLOAD).value(form(PAYLOAD).draft(answer)) == answer


def test_questions_are_drawn_by_their_kind_with_room_for_an_answer_of_ones_own():
    (request,) = form(PAYLOAD).field["requests"]
    members = request["actions"][0]["control"]["members"]
    assert [(each["label"], each["control"]["kind"]) for each in members] == [
        ("Your name?", "text"),
        ("Which one?", "choice"),
        ("Other", "text"),
        ("Which ones?", "choices"),
        ("Other, one a line", "text"),
    ]


def test_asking_can_be_cancelled():
    assert answered(PAYLOAD, decided("cancel")) == {"status": "cancelled"}
    assert form(PAYLOAD).fit(nbhitl.reject()) == {"status": "cancelled"}


def test_required_question_without_an_answer_is_a_flaw_at_its_control():
    with pytest.raises(InvalidAnswer, match="question 1 needs an answer: Your name?") as refused:
        form(PAYLOAD).value(form(PAYLOAD).field["original"])
    assert [each["path"] for each in refused.value.flaws] == [["0", "value", "1"], ["0", "value", "2"]]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("Ann", "with a text for each of the 3 questions"),
        ({"answers": ["Ann"]}, "with a text for each of the 3 questions"),
        ({"answers": ["Ann", 3, ""]}, "with a text for each of the 3 questions"),
        ({"answers": ["Ann", "", ""]}, "question 2 needs an answer"),
    ],
)
def test_answer_from_python_that_the_tool_could_not_use_is_refused(value, why):
    with pytest.raises(InvalidAnswer, match=why):
        form(PAYLOAD).fit(value)


def test_answer_from_python_may_leave_out_the_status():
    assert form(PAYLOAD).fit({"answers": ["Ann", "c", ""]}) == {"answers": ["Ann", "c", ""]}


def test_people_read_each_answer_below_its_question():
    questions = [
        {"question": "Name?", "type": "text"},
        {"question": "Which?", "type": "multi_select", "choices": [{"value": "a"}, {"value": "b"}]},
    ]
    one, both = (form({"type": "ask_user", "questions": each}) for each in (questions[:1], questions))
    assert one.show({"status": "answered", "answers": ["Ann"]}) == "Ann"
    assert both.show({"status": "answered", "answers": ["Ann", "a, b"]}) == "Name?\n  Ann\nWhich?\n  a, b"
    assert both.show({"status": "cancelled"}) == "Cancel"


def test_comma_in_one_of_several_answers_is_a_flaw():
    with pytest.raises(InvalidAnswer) as refused:
        answered(PAYLOAD, decided(("answer", {"1": "Ann", "2": "c", "3other": "d, e"})))
    assert [each["path"] for each in refused.value.flaws] == [["0", "value", "3other"]]


@pytest.fixture
def ask_user(monkeypatch):
    """Return the middleware of Deep Agents Code."""
    monkeypatch.syspath_prepend(AGENTS.folder("deepagents-code"))
    return importlib.import_module("deepagents_code.ask_user").AskUserMiddleware()


@pytest.mark.needs("agents")
@pytest.mark.parametrize(
    ("decision", "told"),
    [
        (
            ("answer", {"1": "Ann", "2": "c", "3": ["a b", "c"]}),
            "Q: Your name?\nA: Ann\n\nQ: Which one?\nA: c\n\nQ: Which ones?\nA: a b, c",
        ),
        ("cancel", "Q: Your name?\nA: (cancelled)\n\nQ: Which one?\nA: (cancelled)\n\nQ: Which ones?\nA: (cancelled)"),
    ],
)
def test_tool_of_the_real_middleware_tells_the_model_the_answer(ask_user, decision, told):
    run = Agent([], ask_user, ("ask_user", {"questions": PAYLOAD["questions"]}))
    assert run.resume(run.forms[0].value(decided(decision))) == [told]
