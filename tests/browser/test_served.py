"""The card of a thread on a real LangGraph server, in a real JupyterLab."""

import subprocess
from typing import Any

import pytest

from tests.again import LIGHT_AND_DARK
from tests.tools import ROOT

pytestmark = [pytest.mark.needs("langgraph_server"), pytest.mark.usefixtures("shared_page")]

KEY = "a-key-that-must-not-be-seen"
NOTICED_MS = 3_000


@pytest.fixture(scope="module")
def server():
    from nbhitl.testing import DevServer

    with DevServer(ROOT / "notebooks" / "agent" / "langgraph.json") as server:
        yield server


@pytest.fixture
def client(server):
    from langgraph_sdk import get_sync_client

    with get_sync_client(url=server.url, api_key=None) as client:
        yield client


@pytest.fixture
def asked(lab, show, server):
    """Return a notebook whose card waits for an answer to a served thread."""
    from tests.browser.card import card_in

    notebook = show(
        lab,
        [
            f"import nbhitl\nagent = nbhitl.remote({server.url!r}, 'agent', api_key={KEY!r})",
            "card = nbhitl.review(agent, {'some_text': 'original text'})\ncard",
            "print(card.thread_id)",
        ],
    )
    notebook.run_all()
    card = card_in(notebook, 1)
    card.expect_asking()
    notebook.wait_finished()
    return notebook, card


def test_thread_answered_elsewhere_is_noticed_within_three_seconds_and_shows_the_result(asked, client):
    from playwright.sync_api import expect

    notebook, card = asked
    thread_id = notebook.output(2).inner_text().strip()
    client.runs.wait(thread_id, "agent", command={"resume": "theirs"})
    card.expect_status("Finished", within_ms=NOTICED_MS)
    expect(card.turns).to_contain_text("another client")
    expect(card.root.locator(".result")).to_contain_text("theirs")


def test_lines_for_elsewhere_hold_the_current_draft_and_resume_the_thread(asked):
    _, card = asked
    card.editor.fill('it\'s "quoted" $HOME `id`')
    card.unfold()
    card.root.get_by_text("Resume from elsewhere").click()
    card.root.get_by_role("tab", name="cURL").click()
    panel = card.root.get_by_role("tabpanel")
    panel.get_by_text("quoted").wait_for()
    lines = panel.inner_text()
    assert KEY not in lines
    subprocess.run(
        ["bash", "-c", lines], check=True, capture_output=True, env={"LANGGRAPH_API_KEY": KEY, "PATH": "/usr/bin:/bin"}
    )
    card.expect_finished()
    assert 'it\'s "quoted" $HOME `id`' in card.root.locator(".result").inner_text()


def test_click_resumes_the_thread_on_the_server(asked, client):
    notebook, card = asked
    thread_id = notebook.output(2).inner_text().strip()
    card.answer("Edited text")
    card.expect_finished()
    card.expect_recorded()
    assert client.threads.get_state(thread_id)["values"] == {"some_text": "Edited text"}


def test_key_is_nowhere_in_the_saved_notebook_but_in_the_source(asked):
    notebook, card = asked
    card.answer("Edited text")
    card.expect_finished()
    saved = notebook.save()
    for cell in saved.cells:
        cell.source = ""
    assert KEY not in str(saved)


@pytest.mark.parametrize("theme", LIGHT_AND_DARK)
def test_lines_for_elsewhere_look_as_committed(asked, screenshots, theme):
    _, card = asked
    card.unfold()
    card.root.get_by_text("Resume from elsewhere").click()
    panel = card.root.get_by_role("tabpanel")
    panel.get_by_text("get_sync_client").first.wait_for()
    screenshots.check(card.root, f"card-elsewhere-{theme}", mask=[panel, card.root.locator(".runs-on")])


def test_server_that_is_gone_is_told_at_the_question_and_the_draft_stays(lab, show):
    from playwright.sync_api import expect

    from nbhitl.testing import DevServer
    from tests.browser.card import card_in

    with DevServer(ROOT / "notebooks" / "agent" / "langgraph.json") as server:
        source = f"card = nbhitl.review(nbhitl.remote({server.url!r}, 'agent'), {{'some_text': 'original text'}})\ncard"
        notebook = show(lab, ["import nbhitl", source])
        notebook.run_all()
        card = card_in(notebook, 1)
        card.expect_asking()
    card.answer("typed while the server was away")
    expect(card.root.locator(".problem")).to_contain_text("Start the server")
    assert card.editor.input_value() == "typed while the server was away"
    card.expect_asking()


def test_answer_given_while_the_server_works_on_that_of_another_client_came_too_late(lab, show, tmp_path):
    """The card tells the text of the late answer, which is neither given nor recorded."""
    from langgraph_sdk import get_sync_client
    from playwright.sync_api import expect

    from nbhitl.testing import DevServer
    from tests.browser.card import card_in
    from tests.kernel.notebooks import entries_of

    gate, config = tmp_path / "gate", ROOT / "tests" / "server" / "graphs" / "langgraph.json"
    with DevServer(config) as server, get_sync_client(url=server.url, api_key=None) as client:
        source = f"card = nbhitl.review(nbhitl.remote({server.url!r}, 'slow'), {{'gate': {str(gate)!r}}})\ncard"
        notebook = show(lab, ["import nbhitl", source, "print(card.thread_id)"])
        notebook.run_all()
        card = card_in(notebook, 1)
        card.expect_asking()
        notebook.wait_finished()
        thread_id = notebook.output(2).inner_text().strip()
        run = client.runs.create(thread_id, "slow", command={"resume": "theirs"})
        card.answer("mine, of which much was written")
        gate.touch()
        client.runs.join(thread_id, run["run_id"])
        card.expect_finished()
        expect(card.root.get_by_role("alert")).to_contain_text("your answer came too late, and was not given")
        expect(card.root.get_by_role("alert")).to_contain_text("mine, of which much was written")
        expect(card.root.locator(".result")).to_contain_text("theirs")
        on_disk = notebook.save()
        state: Any = client.threads.get_state(thread_id)
        assert state["values"]["answer"] == "theirs"
    assert entries_of(on_disk) == []
    assert "mine" not in str(on_disk.cells[1].outputs)
