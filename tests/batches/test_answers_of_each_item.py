"""Answers of a batch that are given for each item: by its place, or as a list of answers by node."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph

import nbhitl
from nbhitl.answers.base import OUT_OF_ORDER
from nbhitl.answers.by_item import ByEachItem, EachItemAnswers
from nbhitl.errors import LeftoverAnswers, NobodyThere, UsageError
from nbhitl.runs.past import Past, PastQuestion
from nbhitl.runs.run import Interrupt
from nbhitl.testing import Person
from tests.graphs import State, interrupt

TEXTS = [{"some_text": text} for text in ("a", "b", "c")]


def title(state: State) -> State:
    if state["some_text"] == "broken":
        raise OSError("no such text")
    return {"some_text": state["some_text"] + interrupt("Title?")}


def body(state: State) -> State:
    text = state["some_text"]
    while (more := interrupt("More?")) != "end":
        text += more
    return {"some_text": text}


def graph_of(**options: Any) -> Any:
    builder = StateGraph(State).add_node(title).add_node(body)
    return builder.add_edge(START, "title").add_edge("title", "body").compile(**options)


def texts(frame: Any) -> list[str]:
    return [row["some_text"] for row in frame["result"]]


OF_EACH: list[Any] = [
    {0: ["1", "2", "end"], 1: ["3", "end"], 2: ["4", "end"]},
    {2: ("4", "end"), 0: {"title": "1", "body": ["2", "end"]}, 1: {"title": "3", "body": "end"}},
    [{"title": "1", "body": ["2", "end"]}, {"title": "3", "body": ["end"]}, {"title": "4", "body": ["end"]}],
]


@pytest.mark.parametrize("answers", OF_EACH, ids=["lists by place", "by place and node", "list of answers by node"])
def test_each_item_with_any_number_of_questions_gets_its_own_answers(answers):
    assert texts(nbhitl.batch(graph_of(), TEXTS, answers=answers).wait()) == ["a12", "b3", "c4"]


@pytest.mark.parametrize("answers", OF_EACH, ids=["lists by place", "by place and node", "list of answers by node"])
def test_items_found_midway_go_on_with_their_own_answers(answers):
    graph = graph_of(checkpointer=InMemorySaver())
    with pytest.raises(NobodyThere):
        nbhitl.batch(graph, TEXTS, key="k", answers=["1", "2", "end", "3"]).wait()
    for _ in range(2):
        assert texts(nbhitl.batch(graph, TEXTS, key="k", answers=answers).wait()) == ["a12", "b3", "c4"]


def test_rows_without_a_graph_take_an_answer_by_place():
    frame = nbhitl.batch(["win", "hi"], form=["spam", "ham"], answers={1: "ham", 0: "spam"}).wait()
    assert list(frame["answer"]) == ["spam", "ham"]
    frame = nbhitl.batch(["win", "hi"], form=["spam", "ham"], answers=[{"ask": "spam"}, {"ask": "ham"}]).wait()
    assert list(frame["answer"]) == ["spam", "ham"]


def test_mapping_without_names_of_nodes_stays_the_resume_value_of_the_item():
    frame = nbhitl.batch(["a", "b"], form=dict[str, int], answers=[{"ask": 1, "x": 2}, {"y": 3}]).wait()
    assert list(frame["answer"]) == [{"ask": 1, "x": 2}, {"y": 3}]


def test_unattended_answers_of_each_item_are_given_where_nobody_is_there():
    assert texts(nbhitl.batch(graph_of(), TEXTS, unattended=OF_EACH[0]).wait()) == ["a12", "b3", "c4"]


def test_answers_of_an_item_whose_run_fails_stay_unused():
    items = [{"some_text": "broken"}, *TEXTS[1:]]
    frame = nbhitl.batch(graph_of(), items, answers=OF_EACH[0]).wait()
    assert list(frame["status"]) == ["failed", "answered", "answered"]


def test_retry_takes_the_answers_of_the_items_that_are_asked_again(person: Person):
    card = nbhitl.batch(["win", "hi", "ho"], form=str)
    person._act("answer", {}, draft="", item={"skipped": True})
    person.answer("ham")
    person._act("answer", {}, draft="", item={"skipped": True})
    assert list(card.wait()["status"]) == ["skipped", "answered", "skipped"]
    with pytest.raises(UsageError, match=r"answers= has an answer at 1, which is not asked; asked are: 0, 2\."):
        card.retry(answers={0: "spam", 1: "x"})
    assert list(card.retry(answers={2: "last", 0: "first"}).wait()["answer"]) == ["first", "ham", "last"]


# --- mistakes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({0: ["1"], 3: ["2"]}, "answers= has an answer at 3, which is not asked; asked are: 0, 1, 2."),
        ({-1: ["1"]}, "answers= has an answer at -1, which is not asked"),
        (
            OF_EACH[2][:2],
            "answers= has 2 mappings by node for 3 items: give one for each, or answers by place, {0: …}.",
        ),
        ([*OF_EACH[2], {"body": "end"}], "answers= has 4 mappings by node for 3 items"),
        ({0: ["1"], "title": "2"}, "answers= mixes places of items and names of nodes"),
    ],
)
def test_answers_for_items_that_the_batch_does_not_have_are_refused_at_once(answers, said):
    with pytest.raises(UsageError, match=re.escape(said)):
        nbhitl.batch(graph_of(), TEXTS, answers=answers)


def test_item_without_an_answer_is_named_with_the_places_that_have_some():
    said = "'title' asks \"Title?\", and answers= has nothing at 1; it has answers at 0."
    with pytest.raises(NobodyThere, match=re.escape(said)):
        nbhitl.batch(graph_of(), TEXTS, answers={0: ["1", "end"]}).wait()


def test_item_with_an_answer_too_few_or_too_many_is_named_by_place():
    with pytest.raises(NobodyThere, match="answers= at 1 holds 1 answer"):
        nbhitl.batch(graph_of(), TEXTS[:2], answers={0: ["1", "end"], 1: ["2"]}).wait()
    with pytest.raises(LeftoverAnswers, match="answers= at 0 has 1 unused answer"):
        nbhitl.batch(graph_of(), TEXTS[:2], answers={0: ["1", "end", "x"], 1: ["2", "end"]}).wait()


def test_list_of_lists_that_runs_short_names_the_answers_by_place():
    with pytest.raises(NobodyThere, match=r"For several answers to each item write answers=\{0: \[…\], 1: \[…\]\}\."):
        nbhitl.batch(["a", "b"], form=list[str], answers=[["1", "2"]]).wait()


def test_answers_of_an_item_whose_earlier_questions_have_no_known_order_are_not_given():
    item: Any = SimpleNamespace(number=0, asks_no_more=False, error=None)
    given = ByEachItem(EachItemAnswers({0: {"title": ["a", "b"]}}, [item], "answers="))
    question = Interrupt("0:1", "1/title", "Title?")
    asked_before = PastQuestion("1/title", None, (0, "checkpoint"))
    given.found(Past((asked_before,), unsure=frozenset({"1/title"}), is_in_order=False))
    assert given.take(question, 1) is None
    assert OUT_OF_ORDER in str(given.why_none(question, 1))
