"""A keyed run whose thread is kept: recorded over two days, then executed twice by every runner."""

import sqlite3
import sys

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver

import nbhitl
from nbhitl.answers import Answer
from nbhitl.core.questions import Asked
from nbhitl.forms import Forms
from nbhitl.recording.outputs import Where, placeholder
from nbhitl.runs.run import Interrupt
from tests import graphs
from tests.again import AGAIN
from tests.kernel.holding import kernel
from tests.kernel.notebooks import SEED, make, write
from tests.kernel.test_recorded_in_output import WHY
from tests.kernel.test_runners import RUNNERS, TOOLS, run
from tests.outputs import record_to_write

pytestmark = pytest.mark.usefixtures("forked_kernels")

ON_FILE = """
import sqlite3
import sys
from langgraph.checkpoint.sqlite import SqliteSaver
from tests.kernel.test_found_midway import asks_same
graph = asks_same(SqliteSaver(sqlite3.connect("checkpoints.db", check_same_thread=False)))
"""

KEYED = "names = await nbhitl.review(graph, graphs.SEED_INPUT, key='k')"

FAITHFUL = [*RUNNERS["nbhitl"][:-2], "seed.ipynb"]
"""nbhitl's runner, comparing outputs."""


def asks_same(saver):
    """Return a graph that asks the same text twice: an answer to the wrong question shows in the result only."""

    def ask(_state):
        return {"some_text": f"{graphs.interrupt('Name?')} {graphs.interrupt('Name?')}"}

    return graphs.compile_node(ask, "ask", checkpointer=saver)


def entry(ordinal, answer, execution):
    interrupt = Interrupt("id", "ask", "Name?")
    asked = Asked(interrupt, ordinal, 0, answer=Answer("id", answer, "person"), number=ordinal)
    written = record_to_write(asked, Forms(), Where(execution, key="k"))
    return {**written["entry"], "cell": "cell-1"}


@pytest.fixture
def seed(tmp_path):
    """Return a notebook whose two questions were answered on two days, with the outputs of the second day."""
    entries = [entry(0, "Ann", "day one"), entry(1, "Lee", "day two")]
    notebook = make(SEED + ON_FILE, KEYED, "print(names['some_text'])", record=entries)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    card = placeholder("LangGraph")
    for each in [card, *(each["output"] for each in entries)]:
        shown = {"output_type": "display_data", "data": each, "metadata": {}}
        notebook.cells[1].outputs.append(shown)
    notebook.cells[2].outputs = [{"output_type": "stream", "name": "stdout", "text": "Ann Lee\n"}]
    for number, cell in enumerate(notebook.cells):
        cell["execution_count"] = number + 1
    (tmp_path / "elsewhere").mkdir()
    return write(tmp_path / "seed.ipynb", notebook)


def answer_first_question(folder):
    with sqlite3.connect(folder / "checkpoints.db", check_same_thread=False) as connection:
        card = nbhitl.review(asks_same(SqliteSaver(connection)), graphs.SEED_INPUT, key="k")
        card.answer("Ann")
        assert len(card.interrupts) == 1


COMPARES = {"nbval": 0, "nbhitl": 1}
"""Runner -> number of questions answered before. Not every pair: each takes three executions."""

AGAIN_UNDER = {"nbval": [AGAIN]}
"""Runners that are left to the command of repetitions."""


@pytest.mark.parametrize(
    ("name", "answered"),
    [
        pytest.param(*each.values, COMPARES[each.values[0]], marks=[*each.marks, *AGAIN_UNDER.get(each.values[0], [])])
        for each in TOOLS
        if each.values[0] in COMPARES
    ],
)
def test_record_of_two_days_is_given_where_the_run_stands_and_three_executions_pass(seed, name, answered):
    if answered:
        answer_first_question(seed.parent)
    for _ in range(3):
        status, said = run(FAITHFUL if name == "nbhitl" else RUNNERS[name], seed.parent)
        assert status == 0, said


def test_record_that_the_kernel_keeps_in_an_output_survives_the_second_day(tmp_path, monkeypatch):
    """The page cannot write into the notebook: the file still has the output of the first day."""
    cell_source = KEYED
    first = entry(0, "Ann", "day one")
    notebook = make(SEED + ON_FILE, cell_source)
    kept = {"nbhitl_record": {"format": 1, "answers": [{**first, "cell": ""}]}}
    notebook.cells[1].outputs = [{"output_type": "display_data", "data": first["output"], "metadata": kept}]
    write(tmp_path / "seed.ipynb", notebook)
    answer_first_question(tmp_path)
    monkeypatch.chdir(tmp_path)
    with kernel("installed") as held:
        held.end_of(held.run(f"import os; os.chdir({str(tmp_path)!r})\n{SEED}{ON_FILE}"))
        cell = held.run(cell_source)
        held.answer(held.asked(), "Lee", why_not=WHY)
        assert held.end_of(cell) == ["ok"]
        _card, *outputs = held.displayed[cell]
    found = [each["metadata"]["nbhitl_record"]["answers"][0] for each in outputs]
    assert [(each["ordinal"], each["answer"]) for each in found] == [(0, '"Ann"'), (1, '"Lee"')]


PAYS = """
import os, pathlib, signal, sqlite3
from langgraph.checkpoint.sqlite import SqliteSaver

def pay(state):
    answer = graphs.interrupt("Pay?")
    paid = pathlib.Path("paid.txt")
    is_first = not paid.exists()
    with paid.open("a") as ledger:
        ledger.write(answer)
    if is_first:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"some_text": answer}

graph = graphs.compile_node(pay, "pay", checkpointer=SqliteSaver(sqlite3.connect("c.db", check_same_thread=False)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("name", ["nbhitl", pytest.param("jupyter execute", marks=AGAIN)])
def test_replay_after_a_kill_behind_the_payment_does_not_pay_twice(tmp_path, name):
    interrupt = Interrupt("id", "pay", "Pay?")
    asked = Asked(interrupt, 0, 0, answer=Answer("id", "yes;", "person"))
    written = record_to_write(asked, Forms(), Where("an execution", key="k"))
    cell = "await nbhitl.review(graph, graphs.SEED_INPUT, key='k')"
    notebook = make(SEED + PAYS, cell, record=[{**written["entry"], "cell": "cell-1"}])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    path = write(tmp_path / "seed.ipynb", notebook)
    status, said = run(RUNNERS[name], tmp_path)
    assert status != 0, said
    status, said = run(RUNNERS[name], tmp_path)
    assert status != 0
    assert "MayHaveRun" in said, said
    assert (tmp_path / "paid.txt").read_text() == "yes;"
    said_so = {}
    if name == "nbhitl":  # by a file of answers instead of the code
        (tmp_path / "answers.yaml").write_text("pay: yes;\n$may_run_again: true")
        said_so["NBHITL_ANSWERS"] = "answers.yaml"
    else:
        path.write_text(path.read_text().replace("key='k')", "key='k', may_run_again=True)"))
    for _ in range(2):
        status, said = run(RUNNERS[name], tmp_path, **said_so)
        assert status == 0, said
        assert (tmp_path / "paid.txt").read_text() == "yes;yes;"
