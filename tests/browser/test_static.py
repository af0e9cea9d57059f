"""An open question in real front ends: told below the card, and seen where no card is alive."""

import pytest

from tests.again import LAB_AND_NOTEBOOK7

SETUP = """
import threading

import nbhitl
from langgraph.types import interrupt
from tests import graphs

may_ask = threading.Event()

def human_review(state):
    may_ask.wait(30)
    return {"some_text": interrupt({"text_to_revise": state["some_text"]})}

graph = graphs.compile_node(human_review)
"""
BARE = "card = nbhitl.review(graph, graphs.SEED_INPUT)\ncard"
TOLD = ".nbhitl-record"
ELSEWHERE = "() => { document.hasFocus = () => false; window.dispatchEvent(new Event('blur')); }"
BACK = "() => { delete document.hasFocus; window.dispatchEvent(new Event('focus')); }"
MARKED = "() => document.title.startsWith('● ')"


def texts(notebook):
    outputs = notebook.save().cells[1].outputs
    return [output.data["text/plain"].split("\n")[-1] for output in outputs if "data" in output]


@pytest.mark.parametrize("jupyter", LAB_AND_NOTEBOOK7, indirect=True)
def test_question_asked_after_the_cell_and_a_save_is_told_and_hidden_and_the_record_takes_the_place(
    jupyter, show, page
):
    from playwright.sync_api import expect

    from tests.browser.card import card_in, wait_for_questions

    notebook = show(jupyter, [SETUP, BARE, "may_ask.set()"])
    notebook.run(0)
    notebook.run(1)
    notebook.wait_finished(1)
    card = card_in(notebook, 1)
    assert texts(notebook) == ["Review of LangGraph"], "saved before the run asks"
    notebook.run(2)
    wait_for_questions(notebook)
    card.expect_asking()
    told = notebook.output(1).locator(TOLD)
    expect(told).to_have_count(1)
    expect(told).to_be_hidden()
    assert texts(notebook) == ["Review of LangGraph", "original text"]
    page.evaluate(ELSEWHERE)
    page.wait_for_function(MARKED)
    notebook.save()  # JupyterLab writes the title anew
    page.wait_for_function(MARKED)
    page.evaluate(BACK)
    page.wait_for_function(f"() => !({MARKED})()")
    card.answer("edited text")
    card.expect_recorded()
    expect(told).to_have_count(1)
    expect(told).to_be_hidden()
    assert texts(notebook) == ["Review of LangGraph", "edited text"]


def test_question_is_seen_where_no_card_is_alive(lab, show, page, screenshots):
    from playwright.sync_api import expect

    from tests.browser.card import card_in

    notebook = show(lab, ["from tests.browser.asking import asks\n" + PAY, "nbhitl.review(asks(PAY), {})"])
    notebook.run_all()
    card_in(notebook, 1).expect_asking()
    told = notebook.output(1).locator(TOLD)
    expect(told).to_have_count(1)
    notebook.save()
    lab.end_kernels()
    notebook.reload()
    expect(told).to_be_visible()
    expect(notebook.output(1).locator(".card")).to_have_count(0)
    screenshots.check(told, "static-question-light")


PAY = """
import nbhitl
PAY = {
    "action_requests": [{"name": "pay", "args": {"amount": 5, "to": "Ann"}, "description": "The invoice of **May**."}],
    "review_configs": [{"action_name": "pay", "allowed_decisions": ["approve", "edit", "reject"]}],
}
"""
