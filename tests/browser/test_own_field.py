"""A field with code of its own, from outside the package: an anywidget, and a function that is registered."""

import pytest

from nbhitl.testing import replay
from tests.again import LAB_AND_NOTEBOOK7
from tests.kernel.notebooks import NBVAL

pytestmark = pytest.mark.usefixtures("shared_page")

THIRD_PARTY = '''
import anywidget
import nbhitl
import nbhitl.forms
import traitlets
from tests.browser.asking import asks, received

class Stars(anywidget.AnyWidget):
    """One to five stars: a button for each."""

    _esm = """
    function render({ model, el }) {
      for (const stars of [1, 2, 3, 4, 5]) {
        const button = document.createElement("button");
        button.ariaLabel = `${stars} of 5`;
        button.textContent = "\\u2605";
        button.addEventListener("click", () => {
          model.set("value", stars);
          model.save_changes();
        });
        el.append(button);
      }
      const draw = () => [...el.children].forEach((button, at) => {
        button.ariaPressed = String(at < model.get("value"));
      });
      model.on("change:value", draw);
      draw();
    }
    export default { render };
    """
    _css = """
    .stars button { border: 0; background: none; color: var(--jp-border-color1, silver); font-size: 20px; }
    .stars button[aria-pressed=true] { color: var(--jp-warn-color0, darkorange); }
    """
    value = traitlets.Int(3).tag(sync=True)

    def __init__(self):
        super().__init__()
        self.add_class("stars")

@nbhitl.forms.register
def rating(interrupt):
    value = interrupt.value
    return Stars() if isinstance(value, dict) and value.keys() == {"rate"} else None
'''
ASKING = "await nbhitl.review(asks({'rate': 'How good is the answer?'}), {})\nprint(received)"


@pytest.mark.parametrize("jupyter", LAB_AND_NOTEBOOK7, indirect=True)
def test_field_of_another_package_is_drawn_answered_and_replayed(jupyter, show, console):
    from tests.browser.card import card_in
    from tests.browser.test_notebooks import passes

    notebook = show(jupyter, [THIRD_PARTY, ASKING])
    notebook.run_all()
    card = card_in(notebook, 1)
    card.expect_asking()
    notebook.output(1).get_by_role("button", name="5 of 5").click()
    card.resume.click()
    notebook.wait_finished()
    assert notebook.output(1).get_by_text("{'review': 5}").count() == 1
    assert console.exceptions == []
    notebook.save()
    replay(notebook.path)
    passes(notebook.path, NBVAL)


BROKEN = {
    "code that does not parse": '_esm = "function ("',
    "a render that throws": "_esm = \"export default { render() { throw new Error('no stars') } }\"",
}


@pytest.mark.parametrize("broken", BROKEN)
def test_field_that_is_not_drawn_sends_no_value_and_is_answered_as_json(broken, lab, show):
    from playwright.sync_api import expect

    from tests.browser.card import card_in

    head, rest = THIRD_PARTY.split('    _esm = """')
    _, tail = rest.split('    _css = """')
    notebook = show(lab, [f'{head}    {BROKEN[broken]}\n    _css = """{tail}', ASKING])
    notebook.run_all()
    card = card_in(notebook, 1)
    card.expect_asking()
    told = notebook.output(1).get_by_text("cannot be shown here")
    told.wait_for()
    expect(card.resume).to_have_attribute("aria-disabled", "true")
    notebook.output(1).get_by_role("button", name="Edit as JSON").click()
    field = notebook.output(1).get_by_role("textbox")
    expect(field).to_have_value("3")
    field.fill("5")
    card.resume.click()
    notebook.wait_finished()
    assert notebook.output(1).get_by_text("{'review': 5}").count() == 1
