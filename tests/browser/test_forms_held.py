"""Forms in a cell that waits: own widgets, and answers that are recorded and replayed."""

import pytest

from nbhitl.testing import replay
from tests.again import LAB_AND_NOTEBOOK7
from tests.kernel.notebooks import NBVAL, entries_of

pytestmark = pytest.mark.usefixtures("shared_page")

SETUP = """
import nbhitl
from ipywidgets import HBox, IntSlider, Text
from tests.browser.asking import asks, received

class Pair(HBox):
    def __init__(self):
        self.parts = IntSlider(value=1, max=9), Text(value="one")
        super().__init__(self.parts)

    @property
    def value(self):
        return [part.value for part in self.parts]
"""
SLIDER = "IntSlider(value=5, max=10)"
HELD = "await nbhitl.review(asks('How good?'), {{}}, forms={{'review': lambda interrupt: {widget}}})\nprint(received)"
CALL = {"name": "transfer", "args": {"amount": 1250.0}}
REPLAYED = {
    "form": {"question": "Complete the record", "fields": ["name", "age"], "current_values": {"name": "A", "age": 1}},
    "decisions": {
        "action_requests": [CALL],
        "review_configs": [{"action_name": "transfer", "allowed_decisions": ["approve", "edit", "reject"]}],
    },
}


@pytest.fixture
def held(show):
    """Return a function that runs a notebook whose review waits, with a widget as the form."""
    from tests.browser.card import card_in

    def run(server, widget):
        notebook = show(server, [SETUP, HELD.format(widget=widget), "'below'"])
        notebook.run_all()
        card = card_in(notebook, 1)
        card.expect_asking()
        notebook.wait_running(1)
        return notebook, card

    return run


@pytest.mark.parametrize("jupyter", LAB_AND_NOTEBOOK7, indirect=True)
def test_moved_slider_reaches_a_waiting_cell(jupyter, held, page, console):
    notebook, card = held(jupyter, SLIDER)
    card.tab_to(notebook.output(1).get_by_role("slider"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+Enter")
    notebook.wait_finished()
    assert notebook.output(1).get_by_text("{'review': 7}").count() == 1
    assert console.exceptions == []


def test_all_widgets_of_a_box_reach_a_waiting_cell(lab, held, page):
    notebook, card = held(lab, "Pair()")
    card.tab_to(notebook.output(1).get_by_role("slider"))
    page.keyboard.press("ArrowRight")
    card.tab_to(notebook.output(1).get_by_role("textbox"))
    page.keyboard.press("Control+a")
    page.keyboard.type("two")
    card.resume.click()
    notebook.wait_finished()
    assert notebook.output(1).get_by_text("{'review': [2, 'two']}").count() == 1


@pytest.mark.parametrize("jupyter", LAB_AND_NOTEBOOK7, indirect=True)
def test_no_key_in_a_widget_reaches_the_notebook(jupyter, held, page):
    notebook, card = held(jupyter, "Pair()")
    before = [cell["source"] for cell in notebook.on_disk().cells]
    for role in ("slider", "textbox"):
        for key in [*"abddxcvzmyjk00ii", "Escape", "Shift+Enter"]:
            notebook.output(1).get_by_role(role).focus()
            page.keyboard.press(key)
    assert [cell["source"] for cell in notebook.save().cells] == before
    notebook.wait_running(1)
    card.expect_asking()


def test_recorded_form_and_decisions_replay(lab, show, page):
    from tests.browser.card import card_in
    from tests.browser.test_notebooks import passes

    asking = (f"await nbhitl.review(asks({payload!r}), {{}})\nprint(received)" for payload in REPLAYED.values())
    notebook = show(lab, [SETUP, *asking])
    notebook.run_all()
    form = card_in(notebook, 1)
    form.field("Age").fill("12345678901234567890")
    form.resume.click()
    form.expect_recorded()
    decisions = card_in(notebook, 2)
    decisions.expect_asking()
    decisions.button("Edit").click()
    decisions.field("Amount").fill("12.5")
    decisions.resume.click()
    decisions.expect_recorded()
    notebook.wait_finished()
    saved = notebook.save()
    assert [entry["answer"] for entry in entries_of(saved)] == [
        '{"name": "A", "age": 12345678901234567890}',
        '{"decisions": [{"type": "edit", "edited_action": {"name": "transfer", "args": {"amount": 12.5}}}]}',
    ]
    replay(notebook.path)
    passes(notebook.path, NBVAL)
