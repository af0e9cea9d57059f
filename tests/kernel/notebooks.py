"""Notebooks made and executed in the tests: a real kernel, no browser."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from nbhitl.answers import Answer
from nbhitl.core.questions import Asked
from nbhitl.forms import Forms
from nbhitl.protocol import RECORD_KEY
from nbhitl.recording.outputs import Where
from nbhitl.runs.run import Interrupt
from tests.outputs import record_to_write

SEED = """
import nbhitl
from tests import graphs

graph = graphs.seed()
"""

SPY = """
from nbhitl.core.session import Session

origins, door = [], Session.accept
Session.accept = lambda self, asked, answer: origins.append(answer.origin) or door(self, asked, answer)
"""

AWAIT = "await nbhitl.review(graph, graphs.SEED_INPUT)"

ROOT = Path(__file__).parents[2]

PYTEST = [
    *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null"),
    *("--disable-plugin-autoload", "-p", "nbhitl_pytest"),
]
"""pytest with only the plugin that every user of nbhitl has: further plugins installed here take 2 s to import."""

NBVAL = [*PYTEST, "-p", "nbval.plugin", "--nbval"]
NBVAL_LAX = [*PYTEST, "-p", "nbval.plugin", "--nbval-lax"]
NBMAKE = [*PYTEST, "-p", "nbmake.pytest_plugin", "--nbmake"]
NBHITL = [*PYTEST, "--nbhitl"]


def make(*cells: str, record: Sequence[dict[str, Any]] = ()) -> Any:
    """Make a notebook; ``record`` is the record that a page writes."""
    notebook: Any = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(cells)]
    for entry in record:
        of_cell = notebook.metadata.setdefault(RECORD_KEY + entry["cell"], {"format": 1, "answers": []})
        of_cell["answers"].append(entry)
    return notebook


def entries_of(notebook: Any) -> list[dict[str, Any]]:
    """Return the recorded answers of a notebook, in the order of the metadata."""
    records = [record for key, record in notebook["metadata"].items() if key.startswith(RECORD_KEY)]
    return [entry for record in records for entry in record["answers"]]


def without_record(notebook: Any) -> Any:
    """Take the recorded answers out of a notebook."""
    for key in [key for key in notebook["metadata"] if key.startswith(RECORD_KEY)]:
        del notebook["metadata"][key]
    return notebook


def recorded(value: Any, *, cell: str = "cell-1", node: str = "human_review", payload: Any = None) -> dict[str, Any]:
    """Return the entry that a person's answer to the seed leaves."""
    interrupt = Interrupt("id", node, payload or {"text_to_revise": "original text"})
    asked = Asked(interrupt, 0, 0, answer=Answer("id", value, "person"))
    return {**record_to_write(asked, Forms(), Where("an execution"))["entry"], "cell": cell}


def write(path: Path, notebook: Any) -> Path:
    path.write_text(json.dumps(notebook))
    return path


def execute(path: Path, **options: Any) -> Any:
    """Execute a notebook file with nobody there, as any nbclient user does."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(path.parent)}}, **options)
    client.execute(env=kernel_env())
    return notebook


def kernel_env() -> dict[str, str]:
    """Return the environment variables, without the variables of this test run."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "NBHITL_"))}
    return env | {"PYTHONPATH": str(ROOT)}


def result_of(cell: Any) -> str:
    """Return the text of a cell's own result, which stands above the told answers."""
    (result,) = [output for output in cell.outputs if output.output_type == "execute_result"]
    return str(result.data["text/plain"])


def texts(cell: Any) -> list[str]:
    """Return the printed and displayed texts of a cell."""
    return [output["text"] if "text" in output else output["data"]["text/plain"] for output in cell.outputs]
