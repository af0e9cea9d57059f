"""A notebook with recorded models runs under every runner, without a key and in an empty network.

The notebook has a cell for each way of calling a model, and models of each maker: a sample of `tests.models.matrix`.
`python -m tests.bench.model_matrix` runs the whole matrix.
"""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.again import AGAIN
from tests.kernel.notebooks import NBHITL, NBMAKE, NBVAL, NBVAL_LAX
from tests.kernel.test_runners import JUPYTER, NEEDED
from tests.models import matrix
from tests.models.notebooks import record, sidecar_of, without_keys, without_network
from tests.models.provider import provider
from tests.tools import ROOT

pytestmark = pytest.mark.needs("langchain_openai")

TESTBOOK = """
import nbformat
from testbook import testbook
with testbook("report.ipynb", execute=True, timeout=100) as book:
    assert book.ref("result") == {"text": "Owls, revised / Answer 1 to Judge Owls, revised"}
nbformat.write(book.nb, "done.ipynb")
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
OF_EACH_KIND = ("nbval", "nbhitl", "papermill", "nbconvert")
"""A runner for each way of running cells and of naming the notebook; the other runners repeat these ways."""

TOOLS = [
    pytest.param(
        name,
        marks=[
            pytest.mark.needs(*filter(None, [NEEDED.get(name)])),
            *([] if name in OF_EACH_KIND else [AGAIN]),
        ],
    )
    for name in RUNNERS
]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Return a recorded notebook; the provider has ended."""
    with provider() as server:
        path = matrix.written(tmp_path_factory.mktemp("recorded"), matrix.sample())
        record(path, server.url)
        assert len(server.calls) > 2 * len(matrix.sample())
    return path


@pytest.fixture
def copied(report, tmp_path):
    """Return the notebook, copied with the sidecar into another folder."""
    return moved(report, tmp_path)


def moved(report, folder):
    for path in (report, sidecar_of(report)):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "elsewhere").mkdir()
    return folder / report.name


@pytest.mark.needs("unshare")
@pytest.mark.parametrize("name", TOOLS)
def test_notebook_with_models_runs_with_no_key_and_no_network(copied, name):
    before = sidecar_of(copied).read_bytes()
    status, said = run_alone(without_network(RUNNERS[name]), copied.parent)
    assert status == 0, said
    assert sidecar_of(copied).read_bytes() == before
    if is_written(name):
        assert shown(done_of(copied)) == shown(copied)


def test_sample_has_each_maker_and_each_way():
    assert {place.maker for place in matrix.sample()} == matrix.MAKERS.keys()
    assert {place.way for place in matrix.sample()} == matrix.WAYS.keys()


def test_table_of_the_readme_is_the_matrix_that_is_tested():
    assert matrix.table() in (ROOT / "README.md").read_text()


def test_empty_network_reaches_nobody(tmp_path):
    code = "import socket; socket.create_connection(('127.0.0.1', 8000), 1)"
    status, said = run_alone(without_network([sys.executable, "-c", code]), tmp_path)
    assert status != 0
    assert "refused" in said


def run_alone(command: list[str], folder: Path, timeout: float = 100):
    """Run a command without keys in the environment; return the status and the output."""
    env = without_keys()
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=timeout)
    return done.returncode, done.stdout + done.stderr


def is_written(name: str) -> bool:
    """Tell whether a runner writes the executed notebook: some only compare the outputs, or only look for errors."""
    return not name.startswith("nb") or name == "nbconvert"


def done_of(notebook: Path) -> Path:
    (done,) = notebook.parent.rglob("done.ipynb")
    return done


def shown(path: Path) -> dict[str, str]:
    """Return the texts that the cells of a notebook show, by cell id."""
    return {cell.id: text_of(cell) for cell in nbformat.read(path, as_version=4).cells if cell.id.startswith("cell-")}


def text_of(cell) -> str:
    parts = (output.get("text") or output["data"].get("text/plain") for output in cell.outputs)
    return "".join(str(part) for part in parts)
