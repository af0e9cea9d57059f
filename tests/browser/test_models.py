"""An agent with a model is answered in JupyterLab; from then on the notebook and its sidecar replay without a model."""

import shutil

import nbformat
import pytest

from nbhitl.models import sidecar
from tests.kernel.notebooks import NBHITL, NBVAL
from tests.models.provider import provider
from tests.models.ways import KEY
from tests.tools import ROOT

NAME = "a_real_agent_as_a_test.ipynb"
COMMITTED = ROOT / "notebooks" / NAME

pytestmark = pytest.mark.needs("langchain_openai", "nbval")


def test_agent_answered_in_jupyterlab_replays_without_a_model(lab, page, accept):
    from tests.browser.card import card_in
    from tests.browser.jupyter import open_notebook
    from tests.browser.test_notebooks import blank, compared, passes

    answered, recorded = lab.root / NAME, sidecar.beside(lab.root / NAME)
    cells = {cell["id"]: place for place, cell in enumerate(blank(NAME, lab.root).cells)}
    with provider() as server:
        has_key(answered, server.url)
        notebook = open_notebook(page, lab, NAME)
        notebook.run_all()
        card = card_in(notebook, cells["review"])
        card.expect_asking()
        page.keyboard.press("Escape")
        card.button("Approve").click()
        card.expect_recorded()
        notebook.wait_for_code()
        notebook.save()
        assert len(server.calls) == 3
        assert [call.cell for call in sidecar.read(recorded).calls] == ["review", "review", "outside"]
        # Running a cell again replaces the calls of this cell only.
        notebook.run(cells["outside"])
        notebook.wait_for_code()
        notebook.save()
        assert len(server.calls) == 4
        assert [(call.said or {})["ai"][:8] for call in sidecar.read(recorded).calls] == ["", "All done", "Answer 2"]
    before = recorded.read_bytes()
    assert KEY.encode() not in before
    has_no_key(answered)
    passes(answered, NBVAL)
    passes(answered, NBHITL)
    assert recorded.read_bytes() == before
    if accept:
        shutil.copyfile(answered, COMMITTED)
        shutil.copyfile(recorded, sidecar.beside(COMMITTED))
    assert compared(answered) == compared(COMMITTED), "the committed notebook differs: see `poe accept`"
    assert before == sidecar.beside(COMMITTED).read_bytes()


def has_key(path, url):
    """Set the address of the stand-in provider and a key, as in the environment of a person's Jupyter."""
    notebook = nbformat.read(path, as_version=4)
    (first,) = [cell for cell in notebook.cells if cell.id == "setup"]
    first.source = (
        f"import os; os.environ |= {{'OPENAI_BASE_URL': '{url}/v1', 'OPENAI_API_KEY': '{KEY}'}}\n{first.source}"
    )
    nbformat.write(notebook, path)


def has_no_key(path):
    notebook = nbformat.read(path, as_version=4)
    (first,) = [cell for cell in notebook.cells if cell.id == "setup"]
    first.source = first.source.partition("\n")[2]
    nbformat.write(notebook, path)
