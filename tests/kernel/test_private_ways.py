"""Each private way of a kernel's packages taken away: a cell gets the answer, once, or refuses to wait by name."""

import pytest

from nbhitl.testing import PersonClient
from tests.kernel.notebooks import kernel_env, make
from tests.project.attacks import attacks_on

OF_A_KERNEL = ("pyzmq", "ipykernel", "ipywidgets", "anywidget")

SETUP = """
import nbhitl
from nbhitl.errors import CannotWaitHere
from tests import graphs

ran, results, shown = [], [], []

def ask(state):
    text = graphs.interrupt({"text_to_revise": state["some_text"]})
    ran.append(text)
    return {"some_text": text}

graph = graphs.compile_node(ask, "ask")
"""

REVIEW = """
card = nbhitl.review(graph, graphs.SEED_INPUT)
try:
    results.append(%s)
except CannotWaitHere as error:
    print(error)
    assert card.interrupts  # asked before the card is shown, so that the person is there before the next cell
    shown.append(card)
    display(card)
"""

AWAIT, BLOCK = REVIEW % "await card", REVIEW % "card.wait()"
RESULTS = "print(results + [card.result for card in shown], ran)"


class Page(PersonClient):
    """A page that keeps the records that it is to write."""

    def __init__(self, notebook):
        super().__init__(notebook, lambda _question: f"text {len(self.records)}", timeout=40)
        self.records = []

    def on_reply(self, card, reply):
        if reply["kind"] == "accepted":
            self.records.append(reply["record"]["entry"]["answer"])
        super().on_reply(card, reply)


@pytest.mark.parametrize(("way", "how"), attacks_on(*OF_A_KERNEL))
def test_cell_without_a_private_way_gets_the_answer_once_or_refuses_to_wait_by_name(way, how):
    attack = f"from tests.project.taken_away import take_away\ntake_away({way.files!r}, {way.names!r}, {how!r})"
    notebook = make(attack, SETUP, AWAIT, BLOCK, RESULTS)
    page = Page(notebook)
    page.execute(env=kernel_env())
    answers = ["text 0", "text 1"]
    results = [{"some_text": answer} for answer in answers]
    assert [text for text in printed(*notebook.cells[2:4]) if "an answer would wait behind the cell" not in text] == []
    assert printed(notebook.cells[-1]) == [f"{results} {answers}\n"]
    assert page.records == [f'"{answer}"' for answer in answers]
    assert page.refused == []


def printed(*cells):
    return [output["text"] for cell in cells for output in cell.outputs if output.output_type == "stream"]
