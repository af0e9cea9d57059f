"""A node that clears the outputs of its cell leaves the card, the question and the record of the answer."""

import sys

import pytest

from nbhitl.kernel import standing
from nbhitl.testing import PersonClient
from tests.kernel.notebooks import make, texts

pytestmark = pytest.mark.usefixtures("forked_kernels")

HOLDS = "await review({})"
BARE = "card = review({})\ncard"
REVIEW = "Review of LangGraph"
SETUP = """
import asyncio
import sys
import nbhitl
from IPython.display import ProgressBar, clear_output, display
from tests.recorded import graphs

def clears(said):
    print("cleared")
    clear_output()
    print("printed:", said)

def clears_later(said):
    for step in range(3):
        clear_output(wait=True)
        print("step", step, said)

def carriage_returns(said):
    for step in range(3):
        print(f"\\rstep {step}", end="", file=sys.stderr)
    print()

def tqdm_bar(said):
    from tqdm import tqdm
    for _ in tqdm(range(3), file=open("/dev/null", "w")):
        pass
    print("done", said)

def tqdm_widget(said):
    from tqdm.notebook import tqdm
    for _ in tqdm(range(3), leave=False):
        pass
    print("done", said)

def bar_of_ipython(said):
    for _ in ProgressBar(3):
        pass

def in_a_box(said):
    import ipywidgets
    box = ipywidgets.Output()
    display(box)
    for step in range(3):
        with box:
            clear_output(wait=True)
            print("step", step)

def rich_progress(said):
    from rich.progress import track
    for _ in track(range(3)):
        pass

def review(habit):
    return nbhitl.review(graphs.steps(habit), graphs.START_WITH)
"""
HABITS = (
    "clears",
    "clears_later",
    "carriage_returns",
    "tqdm_bar",
    "tqdm_widget",
    "bar_of_ipython",
    "in_a_box",
    "rich_progress",
)


def answered(*cells):
    """Return the texts of the outputs of each cell, after a person has answered each question in turn."""
    notebook = make(SETUP, *cells)
    client = PersonClient(notebook, lambda question: f"{question['node']}!", timeout=60, coalesce_streams=True)
    client.execute()
    return [texts(cell) for cell in notebook.cells[1:]]


def test_held_cell_keeps_the_card_when_a_node_clears_or_rewrites_outputs():
    cells = dict(zip(HABITS, answered(*(HOLDS.format(habit) for habit in HABITS)), strict=True))
    assert {habit: shown[0] for habit, shown in cells.items()} == dict.fromkeys(HABITS, REVIEW)
    assert cells["clears"][1] == "printed: a: a!\n"
    assert cells["clears_later"][1] == "step 2 a: a!\n"
    for habit, shown in cells.items():
        assert shown.count(REVIEW) == 1, habit
        assert [each.splitlines()[-1] for each in shown[-2:]] == ["b!", "a!"], habit


def test_cell_that_has_ended_keeps_the_card_when_a_node_clears_the_outputs():
    shown, _, shown_later, _ = answered(
        "print('goes')\n" + BARE.format("clears"), "await card", BARE.format("clears_later"), "await card"
    )
    assert shown == [REVIEW, "printed: a: a!\n"]
    assert shown_later == [REVIEW, "step 2 a: a!\n"]


def test_clearing_by_a_node_keeps_each_card_of_the_cell():
    (shown,) = answered("one = review(graphs.quiet)\ndisplay(one)\nawait review(clears)")
    assert shown[:3] == [REVIEW, REVIEW, "printed: a: a!\n"]


def test_code_of_the_cell_clears_the_card_only_after_the_result():
    before, shown, after, beside = answered(
        "print('goes')\nclear_output(wait=True)\n" + HOLDS.format("graphs.quiet"),
        "card = review(graphs.quiet)\ndisplay(card)\nprint('goes')\nclear_output()\nprint('stays')",
        "await card\nclear_output()\nprint('stays')",
        """
held = asyncio.ensure_future(asyncio.wait_for(review(graphs.quiet), 60))
for _ in range(5):
    await asyncio.sleep(0)  # the card is shown meanwhile
clear_output()
print("stays")
await held""",
    )
    assert before[0] == REVIEW
    assert shown == [REVIEW, "stays\n"]
    assert after == ["stays\n"]
    assert beside[:2] == [REVIEW, "stays\n"]


def test_boxes_of_unknown_ipywidgets_are_not_looked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets.widgets.widget", object())
    assert not standing.is_captured("a request")
