"""Two people in one notebook, by jupyter-collaboration: one answers, the other sees it, and it is recorded once."""

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.card import card_in
from tests.browser.jupyter import PAGE_MS, OpenNotebook, new_page, serve
from tests.environments import HOSTS
from tests.kernel.notebooks import entries_of

pytestmark = pytest.mark.needs("hosts")

SEED = "import nbhitl\nfrom tests import graphs\ngraph = graphs.seed()"
KINDS = ["display_data", "execute_result", "display_data"]
"""Of the outputs: the card, the result, the record."""
AWAIT = "await nbhitl.review(graph, graphs.SEED_INPUT)"


@pytest.fixture
def shared_server(tmp_path):
    kernels = str(HOSTS.folder / "share" / "jupyter")
    with serve("lab", tmp_path, python=str(HOSTS.program), env={"JUPYTER_PATH": kernels}) as server:
        yield server


def opened(page, server, name):
    """Open a notebook as one of several: it is shared from the first look."""
    notebook = OpenNotebook(page, server, name)
    page.goto(server.page_address(name))
    notebook.wait_until_shown()
    return notebook


def test_answer_of_a_person_is_recorded_once_and_both_persons_see_the_answer(shared_server, page, browser):
    shared_server.write_notebook("shared.ipynb", [SEED, AWAIT])
    ann = opened(page, shared_server, "shared.ipynb")
    ann.wait_for_kernel()
    ben = opened(new_page(browser), shared_server, "shared.ipynb")
    ann.run_all()
    card = card_in(ann, 1)
    card.expect_asking()
    card.answer("Edited text")
    card.expect_finished()
    card.expect_recorded()
    for each in (ann, ben):
        expect(each.output(1)).to_contain_text("A person answered:", timeout=PAGE_MS)
        expect(each.output(1)).to_contain_text("{'some_text': 'Edited text'}", timeout=PAGE_MS)
    on_disk = saved(ann)
    ben.page.context.close()
    assert [entry["answer"] for entry in entries_of(on_disk)] == ['"Edited text"']
    assert [output.output_type for output in on_disk.cells[1].outputs] == KINDS


def saved(notebook):
    """Save with Ctrl+S, and return the file once the server has written it; the page is not told when."""
    notebook.focus()
    notebook.page.keyboard.press("Control+s")
    for _ in range(PAGE_MS // 100):
        on_disk = nbformat.read(notebook.path, as_version=4)
        if entries_of(on_disk) and len(on_disk.cells[1].outputs) == len(KINDS):
            return on_disk
        notebook.page.wait_for_timeout(100)
    raise AssertionError("the answer was never written")
