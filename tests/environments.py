"""Python environments beside that of the tests, in `.ci/`: for what must not stand in it, or needs another Python."""

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


@dataclass(frozen=True)
class Environment:
    """An environment for one dependency group of `pyproject.toml`, with its pinned versions.

    Attributes
    ----------
    group
        The dependency group; also the name of the folder in `.ci/`, and of the task that makes it.
    versions
        The Pythons that will do, the best first; none stands for the Python of the tests.
    with_nbhitl
        Whether nbhitl is installed into it as well, from this tree.
    """

    group: str
    versions: tuple[str, ...] = ()
    with_nbhitl: bool = False
    ci: Path = ROOT / ".ci"

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self.ci / self.group

    @property
    def program(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def how_to_get(self) -> str:
        """What to type for it."""
        return f"poe {self.group}" + (f" (needs a Python {self.versions[0]} or newer)" if self.versions else "")

    def is_made(self) -> bool:
        """Whether it is there, and made from the pins of today."""
        return self._made_from.is_file() and self._made_from.read_text() == self._recipe()

    def is_possible(self) -> bool:
        """Whether this machine has a Python for it."""
        return self.is_made() or self.python() is not None

    def make(self) -> None:
        """Make it, unless it is there.

        Raises
        ------
        FileNotFoundError
            If there is no Python for it.
        """
        if self.is_made():
            return
        python = self.python()
        if python is None:
            raise FileNotFoundError(
                f"{self.group} needs Python {' or '.join(self.versions)}, and none was found: this is another, "
                "PATH has none as python3.x, and neither have pyenv and uv. Install one."
            )
        shutil.rmtree(self.folder, ignore_errors=True)
        uv = [sys.executable, "-m", "uv", "--quiet"]
        subprocess.run([*uv, "venv", "--python", python, str(self.folder)], check=True)
        nbhitl = ["--editable", str(ROOT)] if self.with_nbhitl else []
        wanted = [*nbhitl, *_packages(self.group), "--constraint", str(CONSTRAINTS)]
        into = ["--python", str(self.program), "--compile-bytecode"]  # their servers are started again and again
        subprocess.run([*uv, "pip", "install", *into, *wanted], check=True)
        self._made_from.write_text(self._recipe())

    def python(self) -> str | None:
        """Return a Python that will do; `None` where there is none."""
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
"""The Aegra server, the oldest Python first: it has wheels for everything."""

HOSTS = Environment("hosts", with_nbhitl=True)
"""Front ends and tools that change every JupyterLab they are installed beside."""


@cache
def _found() -> dict[str, str]:
    """Return this machine's Pythons: "3.12" -> its program."""
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
    """Return "3.12"; nothing for what only looks like a Python, as pyenv's shims may."""
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
    """Packages without what they need, in `.ci/`, to be put before the installed ones on somebody's path.

    Attributes
    ----------
    group
        The folder in `.ci/`, and the task that makes it.
    packages
        The folders in it, and what is in each.
    """

    group: str
    packages: Mapping[str, tuple[str, ...]]

    @property
    def how_to_get(self) -> str:
        """What to type for it."""
        return f"poe {self.group}"

    def folder(self, name: str) -> Path:
        """Return what is put on a path."""
        return ROOT / ".ci" / self.group / name

    def is_made(self) -> bool:
        """Whether all of them are there."""
        return all(map(self._is_there, self.packages))

    def make(self) -> None:
        """Fetch what is not there."""
        for name in [name for name in self.packages if not self._is_there(name)]:
            target = ["--target", str(self.folder(name)), "--no-deps", *self.packages[name]]
            subprocess.run([sys.executable, "-m", "uv", "--quiet", "pip", "install", *target], check=True)

    def _is_there(self, name: str) -> bool:
        wanted = {package.partition("==")[::2] for package in self.packages[name]}
        there = distributions(path=[str(self.folder(name))])
        return wanted <= {(canonicalize_name(found.metadata["Name"]), found.version) for found in there}


COLAB = ("ipykernel==6.17.1", "ipython==7.34.0")
"""The versions that Google Colab keeps, whatever is installed there."""

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
"""The last ipykernels of those that wait in other ways than the newest does, and that of Google Colab."""

AGENTS = Alone("agents", {"deepagents-code": ("deepagents-code==0.1.57", "filelock==4.3.1")})
"""Agents of which only the middleware is wanted; whole they bring 400 MB along."""

BESIDE = {each.group: each for each in (AEGRA, HOSTS, IPYKERNELS, AGENTS)}


def main(groups: list[str]) -> None:
    """Make environments, or say loudly why not."""
    for group in groups:
        try:
            BESIDE[group].make()
        except FileNotFoundError as error:
            sys.stderr.write(f"\n*** {error}\n*** Its tests will be left out.\n\n")


if __name__ == "__main__":
    main(sys.argv[1:])
