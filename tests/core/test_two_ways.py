"""The ways of a question and of an answer stay short enough to be followed with a debugger."""

import re
import subprocess
import sys

MOST = 32
"""Modules on each way: the modules in ARCHITECTURE.md, and a few of parallel work that a slow machine lets in."""


def test_question_and_answer_of_the_simplest_graph_pass_few_modules():
    command = [sys.executable, "-m", "tests.bench.two_ways", "--modules"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100).stdout
    counts = [int(each) for each in re.findall(r"on the way +\d+ functions, +(\d+) modules", told)]
    assert len(counts) == 2
    assert max(counts) <= MOST, told
