"""Python environments in `.ci/`, for packages that must not be installed beside the tests, or need another Python."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
CONSTRAINTS = ROOT / "constraints.txt"
LEFT_OUT = ROOT / ".ci" / "left-out.txt"


@dataclass(frozen=True)
class Environment:
    """An environment for one dependency group of `pyproject.toml`, with its pinned versions.

    Attributes
    ----------
    group
        The dependency group; also the name of the folder in `.ci/`, and of the task that makes the environment.
    versions
        The suitable versions of Python, the best first; empty for the Python of the tests.
    with_nbhitl
        Whether nbhitl is installed as well, from this tree.
    ci
        The folder that holds the environment's folder.
    """

    group: str
    versions: tuple[str, ...] = ()
    with_nbhitl: bool = False
    ci: Path = ROOT / ".ci"

    @property
    def folder(self) -> Path:
        """The environment's folder."""
        return self.ci / self.group

    @property
    def program(self) -> Path:
        """The environment's interpreter."""
        return self.folder / "bin" / "python"

    @property
    def how_to_get(self) -> str:
        """The command that makes the environment."""
        return f"poe {self.group}" + (f" (needs a Python {self.versions[0]} or newer)" if self.versions else "")

    def is_made(self) -> bool:
        """Whether the environment exists, and was made from the present pins."""
        return self._made_from.is_file() and self._made_from.read_text() == self._recipe()

    def is_possible(self) -> bool:
        """Whether this machine has the environment, or a suitable Python to make the environment with."""
        return self.is_made() or self.python() is not None

    def make(self) -> None:
        """Make the environment, unless it exists.

        Raises
        ------
        FileNotFoundError
            If this machine has no suitable Python.
        """
        if self.is_made():
            return
        python = self.python()
        if python is None:
            raise FileNotFoundError(
                f"{self.group} needs Python {' or '.join(self.versions)}, which was not found: the Python of the "
                "tests has another version, and there is no suitable python3.x on PATH, in pyenv or in uv. Install one."
            )
        shutil.rmtree(self.folder, ignore_errors=True)
        uv = [sys.executable, "-m", "uv", "--quiet"]
        subprocess.run([*uv, "venv", "--python", python, str(self.folder)], check=True)
        nbhitl = ["--editable", str(ROOT)] if self.with_nbhitl else []
        wanted = [*nbhitl, *_packages(self.group), "--constraint", str(CONSTRAINTS), "--excludes", str(LEFT_OUT)]
        into = ["--python", str(self.program), "--compile-bytecode"]  # the tests start the servers in it many times
        subprocess.run([*uv, "pip", "install", *into, *wanted], check=True)
        self._made_from.write_text(self._recipe())

    def python(self) -> str | None:
        """Return the path of the best suitable Python; `None` if there is none."""
        if not self.versions:
            return sys.executable
        found = _found()
        return next((found[version] for version in self.versions if version in found), None)

    @property
    def _made_from(self) -> Path:
        return self.folder / "made-from.txt"

    def _recipe(self) -> str:
        return "\n".join([*_packages(self.group), CONSTRAINTS.read_text()])


AEGRA = Environment("aegra", versions=("3.12", "3.13", "3.14"))
"""The Aegra server; the oldest Python comes first, because every package has wheels for that version."""

HOSTS = Environment("hosts", with_nbhitl=True)
"""Front ends and tools that change every JupyterLab in the same environment."""


@cache
def _found() -> dict[str, str]:
    """Return this machine's Pythons: the path of the program by version, as "3.12"."""
    return {version: python for python in _pythons() if (version := version_of(python))}


def _pythons() -> Iterator[str]:
    home = Path.home()
    pyenv = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    uv = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "uv" / "python"
    for folder in (pyenv, uv):
        yield from sorted(map(str, folder.glob("*3.*/bin/python3")))
    yield from filter(None, (shutil.which(f"python{version}") for version in AEGRA.versions))
    yield sys.executable


def version_of(python: str) -> str | None:
    """Return the version of a Python, as "3.12"; `None` for a file that only looks like a Python (a shim of pyenv)."""
    command = [python, "-c", "import ensurepip, sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _packages(group: str) -> list[str]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        packages: list[str] = tomllib.load(file)["dependency-groups"][group]
    return packages


@dataclass(frozen=True)
class Alone:
    """Packages in `.ci/` without their dependencies: a test puts a folder of them before the installed packages.

    Attributes
    ----------
    group
        The name of the folder in `.ci/`, and of the task that fetches the packages.
    packages
        The requirements by the name of the folder for them.
    """

    group: str
    packages: Mapping[str, tuple[str, ...]]

    @property
    def how_to_get(self) -> str:
        """The command that fetches the packages."""
        return f"poe {self.group}"

    def folder(self, name: str) -> Path:
        """Return the folder that a test puts on Python's path."""
        return ROOT / ".ci" / self.group / name

    def is_made(self) -> bool:
        """Whether all packages are there, in these versions."""
        return all(map(self._is_there, self.packages))

    def make(self) -> None:
        """Fetch the packages of the folders that are not complete."""
        for name in [name for name in self.packages if not self._is_there(name)]:
            target = ["--target", str(self.folder(name)), "--no-deps", *self.packages[name]]
            subprocess.run([sys.executable, "-m", "uv", "--quiet", "pip", "install", *target], check=True)

    def _is_there(self, name: str) -> bool:
        wanted = {package.partition("==")[::2] for package in self.packages[name]}
        there = distributions(path=[str(self.folder(name))])
        return wanted <= {(canonicalize_name(found.metadata["Name"]), found.version) for found in there}


COLAB = ("ipykernel==6.17.1", "ipython==7.34.0")
"""The versions that Google Colab keeps in every session."""

IPYKERNELS = Alone(
    "ipykernels",
    {
        "6.17.1-colab": (
            *COLAB,
            *("backcall==0.2.0", "decorator==5.3.1", "matplotlib-inline==0.2.2"),
            *("nest-asyncio==1.6.0", "pickleshare==0.7.5"),
        ),
        **{version: (f"ipykernel=={version}",) for version in ("6.29.5", "6.31.0", "7.0.1", "7.3.0")},
    },
)
"""The last ipykernel of each way in which a kernel waits for messages, and Google Colab's."""

AGENTS = Alone("agents", {"deepagents-code": ("deepagents-code==0.1.57", "filelock==4.3.1")})
"""Agents, for their middleware only: with all dependencies they take 400 MB."""

BESIDE = {each.group: each for each in (AEGRA, HOSTS, IPYKERNELS, AGENTS)}


def main(groups: list[str]) -> None:
    """Make environments, and say loudly why an environment cannot be made."""
    for group in groups:
        try:
            BESIDE[group].make()
        except FileNotFoundError as error:
            sys.stderr.write(f"\n*** {error}\n*** Its tests will be left out.\n\n")


if __name__ == "__main__":
    main(sys.argv[1:])
