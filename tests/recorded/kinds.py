"""Generated notebooks with every order of questions and every place of a review: the cells, and a person's clicks."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

SETUP = """
import asyncio

import nbhitl
from IPython.display import display
from tests.recorded import graphs
"""

WAVES: dict[str, list[int]] = {
    "one": [1],
    "steps": [1, 1],
    "twice": [1, 1],
    "side_by_side": [3],
    "sends": [3],
    "beside_a_subgraph": [2, 1, 1],
}
"""By graph: how many questions are open side by side at the first pause, at the second, and so on."""


@dataclass(frozen=True)
class Click:
    """An answer: the place of the card among the cell's cards, and of the question among the card's open questions."""

    card: int
    question: int


@dataclass(frozen=True)
class Cell:
    """A cell, and the answers of a person between this cell and the next.

    Attributes
    ----------
    source
        The code of the cell.
    clicks
        The answers, in order.
    cards_of
        The place of the cell whose cards are answered, counted from this cell: -1 for the cell before.
    """

    source: str
    clicks: tuple[Click, ...] = ()
    cards_of: int = 0


@dataclass(frozen=True)
class Kind:
    """A notebook to be recorded; the first cell, which sets up, is not among ``cells``.

    A person runs the cells in ``order``, by place from 0; an empty order stands for the order of the notebook.
    """

    name: str
    cells: tuple[Cell, ...]
    order: tuple[int, ...] = ()


def kinds(count: int, seed: int = 1) -> list[Kind]:
    """Return so many notebooks, with all places, graphs, habits and orders equally often."""
    chance = random.Random(seed)  # noqa: S311 - the same notebooks each time
    every = list(_every(chance))
    chance.shuffle(every)
    by_place: dict[str, list[Kind]] = {}
    for kind in every:
        by_place.setdefault(kind.name.split("-")[0], []).append(kind)
    chosen: list[Kind] = []
    while len(chosen) < count and any(by_place.values()):
        chosen += [of_place.pop() for of_place in by_place.values() if of_place]
    return [Kind(f"{number:02}-{kind.name}", kind.cells) for number, kind in enumerate(chosen[:count])]


def _every(chance: random.Random) -> Iterator[Kind]:
    for (place, make), graph, habit in product(PLACES.items(), WAVES, ("quiet", "prints", "displays")):
        yield Kind(f"{place}-{graph}-{habit}", tuple(make(f"graphs.{graph}(graphs.{habit})", WAVES[graph], chance)))


def _review(graph: str) -> str:
    return f"nbhitl.review({graph}, graphs.START_WITH)"


def _clicks(waves: Sequence[int], chance: random.Random, card: int = 0) -> list[Click]:
    """Answer the questions of each pause in any order."""
    return [Click(card, question) for wave in waves for question in chance.sample(range(wave), wave)]


def _mixed(waves: Sequence[int], chance: random.Random, cards: int = 2) -> tuple[Click, ...]:
    """Answer several cards in turns, in any order that each card allows."""
    left = [_clicks(waves, chance, card) for card in range(cards)]
    mixed: list[Click] = []
    while any(left):
        mixed.append(chance.choice([clicks for clicks in left if clicks]).pop(0))
    return tuple(mixed)


def _held(graph: str, waves: Sequence[int], chance: random.Random) -> list[Cell]:
    return [Cell(f"said = await {_review(graph)}\nsaid", tuple(_clicks(waves, chance))), Cell("print(said)")]


def _blocking(graph: str, waves: Sequence[int], chance: random.Random) -> list[Cell]:
    return [Cell(f"{_review(graph)}.wait()", tuple(_clicks(waves, chance)))]


def _held_in_the_middle(graph: str, waves: Sequence[int], chance: random.Random) -> list[Cell]:
    source = f"display('above')\nsaid = await {_review(graph)}\ndisplay('below')\nlen(said['said'])"
    return [Cell(source, tuple(_clicks(waves, chance)))]


def _bare(graph: str, waves: Sequence[int], chance: random.Random) -> list[Cell]:
    return [Cell(f"card = {_review(graph)}\ncard", tuple(_clicks(waves, chance))), Cell("card.result")]


def _card_then_display(graph: str, waves: Sequence[int], chance: random.Random) -> list[Cell]:
    source = f"card = {_review(graph)}\ndisplay(card)\ndisplay('below')"
    return [Cell(source, tuple(_clicks(waves, chance))), Cell("print(card)")]


def _shown_below(graph: str, waves: Sequence[int], chance: random.Random) -> list[Cell]:
    return [Cell(f"card = {_review(graph)}"), Cell("card", tuple(_clicks(waves, chance))), Cell("card.result")]


def _awaited_below(graph: str, waves: Sequence[int], chance: random.Random) -> list[Cell]:
    made = Cell(f"card = {_review(graph)}\ncard")
    return [made, Cell("await card", tuple(_clicks(waves, chance)), cards_of=chance.choice([0, -1]))]


def _loop(graph: str, waves: Sequence[int], chance: random.Random) -> list[Cell]:
    source = f"for number in range(2):\n    display(await {_review(graph)})\n    print(number)"
    return [Cell(source, tuple(_clicks(waves, chance) + _clicks(waves, chance, card=1)))]


def _two_cards(graph: str, waves: Sequence[int], chance: random.Random) -> list[Cell]:
    source = f"one = {_review(graph)}\ntwo = {_review(graph)}\ndisplay(one)\ndisplay(two)"
    return [Cell(source, _mixed(waves, chance)), Cell("one.result, two.result")]


def _gather(graph: str, waves: Sequence[int], chance: random.Random) -> list[Cell]:
    return [Cell(f"await asyncio.gather({_review(graph)}, {_review(graph)})", _mixed(waves, chance))]


def _task_group(graph: str, waves: Sequence[int], chance: random.Random) -> list[Cell]:
    source = f"""
async def said():
    return await {_review(graph)}


async with asyncio.TaskGroup() as group:
    tasks = [group.create_task(said()) for _ in range(2)]
[task.result() for task in tasks]"""
    return [Cell(source.strip(), _mixed(waves, chance))]


def _card_beside_await(graph: str, waves: Sequence[int], chance: random.Random) -> list[Cell]:
    source = f"card = {_review(graph)}\ndisplay(card)\nawait {_review(graph)}"
    return [Cell(source, _mixed(waves, chance)), Cell("print(card)")]


PLACES = {
    "held": _held,
    "blocking": _blocking,
    "held_in_the_middle": _held_in_the_middle,
    "bare": _bare,
    "card_then_display": _card_then_display,
    "shown_below": _shown_below,
    "awaited_below": _awaited_below,
    "loop": _loop,
    "two_cards": _two_cards,
    "gather": _gather,
    "task_group": _task_group,
    "card_beside_await": _card_beside_await,
}
"""The places of a review in a notebook."""
