"""Run the suite against pre-releases of the packages whose private ways nbhitl uses: ``poe prereleases``.

The environment is made in `.ci/prereleases`, with pre-releases of `PACKAGES` and the newest released versions of all
further packages, without the pins. The versions, and the private ways that are gone, are printed; then pytest runs in
that environment, with the arguments of the command.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence

from tests.environments import ROOT

PACKAGES = ("langgraph", "ipykernel", "nbclient", "jupyterlab", "anywidget")
FOLDER = ROOT / ".ci" / "prereleases"


def requirements() -> list[str]:
    """Return the requirements: a pre-release in a specifier lets uv take pre-releases of that package only."""
    return [f"{ROOT}[dev]", *(f"{name}>=0a0" for name in PACKAGES)]


def main(arguments: Sequence[str]) -> int:
    """Make the environment from scratch, and run pytest; return the exit status of pytest."""
    uv = [sys.executable, "-m", "uv", "--quiet"]
    shutil.rmtree(FOLDER, ignore_errors=True)
    subprocess.run([*uv, "venv", "--python", sys.executable, str(FOLDER)], check=True)
    python = str(FOLDER / "bin" / "python")
    subprocess.run([*uv, "pip", "install", "--python", python, "--editable", *requirements()], check=True)
    subprocess.run([sys.executable, "-m", "uv", "pip", "list", "--python", python], check=True)
    subprocess.run([python, "-m", "tests.project.private_ways"], cwd=ROOT, check=True)
    return subprocess.run([python, "-m", "pytest", *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
