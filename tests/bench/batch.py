"""A batch of 1,000 items: are the last 50 decisions as fast as the first 50, and does the widget's state stay small?

``python -m tests.bench.batch --items 1000`` answers as a page does, by messages, without a browser. Measured is the
processor time of the process, which other processes of the machine do not change.
"""

import argparse
import json
import statistics
import time
import tracemalloc

import nbhitl
from nbhitl.protocol import Question
from nbhitl.testing import Person
from tests import graphs

PART, AT_A_TIME = 50, 5

ROUNDS = 3


class Batch:
    """A batch, and the person's card of it."""

    def __init__(self, person: Person, items: int, *, with_graph: bool) -> None:
        rows = [{"some_text": f"item {number}"} for number in range(items)]
        before = len(person._cards)
        self.review = nbhitl.batch(graphs.seed(), rows) if with_graph else nbhitl.batch(rows, form=["spam", "ham"])
        self._person = person
        self.page = self.review._screen.page
        self._shown = person._cards[before]
        self._answered: set[str] = set()

    def decide(self, items: int) -> list[float]:
        """Answer so many items; return the seconds of each, from an answer to the next question."""
        seconds = []
        for _ in range(items):
            begun = time.process_time()
            asked = self._next_question()
            self._answered.add(asked["id"])
            self._shown.ask(
                "answer", id=asked["id"], revision=self._shown.seen.revision, draft='"spam"', item={"seconds": 1.0}
            )
            seconds.append(time.process_time() - begun)
        return seconds

    def _next_question(self) -> Question:
        """Wait for a question without an answer: the view that drops a question may come after the reply."""
        found: list[Question] = []

        def look() -> bool:
            found[:] = [each for each in self._shown.open_questions if each["id"] not in self._answered]
            return bool(found)

        with self._person._changed:
            assert self._person._changed.wait_for(look, 60)
        return found[0]

    def close(self) -> int:
        """Check that the page has all entries, and each item an answer; return the bytes of the widget."""
        assert self._shown.seen.is_whole
        assert set(self.review.result["status"]) == {"answered"}
        return (
            len(json.dumps(self.page._publisher.widget.get_state(), default=str)) if self.page._publisher.widget else 0
        )


def times(items: int, *, with_graph: bool) -> tuple[float, float, int]:
    """Return the milliseconds of the first and of the last decisions, and the bytes of the widget.

    The last decisions of a batch are made in turn with the first decisions of a new batch, so that a busy machine slows
    down both.
    """
    first, last = list[float](), list[float]()
    with Person() as person:
        old = Batch(person, items, with_graph=with_graph)
        old.decide(items - PART)
        young = Batch(person, PART + 1, with_graph=with_graph)
        young.decide(1)
        for _ in range(0, PART, AT_A_TIME):
            first += young.decide(AT_A_TIME)
            last += old.decide(AT_A_TIME)
        young.close()
        size = old.close()
    return statistics.median(first) * 1_000, statistics.median(last) * 1_000, size


def kept(items: int, *, with_graph: bool) -> float:
    """Return the bytes of memory that each item of the second half keeps."""
    with Person() as person:
        batch = Batch(person, items, with_graph=with_graph)
        tracemalloc.start()
        batch.decide(items // 2)
        middle, _ = tracemalloc.get_traced_memory()
        batch.decide(items - items // 2)
        end, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        batch.close()
    return (end - middle) / (items / 2)


def measure(items: int, *, with_graph: bool) -> None:
    """Print milliseconds of the first and the last decisions, bytes of the widget, and the memory of an item."""
    rounds = [times(items, with_graph=with_graph) for _ in range(ROUNDS)]
    first, last, ratio = (
        statistics.median(each) for each in zip(*((one, other, other / one) for one, other, _ in rounds), strict=True)
    )
    print(
        f"{items} items {'of a graph' if with_graph else 'without a graph'}: first {first:.1f} ms, last {last:.1f} ms "
        f"({ratio:.2f} times), widget {rounds[-1][2] / 1_000:.0f} kB, "
        f"{kept(items, with_graph=with_graph) / 1_000:.1f} kB an item kept"
    )


def main() -> None:
    """Measure a batch of rows and a batch of runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000)
    items = parser.parse_args().items
    measure(items, with_graph=False)
    measure(items, with_graph=True)


if __name__ == "__main__":
    main()
