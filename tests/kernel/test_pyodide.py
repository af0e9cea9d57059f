"""Python inside of the page, as in JupyterLite: real Pyodide, in Node. A review cannot run there, and says so."""

import subprocess
import sysconfig

import pytest

from tests.tools import ROOT

pytestmark = pytest.mark.needs("node", "js_packages")

# The packages of this environment are for another Python, but all imports here are pure Python.
SCRIPT = """
import { loadPyodide } from "pyodide";
const [root, packages] = process.argv.slice(1);
const pyodide = await loadPyodide();
pyodide.mountNodeFS("/root", root);
pyodide.mountNodeFS("/packages", packages);
await pyodide.runPythonAsync(`
import sys
sys.path[:0] = ["/packages", "/root"]
import nbhitl

def flow(value):
    yield value

for review in (nbhitl.review, lambda *given: nbhitl.review(*given, answers=["given"])):
    try:
        await review(nbhitl.scripted(flow), {"some_text": "original text"})
    except nbhitl.errors.NbhitlError as error:
        print(type(error).__name__, error)
`);
"""


def test_review_is_refused_at_once_and_says_where_to_open_the_notebook():
    command = ["node", "--input-type=module", "-e", SCRIPT, str(ROOT), sysconfig.get_path("purelib")]
    done = subprocess.run(command, cwd=ROOT / "js", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    said = done.stdout.splitlines()
    assert len(said) == 2
    for line in said:
        assert line.startswith("CannotWaitHere JupyterLite runs Python inside of the page, without threads")
        assert "Open the notebook in JupyterLab or Notebook 7" in line
