"""A review with many questions, in a real JupyterLab: the page puts the view together from the sent changes."""

import pytest
from playwright.sync_api import expect

from tests.browser.card import card_in
from tests.browser.jupyter import PAGE_MS, OpenNotebook, new_page

SEED = """
import nbhitl
from tests.browser import graphs
card = nbhitl.review(graphs.asks_often(4), {"texts": []})
card
"""
LOSE = """
comm = card._screen.page._publisher.widget.comm
send, comm.send = comm.send, lambda *_args, **_options: None
card.answer("lost on its way")
_ = card.interrupts
comm.send = send
"""


@pytest.fixture
def asked(lab, show):
    def run(*below):
        notebook = show(lab, [SEED, *below])
        notebook.run(0)
        notebook.wait_finished(0)
        return notebook, card_in(notebook, 0)

    return run


def expect_turns(card, *answers):
    expect(card.turns).to_have_count(len(answers), timeout=PAGE_MS)
    for number, answer in enumerate(answers):
        expect(card.turns.nth(number)).to_contain_text(answer)


def test_page_that_is_reloaded_in_the_middle_shows_all_turns_and_goes_on(asked):
    notebook, card = asked()
    for number, answer in enumerate(["first", "second"]):
        expect(card.editor).to_have_value(f"text {number}", timeout=PAGE_MS)
        card.answer(answer)
    expect_turns(card, "first", "second")
    notebook.save()
    notebook.reload()
    card = card_in(notebook, 0)
    expect_turns(card, "first", "second")
    card.answer("third")
    expect_turns(card, "first", "second", "third")
    card.answer("fourth")
    card.expect_finished()
    expect_turns(card, "first", "second", "third", "fourth")


def test_second_page_shows_the_same_and_both_go_on(asked, lab, browser):
    notebook, card = asked()
    card.answer("first")
    expect_turns(card, "first")
    notebook.save()
    page = new_page(browser)
    other_notebook = OpenNotebook(page, lab, notebook.name)
    page.goto(lab.page_address(notebook.name))
    other_notebook.wait_until_shown()
    other = card_in(other_notebook, 0)
    expect_turns(other, "first")
    other.answer("second")
    for each in (card, other):
        expect_turns(each, "first", "second")
    card.answer("third")
    for each in (card, other):
        expect_turns(each, "first", "second", "third")
    page.context.close()


def test_page_that_has_missed_messages_asks_for_them_and_shows_all(asked):
    notebook, card = asked(LOSE, "card.answer('third')")
    card.answer("first")
    expect_turns(card, "first")
    notebook.run(1)
    notebook.wait_finished(1)
    expect_turns(card, "first")
    notebook.run(2)
    expect_turns(card, "first", "lost on its way", "third")
    card.answer("fourth")
    card.expect_finished()
