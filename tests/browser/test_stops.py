"""Stops without a question, in a real JupyterLab: a person can see, refuse and change the next step."""

import pytest

from nbhitl.testing import replay
from tests.again import LIGHT_AND_DARK

pytestmark = pytest.mark.usefixtures("shared_page")

SETUP = "import nbhitl\nfrom tests.browser.stopping import LETTER, PAY, clerk, office, ran"
REVIEWS = {
    "tools": "await nbhitl.review(clerk(), PAY)",
    "several": "await nbhitl.review(clerk(calls=2), PAY)",
    "subgraph": "await nbhitl.review(office(), LETTER)",
}


@pytest.fixture
def stopped(lab, show):
    """Return a function that runs a review until it stops."""
    from tests.browser.card import card_in

    def stopped(name):
        notebook = show(lab, [SETUP, f"result = {REVIEWS[name]}", "ran"])
        notebook.run_all()
        card = card_in(notebook, 1)
        card.expect_asking()
        return notebook, card

    return stopped


def what_ran(notebook):
    """Return the arguments of the calls of tools; check that the saved notebook replays with the same arguments."""
    notebook.wait_finished()
    ran = notebook.output(2).locator(".jp-OutputArea-output").last.inner_text().strip()
    notebook.save()
    assert replay(notebook.path) == ran
    return ran


@pytest.mark.parametrize("theme", LIGHT_AND_DARK)
@pytest.mark.parametrize("name", REVIEWS)
def test_stop_shows_the_next_step(stopped, screenshots, name, theme):
    _, card = stopped(name)
    screenshots.check(card.root, f"stop-{name}-{theme}")


@pytest.mark.parametrize("theme", LIGHT_AND_DARK)
def test_messages_are_edited_each_in_place(stopped, screenshots, theme):
    notebook, card = stopped("tools")
    card.button("Edit the state first").click()
    screenshots.check(card.root, f"stop-edited-{theme}")
    card.field("Amount").fill("7")
    card.resume.click()
    card.expect_finished()
    card.expect_recorded()
    assert what_ran(notebook) == "[(7.0, 'Ann', 'Invoice 17')]"


def test_tool_call_is_rejected_by_keyboard_and_does_not_run(stopped, page):
    notebook, card = stopped("tools")
    card.tab_to(card.button("Continue"))
    page.keyboard.press("r")
    page.keyboard.type("too much")
    page.keyboard.press("Enter")
    card.expect_finished()
    card.expect_recorded()
    assert what_ran(notebook) == "[]"
    assert "Rejected: too much" in card.turns.inner_text()


def test_state_of_a_subgraph_is_edited_there(stopped):
    notebook, card = stopped("subgraph")
    card.button("Edit the state first").click()
    card.field("Text").fill("Dear Ann, no.")
    card.resume.click()
    card.expect_finished()
    card.expect_recorded()
    assert what_ran(notebook) == "['Dear Ann, no.']"
