"""A node calls a graph whose own checkpointer fails: the step has had its effect, and may not run again."""

from typing import Any, TypedDict

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

import nbhitl
from nbhitl.errors import MayHaveRun


class State(TypedDict, total=False):
    value: str


def graph_of(name: str, node: Any) -> Any:
    builder: Any = StateGraph(State)
    return builder.add_node(name, node).add_edge(START, name).compile(checkpointer=InMemorySaver())


class Failing(InMemorySaver):
    """Fails like a locked database."""

    fails = False

    def put(self, *args: Any, **kwargs: Any) -> Any:
        if self.fails:
            raise OSError("database is locked")
        return super().put(*args, **kwargs)


class Shop:
    """Asks in a node, which then calls a graph that pays."""

    def __init__(self, *, asks: bool = True, wraps: bool = False, is_async: bool = False) -> None:
        self.paid: list[str] = []
        self.saver = Failing()
        self._asks, self._wraps = asks, wraps
        inner: Any = StateGraph(State)
        inner.add_sequence([("pay", self._pay), ("after", lambda _state: {})])
        self._inner = inner.add_edge(START, "pay").compile(checkpointer=self.saver)
        builder: Any = StateGraph(State)
        builder.add_node("call", self._acall if is_async else self._call)
        self.graph = builder.add_edge(START, "call").compile(checkpointer=InMemorySaver())

    def _pay(self, state: State) -> Any:
        self.paid.append(state["value"])
        self.saver.fails = True
        return {}

    @property
    def _thread(self) -> Any:
        return {"configurable": {"thread_id": f"inner-{len(self.paid)}"}}

    def _call(self, state: State) -> Any:
        value = interrupt("Pay?") if self._asks else state["value"]
        try:
            return self._inner.invoke({"value": value}, self._thread)
        except OSError as error:
            if self._wraps:
                raise RuntimeError("the shop is closed") from error
            raise

    async def _acall(self, _state: State) -> Any:
        return await self._inner.ainvoke({"value": interrupt("Pay?")}, self._thread)

    def run(self, **options: Any) -> Any:
        return nbhitl.review(self.graph, {"value": "start"}, key="shop", **options).result


@pytest.mark.parametrize("options", [{}, {"wraps": True}, {"is_async": True}], ids=["sync", "wrapped", "async"])
def test_node_whose_inner_graph_could_not_save_is_not_run_again_where_nobody_is_there(options):
    shop = Shop(**options)
    with pytest.raises((OSError, RuntimeError)):
        shop.run(answers=["yes"])
    shop.saver.fails = False
    with pytest.raises(MayHaveRun, match="Node 'call' was given an answer, and was cut off before its step was saved"):
        shop.run(answers=["yes"])
    assert shop.paid == ["yes"]


def test_node_without_a_question_whose_inner_graph_could_not_save_is_not_run_again():
    shop = Shop(asks=False)
    with pytest.raises(OSError, match="locked"):
        shop.run(answers=[])
    shop.saver.fails = False
    with pytest.raises(MayHaveRun):
        shop.run(answers=[])
    assert shop.paid == ["start"]


def test_source_that_allows_it_runs_the_node_again():
    shop = Shop()
    with pytest.raises(OSError, match="locked"):
        shop.run(answers=["yes"])
    shop.saver.put = super(Failing, shop.saver).put  # type: ignore[method-assign]
    assert shop.run(answers=["yes"], may_run_again=True) == {"value": "yes"}
    assert shop.paid == ["yes", "yes"]


def test_card_of_another_kernel_warns_of_the_step_that_may_have_run():
    shop = Shop()
    card = nbhitl.review(shop.graph, {"value": "start"}, {"configurable": {"thread_id": "1"}})
    card.answer("yes")
    with pytest.raises(OSError, match="locked"):
        _ = card.result
    (asked,) = nbhitl.open(shop.graph, thread_id="1").interrupts
    assert asked.former is not None
    assert (asked.former.value, asked.former.error) == ("yes", None)


def test_exception_of_the_inner_graphs_own_node_is_one_of_the_node():
    def refuses(_state: State) -> Any:
        raise OSError("no such shop")

    inner = graph_of("pay", refuses)

    def call(_state: State) -> Any:
        return inner.invoke({"value": interrupt("Pay?")}, {"configurable": {"thread_id": "inner"}})

    graph = graph_of("call", call)
    card = nbhitl.review(graph, {"value": ""}, {"configurable": {"thread_id": "1"}})
    card.answer("yes")
    with pytest.raises(OSError, match="no such shop"):
        _ = card.result
    (asked,) = nbhitl.open(graph, thread_id="1").interrupts
    assert asked.former is not None
    assert asked.former.error == "OSError: no such shop"
