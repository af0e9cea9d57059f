"""The answers of a batch, as the card and code write them, give each item the same answers again."""

import ast
from typing import Any

import pytest

import nbhitl
from nbhitl.errors import LeftoverAnswers, NobodyThere
from tests.graphs import compile_node, interrupt
from tests.rules import asking, batched

ITEMS = [{"some_text": text} for text in ("a", "b", "c")]


def asks(*counts: int) -> Any:
    """Return a graph that asks the items a, b and c so many questions."""
    questions = dict(zip("abc", counts, strict=False))

    def ask(state: Any) -> Any:
        text = state["some_text"]
        return {"some_text": text + "".join(interrupt(f"{text}?") for _ in range(questions[text]))}

    return compile_node(ask)


def texts(card: Any) -> list[str | None]:
    return [None if row is None else row["some_text"] for row in card.wait()["result"]]


def in_code(card: Any) -> Any:
    return ast.literal_eval(card.answers.as_code().removeprefix("answers="))


COUNTS = [(1, 0, 2), (2, 1, 0), (0, 0, 1), (0, 2, 2), (1, 1, 1), (2, 2, 2), (0, 0, 0)]


@pytest.mark.parametrize("counts", COUNTS)
def test_answers_of_a_batch_give_the_same_again_however_many_each_item_was_asked(counts: tuple[int, ...]):
    by_place = {place: [f"{place}{n}" for n in range(count)] for place, count in enumerate(counts) if count}
    first = nbhitl.batch(asks(*counts), ITEMS, answers=by_place or [])
    result = texts(first)
    written = [in_code(first), ast.literal_eval(repr(first.answers)), first.answers]
    for answers in written:
        assert texts(nbhitl.batch(asks(*counts), ITEMS, answers=answers)) == result
    if len(set(counts)) == 1:
        assert written[0] == [answer for answers in by_place.values() for answer in answers]
    else:
        assert written[0] == by_place


def test_answers_of_a_batch_whose_run_failed_name_the_places():
    def ask(state: Any) -> Any:
        if state["some_text"] == "a":
            raise OSError("away")
        return {"some_text": state["some_text"] + interrupt("?") + interrupt("?")}

    first = nbhitl.batch(compile_node(ask), ITEMS, answers={1: ["1", "2"], 2: ["3", "4"]})
    assert texts(first) == [None, "b12", "c34"]
    assert in_code(first) == {1: ["1", "2"], 2: ["3", "4"]}
    for answers in (in_code(first), first.answers):
        assert texts(nbhitl.batch(compile_node(ask), ITEMS, answers=answers)) == [None, "b12", "c34"]


def test_answers_in_code_leave_out_questions_that_the_rules_answer_and_keep_the_places():
    graph = asking(batched(("search_web", {})), batched(("pay", {"amount": 1})))
    rules: dict[int, list[Any]] = {0: [nbhitl.allow("*")], 1: [nbhitl.allow("search_*")]}
    for which, left in ((0, []), (1, 1)):
        options: dict[str, Any] = {"answers": [nbhitl.reject("no")] * 2 if left else [], "rules": rules[which]}
        first = nbhitl.batch(graph, [{}, {}], **options)
        decided = list(first.wait()["answer"])
        for answers in (in_code(first), first.answers):
            assert list(nbhitl.batch(graph, [{}, {}], answers=answers, rules=rules[which]).wait()["answer"]) == decided


def test_answers_of_a_retried_batch_are_taken_by_the_retry_of_the_same_items():
    broken = {"a", "c"}

    def ask(state: Any) -> Any:
        if state["some_text"] in broken:
            raise OSError("away")
        return {"some_text": state["some_text"] + interrupt("?")}

    cards = []
    for _ in range(2):
        broken |= {"a", "c"}
        card = nbhitl.batch(compile_node(ask), ITEMS, answers=["1", "2", "3"])
        assert texts(card) == [None, "b2", None]
        broken.clear()
        cards.append(card)
    retried = cards[0].retry(answers=["4", "5"])
    assert texts(retried) == ["a4", "b2", "c5"]
    assert in_code(retried) == {0: ["4"], 2: ["5"]}
    assert texts(cards[1].retry(answers=in_code(retried))) == ["a4", "b2", "c5"]


# --- a flat list --------------------------------------------------------------------------------------


@pytest.mark.parametrize("counts", [(2, 1, 1), (0, 1, 0), (0, 0, 2), (1, 0, 1), (3, 0, 1), (1, 3, 1)])
def test_list_that_cannot_be_shared_evenly_is_given_in_the_order_of_the_questions(counts: tuple[int, ...]):
    answers = [f"{place}{n}" for place, count in enumerate(counts) for n in range(count)]
    given = ["abc"[place] + "".join(f"{place}{n}" for n in range(count)) for place, count in enumerate(counts)]
    assert texts(nbhitl.batch(asks(*counts), ITEMS, answers=answers)) == given


@pytest.mark.parametrize(
    ("counts", "answers", "said"),
    [
        ((1, 0, 1), "123", "answers= has 3 answers for 3 items, 1 for each, and item 2 has asked 0 questions"),
        ((1, 0, 2), "123", "answers= has 3 answers for 3 items, 1 for each, and item 2 has asked 0 questions"),
        ((2, 1, 0), "123", "answers= has 3 answers for 3 items, 1 for each, and item 1 asks question 2"),
        ((2, 1, 2), "123456", "answers= has 6 answers for 3 items, 2 for each, and item 2 has asked 1 question"),
    ],
)
def test_item_that_asks_more_or_less_than_its_share_is_named_before_its_answer_goes_to_another_item(
    counts: tuple[int, ...], answers: str, said: str
):
    given: list[tuple[str, str]] = []

    def ask(state: Any) -> Any:
        text = state["some_text"]
        for _ in range(counts["abc".index(text)]):
            answer = interrupt(f"{text}?")
            given.append((text, answer))
        return state

    card = nbhitl.batch(compile_node(ask), ITEMS, answers=list(answers))
    with pytest.raises(NobodyThere) as raised:
        card.wait()
    told = str(raised.value)
    assert said in told
    assert "answers={0: […], 1: […]}" in told
    assert "nbhitl.answering([…])" in told
    share = len(answers) // 3
    assert {(text, answer) for text, answer in given} <= {
        (text, answer) for n, text in enumerate("abc") for answer in answers[n * share : (n + 1) * share]
    }


def test_refused_list_in_the_order_of_the_questions_is_given_by_a_block_of_answers():
    with nbhitl.answering(["1", "2", "3"]):
        assert texts(nbhitl.batch(asks(1, 0, 2), ITEMS)) == ["a1", "b", "c23"]


def test_last_item_that_asks_nothing_leaves_its_answer_over():
    with pytest.raises(LeftoverAnswers, match="has 1 unused answer: answer 3"):
        nbhitl.batch(asks(1, 1, 0), ITEMS, answers=["1", "2", "3"]).wait()
