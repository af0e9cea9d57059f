"""The card in a real JupyterLab and a real Notebook 7."""

import pytest

from tests.kernel.notebooks import entries_of

pytestmark = pytest.mark.usefixtures("shared_page")

SEED = "import nbhitl\nfrom tests import graphs\ngraph = graphs.seed()"
SPY = """
from nbhitl.core.session import Session
origins, door = [], Session.accept
Session.accept = lambda self, asked, answer: origins.append(answer.origin) or door(self, asked, answer)
"""
AWAIT = "seed = await nbhitl.review(graph, graphs.SEED_INPUT)\nseed"


@pytest.fixture
def card(show):
    """Return a function that runs a notebook with a single review, and returns notebook and card."""
    from tests.browser.card import card_in

    def run(server, review=AWAIT, *below):
        notebook = show(server, [SEED + SPY, review, *below])
        notebook.run_all()
        return notebook, card_in(notebook, 1)

    return run


def test_click_resumes_through_the_door_and_the_cells_below_go_on(jupyter, card, console):
    notebook, card = card(jupyter, AWAIT, "print(origins, seed)")
    card.expect_asking()
    notebook.wait_running(2)
    card.editor.fill("Edited text")
    card.resume.click()
    notebook.wait_finished()
    card.expect_finished()
    assert notebook.output(2).inner_text().strip() == "['person'] {'some_text': 'Edited text'}"
    assert console.exceptions == []


def test_answer_is_recorded_and_saved(jupyter, card):
    notebook, card = card(jupyter)
    card.expect_asking()
    card.answer("Edited text")
    card.expect_recorded()
    notebook.wait_finished()
    saved = notebook.save()
    (entry,) = entries_of(saved)
    assert (entry["cell"], entry["node"], entry["answer"]) == ("cell-1", "human_review", '"Edited text"')
    shown, result, record = saved.cells[1].outputs
    assert "application/vnd.jupyter.widget-view+json" in shown.data
    assert "Edited text" in record.data["text/plain"]
    assert result.data["text/plain"] == "{'some_text': 'Edited text'}"


def test_answering_again_replaces_the_record(lab, card):
    from tests.browser.card import card_in

    notebook, first = card(lab)
    first.answer("first")
    notebook.wait_finished()
    notebook.run(1)
    card_in(notebook, 1).expect_asking()
    second = card_in(notebook, 1)
    second.answer("second")
    second.expect_recorded()
    notebook.wait_finished()
    saved = notebook.save()
    assert [entry["answer"] for entry in entries_of(saved)] == ['"second"']
    assert len(saved.cells[1].outputs) == 3


def test_bare_card_is_answered_after_the_end_of_the_cell(jupyter, card):
    notebook, card = card(jupyter, "card = nbhitl.review(graph, graphs.SEED_INPUT)\ncard")
    notebook.wait_finished()
    card.answer("Edited text")
    card.expect_finished()
    card.expect_recorded()
    assert len(notebook.save().cells[1].outputs) == 2


def test_half_typed_draft_survives_a_reload_and_is_answered(jupyter, card):
    from tests.browser.card import card_in

    notebook, before = card(jupyter, "card = nbhitl.review(graph, graphs.SEED_INPUT)\ncard")
    notebook.wait_finished()
    before.editor.fill("half typed")
    notebook.save()
    notebook.reload()
    after = card_in(notebook, 1)
    after.expect_asking()
    assert after.editor.input_value() == "half typed"
    after.answer("Edited text")
    after.expect_finished()
    after.expect_recorded()


GIVES_UP = """
// The manager of JupyterLab looks for a model every 100 ms, for 2 s. On a busy machine a look may come late: here,
// after the model.
const later = window.setTimeout;
window.setTimeout = (look, ms, ...given) => {
    if (ms !== 100) return later(look, ms, ...given);
    const begun = Date.now();
    const lookLate = () => {
        const hasCome = globalThis[Symbol.for("nbhitl.code")]?.size && Date.now() - begun > 2_100;
        later(hasCome ? look : lookLate, 200, ...given);
    };
    return later(lookLate, ms);
};
window.notFound = 0;
new MutationObserver((all) => {
    for (const { addedNodes } of all)
        for (const { textContent } of addedNodes)
            if (textContent === "Error displaying widget: model not found") window.notFound += 1;
}).observe(document, { subtree: true, childList: true });

// anywidget gives the code of a model 2 s.
const timeout = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (ms) => timeout(ms === 2_000 ? 0 : ms);
"""


@pytest.mark.usefixtures("fresh_page")
def test_card_that_a_busy_page_has_given_up_is_drawn_and_answered_all_the_same(jupyter, card, page, console):
    from tests.browser.card import card_in

    notebook, before = card(jupyter, "card = nbhitl.review(graph, graphs.SEED_INPUT)\ncard")
    notebook.wait_finished()
    before.editor.fill("half typed")
    notebook.save()
    page.add_init_script(GIVES_UP)
    notebook.reload()
    after = card_in(notebook, 1)
    after.expect_asking()
    assert page.evaluate("window.notFound") == 1
    assert "[anywidget] Failed to initialize model." in str(console)
    assert after.editor.input_value() == "half typed"
    after.answer("Edited text")
    after.expect_recorded()


def test_undo_brings_the_original_back(lab, card):
    _, card = card(lab)
    card.editor.fill("something else")
    card.undo.click()
    assert card.editor.input_value() == "original text"


@pytest.mark.parametrize("target", ["editor", "resume"])
def test_no_key_in_the_card_reaches_the_notebook(jupyter, card, page, target):
    notebook, card = card(jupyter, "card = nbhitl.review(graph, graphs.SEED_INPUT)\ncard")
    notebook.wait_finished()
    card.editor.fill("x")
    before = [cell.get("source") for cell in notebook.on_disk().cells]
    getattr(card, target).focus()
    for key in ["a", "b", "d", "d", "x", "c", "v", "z", "m", "y", "j", "k", "0", "0", "i", "i", "Escape", "Shift+Tab"]:
        page.keyboard.press(key)
        getattr(card, target).focus()
    assert notebook.cells.count() == len(before)
    assert [cell.get("source") for cell in notebook.save().cells] == before
    card.expect_asking()


@pytest.mark.parametrize("target", ["editor", "resume"])
def test_save_shortcut_in_the_card_saves_the_notebook(jupyter, card, page, target):
    notebook, card = card(jupyter, "card = nbhitl.review(graph, graphs.SEED_INPUT)\ncard")
    notebook.wait_finished()
    card.editor.fill("x")
    getattr(card, target).focus()
    with notebook.expect_save():
        page.keyboard.press("Control+s")


def test_restarted_kernel_is_told_and_the_draft_stays(lab, card, page):
    from playwright.sync_api import expect

    notebook, card = card(lab, "card = nbhitl.review(graph, graphs.SEED_INPUT)\ncard")
    notebook.wait_finished()
    card.editor.fill("typed before")
    notebook.menu("Kernel", "Restart Kernel…")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    expect(card.root.locator(".link-note")).to_contain_text("kernel", timeout=20_000)
    assert card.editor.input_value() == "typed before"
    notebook.wait_for_kernel()


def test_text_of_the_payload_is_text(lab, show, page):
    from tests.browser.card import card_in

    hostile = '<img src=x onerror="window.hacked = 1"><script>window.hacked = 1</script>'
    notebook = show(lab, [SEED, f"await nbhitl.review(graph, {{'some_text': {hostile!r}}})"])
    notebook.run_all()
    card = card_in(notebook, 1)
    assert card.editor.input_value() == hostile
    card.answer(hostile + "!")
    card.expect_finished()
    card.expect_recorded()
    assert page.evaluate("window.hacked") is None


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_card_looks_as_committed(lab, card, screenshots, theme):
    notebook, card = card(lab)
    card.expect_asking()
    card.editor.fill("Edited text")
    screenshots.check(card.root, f"card-asking-{theme}")
    card.answer("Edited text")
    card.expect_finished()
    card.expect_recorded()
    notebook.wait_finished()
    screenshots.check(notebook.output(1), f"card-finished-{theme}")


def test_interrupted_wait_leaves_the_question_open_and_answerable(lab, card):
    notebook, card = card(lab)
    card.expect_asking()
    notebook.interrupt_kernel()
    notebook.wait_finished(1)
    card.expect_asking()
    card.answer("Edited text")
    card.expect_finished()
