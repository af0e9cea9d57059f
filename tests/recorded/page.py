"""A person in a real JupyterLab page who runs a notebook cell by cell, answers, and saves."""

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.card import Card
from tests.browser.jupyter import PAGE_MS, OpenNotebook, Server, open_notebook
from tests.recorded.kinds import SETUP, Cell, Kind


def record(kind: Kind, page: Page, server: Server) -> Path:
    """Record a notebook; return the saved file."""
    name = f"{kind.name}.ipynb"
    server.write_notebook(name, [SETUP.strip(), *(cell.source for cell in kind.cells)])
    notebook = open_notebook(page, server, name)
    notebook.run(0)
    notebook.wait_finished(0)
    for place in kind.order or range(len(kind.cells)):
        index, cell = place + 1, kind.cells[place]
        notebook.run(index)
        _answer(notebook, index, cell)
        notebook.wait_finished(index)
    _wait_until_over(notebook, kind)
    notebook.save()
    server.end_kernels()
    return notebook.path


def _answer(notebook: OpenNotebook, index: int, cell: Cell) -> None:
    for number, click in enumerate(cell.clicks):
        card = Card(notebook.output(index + cell.cards_of).locator(".card").nth(click.card))
        card.expect_asking()
        answered = _answered(card)
        before = answered.count()
        editor = card.root.locator(".question").nth(click.question).get_by_role("textbox").first
        editor.fill(f"answer {number}")
        editor.press("Control+Enter")
        expect(answered).to_have_count(before + 1, timeout=PAGE_MS)


def _answered(card: Card) -> Locator:
    return card.root.locator(".held, .turn")


def _wait_until_over(notebook: OpenNotebook, kind: Kind) -> None:
    for index, cell in enumerate(kind.cells, 1):
        for number in {click.card for click in cell.clicks}:
            card = Card(notebook.output(index + cell.cards_of).locator(".card").nth(number))
            card.expect_finished()
            expect(card.root.locator(".turn .record:not(.recorded)")).to_have_count(0, timeout=PAGE_MS)
