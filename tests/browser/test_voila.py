"""Real Voila: a bare card resumes the run; a cell that would wait fails with the code to write instead."""

from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.browser.card import Card
from tests.browser.jupyter import PAGE_MS, Server, free_port, running, server_env, wait_until_up
from tests.environments import HOSTS

pytestmark = pytest.mark.needs("hosts")

SEED = """
import nbhitl
from tests import graphs
graph = graphs.seed()
"""


@contextmanager
def voila(folder, *options):
    home = folder / "home"
    home.mkdir()
    port = free_port()
    server = Server("voila", f"http://127.0.0.1:{port}", folder, home)
    command = [HOSTS.program, "-m", "voila", str(folder), "--no-browser", f"--port={port}", "--show_tracebacks=True"]
    env = server_env(home) | {"JUPYTER_PATH": str(HOSTS.folder / "share" / "jupyter")}
    with running([str(part) for part in (*command, *options)], env, folder, home / "server.log") as process:
        wait_until_up(process, server)
        yield server


def test_card_in_voila_resumes_the_run_and_says_that_nothing_is_recorded(page, tmp_path):
    with voila(tmp_path) as server:
        server.write_notebook("card.ipynb", [SEED, "card = nbhitl.review(graph, graphs.SEED_INPUT)\ncard"])
        page.goto(f"{server.url}/voila/render/card.ipynb")
        card = Card(page.locator(".card"))
        card.expect_asking()
        card.editor.fill("Edited in Voila")
        card.resume.click()
        card.expect_finished()
        expect(card.root).to_contain_text('"some_text": "Edited in Voila"')
        expect(card.root).to_contain_text("not recorded: this page gives no access to the notebook", timeout=PAGE_MS)


@pytest.mark.parametrize("options", [(), ("--preheat_kernel=True", "--pool_size=1")], ids=["cold", "preheated"])
def test_cell_that_waits_in_voila_is_refused_at_once_with_the_code_to_write(page, tmp_path, options):
    with voila(tmp_path, *options) as server:
        server.write_notebook("waits.ipynb", [SEED, "await nbhitl.review(graph, graphs.SEED_INPUT)"])
        page.goto(f"{server.url}/voila/render/waits.ipynb")
        why = "Voila draws the page only when all cells have ended"
        expect(page.locator("body")).to_contain_text(why, timeout=PAGE_MS)
        expect(page.locator("body")).not_to_contain_text("is not shown yet")
