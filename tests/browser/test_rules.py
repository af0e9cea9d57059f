"""Rules in a real JupyterLab: the card tells their decisions, a person makes and revokes rules, all is recorded."""

import pytest

from nbhitl.testing import replay
from tests.again import LIGHT_AND_DARK
from tests.kernel.notebooks import NBVAL_LAX, entries_of

pytestmark = pytest.mark.usefixtures("shared_page", "forked_kernels")

SETUP = """
import nbhitl
from tests.rules import asking, batched

searches = batched(("search_web", {"query": "hotels in Rome"}), ("pay", {"amount": 40, "to": "Ann"}))
pays = [batched(("pay", {"amount": amount, "to": "Ann"})) for amount in (30, 500)]
"""
REVIEW = """graph = asking(searches, *pays)
rules = [nbhitl.allow("search_*"), nbhitl.deny("pay", "too much", amount=lambda a: a > 900)]
card = nbhitl.review(graph, {}, rules=rules)
card"""
RESULT = "print([[each['type'] for each in answer['decisions']] for answer in card.result['taken']])"


@pytest.mark.parametrize("theme", LIGHT_AND_DARK)
def test_rules_stand_in_the_card_and_are_made_and_revoked_there(lab, show, screenshots, console, theme):
    from playwright.sync_api import expect

    from tests.browser.card import card_in
    from tests.browser.jupyter import PAGE_MS

    lab.set_theme(theme)
    notebook = show(lab, [SETUP, REVIEW])
    notebook.run_all()
    card = card_in(notebook, 1)
    card.expect_asking()
    expect(card.root.locator(".ruled")).to_contain_text("allow('search_*')", timeout=PAGE_MS)
    second = card.root.locator("[data-request='1']")
    screenshots.check(card.root, f"rules-asked-{theme}")
    card.unfold()
    second.get_by_text("Approve, and don't ask again for pay").click()
    second.get_by_label("amount").select_option("up_to")
    screenshots.check(second, f"rules-offered-{theme}")
    second.get_by_role("button", name="Approve, and don't ask again", exact=True).click()
    expect(card.root.locator(".turn")).to_have_count(2, timeout=PAGE_MS)
    card.button("Details").click()
    made = card.root.locator(".rule", has_text="for this review")
    expect(made).to_contain_text('allow("pay", amount≤40, to="Ann")', timeout=PAGE_MS)
    expect(made).to_contain_text("2 calls decided", timeout=PAGE_MS)
    made.get_by_role("button").click()
    expect(card.root.locator(".rule.revoked")).to_have_count(1, timeout=PAGE_MS)
    screenshots.check(card.root, f"rules-revoked-{theme}")
    card.root.locator(".verdict", has_text="Reject").click()
    card.resume.click()
    card.expect_finished()
    expect(card.root.locator(".record.recorded")).to_have_count(3, timeout=PAGE_MS)
    saved = notebook.save()
    rules = [[each and each["scope"] for each in entry.get("rules", [])] for entry in entries_of(saved)]
    assert rules == [["source", "review"], ["review"], []]
    assert console.exceptions == []
    if theme == "light":
        replay(notebook.path)


def test_notebook_decided_by_rules_replays_under_another_runner(lab, show, tmp_path):
    import subprocess

    notebook = show(lab, [SETUP, REVIEW.replace("asking(searches, *pays)", "asking(searches)"), RESULT])
    notebook.run(0)
    notebook.run(1)
    from tests.browser.card import card_in

    card = card_in(notebook, 1)
    card.root.locator("[data-request='1'] .verdict", has_text="Approve").click()
    card.resume.click()
    card.expect_finished()
    notebook.run(2)
    notebook.wait_finished()
    notebook.save()
    done = subprocess.run([*NBVAL_LAX, str(notebook.path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
