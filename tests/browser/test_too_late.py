"""An answer typed in the page while the run works on another client's answer, in a real JupyterLab."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from playwright.sync_api import expect

import nbhitl
from tests import graphs
from tests.again import LIGHT_AND_DARK
from tests.browser.card import card_in
from tests.kernel.notebooks import entries_of

pytestmark = pytest.mark.usefixtures("shared_page")

SETUP = """
import nbhitl
from tests.browser.test_too_late import working
graph = working({path!r})
"""
AWAIT = "await nbhitl.review(graph, {'some_text': 'original text'}, {'configurable': {'thread_id': 't'}})"


def working(path):
    """Return a graph, with a new connection, whose node works after the answer until the test lets go."""
    gate = threading.Event()

    def revise(state):
        answer = graphs.interrupt({"text_to_revise": state["some_text"]})
        while not Path(f"{path}.go").exists():
            gate.wait(0.02)
        return {"some_text": answer}

    connection = sqlite3.connect(path, check_same_thread=False)
    return graphs.compile_node(revise, "revise", checkpointer=SqliteSaver(connection))


@pytest.mark.parametrize("theme", LIGHT_AND_DARK)
def test_overtaken_answer_is_told_with_the_text_and_leaves_no_record(lab, show, screenshots, theme, tmp_path):
    path = str(tmp_path / "checkpoints.db")
    notebook = show(lab, [SETUP.format(path=path), AWAIT])
    notebook.run_all()
    card = card_in(notebook, 1)
    card.expect_asking()
    graph = working(path)
    with closing(graph.checkpointer.conn):
        theirs = nbhitl.open(graph, thread_id="t")
        assert theirs.interrupts
        theirs.answer("theirs")
        card.answer("mine, of which much was written")
        Path(f"{path}.go").touch()
        card.expect_finished()
        assert theirs.result == {"some_text": "theirs"}
    expect(card.root.get_by_role("alert")).to_contain_text("your answer came too late, and was not given")
    expect(card.root.get_by_role("alert")).to_contain_text("mine, of which much was written")
    expect(card.turns).to_contain_text("another client")
    notebook.wait_finished()
    on_disk = notebook.save()
    assert entries_of(on_disk) == []
    assert "mine" not in str(on_disk.cells[1].outputs)
    screenshots.check(card.root, f"card-too-late-{theme}", mask=[card.turns])
