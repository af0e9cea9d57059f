"""The wheel has all files that a user needs, and works without the source tree."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from tests import tools

pytestmark = pytest.mark.needs("hatchling")

IN_THE_WHEEL = [
    "nbhitl/__init__.py",
    "nbhitl/notebooks/seed.ipynb",
    "nbhitl/py.typed",
    "nbhitl/static/batch.js",
    "nbhitl/static/card.js",
    "nbhitl/static/inbox.js",
    "nbhitl/static/markdown.js",
    "nbhitl/static/stub.js",
    "nbhitl_pytest/__init__.py",
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder], tools.ROOT)
    (path,) = folder.glob("nbhitl-*.whl")
    return path


@pytest.fixture(scope="module")
def clean_python(wheel, tmp_path_factory):
    """The Python of a new environment in which the wheel is installed, and only that."""
    folder = tmp_path_factory.mktemp("clean")
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    constraints = ["--constraint", tools.ROOT / "constraints.txt"]
    run([sys.executable, "-m", "venv", folder, *(["--without-pip"] if uv() else [])], tools.ROOT)
    install = [uv(), "pip", "install", "--python", python] if uv() else [python, "-m", "pip", "install"]
    run([*install, "--quiet", f"{wheel}[demo]", *constraints], tools.ROOT)
    return python


def uv():
    """Return uv, which is ten times as fast as pip, where uv is installed."""
    beside_python = shutil.which("uv", path=os.path.dirname(sys.executable))  # noqa: PTH120 - which takes text
    return beside_python or shutil.which("uv")


def run(command, cwd):
    """Run a command as in a new terminal, and return the printed text."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "NBHITL", "PYTHON"))}
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_wheel_holds_all_that_a_user_needs(wheel):
    with zipfile.ZipFile(wheel) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    assert [name for name in IN_THE_WHEEL if name not in sizes] == []
    assert all(sizes[name] > 0 for name in IN_THE_WHEEL if name.startswith("nbhitl/static/"))


def test_holds_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert [name for name in names if not name.startswith(("nbhitl/", "nbhitl_pytest/", "nbhitl-"))] == []
    assert [name for name in names if name.endswith((".pyc", ".ts", ".map"))] == []


def test_demo_runs_in_a_clean_environment(clean_python, tmp_path):
    run([clean_python.parent / "nbhitl", "demo", "--check"], tmp_path)
    assert list(tmp_path.iterdir()) == []
