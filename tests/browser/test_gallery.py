"""The notebooks that show forms: each card as drawn in JupyterLab, and the saved outputs."""

import json
import shutil

import pytest

from tests.tools import ROOT

pytestmark = pytest.mark.usefixtures("shared_page")

NOTEBOOKS = ROOT / "notebooks"
GALLERY = "forms.ipynb"


def cards():
    """Return the ids of the gallery's cells that show a card, and the cells' places in the notebook."""
    cells = json.loads((NOTEBOOKS / GALLERY).read_text())["cells"]
    return {cell["id"]: place for place, cell in enumerate(cells) if not cell["id"].startswith("cell-")}


@pytest.fixture
def check_saved(accept):
    """Return a function that saves a notebook after a run, and compares the file with the committed notebook."""
    from tests.browser.card import wait_for_questions
    from tests.browser.test_notebooks import stable

    def compared(path):
        cells = json.loads(path.read_text())["cells"]
        return [(cell["source"], [stable(output) for output in cell.get("outputs", [])]) for cell in cells]

    def check(notebook):
        wait_for_questions(notebook)
        notebook.save()
        committed = NOTEBOOKS / notebook.name
        if accept:
            shutil.copyfile(notebook.path, committed)
        assert compared(notebook.path) == compared(committed), "the committed notebook differs: see `poe accept`"

    return check


UNSTEADY = frozenset({"code"})
"""Cards whose picture is not compared: Chromium draws bullets of a list in either of two sizes, 2 px apart a line."""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_form_looks_as_committed_and_leaves_the_committed_outputs(run_committed, screenshots, check_saved, theme):
    from tests.browser.card import card_in

    notebook = run_committed(GALLERY)
    check_saved(notebook)
    for name, place in cards().items():
        card = card_in(notebook, place)
        card.expect_asking()
        if name not in UNSTEADY:
            screenshots.check(card.root, f"forms-{name}-{theme}")


def test_notebook_of_own_forms_leaves_the_committed_outputs(run_committed, check_saved):
    check_saved(run_committed("forms_of_your_own.ipynb"))
