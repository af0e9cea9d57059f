"""Real nbclassic: the card answers, keys stay in the card, and the static text below a live card is hidden."""

from contextlib import contextmanager, suppress

import pytest
from playwright.sync_api import TimeoutError as TookTooLong
from playwright.sync_api import expect

from tests.browser.card import Card
from tests.browser.jupyter import BEGIN_MS, PAGE_MS, Server, free_port, running, server_env, wait_until_up
from tests.environments import HOSTS

pytestmark = [pytest.mark.needs("hosts"), pytest.mark.again]

SEED = "import nbhitl\nfrom tests import graphs\ngraph = graphs.seed()"
BARE = "card = nbhitl.review(graph, graphs.SEED_INPUT)\ncard"
IS_READY = "() => Boolean(window.Jupyter?.notebook?.kernel?.is_connected() && Jupyter.notebook.kernel.widget_manager)"


@contextmanager
def nbclassic(folder):
    home = folder / "home"
    home.mkdir()
    port = free_port()
    server = Server("nbclassic", f"http://127.0.0.1:{port}", folder, home)
    options = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token=", "--ip=127.0.0.1"]
    command = [str(HOSTS.program), "-m", "nbclassic", f"--ServerApp.root_dir={folder}", *options]
    env = server_env(home) | {"JUPYTER_PATH": str(HOSTS.folder / "share" / "jupyter")}
    with running(command, env, folder, home / "server.log") as process:
        wait_until_up(process, server)
        yield server


def run_until_drawn(page):
    """Run all cells; run again if nbclassic's extension for widgets has drawn the cells anew, without the card."""
    card = Card(page.locator(".card"))
    for _ in range(3):
        page.evaluate("Jupyter.notebook.execute_all_cells()")
        with suppress(TookTooLong):
            card.root.wait_for(timeout=BEGIN_MS)
            break
    return card


def test_bare_card_handles_the_keys_pressed_in_the_card_and_hides_the_static_question(page, tmp_path):
    with nbclassic(tmp_path) as server:
        server.write_notebook("classic.ipynb", [SEED, BARE])
        page.goto(server.page_address("classic.ipynb"))
        page.wait_for_function(IS_READY, timeout=PAGE_MS)
        card = run_until_drawn(page)
        card.expect_asking()
        told = page.locator(".nbhitl-record")
        expect(told).to_have_count(1, timeout=PAGE_MS)
        expect(told).to_be_hidden()
        page.evaluate("Jupyter.notebook.command_mode()")
        card.button("Details").focus()
        for key in ("a", "b", "x", "d", "d"):
            page.keyboard.press(key)
        assert page.evaluate("Jupyter.notebook.ncells()") == 2
        card.answer("Edited in nbclassic")
        card.expect_finished()
        expect(card.root).to_contain_text('"some_text": "Edited in nbclassic"')
