"""The cards of the gallery, and some in other states, for those who use a keyboard, a screen reader, a large font."""

import json
import shutil

import nbformat
import pytest

from tests.browser.graphs import let_go
from tests.browser.test_gallery import GALLERY
from tests.tools import ROOT

pytestmark = pytest.mark.needs("js_packages")

AXE = ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js"
THEMES = ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"]
ARABIC = {"question": "هل نحذف الجداول القديمة؟", "details": "٤٢ جدولا لم يقرأها أحد منذ عام ٢٠١٩."}
MORE = {
    "asked-again": "from tests.browser import asking, graphs\nnbhitl.review(graphs.picky(), {'some_text': 'x'})",
    "at-work": "nbhitl.review(graphs.works_after_the_answer(), {'some_text': 'x'})",
    "several": "nbhitl.review(asking.asks('First?', 'Second?'), {})",
    "arabic": f"nbhitl.review(asks({ARABIC!r}), {{}})",
    "refused": "nbhitl.review(asks('Book it?', response_schema=Trip), {})",
}

# Page-wide rules are the host's; so is what is not in a shadow root.
VIOLATIONS = """async () => {
    const areas = [...document.querySelectorAll(".jp-Cell-outputArea")].filter((area) => area.querySelector("*"));
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await axe.run({ include: areas }, { runOnly: tags, resultTypes: ["violations"] });
    const tell = ({ id, nodes }) => nodes
        .filter(({ target }) => Array.isArray(target[0]) && id !== "region")
        .map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary.slice(0, 300)}`);
    return violations.flatMap(tell);
}"""

# What reaches over the edge of a card, and cannot be scrolled to.
OVERFLOW = """card => {
    const edge = card.getBoundingClientRect().right + 1;
    const scrolls = (element) => element !== card && getComputedStyle(element).overflowX !== "visible";
    const isHeld = (element) => {
        for (let one = element.parentElement; one && one !== card; one = one.parentElement) if (scrolls(one)) return true;
        return false;
    };
    const over = [...card.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > edge && !isHeld(one));
    const found = over.map((element) => element.outerHTML.slice(0, 200));
    return card.scrollWidth > card.clientWidth ? [`${card.scrollWidth} > ${card.clientWidth}`, ...found] : found;
}"""

# What has the focus: what it is, whether it was there before, and whether it stands before what had it last.
STEP = """card => {
    const element = card.getRootNode().activeElement;
    if (!element || !card.contains(element)) return null;
    const { top, bottom, left, right } = element.getBoundingClientRect();
    const last = card.lastFocus;
    card.lastFocus = { top, bottom, left, right };
    element.reached = true;
    const isBack = last && (bottom <= last.top || (top < last.bottom && bottom > last.top && right <= last.left));
    return isBack ? `goes back to ${element.outerHTML.slice(0, 200)}` : "";
}"""
MISSED = """card => {
    const all = [...card.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
    const isOpen = (one) => one.checkVisibility({ visibilityProperty: true }) && one.tabIndex >= 0;
    const group = (one) => one.type === "radio" ? all.filter(({ name }) => name === one.name) : [one];
    return all.filter((one) => isOpen(one) && !group(one).some(({ reached }) => reached))
        .map((one) => one.outerHTML.slice(0, 200));
}"""


@pytest.fixture(scope="module")
def page(browser):
    from tests.browser.jupyter import new_page

    page = new_page(browser)
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def cards(page, lab_server):
    """Return the cards by name: of the gallery as it is, and of some reviews more in other states."""
    from tests.browser.card import card_in
    from tests.browser.jupyter import open_notebook

    gallery = nbformat.read(GALLERY, as_version=4)
    gallery.cells += [nbformat.v4.new_code_cell(source, id=name) for name, source in MORE.items()]
    nbformat.write(gallery, lab_server.root / "accessible.ipynb")
    notebook = open_notebook(page, lab_server, "accessible.ipynb")
    notebook.run_all()
    notebook.wait_for_code()
    places = {cell["id"]: place for place, cell in enumerate(gallery.cells) if not cell["id"].startswith("cell-")}
    cards = {name: card_in(notebook, place) for name, place in places.items()}
    for card in cards.values():
        card.expect_asking()
    bring_into_other_states(cards)
    yield cards
    let_go(lab_server.root)
    lab_server.end_kernels()


def bring_into_other_states(cards):
    from playwright.sync_api import expect

    cards["asked-again"].answer("bad")
    expect(cards["asked-again"].problem).to_be_visible()
    cards["at-work"].answer("x")
    expect(cards["at-work"].progress.get_by_role("progressbar")).to_be_visible()
    cards["refused"].resume.click()
    expect(cards["refused"].problem).to_be_visible()
    cards["text"].editor.fill("The committee meets on Monday.")
    cards["calls"].root.get_by_role("radio", name="Edit").first.check()
    cards["calls"].root.get_by_role("radio", name="Reject").last.check()


def choose_theme(page, name):
    page.locator(".lm-MenuBar-itemLabel", has_text="Settings").click()
    page.locator(".lm-Menu-itemLabel", has_text="Theme").first.hover()
    page.locator(".lm-Menu-itemLabel").get_by_text(name, exact=True).click()
    page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=name)


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_any_card(cards, page, theme):
    choose_theme(page, theme)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    assert page.evaluate(VIOLATIONS) == []


def test_narrow_card_has_everything_within_it(cards, page):
    try:
        for card in cards.values():
            card.root.evaluate("card => { card.getRootNode().host.style.width = '320px' }")
        assert {name: over for name, card in cards.items() if (over := card.root.evaluate(OVERFLOW))} == {}
    finally:
        for card in cards.values():
            card.root.evaluate("card => { card.getRootNode().host.style.width = '' }")


def test_zoomed_card_has_everything_within_it_and_tab_reaches_it_in_reading_order(cards, page):
    from tests.browser.jupyter import VIEWPORT

    page.keyboard.press("Control+b")  # no sidebar
    page.set_viewport_size({"width": 640, "height": 450})
    try:
        assert {name: over for name, card in cards.items() if (over := card.root.evaluate(OVERFLOW))} == {}
        assert {name: found for name, card in cards.items() if (found := walk(card, page))} == {}
    finally:
        page.set_viewport_size(VIEWPORT)


def walk(card, page):
    """Press Tab through a card; return what is not reached, or out of order."""
    card.root.evaluate("card => { card.lastFocus = null; card.focus() }")
    found = []
    while (step := tabbed(card, page)) is not None:
        found.append(step)
    return [step for step in found if step] + [f"misses {one}" for one in card.root.evaluate(MISSED)]


def tabbed(card, page):
    page.keyboard.press("Tab")
    return card.root.evaluate(STEP)


def test_right_to_left_text_is_laid_out_right_to_left(cards):
    prompt = cards["arabic"].root.locator(".prompt")
    assert prompt.inner_text() == ARABIC["question"]
    start = "e => [getComputedStyle(e).direction, Math.round(e.getBoundingClientRect().right - range(e).right)]"
    range_of = "const range = (e) => { const r = document.createRange(); r.selectNodeContents(e); return r.getBoundingClientRect() };"
    assert prompt.evaluate(f"e => {{ {range_of} return ({start})(e) }}") == ["rtl", 0]


def test_focus_goes_to_the_next_question_and_the_status_is_told(cards, page):
    from playwright.sync_api import expect

    from tests.browser.card import Card, has_focus

    card = cards["several"]
    first, second = (
        Card(card.root.get_by_role("group", name=f"Question from review_{number}", exact=True)) for number in range(2)
    )
    status = card.root.get_by_role("status").and_(card.status)
    status.evaluate("chip => { chip.isTheSame = true }")
    first.answer("one")
    expect(first.root).to_contain_text("Waiting for the other questions")
    assert has_focus(second.editor)
    page.keyboard.type("two")
    page.keyboard.press("Control+Enter")
    card.expect_finished()
    assert status.evaluate("chip => chip.isTheSame"), "a live region that is made anew is not read"
