"""Reviews that go on in real kernels: asked again, found by key, left behind."""

import sys

import pytest
from nbclient.exceptions import DeadKernelError

from nbhitl.testing import PersonClient
from tests.kernel.notebooks import SEED, make, result_of, texts

pytestmark = pytest.mark.usefixtures("forked_kernels")

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


def test_awaiting_cell_is_held_while_the_node_refuses_answers_and_goes_on_after_a_good_answer():
    problems = []

    def answer(question):
        problems.append(question["standing"]["problem"])
        return "good" if question["former"] else "bad"

    notebook = make(SEED + REFUSES, "await nbhitl.review(graph, graphs.SEED_INPUT)")
    answered(notebook, answer)
    assert problems == [None, "ValueError: no good"]
    assert result_of(notebook.cells[1]) == "{'some_text': 'good'}"


def test_same_key_in_a_new_kernel_asks_the_pending_question_and_later_returns_the_result(tmp_path):
    place = {"resources": {"metadata": {"path": str(tmp_path)}}}
    card = "card = nbhitl.review(graph, graphs.SEED_INPUT, key='report')\ncard.interrupts[0].value"
    first = make(SEED + ON_FILE, card)
    answered(first, lambda question: None, **place)
    assert result_of(first.cells[1]) == "{'text_to_revise': 'original text'}"
    second = make(SEED + ON_FILE, BY_KEY)
    answered(second, lambda question: "Edited text", **place)
    assert result_of(second.cells[1]) == "{'some_text': 'Edited text'}"
    third = make(SEED + ON_FILE, BY_KEY)
    answered(third, lambda question: "not asked", **place)
    assert result_of(third.cells[1]) == "{'some_text': 'Edited text'}"


KILLS = """
import os, pathlib, signal, sqlite3
from langgraph.checkpoint.sqlite import SqliteSaver

def act(state):
    answer = graphs.interrupt("Send it?")
    sent = pathlib.Path("sent.txt")
    before = sent.exists()
    with sent.open("a") as ledger:
        ledger.write(answer)
    if not before:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"some_text": answer}

saver = SqliteSaver(sqlite3.connect("checkpoints.db", check_same_thread=False))
graph = graphs.compile_node(act, checkpointer=saver)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_review_with_the_key_of_a_killed_kernel_says_that_the_step_may_have_run_and_asks_first(tmp_path):
    place = {"resources": {"metadata": {"path": str(tmp_path)}}}
    with pytest.raises(DeadKernelError):
        answered(make(SEED + KILLS, BY_KEY), lambda question: "yes;", **place)
    asked = []

    def answer(question):
        asked.append(question["former"])
        assert (tmp_path / "sent.txt").read_text() == "yes;", "the node ran before anybody was asked"
        return "yes;"

    again = make(SEED + KILLS, BY_KEY)
    answered(again, answer, **place)
    assert [former["answer"] for former in asked] == ["yes;"]
    assert "may have run already" in asked[0]["message"]
    assert result_of(again.cells[1]) == "{'some_text': 'yes;'}"


def test_repeated_cell_without_a_key_names_the_thread_that_is_left_waiting():
    again = """
source = "card = nbhitl.review(graphs.seed(), graphs.SEED_INPUT); card.interrupts"
from nbhitl.kernel import surroundings
for execution in "ab":
    live.current_surroundings = lambda: surroundings.Surroundings(True, True, execution, source, cell="the cell")
    exec(source)
    print([note for note in card._core.state.notes], card.thread_id)
"""
    notebook = make(SEED + "\nfrom nbhitl.api import review as live", again)
    answered(notebook, lambda question: None)
    first, second = "".join(texts(notebook.cells[1])).strip().splitlines()[-2:]
    assert first.startswith("[]")
    assert first.split()[-1] in second
    assert "key=" in second
