"""Tools of a ToolNode that ask side by side: no answer reaches the question of another tool."""

import asyncio
import itertools
import re
import threading
from collections import Counter, defaultdict
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import Command, interrupt

import nbhitl
from nbhitl.errors import InvalidAnswer

CONFIG: Any = {"configurable": {"thread_id": "1"}}
SECONDS = 30.0


class Order:
    """The order in which the tools ``a`` and ``b`` ask, in each run of the node: ``"ab"`` or ``"ba"``."""

    def __init__(self, *runs: str) -> None:
        self._runs = itertools.chain(runs, itertools.repeat(runs[-1]))
        self._orders: list[str] = []
        self._nth: Counter[str] = Counter()
        self._events: defaultdict[tuple[int, str], threading.Event] = defaultdict(threading.Event)
        self._lock = threading.Lock()

    def ask(self, name: str) -> Any:
        with self._lock:
            nth = self._nth[name]
            self._nth[name] += 1
            if nth == len(self._orders):
                self._orders.append(next(self._runs))
        self._events[nth, name + " is there"].set()
        other = "b" if name == "a" else "a"
        self._events[nth, other + (" is there" if self._orders[nth][0] == name else " has asked")].wait(SECONDS)
        try:
            return interrupt(self.question(name))
        finally:
            self._events[nth, name + " has asked"].set()

    def question(self, name: str) -> Any:
        return f"{name}?"


def graph_of(order: Order, saver: Any = None) -> Any:
    @tool
    def a(text: str) -> str:
        """Ask."""
        return f"a got {order.ask('a')}"

    @tool
    def b(text: str) -> str:
        """Ask."""
        return f"b got {order.ask('b')}"

    return graph_of_tools(a, b, checkpointer=saver)


def graph_of_tools(*tools: Any, checkpointer: Any = None) -> Any:
    """Return a graph with a single node that calls the tools side by side."""
    builder = StateGraph(MessagesState).add_node("tools", ToolNode(tools)).add_edge(START, "tools")
    return builder.compile(checkpointer=checkpointer)


def both() -> Any:
    calls = [{"name": name, "args": {"text": ""}, "id": f"call-{name}"} for name in "ab"]
    return {"messages": [AIMessage("", tool_calls=calls)]}


def contents(result: Any) -> list[str]:
    return [message.content for message in result["messages"][1:]]


def answered(card: Any) -> Any:
    """Answer each question of the card with the question's own text, until nothing is asked."""
    for _ in range(6):
        if not (asked := card.interrupts):
            return contents(card.result)
        (only,) = asked
        card.answer(f"the answer to {only.value}", id=only.id)
    raise AssertionError("asks for ever")


ORDERS = [("ab", "ab"), ("ab", "ba"), ("ba", "ab"), ("ab", "ab", "ba"), ("ab", "ba", "ab"), ("ba", "ab", "ba", "ab")]
RIGHT = ["a got the answer to a?", "b got the answer to b?"]


@pytest.mark.parametrize("run", ["sync", "async"])
@pytest.mark.parametrize("orders", ORDERS, ids="-".join)
def test_each_tool_gets_the_answer_to_its_own_question_in_any_order_of_asking(orders, run):
    card = nbhitl.review(graph_of(Order(*orders)), both(), run=run)
    assert answered(card) == RIGHT
    assert any("several questions side by side" in note for note in card._core.engine.notes)


def test_plain_langgraph_gives_an_answer_to_the_other_question():
    """The reason for this file: once LangGraph no longer does so, nbhitl's refusal is not needed any more."""
    graph = graph_of(Order("ab", "ba"), InMemorySaver())
    (asked,) = graph.invoke(both(), CONFIG)["__interrupt__"]
    assert asked.value == "a?"
    graph.invoke(Command(resume={asked.id: "the answer to a?"}), CONFIG)
    state = graph.get_state(CONFIG)
    assert state.interrupts[0].value == "a?"  # b got the answer


@pytest.mark.parametrize("orders", ORDERS, ids="-".join)
def test_question_of_a_tool_is_answered_in_another_kernel_by_nobody_elses_answer(orders):
    order, saver = Order(*orders), InMemorySaver()
    first = nbhitl.review(graph_of(order, saver), both())
    assert [each.value for each in first.interrupts] == ["a?"]
    assert first.thread_id is not None
    again = nbhitl.open(graph_of(order, saver), thread_id=first.thread_id)
    assert answered(again) == RIGHT


def test_payload_that_a_form_has_changed_is_asked_once_in_another_kernel():
    class Asking(Order):
        def question(self, name):
            return {"ask": name}

    order, saver = Asking("ab", "ba"), InMemorySaver()
    first = nbhitl.review(graph_of(order, saver), both())
    assert first.interrupts
    assert first.thread_id is not None
    again, got = nbhitl.open(graph_of(order, saver), thread_id=first.thread_id), []
    while asked := again.interrupts:
        got.append(asked[0].value["ask"])
        asked[0].value["seen"] = True
        again.answer(f"the answer to {got[-1]}?")
    assert got == ["a", "b"]
    assert contents(again.result) == RIGHT


def test_questions_without_tools_are_recognised_by_payload():
    async def node(state: Any) -> Any:
        runs.append(1)
        names = "ab" if len(runs) % 2 else "ba"

        async def ask(name: str) -> str:
            return f"{name} got {interrupt(f'{name}?')}"

        return {"messages": sorted(await asyncio.gather(*map(ask, names)))}

    runs: list[int] = []
    builder = StateGraph(MessagesState).add_node("ask", node).add_edge(START, "ask")
    card = nbhitl.review(builder.compile(), both())
    assert answered(card) == RIGHT


def test_question_whose_payload_the_code_beside_changes_is_asked_once():
    async def node(state: Any) -> Any:
        rows: list[str] = []

        async def ask(name: str) -> str:
            rows.extend("b" if name == "b" else "")
            return f"{name} got {interrupt({'asks': name, 'rows': rows})}"

        return {"messages": await asyncio.gather(ask("a"), ask("b"))}

    builder = StateGraph(MessagesState).add_node("ask", node).add_edge(START, "ask")
    card = nbhitl.review(builder.compile(), both())
    asked = []
    while card.interrupts:
        (only,) = card.interrupts
        asked.append(only.value["asks"])
        card.answer(f"the answer to {asked[-1]}?")
    assert asked == ["a", "b"]
    assert contents(card.result) == RIGHT


def test_question_that_is_answered_with_its_own_changed_payload_is_asked_once():
    class Rows(Order):
        def question(self, name: str) -> Any:
            return {"asks": name, "rows": 1}

    order, saver = Rows("ab"), InMemorySaver()
    first = nbhitl.review(graph_of(order, saver), both())
    assert first.interrupts
    assert first.thread_id is not None
    card = nbhitl.open(graph_of(order, saver), thread_id=first.thread_id)
    asked = []
    while card.interrupts:
        (only,) = card.interrupts
        asked.append(only.value["asks"])
        only.value["rows"] = 2
        card.answer(only.value)
    assert asked == ["a", "b"]


def test_tool_that_asks_twice_beside_another_tool_gets_the_answers_in_order():
    @tool
    def a(text: str) -> str:
        """Ask."""
        return f"{order.ask('a')} and {interrupt('a again?')}"

    @tool
    def b(text: str) -> str:
        """Ask."""
        return f"{order.ask('b')}"

    order = Order("ab", "ba", "ab", "ba")
    got = answered(nbhitl.review(graph_of_tools(a, b), both()))
    assert got == ["the answer to a? and the answer to a again?", "the answer to b?"]


def test_tool_that_asks_the_same_text_twice_in_another_kernel_is_asked_twice():
    @tool
    def a(text: str) -> str:
        """Ask."""
        return f"{interrupt('Sure?')}, {interrupt('Sure?')}"

    @tool
    def b(text: str) -> str:
        """Ask nothing."""
        return "done"

    graph = graph_of_tools(a, b, checkpointer=InMemorySaver())
    first = nbhitl.review(graph, both())
    assert [each.value for each in first.interrupts] == ["Sure?"]
    assert first.thread_id is not None
    again = nbhitl.open(graph, thread_id=first.thread_id)
    for number in range(2):
        (asked,) = again.interrupts
        again.answer(f"answer {number}", id=asked.id)
    assert contents(again.result) == ["answer 0, answer 1", "done"]


def test_tool_with_a_different_payload_each_time_gets_the_answer():
    class Numbered(Order):
        def question(self, name: str) -> Any:
            return {"name": name, "number": next(numbers)}

    numbers = itertools.count()
    card = nbhitl.review(graph_of(Numbered("ab", "ba")), both())
    for _ in range(2):
        (asked,) = card.interrupts
        card.answer(asked.value["name"], id=asked.id)
    assert contents(card.result) == ["a got a", "b got b"]


def graph_that_asks(name: str) -> Any:
    def ask(state: Any) -> Any:
        return {"messages": [f"{name} got {interrupt(f'{name}?')}"]}

    return StateGraph(MessagesState).add_node("ask", ask).add_edge(START, "ask").compile()


def graphs_in_tools(*, is_direct: bool = False, checkpointer: Any = None) -> Any:
    inner = {name: graph_that_asks(name) for name in "ab"}

    @tool
    def a(text: str) -> str:
        """Ask."""
        if is_direct:
            return f"a got {interrupt('a?')}"
        return str(inner["a"].invoke({"messages": []})["messages"][-1].content)

    @tool
    def b(text: str) -> str:
        """Ask."""
        return str(inner["b"].invoke({"messages": []})["messages"][-1].content)

    return graph_of_tools(a, b, checkpointer=checkpointer)


@pytest.mark.parametrize("is_direct", [False, True], ids=["both in graphs", "one in a graph"])
def test_tools_that_call_graphs_side_by_side_get_the_answers_to_the_graphs_questions(is_direct):
    assert answered(nbhitl.review(graphs_in_tools(is_direct=is_direct), both())) == RIGHT


def test_questions_of_a_tool_and_of_a_graph_in_a_tool_are_answered_in_another_kernel():
    graph = graphs_in_tools(is_direct=True, checkpointer=InMemorySaver())
    first = nbhitl.review(graph, both())
    assert first.interrupts
    assert first.thread_id is not None
    assert answered(nbhitl.open(graph, thread_id=first.thread_id)) == RIGHT


def test_graphs_in_two_tools_get_an_answer_each_in_another_kernel():
    """LangGraph numbers the two graphs in the order of their calls, which changes now and then.

    In the kernel that has run the tools, nbhitl knows the calls; in another kernel the first graph gets the answer.
    """
    graph = graphs_in_tools(checkpointer=InMemorySaver())
    first = nbhitl.review(graph, both())
    assert first.interrupts
    assert first.thread_id is not None
    got = answered(nbhitl.open(graph, thread_id=first.thread_id))
    assert all(re.fullmatch(r"[ab] got the answer to [ab]\?", each) for each in got)
    assert len(got) == 2


def test_none_is_refused_where_another_tool_could_get_the_answer():
    card = nbhitl.review(graph_of(Order("ab")), both())
    card.answer(None, id=card.interrupts[0].id)
    card._core.let_it_work(or_raise=False)
    assert isinstance(card._core.state.asked[0].problem, InvalidAnswer)


def test_one_tool_alone_is_no_reason_for_a_note():
    @tool
    def a(text: str) -> str:
        """Ask."""
        return f"a got {interrupt('a?')}"

    @tool
    def b(text: str) -> str:
        """Do not ask."""
        return "b"

    card = nbhitl.review(graph_of_tools(a, b), both(), answers=["yes"])
    assert contents(card.result) == ["a got yes", "b"]
    assert not [note for note in card._core.engine.notes if "side by side" in note]
