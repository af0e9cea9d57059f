"""Outputs of the reviews of a cell stand in the same order, whichever card is answered first."""

import pytest

from nbhitl.testing import PersonClient
from tests.kernel.notebooks import make

pytestmark = pytest.mark.usefixtures("forked_kernels")

SETUP = """
import asyncio
import nbhitl
from IPython.display import display
from tests.recorded import graphs

def habit(said):
    print("printed:", said)
    display(f"displayed: {said}")

def review():
    return nbhitl.review(graphs.side_by_side(habit), graphs.START_WITH)
"""

CELLS = {
    "gather": ["await asyncio.gather(review(), review())"],
    "two cards": [
        "one, two = review(), review()\ndisplay(one)\ndisplay('between')\ndisplay(two)\ndisplay('below')",
        "await one\nawait two",
    ],
    # The cell waits for both: outputs of a card that is answered after the end of the cell stand at the bottom.
    "a card beside an await": ["card = review()\ndisplay(card)\nawait review()\nawait card"],
}


PLACES = [(card, nth) for card in (0, 1) for nth in range(3)]


class InOrder:
    """Answers two cards at a time, once all questions of both are open.

    Parameters
    ----------
    orders
        The order of the answers for each two cards: card and place of each question.
    """

    client: PersonClient

    def __init__(self, orders):
        self._orders, self._asked, self._first = orders, 0, 0

    def __call__(self, _question):
        self._asked += 1
        if self._asked % len(PLACES) == 0:
            for card, nth in self._orders.pop(0):
                self._answer(self.client.cards[self._first + card], nth)
            self._first += 2

    def _answer(self, card, nth):
        question = card.seen.questions[nth]
        card.tell("answer", id=question["id"], revision=card.revision, draft=f"{question['node']} of it")


def shown_in(cell):
    displayed = [each.data["text/plain"] for each in cell.outputs if each.output_type == "display_data"]
    return displayed, "".join(each.text for each in cell.outputs if each.output_type == "stream")


def test_outputs_stand_in_the_same_order_after_answers_in_any_order():
    cells = [each for cells in CELLS.values() for each in cells * 2]
    notebook = make(SETUP, *cells)
    answer = InOrder([PLACES, PLACES[::-1]] * len(CELLS))
    answer.client = PersonClient(notebook, answer, timeout=60, coalesce_streams=True)
    answer.client.execute()
    executed = iter(notebook.cells[1:])
    for name, cells in CELLS.items():
        first, *_ = [next(executed) for _ in cells]
        other, *_ = [next(executed) for _ in cells]
        displayed, printed = shown_in(first)
        assert (displayed, printed) == shown_in(other), name
        assert sum("displayed" in each for each in displayed) == len(PLACES), name
        assert [line.split()[1] for line in printed.splitlines()] == ["a:", "b:", "c:"] * 2, name
