"""The single output of a batch, as read in a notebook without a kernel."""

import pandas as pd  # type: ignore[import-untyped]
from pydantic import BaseModel

import nbhitl
from nbhitl.recording.in_one import batch_output
from tests import graphs


class Label(BaseModel):
    """Is it spam?"""

    spam: bool


def lines_of(batch):
    batch.wait()
    return batch_output(batch._core.state.answered, batch._core.forms)["text/plain"].splitlines()


def test_rows_tell_their_question_once_and_each_row_and_answer_in_words():
    batch = nbhitl.batch(["win", "hi"], form=["spam", "ham"], prompt="Which kind?", answers=["spam", "ham"])
    assert lines_of(batch) == ["A person answered 2 questions: Which kind?", "win  spam", "hi   ham"]


def test_rows_of_a_frame_tell_a_single_column_alone_and_several_by_name():
    rows = pd.DataFrame({"text": ["win"]})
    assert lines_of(nbhitl.batch(rows, form=bool, prompt="Spam?", answers=[True]))[1].split("  ")[0] == "win"
    rows["label"] = "ham"
    batch = nbhitl.batch(rows, form=Label, answers=[{"spam": True}])
    assert lines_of(batch)[1].startswith("text: win · label: ham  ")


def test_questions_of_a_graph_are_told_as_the_graph_asks_them():
    batch = nbhitl.batch(graphs.seed(), [{"some_text": "a"}], answers=["x"])
    assert lines_of(batch) == ["A person answered 1 question", '{ "text_to_revise": "a" }  x']


def test_string_that_reads_as_json_keeps_the_quotes():
    (_, line) = lines_of(nbhitl.batch(["a"], form=["1", "true"], prompt="?", answers=["1"]))
    assert line == 'a  "1"'
