"""The environment that Aegra runs in: it needs Python 3.12, and packages that nbhitl has no use for."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".ci" / "aegra"
CONSTRAINTS = ROOT / "constraints.txt"
MADE_FROM = FOLDER / "made-from.txt"
"""What the environment was made from: another pin, and it is made anew."""

VERSIONS = ("3.12", "3.13", "3.14")
HOW_TO_GET = "poe aegra (needs a Python 3.12 or newer)"


def is_made() -> bool:
    """Whether the environment is there, and made from the pins of today."""
    return MADE_FROM.is_file() and MADE_FROM.read_text() == _recipe()


def is_possible() -> bool:
    """Whether this machine has a Python that Aegra runs on."""
    return is_made() or find_python() is not None


def program() -> Path:
    """Return the environment's interpreter."""
    return FOLDER / "bin" / "python"


def make() -> None:
    """Make the environment, unless it is there.

    Raises
    ------
    FileNotFoundError
        If no Python 3.12 or newer is found.
    """
    if is_made():
        return
    python = find_python()
    if python is None:
        raise FileNotFoundError(
            f"Aegra needs Python {' or '.join(VERSIONS)}, and none was found: this is another, "
            "PATH has none as python3.x, and neither have pyenv and uv. Install one."
        )
    shutil.rmtree(FOLDER, ignore_errors=True)
    subprocess.run([python, "-m", "venv", "--without-pip", str(FOLDER)], check=True)
    # the pip of this environment: faster than to give that one a pip of its own
    pip = [sys.executable, "-m", "pip", "--python", str(program()), "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "-qq", "aegra-api", "-c", str(CONSTRAINTS)], check=True)
    MADE_FROM.write_text(_recipe())


@cache
def find_python() -> str | None:
    """Return a Python that Aegra runs on, the oldest of them first: it has wheels for everything."""
    found = {version: python for python in _pythons() if (version := _version(python)) in VERSIONS}
    return next((found[version] for version in VERSIONS if version in found), None)


def _pythons() -> Iterator[str]:
    home = Path.home()
    pyenv = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    uv = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "uv" / "python"
    for folder in (pyenv, uv):
        yield from sorted(map(str, folder.glob("*3.*/bin/python3")))
    yield from filter(None, (shutil.which(f"python{version}") for version in VERSIONS))
    yield sys.executable


def _version(python: str) -> str | None:
    """Return "3.12"; nothing for what only looks like a Python, as pyenv's shims may."""
    command = [python, "-c", "import ensurepip, sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _recipe() -> str:
    return CONSTRAINTS.read_text()
