"""A failed card is unread if no later cell uses its name; in a replay the cell of an unread card fails."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

import nbhitl
from nbhitl.protocol import ANSWER_KEY
from nbhitl.recording import unread
from tests import graphs
from tests.kernel.notebooks import make, recorded, write

CARD = "card = nbhitl.review(graph, value)\ncard"
FRESH = "nbhitl.review(graph, value)"
FAILED = {"output_type": "display_data", "data": {}, "metadata": {ANSWER_KEY: {"failure": True}}}
ERROR = {"output_type": "error", "ename": "ValueError", "evalue": "", "traceback": []}


@pytest.fixture
def card():
    return nbhitl.review(graphs.seed(), graphs.SEED_INPUT, answers=["x"])


@pytest.fixture
def names(monkeypatch) -> dict[str, Any]:
    """Return the variables of the notebook, empty at first."""
    names: dict[str, Any] = {}
    monkeypatch.setattr(unread, "running_shell", lambda: SimpleNamespace(user_ns=names))
    return names


@pytest.fixture
def tells(tmp_path, monkeypatch, card):
    """Return a function that tells whether the card is unread in a notebook with this cell and later cells."""
    monkeypatch.chdir(tmp_path)

    def is_unread(source: str, *later: str, outputs: Any = (), again: bool = False) -> bool:
        cells = [source, *([source] if again else []), *later]
        notebook = json.loads(json.dumps(make(*cells, record=[recorded("x", cell="cell-0")])))
        notebook["cells"][0]["outputs"] = list(outputs)
        write(tmp_path / "seed.ipynb", notebook)
        return unread.is_unread(card._core, source)

    is_unread.card = card  # type: ignore[attr-defined]
    return is_unread


@pytest.mark.parametrize("later", ["print(1)", "discard = other.card", "graph", "_x", ""])
def test_card_is_unread_where_no_later_cell_has_its_name(tells, names, card, later):
    names |= {"card": card, "_": card, "_3": card, "other": [1]}
    assert tells(CARD, later)
    assert tells(FRESH, later)


@pytest.mark.parametrize(
    ("source", "held", "later"),
    [
        (CARD, "card", "await card"),
        (CARD, "card", "%time card.result"),
        (CARD, "card", "# card"),
        (CARD, "card", "f'{card}'"),
        (CARD, "mine", "print(mine)"),
        (FRESH, "", "await _"),
        (FRESH, "", "Out[3].result"),
        (FRESH, "", "_3.result"),
        ("helper.card", "", "helper.check()"),
        ("cards[0]", "", "[await each for each in cards]"),
        ("%magic\ncard", "card", "card"),
    ],
)
def test_card_may_be_read_where_a_later_cell_has_a_name_of_the_card(tells, names, *, source, held, later):
    names[held or "else"] = tells.card if held else None
    assert not tells(source, "pass", later)


@pytest.mark.parametrize("holder", [list, tuple, lambda cards: {"a": cards[0]}])
def test_card_in_a_container_may_be_read_by_the_name_of_the_container(tells, names, card, holder):
    names["kept"] = holder([card])
    assert not tells(FRESH, "kept")


@pytest.mark.parametrize("saved", [FAILED, ERROR])
def test_failure_that_the_saved_notebook_shows_is_expected(tells, saved):
    assert not tells(CARD, "pass", outputs=[saved])


def test_unknown_notebook_and_a_cell_that_stands_twice_tell_nothing(tells, card):
    assert not tells(CARD, "pass", again=True)
    assert not unread.is_unread(card._core, "of no notebook")


def test_names_are_looked_at_without_running_code_of_values(tells, names):
    class Trap:
        def __getattr__(self, name):
            raise AssertionError(name)

        def __eq__(self, other):
            raise AssertionError(other)

        def __hash__(self):
            raise AssertionError

    names["trap"] = Trap()
    assert tells(CARD, "trap")
