"""Notebooks with habits that people have: helpers that display, loops, captured cells, threads, a cell run twice."""

from tests.recorded.kinds import Cell, Click, Kind

FIRST = (Click(0, 0),)
ANY_ORDER = (Click(0, 2), Click(0, 0), Click(0, 1))
"""Answers to three questions side by side: first to the last question."""

HABITS: list[Kind] = []


def habit(name: str, *cells: Cell | str, order: tuple[int, ...] = ()) -> None:
    """Add a notebook; a cell without answers may be a text."""
    made = tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in cells)
    HABITS.append(Kind(f"habit-{len(HABITS) + 1:02}-{name}", made, order))


habit(
    "helper_that_displays",
    """
def shown(graph):
    display("before")

    async def within():
        display("within")
        said = await nbhitl.review(graph, graphs.START_WITH)
        display("after")
        return said

    return within()""",
    Cell("print('start')\nsaid = await shown(graphs.side_by_side(graphs.displays))\nsaid", ANY_ORDER),
)
habit(
    "as_completed",
    Cell(
        """
async def ask(name):
    said = await nbhitl.review(graphs.one(graphs.prints), graphs.START_WITH)
    return f"{name}: {len(said['said'])}"


found = []
for each in asyncio.as_completed([ask("x"), ask("y"), ask("z")]):
    found.append(await each)
sorted(found)""",
        (Click(1, 0), Click(2, 0), Click(0, 0)),
    ),
)
habit(
    "card_in_a_class",
    """
class Step:
    def __init__(self, graph):
        self.card = nbhitl.review(graph, graphs.START_WITH)

    def show(self):
        display(self.card)
        print("shown")


step = Step(graphs.steps(graphs.prints))""",
    Cell("step.show()", (Click(0, 0), Click(0, 0))),
    "step.card.result",
)
habit(
    "card_of_each_item",
    Cell(
        """
cards = []
for number in range(3):
    card = nbhitl.review(graphs.one(graphs.prints), graphs.START_WITH)
    print("item", number)
    display(card)
    cards.append(card)""",
        (Click(2, 0), Click(0, 0), Click(1, 0)),
    ),
    "[card.result for card in cards]",
)
habit(
    "captured",
    """%%capture kept
print("not shown")
card = nbhitl.review(graphs.twice(graphs.prints), graphs.START_WITH)""",
    Cell("card", (Click(0, 0), Click(0, 0))),
    "print(kept.stdout)\ncard.result",
)
habit(
    "pictures_between",
    """
from PIL import Image

def picture(size):
    return Image.new("RGB", (size, size), "navy")""",
    Cell(
        """
display(picture(8))
one = await nbhitl.review(graphs.one(), graphs.START_WITH)
display(picture(16))
two = await nbhitl.review(graphs.one(graphs.displays), graphs.START_WITH)
picture(32)""",
        (Click(0, 0), Click(1, 0)),
    ),
)
habit(
    "progress_bar",
    Cell(
        """
import sys

from tqdm import tqdm

said = []
for number in tqdm(range(2), file=sys.stdout, bar_format="{n_fmt} of {total_fmt}"):
    said += (await nbhitl.review(graphs.one(), graphs.START_WITH))["said"]
said""",
        (Click(0, 0), Click(1, 0)),
    ),
)
habit(
    "logging",
    Cell(
        """
import logging
import sys
import warnings

logging.basicConfig(level="INFO", format="%(levelname)s %(message)s", stream=sys.stdout, force=True)
log = logging.getLogger("nodes")


def logs(said):
    log.info("heard %s", said)
    sys.stderr.write("to stderr\\n")


log.warning("begins")
said = await nbhitl.review(graphs.side_by_side(logs), graphs.START_WITH)
log.warning("ends")
sorted(said["said"])""",
        ANY_ORDER,
    ),
)
habit(
    "thread_that_prints",
    Cell(
        """
import threading

heard = threading.Event()
thread = threading.Thread(target=lambda: (print("from a thread"), heard.set()))
thread.start()
heard.wait()
said = await nbhitl.review(graphs.steps(graphs.prints), graphs.START_WITH)
thread.join()
said""",
        (Click(0, 0), Click(0, 0)),
    ),
)
habit(
    "cells_out_of_order",
    "graph = graphs.one(graphs.displays)",
    Cell("one = await nbhitl.review(graph, graphs.START_WITH)\none", FIRST),
    Cell("two = await nbhitl.review(graphs.twice(), graphs.START_WITH)\ntwo", (Click(0, 0), Click(0, 0))),
    "print('last')",
    order=(0, 2, 3, 1),
)
habit(
    "cell_run_twice",
    Cell(
        "said = await nbhitl.review(graphs.twice(graphs.prints), graphs.START_WITH)\nsaid", (Click(0, 0), Click(0, 0))
    ),
    "len(said['said'])",
    order=(0, 0, 1),
)
habit(
    "one_key_twice",
    "from langgraph.checkpoint.memory import InMemorySaver\nsaver = InMemorySaver()",
    Cell(
        """
one = await nbhitl.review(graphs.one(graphs.prints), graphs.START_WITH, key="k", checkpointer=saver)
two = await nbhitl.review(graphs.one(graphs.prints), graphs.START_WITH, key="k", checkpointer=saver)
one, two""",
        FIRST,
    ),
)
habit(
    "display_that_is_updated",
    Cell(
        """
shown = display("nothing yet", display_id=True)
one = await nbhitl.review(graphs.one(graphs.prints), graphs.START_WITH)
shown.update("one answer")
two = await nbhitl.review(graphs.one(graphs.prints), graphs.START_WITH)
shown.update("two answers")""",
        (Click(0, 0), Click(1, 0)),
    ),
)
habit(
    "carriage_returns",
    Cell(
        """
def bar(said):
    for number in range(3):
        print(f"\\r{number} of 2", end="")
    print()


await nbhitl.review(graphs.side_by_side(bar), graphs.START_WITH)""",
        ANY_ORDER,
    ),
)
habit(
    "cleared_between",
    Cell(
        """
from IPython.display import clear_output

print("will go")
clear_output(wait=True)
one = await nbhitl.review(graphs.one(graphs.prints), graphs.START_WITH)
print("stays")""",
        FIRST,
    ),
)
habit(
    "cleared_by_nodes",
    "print('stays')",
    Cell(
        "said = await nbhitl.review(graphs.steps(graphs.clears), graphs.START_WITH)\nsaid", (Click(0, 0), Click(0, 0))
    ),
    Cell(
        """
print("goes")
card = nbhitl.review(graphs.steps(graphs.clears), graphs.START_WITH)
card""",
        (Click(0, 0), Click(0, 0)),
    ),
    "card.result",
)
habit(
    "comprehension",
    Cell(
        "[(await nbhitl.review(graphs.one(graphs.displays), graphs.START_WITH))['said'] for _ in range(3)]",
        (Click(0, 0), Click(1, 0), Click(2, 0)),
    ),
)
habit(
    "time_limit_around",
    Cell(
        """
async def asked():
    print("asked")
    return await nbhitl.review(graphs.twice(graphs.prints), graphs.START_WITH)


await asyncio.wait_for(asyncio.shield(asked()), 1_000)""",
        (Click(0, 0), Click(0, 0)),
    ),
)
habit(
    "chunks_of_the_run",
    Cell(
        """
card = nbhitl.review(graphs.steps(graphs.prints), graphs.START_WITH)
display(card)
async for chunk in card.stream("updates"):
    print("chunk", *chunk)""",
        (Click(0, 0), Click(0, 0)),
    ),
)
habit(
    "asked_beside_reviews",
    Cell(
        """
name = await nbhitl.ask("Your name?", str)
said = await nbhitl.review(graphs.one(graphs.prints), graphs.START_WITH)
print(name)
text = await nbhitl.ask("Make it friendlier", "No.")
text, said""",
        (Click(0, 0), Click(1, 0), Click(2, 0)),
    ),
)
habit(
    "tables_around",
    Cell(
        """
import pandas

display(pandas.DataFrame({"a": [1, 2]}))
said = await nbhitl.review(graphs.sends(graphs.displays), graphs.START_WITH)
pandas.DataFrame({"said": sorted(said["said"])})""",
        ANY_ORDER,
    ),
)
habit(
    "result_that_is_hidden",
    Cell("_ = await nbhitl.review(graphs.one(graphs.prints), graphs.START_WITH);", FIRST),
    Cell("await nbhitl.review(graphs.one(), graphs.START_WITH)", FIRST),
    "Out[max(Out)]",
)
habit(
    "output_widget",
    """
import ipywidgets

box = ipywidgets.Output()
box""",
    Cell(
        """
with box:
    print("into the box")
said = await nbhitl.review(graphs.one(graphs.prints), graphs.START_WITH)
with box:
    print("after it")
said""",
        FIRST,
    ),
)
habit(
    "review_in_a_node",
    Cell(
        """
def inner(said):
    print("inner", nbhitl.review(graphs.one(), graphs.START_WITH, answers=["from the source"]).result["said"])


await nbhitl.review(graphs.one(inner), graphs.START_WITH)""",
        FIRST,
    ),
)
habit(
    "context_of_answers",
    Cell(
        """
with nbhitl.answering({"a": ["given"]}):
    one = await nbhitl.review(graphs.one(graphs.prints), graphs.START_WITH)
two = await nbhitl.review(graphs.one(graphs.prints), graphs.START_WITH)
one, two""",
        (Click(1, 0),),
    ),
)
