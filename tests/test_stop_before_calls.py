"""A stop before several tool calls: the rest of the state can be updated too, exactly as before a single call."""

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

import nbhitl
from nbhitl.errors import InvalidAnswer
from tests.test_page import Card

PAY = {"messages": [{"role": "user", "content": "Pay"}], "limit": 10}


class Limited(MessagesState, total=False):
    limit: int


class Clerk:
    """A graph that calls a tool for several names at once, stops before the tool, and tells the limit at the end."""

    def __init__(self, *names):
        self.ran: list[str] = []

        def pay(name: str) -> str:
            """Pay somebody."""
            self.ran.append(name)
            return f"paid {name}"

        calls = [{"name": "pay", "args": {"name": name}, "id": f"call_{name}"} for name in names]
        builder: Any = StateGraph(Limited)
        builder.add_node("model", lambda _state: {"messages": [AIMessage("", tool_calls=calls, id="made")]})
        builder.add_node("tools", ToolNode([pay]))
        builder.add_node("tell", lambda state: {"messages": [AIMessage(f"up to {state['limit']}")]})
        builder.add_edge(START, "model").add_edge("model", "tools").add_edge("tools", "tell")
        self.graph: Any = builder.compile(checkpointer=InMemorySaver(), interrupt_before=["tools"])


def said(result):
    return [each.content for each in result["messages"][2:] if each.content]


def test_state_is_edited_beside_the_decisions_on_each_call():
    clerk = Clerk("Ann", "Bob")
    card = Card(clerk.graph, PAY)
    *calls, state = card.view["questions"][0]["field"]["requests"]
    assert [each["title"] for each in (*calls, state)] == ["pay", "pay", "The state"]
    assert [each["label"] for each in state["actions"]] == ["Leave it", "Edit the state first"]
    draft = [{"action": "approve"}, {"action": "reject", "value": ""}, {"action": "edit", "value": {"limit": 3}}]
    recorded = json.loads(card.answer(json.dumps(draft))["record"]["entry"]["answer"])
    assert recorded == [{"$decision": "approve"}, {"$decision": "reject"}, {"$state": {"limit": 3}}]
    result = card.review.result
    assert card.view["turns"][0]["gist"] == "pay: approved; pay: rejected; The state: changed: limit 10 → 3"
    assert (result["limit"], clerk.ran, said(result)[-1]) == (3, ["Ann"], "up to 3")
    again = Clerk("Ann", "Bob")
    assert said(nbhitl.review(again.graph, PAY, answers=[recorded]).result) == said(result)


def test_state_is_edited_and_every_call_runs_as_in_plain_langgraph():
    config: Any = {"configurable": {"thread_id": "1"}}
    plain, clerk = Clerk("Ann", "Bob"), Clerk("Ann", "Bob")
    plain.graph.invoke(PAY, config)
    plain.graph.update_state(config, {"limit": 3})
    card = Card(clerk.graph, PAY)
    draft = [{"action": "approve"}, {"action": "approve"}, {"action": "edit", "value": {"limit": 3}}]
    assert json.loads(card.answer(json.dumps(draft))["record"]["entry"]["answer"]) == {"limit": 3}
    assert said(card.review.result) == said(plain.graph.invoke(None, config))
    assert card.view["turns"][0]["gist"] == "pay: approved; pay: approved; The state: changed: limit 10 → 3"
    assert sorted(clerk.ran) == sorted(plain.ran)


def test_one_decision_stands_for_all_calls_and_leaves_the_state():
    clerk = Clerk("Ann", "Bob")
    result = nbhitl.review(clerk.graph, PAY, answers=[nbhitl.reject("no")]).result
    assert (result["limit"], clerk.ran) == (10, [])


@pytest.mark.parametrize("changes", [{}, 3, None])
def test_state_that_is_no_mapping_with_something_in_it_is_refused(changes):
    card = nbhitl.review(Clerk("Ann", "Bob").graph, PAY)
    with pytest.raises(InvalidAnswer, match="with what of the state is to change|holds 3 decisions"):
        card.answer([{"$decision": "approve"}, {"$decision": "reject"}, {"$state": changes}])


@pytest.mark.parametrize("names", [["Ann"], ["Ann", "Bob"]])
@pytest.mark.parametrize(
    ("decision", "refusal"),
    [
        ({"$decision": "respond", "message": ""}, "lacks a text: 'message'"),
        ({"$decision": "respond"}, "lacks a text: 'message'"),
        ({"$decision": "reject", "reason": "no"}, "has the key 'reason'"),
        ({"$decision": "forgive"}, "allowed: .*reject, respond"),
        ({"$decision": "reject", "message": ""}, None),
        ({"$decision": "reject"}, None),
    ],
)
def test_decision_is_refused_or_taken_alike_for_one_call_and_for_several(names, decision, refusal):
    clerk = Clerk(*names)
    card = nbhitl.review(clerk.graph, PAY)
    answer = decision if len(names) == 1 else [decision] * len(names)
    if refusal is not None:
        with pytest.raises(InvalidAnswer, match=refusal):
            card.answer(answer)
        return
    card.answer(answer)
    assert len([each for each in said(card.result) if each.startswith("User rejected the tool call")]) == len(names)
    assert clerk.ran == []
