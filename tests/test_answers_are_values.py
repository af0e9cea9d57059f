"""An answer is copied when it is given: later changes of the given object do not change the answer."""

import pytest
from langgraph.graph import START, StateGraph

import nbhitl
from tests import graphs

NO_TEXTS: dict[str, list[str]] = {"texts": []}
EXPECTED = {"texts": [{"n": 0}, {"n": 1}, {"n": 2}]}


def three():
    return graphs.parallel(3)


def test_dict_that_is_reused_for_held_answers_reaches_each_node_unchanged():
    card = nbhitl.review(three(), NO_TEXTS)
    answer: dict[str, int] = {}
    for number, asked in enumerate(card.interrupts):
        answer["n"] = number
        card.answer(answer, id=asked.id)
    assert card.result == EXPECTED
    assert card.answers == EXPECTED["texts"]


@pytest.mark.parametrize("given", ["answers", "unattended", "by node"])
def test_later_changes_of_the_given_list_do_not_change_the_answers(given, monkeypatch):
    monkeypatch.setattr("nbhitl.core.settings.ReviewSettings.finds_person", lambda *_: False)
    answers = [{"n": number} for number in range(3)]
    options = {"by node": {"answers": {"ask": answers}}}.get(given, {given: answers})
    card = nbhitl.review(three(), NO_TEXTS, **options)
    for answer in answers:
        answer["n"] = 9
    answers.clear()
    assert card.result == EXPECTED


def test_later_changes_of_a_block_s_answers_do_not_change_the_answers():
    answers = [{"n": number} for number in range(3)]
    with nbhitl.answering(answers):
        answers[0]["n"] = 9
        assert nbhitl.review(three(), NO_TEXTS).result == EXPECTED


def test_each_question_of_a_node_gets_a_separate_copy_of_the_answer():
    def ask(_state):
        answer = graphs.interrupt("?")
        answer["n"] += 1
        return {"texts": [answer]}

    builder = StateGraph(graphs.Texts).add_node("a", ask).add_node("b", ask)
    graph = builder.add_edge(START, "a").add_edge("a", "b").compile()
    card = nbhitl.review(graph, NO_TEXTS, answers={"a": {"n": 1}, "b": {"n": 1}})
    assert card.result == {"texts": [{"n": 2}, {"n": 2}]}
    assert card.answers == [{"n": 1}, {"n": 1}], "a node that changes its answer leaves the card's answers as they were"


def test_person_of_a_test_gives_values_too(person):
    card = nbhitl.review(three(), NO_TEXTS)
    answer = {"n": 0}
    for number in range(3):
        answer["n"] = number
        person.answer(answer)
    assert card.result == EXPECTED
