"""Two people in a notebook, by jupyter-collaboration: Ann answers, Ben sees the answer, and the record has it once."""

from contextlib import suppress

import nbformat
import pytest
from nbformat.reader import NotJSONError
from playwright.sync_api import expect

from tests.browser import people
from tests.browser.card import card_in
from tests.browser.jupyter import PAGE_MS, OpenNotebook, new_page, serve
from tests.environments import HOSTS
from tests.kernel.notebooks import entries_of

pytestmark = pytest.mark.needs("hosts")

SEED = "import nbhitl\nfrom tests import graphs\ngraph = graphs.seed()"
KINDS = ["display_data", "execute_result", "display_data"]
"""Kinds of the outputs: the card, the result, the record."""
AWAIT = "await nbhitl.review(graph, graphs.SEED_INPUT)"


@pytest.fixture
def shared_server(tmp_path):
    kernels = str(HOSTS.folder / "share" / "jupyter")
    options = [people.AT_THE_SERVER]
    with serve("lab", tmp_path, python=str(HOSTS.program), env={"JUPYTER_PATH": kernels}, options=options) as server:
        yield server


def opened(page, server, name):
    """Open a notebook that several people share from the start."""
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


BUSY = """
import pathlib, time
while not pathlib.Path("gate").exists():
    time.sleep(0.01)
import nbhitl
from tests import graphs
graph = graphs.asks_twice(checkpointer=graphs.InMemorySaver())
"""
REVIEW = "card = nbhitl.review(graph, graphs.SEED_INPUT)\nawait card"
WHO = "[row.who for row in nbhitl.audit(graph)] + [turn.who for turn in card.answers.turns]"
NAMES = ["Ann Lee (ann)", "Ben Ott (ben)"]
ROOM = """card => [320, 430, 600, 900].map(width => {
    const root = card.getRootNode();
    root.host.style.width = `${width}px`;
    const card_ = root.querySelector('.card');
    for (const each of root.querySelectorAll('.gist')) each.textContent = 'an answer of some length '.repeat(5);
    for (const each of root.querySelectorAll('.origin')) each.textContent = 'Maximiliane-Charlotte Hohenlohe'.repeat(2);
    const answers = [...root.querySelectorAll('.gist')].map(each => each.getBoundingClientRect().width);
    return [card_.scrollWidth - card_.clientWidth, Math.min(...answers)];
})"""
"""At several widths of a card, beside long names: the overflow of the card, and the narrowest answer."""


def test_texts_of_two_persons_at_once_stay_and_the_name_is_right_in_card_record_and_audit(
    shared_server, page, browser, screenshots
):
    shared_server.write_notebook("two.ipynb", [BUSY, REVIEW, WHO])
    shared_server.trust("two.ipynb")  # in a page that does not trust the notebook JupyterLab draws no widget
    other = new_page(browser)
    people.log_in(page, shared_server.url, "ann")
    people.log_in(other, shared_server.url, "ben")
    with page.expect_event("websocket", is_to_kernel, timeout=PAGE_MS) as anns_socket:
        ann = opened(page, shared_server, "two.ipynb")
    ann.wait_for_kernel()
    ann.run_all()
    with other.expect_event("websocket", is_to_kernel, timeout=PAGE_MS):
        ben = opened(other, shared_server, "two.ipynb")
    (shared_server.root / "gate").touch()  # the requests of the second page have come while the first cell is busy
    anns, bens = card_in(ann, 1), card_in(ben, 1)
    anns.expect_asking()
    bens.expect_asking()
    anns.editor.fill("Ann")
    expect(bens.editor).to_have_value("Ann", timeout=PAGE_MS)  # Ben has typed nothing, so both have the same draft
    with anns_socket.value.expect_event("framereceived", lambda frame: b"Ben is typing" in frame, timeout=PAGE_MS):
        bens.editor.fill("a name that Ben is typing")
    expect(anns.editor).to_have_value("Ann")
    anns.editor.press("Control+Enter")
    expect(bens.problem).to_contain_text("“First name?” has been answered by Ann Lee (ann).", timeout=PAGE_MS)
    expect(bens.problem).to_contain_text("a name that Ben is typing")
    expect(bens.root).to_contain_text("Last name?")
    screenshots.check(bens.root, "card-answered-by-another-person")
    anns.editor.fill("a name that Ann is typing")
    bens.answer("Lee")
    expect(anns.problem).to_contain_text("“Last name?” has been answered by Ben Ott (ben).", timeout=PAGE_MS)
    expect(anns.problem).to_contain_text("a name that Ann is typing")
    anns.expect_finished()
    expect(anns.turns.locator(".origin")).to_have_text(["you", NAMES[1]])
    expect(bens.turns.locator(".origin")).to_have_text([NAMES[0], "you"])
    for each in (ann, ben):
        expect(each.output(2)).to_contain_text(str(NAMES + NAMES), timeout=PAGE_MS)
    expect(bens.root.locator(".record.recorded")).to_have_count(2, timeout=PAGE_MS)
    for overflow, answer in bens.root.evaluate(ROOM):
        assert overflow <= 0
        assert answer > 60
    on_disk = saved(ann, outputs=4)
    other.context.close()
    assert [entry["answered_by"] for entry in entries_of(on_disk)] == NAMES


def is_to_kernel(socket):
    return "/channels" in socket.url


def saved(notebook, outputs=3):
    """Save with Ctrl+S, and return the file once the server has written it; the page is not told when."""
    notebook.focus()
    notebook.page.keyboard.press("Control+s")
    for _ in range(PAGE_MS // 100):
        with suppress(NotJSONError):  # the server is about to write the file
            on_disk = nbformat.read(notebook.path, as_version=4)
            if entries_of(on_disk) and len(on_disk.cells[1].outputs) == outputs:
                return on_disk
        notebook.page.wait_for_timeout(100)
    raise AssertionError("the answer was never written")
