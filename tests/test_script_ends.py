"""Ctrl+C while a node works ends the program at once and without noise, as with ``graph.invoke``."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import nbhitl
from nbhitl.errors import WaitBroken, WaitTimeout
from tests import graphs
from tests.test_interrupts import interrupted_soon

SECONDS = 30.0

SCRIPT = """
import asyncio, time
from typing import TypedDict
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
import nbhitl

class State(TypedDict):
    text: str

def node(state):
    answer = interrupt("?")
    print("at work", flush=True)
    time.sleep({seconds})
    print("has ended", flush=True)
    return {{"text": answer}}

graph = StateGraph(State).add_node(node).add_edge(START, "node").compile()

def review():
    return nbhitl.review(graph, {{"text": ""}}, answers=["yes"])

async def main():
    return await review()

{waits}
"""


@pytest.mark.parametrize("waits", ["review().wait()", "review().result", "asyncio.run(main())"])
def test_program_that_waits_for_a_node_ends_at_once_at_ctrl_c(waits):
    script = [sys.executable, "-c", SCRIPT.format(waits=waits, seconds=3 * SECONDS)]
    root = Path(nbhitl.__file__).parents[1]
    with subprocess.Popen(
        script, cwd=root, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "at work\n"
        program.send_signal(signal.SIGINT)
        output, errors = program.communicate(timeout=SECONDS)
    assert output == ""
    assert program.returncode != 0
    assert errors.count("Traceback") == errors.count("another exception occurred") + errors.count("direct cause") + 1
    assert "interpreter shutdown" not in errors
    assert "question stays open" not in errors


def works_until(event):
    def node(_state):
        answer = graphs.interrupt("?")
        event.wait(SECONDS)
        return {"some_text": answer}

    return graphs.compile_node(node)


def test_interrupted_wait_for_a_run_at_work_says_that_it_goes_on():
    may_end = threading.Event()
    card = nbhitl.review(works_until(may_end), graphs.SEED_INPUT, answers=["yes"])
    with pytest.raises(WaitBroken, match=r"^The wait was interrupted\. The run goes on"), interrupted_soon():
        card.wait()
    may_end.set()
    assert card.result == {"some_text": "yes"}


def test_wait_that_takes_too_long_for_a_run_at_work_says_so():
    may_end = threading.Event()
    card = nbhitl.review(works_until(may_end), graphs.SEED_INPUT, answers=["yes"])
    with pytest.raises(WaitTimeout, match=r"^The run did not end within 0.1 s\. The run goes on"):
        card.wait(timeout=0.1)
    may_end.set()
    assert card.result == {"some_text": "yes"}
