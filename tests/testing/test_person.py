"""A person in a test's own process: sees, answers, is refused, stops, asks again; through the real messages."""

import asyncio

import pytest

import nbhitl
from nbhitl.testing import NotSeen, Person, Refused
from tests import graphs

NOT_THIS = object()


def asking(payload, *, fails_on=NOT_THIS):
    def ask(state):
        answer = graphs.interrupt(payload)
        if answer == fails_on:
            raise ValueError("no good")
        return {"some_text": str(answer)}

    return graphs.compile_node(ask, "ask")


def test_person_sees_and_answers_the_question(person):
    card = nbhitl.review(graphs.seed(), graphs.SEED_INPUT)
    question = person.sees(node="human_review", payload={"text_to_revise": "original text"}, field="text")
    assert question["field"]["original"] == "original text"
    person.answer("Edited text")
    assert card.result == {"some_text": "Edited text"}
    assert person.view["turns"][0]["origin"] == "person"


def test_draft_is_read_as_the_field_reads_typed_text(person):
    card = nbhitl.review(asking({"any": 1}), graphs.SEED_INPUT, forms={"ask": {"type": "object"}})
    person.types('{"a": 12345678901234567890}')
    assert card.result == {"some_text": "{'a': 12345678901234567890}"}


def test_answer_that_does_not_fit_is_refused_with_the_flaws_and_can_be_mended(person):
    card = nbhitl.review(asking("How many?"), graphs.SEED_INPUT, forms={"ask": {"type": "integer", "minimum": 1}})
    assert person.checks("0")[0]["message"]
    with pytest.raises(Refused, match="InvalidAnswer") as caught:
        person.types("0")
    assert caught.value.flaws
    person.answer(3)
    assert card.result == {"some_text": "3"}


def test_node_that_raises_asks_again_and_says_why(person):
    card = nbhitl.review(asking({"any": 1}, fails_on="bad"), graphs.SEED_INPUT)
    person.answer("bad")
    person.sees(problem="no good")
    person.answer("good")
    assert card.result == {"some_text": "good"}


def test_person_changes_an_answer(person):
    card = nbhitl.review(graphs.seed(), graphs.SEED_INPUT)
    person.answer("first")
    assert card.result == {"some_text": "first"}
    person.asks_again()
    person.sees("original text")
    person.answer("second")
    assert card.result == {"some_text": "second"}


def test_awaited_review_gets_the_answers_that_come_next(person):
    async def main():
        person.answers_next("Edited text")
        return await nbhitl.review(graphs.seed(), graphs.SEED_INPUT)

    assert asyncio.run(main()) == {"some_text": "Edited text"}


def test_async_graph_on_the_tests_own_loop_is_answered(person):
    async def main():
        person.answers_next("Edited text")
        return await nbhitl.review(graphs.seed_async(), graphs.SEED_INPUT)

    assert asyncio.run(main()) == {"some_text": "Edited text"}


def test_person_decides_on_tool_calls_in_the_shape_of_the_payload(person):
    payload = {
        "action_requests": [{"name": "pay", "args": {"amount": 6}, "description": ""}],
        "review_configs": [{"action_name": "pay", "allowed_decisions": ["approve", "edit", "reject"]}],
    }
    card = nbhitl.review(asking(payload), graphs.SEED_INPUT)
    person.sees(field="decisions")
    person.edit({"amount": 5})
    assert "'amount': 5" in card.result["some_text"]


def test_question_that_is_not_asked_is_not_seen_and_the_message_lists_the_open_questions():
    with Person(patience=0.5) as person:
        nbhitl.review(graphs.seed(), graphs.SEED_INPUT)
        with pytest.raises(NotSeen, match="human_review"):
            person.sees(node="elsewhere")


def test_without_a_person_nobody_is_asked():
    with Person():
        pass
    card = nbhitl.review(graphs.seed(), graphs.SEED_INPUT)
    with pytest.raises(nbhitl.errors.NobodyThere):
        _ = card.result


def test_answered_question_is_over_for_the_person_before_a_view_shows_the_answer(person):
    card = nbhitl.review(graphs.seed(), graphs.SEED_INPUT)
    person.sees()
    with card._core._shared.as_one_change():  # as where another thread is in the middle of a change
        person.answer("Edited text")
        assert person.questions == []
    assert card.result == {"some_text": "Edited text"}
