"""Real marimo: a cell that would wait fails with the code to write instead, as no cell can wait; answers in code work.

`tests/browser/test_marimo.py` has the card in a page.
"""

import re
import subprocess

import pytest

from tests.environments import HOSTS
from tests.tools import ROOT

pytestmark = pytest.mark.needs("hosts")

APP = """
import marimo
app = marimo.App()

@app.cell
def _():
    from pathlib import Path
    import nbhitl
    from tests import graphs
    graph = graphs.seed()
    return Path, graph, graphs, nbhitl

{cells}
"""
WAITS = """
@app.cell
async def _(graph, graphs, nbhitl):
    await nbhitl.review(graph, graphs.SEED_INPUT)
    return
"""
ANSWERS = """
@app.cell
async def _(Path, graph, graphs, nbhitl):
    result = await nbhitl.review(graph, graphs.SEED_INPUT, answers=["given"])
    Path("source.txt").write_text(result["some_text"])
    return

@app.cell
def _(graph, graphs, nbhitl):
    card = nbhitl.review(graph, graphs.SEED_INPUT)
    return (card,)

@app.cell
def _(Path, card):
    card.answer("in a cell of its own")
    Path("cell.txt").write_text(card.result["some_text"])
    return
"""


def export(folder, cells):
    """Have marimo run an app; return the exit status and the output."""
    app = folder / "app.py"
    app.write_text(APP.format(cells=cells))
    command = [HOSTS.program, "-m", "marimo", "export", "html", app.name, "-o", "page.html"]
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=100)
    return done.returncode, done.stdout + done.stderr


def test_cell_that_waits_is_refused_at_once_with_the_code_to_write(tmp_path):
    status, said = export(tmp_path, WAITS)
    assert status != 0
    assert "Node 'human_review' asks, and no card can be shown here. In marimo no cell can wait" in said
    assert re.search(r"Give the answers in the source, `answers=\[\.\.\.\]`, or write `card = nbhitl\.review", said)


def test_answers_in_the_source_and_from_another_cell_end_the_run(tmp_path):
    status, said = export(tmp_path, ANSWERS)
    assert status == 0, said
    assert (tmp_path / "source.txt").read_text() == "given"
    assert (tmp_path / "cell.txt").read_text() == "in a cell of its own"
