"""The ways of a question and of an answer stay short enough to be followed with a debugger, and are written down."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

MOST = 32
"""Modules on each way: the modules in ARCHITECTURE.md, and a few of parallel work that a slow machine lets in."""

ARCHITECTURE = Path(__file__).parents[2] / "ARCHITECTURE.md"


@pytest.fixture(scope="module")
def told():
    command = [sys.executable, "-m", "tests.bench.two_ways", "--modules"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=100).stdout


def passed(told: str, way: str) -> set[str]:
    """Return the files that the measurement lists for a way."""
    (part,) = re.findall(rf"^{way} .*?(?=^\S|\Z)", told, re.MULTILINE | re.DOTALL)
    modules = re.findall(r"^ {4}([\w.]+) +\S", part, re.MULTILINE)
    return {f"nbhitl/{module.replace('.', '/')}.py" for module in modules}


def written_down(column: int) -> set[str]:
    """Return the files with a task in a column of the table of modules."""
    rows = re.findall(
        r"^\| `(nbhitl/[\w/]+\.py)` \|(.*)\|(.*)\|$", ARCHITECTURE.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {row[0] for row in rows if row[column].strip()}


def test_question_and_answer_of_the_simplest_graph_pass_few_modules(told):
    counts = [int(each) for each in re.findall(r"on the way +\d+ functions, +(\d+) modules", told)]
    assert len(counts) == 2
    assert max(counts) <= MOST, told


@pytest.mark.parametrize(("way", "column"), [("in", 1), ("out", 2)])
def test_each_module_of_the_table_of_the_ways_is_passed(told, way, column):
    table = written_down(column)
    assert table
    assert table <= passed(told, way), told
