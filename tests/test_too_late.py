"""An answer that comes while the node works on another client's answer is too late, and the person is told."""

import json
import sqlite3
import threading

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

import nbhitl
from nbhitl.errors import AlreadyAnswered, ServerUnreachable
from nbhitl.kernel import block
from nbhitl.kernel.cell import Cell
from nbhitl.recording.recorder import Recorder
from nbhitl.runs.run import NodeRaised
from tests import graphs
from tests.test_page import Card


class Slow:
    """A node that works on its answer until ``go_on`` is set; each client has a separate connection to the file."""

    def __init__(self, path):
        self.path = path
        self.started, self.go_on = threading.Event(), threading.Event()
        self.got = []
        self.connections = []

    def graph(self):
        def ask(_state):
            answer = graphs.interrupt("Name?")
            self.got.append(answer)
            self.started.set()
            assert self.go_on.wait(30)
            if answer == "bad":
                raise ValueError("no good")
            return {"some_text": answer}

        connection = sqlite3.connect(self.path, check_same_thread=False)
        self.connections.append(connection)
        return graphs.compile_node(ask, "ask", checkpointer=SqliteSaver(connection))

    def opened(self, thread_id):
        return nbhitl.open(self.graph(), thread_id=thread_id)


@pytest.fixture
def slow(tmp_path):
    slow = Slow(tmp_path / "checkpoints.db")
    yield slow
    slow.go_on.set()
    for connection in slow.connections:
        connection.close()


def until(card, condition):
    block(lambda: condition(card._core.state), card._core.subscribe, lock=card._core.lock, listens=False)


@pytest.fixture(params=["seen as busy", "not seen yet"])
def overtaken(request, slow):
    """Return a card whose question another client has answered: the node works on that answer."""
    mine = Card(slow.graph())
    theirs = slow.opened(mine.review.thread_id)
    assert theirs.interrupts
    theirs.answer("theirs")
    assert slow.started.wait(30)
    if request.param == "seen as busy":
        until(mine.review, lambda session: session.snapshot.busy)
    return mine


def test_late_answer_of_code_is_told_with_the_faster_person(slow, overtaken):
    overtaken.review.answer("mine")
    slow.go_on.set()
    with pytest.raises(AlreadyAnswered, match=r"answered at .* by .* came too late: it was not given"):
        _ = overtaken.review.result
    assert overtaken.review.result == {"some_text": "theirs"}
    assert slow.got == ["theirs"]
    assert overtaken.review.answers == []
    assert 'card.answer answered too late, and this was not given: "mine"' in str(overtaken.review)


def test_answer_of_a_person_is_taken_back_from_the_record_and_the_card_says_who_was_faster(slow, overtaken):
    written = overtaken.answer("mine")["record"]
    overtaken.receive(kind="record_outcome", outcome={"kind": "recorded"})
    slow.go_on.set()
    assert overtaken.review.result == {"some_text": "theirs"}
    (late,) = overtaken.view["late"]
    assert late["record"] == {**written, "output": late["record"]["output"], "forget": True, "exact": True}
    assert "mine" not in json.dumps(late["record"]["output"])
    assert overtaken.receive(kind="records_request", has=[])["records"] == []
    (removal,) = overtaken.receive(kind="records_request", has=[written["entry"]])["records"]
    assert removal["record"] == late["record"], "for a page that comes with the answer in its notebook"
    (turn,) = overtaken.view["turns"]
    assert (turn["origin"], turn["record"]) == ("elsewhere", {"kind": "nothing"})
    assert " by " in turn["answer"]
    assert turn["answer"].endswith("The answer given here came too late, and was not given to the node.")


def test_answer_that_was_told_as_too_late_before_it_was_recorded_is_given_to_no_page_to_write(monkeypatch):
    graph = graphs.seed(checkpointer=InMemorySaver())
    card = Card(graph)
    review = card.review
    (asked,) = review.interrupts
    take = Recorder.take

    def once_too_late(*args):
        until(review, lambda state: state.over and not review._core.works)
        return take(*args)

    monkeypatch.setattr(Recorder, "take", once_too_late)
    graph.invoke(Command(resume={asked.id: "theirs"}), {"configurable": {"thread_id": review.thread_id}})
    assert card.answer("mine")["record"] is None
    assert [late["record"] for late in card.view["late"]] == [None]


def test_late_answer_leaves_the_cell_that_would_have_shown_its_record_where_no_page_can_write(slow, overtaken):
    recording = overtaken.review._screen._recording
    recording._holding = cell = Cell(runs=True)
    assert overtaken.answer("mine", why_not="no access")["record"] is None
    assert len(cell._last) == 1
    slow.go_on.set()
    assert overtaken.review.result == {"some_text": "theirs"}
    assert cell._last == {}
    assert [turn["record"]["kind"] for turn in overtaken.view["turns"]] == ["nothing"]


def refused(card, answer, error, monkeypatch):
    """Answer while the engine cannot send; return the record of the answer, once the question is open again."""
    core = card.review._core

    async def refuse(*_args, **_options):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(core.engine, "resume", refuse)
        written = card.answer(answer)["record"]
        until(card.review, lambda state: state.phase == "asking" and bool(state.unanswered))
    return written


def answered_elsewhere(card, graph):
    (asked,) = card.review.interrupts
    graph.invoke(Command(resume={asked.id: "theirs"}), {"configurable": {"thread_id": card.review.thread_id}})
    card.receive(kind="hello")  # looks at the thread
    until(card.review, lambda state: state.over)
    assert card.review.result == {"some_text": "theirs"}


def test_answer_that_could_not_be_sent_leaves_the_record_once_another_client_has_answered(monkeypatch):
    monkeypatch.setattr("nbhitl.engines.local.engine.WATCH_EVERY", 0.02)
    graph = graphs.seed(checkpointer=InMemorySaver())
    card = Card(graph)
    written = refused(card, "mine", ServerUnreachable("The server is away."), monkeypatch)
    assert card.view.get("late") is None
    answered_elsewhere(card, graph)
    (late,) = card.view["late"]
    assert late["record"] == {**written, "output": late["record"]["output"], "forget": True, "exact": True}
    assert card.review.answers == []


def test_answer_on_which_the_node_raised_stays_in_the_record(monkeypatch):
    monkeypatch.setattr("nbhitl.engines.local.engine.WATCH_EVERY", 0.02)
    graph = graphs.seed(checkpointer=InMemorySaver())
    card = Card(graph)
    refused(card, "mine", NodeRaised(ValueError("no good")), monkeypatch)
    answered_elsewhere(card, graph)
    assert card.view.get("late") is None


def test_answer_that_was_refused_twice_is_replaced_by_the_next_answer(monkeypatch):
    graph = graphs.seed(checkpointer=InMemorySaver())
    card = Card(graph)
    refused(card, "mine", AlreadyAnswered("Another client was faster."), monkeypatch)
    card.answer("yours")
    assert card.review.result == {"some_text": "yours"}
    assert card.view.get("late") is None
    assert card.review.answers == ["yours"]


def test_answer_that_comes_after_one_on_which_the_node_raises_is_not_given_and_the_question_is_open_again(
    slow,
):
    mine = Card(slow.graph())
    theirs = slow.opened(mine.review.thread_id)
    assert theirs.interrupts
    theirs.answer("bad")
    assert slow.started.wait(30)
    until(mine.review, lambda session: session.snapshot.busy)
    mine.review.answer("mine")
    slow.go_on.set()
    until(mine.review, lambda session: session.phase == "asking" and bool(session.unanswered))
    with pytest.raises(AlreadyAnswered, match="Yours came too late"):
        mine.review.answer("again")
    mine.review.answer("good")
    assert mine.review.result == {"some_text": "good"}
    assert slow.got == ["bad", "good"]
