"""Parts of payloads that users set aside in a notebook: by the source of a cell, or by the cell's metadata."""

import pytest

from nbhitl.answers.notebook_file import ignored_in
from nbhitl.errors import QuestionChanged, UsageError
from tests.kernel.notebooks import execute, make, recorded, result_of, write

pytestmark = pytest.mark.usefixtures("forked_kernels")

SETUP = """
import time
import nbhitl
from tests import graphs

def ask(state):
    return {"some_text": graphs.interrupt({"text": state["some_text"], "at": time.time_ns()})}

graph = graphs.compile_node(ask)
"""
REVIEW = "(await nbhitl.review(graph, graphs.SEED_INPUT))['some_text']"


def clocked(path, review=REVIEW, metadata=None):
    payload = {"text": "original text", "at": 17}
    notebook = make(SETUP, review, record=[recorded("Edited text", payload=payload)])
    notebook.cells[1].metadata.update(metadata or {})
    return write(path / "report.ipynb", notebook)


IN_SOURCE = REVIEW.replace("SEED_INPUT)", "SEED_INPUT, ignore=['at'])")
IN_METADATA = {"nbhitl": {"ignore": ["at"]}}


@pytest.mark.parametrize(
    ("review", "metadata"), [(IN_SOURCE, {}), (REVIEW, IN_METADATA)], ids=["in the source", "in the metadata"]
)
def test_notebook_whose_node_asks_with_a_clock_replays(tmp_path, review, metadata):
    executed = execute(clocked(tmp_path, review, metadata))
    assert result_of(executed.cells[1]) == "'Edited text'"


def test_notebook_that_sets_nothing_aside_names_the_changes(tmp_path):
    executed = execute(clocked(tmp_path), allow_errors=True)
    (error,) = [output for output in executed.cells[1].outputs if output.output_type == "error"]
    assert error.ename == QuestionChanged.__name__
    assert '-  "at": 17' in error.evalue


def test_metadata_of_the_opened_notebook_is_read_where_a_person_is(tmp_path, monkeypatch):
    path = clocked(tmp_path, metadata=IN_METADATA)
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    assert ignored_in(REVIEW, person_there=True) == ("at",)
    assert ignored_in("another cell", person_there=True) == ()
    monkeypatch.setenv("JPY_SESSION_NAME", "console-1")
    assert ignored_in(REVIEW, person_there=True) == ()


def test_metadata_that_hold_no_list_are_refused_by_their_place(tmp_path, monkeypatch):
    path = clocked(tmp_path, metadata={"nbhitl": {"ignore": "at"}})
    monkeypatch.setenv("NBHITL_NOTEBOOK", str(path))
    with pytest.raises(UsageError, match=r"metadata\.nbhitl\.ignore of cell 'cell-1' of report\.ipynb .*\['at'\]"):
        ignored_in(REVIEW, person_there=False)
