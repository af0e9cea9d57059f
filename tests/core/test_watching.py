"""Chunks that wait to become progress: none is lost, none waits for ever, and each is shown as streamed."""

import gc

import pytest
from langgraph.config import get_stream_writer
from langgraph.graph import START, StateGraph

import nbhitl
from nbhitl.core import watching
from nbhitl.core.watching import Watching
from nbhitl.engines.local.prints import overheard
from nbhitl.runs.run import Chunk
from tests import graphs
from tests.graphs import SEED_INPUT
from tests.test_freed import Front
from tests.test_validation import LIMIT, in_thread


@pytest.fixture
def nothing_is_drawn(monkeypatch):
    """Stop the clock of the display, as a node does that blocks the loop."""
    monkeypatch.setattr(Watching, "_show_soon", lambda self: None)


def ask(state):
    return {"some_text": graphs.interrupt("?")}


def work(state):
    return {"some_text": state["some_text"]}


def test_card_whose_review_no_code_holds_shows_all_steps_of_the_run(nothing_is_drawn):
    graph = StateGraph(graphs.State)
    graph.add_sequence([ask, work])
    graph.add_edge(START, "ask")
    review = nbhitl.review(graph.compile(), SEED_INPUT)
    assert review.interrupts
    seen, front = review._core.watching, Front(review)
    del review
    gc.collect()
    front.answer("Edited text")
    front.wait_for("finished")
    assert [(step["node"], step["state"]) for step in seen.progress()["steps"]] == [("ask", "done"), ("work", "done")]


def test_events_of_a_single_object_are_shown_as_each_was_written(nothing_is_drawn):
    def count(state):
        event = {}
        for event["row"] in range(3):
            get_stream_writer()(event)
        return {"some_text": "done"}

    card = nbhitl.review(graphs.compile_node(count), SEED_INPUT)
    assert card.result
    assert card._core.watching.progress()["events"] == ['{ "row": 0 }', '{ "row": 1 }', '{ "row": 2 }']


def test_chunks_of_a_node_that_blocks_the_loop_do_not_pile_up(nothing_is_drawn):
    watch = Watching()
    for _ in range(3 * watching.MOST_UNSEEN):
        watch.saw(Chunk("log", "a line\n"))
        watch.saw(Chunk("checkpoints", {"values": {}}))
    assert len(watch._unseen) <= watching.MOST_UNSEEN
    assert {each.mode for each in watch._unseen if isinstance(each, Chunk)} == {"log"}, "a state waits for nobody"
    assert watch.progress()["log"].endswith("a line\n")
    assert not watch._unseen


def test_event_that_cannot_be_read_is_logged_and_the_rest_is_shown(nothing_is_drawn, caplog):
    watch = Watching()

    def work():
        with overheard(watch.saw):
            watch.saw(Chunk("messages", "no message"))
            for _ in range(watching.MOST_UNSEEN):
                print("a line")  # noqa: T201

    thread, outcome = in_thread(work)
    thread.join(LIMIT)
    assert outcome == [None]
    assert "could not be shown: messages" in caplog.text
    assert watch.progress()["log"].count("a line\n") > 1


def test_begin_and_end_of_a_segment_keep_their_places_among_the_chunks(nothing_is_drawn):
    watch = Watching()
    watch.saw(Chunk("custom", "of the segment before"))
    watch.segment_begins()
    watch.saw(Chunk("tasks", {"id": "1", "name": "write", "input": {}, "triggers": ()}))
    watch.segment_ended()
    shown = watch.progress()
    assert [(step["node"], step["state"]) for step in shown["steps"]] == [("write", "done")]
    assert shown["events"] == []
