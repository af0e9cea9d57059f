"""What people execute notebooks with, with nobody there; and whether a notebook comes out as it was recorded."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import nbformat

from nbhitl.testing.compare import Rules, differences
from tests.kernel.notebooks import NBHITL, NBMAKE, NBVAL, NBVAL_LAX, kernel_env

LIMIT = 300
"""Seconds that one runner may take for one notebook."""

JUPYTER = [str(Path(sys.executable).with_name("jupyter"))]
TESTBOOK = "import sys\nfrom testbook import testbook\nwith testbook(sys.argv[1], execute=True, timeout=100):\n    pass"

Command = Callable[[str, str], list[str]]
"""Makes the command for a notebook; what it executes may be saved under the second name."""

RUNNERS: Mapping[str, Command] = {
    "nbval": lambda name, _done: [*NBVAL, name],
    "nbval-lax": lambda name, _done: [*NBVAL_LAX, name],
    "nbmake": lambda name, _done: [*NBMAKE, name],
    "nbhitl": lambda name, _done: [*NBHITL, name],
    "papermill": lambda name, done: [sys.executable, "-m", "papermill", name, done],
    "testbook": lambda name, _done: [sys.executable, "-c", TESTBOOK, name],
    "nbconvert": lambda name, done: [*JUPYTER, "nbconvert", "--execute", "--to", "notebook", "--output", done, name],
    "jupyter execute": lambda name, done: [*JUPYTER, "execute", f"--output={done}", name],
}


def replay(recorded: Path, runner: str) -> str:
    """Execute a recorded notebook; return what was wrong: empty where it comes out as it was recorded.

    That is compared for runners that save what they executed, too, though they compare nothing themselves.
    """
    with tempfile.TemporaryDirectory(prefix="nbhitl-replayed-") as scratch:
        folder = Path(scratch)
        notebook, done = folder / recorded.name, folder / "done" / recorded.name
        done.parent.mkdir()
        notebook.write_bytes(recorded.read_bytes())
        command = RUNNERS[runner](notebook.name, str(done.relative_to(folder)))
        said = _run(command, folder)
        if said is None and done.exists():
            return _compared(notebook, done)
        return said or ""


def _run(command: Sequence[str], folder: Path) -> str | None:
    try:
        run = subprocess.run(
            command, cwd=folder, env=kernel_env(), capture_output=True, text=True, check=False, timeout=LIMIT
        )
    except subprocess.TimeoutExpired:
        return f"no end within {LIMIT} s"
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
