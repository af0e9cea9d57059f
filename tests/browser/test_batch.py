"""A batch in JupyterLab: answered by keys alone, recorded in a single record, gone on with later, replayed."""

import ast
import json

import pytest

from nbhitl.testing import replay
from tests.kernel.notebooks import entries_of

pytestmark = pytest.mark.usefixtures("shared_page")

SETUP = "import nbhitl\nfrom tests import graphs"
ROWS = """labels = await nbhitl.batch(
    ["win", "hi", "ho", "buy"], form=["spam", "ham"], prompt="Which kind is this?", key="labels"
)
print(list(labels["answer"].fillna("-")), list(labels["flag"]), list(labels["status"]))"""
MORE = ROWS.replace('"buy"]', '"buy", "new"]')


def test_batch_is_answered_by_keys_recorded_and_gone_on_with(lab, show, page, screenshots):  # noqa: PLR0915 - a single visit
    from playwright.sync_api import expect

    from tests.browser.card import card_in
    from tests.browser.jupyter import PAGE_MS, open_notebook

    notebook = show(lab, [SETUP, ROWS])
    notebook.run(0)
    notebook.run(1)
    card = card_in(notebook, 1)
    count = card.root.locator(".batch-count")
    expect(count).to_have_text("1 of 4")
    page.keyboard.press("Alt+q")
    page.keyboard.press("?")
    expect(card.root.locator(".batch-keys")).to_be_visible()
    assert not card.root.locator(".batch-actions [aria-disabled=true] .cap").is_visible()  # nothing to take back yet
    assert card.root.locator(".pick .cap").first.is_visible()
    screenshots.check(card.root, "batch-keys")
    page.keyboard.press("?")
    page.keyboard.press("1")
    expect(count).to_have_text("2 of 4")
    page.keyboard.press("Backspace")
    expect(count).to_have_text("1 of 4", timeout=PAGE_MS)  # the kernel takes back, not the page
    expect(card.root).to_contain_text("win")
    page.keyboard.press("1")
    expect(count).to_have_text("2 of 4")
    page.keyboard.press("f")
    page.keyboard.type("sure?")
    page.keyboard.press("Enter")
    page.keyboard.press("2")
    expect(count).to_have_text("3 of 4")
    page.keyboard.press("s")
    expect(count).to_have_text("4 of 4")
    counts = card.root.locator(".batch-told")
    expect(counts).to_contain_text("skipped")  # drawn first: the mask is as wide as this text
    expect(counts).to_contain_text("left")
    expect(card.root.get_by_role("button", name="Alike")).to_be_hidden()
    screenshots.check(card.root, "batch-asking", mask=[counts])
    page.keyboard.press("1")
    expect(count).to_have_text("4 of 4 done")
    notebook.wait_finished(1)
    saved = notebook.save()
    assert len(entries_of(saved)) == 4
    (printed,) = [each["text"] for each in saved.cells[1].outputs if each.output_type == "stream"]
    assert printed == (
        "['spam', 'ham', '-', 'spam'] ['', 'sure?', '', ''] ['answered', 'answered', 'skipped', 'answered']\n"
    )
    told = [each for each in saved.cells[1].outputs if "nbhitl_answer" in each.get("metadata", {})]
    assert len(told) == 1
    replay(notebook.path)

    # tomorrow, in another kernel, with a further row: answered rows are not asked again
    content = json.loads(notebook.path.read_text())
    content["cells"][1]["source"] = MORE
    lab.end_kernels()
    lab.set_theme("dark")
    lab.write_notebook(notebook.path.name, [SETUP, MORE], metadata=content["metadata"])
    later = open_notebook(page, lab, notebook.path.name)
    later.run(0)
    later.run(1)
    card = card_in(later, 1)
    expect(card.root).to_contain_text("new")
    page.keyboard.press("Alt+q")
    page.keyboard.press("?")
    expect(card.root.locator(".batch-keys")).to_be_visible()
    screenshots.check(card.root, "batch-keys-dark")
    page.keyboard.press("2")
    later.wait_finished(1)
    answers = [entry["answer"] for entry in entries_of(later.save())]
    assert len(answers) == 5


FAILS = """import nbhitl
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

broken = {"b"}

def check(state):
    if state["text"] in broken:
        raise OSError("the mail server does not answer")
    return {"spam": interrupt({"question": "Is it spam?", "text": state["text"], "type": "boolean"})}

builder = StateGraph(dict).add_node("check", check).add_edge(START, "check")
inputs = [{"text": each} for each in "abcdefg"]
frame = await nbhitl.batch(builder.compile(), inputs, forms={"check": bool}, max_concurrency=1)
print(list(frame["seconds"].fillna(0)))"""


def test_alike_questions_are_shown_then_answered_together_beside_the_list_of_failed_runs(notebook7, show, page):
    from playwright.sync_api import expect

    from tests.browser.card import card_in
    from tests.browser.jupyter import PAGE_MS

    notebook = show(notebook7, [FAILS])
    notebook.run(0)
    card = card_in(notebook, 0)
    expect(card.root).to_contain_text("Is it spam?", timeout=PAGE_MS)
    page.keyboard.press("Alt+q")
    page.keyboard.press("=")
    legend = card.root.locator(".batch-alike legend")
    expect(legend).to_have_text("Answer the 6 alike", timeout=PAGE_MS)
    expect(card.root.locator(".batch-failures li")).to_contain_text("the mail server does not answer", timeout=PAGE_MS)
    rows = card.root.locator(".batch-alike-row")
    rows.nth(4).locator("input").uncheck()
    expect(legend).to_have_text("Answer the 5 alike")
    page.keyboard.press("Alt+q")
    page.keyboard.press("y")
    expect(card.root.locator(".batch-count")).to_have_text("7 of 7", timeout=PAGE_MS)
    page.keyboard.press("y")
    notebook.wait_finished(0)
    (printed,) = [each["text"] for each in notebook.save().cells[0].outputs if each.output_type == "stream"]
    together = [each for number, each in enumerate(ast.literal_eval(printed)) if number not in (1, 6)]
    assert together == [together[0]] * 5
    assert together[0] > 0
