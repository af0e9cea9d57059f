"""The chunks of a run's stream that are kept, and their memory."""

import gc
import threading
import warnings
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict

import nbhitl
from nbhitl.core import watching
from nbhitl.core.watching import Kept
from nbhitl.runs.run import Chunk
from tests import graphs

MB = 1_000_000


def text(n, size=MB):
    return f"{n:06}" + "x" * size


def test_chunks_are_let_go_of_by_their_bytes_the_oldest_first():
    held = Kept(most_bytes=10 * MB)
    for n in range(100):
        held.add(Chunk("values", {"text": text(n)}))
        assert held.weight <= 10 * MB
    chunks = held.since(0)
    assert [chunk.data["text"][:6] for chunk in chunks] == [f"{n:06}" for n in range(91, 100)]
    assert (held.first, held.after) == (91, 100)
    assert held.since(99) == chunks[-1:]


def test_data_that_many_chunks_share_counts_once():
    held, shared = Kept(most_bytes=10 * MB), text(0)
    for n in range(1_000):
        held.add(Chunk("values", {"text": shared, "n": n}))
    assert len(held.since(0)) == 1_000
    assert held.weight < 2 * MB


def test_one_chunk_larger_than_all_that_is_kept_is_kept_alone():
    held = Kept(most_bytes=MB)
    held.add(Chunk("custom", 1))
    held.add(Chunk("values", text(0, 5 * MB)))
    assert len(held.since(0)) == 1
    held.add(Chunk("custom", 2))
    assert [chunk.data for chunk in held.since(0)] == [2]


class Message:
    """An object with a text, of a class that nbhitl does not know."""

    def __init__(self, content):
        self.content = content


@pytest.mark.parametrize(
    "data",
    [
        np.zeros(MB),
        {"rows": [text(n, 10_000) for n in range(800)]},
        {"messages": [Message(text(n, 10_000)) for n in range(800)]},
        [[n] * 10 for n in range(100_000)],
    ],
    ids=["array", "texts", "objects", "small parts"],
)
def test_large_data_is_weighed_as_large(data):
    held = Kept()
    held.add(Chunk("values", data))
    assert 7 * MB < held.weight < 200 * MB


class Hostile(dict[str, int]):
    """A mapping that cannot be read."""

    def values(self):
        raise ValueError("not mine")


def test_data_that_cannot_be_looked_into_is_kept_all_the_same():
    held = Kept()
    itself: list[object] = []
    itself.append(itself)
    for data in (Hostile(a=1), itself):
        held.add(Chunk("custom", data))
    assert len(held.since(0)) == 2


@given(st.lists(st.integers(0, 3 * MB // 10), max_size=60), st.integers(1, 20), st.integers(1, 60))
def test_last_chunks_are_kept_in_order(sizes, most, position):
    held, texts = Kept(most, MB), [text(n, size) for n, size in enumerate(sizes)]
    for each in texts:
        held.add(Chunk("values", each))
    assert [chunk.data for chunk in held.since(position)] == texts[max(position, held.first) :]
    assert len(held.since(0)) <= most
    assert not texts or held.since(0)


class Big(TypedDict):
    """A state with a large text."""

    n: int
    text: str


def test_run_that_replaces_a_large_state_keeps_a_bounded_part_of_its_stream_and_says_so(monkeypatch):
    monkeypatch.setattr(Kept.__init__, "__defaults__", (watching.MOST, 2 * MB))
    steps, weights, is_made = 60, [], threading.Event()

    def step(state):
        assert is_made.wait(30)
        weights.append(card._core.watching._kept.weight)
        return {"n": state["n"] + 1, "text": text(state["n"], MB // 10)}

    builder = StateGraph(Big)
    builder.add_node("step", step)
    builder.add_edge(START, "step")
    builder.add_conditional_edges("step", lambda state: END if state["n"] == steps else "step")
    card = nbhitl.review(builder.compile(), {"n": 0, "text": ""}, {"recursion_limit": 100})
    is_made.set()
    assert card.result["n"] == steps
    assert max(weights) <= 2 * MB
    with pytest.warns(UserWarning, match=r"older chunks are not kept any more \(the last 10,000 are, in \d+ MB"):
        last = list(card.stream("values"))
    assert last[-1]["n"] == steps


def test_chunks_are_gone_once_nothing_is_kept():
    held = Kept()
    message = Message(text(0))
    gone = weakref.ref(message)
    held.add(Chunk("custom", message))
    del message
    held.clear()
    gc.collect()
    assert gone() is None
    assert held.weight == 0
    assert held.since(0) == []


def test_stream_of_a_short_run_is_whole_and_warns_of_nothing():
    card = nbhitl.review(graphs.seed(), graphs.SEED_INPUT, answers=["Edited text"])
    _ = card.result
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(card.stream("updates"))
