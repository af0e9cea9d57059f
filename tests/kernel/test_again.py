"""Reviews that are gone on with, in real kernels: asked again, found by their key, left behind."""

from nbhitl.testing import PersonClient
from tests.kernel.notebooks import SEED, make, texts

REFUSES = """
def check(state):
    if (text := graphs.interrupt("A text?")) == "bad":
        raise ValueError("no good")
    return {"some_text": text}

graph = graphs.compile_node(check)
"""

ON_FILE = """
import sqlite3
from langgraph.checkpoint.sqlite import SqliteSaver
saver = SqliteSaver(sqlite3.connect("checkpoints.db", check_same_thread=False))
graph = graphs.seed(checkpointer=saver)
"""

BY_KEY = "await nbhitl.review(graph, graphs.SEED_INPUT, key='report')"


def answered(notebook, answer, **options):
    client = PersonClient(notebook, answer, timeout=60, **options)
    client.execute()
    return client


def test_awaiting_cell_is_held_while_the_node_refuses_answers_and_goes_on_after_a_good_one():
    problems = []

    def answer(question):
        problems.append(question["standing"]["problem"])
        return "good" if question["former"] else "bad"

    notebook = make(SEED + REFUSES, "await nbhitl.review(graph, graphs.SEED_INPUT)")
    answered(notebook, answer)
    assert problems == [None, "ValueError: no good"]
    assert texts(notebook.cells[1])[-1] == "{'some_text': 'good'}"


def test_same_key_in_a_new_kernel_asks_the_pending_question_and_later_returns_the_result(tmp_path):
    place = {"resources": {"metadata": {"path": str(tmp_path)}}}
    card = "card = nbhitl.review(graph, graphs.SEED_INPUT, key='report')\ncard.interrupts[0].value"
    first = make(SEED + ON_FILE, card)
    answered(first, lambda question: None, **place)
    assert texts(first.cells[1])[-1] == "{'text_to_revise': 'original text'}"
    second = make(SEED + ON_FILE, BY_KEY)
    answered(second, lambda question: "Edited text", **place)
    assert texts(second.cells[1])[-1] == "{'some_text': 'Edited text'}"
    third = make(SEED + ON_FILE, BY_KEY)
    answered(third, lambda question: "not asked", **place)
    assert texts(third.cells[1])[-1] == "{'some_text': 'Edited text'}"


def test_cell_that_runs_again_without_a_key_names_the_thread_that_it_leaves_waiting():
    again = """
source = "card = nbhitl.review(graphs.seed(), graphs.SEED_INPUT); card.interrupts"
from nbhitl.waiting import place
for execution in "ab":
    live.current_place = lambda: place.Place(True, True, execution, source, cell="the cell")
    exec(source)
    print([note for note in card._session.notes], card.thread_id)
"""
    notebook = make(SEED + "\nfrom nbhitl import live", again)
    answered(notebook, lambda question: None)
    first, second = "".join(texts(notebook.cells[1])).strip().splitlines()[-2:]
    assert first.startswith("[]")
    assert first.split()[-1] in second
    assert "key=" in second
