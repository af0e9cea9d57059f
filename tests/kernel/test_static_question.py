"""An open question is told below the card, for readers without a kernel; the record takes the question's place."""

import subprocess

import pytest

from nbhitl.testing import PersonClient
from tests.kernel.holding import kernel
from tests.kernel.notebooks import AWAIT, NBVAL, SEED, execute, kernel_env, make, recorded, texts, write

pytestmark = pytest.mark.usefixtures("forked_kernels")

BARE = "card = nbhitl.review(graph, graphs.SEED_INPUT)\ncard"
ASKED = "Revise the text human_review\noriginal text"
CARD = "Review of LangGraph"

WHEN_TOLD = """
import asyncio, threading
from langgraph.types import interrupt
may_ask = threading.Event()

def human_review(state):
    may_ask.wait(30)
    return {"some_text": interrupt({"text_to_revise": state["some_text"]})}

slow = graphs.compile_node(human_review)
"""


@pytest.fixture(scope="module")
def held():
    with kernel("installed") as held:
        yield held


def told(held, cell):
    return [each["data"]["text/plain"] for each in held.displayed[cell]]


def test_question_of_a_bare_card_is_told_where_nobody_is_there_and_nbval_finds_the_same_again(tmp_path):
    code = "card.answer('Edited text')\nprint(card.result)"
    path = write(tmp_path / "seed.ipynb", make(SEED, BARE, code, BARE))
    done = execute(path)
    assert texts(done.cells[1]) == [CARD, ASKED]
    assert texts(done.cells[2]) == ["{'some_text': 'Edited text'}\n"]
    assert "original text" in done.cells[1].outputs[1].data["text/html"]
    write(path, done)
    run = subprocess.run([*NBVAL, path], cwd=tmp_path, env=kernel_env(), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_recorded_answer_takes_the_place_of_the_question(tmp_path):
    done = execute(write(tmp_path / "seed.ipynb", make(SEED, BARE, record=[recorded("Edited text")])))
    assert texts(done.cells[1]) == [CARD, f"{ASKED}\nA person answered:\nEdited text"]


def test_question_asked_after_the_end_of_the_cell_is_told_once_in_this_cell(held):
    cell = held.run(f"{WHEN_TOLD}card = nbhitl.review(slow, graphs.SEED_INPUT)\ncard")
    assert held.end_of(cell) == ["ok"]
    assert told(held, cell) == [CARD]
    then = held.run("may_ask.set()")
    question = held.asked()
    assert held.end_of(then) == ["ok"]
    held.see(lambda: len(held.displayed[cell]) > 1)
    assert told(held, cell) == [CARD, ASKED]
    (output,) = held.displayed[cell][1:]
    assert output["metadata"]["nbhitl_answer"]["node"] == "human_review"
    held.answer(question, "Edited text")
    assert held.end_of(held.run("print(card.result)")) == ["ok"]
    assert told(held, cell) == [CARD, ASKED]


def test_answer_in_a_held_cell_leaves_the_record_and_no_question(held):
    cell = held.run(AWAIT)
    held.answer(held.asked(), "Edited text")
    assert held.end_of(cell) == ["ok"]
    assert [each.split("\n")[-1] for each in told(held, cell)] == [CARD, "Edited text"]


def test_question_that_code_answers_in_the_same_cell_is_not_told(held):
    cell = held.run("from IPython.display import display\n" + BARE + "\ndisplay(card)\ncard.answer('x')\ncard.result")
    assert held.end_of(cell) == ["ok"]
    assert told(held, cell) == [CARD]


def test_client_that_answers_and_writes_no_record_leaves_no_question(tmp_path):
    notebook = make(SEED, BARE, "print(await card)")
    PersonClient(notebook, lambda _question: "Edited text", timeout=60).execute()
    assert texts(notebook.cells[1]) in ([CARD], [CARD, f"{ASKED}\nA person answered:\nEdited text"])
    assert "{'some_text': 'Edited text'}" in texts(notebook.cells[2])[-1]
