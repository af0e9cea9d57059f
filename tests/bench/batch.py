"""A batch of 1,000 items: are the last 50 decisions as fast as the first 50, and does what is sent stay as small?

``python -m tests.bench.batch --items 1000`` answers as a page does, by messages, without a browser.
"""

import argparse
import json
import statistics
import time
import tracemalloc

import nbhitl
from nbhitl.testing import Person
from tests import graphs

PART = 50


def decide_all(card: nbhitl.Review, person: Person, items: int) -> list[float]:
    """Answer each item as it comes; return the seconds of each, from an answer to the next question."""
    seconds = []
    for _ in range(items):
        begun = time.perf_counter()
        question = person.sees()
        shown, asked = person._question(None, {"payload": json.loads(question["payload"])})
        shown.ask("answer", id=asked["id"], revision=shown.seen.revision, draft='"spam"', item={"seconds": 1.0})
        seconds.append(time.perf_counter() - begun)
    return seconds


def measure(items: int, *, with_graph: bool) -> None:
    """Print the milliseconds of the first and the last decisions, the bytes of the widget, and the memory between."""
    rows = [{"some_text": f"item {number}"} for number in range(items)]
    with Person() as person:
        card = nbhitl.batch(graphs.seed(), rows) if with_graph else nbhitl.batch(rows, form=["spam", "ham"])
        tracemalloc.start()
        half = decide_all(card, person, items // 2)
        middle, _ = tracemalloc.get_traced_memory()
        rest = decide_all(card, person, items - items // 2)
        end, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        seconds = half + rest
        state = person._cards[-1]
        size = len(json.dumps(card._screen.page._widget.get_state(), default=str)) if card._screen.page._widget else 0
        assert state.seen.is_whole
        assert len(card.result) == items
    first, last = (statistics.median(part) * 1_000 for part in (seconds[1:PART], seconds[-PART:]))
    print(
        f"{items} items {'of a graph' if with_graph else 'without a graph'}: first {first:.1f} ms, last {last:.1f} ms "
        f"({last / first:.2f} times), widget {size / 1_000:.0f} kB, "
        f"{(end - middle) / (items / 2) / 1_000:.1f} kB an item kept"
    )


def main() -> None:
    """Measure both kinds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000)
    items = parser.parse_args().items
    measure(items, with_graph=False)
    measure(items, with_graph=True)


if __name__ == "__main__":
    main()
