"""Real marimo: a bare card is drawn, a click resumes the run, and each page and each run of a cell has a new card."""

from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.again import AGAIN
from tests.browser.card import Card
from tests.browser.jupyter import PAGE_MS, Server, free_port, running, server_env, wait_until_up
from tests.environments import HOSTS

pytestmark = pytest.mark.needs("hosts")

APP = """
import marimo
app = marimo.App()

@app.cell
def _():
    import marimo as mo
    import nbhitl
    from tests import graphs
    graph = graphs.seed()
    again = mo.ui.run_button(label="Run again")
    again
    return again, graph, graphs, nbhitl

@app.cell
def _(again, graph, graphs, nbhitl):
    again.value
    card = nbhitl.review(graph, graphs.SEED_INPUT)
    card
    return (card,)

@app.cell
def _(card):
    try:
        said = card.result
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
    said
    return
"""


@contextmanager
def marimo(folder, mode="run"):
    home = folder / "home"
    home.mkdir()
    (folder / "app.py").write_text(APP)
    settings = home / "xdg" / "marimo" / "marimo.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("[runtime]\nauto_instantiate = true\n")  # the editor runs the cells on opening
    port = free_port()
    server = Server("marimo", f"http://127.0.0.1:{port}", folder, home)
    command = [HOSTS.program, "-m", "marimo", mode, "app.py", "--headless", "--no-token", f"--port={port}"]
    with running(list(map(str, command)), server_env(home), folder, home / "server.log") as process:
        wait_until_up(process, server)
        yield server


def test_bare_card_can_be_answered_in_each_page_and_in_each_run_of_the_cell(page, tmp_path):
    card = Card(page.locator(".card"))
    with marimo(tmp_path) as server:
        for text in ("in the first page", "in a page that is opened later"):
            page.goto(server.url)
            card.expect_asking()
            expect(page.locator("body")).to_contain_text("waits for a person: answer in the card", timeout=PAGE_MS)
            card.editor.fill(text)
            card.resume.click()
            card.expect_finished()
            expect(card.root).to_contain_text(f'"some_text": "{text}"')
            expect(card.root).to_contain_text("not recorded: this page gives no access to the notebook")
        page.get_by_role("button", name="Run again").click()
        card.expect_asking()
        card.answer("when its cell ran again")
        card.expect_finished()
        expect(card.root).to_contain_text('"some_text": "when its cell ran again"')


@AGAIN
def test_bare_card_is_drawn_and_answered_in_the_editor(page, tmp_path):
    card = Card(page.locator(".card"))
    with marimo(tmp_path, "edit") as server:
        page.goto(server.url)
        card.expect_asking()
        card.answer("a text with letters that are keys of cells elsewhere")
        card.expect_finished()
        expect(card.root).to_contain_text('"some_text": "a text with letters that are keys of cells elsewhere"')
