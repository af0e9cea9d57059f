"""Notebooks executed with nobody there: answered from the record, or failing at once."""

import json
import subprocess
import sys

import pytest
from nbclient.exceptions import CellExecutionError

from tests.kernel.notebooks import (
    AWAIT,
    NBMAKE,
    NBVAL_LAX,
    SEED,
    SPY,
    execute,
    kernel_env,
    make,
    recorded,
    result_of,
    texts,
    without_record,
    write,
)

pytestmark = pytest.mark.usefixtures("forked_kernels")

CARD = "card = nbhitl.review(graph, graphs.SEED_INPUT)\ncard"


def test_recorded_answer_is_given_through_the_door(tmp_path):
    notebook = make(SEED + SPY, AWAIT, "print(origins)", record=[recorded("Edited text")])
    done = execute(write(tmp_path / "seed.ipynb", notebook))
    assert result_of(done.cells[1]) == "{'some_text': 'Edited text'}"
    assert texts(done.cells[2]) == ["['record']\n"]


def test_replay_shows_the_card_then_the_result_then_the_answer(tmp_path):
    done = execute(write(tmp_path / "seed.ipynb", make(SEED, AWAIT, record=[recorded("Edited text")])))
    card, result, record = done.cells[1].outputs
    assert "application/vnd.jupyter.widget-view+json" in card.data
    assert "Edited text" in record.data["text/plain"]
    assert result.output_type == "execute_result"


def test_cell_without_a_record_fails_at_once_with_the_next_step(tmp_path):
    with pytest.raises(CellExecutionError) as caught:
        execute(write(tmp_path / "seed.ipynb", make(SEED, AWAIT)))
    assert caught.value.ename == "NobodyThere"
    assert "Run the notebook in JupyterLab, answer, and save it" in caught.value.evalue


def test_changed_payload_fails_and_shows_the_difference(tmp_path):
    record = [recorded("Edited text", payload={"text_to_revise": "another text"})]
    with pytest.raises(CellExecutionError) as caught:
        execute(write(tmp_path / "seed.ipynb", make(SEED, AWAIT, record=record)))
    assert '-  "text_to_revise": "another text"' in caught.value.evalue
    assert '+  "text_to_revise": "original text"' in caught.value.evalue


def test_recorded_answer_that_nothing_asks_for_fails_the_cell_under_a_plain_runner(tmp_path):
    record = [recorded("Edited text"), {**recorded("nobody asks for this"), "ordinal": 1}]
    with pytest.raises(CellExecutionError) as caught:
        execute(write(tmp_path / "seed.ipynb", make(SEED, AWAIT, record=record)))
    assert caught.value.ename == "LeftoverAnswers"
    assert "node 'human_review', question 2" in caught.value.evalue


ASKED_BEFORE = "try:\n    card.result\nexcept nbhitl.errors.BadRecord:\n    pass"


@pytest.mark.parametrize(
    "cells",
    [(AWAIT,), (CARD, "card.result"), (CARD, ASKED_BEFORE, "card.result")],
    ids=["awaited", "bare card", "read again"],
)
def test_recorded_answer_that_cannot_be_read_is_named_where_the_result_is_wanted(tmp_path, cells):
    record = [{**recorded("Edited text"), "answer": "{"}]
    with pytest.raises(CellExecutionError) as caught:
        execute(write(tmp_path / "seed.ipynb", make(SEED, *cells, record=record)))
    assert caught.value.ename == "BadRecord"
    assert "is no JSON text" in caught.value.evalue


def test_bare_card_is_answered_before_the_cell_ends(tmp_path):
    notebook = make(SEED, CARD, "card.result", "print(card)", record=[recorded("Edited text")])
    done = execute(write(tmp_path / "seed.ipynb", notebook))
    assert [output.output_type for output in done.cells[1].outputs] == ["display_data", "display_data"]
    assert texts(done.cells[2]) == ["{'some_text': 'Edited text'}"]
    assert texts(done.cells[3])[0].splitlines() == [
        'human_review asks: { "text_to_revise": "original text" }',
        'a person answers: "Edited text"',
        'result: { "some_text": "Edited text" }',
    ]


def test_bare_card_without_a_record_may_still_be_answered_by_the_source(tmp_path):
    done = execute(write(tmp_path / "seed.ipynb", make(SEED, CARD, 'card.answer("from code")', "card.result")))
    assert texts(done.cells[3]) == ["{'some_text': 'from code'}"]


def test_two_alike_reviews_are_answered_in_the_order_of_the_cells(tmp_path):
    record = [recorded("second", cell="cell-2"), recorded("first", cell="cell-1")]
    done = execute(write(tmp_path / "seed.ipynb", make(SEED, AWAIT, AWAIT, record=record)))
    assert result_of(done.cells[1]) == "{'some_text': 'first'}"
    assert result_of(done.cells[2]) == "{'some_text': 'second'}"


def test_card_never_shown_is_pointed_out(tmp_path):
    done = execute(write(tmp_path / "seed.ipynb", make(SEED, "card = nbhitl.review(graph, graphs.SEED_INPUT)")))
    assert "not shown yet" in texts(done.cells[1])[0]


def test_awaited_review_in_text_lacks_no_card(tmp_path):
    awaited = 'await nbhitl.review(graph, graphs.SEED_INPUT, ui="text")'
    done = execute(write(tmp_path / "seed.ipynb", make(SEED, awaited, record=[recorded("Edited text")])))
    assert texts(done.cells[1]) == ["{'some_text': 'Edited text'}"]


AWAY = ["import os\nos.chdir('elsewhere')", "%cd -q elsewhere"]


@pytest.mark.parametrize("away", AWAY)
@pytest.mark.parametrize("runner", [NBVAL_LAX, NBMAKE], ids=["nbval", "nbmake"])
def test_notebook_that_changes_the_folder_finds_its_record(tmp_path, away, runner):
    notebook = make(f"{away}\n{SEED}", AWAIT, record=[recorded("Edited text")])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    path = write(tmp_path / "seed.ipynb", notebook)
    (tmp_path / "elsewhere").mkdir()
    command = [*runner, path.name]
    done = subprocess.run(command, cwd=tmp_path, env=kernel_env(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("away", AWAY)
@pytest.mark.parametrize("variable", ["NBHITL_NOTEBOOK", "NBHITL_ANSWERS"])
def test_relative_names_are_found_beside_the_notebook_after_a_change_of_the_folder(tmp_path, away, variable):
    write(tmp_path / "named.ipynb", make("1", AWAIT, record=[recorded("Edited text")]))
    (tmp_path / "elsewhere").mkdir()
    path = write(tmp_path / "seed.ipynb", make(f"{away}\n{SEED}\nos.environ['{variable}'] = 'named.ipynb'", AWAIT))
    path.write_text(path.read_text().replace("import nbhitl", "import os, nbhitl"))
    assert result_of(execute(path).cells[1]) == "{'some_text': 'Edited text'}"


def test_notebook_in_a_folder_to_which_the_kernel_has_gone_is_found(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    write(tmp_path / "elsewhere" / "named.ipynb", make("1", AWAIT, record=[recorded("Edited text")]))
    done = execute(write(tmp_path / "seed.ipynb", make(f"{AWAY[0]}\n{SEED}", AWAIT)))
    assert result_of(done.cells[1]) == "{'some_text': 'Edited text'}"


def test_copy_beside_the_notebook_changes_nothing(tmp_path):
    notebook = make(SEED, AWAIT, record=[recorded("Edited text")])
    write(tmp_path / "seed.nbconvert.ipynb", notebook)
    done = execute(write(tmp_path / "seed.ipynb", notebook))
    assert result_of(done.cells[1]) == "{'some_text': 'Edited text'}"


def test_broken_notebook_beside_the_executed_notebook_does_not_matter(tmp_path):
    for number, text in enumerate(
        ["garbage", "[]", '{"metadata": null}', '{"metadata": {"nbhitl": {}}, "cells": [1]}']
    ):
        (tmp_path / f"{number}.ipynb").write_text(text)
    done = execute(write(tmp_path / "seed.ipynb", make(SEED, AWAIT, record=[recorded("Edited text")])))
    assert result_of(done.cells[1]) == "{'some_text': 'Edited text'}"


def test_same_cell_with_different_answers_in_two_notebooks_asks_which_is_meant(tmp_path):
    for name in ("a.ipynb", "b.ipynb"):
        write(tmp_path / name, make(SEED, AWAIT, record=[recorded(name)]))
    with pytest.raises(CellExecutionError) as caught:
        execute(tmp_path / "a.ipynb")
    assert caught.value.ename == "BadRecord"
    assert "a.ipynb, b.ipynb" in caught.value.evalue
    assert "NBHITL_NOTEBOOK" in caught.value.evalue


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"format": 99, "answers": []}, "format 99"),
        ({"format": 1, "answers": [{"node": "human_review"}]}, "answers.0.cell: Field required"),
        ({"format": 1, "answers": [{**recorded("x"), "answer": None}]}, "answers.0.answer"),
        ("nonsense", "dictionary"),
        ({"format": 1}, "answers: Field required"),
    ],
)
def test_broken_record_is_located(tmp_path, record, said):
    notebook = make(SEED, AWAIT)
    notebook.metadata["nbhitl.cell-1"] = record
    with pytest.raises(CellExecutionError) as caught:
        execute(write(tmp_path / "seed.ipynb", notebook))
    assert caught.value.ename == "BadRecord"
    assert said in caught.value.evalue


def test_plain_nbval_passes_with_the_record_and_fails_without(tmp_path):
    path = write(tmp_path / "seed.ipynb", make(SEED, AWAIT, record=[recorded("Edited text")]))
    write(path, execute(path))
    passed = nbval(path)
    assert passed.returncode == 0, passed.stdout

    notebook = json.loads(path.read_text())
    without_record(notebook)
    path.write_text(json.dumps(notebook))
    failed = nbval(path)
    assert failed.returncode == 1
    assert "NobodyThere" in failed.stdout


def nbval(path):
    command = [sys.executable, "-m", "pytest", "--nbval", "-p", "no:cacheprovider", "-c", "/dev/null", path.name]
    return subprocess.run(command, cwd=path.parent, env=kernel_env(), capture_output=True, text=True, check=False)


def test_error_of_nbhitl_is_a_single_line_in_the_notebook(tmp_path):
    path = write(
        tmp_path / "seed.ipynb", make(SEED, "card = nbhitl.review(graph, graphs.SEED_INPUT)\ncard", "card.result")
    )
    done = execute(path, allow_errors=True)
    (error,) = done.cells[2].outputs
    assert error.ename == "NobodyThere"
    assert error.traceback == [f"NobodyThere: {error.evalue}"]


CAUGHT = "try:\n    {}\nexcept {}:\n    print('skipped')"
GATHERED = "import asyncio\nawait asyncio.gather(nbhitl.ask('Go on?'), return_exceptions=True)\nprint('skipped')"
SUPPRESSED = (
    f"from contextlib import suppress\nwith suppress(nbhitl.errors.NbhitlError):\n    {AWAIT}\nprint('skipped')"
)


@pytest.mark.parametrize(
    "source",
    [CAUGHT.format(AWAIT, "Exception"), GATHERED, f"{CARD}\n{CAUGHT.format('card.result', 'Exception')}"],
    ids=["awaited", "gathered", "read"],
)
def test_cell_that_swallows_the_error_about_the_missing_answer_fails_with_the_error(tmp_path, source):
    done = execute(write(tmp_path / "seed.ipynb", make(SEED, source)), allow_errors=True)
    assert "skipped" in str(done.cells[1].outputs)
    assert [each.ename for each in done.cells[1].outputs if each.output_type == "error"] == ["NobodyThere"]


@pytest.mark.parametrize(
    "source",
    [
        CAUGHT.format(AWAIT, "(OSError, nbhitl.errors.NobodyThere)"),
        SUPPRESSED,
        f"{CARD}\n{CAUGHT.format('await card', 'Exception')}\ncard.answer('x')\ncard.result",
    ],
    ids=["by except", "by with", "answered then"],
)
def test_cell_that_catches_the_error_by_name_or_answers_then_goes_on(tmp_path, source):
    done = execute(write(tmp_path / "seed.ipynb", make(SEED, source)))
    assert "skipped" in str(done.cells[1].outputs)
