"""The suite in an environment with the `test` extra alone, which the README has people install."""

import os
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.tools import ROOT

COLLECT = """
import sys, pytest
hidden, options = sys.argv[1].split(), sys.argv[2:]

class Hidden:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in hidden:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hidden)
sys.exit(pytest.main(["--collect-only", "-q", *options]))
"""


def test_whole_suite_is_collected_where_the_tools_of_development_are_not_installed():
    pytest.importorskip("xdist", reason="nothing has to be hidden: this very run shows it")
    names = only_in_dev()
    owned = metadata.packages_distributions().items()
    modules = [module for module, owners in owned if names.issuperset(map(canonicalize_name, owners))]
    points = metadata.entry_points(group="pytest11")
    plugins = [each.name for each in points if each.dist and canonicalize_name(each.dist.name) in names]
    assert {"xdist", "nbmake"} <= {*modules} & {*plugins}  # or nothing would be hidden
    options = [option for name in plugins for option in ("-p", f"no:{name}")]
    # The fresh environment has fewer tools than this machine, so the caller's requirement is not passed on.
    environment = {name: value for name, value in os.environ.items() if name != "NBHITL_REQUIRE"}
    done = subprocess.run(
        [sys.executable, "-c", COLLECT, " ".join(modules), *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr


def only_in_dev():
    """Return the distributions that `dev` alone installs, with their requirements."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    dev, test = ({Requirement(each).name for each in extras[name]} for name in ("dev", "test"))
    return installed_with(dev - {"nbhitl"}) - installed_with({*test, *needed_by("nbhitl")} - {"nbhitl"})


def installed_with(names):
    """Return the canonical names of distributions and of all their requirements."""
    found, rest = set(), {canonicalize_name(name) for name in names}
    while rest:
        found |= rest
        rest = {need for name in rest for need in needed_by(name)} - found
    return found


def needed_by(name):
    """Return the canonical names that an installed distribution needs here, without extras."""
    try:
        requirements = map(Requirement, metadata.requires(name) or ())
    except metadata.PackageNotFoundError:
        return set()
    here = (each for each in requirements if each.marker is None or each.marker.evaluate({"extra": ""}))
    return {canonicalize_name(each.name) for each in here}
