"""Decisions of clients that know nothing of nbhitl, as LangGraph itself keeps the answers."""

import sqlite3
from collections.abc import Iterator

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

import nbhitl
from nbhitl.engines import connect
from nbhitl.engines.local import journal
from nbhitl.kernel.background import finish
from nbhitl.runs.decided import UNKNOWN, Decided
from nbhitl.runs.run import Interrupt
from nbhitl.user import now, whoami
from tests.engines import contract_graphs

CONFIG = {"configurable": {"thread_id": "1"}}


@pytest.fixture(params=["InMemorySaver", "SqliteSaver"])
def saver(request) -> Iterator[InMemorySaver | SqliteSaver]:
    if request.param == "InMemorySaver":
        yield InMemorySaver()
        return
    with SqliteSaver.from_conn_string(":memory:") as saver:
        yield saver


def with_saver(name, saver):
    return getattr(contract_graphs, name).copy(update={"checkpointer": saver})


def run(graph, *answers):
    """Run a graph by plain LangGraph; return the questions in order."""
    graph.invoke({"text": "original text"}, CONFIG)
    asked = []
    for answer in answers:
        asked += graph.get_state(CONFIG, subgraphs=True).interrupts
        graph.invoke(Command(resume={asked[-1].id: answer}), CONFIG)
    return asked


def decisions(graph):
    return finish(connect(graph, thread_id="1").decisions())


def test_an_answer_of_plain_langgraph_is_told_without_a_decider(saver):
    graph = with_saver("seed", saver)
    (asked,) = run(graph, "Edited text")
    (found,) = decisions(graph)
    assert (found.interrupt.id, found.interrupt.node, found.interrupt.value) == (asked.id, "review", asked.value)
    assert (found.answer, found.origin, found.by) == ("Edited text", "elsewhere", None)
    assert found.at >= found.asked_at


def test_two_questions_of_one_node_are_told_with_both_answers_and_the_last_payload(saver):
    graph = with_saver("twice", saver)
    asked = run(graph, "one", "two")
    first, second = decisions(graph)
    assert [first.interrupt.id, second.interrupt.id] == [each.id for each in asked]
    assert (first.answer, first.interrupt.value) == ("one", UNKNOWN)
    kept = UNKNOWN if isinstance(saver, SqliteSaver) else "two"  # SQLite's saver keeps the task's first write
    assert (second.answer, second.interrupt.value) == (kept, asked[1].value)


def test_a_question_in_a_subgraph_is_told_once_with_the_whole_path(saver):
    graph = with_saver("deep", saver)
    run(graph, "Edited text")
    (found,) = decisions(graph)
    assert (found.interrupt.node, found.answer) == ("top/outer/inner", "Edited text")


def test_a_question_of_a_graph_that_langgraph_does_not_show_is_told_for_the_node_that_calls_it(saver):
    graph = with_saver("called", saver)
    run(graph, "Edited text")
    (found,) = decisions(graph)
    assert (found.interrupt.node, found.answer) == ("call", "Edited text")


def test_a_question_of_the_functional_api_is_told_once(saver):
    graph = with_saver("functional", saver)
    (asked,) = run(graph, "Edited text")
    (found,) = decisions(graph)
    assert (found.interrupt.id, found.answer) == (asked.id, "Edited text")


def test_answers_of_both_kinds_in_a_node_are_told_with_the_decider(saver):
    graph = with_saver("twice", saver)
    run(graph, "theirs")
    nbhitl.open(graph, thread_id="1", answers=["ours"]).result  # noqa: B018 - waits
    theirs, ours = decisions(graph)
    assert (theirs.answer, theirs.origin) == ("theirs", "elsewhere")
    assert (ours.answer, ours.origin, ours.by) == ("ours", "script", whoami())


def test_a_question_that_is_pending_is_no_decision(saver):
    graph = with_saver("twice", saver)
    run(graph, "one")
    assert [each.answer for each in decisions(graph)] == ["one"]


@pytest.mark.parametrize(
    ("origin", "name"), [("person", ""), ("person", "Ann Lee (ann)"), ("rule", "the rule allow('pay')")]
)
def test_a_note_of_an_answer_that_was_not_sent_is_no_decision(saver, origin, name):
    graph = with_saver("seed", saver)
    graph.invoke({"text": "original text"}, CONFIG)
    (asked,) = graph.get_state(CONFIG).interrupts
    at = graph.get_state(CONFIG).config
    by = Decided(Interrupt(asked.id, "review", asked.value), "ours, too late", UNKNOWN, origin, name, now(), None)
    note = journal.write({asked.id: "ours, too late"}, {asked.id: by})
    saver.put_writes(at, *note)
    saver.put_writes(at, *journal.take_back([asked.id], note[1]))
    graph.invoke(Command(resume={asked.id: "theirs"}), CONFIG)
    (found,) = decisions(graph)
    assert (found.answer, found.origin) == ("theirs", "elsewhere")


def test_a_note_of_an_older_version_is_completed_from_langgraph_s_writes(saver):
    graph = with_saver("seed", saver)
    graph.invoke({"text": "original text"}, CONFIG)
    state = graph.get_state(CONFIG)
    (asked,) = state.interrupts
    entry = {asked.id: {"value": "Edited text", "by": "ann on laptop", "at": "2026-11-01T10:00:00+00:00"}}
    saver.put_writes(state.config, [(journal.CHANNEL, entry)], "00000000-0000-0000-0000-00000000abcd")
    graph.invoke(Command(resume={asked.id: "Edited text"}), CONFIG)
    (found,) = decisions(graph)
    assert (found.interrupt.node, found.interrupt.value, found.by) == ("review", asked.value, "ann on laptop")


def test_the_known_part_of_a_note_of_a_newer_version_is_read():
    with sqlite3.connect(":memory:", check_same_thread=False) as connection:
        saver = SqliteSaver(connection)
        graph = with_saver("seed", saver)
        graph.invoke({"text": "original text"}, CONFIG)
        state = graph.get_state(CONFIG)
        (asked,) = state.interrupts
        entry = {"value": "x", "by": "ann", "at": "2026-11-01T10:00:00+00:00", "mood": "good"}
        saver.put_writes(state.config, [(journal.CHANNEL, {asked.id: entry})], "00000000-0000-0000-0000-00000000abcd")
        assert journal.read(saver.get_tuple(state.config))[asked.id].by == "ann"


@pytest.mark.parametrize(
    "value",
    [
        "x",
        {"id": "x"},
        {"id": {"by": "ann"}},
        {"id": {"value": 1, "by": "a", "at": "?"}},
        {"id": {"value": 1, "by": "a", "at": "2026-11-01T10:00:00"}},
    ],
)
def test_write_of_another_program_in_our_channel_is_no_note(saver, value):
    graph = with_saver("seed", saver)
    graph.invoke({"text": "original text"}, CONFIG)
    saver.put_writes(graph.get_state(CONFIG).config, [(journal.CHANNEL, value)], "00000000-0000-0000-0000-00000000abcd")
    assert nbhitl.inbox(graph)[0].thread == "1"
    card = nbhitl.open(graph, thread_id="1")
    card.answer("Edited text")
    assert "Edited text" in card.result.values()
    assert [row.answered for row in nbhitl.audit(graph)] == ["Edited text"]
