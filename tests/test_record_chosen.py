"""The choice of the recorded answer: by notebook, cell and review, and from the newest saved state of the notebook."""

import json
import os
from typing import Any

import pytest

from nbhitl.answers import Record
from nbhitl.answers.claims import Claim
from nbhitl.answers.inline import ByNode, Script
from nbhitl.answers.notebook_content import recorded_answers
from nbhitl.answers.notebook_file import NOTEBOOK_VARIABLE, record_of, record_on_disk
from nbhitl.core.answered import AnsweredTurn, Answers
from nbhitl.errors import BadRecord
from nbhitl.protocol import OUTPUT_KEY, RuledCall
from nbhitl.runs.past import Past, PastQuestion
from nbhitl.runs.run import Interrupt
from tests.kernel.notebooks import make, recorded, write

CELL = "await nbhitl.review(graph, graphs.SEED_INPUT)"
ASKED = Interrupt("id", "human_review", {"text_to_revise": "original text"})


def given(record):
    answer = record.take(ASKED, 0)
    return None if answer is None else answer.value


def saved(folder, *entries, name="seed.ipynb"):
    return write(folder / name, make(CELL, record=[{**entry, "cell": "cell-0"} for entry in entries]))


RULED: RuledCall = {"rule": "allow('mail')", "scope": "source"}


@pytest.fixture(autouse=True)
def in_its_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(NOTEBOOK_VARIABLE, raising=False)
    monkeypatch.delenv("PYTEST_CURRENT_TEST")


@pytest.mark.parametrize("nth", [0, 1])
def test_each_review_of_a_cell_gets_the_answer_that_was_recorded_for_the_review(tmp_path, nth):
    saved(tmp_path, {**recorded("first"), "review": 0}, {**recorded("second"), "review": 1})
    assert given(record_on_disk(CELL, "", nth)) == ["first", "second"][nth]


@pytest.mark.parametrize("is_left", [True, False])
def test_answer_recorded_for_a_review_is_left_over_in_this_review_only(is_left):
    entry: Any = recorded("nobody asks")
    record = Record([entry], "seed.ipynb", claim_of=lambda _: Claim.MINE if is_left else Claim.OF_THIS_CELL)
    left = record.left_over()
    assert (left is not None) == is_left
    assert left is None or "node 'human_review', question 1" in str(left)


def test_answers_of_two_cells_with_the_same_source_are_no_review_s_own(tmp_path):
    unasked = {**recorded("nobody asks"), "ordinal": 1}
    write(tmp_path / "seed.ipynb", make(CELL, CELL, record=[{**unasked, "cell": "cell-0"}]))
    assert record_on_disk(CELL, "", 0).left_over() is None
    write(tmp_path / "seed.ipynb", make(CELL, record=[{**unasked, "cell": "cell-0"}]))
    assert record_on_disk(CELL, "", 0).left_over() is not None


@pytest.mark.parametrize(("execution", "expected"), [("the last", ["page", "kernel"]), ("the one before", ["kernel"])])
def test_record_in_the_metadata_counts_beside_the_outputs_of_the_same_execution_only(tmp_path, execution, expected):
    by_page = {**recorded("page", cell="cell-0"), "execution": execution}
    by_kernel = {**recorded("kernel", cell="cell-0"), "ordinal": 1, "execution": "the last"}
    notebook = make(CELL, record=[by_page])
    record = {"format": 1, "answers": [by_kernel]}
    output = {"output_type": "display_data", "data": {}, "metadata": {OUTPUT_KEY: record}}
    notebook.cells[0].outputs = [output]
    path = write(tmp_path / "seed.ipynb", notebook)
    assert [json.loads(entry["answer"]) for entry in recorded_answers(path)] == expected


def test_notebook_that_was_saved_again_is_read_again(tmp_path):
    path = saved(tmp_path, recorded("before"))
    assert given(record_on_disk(CELL, "", 0)) == "before"
    before = path.stat()
    saved(tmp_path, recorded("behind"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert given(record_on_disk(CELL, "", 0)) == "behind"


def test_cell_in_two_notebooks_with_different_answers_is_refused_and_a_copy_is_not(tmp_path):
    first = saved(tmp_path, recorded("mine"))
    write(tmp_path / "copy.ipynb", json.loads(first.read_text()))
    assert given(record_on_disk(CELL, "", 0)) == "mine"
    saved(tmp_path, recorded("another"), name="copy.ipynb")
    with pytest.raises(BadRecord, match="several notebooks with different recorded answers"):
        record_of(CELL, "", 0)


BEFORE, LATER = "2026-07-01T10:00:00+00:00", "2026-07-02T10:00:00+00:00"


def answered(value, at):
    return {**recorded(value), "answered_at": at}


def executed(folder, *entries, name, by="seed.ipynb", output=None):
    """Write the notebook that papermill writes, or nbconvert under its own name."""
    path = saved(folder, *entries, name=name)
    if not name.endswith(".nbconvert.ipynb"):
        notebook = json.loads(path.read_text())
        notebook["metadata"]["papermill"] = {"input_path": f"./{by}", "output_path": output or f"./{name}"}
        path.write_text(json.dumps(notebook))
    return path


@pytest.mark.parametrize("name", ["done-monday.ipynb", "seed.nbconvert.ipynb"])
def test_executed_copy_of_a_notebook_that_was_answered_again_is_left_out(tmp_path, name):
    executed(tmp_path, answered("first", BEFORE), answered("no more asked", BEFORE), name=name)
    saved(tmp_path, answered("second", LATER))
    assert given(record_on_disk(CELL, "", 0)) == "second"
    executed(tmp_path, answered("second", LATER), name="done-tuesday.ipynb")
    executed(tmp_path, answered("first", BEFORE), name="zzz.ipynb", by=name)
    assert given(record_on_disk(CELL, "", 0)) == "second"


@pytest.mark.parametrize("name", ["done.ipynb", "seed.nbconvert.ipynb"])
def test_record_that_stands_in_the_executed_copy_alone_is_found(tmp_path, name):
    saved(tmp_path)
    executed(tmp_path, recorded("in the copy"), name=name)
    assert given(record_on_disk(CELL, "", 0)) == "in the copy"


@pytest.mark.parametrize("name", ["done.ipynb", "seed.nbconvert.ipynb"])
def test_executed_copy_in_which_a_person_answered_later_is_refused_and_suggested(tmp_path, name):
    saved(tmp_path, answered("first", BEFORE))
    executed(tmp_path, answered("second", LATER), name=name)
    with pytest.raises(BadRecord, match=f"several notebooks .* NBHITL_NOTEBOOK={name}"):
        record_on_disk(CELL, "", 0)


def test_copy_by_hand_of_an_executed_notebook_is_no_executed_copy(tmp_path):
    executed(tmp_path, answered("second", LATER), name="seed.ipynb")
    executed(tmp_path, answered("first", BEFORE), name="by-hand.ipynb", output="seed.ipynb")
    with pytest.raises(BadRecord, match="several notebooks .* NBHITL_NOTEBOOK=seed.ipynb"):
        record_on_disk(CELL, "", 0)


def test_notebooks_that_were_executed_from_each_other_are_refused_where_the_answers_differ(tmp_path):
    executed(tmp_path, answered("one", BEFORE), name="one.ipynb", by="two.ipynb")
    executed(tmp_path, answered("two", BEFORE), name="two.ipynb", by="one.ipynb")
    with pytest.raises(BadRecord, match="several notebooks"):
        record_on_disk(CELL, "", 0)


@pytest.mark.parametrize("block", [None, "text", [], {"input_path": 1, "output_path": None}])
def test_metadata_of_strangers_make_no_executed_copy(tmp_path, block):
    saved(tmp_path, answered("mine", LATER))
    path = saved(tmp_path, answered("another", BEFORE), name="another.ipynb")
    notebook = json.loads(path.read_text())
    notebook["metadata"]["papermill"] = block
    path.write_text(json.dumps(notebook))
    with pytest.raises(BadRecord, match="several notebooks"):
        record_on_disk(CELL, "", 0)


def test_record_of_a_newer_format_is_refused_with_advice(tmp_path):
    notebook = make(CELL, record=[{**recorded("mine"), "cell": "cell-0"}])
    (key,) = notebook.metadata
    notebook.metadata[key]["format"] = 99
    write(tmp_path / "seed.ipynb", notebook)
    with pytest.raises(BadRecord, match="has format 99; this nbhitl reads 1. Update nbhitl"):
        record_on_disk(CELL, "", 0)


@pytest.mark.parametrize(("answers", "expected"), [({"ask": 1, "outer/ask": 2}, 2), ({"ask": 1}, 1)])
def test_node_gets_the_answer_under_the_full_path_before_the_answer_under_the_last_name(answers, expected):
    answer = ByNode(answers).take(Interrupt("id", "outer/ask", "?"), 0)
    assert answer is not None
    assert answer.value == expected


@pytest.mark.parametrize("is_mine", [False, True])
def test_of_two_recorded_answers_to_a_settled_question_only_the_review_s_own_is_taken_out(is_mine):
    first, second = entries = [recorded("first"), {**recorded("second"), "review": 1}]
    pool: list[Any] = list(entries)
    record = Record(
        pool, "seed.ipynb", claim_of=lambda entry: Claim.MINE if is_mine and entry is second else Claim.OF_THIS_CELL
    )
    record.found(Past((PastQuestion("human_review"),)))
    assert record.settled == ([second] if is_mine else [])
    assert pool == ([first] if is_mine else [first, second])


@pytest.mark.parametrize("settled", [0, 1])
def test_answer_of_another_review_s_list_keeps_the_rules_that_decided_on_this_answer(settled):
    turns = [
        AnsweredTurn("human_review", "?", "first", "rule", ruled=(RULED,)),
        AnsweredTurn("human_review", "?", "second", "person"),
    ]
    source = Script(Answers(turns))
    source.found(Past((PastQuestion("human_review"),) * settled))
    taken = [source.take(ASKED, ordinal) for ordinal in range(settled, 2)]
    assert [each and each.ruled for each in taken] == [(RULED,), ()][settled:]


UNPLACED = [
    Past((PastQuestion("human_review"),), frozenset({"human_review"}), is_in_order=False),
    Past((PastQuestion("human_review"),), why_unknown="the checkpointer does not list checkpoints"),
]
"""Pasts of runs in which the number of the next question of the node is not known."""


@pytest.mark.parametrize("past", UNPLACED, ids=["out of order", "unknown"])
@pytest.mark.parametrize(
    "source", [Script(["first", "second"]), ByNode({"human_review": ["first", "second"]})], ids=["list", "by node"]
)
def test_no_answer_is_given_where_the_place_of_the_question_in_the_run_is_unknown(source, past):
    source.found(past)
    assert source.take(ASKED, 1) is None
    assert "is not known" in str(source.why_none(ASKED, 1))
    assert source.left_over() is None


@pytest.mark.parametrize("past", UNPLACED, ids=["out of order", "unknown"])
def test_recorded_answer_is_not_given_where_the_place_of_the_question_in_the_run_is_unknown(past):
    entries: list[Any] = [{**recorded(value), "ordinal": ordinal} for ordinal, value in enumerate(["first", "second"])]
    record = Record(entries, "seed.ipynb", claim_of=lambda _: Claim.MINE)
    record.found(past)
    assert record.take(ASKED, 1) is None
    assert "is not known" in str(record.why_none(ASKED, 1))
    assert record.left_over() is None


def given_in(folder, notebook, source, nth=0):
    write(folder / "seed.ipynb", notebook)
    return given(record_on_disk(source, "", nth))


def test_new_cell_is_not_given_the_answer_of_another_cell(tmp_path):
    notebook = make("pay", CELL, record=[recorded("yes", cell="cell-1")])
    assert given_in(tmp_path, notebook, "pay") is None
    assert "has such an answer for another cell, 'cell-1'" in str(record_on_disk("pay", "", 0).why_none(ASKED, 0))
    assert given_in(tmp_path, notebook, CELL) == "yes"


def test_answer_is_given_under_the_key_of_the_review_in_another_cell_too(tmp_path):
    write(tmp_path / "seed.ipynb", make("again", CELL, record=[{**recorded("yes", cell="cell-1"), "key": "mail"}]))
    assert given(record_on_disk("again", "mail", 0)) == "yes"


def test_settled_question_does_not_use_up_the_answer_of_another_cell(tmp_path):
    write(tmp_path / "seed.ipynb", make("pay", CELL, record=[recorded("yes", cell="cell-1")]))
    record = record_on_disk("pay", "", 0)
    record.found(Past((PastQuestion("human_review"),)))
    assert record.settled == []


def test_answer_of_a_cell_that_is_gone_is_given(tmp_path):
    assert given_in(tmp_path, make("pay", CELL, record=[recorded("yes", cell="gone")]), CELL) == "yes"


def test_different_answers_of_cells_that_are_gone_are_refused_by_name_and_equal_answers_are_given(tmp_path):
    notebook = make(CELL, record=[recorded("yes", cell="gone"), recorded("no", cell="gone too")])
    with pytest.raises(BadRecord, match=r"(?s)different answers.*cell 'gone'.*\"yes\".*cell 'gone too'.*\"no\""):
        given_in(tmp_path, notebook, CELL)
    notebook = make(CELL, record=[recorded("yes", cell="gone"), recorded("yes", cell="gone too")])
    assert given_in(tmp_path, notebook, CELL) == "yes"


@pytest.mark.parametrize("nth", [0, 1])
def test_review_is_given_the_answer_to_the_same_review_of_a_cell_that_is_gone(tmp_path, nth):
    entries = [recorded("first", cell="gone"), {**recorded("second", cell="gone"), "review": 1}]
    assert given_in(tmp_path, make(CELL, record=entries), CELL, nth) == ["first", "second"][nth]


def test_review_is_given_the_answer_of_the_cell_that_shows_its_card(tmp_path):
    made = "card = nbhitl.review(graph, graphs.SEED_INPUT)"
    assert given_in(tmp_path, make(made, "card", record=[recorded("yes")]), made) == "yes"
    assert given_in(tmp_path, make("other = 1", "card", record=[recorded("yes")]), "other = 1") is None
