"""An answer whose page went before the record was written, or saved: the next page writes the record."""

import re

from playwright.sync_api import expect

from tests.browser.card import Card, card_in, wait_for_questions
from tests.browser.jupyter import PAGE_MS, OpenNotebook, open_notebook
from tests.kernel.notebooks import entries_of

SETUP = """
import nbhitl, time
from tests import graphs
graph = graphs.seed()
"""
REVIEW = "card = nbhitl.review(graph, {'some_text': 'original text'})\ncard"
HELD = "result = await nbhitl.review(graph, {'some_text': 'original text'})\nprint(result['some_text'])"
BUSY = "time.sleep(6)"


def asked(notebook: OpenNotebook, *, is_held: bool = False) -> Card:
    """Run the cells up to the card, and save the notebook with the question."""
    notebook.run(0)
    notebook.run(1)
    card = card_in(notebook, 1)
    card.expect_asking()
    if not is_held:  # a held cell shows the question when the cell has ended
        wait_for_questions(notebook)
    notebook.save()
    return card


def answers(notebook: OpenNotebook) -> list[str]:
    return [entry["answer"] for entry in entries_of(notebook.save())]


def told(notebook: OpenNotebook, *, cell: int = 1) -> list[str]:
    """Return the texts of the outputs that tell an answer."""
    outputs = notebook.on_disk().cells[cell].outputs
    return [each.data["text/plain"] for each in outputs if "nbhitl_answer" in each.get("metadata", {})]


def test_answer_kept_back_whose_page_is_loaded_again_is_recorded_by_the_next_page(lab, show):
    notebook = show(lab, [SETUP, REVIEW])
    card = asked(notebook)
    card.unfold()
    card.root.get_by_label("Keep an answer back").check()
    card.answer("kept back")
    expect(card.root.locator(".take-back")).to_be_visible()
    notebook.reload()
    again = card_in(notebook, 1)
    again.expect_finished()
    again.expect_recorded()
    assert answers(notebook) == ['"kept back"']
    (text,) = told(notebook)
    assert text.endswith("kept back")


def test_answer_whose_record_was_written_and_not_saved_is_recorded_by_the_next_page(lab, show):
    notebook = show(lab, [SETUP, REVIEW])
    card = asked(notebook)
    card.answer("not saved")
    card.expect_finished()
    card.expect_recorded()
    notebook.reload()
    card_in(notebook, 1).expect_finished()
    notebook.page.wait_for_function(HAS_RECORD)
    assert answers(notebook) == ['"not saved"']
    assert len(told(notebook)) == 1


HAS_RECORD = """() => [...window.jupyterapp.shell.widgets("main")].some(({ context }) =>
    Object.keys(context?.model?.sharedModel?.metadata ?? {}).some((key) => key.startsWith("nbhitl.")))"""
"""Whether the open notebook has a record of answers."""

REPLY = re.compile(rb'"kind": ?"records"')
IS_CHANGED = "() => [...window.jupyterapp.shell.widgets('main')].some(({ context }) => context?.model.dirty)"


def _as_bytes(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame


def test_answer_to_a_kernel_that_is_done_when_no_page_is_there_is_recorded_by_the_page_that_comes(lab, show, browser):
    from tests.browser.jupyter import new_page

    notebook = show(lab, [SETUP, REVIEW, BUSY])
    card = asked(notebook)
    notebook.run(2)
    notebook.wait_running(2)
    card.answer("to a busy kernel")
    notebook.page.close()
    page = new_page(browser)
    try:
        again = open_notebook(page, lab, notebook.name)
        card_in(again, 1).expect_finished()
        card_in(again, 1).expect_recorded()
        assert answers(again) == ['"to a busy kernel"']
    finally:
        page.context.close()


def test_answer_of_a_page_that_went_is_recorded_by_a_page_that_was_there_before(lab, show, browser):
    from tests.browser.jupyter import new_page

    notebook = show(lab, [SETUP, REVIEW, BUSY])
    card = asked(notebook)
    page = new_page(browser)
    try:
        other = open_notebook(page, lab, notebook.name)
        card_in(other, 1).expect_asking()
        notebook.run(2)
        notebook.wait_running(2)
        card.answer("of the first page")
        notebook.page.close()
        card_in(other, 1).expect_finished()
        card_in(other, 1).expect_recorded()
        assert answers(other) == ['"of the first page"']
    finally:
        page.context.close()


def test_answers_of_a_held_cell_are_told_once_after_the_page_was_loaded_again(lab, show):
    notebook = show(lab, [SETUP, HELD])
    card = asked(notebook, is_held=True)
    card.unfold()
    card.root.get_by_label("Keep an answer back").check()
    card.answer("while held")
    notebook.reload()
    again = card_in(notebook, 1)
    again.expect_finished()
    again.expect_recorded()
    assert answers(notebook) == ['"while held"']
    assert len(told(notebook)) == 1


def test_page_that_finds_all_records_changes_nothing(lab, show):
    notebook = show(lab, [SETUP, REVIEW])
    card = asked(notebook)
    card.answer("saved")
    card.expect_recorded()
    assert answers(notebook) == ['"saved"']
    heard: list[str | bytes] = []

    def hear(frame: str | bytes) -> None:  # playwright takes no method of a list
        heard.append(frame)

    notebook.page.on("websocket", lambda socket: socket.on("framereceived", hear))
    notebook.reload()
    card_in(notebook, 1).expect_finished()
    for _ in range(PAGE_MS // 100):  # the reply comes in one of the frames
        if any(REPLY.search(_as_bytes(frame)) for frame in heard):
            break
        notebook.page.wait_for_timeout(100)
    else:
        raise AssertionError("the page asks for no records")
    assert not notebook.page.evaluate(IS_CHANGED)
