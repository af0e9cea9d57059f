"""The runners that execute notebooks without a person, and whether a replayed notebook equals the recorded notebook."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import nbformat

from nbhitl.testing.compare import Rules, differences
from tests.kernel.notebooks import NBHITL, NBMAKE, NBVAL, NBVAL_LAX, kernel_env

LIMIT = 150
"""Seconds that a runner may take for the start, and for each notebook."""

JUPYTER = [str(Path(sys.executable).with_name("jupyter"))]

TESTBOOK = """
from testbook import testbook

def execute(name):
    with testbook(name, execute=True, timeout=100):
        pass
"""

PAPERMILL = """
import papermill

def execute(name):
    papermill.execute_notebook(name, f"done/{name}", progress_bar=False)
"""

EACH = """
import sys, traceback

for name in sys.argv[1:]:
    try:
        execute(name)
    except Exception:
        print(f"FAILED {name}", traceback.format_exc(), flush=True)
        failed = True
sys.exit("failed" in globals())
"""
"""Executes all notebooks in a single process, as scripts around a library do, and names the notebooks that fail."""

Command = Callable[[Sequence[str]], list[str]]
"""Makes the command for some notebooks; executed notebooks, if saved, are in the folder ``done``."""

RUNNERS: Mapping[str, Command] = {
    "nbval": lambda names: [*NBVAL, *names],
    "nbval-lax": lambda names: [*NBVAL_LAX, *names],
    "nbmake": lambda names: [*NBMAKE, *names],
    "nbhitl": lambda names: [*NBHITL, *names],
    "papermill": lambda names: [sys.executable, "-c", PAPERMILL + EACH, *names],
    "testbook": lambda names: [sys.executable, "-c", TESTBOOK + EACH, *names],
    "nbconvert": lambda names: [*JUPYTER, "nbconvert", "--execute", "--to", "notebook", "--output-dir", "done", *names],
    "jupyter execute": lambda names: [*JUPYTER, "execute", "--output=done/{notebook_name}", *names],
}


def replay(recorded: Path, runner: str) -> str:
    """Execute a recorded notebook; return the failure or the differences from the recorded outputs, else ``""``."""
    return replay_together([recorded], runner).get(recorded.stem, "")


def replay_together(recorded: Sequence[Path], runner: str) -> dict[str, str]:
    """Execute recorded notebooks in a single run of the runner; return the failure of each failed notebook, by name.

    Where a runner compares no outputs itself but saves the executed notebooks, the outputs are compared here.
    A run that fails and names no notebook is a failure of every notebook.
    """
    with tempfile.TemporaryDirectory(prefix="nbhitl-replayed-") as scratch:
        folder = Path(scratch)
        (folder / "done").mkdir()
        for each in recorded:
            shutil.copyfile(each, folder / each.name)
        said = _run(RUNNERS[runner]([each.name for each in recorded]), folder)
        if said is not None:
            lines = [line for line in said.splitlines() if line.startswith(("FAILED", "ERROR"))]
            named = [each for each in recorded if any(each.name in line for line in lines)]
            return {each.stem: said for each in named or recorded}
        done = {each: folder / "done" / each.name for each in recorded}
        differ = {each.stem: _compared(each, path) for each, path in done.items() if path.exists()}
        return {name: each for name, each in differ.items() if each}


def _run(command: Sequence[str], folder: Path) -> str | None:
    limit = LIMIT * (len(list(folder.glob("*.ipynb"))) + 1)
    try:
        run = subprocess.run(
            command, cwd=folder, env=kernel_env(), capture_output=True, text=True, check=False, timeout=limit
        )
    except subprocess.TimeoutExpired:
        return f"no end within {limit} s"
    return None if run.returncode == 0 else run.stdout + run.stderr


def _compared(recorded: Path, done: Path) -> str:
    before, now = (nbformat.read(path, as_version=4).cells for path in (recorded, done))
    own = [cell for cell in now if "injected-parameters" not in cell.metadata.get("tags", ())]
    differ = [
        f"cell {number}: {each}"
        for number, (one, other) in enumerate(zip(before, own, strict=True))
        for each in differences(one.get("outputs", ()), other.get("outputs", ()), Rules())
    ]
    return "\n".join(differ)
