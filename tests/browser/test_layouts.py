"""Keyboards with another layout than the English layout, in a real JupyterLab: letters act by the Latin letter."""

import pytest

from tests.browser.card import card_in, has_focus

pytestmark = pytest.mark.usefixtures("shared_page")

SETUP = """
import nbhitl
from tests.browser.asking import asks
"""
TEXT = "card = nbhitl.review(asks({'some_text': 'original text'}), {})\ncard"
CALLS = {
    "action_requests": [{"name": "pay", "args": {"amount": 5}}],
    "review_configs": [{"action_name": "pay", "allowed_decisions": ["approve", "reject"]}],
}
DECISIONS = f"card = nbhitl.review(asks({CALLS!r}), {{}})\ncard"
CONTROL, ALT = 2, 1


def press(page, key, letter, *, modifiers=0):
    """Press the key of a Latin letter on a keyboard that types `key`, as Chromium tells a Cyrillic layout."""
    of_key = {"key": key, "code": f"Key{letter}", "windowsVirtualKeyCode": ord(letter), "modifiers": modifiers}
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **of_key})
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", **of_key})
    session.detach()


def test_cyrillic_layout_saves_from_the_card_and_leads_to_the_question(lab, show, page):
    notebook = show(lab, [SETUP, TEXT])
    notebook.run_all()
    card = card_in(notebook, 1)
    card.expect_asking()
    notebook.focus(0)
    press(page, "й", "Q", modifiers=ALT)
    assert has_focus(card.editor)
    with notebook.expect_save():
        press(page, "ы", "S", modifiers=CONTROL)
    card.expect_asking()


def test_cyrillic_layout_chooses_by_letter(lab, show, page):
    notebook = show(lab, [SETUP, DECISIONS])
    notebook.run_all()
    card = card_in(notebook, 1)
    card.expect_asking()
    press(page, "й", "Q", modifiers=ALT)
    press(page, "ф", "A")
    card.expect_finished()
    assert "approve" in card.turns.inner_text().lower()
