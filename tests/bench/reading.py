"""The share of wanted answers that the proposed controls can make without JSON, and the time to read a node."""

import time
from statistics import median

from nbhitl.engines.local.reading import NodeReader, sources
from nbhitl.errors import InvalidAnswer
from nbhitl.forms.decisions.words import agrees
from tests.reading.answering import agreeing_answers, asked_by, outcome, written
from tests.reading.pairs import Pair
from tests.reading.public_pairs import ALL

MOST_MS = 20.0


def is_made(pair: Pair, answer: object, expected: object, *, with_source: bool) -> bool:
    try:
        return bool(outcome(pair, written(pair, answer, with_source=with_source)) == expected)
    except InvalidAnswer:
        return False


def share(*, with_source: bool) -> str:
    wanted = [(pair, *each) for pair in ALL for each in pair.wanted]
    made = sum(is_made(*each, with_source=with_source) for each in wanted)
    return f"{made} of {len(wanted)} ({made / len(wanted):.0%})"


def opposite(*, with_source: bool) -> list[str]:
    found = []
    for pair in ALL:
        for name, answer in agreeing_answers(pair, agrees, with_source=with_source):
            ended = outcome(pair, answer)
            if isinstance(ended, Exception) or (pair.refused is not None and ended == pair.refused):
                found.append(f"{pair.name}: {name}")
    return found


def timed(pair: Pair) -> float:
    asked = asked_by(pair)
    reader = NodeReader(pair.graph)
    sources._READ.clear()
    start = time.perf_counter()
    reader.shape(asked.node, asked.value)
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    for name, with_source in (("with the source", True), ("by the payload alone", False)):
        print(f"{name:<24} {share(with_source=with_source)}")
        print(f"{'':<24} controls that say yes and refuse: {opposite(with_source=with_source) or 'none'}")
    times = [timed(pair) for pair in ALL]
    print(f"reading a node: median {median(times):.2f} ms, longest {max(times):.2f} ms   (aim: <= {MOST_MS} ms)")
