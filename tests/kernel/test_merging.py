"""Two people answer in copies of a notebook, and nbdime merges the copies: nothing is left to do by hand."""

import copy
import json
import subprocess

import pytest

from tests.environments import HOSTS
from tests.kernel.notebooks import AWAIT, SEED, entries_of, execute, make, recorded, write

pytestmark = [pytest.mark.needs("hosts"), pytest.mark.usefixtures("forked_kernels")]

OUTPUT = {"output_type": "display_data", "data": {"text/plain": "human_review asked a person"}, "metadata": {}}


def answered(base, number, value):
    """Return a copy in which a further cell was answered, with the record and output that the page writes."""
    notebook = copy.deepcopy(base)
    cell = f"cell-{number}"
    notebook.metadata.update(make(record=[recorded(value, cell=cell)]).metadata)
    notebook.cells[number].outputs = [OUTPUT | {"data": {"text/plain": value}}]
    return notebook


@pytest.mark.parametrize("answered_before", [False, True])
def test_answers_in_different_cells_merge_without_a_conflict_and_replay(tmp_path, answered_before):
    base = make(SEED, f"first = {AWAIT}", f"second = {AWAIT}", f"third = {AWAIT}")
    base = answered(base, 1, "first") if answered_before else base
    ours = answered(base, 1, "first, anew")
    theirs = answered(base, 2, "second")
    paths = [write(tmp_path / f"{name}.ipynb", each) for name, each in {"a": base, "b": ours, "c": theirs}.items()]
    merged = tmp_path / "merged.ipynb"
    nbmerge = [HOSTS.program.with_name("nbmerge"), *paths, "--out", merged]
    done = subprocess.run(list(map(str, nbmerge)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    notebook = json.loads(merged.read_text())
    assert sorted(entry["answer"] for entry in entries_of(notebook)) == ['"first, anew"', '"second"']


def test_merged_notebook_gives_everybody_s_answers(tmp_path):
    cells = (SEED, f"first = {AWAIT}\nprint(first)", f"second = {AWAIT}\nprint(second)")
    record = [recorded("second", cell="cell-2"), recorded("first", cell="cell-1")]  # the merge may give any order
    done = execute(write(tmp_path / "merged.ipynb", make(*cells, record=record)))
    printed = [each.text for cell in done.cells for each in cell.outputs if each.output_type == "stream"]
    assert printed == ["{'some_text': 'first'}\n", "{'some_text': 'second'}\n"]
