"""No committed file names a registry or a machine, and every package is pinned."""

import json
import re
import subprocess
import tomllib
from itertools import chain

import pytest
from packaging.requirements import Requirement

from tests import tools
from tests.environments import COLAB

# Written in pieces, so that this file does not contain them.
REGISTRIES = [
    ".".join(words)
    for words in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
    )
]
MACHINE_FOLDERS = ["/" + "/".join(words) for words in (("work", ""), ("root", ""), ("opt", "wheels"), ("opt", "pypi"))]
FORBIDDEN = re.compile("|".join(re.escape(text) for text in REGISTRIES + MACHINE_FOLDERS))

PINS = tools.ROOT / "constraints.txt"
LOCKS = [tools.ROOT / folder / "package-lock.json" for folder in ("js", "tests/browser/vscode/page")]


def committed_files():
    """Return the committed files, and the files that the next commit could add."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=tools.ROOT,
        capture_output=True,
        check=True,
    )
    paths = [tools.ROOT / name.decode() for name in listing.stdout.split(b"\0") if name]
    return [path for path in paths if path.is_file()]


@pytest.mark.needs("git")
def test_no_registry_and_no_folder_of_one_machine():
    found = [
        f"{path.relative_to(tools.ROOT)}:{number}: {match.group()}"
        for path in committed_files()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        for match in FORBIDDEN.finditer(line)
    ]
    assert found == []


def test_pins_are_names_and_versions_only():
    for line in PINS.read_text().splitlines():
        assert re.match(r"^[a-z0-9.-]+==[^ ;/]+( ; .*)?$", line), line
        assert "platform_machine" not in line, line


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.parent.name)
def test_lock_file_has_no_download_address(lock):
    packages = json.loads(lock.read_text())["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.parent.name)
def test_lock_file_has_every_package_that_is_named_in_the_file(lock):
    """`npm ci` refuses a lock file that lacks any of these entries, even one for another platform."""
    packages = json.loads(lock.read_text())["packages"]
    held = {path.rpartition("node_modules/")[2] for path in packages}
    named = {
        name
        for package in packages.values()
        for key in ("dependencies", "devDependencies", "optionalDependencies")
        for name in package.get(key, {})
    }
    assert sorted(named - held) == []


def test_pins_satisfy_the_project():
    project = tomllib.loads((tools.ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    pins = dict(line.split(" ;")[0].split("==") for line in PINS.read_text().splitlines())
    for requirement in map(Requirement, wanted):
        if requirement.name != project["name"]:
            version = pins.get(requirement.name)
            assert version is not None, f"{requirement.name} is not pinned: poe pins"
            assert requirement.specifier.contains(version, prereleases=True), f"{requirement}: pinned is {version}"


def test_packages_that_google_colab_keeps_satisfy_the_project():
    project = tomllib.loads((tools.ROOT / "pyproject.toml").read_text())["project"]
    wanted = {requirement.name: requirement for requirement in map(Requirement, project["dependencies"])}
    for name, version in (package.split("==") for package in COLAB):
        assert name not in wanted or wanted[name].specifier.contains(version), wanted[name]


def test_contributing_names_exactly_the_tasks():
    tasks = tomllib.loads((tools.ROOT / "pyproject.toml").read_text())["tool"]["poe"]["tasks"]
    table = (tools.ROOT / "CONTRIBUTING.md").read_text()
    assert set(re.findall(r"`poe ([a-z-]+)", table)) == set(tasks)
