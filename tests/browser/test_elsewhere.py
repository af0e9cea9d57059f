"""A card in a real JupyterLab while somebody answers the same thread in another kernel."""

import pytest
from playwright.sync_api import expect

from nbhitl.engines import threads_of
from nbhitl.inboxes.presence import Presence
from nbhitl.kernel.background import finish
from tests import graphs
from tests.again import LIGHT_AND_DARK
from tests.browser.card import card_in
from tests.browser.jupyter import PAGE_MS
from tests.browser.test_inbox import ASKS_AT_ONCE
from tests.browser.test_later import SETUP, over

pytestmark = pytest.mark.usefixtures("shared_page")

THREAD = {"configurable": {"thread_id": "t"}}


def until_told(page, ann, graph):
    """Wait until another kernel sees that somebody has begun, by repeated looks: a file has no event."""
    for _ in range(PAGE_MS // 100):
        if ann.others(*finish(threads_of(graph).waiting())):
            return
        page.wait_for_timeout(100)
    raise AssertionError("no note in time")


@pytest.mark.parametrize("theme", LIGHT_AND_DARK)
def test_somebody_elsewhere_is_named_in_the_card_and_told_of_the_first_key(lab, show, screenshots, theme, tmp_path):
    path = str(tmp_path / "threads.sqlite")
    graph = over(path)
    graph.invoke(graphs.SEED_INPUT, THREAD)
    ann = Presence(threads_of(graph), process="another kernel")
    ann.sign("page", ["t"], "Ann Lee")
    finish(ann.tell(finish(threads_of(graph).waiting())))

    notebook = show(lab, [SETUP.format(path=path) + ASKS_AT_ONCE, "nbhitl.open(support, thread_id='t')"])
    notebook.run_all()
    card = card_in(notebook, 1)
    card.expect_asking()
    expect(card.root.locator(".answering")).to_contain_text("Ann Lee is answering")

    card.editor.fill("mine")
    until_told(notebook.page, ann, graph)
    card.editor.press("Control+Enter")
    expect(card.problem).to_contain_text("Nothing was sent")
    screenshots.check(card.root, f"card-somebody-{theme}")
    assert graph.get_state(THREAD).next
    card.editor.press("Control+Enter")
    card.expect_finished()
    expect(card.root.locator(".answering")).to_be_hidden()
    assert graph.get_state(THREAD).values == {"some_text": "mine"}
    graph.checkpointer.conn.close()
