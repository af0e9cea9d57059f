"""A card behind JupyterLab's button "Show more outputs" is drawn when the card waits for a person."""

import pytest

pytestmark = pytest.mark.usefixtures("shared_page")

SETUP = """
import nbhitl
from IPython.display import display
from tests import graphs

def many(count=60):
    for number in range(count):
        display({"text/plain": f"output {number}"}, raw=True)
"""
HELD = "many()\nseed = await nbhitl.review(graphs.seed(), graphs.SEED_INPUT)"
BARE = "many()\ncard = nbhitl.review(graphs.seed(), graphs.SEED_INPUT)\ncard"
BUTTON = ".jp-TrimmedOutputs-button"


@pytest.mark.parametrize("cell", [HELD, BARE], ids=["held", "ended"])
def test_card_behind_the_first_outputs_of_its_cell_is_drawn_and_answered(jupyter, show, cell):
    from tests.browser.card import card_in

    notebook = show(jupyter, [SETUP, "many()", cell, "print('below')"])
    notebook.run_all()
    card = card_in(notebook, 2)
    card.expect_asking()
    assert notebook.output(1).locator(BUTTON).count() == 1, "a cell without a card is left alone"
    card.answer("Edited text")
    card.expect_finished()
    card.expect_recorded()


def test_card_that_does_not_wait_unfolds_nothing(lab, show):
    from playwright.sync_api import expect

    notebook = show(lab, [SETUP, "many()\ncard = nbhitl.review(graphs.compile_node(lambda state: state), {})\ncard"])
    notebook.run_all()
    notebook.wait_finished()
    expect(notebook.output(1).locator(BUTTON)).to_be_visible()
