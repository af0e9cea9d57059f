"""An answer in a batch that another client overtook leaves the notebook's record and the output of the batch."""

import json
import sqlite3
import threading
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

import nbhitl
from nbhitl.kernel.cell import Cell
from nbhitl.protocol import OUTPUT_KEY
from nbhitl.recording import in_one
from nbhitl.testing import Person
from tests import graphs
from tests.batches.test_batch import TEXTS, counted, wait_for
from tests.graphs import compile_node, interrupt
from tests.rules import batched


def told_below(card: Any) -> list[str]:
    """Return the rows of the single output."""
    return in_one.batch_output(in_one.all_answered(card._core.state), card._core.forms)["text/plain"].splitlines()[1:]


def answered(person: Person, value: Any, text: str | None = None, **content: Any) -> Any:
    """Answer as the page does; return the record that the page writes."""
    card, question = person._question(text, {})
    draft = json.dumps(value) if "draft" not in content else content.pop("draft")
    reply = card.ask("answer", id=question["id"], revision=card.seen.revision, draft=draft, item={}, **content)
    return reply["record"]


def thread_of(card: Any, item: int = 0) -> Any:
    return {"configurable": {"thread_id": card._core.engine._items[item].thread_id}}


def taken_back(person: Person) -> list[Any]:
    return [late["record"] for late in person.view.get("late", [])]


def test_overtaken_answer_leaves_the_record_the_output_and_the_answers_of_the_batch():
    graph = counted([], checkpointer=InMemorySaver())
    with Person() as person:
        card: Any = nbhitl.batch(graph, TEXTS[:2], key="k")
        person.sees(prompt="a")
        person.sees(prompt="b")
        graph.invoke(Command(resume="theirs"), thread_of(card))
        written = answered(person, None, "a", draft="mine")
        answered(person, None, "b", draft="2")
        assert list(card.result["answer"]) == ["theirs", "2"]
        assert taken_back(person) == [{**written, "forget": True, "exact": True}]
        assert told_below(card) == ['"b"  2']
        assert list(card.answers) == ["2"]
        assert 'a person answered too late, and this was not given: "mine"' in str(card)


def test_answer_that_a_run_has_taken_is_not_taken_back():
    with Person() as person:
        card: Any = nbhitl.batch(counted([], checkpointer=InMemorySaver()), TEXTS[:2], key="k")
        answered(person, None, "a", draft="1")
        answered(person, None, "b", draft="2")
        assert list(card.result["answer"]) == ["1", "2"]
        assert taken_back(person) == []
        assert card._screen._recording._given == {}


def test_overtaken_answer_leaves_the_output_that_holds_the_record_where_no_page_can_write():
    graph = counted([], checkpointer=InMemorySaver())
    with Person() as person:
        card: Any = nbhitl.batch(graph, TEXTS[:2], key="k")
        person.sees(prompt="a")
        person.sees(prompt="b")
        recording = card._screen._recording
        recording._holding = recording._cell = Cell(runs=True)
        graph.invoke(Command(resume="theirs"), thread_of(card))
        answered(person, None, "a", draft="mine", why_not="no access")
        answered(person, None, "b", draft="2", why_not="no access")
        assert list(card.result["answer"]) == ["theirs", "2"]
        recording.tell_in_one()
        (output,) = recording._cell._last.values()
        (entry,) = output.metadata[OUTPUT_KEY]["answers"]
        assert entry["answer"] == '"2"'


def test_overtaken_decision_of_a_rule_leaves_the_record_and_no_page_writes_the_decision_any_more():
    goes_on = threading.Event()

    def ask(state: Any) -> Any:
        assert goes_on.wait(30)
        answer = interrupt(batched((state["some_text"], {"amount": 5})))
        return {"some_text": answer["decisions"][0]["type"]}

    graph = compile_node(ask, "agent", checkpointer=InMemorySaver())
    texts = [{"some_text": tool} for tool in ("pay", "search")]
    with Person() as person:
        card: Any = nbhitl.batch(graph, texts, key="k", rules=[nbhitl.allow("pay")])
        card._screen._recording._cell = Cell(runs=False)
        goes_on.set()
        wait_for(lambda: len(person.view.get("decided", [])) == 1)
        written = person.view["decided"][0]["record"]
        graph.invoke(Command(resume={"decisions": [{"type": "reject"}]}), thread_of(card))
        person.approve()
        assert [row["some_text"] for row in card.result["result"]] == ["reject", "approve"]
        removal = {**written, "forget": True, "exact": True}
        assert taken_back(person) == [removal]
        assert [each["record"] for each in person.view["decided"]] == [removal]


@pytest.fixture
def looked_at_often(tmp_path, monkeypatch):
    """Return a checkpointer whose threads are looked at often while a batch asks."""
    monkeypatch.setattr("nbhitl.engines.local.engine.WATCH_EVERY", 0.02)
    connection = sqlite3.connect(tmp_path / "checkpoints.db", check_same_thread=False)
    yield SqliteSaver(connection)
    connection.close()


def test_answer_to_the_first_of_two_questions_leaves_the_record_where_another_client_answers_both(looked_at_often):
    graph = graphs.parallel(checkpointer=looked_at_often)
    with Person() as person:
        card: Any = nbhitl.batch(graph, [{"texts": []}], key="k")
        written = answered(person, None, draft="mine")
        state = graph.get_state(thread_of(card))
        graph.invoke(Command(resume={each.id: "theirs" for each in state.interrupts}), thread_of(card))
        assert list(card.wait(30)["answer"]) == [["theirs", "theirs"]]
        assert taken_back(person) == [{**written, "forget": True, "exact": True}]
        assert told_below(card) == []
        assert list(card.answers) == []


def test_first_of_two_questions_is_asked_again_in_the_same_place_where_another_client_answers_the_second(
    looked_at_often,
):
    graph = graphs.parallel(checkpointer=looked_at_often)
    with Person() as person:
        card: Any = nbhitl.batch(graph, [{"texts": []}], key="k")
        first = person.sees()
        written = answered(person, None, draft="mine")
        second = person.sees()
        graph.invoke(Command(resume={second["id"].partition(":")[2]: "theirs"}), thread_of(card))
        wait_for(lambda: bool(person.view.get("late")))
        assert [each["id"] for each in person.view["questions"]] == [first["id"]]
        assert taken_back(person) == [{**written, "forget": True, "exact": True}]
        again = answered(person, None, draft="again")
        assert again["entry"]["ordinal"] == written["entry"]["ordinal"]
        (row,) = card.result["answer"]
        assert sorted(row) == ["again", "theirs"]
        assert [line.split()[-1] for line in told_below(card)] == ["again"]


def test_answer_on_which_a_run_failed_is_replaced_by_the_answer_after_the_retry():
    graph = raises_on_bad(checkpointer=InMemorySaver())
    with Person() as person:
        card: Any = nbhitl.batch(graph, TEXTS[:1], key="k")
        first = answered(person, None, draft="bad")
        wait_for(lambda: card._core.state.over)
        person._newest().ask("retry")
        second = answered(person, None, draft="good")
        wait_for(lambda: card._core.state.over)
        assert list(card.result["answer"]) == ["good"]
        assert second["entry"]["ordinal"] == first["entry"]["ordinal"]
        assert [line.split()[-1] for line in told_below(card)] == ["good"]
        assert list(card.answers) == ["good"]


def raises_on_bad(**options: Any) -> Any:
    def review(state: Any) -> Any:
        answer = interrupt(state["some_text"])
        if answer == "bad":
            raise ValueError("no good")
        return {"some_text": answer}

    return compile_node(review, "review", **options)
