"""The committed notebooks pass unchanged: under plain nbval from the records, and answered by a client."""

import subprocess
import sys

import nbformat
import pytest

from nbhitl.testing import PersonClient
from nbhitl.testing.runner.loading import load
from tests.kernel.notebooks import NBHITL, NBVAL, kernel_env, texts
from tests.models.notebooks import without_keys, without_network
from tests.tools import ROOT

pytestmark = pytest.mark.usefixtures("forked_kernels")

NOTEBOOKS = ROOT / "notebooks"
SEEDS = ["seed.ipynb", pytest.param("seed_on_a_server.ipynb", marks=pytest.mark.needs("langgraph_server"))]
SERVED = ["seed_on_a_server.ipynb"]
TUTORIALS = ["label_forty_rows.ipynb", "a_mornings_inbox.ipynb", "an_agent_under_rules.ipynb"]
OF_NO_SERVER = ["seed.ipynb", "forms.ipynb", "forms_of_your_own.ipynb", "ask_a_person.ipynb", *TUTORIALS]
AGENT = pytest.param("a_real_agent_as_a_test.ipynb", marks=pytest.mark.needs("langchain_openai", "unshare"))
NAMES = [*SEEDS, "forms.ipynb", "forms_of_your_own.ipynb", "ask_a_person.ipynb"]


@pytest.mark.parametrize("name", NAMES)
def test_notebook_passes_under_plain_nbval(name):
    command = [*NBVAL, name]
    done = subprocess.run(command, cwd=NOTEBOOKS, env=kernel_env(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_tutorials_pass_under_plain_nbval():
    command = [*NBVAL, *TUTORIALS]
    done = subprocess.run(command, cwd=NOTEBOOKS, env=kernel_env(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", [AGENT, "ask_a_person.ipynb"])
def test_notebook_passes_in_an_empty_network(name):
    alone = without_network([*NBVAL, name])
    done = subprocess.run(alone, cwd=NOTEBOOKS, env=without_keys(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.needs("langchain_openai")
def test_agent_passes_under_the_runner_of_nbhitl_and_the_record_stays_untouched():
    before = NOTEBOOKS.joinpath("a_real_agent_as_a_test.models.jsonl").read_bytes()
    command = [*NBHITL, "a_real_agent_as_a_test.ipynb"]
    done = subprocess.run(command, cwd=NOTEBOOKS, env=without_keys(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert NOTEBOOKS.joinpath("a_real_agent_as_a_test.models.jsonl").read_bytes() == before


@pytest.mark.parametrize("names", [OF_NO_SERVER, pytest.param(SERVED, marks=pytest.mark.needs("langgraph_server"))])
def test_notebooks_pass_under_our_own_runner(names):
    command = [sys.executable, "-m", "pytest", "--nbhitl", "-p", "no:cacheprovider", "-c", "/dev/null", *names]
    done = subprocess.run(command, cwd=NOTEBOOKS, env=kernel_env(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    paths = sum(len(load(NOTEBOOKS / name).paths) for name in names)
    assert f"{len(names) + paths} passed" in done.stdout


@pytest.mark.parametrize("name", SEEDS)
def test_notebook_passes_when_a_client_answers_by_comm_messages(name):
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    asked = []

    def answer(question):
        asked.append(question["payload"])
        return "Edited by a client"

    client = PersonClient(notebook, answer, timeout=90, resources={"metadata": {"path": str(NOTEBOOKS)}})
    client.execute()
    shown = [text for cell in notebook.cells if cell.cell_type == "code" for text in texts(cell)]
    assert "{'some_text': 'Edited by a client'}" in shown
    assert len(asked) == 1
    assert client.refused == []


def test_every_committed_notebook_is_tested():
    names = {getattr(name, "values", [name])[0] for name in [*NAMES, *TUTORIALS, AGENT]}
    assert names == {path.name for path in NOTEBOOKS.glob("*.ipynb")}
