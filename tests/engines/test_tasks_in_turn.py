"""Prints of LangGraph's tasks come in the order in which LangGraph plans the tasks; no print waits without need."""

import asyncio
import threading
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.func import entrypoint, task
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

from nbhitl.engines.local.prints import TaskOutputs, overheard
from nbhitl.engines.local.segments import LocalSegment
from nbhitl.kernel.output_order import OutputOrder
from tests.graphs import Texts

LIMIT = 30.0
START_WITH: Any = {"texts": []}


class Printed:
    """Keeps the prints so far, and lets nodes wait for a print."""

    def __init__(self, monkeypatch):
        self.lines = []
        self._news = threading.Condition()
        monkeypatch.setattr("sys.stdout", self)

    def write(self, text):
        with self._news:
            self.lines += [text] if text.strip() else []
            self._news.notify_all()
        return len(text)

    def flush(self):
        pass

    def wait_for(self, line):
        with self._news:
            return self._news.wait_for(lambda: line in self.lines, LIMIT)


def run(graph, value, *, tokens=False, is_async=False):
    lane = OutputOrder(runs=True).lane(0)
    lane.needed()
    outputs = TaskOutputs(lane)
    heard: list[Any] = []

    def see(chunk):
        outputs.saw(chunk)
        heard.append(chunk)

    segment = LocalSegment(graph, see, {}, tokens=tokens)
    with overheard(heard.append, outputs.show):
        config: Any = {"configurable": {}}
        result = asyncio.run(segment.arun(value, config)) if is_async else segment.run(value, config)
    outputs.over()
    return result


def side_by_side(*, is_async=False):
    """Return a graph in which each node ends only after the next planned node has printed, or tried to."""
    done = {name: threading.Event() for name in "abcd"}

    def say(name, behind):
        print(f"{name} begins")  # noqa: T201
        done[behind].wait(LIMIT)
        print(f"{name} ends")  # noqa: T201
        done[name].set()
        return {"texts": [name]}

    def node(name, behind):
        async def in_a_thread(_state):
            return await asyncio.to_thread(say, name, behind)

        return in_a_thread if is_async else lambda _state: say(name, behind)

    done["d"].set()
    builder = StateGraph(Texts)
    for name, behind in (("a", "b"), ("b", "c"), ("c", "d")):
        builder.add_node(name, node(name, behind)).add_edge(START, name)
    return builder


IN_TURN = ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]


@pytest.mark.parametrize("tokens", [False, True])
@pytest.mark.parametrize("is_async", [False, True])
def test_nodes_that_end_in_another_order_print_in_the_order_of_their_plan(monkeypatch, tokens, is_async):
    printed = Printed(monkeypatch)
    graph = side_by_side(is_async=is_async).compile()
    run(graph, START_WITH, tokens=tokens, is_async=is_async)
    assert printed.lines == IN_TURN


def test_nodes_of_a_subgraph_print_within_their_node_and_before_the_node_beside(monkeypatch):
    printed = Printed(monkeypatch)
    is_printed = threading.Event()

    def beside(_state):
        print("beside")  # noqa: T201
        is_printed.set()
        return {"texts": []}

    def before(state):
        is_printed.wait(LIMIT)
        print("before")  # noqa: T201
        inner.invoke(state)
        print("after")  # noqa: T201
        return {"texts": []}

    inner = side_by_side().compile()
    builder = StateGraph(Texts).add_node("before", before).add_node("beside", beside)
    run(builder.add_edge(START, "before").add_edge(START, "beside").compile(), START_WITH)
    assert printed.lines == ["before", *IN_TURN, "after", "beside"]


def test_task_of_a_function_prints_at_once_and_the_function_too(monkeypatch):
    printed = Printed(monkeypatch)

    @task
    def work(name):
        print(name)  # noqa: T201
        return printed.wait_for(name)

    @entrypoint()
    def whole(names):
        works = [work(name) for name in names]
        print("begun")  # noqa: T201
        return [printed.wait_for("begun"), *(each.result() for each in works)]

    assert run(whole, ["first"]) == [True, True]
    assert run(whole, ["a", "b"])[:2] == [True, True]


def test_print_of_a_node_beside_an_ended_node_does_not_wait(monkeypatch):
    """In the run after an interrupt LangGraph plans the node that has ended, too."""
    printed = Printed(monkeypatch)
    seen = []

    def asks(_state):
        interrupt("?")
        print("answered")  # noqa: T201
        seen.append(printed.wait_for("answered"))
        return {"texts": []}

    builder = StateGraph(Texts).add_node("a", lambda _state: {"texts": ["a"]}).add_node("b", asks)
    graph = builder.add_edge(START, "a").add_edge(START, "b").compile(checkpointer=InMemorySaver())
    config: Any = {"configurable": {"thread_id": "1"}}
    graph.invoke(START_WITH, config)
    lane = OutputOrder(runs=True).lane(0)
    lane.needed()
    outputs = TaskOutputs(lane)
    segment = LocalSegment(graph, outputs.saw, {}, tokens=False)
    with overheard(lambda chunk: None, outputs.show):
        segment.run(Command(resume="yes"), config)
    assert seen == [True]
