"""JupyterLab's windowing mode "full": cells out of sight are out of the page, and a waiting card is told."""

from contextlib import suppress

import pytest
from playwright.sync_api import TimeoutError as NotInTime
from playwright.sync_api import expect

from tests.browser.card import has_focus
from tests.browser.jupyter import SETTINGS, serve, write_setting

SETUP = """
import nbhitl
from tests.browser.asking import asks
"""
REVIEW = "card = nbhitl.review(asks({'some_text': 'original text'}), {})\ncard"
TALL = "print('line\\n' * 60)"
LINE = ".nbhitl-waiting button"
SCROLL = """share => {
    const scroller = document.querySelector(".jp-Notebook .jp-WindowedPanel-outer");
    scroller.scrollTop = share * scroller.scrollHeight;
}"""
GOES_AWAY = """([card, share]) => {
    const scroller = document.querySelector(".jp-Notebook .jp-WindowedPanel-outer");
    scroller.scrollTop = share * scroller.scrollHeight; // again: a running cell scrolls, too
    const { host } = card.getRootNode();
    return host.getClientRects().length === 0 || host.closest(".jp-Cell").style.opacity === "0";
}"""


@pytest.fixture
def windowed(tmp_path, kernels):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    with serve("lab", folder, env=kernels) as server:
        name = "@jupyterlab/notebook-extension/tracker"
        write_setting(server.home, name, {**SETTINGS[name], "windowingMode": "full"})
        yield server


def scroll_away(page, card, share):
    """Scroll until the notebook has taken the cell of the card out of the page, shortly after it is out of sight."""
    page.wait_for_function(GOES_AWAY, arg=[card.element_handle(), share])


def test_card_whose_cell_is_out_of_the_page_is_told_and_the_line_and_the_shortcut_lead_to_the_card(
    windowed, show, page
):
    notebook = show(windowed, [SETUP, *[TALL] * 4, REVIEW, *[TALL] * 6])
    notebook.run_all()
    root = page.locator(".jp-Notebook .card")
    for share in range(10):  # a cell is drawn when the cell has been in sight
        page.evaluate(SCROLL, share / 10)
        with suppress(NotInTime):
            root.wait_for(state="attached", timeout=1_000)
            break
    root.wait_for(state="attached")
    line = page.locator(LINE)
    scroll_away(page, root, 1)
    expect(line).to_have_text("A question waits above ↑")
    scroll_away(page, root, 0)
    expect(line).to_have_text("A question waits below ↓")
    page.keyboard.press("Alt+q")
    expect(line).to_have_count(0)
    expect(root).to_be_in_viewport()
    assert has_focus(root.get_by_role("textbox").first)
    scroll_away(page, root, 1)
    line.click()
    expect(root).to_be_in_viewport()
    assert has_focus(root.get_by_role("textbox").first)
