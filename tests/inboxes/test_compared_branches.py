"""Branches of `nbhitl.compare` that ask again wait for nobody; branches that a person opens are listed as ever."""

import sqlite3
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver

import nbhitl
from tests.auditing.test_audit import Minimal
from tests.graphs import SEED_INPUT, compile_node, interrupt


def asks_again(state: Any) -> Any:
    text = interrupt("Say?")
    if text == "raise":
        raise ValueError("no such text")
    while (more := interrupt(f"{text}: more?")) != "end":
        text += more
    return {"some_text": text}


def in_memory(_folder: Any) -> Any:
    return InMemorySaver()


def in_sqlite(folder: Any) -> Any:
    return SqliteSaver(sqlite3.connect(folder / "checkpoints.db", check_same_thread=False))


def listed(graph: Any) -> set[str]:
    return {row.thread for row in nbhitl.inbox(graph)}


@pytest.mark.parametrize("saver", [in_memory, in_sqlite])
def test_branches_of_a_comparison_that_ask_again_are_in_no_inbox(saver, tmp_path):
    graph = compile_node(asks_again, checkpointer=saver(tmp_path))
    card = nbhitl.review(graph, SEED_INPUT)
    assert card.interrupts
    found = nbhitl.compare(graph, card, answers=["one", "two", "raise"])
    assert [each.asks for each in found] == ["one: more?", "two: more?", None]
    assert found[2].error == "ValueError: no such text"
    assert listed(graph) == {card.thread_id}


@pytest.mark.parametrize("saver", [in_memory, in_sqlite])
def test_branch_of_a_comparison_is_listed_once_somebody_goes_on_with_it(saver, tmp_path):
    graph = compile_node(asks_again, checkpointer=saver(tmp_path))
    card = nbhitl.review(graph, SEED_INPUT)
    assert card.interrupts
    (alternative,) = nbhitl.compare(graph, card, answers=["one"])
    opened = nbhitl.open(graph, thread_id=str(alternative.thread))
    opened.answer(" and")
    assert [each.value for each in opened.interrupts] == ["one and: more?"]
    assert listed(graph) == {card.thread_id, alternative.thread}


def test_branch_that_a_person_forks_on_purpose_is_listed(tmp_path):
    graph = compile_node(asks_again, checkpointer=in_sqlite(tmp_path))
    card = nbhitl.review(graph, SEED_INPUT)
    assert card.interrupts
    branch = card.fork(next(step for step in card.history() if step.asked))
    assert branch.interrupts
    assert listed(graph) == {card.thread_id, branch.thread_id}


def test_branch_of_a_comparison_at_a_breakpoint_is_in_no_inbox(tmp_path):
    graph = compile_node(asks_again, checkpointer=in_sqlite(tmp_path), interrupt_before=["human_review"])
    card = nbhitl.review(graph, SEED_INPUT)
    assert card.interrupts[0].is_stop
    (alternative,) = nbhitl.compare(graph, card, answers=[None])
    assert alternative.asks == "Say?"
    assert listed(graph) == {card.thread_id}


def test_checkpointer_that_lists_nothing_compares_all_the_same():
    graph = compile_node(asks_again, checkpointer=Minimal())
    card = nbhitl.review(graph, SEED_INPUT)
    assert card.interrupts
    at = card.state.config["configurable"]["checkpoint_id"]
    assert [each.asks for each in nbhitl.compare(graph, card, answers=["one"], checkpoint=at)] == ["one: more?"]
