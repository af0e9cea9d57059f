"""The tutorials, answered by keys in JupyterLab, give the committed notebooks.

The committed notebooks replay in `tests.kernel.test_committed_notebooks`; `--accept` rewrites the files.
"""

import json
import shutil

import pytest

from tests.browser.test_notebooks import NOTEBOOKS, blank, compared

LABELS = "12314" * 8
FLAGS = {3: "late, or broken?", 33: "both again"}
SKIPPED = 13
STOPS_AFTER = 25
SHOWS = "([element, text]) => element.textContent === text"


@pytest.fixture
def tutorial(lab, page):
    """Return a function that opens a tutorial without outputs and record, and runs the cells."""
    from tests.browser.jupyter import open_notebook

    def opened(name):
        blank(name, lab.root)
        notebook = open_notebook(page, lab, name)
        notebook.run_all()
        return notebook

    return opened


def cell_of(notebook, name):
    """Return the place of the cell with an id."""
    return [cell["id"] for cell in notebook.on_disk().cells].index(name)


def card_of(notebook, name):
    from tests.browser.card import card_in

    return card_in(notebook, cell_of(notebook, name))


def left(notebook, accept):
    """Save, and compare with the committed notebook."""
    notebook.wait_for_code()
    notebook.save()
    committed = NOTEBOOKS / notebook.name
    if accept:
        shutil.copyfile(notebook.path, committed)
    assert steady(notebook.path) == steady(committed), "the committed notebook differs: see `poe accept`"


def steady(path):
    """Return the parts that are the same in each recording: no names of people and machines, no seconds."""
    entries, cells = compared(path)
    for entry in entries:
        entry["answer"] = json.loads(entry["answer"])
        if isinstance(entry["answer"], dict):
            entry["answer"].get("nbhitl_item", {}).pop("seconds", None)
    return entries, [(source, [] if "# NBVAL_IGNORE_OUTPUT\n" in source else outputs) for source, outputs in cells]


def test_forty_rows_are_labelled_in_two_kernels_and_the_doubtful_ones_corrected(lab, page, tutorial, accept):
    from playwright.sync_api import expect

    from tests.browser.jupyter import PAGE_MS, open_notebook

    notebook = tutorial("label_forty_rows.ipynb")
    label(page, card_of(notebook, "label"), range(STOPS_AFTER))
    notebook.save()
    lab.end_kernels()

    later = open_notebook(page, lab, notebook.name)
    later.run_all()
    card = card_of(later, "label")
    label(page, card, range(STOPS_AFTER, len(LABELS)))
    expect(card.root.locator(".batch-count")).to_have_text("40 of 40 done", timeout=PAGE_MS)

    card = card_of(later, "correct")
    for number, keys in enumerate([["Space", "Tab", "Space"], ["Space"], ["Space", "ArrowRight"]], 1):
        expect(card.root.locator(".batch-count")).to_have_text(f"{number} of 3", timeout=PAGE_MS)
        if number == 1:
            page.keyboard.press("Alt+q")
        for key in [*keys, "Control+Enter"]:
            page.keyboard.press(key)
    left(later, accept)


def label(page, card, places):
    """Press the keys for rows, each as soon as the card shows the row."""
    count = card.root.locator(".batch-count").element_handle()
    for place in places:
        page.wait_for_function(SHOWS, arg=[count, f"{place + 1} of {len(LABELS)}"])
        if place == places[0]:
            page.keyboard.press("Alt+q")
        if place in FLAGS:
            page.keyboard.press("f")
            page.keyboard.type(FLAGS[place])
            page.keyboard.press("Enter")
        page.keyboard.press("s" if place == SKIPPED else LABELS[place])
    page.wait_for_function(
        "([element, text]) => element.textContent.startsWith(text)",
        arg=[count, f"{min(places[-1] + 2, len(LABELS))} of"],
    )


def test_questions_of_yesterdays_kernel_are_answered_in_the_inbox_and_in_a_cell(page, tutorial, accept):
    from playwright.sync_api import expect

    from tests.browser.jupyter import PAGE_MS

    notebook = tutorial("a_mornings_inbox.ipynb")
    in_cell = card_of(notebook, "open")
    in_cell.expect_asking()  # while the cell waits, the list above is alive
    inbox = notebook.cell(cell_of(notebook, "list")).locator(".nbhitl-inbox").first
    for left_over, customer in [(4, "Ann"), (3, "Dan"), (2, "Cleo")]:
        inbox.locator(".inbox-open", has_text=customer).click()
        expect(inbox.locator(".card .cap").first).to_be_visible(timeout=PAGE_MS)  # the keys are for this card
        page.keyboard.press("1")
        expect(inbox.get_by_role("status").first).to_have_text(f"{left_over} threads wait", timeout=PAGE_MS)
    in_cell.root.locator(".title").click()
    page.keyboard.press("2")
    in_cell.expect_recorded()
    left(notebook, accept)


def test_agent_under_rules_asks_for_a_single_call_of_four(page, tutorial, accept, screenshots):
    from playwright.sync_api import expect

    from tests.browser.jupyter import PAGE_MS

    notebook = tutorial("an_agent_under_rules.ipynb")
    card = card_of(notebook, "review")
    card.expect_asking()
    screenshots.check(card.root, "agent-asking-light")
    page.keyboard.press("Alt+q")
    page.keyboard.press("e")
    page.keyboard.type("140")
    page.keyboard.press("Control+Enter")
    card.expect_finished()
    expect(card.root.locator(".record.recorded")).to_have_count(2, timeout=PAGE_MS)
    notebook.wait_for_code()
    screenshots.check(card.root, "agent-finished-light")
    left(notebook, accept)
