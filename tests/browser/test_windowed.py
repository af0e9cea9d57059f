"""JupyterLab's windowing mode "full": cells out of sight are out of the page, and a waiting card is told."""

import pytest
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
IS_AWAY = """card => {
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


def test_card_whose_cell_is_out_of_the_page_is_told_and_the_line_and_the_shortcut_lead_to_the_card(
    windowed, show, page
):
    notebook = show(windowed, [SETUP, *[TALL] * 4, REVIEW, *[TALL] * 6])
    notebook.run_all()
    root = page.locator(".jp-Notebook .card")
    for share in range(10):  # a cell is drawn when the cell has been in sight
        if root.count():
            break
        page.evaluate(SCROLL, share / 10)
        page.wait_for_timeout(300)
    root.wait_for(state="attached")
    line = page.locator(LINE)
    page.evaluate(SCROLL, 1)
    expect(line).to_have_text("A question waits above ↑")
    assert root.evaluate(IS_AWAY)
    page.evaluate(SCROLL, 0)
    expect(line).to_have_text("A question waits below ↓")
    assert root.evaluate(IS_AWAY)
    page.keyboard.press("Alt+q")
    expect(line).to_have_count(0)
    expect(root).to_be_in_viewport()
    assert has_focus(root.get_by_role("textbox").first)
    page.evaluate(SCROLL, 1)
    line.click()
    expect(root).to_be_in_viewport()
    assert has_focus(root.get_by_role("textbox").first)
