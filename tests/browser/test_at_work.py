"""The card while a run works, and when a question is asked again, in a real JupyterLab."""

import pytest

from tests.kernel.notebooks import entries_of

pytestmark = pytest.mark.usefixtures("shared_page")

GRAPHS = "import nbhitl\nfrom tests.browser import graphs\nfrom tests.graphs import SEED_INPUT"
BARE = "card = nbhitl.review({graph}, {value})\ncard"
CARET = "e => [e.value, e.selectionStart, e === e.getRootNode().activeElement]"


@pytest.fixture
def card(lab, show, tmp_path):
    """Return a function that runs a notebook with a single review, and returns notebook and card."""
    from tests.browser.card import card_in

    def run(graph, review=BARE, *, value="SEED_INPUT"):
        notebook = show(
            lab, [f"{GRAPHS}\nimport os; os.chdir({str(tmp_path)!r})", review.format(graph=graph, value=value)]
        )
        notebook.run_all()
        card = card_in(notebook, 1)
        card.expect_asking()
        return notebook, card

    return run


@pytest.fixture
def let_go(tmp_path):
    from tests.browser.graphs import let_go

    return lambda: let_go(tmp_path)


def recorded(notebook, cell=1):
    """Save, and return the recorded answers and the texts of a cell's outputs below the card."""
    saved = notebook.save()
    answers = [entry["answer"] for entry in entries_of(saved)]
    return answers, [output.data["text/plain"] for output in saved.cells[cell].outputs[1:]]


def test_bad_answer_shows_the_error_keeps_the_draft_and_asks_again(card):
    from playwright.sync_api import expect

    notebook, card = card("graphs.picky()", "await nbhitl.review({graph}, {value})")
    card.answer("bad")
    expect(card.problem).to_contain_text("too large")
    card.expect_asking()
    assert card.editor.input_value() == "bad"
    expect(card.button("Ask again")).to_be_visible()
    card.answer("good")
    card.expect_finished()
    card.expect_recorded()
    notebook.wait_finished()
    answers, (result, record) = recorded(notebook)
    assert answers == ['"good"']
    assert record.splitlines()[-1] == "good"
    assert result == "{'some_text': 'good'}"


def test_answer_kept_out_and_the_answer_before_are_nowhere_in_the_notebook(card):
    notebook, card = card("graphs.picky()")
    card.answer("First thought")
    card.expect_recorded()
    card.button("Change my answer").click()
    card.expect_asking()
    card.unfold()
    card.root.get_by_label("Do not record").check()
    card.answer("For nobody else")
    card.expect_finished()
    answers, texts = recorded(notebook)
    assert answers == []
    assert [text.splitlines()[-1] for text in texts] == ["(not recorded)"]
    saved = notebook.path.read_text()
    assert "First thought" not in saved
    assert "For nobody else" not in saved


@pytest.mark.parametrize("reloaded", [False, True])
def test_changed_answer_replaces_the_record_and_the_output_of_the_record(card, reloaded):
    from playwright.sync_api import expect

    from tests.browser.card import card_in

    notebook, card = card("graphs.picky()")
    notebook.wait_finished()
    card.answer("first")
    card.expect_finished()
    card.expect_recorded()
    if reloaded:
        notebook.save()
        notebook.reload()
        card = card_in(notebook, 1)
    card.button("Change my answer").click()
    card.expect_asking()
    expect(card.editor).to_have_value("first")
    card.answer("second")
    card.expect_finished()
    card.expect_recorded()
    answers, (record,) = recorded(notebook)
    assert answers == ['"second"']
    assert record.splitlines()[-1] == "second"


def test_two_reviews_of_the_same_cell_keep_both_records(lab, show):
    from tests.browser.card import Card

    loop = "for text in 'ab':\n    await nbhitl.review(graphs.picky(), {'some_text': text})"
    notebook = show(lab, [GRAPHS, loop])
    notebook.run_all()
    for number, answer in enumerate(["first", "second"]):
        card = Card(notebook.output(1).locator(".card").nth(number))
        card.expect_asking()
        card.answer(answer)
        card.expect_recorded()
    notebook.wait_finished()
    answers, _ = recorded(notebook)
    assert answers == ['"first"', '"second"']


def test_run_shows_progress_and_folds_the_progress_at_the_end(card, let_go):
    from playwright.sync_api import expect

    from tests.browser.graphs import SPOKEN

    _, card = card("graphs.works_after_the_answer()")
    card.answer("Edited text")
    expect(card.progress.locator(".step-running")).to_contain_text("slow")
    expect(card.progress.get_by_role("progressbar", name="rows")).to_be_visible()
    expect(card.progress).to_contain_text(SPOKEN)
    expect(card.progress).to_contain_text("loading the rows")
    let_go()
    card.expect_finished()
    expect(card.progress).to_be_hidden()
    card.unfold()
    expect(card.progress.locator("summary").first).to_contain_text("3 steps")
    expect(card.progress.locator(".steps")).to_be_hidden()
    card.progress.locator("summary").first.click()
    expect(card.progress.locator(".step-done")).to_have_count(3)


def test_stopped_run_says_so_and_goes_on(card, let_go):
    from playwright.sync_api import expect

    notebook, card = card("graphs.works_after_the_answer()", "await nbhitl.review({graph}, {value})")
    card.answer("Edited text")
    card.button("Stop").click()
    expect(card.button("Stopping…")).to_be_visible()
    let_go()
    card.expect_asking()
    card.button("Continue").click()
    card.expect_finished()
    notebook.wait_finished()
    assert "EDITED TEXT" in notebook.output(1).inner_text()


def test_draft_focus_and_caret_survive_while_progress_arrives(card, let_go, page):
    from playwright.sync_api import expect

    _, card = card("graphs.two_that_work()", value="{'texts': []}")
    card.answer("one")
    card.button("Send now").click()
    bar = card.progress.get_by_role("progressbar", name="rows")
    expect(bar).to_be_visible()
    card.editor.fill("half written")
    for _ in range(7):
        page.keyboard.press("ArrowLeft")
    before = bar.get_attribute("value")
    for letter in "-typed":
        page.keyboard.type(letter)
        expect(bar).not_to_have_attribute("value", before)
        before = bar.get_attribute("value")
    typed = ["half -typedwritten", 11, True]
    assert card.editor.evaluate(CARET) == typed
    let_go()
    card.expect_asking()
    assert card.editor.evaluate(CARET) == typed
    card.editor.press("Control+Enter")
    card.expect_finished()
    expect(card.turns.last).to_contain_text("half -typedwritten")
