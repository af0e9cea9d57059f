"""The inbox in a real JupyterLab: threads of further clients, answered in place, gone once answered by anybody."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt
from playwright.sync_api import Locator, expect

from nbhitl.engines import threads_of
from nbhitl.inboxes.presence import Presence
from nbhitl.kernel.background import finish
from tests.again import LIGHT_AND_DARK
from tests.browser.card import Card
from tests.browser.jupyter import OpenNotebook
from tests.forms.payloads import pay

pytestmark = pytest.mark.usefixtures("shared_page")

WITHIN_MS = 3_000
"""Most milliseconds until a thread that somebody else has answered leaves the list."""

SETUP = """
import nbhitl
from tests.browser.test_inbox import desk_at
graph = desk_at({path!r})
"""


def ask(state: dict[str, Any]) -> dict[str, Any]:
    return {"got": interrupt(state["asked"])}


def desk_at(path: str) -> Any:
    """Return the graph, with a new connection to the file."""
    connection = sqlite3.connect(path, check_same_thread=False)
    builder: Any = StateGraph(dict)
    return builder.add_node("ask", ask).add_edge(START, "ask").compile(SqliteSaver(connection), name="desk")


def config_of(thread: str) -> Any:
    return {"configurable": {"thread_id": thread}}


@contextmanager
def desk(path: str) -> Iterator[Any]:
    graph = desk_at(path)
    try:
        yield graph
    finally:
        graph.checkpointer.conn.close()


def inbox_in(notebook: OpenNotebook, cell: int) -> Locator:
    return notebook.cell(cell).locator(".nbhitl-inbox").first


@pytest.mark.parametrize("theme", LIGHT_AND_DARK)
def test_waiting_threads_are_answered_in_place_in_turn(lab, show, screenshots, theme, tmp_path):
    path = str(tmp_path / "checkpoints.db")
    with desk(path) as graph:
        graph.invoke({"asked": "How many rooms?"}, config_of("rooms"))
        graph.invoke({"asked": pay()}, config_of("pay"))
        graph.invoke({"asked": {"text_to_revise": "original text"}}, config_of("text"))
        notebook = show(lab, [SETUP.format(path=path), "nbhitl.inbox(graph)"])
        notebook.run_all()
        inbox = inbox_in(notebook, 1)
        inbox.locator(".inbox").wait_for()
        expect(inbox.get_by_role("status").first).to_have_text("3 threads wait")
        rows = inbox.locator(".inbox-open")
        expect(rows.locator(".inbox-asked")).to_have_text(
            ["Revise the text: original text", "Approve pay?", "How many rooms?"]
        )

        rows.nth(0).click()
        card = Card(inbox.locator(".nbhitl-card").first)
        card.expect_asking()
        expect(card.editor).to_be_focused()
        screenshots.check(inbox, f"inbox-{theme}", mask=[inbox.locator("time")])
        card.editor.fill("Edited text")
        card.editor.press("Control+Enter")
        expect(inbox.get_by_role("status").first).to_have_text("2 threads wait", timeout=WITHIN_MS)
        assert graph.get_state(config_of("text")).values["got"] == "Edited text"

        expect(inbox.get_by_role("button", name="Next")).to_be_focused(timeout=WITHIN_MS)
        notebook.page.keyboard.press("Enter")
        expect(inbox.locator("[aria-expanded=true].inbox-open")).to_contain_text("Approve pay?")

        # another client answers the thread whose card is open, and a closed thread
        graph.invoke(Command(resume={"decisions": [{"type": "approve"}]}), config_of("pay"))
        expect(inbox.get_by_role("status").first).to_have_text("1 thread waits", timeout=WITHIN_MS)
        expect(inbox.locator(".gone")).to_contain_text("answered")
        graph.invoke(Command(resume="3"), config_of("rooms"))
        expect(inbox.get_by_role("status").first).to_have_text("0 threads wait", timeout=WITHIN_MS)
    assert "nbhitl.answers" not in str(notebook.save().metadata)


ASKS_AT_ONCE = """
import nbhitl.core.elsewhere
nbhitl.core.elsewhere.DELIBERATE_AFTER = 0
"""


@pytest.mark.parametrize("theme", LIGHT_AND_DARK)
def test_somebody_elsewhere_is_named_and_alike_threads_are_answered_together(lab, show, screenshots, theme, tmp_path):
    path = str(tmp_path / "checkpoints.db")
    with desk(path) as graph, pytest.MonkeyPatch.context() as patch:
        patch.setattr("nbhitl.inboxes.presence.whoami", lambda: "ann on laptop")
        graph.invoke({"asked": pay()}, config_of("pay"))
        for room in ("kitchen", "hall", "attic"):
            graph.invoke({"asked": f"How many lamps in the {room}?"}, config_of(room))
        ann = Presence(threads_of(graph), process="another kernel")
        ann.sign("page", ["pay"])
        finish(ann.tell(finish(threads_of(graph).waiting())))

        notebook = show(lab, [SETUP.format(path=path) + ASKS_AT_ONCE, "nbhitl.inbox(graph)"])
        notebook.run_all()
        inbox = inbox_in(notebook, 1)
        inbox.locator(".inbox").wait_for()
        rows, keyboard = inbox.locator(".inbox-open"), notebook.page.keyboard
        expect(rows.nth(3)).to_contain_text("ann on laptop is answering")

        # over somebody who answers: only with a second, deliberate answer
        rows.nth(3).click()
        card = Card(inbox.locator(".nbhitl-card").first)
        card.expect_asking()
        expect(inbox.locator(".inbox-answering")).to_contain_text("ann on laptop is answering")
        card.button("Approve").click()
        expect(card.problem).to_contain_text("Nothing was sent")
        screenshots.check(inbox, f"inbox-somebody-{theme}", mask=[inbox.locator("time")])
        assert "got" not in graph.get_state(config_of("pay")).values
        card.button("Approve").click()
        expect(inbox.get_by_role("status").first).to_have_text("3 threads wait", timeout=WITHIN_MS)

        # alike threads at once, after all were shown
        expect(inbox.get_by_role("button", name="Next")).to_be_focused(timeout=WITHIN_MS)
        keyboard.press("Enter")
        together = inbox.get_by_role("button", name="3 alike in one card")
        card.expect_asking()
        together.focus()
        expect(together.locator(".cap")).to_be_visible()
        inbox.get_by_role("searchbox").focus()  # here the key is typed text
        expect(together.locator(".cap")).to_be_hidden()
        together.click()
        expect(card.root.locator(".batch-count")).to_have_text("1 of 3")
        card.root.get_by_role("button", name="Alike").click()
        expect(card.root.locator(".batch-alike legend")).to_have_text("Answer the 3 alike")
        card.editor.fill("4")
        screenshots.check(inbox, f"inbox-together-{theme}", mask=[inbox.locator("time")])
        card.editor.press("Control+Enter")
        expect(inbox.get_by_role("status").first).to_have_text("0 threads wait", timeout=WITHIN_MS)
        got = [graph.get_state(config_of(room)).values["got"] for room in ("kitchen", "hall", "attic")]
        assert got == ["4", "4", "4"]
        expect(inbox.get_by_role("button", name="Close")).to_be_focused(timeout=WITHIN_MS)
