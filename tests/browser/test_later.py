"""Later, elsewhere, in a real JupyterLab: the way back after a restart, the draft, and the name of the person."""

import sqlite3
from contextlib import closing

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from playwright.sync_api import expect

from nbhitl.engines.local import kept_drafts
from tests import graphs
from tests.browser import people
from tests.browser.card import card_in
from tests.browser.jupyter import PAGE_MS, open_notebook, serve
from tests.kernel.notebooks import entries_of

SETUP = """
import nbhitl
from tests.browser.test_later import over
support = over({path!r})
"""
REVIEW = "card = nbhitl.review(support, {'some_text': 'original text'}, {'configurable': {'thread_id': 't'}})\ncard"
LINE = "nbhitl.open(support, thread_id='t')"


def over(path):
    """Return a graph whose threads are in a file."""
    return graphs.seed(checkpointer=SqliteSaver(sqlite3.connect(path, check_same_thread=False)))


def has_draft(path, text):
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT value FROM writes WHERE channel = ?", [kept_drafts.CHANNEL]).fetchall()
    return any(text.encode() in value for (value,) in rows)


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    options = [people.AT_THE_SERVER, "--ServerApp.disable_check_xsrf=False"]
    with serve("lab", folder, options=options) as server:
        yield server


def test_restarted_kernel_leaves_a_line_that_brings_question_and_draft_back_and_the_person_is_the_server_s(
    server, page, screenshots, tmp_path
):
    path = str(tmp_path / "threads.sqlite")
    server.write_notebook("later.ipynb", [SETUP.format(path=path), REVIEW, ""])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
    people.log_in(page, server.url, "ann")
    notebook = open_notebook(page, server, "later.ipynb")
    notebook.run(0)
    notebook.run(1)
    card = card_in(notebook, 1)
    card.expect_asking()
    card.editor.fill("half a text")
    for _ in range(PAGE_MS // 100):  # a file has no event to wait for
        if has_draft(path, "half a text"):
            break
        page.wait_for_timeout(100)
    assert has_draft(path, "half a text")

    notebook.menu("Kernel", "Restart Kernel…")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    expect(card.root.locator(".opening pre")).to_have_text(LINE, timeout=PAGE_MS)
    screenshots.check(card.root, "card-without-kernel-light")
    card.tab_to(card.root.locator(".opening .copy"))
    page.keyboard.press("Enter")
    expect(card.root.locator(".opening .copy")).to_have_text("Copied")
    notebook.wait_for_kernel()
    notebook.run(0)
    notebook.focus(2)
    page.keyboard.press("Enter")
    page.keyboard.press("Control+v")
    page.keyboard.press("Shift+Enter")

    again = card_in(notebook, 2)
    again.expect_asking()
    expect(again.editor).to_have_value("half a text")
    expect(again.root.locator(".kept-draft")).to_contain_text("by ann on")
    again.answer("half a text, and more")
    again.expect_finished()
    again.expect_recorded()
    (entry,) = entries_of(notebook.save())
    assert (entry["answer"], entry["answered_by"]) == ('"half a text, and more"', "Ann Lee (ann)")
    assert not has_draft(path, "half a text")
