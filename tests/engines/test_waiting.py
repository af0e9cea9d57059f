"""Threads that wait for a person are all found by a single look at the checkpointer."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, HumanInTheLoopMiddleware, ToolRetryMiddleware
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, ToolCall
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

import nbhitl
from nbhitl.engines import threads_of
from nbhitl.engines.local import stores
from nbhitl.kernel.background import finish
from tests.engines import contract_graphs

INPUT = {"text": "original text"}


SAVERS = [
    *("InMemorySaver", "SqliteSaver", "unknown saver"),
    pytest.param("PostgresSaver", marks=pytest.mark.needs("postgresql")),
]


@pytest.fixture(params=SAVERS)
def saver(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "PostgresSaver":
        from langgraph.checkpoint.postgres import PostgresSaver

        with PostgresSaver.from_conn_string(request.getfixturevalue("database")) as saver:
            for thread_id in finish(threads_of(with_saver("seed", saver)).ids()):
                saver.delete_thread(thread_id)
            yield saver
    elif request.param == "SqliteSaver":
        with SqliteSaver.from_conn_string(":memory:") as saver:
            yield saver
    elif request.param == "unknown saver":
        with Unknown.from_conn_string(":memory:") as saver:
            yield saver
    else:
        yield InMemorySaver()


class Unknown(SqliteSaver):
    """A saver of a user, in which only the public ``list`` finds threads."""


def with_saver(name: str, saver: Any) -> Any:
    return getattr(contract_graphs, name).copy(update={"checkpointer": saver})


def started(graph: Any, thread_id: str, *answers: Any) -> None:
    """Run a thread by plain LangGraph, and answer the questions."""
    config: Any = {"configurable": {"thread_id": thread_id}}
    graph.invoke(INPUT, config)
    for answer in answers:
        asked = graph.get_state(config, subgraphs=True).interrupts
        graph.invoke(Command(resume={asked[0].id: answer}), config)


def waiting(graph: Any) -> list[Any]:
    return finish(threads_of(graph).waiting())


def test_threads_with_a_question_are_found_with_payload_node_and_time_the_newest_first(saver):
    graph = with_saver("seed", saver)
    started(graph, "1")
    started(graph, "2", "Edited text")
    started(graph, "3")
    third, first = waiting(graph)
    assert (first.thread_id, third.thread_id) == ("1", "3")
    (asked,) = first.interrupts
    (pending,) = graph.get_state({"configurable": {"thread_id": "1"}}).interrupts
    assert (asked.id, asked.node, asked.value) == (pending.id, "review", {"text_to_revise": "original text"})
    assert str(first.since) < str(third.since)


@pytest.mark.parametrize("name", ["twice", "loop", "deep", "called", "functional", "branches", "sends", "typed"])
def test_found_questions_are_the_questions_of_the_state_before_and_after_an_answer(saver, name):
    graph = with_saver(name, saver)
    config = {"configurable": {"thread_id": "1"}}
    graph.invoke({"text": ["0", "1"]} if name == "sends" else INPUT, config)
    while pending := graph.get_state(config, subgraphs=True).interrupts:
        (found,) = waiting(graph)
        assert {each.id for each in found.interrupts} == {each.id for each in pending}
        answers = {"title": "Walk", "days": 3} if name == "typed" else "1"
        graph.invoke(Command(resume={pending[0].id: answers}), config)
        if len(graph.get_state(config).values.get("answers", ())) > 2:  # the loop has no end
            break


def test_a_thread_whose_last_resume_failed_still_waits_and_says_why(saver):
    graph = with_saver("picky", saver)
    with pytest.raises(ValueError, match="invalid literal"):
        started(graph, "1", "bad")
    (found,) = waiting(graph)
    assert [each.value for each in found.interrupts] == ["How many?"]
    assert found.failed == "ValueError: invalid literal for int() with base 10: 'bad'"


def test_a_thread_at_a_static_breakpoint_waits_too(saver):
    graph = with_saver("stops_before", saver)
    started(graph, "1")
    (found,) = waiting(graph)
    assert found.interrupts[0].is_stop
    graph.invoke(None, {"configurable": {"thread_id": "1"}})
    assert waiting(graph) == []


def test_a_thread_at_a_breakpoint_is_forgotten_with_its_payload_when_the_thread_is_gone():
    graph = with_saver("stops_before", InMemorySaver())
    for thread in "12":
        started(graph, thread)
    threads: Any = threads_of(graph)
    assert len(finish(threads.waiting())) == 2
    graph.checkpointer.delete_thread("1")
    (found,) = finish(threads.waiting())
    assert threads._looked_at == {"2": (found.checkpoint, found)}


def test_a_thread_whose_answer_is_at_work_does_not_wait(saver):
    begun, go_on = threading.Event(), threading.Event()

    def work(state: contract_graphs.State) -> contract_graphs.State:
        answer = interrupt("Go on?")
        begun.set()
        assert go_on.wait(30)
        return {"text": answer}

    graph = StateGraph(contract_graphs.State).add_node("work", work).add_edge(START, "work").compile(checkpointer=saver)
    card = nbhitl.review(graph, INPUT)
    assert card.interrupts
    assert len(waiting(graph)) == 1
    card.answer("yes")
    assert begun.wait(30)
    assert waiting(graph) == []
    go_on.set()
    assert card.result["text"] == "yes"
    assert waiting(graph) == []


def test_an_async_checkpointer_is_looked_at_on_its_loop(tmp_path):
    async def found():
        async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "checkpoints.db")) as saver:
            graph = with_saver("seed", saver)
            await graph.ainvoke(INPUT, {"configurable": {"thread_id": "1"}})
            threads = threads_of(graph)
            assert threads.on_kernel_loop
            return await threads.waiting(), await threads.ids()

    (thread,), ids = asyncio.run(found())
    assert (thread.interrupts[0].node, ids) == ("review", ["1"])


def test_the_time_of_a_checkpoint_stands_in_its_id():
    graph = with_saver("seed", InMemorySaver())
    started(graph, "1")
    state = graph.get_state({"configurable": {"thread_id": "1"}})
    told = stores.time_of(state.config["configurable"]["checkpoint_id"])
    assert told is not None
    assert abs(float(told[17:23]) - float(state.created_at[17:23])) < 0.1 or told[:16] != state.created_at[:16]
    assert stores.time_of("checkpoint 7") is None


def test_newest_threads_that_wait_are_found_without_a_look_at_all_threads(saver, monkeypatch):
    graph = with_saver("seed", saver)
    for number in range(6):
        started(graph, f"waits-{number}")
    started(graph, "ended", "Edited text")
    found = finish(threads_of(graph).newest(3))
    expected = [] if type(saver) is Unknown else ["waits-5", "waits-4", "waits-3"]
    assert [each.thread_id for each in found] == expected
    all_threads = {each.thread_id: each for each in waiting(graph)}
    assert [all_threads[each.thread_id] for each in found] == found


def test_only_the_end_of_the_table_is_searched_for_the_newest_threads(saver, monkeypatch):
    monkeypatch.setattr(stores, "RECENT_ROWS", 40)
    graph = with_saver("seed", saver)
    started(graph, "old")
    for number in range(30):
        started(graph, f"ended-{number}", "Edited text")
    started(graph, "new")
    found = {each.thread_id for each in finish(threads_of(graph).newest(50))}
    assert found <= {"old", "new"}
    assert ("old" in found) is (type(saver).__name__ == "PostgresSaver")  # by blocks: all are recent
    assert ("new" in found) is (type(saver) is not Unknown)


@tool
def pay(to: str, amount: int) -> str:
    """Pay an amount."""
    return f"paid {amount} to {to}"


@tool
def delete(path: str) -> str:
    """Delete a file."""
    return f"deleted {path}"


PAYS = ToolCall(name="pay", args={"to": "Ann", "amount": 5}, id="call-1")


def an_agent(saver: Any, tools: Any, *, name: str | None = None, gate: Any = None, **options: Any) -> Any:
    replies = iter([AIMessage("", tool_calls=[PAYS]), AIMessage("done")])
    gates = {each.name: True for each in tools} if gate is None else gate
    middleware = [HumanInTheLoopMiddleware(gates), ToolRetryMiddleware()] if gates else []
    return create_agent(
        Toolbound(messages=replies), tools, middleware=middleware, checkpointer=saver, name=name, **options
    )


class Toolbound(GenericFakeChatModel):
    """A model that says the replies, whichever tools are bound."""

    def bind_tools(self, tools: Any, **options: Any) -> Any:
        return self


def asked_by(agent: Any, thread_id: str = "1") -> None:
    agent.invoke({"messages": [("user", "hi")]}, {"configurable": {"thread_id": thread_id}})


def test_agents_with_the_same_checkpointer_have_separate_inboxes_by_their_names(saver):
    first, second = an_agent(saver, [pay], name="first"), an_agent(saver, [pay], name="second")
    unnamed = an_agent(saver, [pay])
    asked_by(first)
    assert [(row.thread, row.assistant) for row in nbhitl.inbox(first)] == [("1", "first")]
    assert len(nbhitl.inbox(second)) == len(nbhitl.inbox(unnamed)) == 0
    assert list(nbhitl.inbox(second).cards()) == []


def test_thread_of_an_unnamed_agent_is_listed_without_the_name_of_the_inbox(saver):
    asked_by(an_agent(saver, [pay]))
    assert [row.assistant for row in nbhitl.inbox(an_agent(saver, [pay], name="second"))] == [""]


@pytest.mark.parametrize("gate", [{"delete": True}, {"pay": True}])
def test_call_of_a_tool_that_an_agent_lacks_is_of_another_agent(gate):
    saver = InMemorySaver()
    mine = an_agent(saver, [pay])
    asked_by(mine)
    assert [row.tool for row in nbhitl.inbox(mine)] == ["pay"]
    assert len(nbhitl.inbox(an_agent(saver, [delete], gate=gate))) == 0


def test_call_that_an_agent_no_longer_asks_about_still_waits_for_a_person():
    saver = InMemorySaver()
    asked_by(an_agent(saver, [pay, delete]))
    assert [row.tool for row in nbhitl.inbox(an_agent(saver, [pay, delete], gate={"delete": True}))] == ["pay"]


def test_stop_before_a_tool_that_an_agent_lacks_is_of_another_agent():
    saver = InMemorySaver()
    mine, other = (an_agent(saver, [each], gate={}, interrupt_before=["tools"]) for each in (pay, delete))
    asked_by(mine)
    assert [row.node for row in nbhitl.inbox(mine)] == ["tools"]
    assert len(nbhitl.inbox(other)) == 0


def test_question_within_a_tool_that_an_agent_lacks_is_of_another_agent():
    def pay(to: str, amount: int) -> str:
        """Pay an amount."""
        return str(interrupt(f"{amount} to {to}?"))

    saver = InMemorySaver()
    mine, other = an_agent(saver, [tool(pay)], gate={}), an_agent(saver, [delete], gate={})
    asked_by(mine)
    assert [row.asked for row in nbhitl.inbox(mine)] == ["5 to Ann?"]
    assert len(nbhitl.inbox(other)) == 0


class MoreTools(AgentMiddleware):
    """Runs calls of a tool that the agent does not name."""

    def wrap_tool_call(self, request: Any, handler: Any) -> Any:
        return handler(request.override(tool=pay))


def test_agent_whose_middleware_runs_further_tools_keeps_its_threads():
    gate = HumanInTheLoopMiddleware({"pay": True})
    model = Toolbound(messages=iter([AIMessage("", tool_calls=[PAYS]), AIMessage("done")]))
    agent = create_agent(
        model, [delete], middleware=[gate, MoreTools(), ToolRetryMiddleware()], checkpointer=InMemorySaver()
    )
    asked_by(agent)
    (card,) = nbhitl.inbox(agent).cards()
    card.answer(nbhitl.approve())
    assert card.result["messages"][-2].content == "paid 5 to Ann"
