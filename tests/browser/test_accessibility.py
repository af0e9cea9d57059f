"""Cards for everyone: axe's rules in each theme, narrow and enlarged pages, the keyboard, announcements."""

import json

import pytest

from tests.again import LIGHT_CONTRAST_AND_DARK
from tests.browser.test_gallery import GALLERY, cards
from tests.tools import ROOT

pytestmark = pytest.mark.usefixtures("shared_page")

AXE = ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js"
BROKEN_RULES = """
async card => {
    const where = { include: [card.getRootNode().host], exclude: '.jupyter-widgets' }; // widgets are their makers'
    const rules = { 'heading-order': { enabled: false } }; // headings are the payload's own
    const found = await axe.run(where, { rules, resultTypes: ['violations'] });
    return found.violations.map(({ id, nodes }) => [id, nodes.map(node => node.html.slice(0, 200))]);
}
"""
TO_WIDTH = "(card, width) => { card.getRootNode().host.style.width = width; }"
TO_ZOOM = "(card, zoom) => { card.getRootNode().host.style.zoom = zoom; }"
CUT_OFF = """
card => {
    const { left, right } = card.getBoundingClientRect();
    const controls = card.querySelectorAll('button, input, textarea, select');
    const scrolls = element => element && element !== card
        && (['auto', 'scroll'].includes(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
    const isOut = ({ left: l, right: r, width }) => width > 0 && (l < left - 1 || r > right + 1);
    return [...controls].filter(each => isOut(each.getBoundingClientRect()) && !scrolls(each.parentElement))
        .map(each => each.outerHTML.slice(0, 200));
}
"""
TWO = """
import nbhitl
from langgraph.types import interrupt
from tests import graphs

def one(state): interrupt("First question?")
def two(state): interrupt("Second question?")
graph = graphs.StateGraph(graphs.State).add_node(one).add_node(two)
graph = graph.add_edge(graphs.START, "one").add_edge(graphs.START, "two").compile()
"""


CALLS = """
import nbhitl
from langgraph.types import interrupt
from tests import graphs

EMAIL = {
    "name": "send_email",
    "args": {"to": "ann@example.org", "text": "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd " * 8, "copies": 2},
}
ALLOWED = {"action_name": "send_email", "allowed_decisions": ["approve", "edit", "reject"]}
def review(state): return {"some_text": str(interrupt({"action_requests": [EMAIL], "review_configs": [ALLOWED]}))}
graph = graphs.compile_node(review)
"""
FAILS = "graphs.compiled(fails=lambda state: 1 / 0)"
DIRECTION = "element => getComputedStyle(element).direction"


@pytest.fixture
def broken_rules(page):
    """Return a function that returns axe's rules that a card breaks."""

    def broken_rules(card):
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE.read_text())
        return card.root.evaluate(BROKEN_RULES)

    return broken_rules


@pytest.mark.needs("js_packages")
@pytest.mark.parametrize("theme", LIGHT_CONTRAST_AND_DARK)
def test_narrow_cards_of_the_gallery_break_no_rule_and_cut_no_control_off(run_committed, broken_rules, theme):
    from tests.browser.card import card_in

    notebook = run_committed(GALLERY)
    problems = {}
    for name, place in cards().items():
        card = card_in(notebook, place)
        card.expect_asking()
        if broken := broken_rules(card):
            problems[name] = broken
        for width, zoom in (("320px", "1"), ("640px", "2")):
            card.root.evaluate(TO_WIDTH, width)
            card.root.evaluate(TO_ZOOM, zoom)
            if cut_off := card.root.evaluate(CUT_OFF):
                problems[f"{name} at {width}, zoomed {zoom} times"] = cut_off
    assert problems == {}, json.dumps(problems, indent=1)


@pytest.mark.needs("js_packages")
@pytest.mark.parametrize("theme", LIGHT_CONTRAST_AND_DARK)
def test_whole_review_by_keyboard_tells_each_state_moves_the_focus_and_breaks_no_rule(show, lab, broken_rules, theme):
    from tests.browser.card import card_in, has_focus

    notebook = show(lab, [TWO, "card = nbhitl.review(graph, graphs.SEED_INPUT)\ncard"])
    notebook.run_all()
    notebook.wait_finished()
    card = card_in(notebook, 1)
    card.expect_asking()
    assert card.status.get_attribute("role") == "status"
    first = card.root.get_by_role("textbox").first
    card.tab_to(first)
    notebook.page.keyboard.type("one")
    notebook.page.keyboard.press("Control+Enter")
    card.expect_status("Waiting for you")
    left = card.root.get_by_role("textbox").last
    left.page.wait_for_function("e => e.getRootNode().activeElement === e", arg=left.element_handle())
    assert has_focus(left)
    assert broken_rules(card) == []
    notebook.page.keyboard.type("two")
    notebook.page.keyboard.press("Control+Enter")
    card.expect_finished()
    assert broken_rules(card) == []


@pytest.mark.needs("js_packages")
@pytest.mark.parametrize("theme", LIGHT_CONTRAST_AND_DARK)
def test_card_breaks_no_rule_at_work_after_an_error_and_after_a_failed_run(show, lab, broken_rules, tmp_path):
    from playwright.sync_api import expect

    from tests.browser.card import card_in
    from tests.browser.graphs import let_go

    at_work = "graphs.works_after_the_answer()"
    notebook = show(
        lab,
        [
            f"import os; os.chdir({str(tmp_path)!r})\nimport nbhitl\nfrom tests.browser import graphs",
            *(f"nbhitl.review({graph}, {{'some_text': 'a text'}})" for graph in (at_work, "graphs.picky()")),
            f"nbhitl.review({FAILS}, {{'some_text': 'a text'}})",
        ],
    )
    notebook.run_all()
    works, errs, failed = (card_in(notebook, place) for place in (1, 2, 3))
    works.expect_asking()
    works.answer("Edited")
    expect(works.root.get_by_role("progressbar")).to_be_visible()
    assert broken_rules(works) == []
    let_go(tmp_path)
    works.expect_finished()
    assert broken_rules(works) == []
    errs.answer("bad")
    expect(errs.problem).to_contain_text("too large")
    assert broken_rules(errs) == []
    failed.expect_status("Failed")
    assert broken_rules(failed) == []


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_whole_review_fits_on_a_page_of_320_pixels_in_both_directions_of_text(show, notebook7, page, direction):
    from tests.browser.card import card_in

    notebook = show(notebook7, [CALLS, "card = nbhitl.review(graph, {'some_text': ''})\ncard"])
    page.set_viewport_size({"width": 320, "height": 700})
    page.evaluate("direction => { document.documentElement.dir = direction; }", direction)
    notebook.run_all()
    card = card_in(notebook, 1)
    card.expect_asking()
    assert card.root.evaluate("card => card.getBoundingClientRect().width") <= 320
    assert card.root.evaluate(CUT_OFF) == []
    assert card.root.get_by_text("\u05e9\u05dc\u05d5\u05dd").first.evaluate(DIRECTION) == "rtl"
    assert card.root.get_by_text("Waiting for you").evaluate(DIRECTION) == direction
    card.button("Reject").click()
    card.root.get_by_label("Why (may be left empty)").fill("\u05dc\u05d0")
    assert card.root.evaluate(CUT_OFF) == []
    card.resume.click()
    card.expect_finished()
