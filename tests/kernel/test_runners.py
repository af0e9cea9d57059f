"""The tools that execute notebooks give the recorded answers, with nobody there and no change of the notebook."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nbhitl.testing import ReplayFailed, replay
from tests.environments import HOSTS
from tests.kernel.notebooks import (
    AWAIT,
    NBHITL,
    NBMAKE,
    NBVAL,
    NBVAL_LAX,
    ROOT,
    SEED,
    entries_of,
    execute,
    kernel_env,
    make,
    recorded,
    write,
)

pytestmark = pytest.mark.usefixtures("forked_kernels")

JUPYTER = [str(Path(sys.executable).with_name("jupyter"))]
TESTBOOK = """
from testbook import testbook
with testbook("seed.ipynb", execute=True) as book:
    assert book.ref("seed") == {"some_text": "Edited text"}
"""
RUNNERS = {
    "nbval": [*NBVAL, "seed.ipynb"],
    "nbval-lax": [*NBVAL_LAX, "seed.ipynb"],
    "nbmake": [*NBMAKE, "seed.ipynb"],
    "nbhitl": [*NBHITL, "--nbhitl-no-compare", "seed.ipynb"],
    "papermill": [sys.executable, "-m", "papermill", "seed.ipynb", "elsewhere/done.ipynb"],
    "testbook": [sys.executable, "-c", TESTBOOK],
    "nbconvert": [*JUPYTER, "nbconvert", "--execute", "--to", "notebook", "--output", "done.ipynb", "seed.ipynb"],
    "jupyter execute": [*JUPYTER, "execute", "--output=done.ipynb", "seed.ipynb"],
}
NEEDED = {"nbval-lax": "nbval", "nbval": "nbval", "nbmake": "nbmake", "papermill": "papermill", "testbook": "testbook"}
TOOLS = [pytest.param(name, marks=pytest.mark.needs(*filter(None, [NEEDED.get(name)]))) for name in RUNNERS]
BY_COMPARISON = ("nbval",)


@pytest.fixture
def seed(tmp_path):
    """Return a notebook that was answered once, with the outputs that stay the same in each execution."""
    notebook = make(SEED, f"seed = {AWAIT}", "print(seed['some_text'])", record=[recorded("Edited text")])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}  # papermill needs a kernelspec
    shown = {"output_type": "stream", "name": "stdout", "text": "Edited text\n"}
    notebook.cells[2] |= {"outputs": [shown], "execution_count": 3}  # nbval compares executed cells only
    (tmp_path / "elsewhere").mkdir()
    return write(tmp_path / "seed.ipynb", notebook)


def run(command, folder, **env):
    done = subprocess.run(
        command, cwd=folder, env=kernel_env() | env, capture_output=True, text=True, check=False, timeout=100
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.usefixtures("fresh_kernels")  # as users start kernels
@pytest.mark.parametrize("name", TOOLS)
def test_runner_gets_the_recorded_answer_and_leaves_the_notebook_unchanged(seed, name):
    before = seed.read_bytes()
    if name in BY_COMPARISON:  # a notebook made by hand has no cards in its outputs
        seed.write_text(seed.read_text().replace("seed = await", "# NBVAL_IGNORE_OUTPUT\\nseed = await"))
        before = seed.read_bytes()
    status, said = run(RUNNERS[name], seed.parent)
    assert status == 0, said
    assert seed.read_bytes() == before
    for done in seed.parent.rglob("done.ipynb"):
        assert json.loads(done.read_text())["cells"][-1]["outputs"][0]["text"] == ["Edited text\n"]


SHOWING = """
import datetime
import nbhitl
from langgraph.graph import START, MessagesState, StateGraph
from tests.graphs import interrupt

node = lambda state: {"messages": [interrupt({"text_to_revise": state["messages"][-1].content})]}
graph = StateGraph(MessagesState).add_node("human_review", node).add_edge(START, "human_review").compile()
"""
SHOWN = "card = nbhitl.review(graph, {'messages': 'original text'})\nresult = await card\n"


STEADY = ["print(card)", "[message.content for message in result['messages']]", "# NBVAL_IGNORE_OUTPUT\nresult"]
"""Cells that plain nbval passes."""

CHANGING = ["result", "result, datetime.datetime.now(), object()", "print(str(datetime.datetime.now()))"]
"""Cells that nbval passes with the patterns of the README alone: ids, times and addresses change."""


@pytest.mark.needs("nbval")
def test_state_with_messages_passes_nbval_as_the_readme_says(tmp_path):
    notebook = make(SHOWING, SHOWN, *STEADY, *CHANGING, record=[recorded("Edited text")])
    path = write(tmp_path / "seed.ipynb", notebook)
    write(path, execute(path))
    (patterns,) = re.findall(r"```ini\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (tmp_path / "sanitize.cfg").write_text(patterns)
    changing = [str(2 + len(STEADY) + number) for number in range(len(CHANGING))]
    _, said = run([*NBVAL, "seed.ipynb"], tmp_path)
    assert sorted(re.findall(r"^FAILED seed.ipynb::Cell (\d+)", said, re.MULTILINE)) == [
        str(number) for number in changing
    ], said
    status, said = run([*NBVAL, "--nbval-sanitize-with", "sanitize.cfg", "seed.ipynb"], tmp_path)
    assert status == 0, said


COPYING = {
    "papermill": [sys.executable, "-m", "papermill", "seed.ipynb", "done-{}.ipynb"],
    "nbconvert": [*JUPYTER, "nbconvert", "--execute", "--to", "notebook", "seed.ipynb"],
}


@pytest.mark.parametrize("name", [pytest.param("papermill", marks=pytest.mark.needs("papermill")), "nbconvert"])
def test_copy_that_a_runner_wrote_hinders_no_execution_after_the_person_has_answered_again(seed, name):
    for day, text in (("monday", "Edited text"), ("tuesday", "Edited again")):
        seed.write_text(seed.read_text().replace("Edited text", text))
        status, said = run([part.format(day) for part in COPYING[name]], seed.parent)
        assert status == 0, said
        done = seed.parent / (f"done-{day}.ipynb" if name == "papermill" else "seed.nbconvert.ipynb")
        assert json.loads(done.read_text())["cells"][-1]["outputs"][0]["text"] == [f"{text}\n"]


@pytest.mark.needs("papermill")
def test_runner_that_executes_elsewhere_is_told_the_notebook(seed):
    command = [sys.executable, "-m", "papermill", "seed.ipynb", "done.ipynb", "--cwd", "elsewhere"]
    status, said = run(command, seed.parent)
    assert status != 0
    assert "NBHITL_NOTEBOOK" in said
    status, said = run(command, seed.parent, NBHITL_NOTEBOOK=str(seed))
    assert status == 0, said


@pytest.mark.parametrize("is_relative", [True, False])
def test_replay_takes_the_path_as_a_text(seed, is_relative, monkeypatch):
    notebook = json.loads(seed.read_text())
    notebook["cells"][2] |= {"source": "seed['some_text']", "outputs": []}
    seed.write_text(json.dumps(notebook))
    monkeypatch.chdir(seed.parent)
    assert replay("seed.ipynb" if is_relative else str(seed)) == "'Edited text'"
    with pytest.raises(ReplayFailed, match=r"nowhere\.ipynb cannot be read as a notebook"):
        replay("nowhere.ipynb")


def test_file_of_answers_takes_the_place_of_the_record(seed):
    (seed.parent / "answers.yaml").write_text("human_review: From a file")
    status, said = run(RUNNERS["jupyter execute"], seed.parent, NBHITL_ANSWERS="answers.yaml")
    assert status == 0, said
    done = json.loads((seed.parent / "done.ipynb").read_text())
    assert done["cells"][-1]["outputs"][0]["text"] == ["From a file\n"]


@pytest.mark.needs("hosts")
def test_record_of_a_paired_notebook_survives_an_edit_of_the_script(seed):
    jupytext = [str(HOSTS.program.with_name("jupytext"))]
    run([*jupytext, "--set-formats", "ipynb,py:percent", "seed.ipynb"], seed.parent)
    script = seed.with_suffix(".py")
    script.write_text(script.read_text().replace("print(seed", "print('now', seed"))
    status, said = run([*jupytext, "--sync", "seed.py"], seed.parent)
    assert status == 0, said
    assert "print('now', seed" in "".join(json.loads(seed.read_text())["cells"][-1]["source"])
    status, said = run(RUNNERS["jupyter execute"], seed.parent)
    assert status == 0, said


@pytest.mark.needs("nbstripout")
def test_record_survives_the_stripping_of_outputs(seed):
    status, said = run([sys.executable, "-m", "nbstripout", "seed.ipynb"], seed.parent)
    assert status == 0, said
    stripped = json.loads(seed.read_text())
    assert stripped["cells"][-1]["outputs"] == []
    assert len(entries_of(stripped)) == 1
