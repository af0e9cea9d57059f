"""A batch in a real kernel: answered by a person, replayed with nobody there, gone on with from the record."""

import json

import nbformat
import pytest

from nbhitl.protocol import Question
from nbhitl.testing import PersonClient
from nbhitl.testing.client import Card
from tests.kernel.notebooks import NBHITL, entries_of, execute, kernel_env, make, write
from tests.kernel.test_runners import run

pytestmark = pytest.mark.usefixtures("forked_kernels")

SETUP = "import nbhitl\nfrom tests import graphs"
ROWS = """labels = await nbhitl.batch(["win", "hi", "ho"], form=["spam", "ham"], prompt="Which kind?"{})
print(list(labels["answer"]), list(labels["seconds"]), list(labels["flag"]))"""
RUNS = """texts = [{"some_text": text} for text in "abc"]
frame = await nbhitl.batch(graphs.seed(), texts)
print([row["some_text"] for row in frame["result"]])"""


class Recording(PersonClient):
    """Answers, and writes the record into the notebook's metadata as a page does."""

    def on_question(self, card: Card, question: Question) -> None:
        answer = self.answer(question)
        if answer is None:
            return
        marks = {"seconds": 1.5, **({"flag": "sure?"} if '"hi"' in question["payload"] else {})}
        card.tell("answer", id=question["id"], revision=card.revision, draft=answer, item=marks)

    def on_reply(self, card, reply):
        if reply["kind"] == "accepted" and reply["record"] is not None:
            entry = {**reply["record"]["entry"], "cell": "cell-1"}
            record = self.nb.metadata.setdefault("nbhitl.cell-1", {"format": 1, "answers": []})
            record["answers"].append(entry)
        super().on_reply(card, reply)


def answered(path, notebook, answer):
    client = Recording(notebook, answer, timeout=60, resources={"metadata": {"path": str(path.parent)}})
    client.execute(env=kernel_env())
    assert client.refused == []
    return write(path, notebook)


def texts(cell):
    return [each["text"] for each in cell.outputs if each.output_type == "stream"]


def told(cell):
    return [each for each in cell.outputs if "nbhitl_answer" in each.get("metadata", {})]


def test_batch_of_rows_is_replayed_with_seconds_and_flags_in_a_single_output(tmp_path):
    path, notebook = tmp_path / "labels.ipynb", make(SETUP, ROWS.format(""))
    answered(path, notebook, lambda question: '"spam"' if '"win"' in question["payload"] else '"ham"')
    assert texts(notebook.cells[1]) == ["['spam', 'ham', 'ham'] [1.5, 1.5, 1.5] ['', 'sure?', '']\n"]
    assert len(entries_of(notebook)) == 3
    (output,) = told(notebook.cells[1])
    assert "A person answered 3 questions" in output["data"]["text/plain"]
    replayed = execute(path)
    assert texts(replayed.cells[1]) == texts(notebook.cells[1])
    assert [each["data"] for each in told(replayed.cells[1])] == [output["data"]]
    status, said = run([*NBHITL, "labels.ipynb"], tmp_path)
    assert status == 0, said


def test_batch_of_runs_is_replayed(tmp_path):
    path, notebook = tmp_path / "runs.ipynb", make(SETUP, RUNS)
    answered(path, notebook, lambda question: json.loads(question["payload"])["text_to_revise"] * 2)
    assert texts(notebook.cells[1]) == ["['aa', 'bb', 'cc']\n"]
    assert texts(execute(path).cells[1]) == ["['aa', 'bb', 'cc']\n"]


def test_replay_of_a_batch_fails_where_a_row_has_changed(tmp_path):
    path, notebook = tmp_path / "labels.ipynb", make(SETUP, ROWS.format(""))
    answered(path, notebook, lambda question: '"spam"')
    changed = nbformat.read(path, as_version=4)
    changed.cells[1].source = changed.cells[1].source.replace('"hi"', '"high"')
    write(path, changed)
    status, said = run([*NBHITL, "labels.ipynb"], tmp_path)
    assert status == 1
    assert "cell 2" in said


OVER_SQLITE = """import sqlite3
from langgraph.checkpoint.sqlite import SqliteSaver

saver = SqliteSaver(sqlite3.connect("runs.db", check_same_thread=False))
texts = [{"some_text": text} for text in ("a", "b", "b")]
frame = await nbhitl.batch(graphs.seed(), texts, key="labels", checkpointer=saver)
print(frame[["input", "answer", "seconds", "status"]])"""


def test_batch_over_a_database_is_replayed_both_after_the_end_and_before_the_start_of_the_runs(tmp_path):
    path, notebook = tmp_path / "labels.ipynb", make(SETUP, OVER_SQLITE)
    answered(path, notebook, lambda question: json.loads(question["payload"])["text_to_revise"] * 2)
    assert (tmp_path / "runs.db").exists()
    for _ in range(2):
        status, said = run([*NBHITL, "labels.ipynb"], tmp_path)
        assert status == 0, said
        for each in tmp_path.glob("runs.db*"):
            each.unlink()
