"""The suite in an environment with the `test` extra alone, which is what the README has people install."""

import os
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement

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
    modules = [module for module, owners in metadata.packages_distributions().items() if names.issuperset(owners)]
    plugins = [each.name for each in metadata.entry_points(group="pytest11") if each.dist and each.dist.name in names]
    assert {"xdist", "nbmake"} <= {*modules} & {*plugins}  # or nothing would be hidden
    options = [option for name in plugins for option in ("-p", f"no:{name}")]
    # What a caller requires of this machine is not asked of one that has less.
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
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    dev, test = ({Requirement(each).name for each in extras[name]} for name in ("dev", "test"))
    return dev - test - {"nbhitl"}
