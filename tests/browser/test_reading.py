"""The forms that a node's own source proposes, in a real JupyterLab."""

import pytest

from tests.again import LIGHT_AND_DARK

pytestmark = pytest.mark.usefixtures("shared_page")

SETUP = """
import nbhitl
from tests.reading import pairs
graphs = {pair.name: pair.graph for pair in pairs.PAIRS}
"""
NODES = {
    "choices": "names_its_choices",
    "keys": "approved_with_an_edit",
    "call": "review_of_a_call",
    "action": "documented_action",
    "data": "data_under_a_key",
}


ASKS = """
from tests.browser.asking import asks, received
nbhitl.review(asks({"question": "How many?", "plan": "A to B"}), {}, record=False)
"""


@pytest.fixture
def cards(lab, show):
    """Run a review of each node; return the cards by name, and the notebook."""
    from tests.browser.card import card_in

    def run(*reviews, below=()):
        notebook = show(lab, [SETUP, *reviews, *below])
        for place in range(len(reviews) + 1):
            notebook.run(place)
            notebook.wait_finished(place)
        return notebook, [card_in(notebook, place) for place in range(1, len(reviews) + 1)]

    return run


def review(node):
    return f"card = nbhitl.review(graphs[{node!r}], {{}}, record=False)\ncard"


def test_compared_text_is_taken_by_name_and_reaches_the_branch(cards):
    notebook, (card,) = cards(review("names_its_choices"), below=["print(card.result['out'])"])
    card.expect_asking()
    card.button("approve").click()
    card.expect_finished()
    notebook.run(2)
    notebook.wait_finished(2)
    assert "sent" in notebook.output(2).inner_text()


def test_keys_that_are_read_are_fields_and_the_line_below_shows_the_mapping(cards):
    from playwright.sync_api import expect

    from tests.browser.jupyter import PAGE_MS

    _, (card,) = cards(review("approved_with_an_edit"))
    card.expect_asking()
    card.unfold()
    card.root.get_by_label("Yes").check()
    expect(card.root.locator(".sends code")).to_have_text('{"approved": true}', timeout=PAGE_MS)


def test_answer_to_a_question_of_unknown_type_becomes_a_number_by_a_single_click(cards):
    from playwright.sync_api import expect

    from tests.browser.jupyter import PAGE_MS

    notebook, (card,) = cards(ASKS, below=["print(received)"])
    card.expect_asking()
    card.editor.fill("12")
    expect(card.root.locator(".sends code")).to_have_text('"12"')
    card.root.get_by_role("radio", name="Number").click()
    expect(card.root.locator(".sends code")).to_have_text("12", timeout=PAGE_MS)
    card.resume.click()
    card.expect_finished()
    notebook.run(2)
    notebook.wait_finished(2)
    assert "{'review': 12}" in notebook.output(2).inner_text()


@pytest.mark.parametrize("theme", LIGHT_AND_DARK)
def test_proposed_form_looks_as_committed(lab, cards, screenshots, theme):
    lab.theme = theme
    _, shown = cards(*(review(node) for node in NODES.values()), ASKS)
    for name, card in zip([*NODES, "any"], shown, strict=True):
        card.expect_asking()
        screenshots.check(card.root, f"reading-{name}-{theme}")
