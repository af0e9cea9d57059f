"""Messages of clients without an editor: resume values, addresses of questions, and leaving."""

import json
from dataclasses import replace

import pytest

import nbhitl
from nbhitl.answers import address_of
from nbhitl.kernel import current_surroundings
from nbhitl.runs.run import Interrupt
from tests import graphs, rules
from tests.test_page import Card


def asking(payload):
    return graphs.compile_node(lambda state: {"some_text": graphs.interrupt(payload)}, "ask")


def resumed(card, value, **changes):
    question = card.view["questions"][0]
    return card.receive(
        **{"kind": "resume", "id": question["id"], "revision": card.view["revision"], "value": value} | changes
    )


@pytest.mark.parametrize("value", [None, 3, 12345678901234567890, [1, {"a": None}], "text", 0.1])
def test_resume_value_arrives_with_its_type(value):
    card = Card(asking({"any": 1}))
    reply = resumed(card, json.dumps(value))
    assert card.review.result == {"some_text": value}
    assert json.loads(reply["record"]["entry"]["answer"]) == value


@pytest.mark.parametrize("value", ["{", '{"$decision": "aprove"}'])
def test_unreadable_resume_value_is_refused_and_the_question_stays_open(value):
    card = Card(asking({"any": 1}))
    reply = resumed(card, value)
    assert (reply["kind"], reply["problem"]["name"]) == ("refused", "InvalidAnswer")
    assert card.view["questions"][0]["standing"]["kind"] == "open"


def test_stale_resume_is_refused_like_a_stale_answer():
    card = Card(asking({"any": 1}))
    assert resumed(card, "1")["kind"] == "accepted"
    assert card.review.result
    assert resumed_again(card)["problem"]["name"] in ("AlreadyAnswered", "UnknownInterrupt")


def resumed_again(card):
    return card.receive(kind="resume", id=card.review._core.state.answered[0].interrupt.id, revision=1, value="2")


def test_address_finds_the_record_in_another_process():
    payload = {"table": ({1, 2}, b"x"), "text": "t"}
    card = Card(graphs.compile_node(lambda state: {"some_text": str(graphs.interrupt(payload))}, "ask"))
    (interrupt,) = card.review.interrupts
    reply = card.receive(kind="address_request", id=interrupt.id)
    there = Interrupt("other id", reply["node"], json.loads(reply["payload"]))
    assert address_of(there, reply["ordinal"]) == address_of(interrupt, 0)


def test_client_that_leaves_is_named_where_the_result_is_requested():
    card = Card(graphs.seed())
    assert card.receive(kind="leave", why="Nothing is recorded.")["kind"] == "done"
    with pytest.raises(nbhitl.errors.NobodyThere, match=r"^Nothing is recorded\.$"):
        _ = card.review.result


def test_recorded_approval_that_a_rule_forbids_is_told_as_a_mismatch_of_record_and_rules(monkeypatch):
    replays = replace(current_surroundings(), person_there=True, is_client=True, is_replay=True)
    monkeypatch.setattr("nbhitl.api.review.current_surroundings", lambda: replays)
    card = Card(rules.asking(rules.batched(("pay", {"amount": 5}))), {}, rules=[nbhitl.deny("pay", "no")])
    recorded = {"rules": [None], "revoked": [], "by_time": False, "answered_by": "Ann"}
    reply = resumed(card, '[{"$decision": "approve"}]', recorded=recorded)
    assert (reply["kind"], reply["problem"]["name"]) == ("refused", "RuleMismatch")
    asked_of_a_person = resumed(card, '[{"$decision": "approve"}]')
    assert asked_of_a_person["problem"]["name"] == "InvalidAnswer"
