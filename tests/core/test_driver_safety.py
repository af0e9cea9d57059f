"""The driver tells the errors and obeys the orders of a run: each test fails on a driver with a single broken line."""

from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

import nbhitl
from nbhitl.errors import AlreadyAnswered
from tests import graphs
from tests.graphs import SEED_INPUT


def test_node_that_raises_already_answered_itself_runs_once_and_the_question_is_open_again():
    runs = []

    def ask(_state):
        runs.append(interrupt("?"))
        raise AlreadyAnswered("in a review of the node's own")

    graph = StateGraph(graphs.State).add_node("ask", ask).add_edge(START, "ask").compile()
    card = nbhitl.review(graph, SEED_INPUT)
    card.answer("yes")
    assert card.interrupts
    (asked,) = card._core.state.unanswered
    assert "in a review of the node's own" in str(asked.problem)
    assert runs == ["yes"]


def test_order_stays_until_the_run_takes_it_whatever_is_changed_meanwhile():
    card = nbhitl.review(graphs.seed(), SEED_INPUT)
    assert card.interrupts
    core = card._core
    with core.lock:  # the loop of the run waits here
        card.answer("Edited text")
        core.driver.tell(lambda _session: None)
        waiting = core.driver._next
    assert waiting is not None
    assert waiting.kind == "resume"
    assert card.result == {"some_text": "Edited text"}


class Raises:
    """A viewer, and a listener, that raise at each change."""

    def look(self):
        raise LookupError("nothing to see")


def test_viewer_that_raises_neither_refuses_an_answer_nor_fails_the_run_nor_hides_the_change(caplog):
    card = nbhitl.review(graphs.seed(), SEED_INPUT)
    assert card.interrupts
    viewer, told = Raises(), []
    card._core.add_viewer(viewer.look)
    card._core.subscribe(viewer.look)
    card._core.subscribe(lambda: told.append(card._core.state.phase))
    card.answer("Edited text")
    assert card.result == {"some_text": "Edited text"}
    assert told[-1] == "finished"
    assert "LookupError: nothing to see" in caplog.text
