"""Cards for everyone: axe's rules in each theme, narrow and enlarged pages, the keyboard, what is told of the state."""

import json

import pytest

from tests.browser.test_gallery import GALLERY, cards
from tests.tools import ROOT

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


@pytest.fixture
def broken_rules(page):
    """Return a function that tells which of axe's rules a card breaks."""

    def broken_rules(card):
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE.read_text())
        return card.root.evaluate(BROKEN_RULES)

    return broken_rules


@pytest.mark.needs("js_packages")
@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_no_card_of_the_gallery_breaks_a_rule_nor_cuts_a_control_off_where_it_is_narrow(
    run_committed, broken_rules, theme
):
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
@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_whole_review_by_keyboard_tells_its_state_moves_the_focus_and_breaks_no_rule(show, lab, broken_rules, theme):
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
