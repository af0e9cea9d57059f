"""Two people in one notebook, by jupyter-collaboration: one answers, the other sees it, and it is recorded once."""

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser import people
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
    options = [people.AT_THE_SERVER]
    with serve("lab", tmp_path, python=str(HOSTS.program), env={"JUPYTER_PATH": kernels}, options=options) as server:
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


def test_two_people_who_answer_in_one_notebook_are_two_names(shared_server, page, browser):
    setup = "import nbhitl\nfrom tests import graphs\ngraph = graphs.asks_twice(checkpointer=graphs.InMemorySaver())"
    review = "await nbhitl.review(graph, graphs.SEED_INPUT)"
    told = "card = nbhitl.audit(graph)\n[row.who for row in card]"
    shared_server.write_notebook("two.ipynb", [setup, review, told])
    other = new_page(browser)
    people.log_in(page, shared_server.url, "ann")
    people.log_in(other, shared_server.url, "ben")
    ann = opened(page, shared_server, "two.ipynb")
    ann.wait_for_kernel()
    ben = opened(other, shared_server, "two.ipynb")
    ann.run_all()
    card_in(ann, 1).expect_asking()
    card_in(ann, 1).answer("Ann")
    expect(card_in(ben, 1).root).to_contain_text("Last name?", timeout=PAGE_MS)
    card_in(ben, 1).answer("Lee")
    card_in(ann, 1).expect_finished()
    expect(card_in(ann, 1).turns.locator(".origin")).to_have_text(["you", "Ben Ott (ben)"])
    expect(card_in(ben, 1).turns.locator(".origin")).to_have_text(["Ann Lee (ann)", "you"])
    expect(ann.output(2)).to_contain_text("['Ann Lee (ann)', 'Ben Ott (ben)']", timeout=PAGE_MS)
    card_in(ben, 1).expect_recorded()
    on_disk = saved(ann, outputs=4)
    other.context.close()
    assert [entry["answered_by"] for entry in entries_of(on_disk)] == ["Ann Lee (ann)", "Ben Ott (ben)"]


def saved(notebook, outputs=3):
    """Save with Ctrl+S, and return the file once the server has written it; the page is not told when."""
    notebook.focus()
    notebook.page.keyboard.press("Control+s")
    for _ in range(PAGE_MS // 100):
        on_disk = nbformat.read(notebook.path, as_version=4)
        if entries_of(on_disk) and len(on_disk.cells[1].outputs) == outputs:
            return on_disk
        notebook.page.wait_for_timeout(100)
    raise AssertionError("the answer was never written")
