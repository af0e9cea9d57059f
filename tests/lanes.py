"""All tests in two processes side by side: those that share one JupyterLab, and all others.

``python -m tests.lanes``. Each lane is ``python -m pytest``, as anybody types it. (pytest-xdist would start every
server once for each of its workers.)
"""

import subprocess
import sys
import tempfile
from typing import IO

from tests.tools import ROOT

PAGES = ["tests/browser", "tests/kernel/test_committed_notebooks.py"]
"""One JupyterLab, one Chromium, and the committed notebooks, which no two may execute at the same time."""

PYTEST = [sys.executable, "-m", "pytest", "--durations=20", "--durations-min=1"]
LANES = {"pages": PAGES, "the rest": ["tests", *(f"--ignore={place}" for place in PAGES)]}


def start(arguments: list[str], output: IO[str]) -> "subprocess.Popen[str]":
    """Begin a lane."""
    return subprocess.Popen([*PYTEST, *arguments], cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, text=True)


def main() -> int:
    """Run the lanes; print what each said once it has ended, and return whether one failed."""
    with tempfile.TemporaryFile("w+") as first, tempfile.TemporaryFile("w+") as second:
        running = [
            (name, start(arguments, output), output)
            for (name, arguments), output in zip(LANES.items(), (first, second), strict=True)
        ]
        failed = False
        for name, process, output in running:
            failed |= process.wait() != 0
            output.seek(0)
            print(f"\n=== {name}\n{output.read()}", flush=True)
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
