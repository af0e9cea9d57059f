"""Questions without a graph, answered in JupyterLab: the result equals the committed notebook."""

import shutil

import nbformat
import pytest

from nbhitl.testing import replay
from tests.kernel.notebooks import NBHITL, NBVAL, entries_of
from tests.tools import ROOT

NAME = "ask_a_person.ipynb"
COMMITTED = ROOT / "notebooks" / NAME


@pytest.fixture
def cells():
    """Return the place of each asking cell, by cell id."""
    notebook = nbformat.read(COMMITTED, as_version=4)
    return {cell["id"]: place for place, cell in enumerate(notebook.cells)}


def answer_number(card):
    card.editor.fill("3")
    card.resume.click()


def answer_yes_or_no(card):
    card.button("Yes").click()


def answer_choice(card):
    card.button("2026-07-01").click()


def answer_model(card):
    card.field("City").fill("Rome")
    card.field("Nights").fill("2")
    card.field("Start").fill("2026-05-01")
    card.resume.click()


def answer_revision(card):
    card.answer("Sadly, we could not accept your application this time.")


def answer_frame(card):
    cell = card.root.get_by_role("gridcell", name="Chiar")
    cell.dblclick()
    card.root.page.keyboard.type("Chair")
    card.root.page.keyboard.press("Enter")
    card.resume.click()


PERSON = {
    "number": answer_number,
    "yesno": answer_yes_or_no,
    "choice": answer_choice,
    "model": answer_model,
    "revision": answer_revision,
    "frame": answer_frame,
}


SCREENSHOTS = ("choice", "frame")


def test_answered_notebook_of_questions_equals_the_committed_notebook_and_replays(
    lab, page, accept, cells, screenshots
):
    from tests.browser.card import card_in
    from tests.browser.jupyter import open_notebook
    from tests.browser.test_notebooks import blank, compared, passes

    blank(NAME, lab.root)
    notebook = open_notebook(page, lab, NAME)
    notebook.run_all()
    for name, answer in PERSON.items():
        card = card_in(notebook, cells[name])
        card.expect_asking()
        if name in SCREENSHOTS:
            screenshots.check(card.root, f"ask-{name}-light")
        answer(card)
        card.expect_recorded()
    notebook.wait_for_code()
    notebook.save()

    answered = lab.root / NAME
    assert len(entries_of(nbformat.read(answered, as_version=4))) == len(PERSON)
    replay(answered)
    passes(answered, NBVAL)
    passes(answered, NBHITL)
    if accept:
        shutil.copyfile(answered, COMMITTED)
    assert compared(answered) == compared(COMMITTED), "the committed notebook differs: see `poe accept`"
