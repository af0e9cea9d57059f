"""A question names its asker: the tool, the subagent, or the graph that a node calls."""

from typing import Any, TypedDict

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.language_models import FakeMessagesListChatModel
from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import interrupt

import nbhitl
from nbhitl.engines.whose import Whose, asking_side_by_side, tool_in_state
from nbhitl.runs.run import Chunk, Interrupt
from tests.views import view_of


class Model(FakeMessagesListChatModel):
    def bind_tools(self, *_tools: Any, **_options: Any) -> Any:
        return self


def calling(*names: str) -> AIMessage:
    calls = [{"name": name, "args": {"text": "x"}, "id": f"{name}-{i}"} for i, name in enumerate(names)]
    return AIMessage("", tool_calls=calls)


@tool
def search(text: str) -> str:
    """Search."""
    return str(interrupt(f"Search {text}?"))


@tool
def fetch(text: str) -> str:
    """Fetch."""
    return str(interrupt(f"Fetch {text}?"))


@tool
def pay(text: str) -> str:
    """Pay."""
    return "paid"


def agent(*tools: Any, name: str | None = None, **options: Any) -> Any:
    model = Model(responses=[calling(*(each.name for each in tools)), AIMessage("done")])
    return create_agent(model, list(tools), name=name, **options)


def as_tool(inner: Any, name: str) -> Any:
    def ask(text: str) -> str:
        """Ask."""
        return str(inner.invoke({"messages": text})["messages"][-1].content)

    return tool(name)(ask)


def boss(saver: Any = None) -> Any:
    researcher = as_tool(agent(search, name="researcher"), "ask_researcher")
    payer = agent(pay, name="payer", middleware=[HumanInTheLoopMiddleware({"pay": True})])
    return agent(researcher, as_tool(payer, "ask_payer"), name="boss", checkpointer=saver)


class State(TypedDict):
    value: Any


def askers(card: Any) -> dict[str, str]:
    return {str(each.value)[:14]: each.who for each in card.interrupts}


def test_questions_of_an_agent_s_tools_name_the_tool():
    card = nbhitl.review(agent(search, fetch), {"messages": "hi"})
    assert askers(card) == {"Search x?": "tools > search", "Fetch x?": "tools > fetch"}
    assert [question["node"] for question in view_of(card)["questions"]] == ["tools > search", "tools > fetch"]


def test_questions_of_subagents_called_in_tools_name_the_subagent():
    card = nbhitl.review(boss(), {"messages": "hi"})
    assert askers(card) == {
        "Search x?": "tools > ask_researcher > researcher > search",
        "{'action_reque": "tools > ask_payer > payer > HumanInTheLoopMiddleware.after_model",
    }


def test_answers_by_node_are_given_as_ever_where_subagents_ask():
    card = nbhitl.review(boss(), {"messages": "hi"}, answers={"tools": ["yes", nbhitl.approve()]})
    assert [each.content for each in card.result["messages"]][-1] == "done"


def test_questions_of_a_tool_node_name_the_tool():
    graph = StateGraph(MessagesState).add_node("run", ToolNode([search, fetch])).add_edge(START, "run").compile()
    card = nbhitl.review(graph, {"messages": [calling("search", "fetch")]})
    assert askers(card) == {"Search x?": "run > search"}
    card.answer("found")
    assert askers(card) == {"Fetch x?": "run > fetch"}


def test_question_of_a_graph_called_in_a_node_names_the_inner_node():
    inner = StateGraph(State).add_node("inner", lambda _: {"value": interrupt("?")}).add_edge(START, "inner").compile()
    hidden = [inner]  # LangGraph finds graphs in variables, but not in lists

    def calls(state: State) -> Any:
        return hidden[0].invoke(state)

    outer = StateGraph(State).add_node("outer", calls).add_edge(START, "outer").compile()
    assert askers(nbhitl.review(outer, {"value": 0})) == {"?": "outer > inner"}


def test_node_that_asks_itself_is_named_alone():
    graph = StateGraph(State).add_node("ask", lambda _: {"value": interrupt("?")}).add_edge(START, "ask").compile()
    assert askers(nbhitl.review(graph, {"value": 0})) == {"?": "ask"}
    inside = StateGraph(State).add_node("sub", graph).add_edge(START, "sub").compile()
    assert askers(nbhitl.review(inside, {"value": 0})) == {"?": "sub/ask"}


def test_tools_are_named_where_the_thread_is_opened_in_another_kernel():
    saver = InMemorySaver()
    graph = agent(search, fetch, checkpointer=saver)
    card = nbhitl.review(graph, {"messages": "hi"})
    asked = askers(card)
    assert card.thread_id
    again = nbhitl.open(agent(search, fetch, checkpointer=saver), thread_id=card.thread_id)
    assert askers(again) == asked


def test_reviewer_of_a_call_is_not_taken_for_the_tool():
    builder = StateGraph(MessagesState).add_node("review", lambda _: {"messages": interrupt("Fine?")})
    card = nbhitl.review(builder.add_edge(START, "review").compile(), {"messages": [calling("pay")]})
    assert askers(card) == {"Fine?": "review"}


@pytest.mark.parametrize(
    ("names", "path", "told"),
    [
        (["search", "fetch"], ["__pregel_pull", "tools"], [("tools",)]),
        (["search", "fetch"], ["__pregel_push", 0, False], []),
        (["search"], ["__pregel_pull", "tools"], []),
    ],
    ids=["one task", "a task each", "one tool"],
)
def test_served_thread_whose_tools_may_ask_side_by_side_is_seen(names, path, told):
    messages = [{"type": "ai", "tool_calls": [{"name": name, "args": {}, "id": name} for name in names]}]
    tasks = [{"name": "tools", "path": path, "interrupts": [{"id": "i", "value": "?"}]}]
    state = {"values": {"messages": messages}, "tasks": tasks}
    assert list(asking_side_by_side(state)) == told
    around = {"values": {}, "tasks": [{"name": "agent", "interrupts": tasks[0]["interrupts"], "state": state}]}
    assert list(asking_side_by_side(around)) == [("agent", *path) for path in told]


@pytest.mark.parametrize("part", [None, [], 3, {"messages": 3}, {"messages": [{"tool_calls": "x"}]}, [{"name": 3}]])
def test_chunks_of_any_shape_are_taken(part):
    whose = Whose()
    seen = whose.seen_by(lambda _chunk: None)
    seen(Chunk("tasks", {"id": "1", "name": "tools", "input": part, "triggers": (), "metadata": part}))
    seen(Chunk("tasks", {"id": "1", "name": "tools", "interrupts": part}))
    seen(Chunk("tasks", {"id": "1", "name": "tools", "interrupts": [{"id": part}, part]}))
    assert whose.named([Interrupt("i", "tools", None)])[0].who == "tools"
    assert tool_in_state(part, "tools", ["__pregel_push", 0], 1) == ""
