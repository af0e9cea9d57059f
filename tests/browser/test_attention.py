"""A card that waits calls a person who looks elsewhere, comes into view, and remembers the person's settings."""

import pytest

from tests.browser.test_static import BACK, ELSEWHERE


@pytest.fixture
def browser(browser_with_windows):
    return browser_with_windows


SETUP = """
import pathlib, time

import nbhitl
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
from tests.browser.asking import Answers

def calls(*names):
    return {
        "action_requests": [{"name": name, "args": {"amount": 5}} for name in names],
        "review_configs": [{"action_name": name, "allowed_decisions": ["approve", "reject"]} for name in names],
    }

def asking(*names):
    def node(state):
        interrupt(calls(*names))
        return {}
    return node

def work(state):
    while not pathlib.Path("may_ask_again").exists():
        time.sleep(0.05)
    return {}

builder = StateGraph(Answers).add_node("first", asking("pay")).add_node("work", work)
builder = builder.add_node("second", asking("one", "two", "three"))
builder = builder.add_edge(START, "first").add_edge("first", "work").add_edge("work", "second")
graph = builder.compile(InMemorySaver())
"""
TALL = "print('line\\n' * 60)"
CARD = "card = nbhitl.review(graph, {})\ncard"

RECORD = """
window.told = [];
window.tones = 0;
window.Notification = class extends window.Notification {
    constructor(title, options) {
        super(title, options);
        window.told.push([title, options.body]);
        window.last = this;
    }
};
window.AudioContext = class extends window.AudioContext {
    constructor() {
        super();
        window.tones += 1;
    }
};
"""
BELOW_SIGHT = """card => {
    let scroller = card.getRootNode().host;
    while (!(scroller.scrollHeight > scroller.clientHeight && getComputedStyle(scroller).overflowY !== 'visible'))
        scroller = scroller.parentElement;
    const question = card.querySelector('.question').getBoundingClientRect();
    const { top, bottom } = scroller.getBoundingClientRect();
    return [question.bottom - Math.min(bottom, innerHeight), question.top - top];
}"""
TO_THE_END = "card => card.getRootNode().host.scrollIntoView({ block: 'end' })"
FOCUSED = "card => card.getRootNode().activeElement?.closest('[data-request]')?.dataset.request ?? null"


def test_second_question_calls_who_looks_elsewhere_and_comes_into_view_and_the_wish_is_remembered(lab, show, page):
    from playwright.sync_api import expect

    from tests.browser.card import card_in
    from tests.browser.jupyter import PAGE_MS, open_notebook

    page.context.grant_permissions(["notifications"])
    page.add_init_script(RECORD)
    notebook = show(lab, [SETUP, TALL, CARD, TALL])
    notebook.run_all()
    card = card_in(notebook, 2)
    card.expect_asking()
    card.unfold()
    card.root.get_by_label("Notify me").check()
    card.root.get_by_label("Play a sound").check()
    assert page.evaluate("[told, tones]") == [[], 1]  # plays the sound once as a sample
    card.button("Details").click()

    card.root.evaluate(TO_THE_END)
    page.keyboard.press("Alt+q")
    assert card.root.evaluate(FOCUSED) == "0"
    page.keyboard.press("a")
    card.expect_status("Running")
    page.evaluate(ELSEWHERE)
    (lab.root / "may_ask_again").touch()
    card.expect_asking()
    page.wait_for_function("() => told.length === 1")
    assert page.evaluate("[told, tones]") == [[["A question waits for you", "Review 3 tool calls"]], 2]
    page.evaluate(BACK)
    below, above = card.root.evaluate(BELOW_SIGHT)
    assert abs(below) <= 2, (
        "the card is scrolled as little as needed: the end of the question is at the end of the view"
    )
    assert above >= 0
    assert card.root.evaluate(FOCUSED) == "0"
    notebook.focus(0)
    page.evaluate("last.onclick()")
    assert card.root.evaluate(FOCUSED) == "0"

    card.unfold()
    notebook.save()
    notebook.reload()
    card = card_in(notebook, 2)
    expect(card.button("Details")).to_have_attribute("aria-expanded", "true", timeout=PAGE_MS)
    expect(card.root.get_by_label("Notify me")).to_be_checked()
    lab.write_notebook("another.ipynb", [SETUP, CARD])
    other = open_notebook(page, lab, "another.ipynb")
    other.run_all()
    card = card_in(other, 1)
    expect(card.button("Details")).to_have_attribute("aria-expanded", "false")  # for each notebook
    card.unfold()
    expect(card.root.get_by_label("Play a sound")).to_be_checked()  # for all
