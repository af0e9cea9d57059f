"""Cards in a stand-in for VS Code's notebook, with VS Code's own widget manager, colours and keys."""

import json

import pytest

from tests.browser.test_gallery import GALLERY, NOTEBOOKS, cards

pytestmark = [pytest.mark.needs("vscode_page"), pytest.mark.needs("js_packages")]

SETUP = """
import nbhitl
from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.messages import AIMessage
from tests import graphs
from tests.browser.stopping import PAY, transfer
from tests.forms.agents import Scripted, calling

graph = graphs.seed()
model = Scripted(responses=[calling(("transfer", {"amount": 5, "to": "Ann", "reference": "17"})), AIMessage("done")])
agent = create_agent(model, [transfer], middleware=[HumanInTheLoopMiddleware({"transfer": True})])
"""
SEED = "seed = await nbhitl.review(graph, graphs.SEED_INPUT)\nseed"
AGENT = "(await nbhitl.review(agent, PAY))['messages'][-1].text"
BARE = "card = nbhitl.review(graph, graphs.SEED_INPUT)\ncard"
KEPT = """
import sqlite3, tempfile
from langgraph.checkpoint.sqlite import SqliteSaver
connection = sqlite3.connect(tempfile.mkdtemp() + "/threads.sqlite", check_same_thread=False)
kept = graphs.seed(checkpointer=SqliteSaver(connection))
card = nbhitl.review(kept, graphs.SEED_INPUT, {"configurable": {"thread_id": "t"}})
card
"""
STOPPED = """
try:
    await nbhitl.review(graph, graphs.SEED_INPUT)
except nbhitl.errors.WaitCancelled:
    print("stopped")
"""
IN_TEXT = 'await nbhitl.review(graph, graphs.SEED_INPUT, ui="text")'

CELL_SHORTCUTS = ["a", "b", "x", "d", "d", "m", "y", "Delete", "ArrowDown", "ArrowUp", "Escape"]
"""Keys that insert, cut, delete, change or select a cell."""

LOOK = """card => {
    const around = [];
    for (let each = card.getRootNode().host; each; each = each.parentElement) {
        if (each.classList.contains('cell-output-ipywidget-background')) around.push(each);
    }
    return {
        colours: [getComputedStyle(card).backgroundColor, getComputedStyle(card).color],
        around: around.map(each => getComputedStyle(each).backgroundColor),
    };
}"""
COLOURS = {
    "dark": ["rgb(31, 31, 31)", "rgb(204, 204, 204)"],
    "light": ["rgb(255, 255, 255)", "rgb(59, 59, 59)"],
    "high-contrast": ["rgb(0, 0, 0)", "rgb(255, 255, 255)"],
}
"""Background and text of VS Code's editors."""


@pytest.fixture
def check_look(page):
    """Return a function that compares the colours of a card with the theme's, and has axe look at the card."""
    from tests.browser.test_accessibility import AXE, BROKEN_RULES

    def check(window, card, theme):
        window.set_theme(theme)
        frame = page.frame(name="webview")
        if not frame.evaluate("'axe' in window"):
            frame.evaluate(AXE.read_text())
        assert card.root.evaluate(LOOK) == {"colours": COLOURS[theme], "around": ["rgba(0, 0, 0, 0)"] * 2}
        broken = card.root.evaluate(BROKEN_RULES)
        assert broken == [], f"{theme}: {json.dumps(broken, indent=1)}"

    return check


def test_cards_have_the_colours_of_vs_code_and_keep_their_keys(vscode, check_look):
    from playwright.sync_api import expect

    window = vscode([SETUP, SEED, AGENT, BARE, "print('below')"])
    window.press("Run All")
    card = window.card(1)
    card.expect_asking()
    for theme in ("light", "dark"):
        check_look(window, card, theme)
    card.button("Details").focus()
    for key in (*CELL_SHORTCUTS, "Control+s"):
        window.page.keyboard.press(key)
    assert window.keys() == ["Control+s"]
    card.answer("Edited in VS Code")
    card.expect_finished()
    assert window.keys() == ["Control+s"]
    window.wait_for_state(1, "ok")
    assert window.texts(1)[-1].endswith("Edited in VS Code")
    expect(card.root).to_contain_text("recorded below")
    window.expect_hidden_below_the_card(1)
    expect(card.root.locator(".result")).to_have_count(0)  # the cell shows the result

    agent = window.card(2)
    agent.expect_asking()
    for theme in ("light", "dark"):
        check_look(window, agent, theme)
    agent.root.locator("[data-keys]").first.focus()
    window.page.keyboard.press("a")
    agent.expect_finished()
    window.wait_for_state(2, "ok")
    assert "'done'" in window.texts(2)
    expect(agent.root.locator(".result")).to_have_count(0)

    bare = window.card(3)
    bare.expect_asking()
    window.wait_for_state(4, "ok")
    window.expect_hidden_below_the_card(3)
    bare.answer("answered when its cell had ended")
    bare.expect_finished()
    expect(bare.root).to_contain_text("not recorded: this page gives no access to the notebook")
    expect(bare.root.locator(".result")).to_have_text(
        "Result some_text: answered when its cell had ended", use_inner_text=True
    )
    for theme in ("light", "dark"):
        check_look(window, bare, theme)
    assert window.keys() == ["Control+s"]


def test_interrupt_typed_line_and_restarted_kernel_reach_the_card(vscode):
    from playwright.sync_api import expect

    window = vscode([SETUP, STOPPED, IN_TEXT, KEPT])
    window.press("Run All")
    window.card(1).expect_asking()
    window.press("■")
    box = window.page.locator("#input input")
    box.wait_for()
    assert "stopped\n" in window.texts(1)
    box.fill("typed in VS Code")
    box.press("Enter")
    window.wait_for_state(3, "ok")
    said = window.texts(2)
    assert "{'some_text': 'typed in VS Code'}" in said
    assert not any("not shown yet" in text for text in said)
    bare = window.card(3)
    bare.expect_asking()
    bare.editor.fill("typed before the restart")
    window.press("Restart")
    bare.expect_status("Not connected")
    expect(bare.root).to_contain_text("No live kernel answers for this card")
    expect(bare.root).to_contain_text("typed before the restart")
    expect(bare.root.locator(".opening pre")).to_have_text("nbhitl.open(kept, thread_id='t')")


@pytest.mark.again
def test_forms_of_the_gallery_break_no_rule_in_any_theme(vscode, check_look):
    cells = json.loads((NOTEBOOKS / GALLERY).read_text())["cells"]
    sources = {cell["id"]: "".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"}
    window = vscode(list(sources.values()))
    window.press("Run All")
    for place, name in enumerate(sources):
        if name in cards():
            card = window.card(place)
            card.expect_asking()
            for theme in COLOURS:
                check_look(window, card, theme)
