"""Answers that do not fit a stop without a question: refused by name, and the stop stays open."""

from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

import nbhitl
from nbhitl.errors import InvalidAnswer

GOES_ON = "answer None to go on as it is"


@tool
def pay(amount: int) -> str:
    """Pay."""
    return f"paid {amount}"


def clerk() -> Any:
    def model(_state: MessagesState) -> Any:
        return {"messages": [AIMessage("", tool_calls=[{"name": "pay", "args": {"amount": 5}, "id": "call_1"}])]}

    builder: Any = StateGraph(MessagesState)
    builder.add_node("model", model).add_node("tools", ToolNode([pay])).add_edge(START, "model")
    return builder.add_edge("model", "tools").compile(InMemorySaver(), interrupt_before=["tools"])


def waiting(graph: Any, value: Any) -> Any:
    card = nbhitl.review(graph, value)
    assert card.interrupts
    return card


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({}, f"an empty mapping changes nothing.*{GOES_ON}"),
        ([{}], f"the answer is no mapping.*{GOES_ON}"),
        ({1: 2}, f"a key of the mapping is no text.*{GOES_ON}"),
        (nbhitl.edit(amunt=1), "'pay' has no 'amunt' to edit; did you mean 'amount'?"),
        (nbhitl.edit(colour="red"), "The state has no 'colour'; known keys: 'messages'"),
    ],
)
def test_answer_that_fits_no_stop_before_a_tool_is_refused_by_name(answer, said):
    with pytest.raises(InvalidAnswer, match=said):
        _ = nbhitl.review(clerk(), {"messages": "Pay"}, answers=[answer]).result


def test_key_of_the_state_without_a_value_so_far_is_edited_though_an_argument_is_named_alike():
    class State(MessagesState, total=False):
        amount: int
        amounts: list[int]

    def model(_state: State) -> Any:
        return {"messages": [AIMessage("", tool_calls=[{"name": "pay", "args": {"amount": 5}, "id": "call_1"}])]}

    builder: Any = StateGraph(State)
    builder.add_node("model", model).add_node("tools", ToolNode([pay])).add_edge(START, "model").add_edge(
        "model", "tools"
    )
    graph = builder.compile(InMemorySaver(), interrupt_before=["tools"])
    result = nbhitl.review(graph, {"messages": "Pay"}, answers=[nbhitl.edit(amounts=[1], amount=2)]).result
    assert (result["amounts"], result["amount"], result["messages"][-1].content) == ([1], 2, "paid 5")


@pytest.mark.parametrize(
    ("update", "said"),
    [
        ({"messages": [5]}, "NotImplementedError: Unsupported message type"),
        ({"messages": [{"$message": 1, "type": "ai", "content": 5}]}, "ValidationError: 2 validation errors"),
    ],
)
def test_messages_that_langchain_cannot_read_are_refused_and_the_stop_stays_open(update, said):
    card = waiting(clerk(), {"messages": "Pay"})
    card.answer(update)
    with pytest.raises(InvalidAnswer, match=f"The state cannot be updated with these values: {said}") as refused:
        _ = card.result
    assert "input_value" not in str(refused.value)
    card.answer(None)
    assert card.result["messages"][-1].content == "paid 5"


class Refused(Exception):
    """An exception of the user's own class."""


def no_bad(_before: str, value: str) -> str:
    if value == "bad":
        raise Refused(value)
    return value


class Reduced(TypedDict):
    value: Annotated[str, no_bad]


@pytest.mark.parametrize("run", ["sync", "async"])
def test_update_that_a_reducer_refuses_leaves_the_stop_open(run):
    builder: Any = StateGraph(Reduced)
    builder.add_node("on", lambda _state: {}).add_edge(START, "on")
    card = nbhitl.review(builder.compile(interrupt_before=["on"]), {"value": "start"}, run=run)
    assert card.interrupts
    card.answer({"value": "bad"})
    with pytest.raises(InvalidAnswer, match="Refused: bad. Nothing was sent"):
        _ = card.result
    card.answer({"value": "good"})
    assert card.result == {"value": "good"}
