"""The person whom the page names as answering, in card, record, answers, audit, and the note of the answer."""

import getpass
import json

import pytest
from langgraph.checkpoint.memory import InMemorySaver

import nbhitl
from nbhitl.user import LONGEST, whoami
from tests import graphs
from tests.rules import asking, batched
from tests.test_page import Card

ANN = "Ann Lee (ann)"


@pytest.fixture
def graph():
    return graphs.seed(checkpointer=InMemorySaver())


def test_name_that_the_page_says_stands_in_card_record_answers_and_audit(graph):
    card = Card(graph)
    record = card.answer("Edited text", by=ANN)["record"]
    assert card.review.result == {"some_text": "Edited text"}
    assert record["entry"]["answered_by"] == ANN
    assert card.view["turns"][0]["by"] == ANN
    frame = card.review.answers.to_frame()
    assert frame[["who", "decided_by"]].to_numpy().tolist() == [[ANN, "a person"]]
    assert nbhitl.audit(graph).to_frame()[["who", "origin"]].to_numpy().tolist() == [[ANN, "person"]]


def test_outputs_that_tests_compare_name_nobody(graph):
    card = Card(graph)
    record = card.answer("Edited text", by=ANN)["record"]
    assert "Ann" not in json.dumps([record["output"], str(card.review)])


def test_without_a_name_the_user_of_the_process_answers(graph, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_USER", "owner")
    card = Card(graph)
    record = card.answer("Edited text")["record"]
    assert card.review.result == {"some_text": "Edited text"}
    assert record["entry"]["answered_by"] == "owner"
    assert "by" not in card.view["turns"][0]
    assert card.review.answers.to_frame()["who"].tolist() == ["owner"]
    assert nbhitl.audit(graph).to_frame()["who"].tolist() == [whoami()]


def test_two_people_with_one_kernel_are_two_names(graph):
    card = Card(graphs.asks_twice(checkpointer=InMemorySaver()))
    card.answer("Ann", by="Ann")
    assert card.review.interrupts
    card.answer("Lee", by="Ben")
    assert card.review.result == {"some_text": "Ann Lee"}
    assert [turn["by"] for turn in card.view["turns"]] == ["Ann", "Ben"]
    assert card.review.answers.to_frame()["who"].tolist() == ["Ann", "Ben"]


def test_another_client_that_comes_too_late_is_told_the_name(graph):
    card = Card(graph, config={"configurable": {"thread_id": "1"}})
    late = nbhitl.open(graph, thread_id="1")
    (asked,) = late.interrupts
    card.answer("Edited text", by=ANN)
    assert card.review.result == {"some_text": "Edited text"}
    late.answer("too late", id=asked.id)
    with pytest.raises(nbhitl.errors.AlreadyAnswered, match=r"by Ann Lee \(ann\)\. "):
        _ = late.result


def test_name_beside_a_rule_is_that_of_the_person_who_decided_the_rest():
    graph = asking(batched(("search_web", {"q": "a"}), ("pay", {"amount": 5})))
    card = Card(graph, {}, rules=[nbhitl.allow("search_*")])
    draft = json.dumps([None, {"action": "reject", "value": "too much"}])
    record = card.answer(draft, by=ANN)["record"]
    assert card.review.result is not None
    assert record["entry"]["answered_by"] == f"the rule allow('search_*') and {ANN}"
    assert card.review.answers.to_frame()["who"].tolist() == [ANN]


def test_replay_names_the_person_of_the_record(graph):
    card = Card(graph)
    entry = card.answer("Edited text", by=ANN)["record"]["entry"]
    again = Card(graphs.seed())
    value = entry["answer"]
    recorded = {"rules": [], "revoked": [], "by_time": False, "answered_by": entry["answered_by"]}
    question = again.view["questions"][0]
    again.receive(kind="resume", id=question["id"], revision=again.view["revision"], value=value, recorded=recorded)
    assert again.review.result == {"some_text": "Edited text"}
    assert again.review.answers.to_frame()["who"].tolist() == [ANN]


@pytest.mark.parametrize(("options", "origin"), [({"answers": ["a"]}, "script"), ({}, "code")])
def test_an_answer_of_code_names_no_person(options, origin):
    card = nbhitl.review(graphs.seed(), graphs.SEED_INPUT, **options)
    if not options:
        card.answer("a")
    assert card.result == {"some_text": "a"}
    assert card.answers.to_frame()[["origin", "who"]].to_numpy().tolist() == [[origin, ""]]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("  Ann\n Lee ", "Ann Lee"),
        ("x" * 500, f"{'x' * (LONGEST - 1)}…"),
        ("evil\u202etxt", "evil⟨U+202E⟩txt"),
        ("", getpass.getuser()),
        ("\n", getpass.getuser()),
    ],
)
def test_name_is_a_short_line_whatever_a_page_sends(graph, said, shown, monkeypatch):
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    record = Card(graph).answer("Edited text", by=said)["record"]
    assert record["entry"]["answered_by"] == shown
