"""Generated files are committed as a generator would write the files now."""

import os
import subprocess
import sys

import pytest

from tests import tools

pytestmark = pytest.mark.needs("node", "js_packages")


@pytest.mark.parametrize("tool", ["build.mjs", "protocol.mjs", "characters.mjs"])
def test_fresh(tool):
    run = subprocess.run(
        ["node", f"js/tools/{tool}", "--check"],
        cwd=tools.ROOT,
        env=os.environ | {"PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
