"""Cells that wait, in a real front end: blocking cells, a page that is loaded again meanwhile, questions as text."""

import pytest

SETUP = "import nbhitl\nfrom tests import graphs\ngraph = graphs.seed()"
STYLES = {
    "await": "seed = await nbhitl.review(graph, graphs.SEED_INPUT)",
    "wait": "seed = nbhitl.review(graph, graphs.SEED_INPUT).wait()",
}


@pytest.fixture
def held(show):
    """Return a function that runs a notebook with a single review, which holds its cell."""
    from tests.browser.card import card_in

    def run(server, style):
        notebook = show(server, [SETUP, STYLES[style], "print(seed['some_text'], 'below')"])
        notebook.run_all()
        card = card_in(notebook, 1)
        card.expect_asking()
        notebook.wait_running(2)
        return notebook, card

    return run


def test_blocking_wait_holds_run_all_until_the_click(jupyter, held, console):
    notebook, card = held(jupyter, "wait")
    card.editor.fill("Edited text")
    card.resume.click()
    notebook.wait_finished()
    card.expect_finished()
    card.expect_recorded()
    assert notebook.output(2).inner_text().strip() == "Edited text below"
    assert console.exceptions == []


@pytest.mark.parametrize("style", STYLES)
def test_reloaded_page_gets_the_card_back_while_the_cell_is_held(jupyter, held, style):
    from tests.browser.card import card_in

    notebook, _ = held(jupyter, style)
    notebook.save()
    notebook.reload()
    card = card_in(notebook, 1)
    card.expect_asking()
    card.answer("after a reload")
    card.expect_finished()


def test_question_is_asked_as_text_where_that_is_wanted(lab, show, page):
    ask = "await nbhitl.review(graph, graphs.SEED_INPUT, ui='text')"
    notebook = show(lab, [SETUP, ask])
    notebook.run_all()
    box = notebook.output(1).get_by_role("textbox")
    box.fill("typed")
    box.press("Enter")
    notebook.wait_finished()
    assert "{'some_text': 'typed'}" in notebook.output(1).inner_text()
