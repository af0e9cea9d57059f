"""A run fails while no code waits for the card: the card's cell tells the failure, with a person there and without."""

import copy

import pytest
from nbclient.exceptions import CellExecutionError

from nbhitl.testing import PersonClient
from tests.kernel.notebooks import execute, make, recorded, texts, write

pytestmark = pytest.mark.usefixtures("forked_kernels")

SETUP = """
import nbhitl
from langgraph.graph import START, StateGraph
from tests import graphs

def fail(state):
    raise ValueError(f"cannot use {state['some_text']}")

builder = StateGraph(graphs.State).add_node("human_review", graphs.human_review).add_node("fail", fail)
graph = builder.add_edge(START, "human_review").add_edge("human_review", "fail").compile()
"""

CARD = "card = nbhitl.review(graph, graphs.SEED_INPUT)\ncard"
READ = "try:\n    await card\nexcept ValueError as error:\n    print(error)"
CAUGHT = "try:\n    await nbhitl.review(graph, graphs.SEED_INPUT)\nexcept ValueError as error:\n    print(error)"

FAILURE = "The run failed\nValueError: cannot use Edited text"


def test_failure_is_told_in_the_cell_of_a_bare_card_unless_code_gets_the_error(tmp_path):
    cells = [SETUP, CARD, "pass", CARD, READ, CAUGHT]
    record = [recorded("Edited text", cell=cell) for cell in ("cell-1", "cell-3", "cell-5")]
    notebook = make(*cells, record=record)
    replayed = execute(write(tmp_path / "seed.ipynb", notebook))
    lived = copy.deepcopy(notebook)
    PersonClient(lived, lambda question: "Edited text", timeout=60).execute()
    for done in (replayed, lived):
        told = [[text for text in texts(cell) if text.startswith("The run failed")] for cell in done.cells[1:]]
        assert told == [[FAILURE], [], [FAILURE], [], []]
        assert all("cannot use Edited text\n" in texts(done.cells[place]) for place in (4, 5))


def test_recorded_answer_that_does_not_fit_any_more_is_told_though_nobody_reads_the_result(tmp_path):
    record = [recorded("Edited text", payload={"text_to_revise": "another text"})]
    done = execute(write(tmp_path / "seed.ipynb", make(SETUP, CARD, "card", record=record)))
    (told,) = [text for text in texts(done.cells[1]) if text.startswith("The run failed")]
    assert "QuestionChanged" in told


def test_failure_that_no_later_cell_can_read_fails_the_cell_of_the_card(tmp_path):
    notebook = make(SETUP, CARD, "print('the end')", record=[recorded("Edited text")])
    with pytest.raises(CellExecutionError) as raised:
        execute(write(tmp_path / "seed.ipynb", notebook))
    assert (raised.value.ename, raised.value.evalue.splitlines()[0]) == ("ValueError", "cannot use Edited text")


def test_card_that_waits_for_a_person_has_not_failed(tmp_path):
    done = execute(write(tmp_path / "seed.ipynb", make(SETUP, CARD)))
    assert not any(text.startswith("The run failed") for text in texts(done.cells[1]))
