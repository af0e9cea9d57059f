"""A person answers the committed notebooks in JupyterLab, and gets the same files: `--accept` rewrites these."""

import json
import shutil
import subprocess

import nbformat
import pytest

from nbhitl.testing import replay
from tests.kernel.notebooks import NBMAKE, NBVAL, entries_of, kernel_env, without_record
from tests.tools import ROOT

pytestmark = pytest.mark.usefixtures("forked_kernels")

NOTEBOOKS = ROOT / "notebooks"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("seed.ipynb", marks=pytest.mark.needs("nbmake")),
        pytest.param("seed_on_a_server.ipynb", marks=pytest.mark.needs("langgraph_server")),
    ],
)
def test_answered_notebook_equals_the_committed_notebook_and_replays(lab, page, accept, name):
    from tests.browser.card import card_in
    from tests.browser.jupyter import open_notebook

    review = blank_copy(name, lab.root)
    notebook = open_notebook(page, lab, name)
    notebook.run_all()
    card = card_in(notebook, review)
    card.expect_asking()
    card.answer("Edited text")
    card.expect_recorded()
    notebook.wait_for_code()
    notebook.save()

    answered = lab.root / name
    replay(answered)
    passes(answered, NBVAL)
    if name == "seed.ipynb":
        before = answered.read_bytes()
        passes(answered, [*NBMAKE, "--nbhitl"])
        assert answered.read_bytes() == before
    if accept:
        shutil.copyfile(answered, NOTEBOOKS / name)
    assert compared(answered) == compared(NOTEBOOKS / name), "the committed notebook differs: see `poe accept`"


def blank_copy(name, folder):
    """Copy a notebook without outputs and record, as before the first run; return the place of the asking cell."""
    shutil.copytree(NOTEBOOKS / "agent", folder / "agent", dirs_exist_ok=True)
    notebook = blank(name, folder)
    return next(i for i, cell in enumerate(notebook.cells) if "= await nbhitl.review" in cell.source)


def blank(name, folder):
    """Copy a notebook without outputs and record."""
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    without_record(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
    nbformat.write(notebook, folder / name)
    return notebook


def passes(path, runner):
    command = [*runner, path.name]
    done = subprocess.run(command, cwd=path.parent, env=kernel_env(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


OF_ONE_RUN = frozenset({"execution", "answered_at", "answered_by", "seconds", "keys"})
"""Parts of a record that differ from run to run."""


def compared(path):
    """Return the parts of a notebook that are the same in each run: no ids, no times."""
    notebook = json.loads(path.read_text())
    entries = [{key: value for key, value in entry.items() if key not in OF_ONE_RUN} for entry in entries_of(notebook)]
    return entries, [
        (cell["source"], [stable(output) for output in cell.get("outputs", [])]) for cell in notebook["cells"]
    ]


def stable(output):
    data = output.get("data", {})
    return output["output_type"], {mime: value for mime, value in data.items() if not mime.endswith("view+json")}
