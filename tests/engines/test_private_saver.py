"""Checkpoints of graphs without a checkpointer: a review's way back is kept, and a bounded number beside."""

import operator
from typing import Annotated, Any, TypedDict

import pytest
from langgraph.channels.delta import DeltaChannel
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

import nbhitl
from nbhitl.engines.local.savers import MOST_BYTES, PrivateSaver

SIZE = 100_000
STEPS = 40


class State(TypedDict, total=False):
    n: int
    text: str
    said: str


def rewriting(*, asks_at: tuple[int, ...] = (), inner: bool = False) -> Any:
    """Return a graph that replaces a large text in each step, and asks in some steps."""

    def step(state: State) -> State:
        number = state.get("n", 0)
        said = interrupt(f"step {number}?") if number in asks_at else state.get("said", "")
        return {"n": number + 1, "text": f"{number:06}" + "x" * SIZE, "said": said}

    builder: Any = StateGraph(State).add_node("step", step).add_edge(START, "step")
    builder.add_conditional_edges("step", lambda state: END if state["n"] >= STEPS else "step")
    if not inner:
        return builder.compile()
    outer: Any = StateGraph(State).add_node("inner", builder.compile()).add_edge(START, "inner")
    return outer.compile()


CONFIG: Any = {"recursion_limit": 10 * STEPS}


@pytest.fixture(autouse=True)
def low_bound(monkeypatch):
    monkeypatch.setattr(PrivateSaver.__init__, "__defaults__", (4 * SIZE,))


def saver_of(card: Any) -> Any:
    return card._core.engine._thread.graph.checkpointer


def held_by(card) -> int:
    saver = saver_of(card)
    writes = [value for each in saver.writes.values() for _, _, (_, value), _ in each.values()]
    return sum(len(value) for value in [*writes, *(value for _, value in saver.blobs.values())])


@pytest.mark.parametrize("inner", [False, True])
def test_long_run_holds_a_few_states_and_not_one_for_each_step(inner):
    card = nbhitl.review(rewriting(inner=inner), {"n": 0, "text": ""}, CONFIG)
    assert card.result["n"] == STEPS
    assert held_by(card) < 12 * SIZE


def test_checkpoint_to_which_a_review_can_return_outlasts_a_long_run():
    saver = PrivateSaver()
    graph = rewriting().copy({"checkpointer": saver})
    steps = graph.stream({"n": 0, "text": ""}, {**CONFIG, "configurable": {"thread_id": "1"}}, durability="sync")
    next(steps)
    kept, dropped = list(saver.list({"configurable": {"thread_id": "1"}}))[:2]
    saver.keep(kept.checkpoint["id"])
    assert len(list(steps)) == STEPS - 1
    assert saver.get_tuple(kept.config) is not None
    assert saver.get_tuple(dropped.config) is None


def test_short_run_keeps_each_step_for_its_history(monkeypatch):
    monkeypatch.setattr(PrivateSaver.__init__, "__defaults__", (MOST_BYTES,))
    card = nbhitl.review(rewriting(), {"n": 0, "text": ""}, CONFIG)
    assert card.result["n"] == STEPS
    assert len(list(saver_of(card).list(None))) == STEPS + 2


@pytest.mark.parametrize("inner", [False, True])
def test_answer_is_changed_many_steps_later(inner):
    card = nbhitl.review(rewriting(asks_at=(5,), inner=inner), {"n": 0, "text": ""}, CONFIG)
    card.answer("first")
    assert card.result["said"] == "first"
    card.ask_again()
    card.answer("second")
    assert (card.result["said"], card.result["n"]) == ("second", STEPS)
    assert held_by(card) < 16 * SIZE
    assert held_by(card) == saver_of(card)._bytes


def test_next_turn_begins_at_the_end_of_the_turn_before_however_often_sent():
    class Chat(TypedDict):
        texts: Annotated[list[str], operator.add]
        n: int

    builder: Any = StateGraph(Chat).add_node("step", lambda state: {"texts": [str(state["n"])], "n": state["n"] + 1})
    builder.add_edge(START, "step")
    builder.add_conditional_edges("step", lambda state: END if state["n"] % 10 == 0 else "step")
    card = nbhitl.review(builder.compile(), {"texts": ["in"], "n": 1}, CONFIG)
    first = card.result["texts"]
    turns = [card.send({"texts": [f"turn {number}"], "n": 11}, answers=[]).result["texts"] for number in range(3)]
    tail = [str(number) for number in range(11, 20)]
    assert turns == [[*first, f"turn {number}", *tail] for number in range(3)]


def test_channel_that_is_put_together_from_former_checkpoints_is_whole():
    class Deltas(TypedDict):
        texts: Annotated[list[str], DeltaChannel(lambda left, writes: [*left, *(x for each in writes for x in each)])]
        n: int

    def step(state: Any) -> Any:
        said = interrupt("?") if state["n"] == STEPS // 2 else ""
        return {"texts": [f"{state['n']}{said}"], "n": state["n"] + 1}

    builder: Any = StateGraph(Deltas).add_node("step", step).add_edge(START, "step")
    builder.add_conditional_edges("step", lambda state: END if state["n"] >= STEPS else "step")
    card = nbhitl.review(builder.compile(), {"texts": ["in"], "n": 0}, CONFIG, answers=["!"])
    expected = ["in", *(f"{number}{'!' if number == STEPS // 2 else ''}" for number in range(STEPS))]
    assert card.result["texts"] == expected
    assert card.state.values["texts"] == expected


class CountedWrites(dict[Any, Any]):
    """The writes beside a checkpoint; counts the writes that are looked at."""

    looks = 0

    def __getitem__(self, key):
        CountedWrites.looks += 1
        return super().__getitem__(key)

    def values(self):
        CountedWrites.looks += len(self)
        return super().values()


def test_writes_of_many_tasks_of_a_step_are_looked_at_once_or_twice_each_for_their_bytes(monkeypatch):
    monkeypatch.setattr(CountedWrites, "looks", 0)
    saver: Any = PrivateSaver(MOST_BYTES)
    saver.writes.default_factory = CountedWrites
    beside: Any = {"configurable": {"thread_id": "1", "checkpoint_ns": "", "checkpoint_id": "1"}}
    for number in range(2_000):
        saver.put_writes(beside, [("n", number), ("text", "said")], f"task {number}")
    assert CountedWrites.looks <= 2 * 2 * 2_000
    saver.put_writes(beside, [("__resume__", ["a long answer in place of none"])], "task 0")
    saver.put_writes(beside, [("__resume__", ["short"])], "task 0")
    saver.put_writes(beside, [("n", "a write that comes too late")], "task 1")
    (kept,) = saver.writes.values()
    assert saver._bytes == sum(len(value) for _, _, (_, value), _ in kept.values())
