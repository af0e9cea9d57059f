"""Text typed into `input()` in a real page is saved, and given again in a run with nobody there."""

import pytest

from tests.again import LAB_AND_NOTEBOOK7
from tests.kernel.notebooks import NBHITL, NBVAL, texts

pytestmark = pytest.mark.usefixtures("shared_page")

ASK = 'name = input("Your name: ")\ncolour = input("Colour?")\nf"{name}, {colour}"'


@pytest.mark.parametrize("jupyter", LAB_AND_NOTEBOOK7, indirect=True)
def test_typed_texts_are_given_again_under_every_kind_of_runner(jupyter, show):
    from nbhitl.testing import replay
    from tests.browser.test_notebooks import passes

    notebook = show(jupyter, ["import nbhitl", ASK])
    notebook.run_all()
    for prompt, typed in (("Your name:", "Ann Lee"), ("Colour?", "")):
        asks = notebook.output(1).locator(".jp-Stdin").filter(has_text=prompt)
        box = asks.locator("input.jp-Stdin-input")
        box.wait_for()
        box.fill(typed)
        box.press("Enter")
    notebook.wait_finished()
    saved = notebook.save()
    assert texts(saved.cells[1])[-1] == "'Ann Lee, '"

    replay(notebook.path)
    passes(notebook.path, NBVAL)
    passes(notebook.path, NBHITL)
