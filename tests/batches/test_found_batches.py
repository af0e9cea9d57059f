"""Batches whose runs are found midway, and blocks of answers: each question gets its own answer."""

import threading
import time
from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

import nbhitl
from nbhitl.api.batching import batch_of_threads
from nbhitl.errors import NobodyThere
from nbhitl.kernel import current_surroundings
from nbhitl.runs.past import ItemPasts, Past, PastQuestion
from nbhitl.testing import Person
from nbhitl.ui import view
from tests.graphs import compile_node, interrupt

TEXTS = [{"some_text": text} for text in ("a", "b", "c")]


def test_block_of_answers_is_given_item_by_item_at_any_speed_of_the_runs(person: Person):
    def slow_first(state: Any) -> Any:
        time.sleep(0.2 if state["some_text"] == "a" else 0)
        return {"some_text": state["some_text"] + interrupt("?")}

    with nbhitl.answering(["1", "2", "3"]):
        frame = nbhitl.batch(compile_node(slow_first), TEXTS).wait()
    assert [row["some_text"] for row in frame["result"]] == ["a1", "b2", "c3"]


def asks_twice(state: Any) -> Any:
    return {"some_text": state["some_text"] + interrupt("Say?") + interrupt("Say?")}


@pytest.mark.parametrize("answers", [list("1234"), {"human_review": list("1234")}], ids=["list", "by node"])
def test_batch_found_midway_answers_each_open_question_and_no_finished_question(answers: Any):
    graph = compile_node(asks_twice, checkpointer=InMemorySaver())
    with pytest.raises(NobodyThere):
        nbhitl.batch(graph, TEXTS[:2], key="k", answers=["1"]).wait()
    for _ in range(2):
        frame = nbhitl.batch(graph, TEXTS[:2], key="k", answers=answers).wait()
        assert [row["some_text"] for row in frame["result"]] == ["a12", "b34"]


def test_second_question_of_an_item_found_midway_is_the_second_for_the_record():
    graph = compile_node(asks_twice, checkpointer=InMemorySaver())
    with pytest.raises(NobodyThere):
        nbhitl.batch(graph, TEXTS[:1], key="k", answers=["1"]).wait()
    card = nbhitl.batch(graph, TEXTS[:1], key="k", answers=["1", "2"])
    assert [row["some_text"] for row in card.wait()["result"]] == ["a12"]
    assert [asked.ordinal for asked in card._core.state.answered] == [1]


def test_earlier_questions_of_each_run_are_told_once_to_a_client_that_replays(monkeypatch):
    graph = compile_node(asks_twice, checkpointer=InMemorySaver())
    texts = [{"some_text": str(number)} for number in range(12)]
    with Person() as person:
        first = nbhitl.batch(graph, texts, key="k", max_concurrency=12)
        for number in range(12):
            person.answer("1", node=_node_of(first, number))
        for number in range(12):
            person._act("answer", {"node": _node_of(first, number)}, draft="", item={"skipped": True})
    told = Mock(side_effect=view.earlier_of)
    monkeypatch.setattr(view, "earlier_of", told)
    replays = replace(current_surroundings(), person_there=True, is_client=True, is_replay=True)
    monkeypatch.setattr("nbhitl.api.review.current_surroundings", lambda: replays)
    with Person() as person:
        later = nbhitl.batch(graph, texts, key="k")
        for _ in texts:
            person.answer("2")
        assert [row["some_text"][-2:] for row in later.result["result"]] == ["12"] * 12
        (card,) = person._cards
        sent = card.seen.earlier_from(0)
    assert [len(call.args[0].questions) for call in told.call_args_list] == [2] * 12
    assert [[each["id"] is None for each in earlier["questions"]] for earlier in sent] == [[True, False]] * 12


def _node_of(card: Any, number: int) -> str:
    """Return the node of an item's question, which names the item."""
    return f"{card._core.engine._items[number].name}/human_review"


class FirstIsSlow(InMemorySaver):
    """Reads the first thread only after the second."""

    second_was_read: threading.Event | None = None

    def get_tuple(self, config: Any) -> Any:
        found, thread = super().get_tuple(config), config["configurable"]["thread_id"]
        if self.second_was_read is not None and thread == "2":
            self.second_was_read.set()
        elif self.second_was_read is not None and not self.second_was_read.wait(30):
            raise AssertionError("the second thread was not read meanwhile")
        return found


def test_threads_in_a_joint_card_are_asked_in_the_given_order_whichever_is_read_first(person: Person):
    saver = FirstIsSlow()
    graph = compile_node(lambda state: {"some_text": interrupt(state["some_text"])}, checkpointer=saver)
    for thread in ("1", "2"):
        graph.invoke({"some_text": f"thread {thread}"}, {"configurable": {"thread_id": thread}})
    saver.second_was_read = threading.Event()
    assert batch_of_threads(graph, ["1", "2"]).interrupts[0].value == "thread 1"


class Killed(BaseException):
    """Stands for the end of the process: the thread keeps the answer, and no error."""


@pytest.mark.parametrize("answer", ["first", "second"])
@pytest.mark.parametrize("error", [ValueError, Killed])
def test_questions_whose_threads_hold_an_answer_without_effect_take_an_answer_in_a_joint_card(
    error, answer, person: Person
):
    works: list[str] = []

    def review(state: Any) -> Any:
        said = interrupt("Say?")
        if not works:
            raise error("the mail server does not answer")
        return {"some_text": state["some_text"] + said}

    graph = compile_node(review, checkpointer=InMemorySaver())
    for thread in ("1", "2"):
        config: Any = {"configurable": {"thread_id": thread}}
        graph.invoke({"some_text": thread}, config)
        with pytest.raises(error):
            graph.invoke(Command(resume="first"), config)
    works.append("again")
    card = batch_of_threads(graph, ["1", "2"])
    while not card._core.state.over:  # a question may be asked once more beside another
        card.settle()
        if card.waits:
            person.answer(answer)
    assert [row["some_text"] for row in card.result["result"]] == [f"1{answer}", f"2{answer}"]


def test_doubts_about_the_items_before_stay_with_the_past_of_each_further_item():
    unsure, unknown = Past(unsure=frozenset({"1/ask"}), is_in_order=False), Past(why_unknown="nothing is listed")
    known = Past((PastQuestion("3/ask", "x", None),))
    reader = ItemPasts()
    first = list(reader.new_in([unsure]))
    later = list(reader.new_in([unsure, unknown, known]))
    assert first == [(0, unsure)]
    assert [number for number, _ in later] == [1, 2]
    assert [past.unsure for _, past in later] == [{"1/ask"}] * 2
    assert [(past.is_in_order, past.why_unknown) for _, past in later] == [(False, "nothing is listed")] * 2
    assert [past.questions for _, past in later] == [(), known.questions]
