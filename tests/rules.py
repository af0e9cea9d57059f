"""Graphs that ask about tool calls, in every convention for tool calls, for the tests of rules."""

from collections.abc import Sequence
from typing import Any, TypedDict

from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.messages import AIMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

from tests import graphs
from tests.forms.agents import Scripted, calling

Call = tuple[str, dict[str, Any]]
ALL = ("approve", "edit", "reject", "respond")


class Taken(TypedDict, total=False):
    taken: Any


def batched(*calls: Call, allowed: tuple[str, ...] = ALL) -> dict[str, Any]:
    return {
        "action_requests": [{"name": name, "args": args} for name, args in calls],
        "review_configs": [{"action_name": name, "allowed_decisions": list(allowed)} for name, _ in calls],
    }


def inbox(*calls: Call, accepts: bool = True) -> list[dict[str, Any]]:
    config = {"allow_accept": accepts, "allow_ignore": True, "allow_edit": True, "allow_respond": True}
    return [{"action_request": {"action": name, "args": args}, "config": config} for name, args in calls]


def asking(*payloads: Any, saver: Any = None) -> Any:
    """Return a graph whose node asks with these payloads in turn, and returns all answers."""

    def ask(_state: Any) -> Any:
        return {"taken": [graphs.interrupt(payload) for payload in payloads]}

    builder: Any = StateGraph(Taken)
    graph = builder.add_node("agent", ask).add_edge(START, "agent")
    return graph.compile(checkpointer=saver or InMemorySaver())


def stopping(*calls: Call, before: str = "tools") -> tuple[Any, list[str]]:
    """Return a graph that stops before the node ``before``, and the list of tool calls that ran."""
    ran: list[str] = []

    def tool(name: str) -> Any:
        def run(**args: Any) -> str:
            ran.append(f"{name}({args})")
            return "done"

        return run

    def pay(amount: int) -> str:
        """Pay."""
        return str(tool("pay")(amount=amount))

    def search_web(query: str) -> str:
        """Search."""
        return str(tool("search_web")(query=query))

    def model(state: MessagesState) -> Any:
        if isinstance(state["messages"][-1], ToolMessage):
            return {"messages": [AIMessage("done")]}
        asked = [{"name": name, "args": args, "id": f"call-{n}"} for n, (name, args) in enumerate(calls)]
        return {"messages": [AIMessage("", tool_calls=asked)]}

    def route(state: MessagesState) -> str:
        return "tools" if getattr(state["messages"][-1], "tool_calls", None) else END

    graph = StateGraph(MessagesState).add_node("model", model).add_node("tools", ToolNode([pay, search_web]))
    graph.add_edge(START, "model").add_conditional_edges("model", route, ["tools", END]).add_edge("tools", "model")
    return graph.compile(checkpointer=InMemorySaver(), interrupt_before=[before]), ran


def agent(*rounds: Sequence[Call], mode: Any = "batched", gates: Any = None) -> tuple[Any, list[str]]:
    """Return LangChain's agent with the middleware for approvals, and the list of calls that ran.

    Each round has the calls of a turn of the model.
    """
    ran: list[str] = []

    def pay(amount: int) -> str:
        """Pay."""
        ran.append(f"pay {amount}")
        return "paid"

    def search_web(query: str) -> str:
        """Search."""
        ran.append(f"search {query}")
        return "found"

    model = Scripted(responses=[*(calling(*each) for each in rounds), AIMessage("done")])
    gates = gates or {"pay": True, "search_web": True}
    middleware = HumanInTheLoopMiddleware(interrupt_on=gates, interrupt_mode=mode)
    return create_agent(model, [pay, search_web], middleware=[middleware], checkpointer=InMemorySaver()), ran


GO: Any = {"messages": [("user", "go")]}
