"""A notebook with recorded models runs under every runner, with no key and in a network with nobody in it."""

import sys
from pathlib import Path

import nbformat
import pytest

from tests.kernel.notebooks import NBHITL, NBMAKE, NBVAL, NBVAL_LAX
from tests.kernel.test_runners import JUPYTER, NEEDED, run
from tests.models.notebooks import record, sidecar_of, without_network, written
from tests.models.provider import provider

pytestmark = pytest.mark.needs("langchain_openai")

TESTBOOK = """
from testbook import testbook
with testbook("report.ipynb", execute=True, timeout=60) as book:
    assert book.ref("result") == {"text": "Owls, revised / Answer 1 to Judge Owls, revised"}
"""
RUNNERS = {
    "nbval": [*NBVAL, "report.ipynb"],
    "nbval-lax": [*NBVAL_LAX, "report.ipynb"],
    "nbmake": [*NBMAKE, "report.ipynb"],
    "nbhitl": [*NBHITL, "--nbhitl-models=none", "report.ipynb"],
    "papermill": [sys.executable, "-m", "papermill", "report.ipynb", "elsewhere/done.ipynb"],
    "testbook": [sys.executable, "-c", TESTBOOK],
    "nbconvert": [*JUPYTER, "nbconvert", "--execute", "--to", "notebook", "--output", "done.ipynb", "report.ipynb"],
    "jupyter execute": [*JUPYTER, "execute", "--output=done.ipynb", "report.ipynb"],
}
KEYS = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY")
TOOLS = [pytest.param(name, marks=pytest.mark.needs(*filter(None, [NEEDED.get(name)]))) for name in RUNNERS]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Return a recorded notebook; the provider is gone."""
    with provider() as server:
        path = written(tmp_path_factory.mktemp("recorded"))
        record(path, server.url)
        assert len(server.calls) == 5
    return path


@pytest.fixture
def copied(report, tmp_path):
    """Return the notebook and its sidecar, moved elsewhere."""
    for path in (report, sidecar_of(report)):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / report.name


@pytest.mark.needs("unshare")
@pytest.mark.parametrize("name", TOOLS)
def test_notebook_with_models_runs_with_no_key_and_no_network(copied, name):
    before = sidecar_of(copied).read_bytes()
    status, said = run_alone(without_network(RUNNERS[name]), copied.parent)
    assert status == 0, said
    assert sidecar_of(copied).read_bytes() == before
    for done in copied.parent.rglob("done.ipynb"):
        shown = [texts(cell) for cell in nbformat.read(done, as_version=4).cells if cell.source]
        assert [texts(cell) for cell in nbformat.read(copied, as_version=4).cells] == shown[-5:]


def test_network_of_its_own_has_nobody_in_it(tmp_path):
    code = "import socket; socket.create_connection(('127.0.0.1', 8000), 1)"
    status, said = run_alone(without_network([sys.executable, "-c", code]), tmp_path)
    assert status != 0
    assert "refused" in said


def run_alone(command: list[str], folder: Path):
    """Run a command with no key in its environment."""
    return run(["env", *(f"--unset={name}" for name in KEYS), *command], folder)


def texts(cell):
    return [output.get("text") or output["data"].get("text/plain") for output in cell.outputs]
