"""Graphs that stop without a question: an agent before its tools, a reply in a subgraph."""

from typing import Any, TypedDict

from langchain.agents import create_agent
from langchain_core.messages import AIMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph

from tests.forms.agents import Scripted

PAY = {"messages": [{"role": "user", "content": "Pay Ann what we owe her, and tell her."}]}
LETTER = {"to": "Ann", "text": "Dear Ann"}

ran: list[Any] = []
"""Arguments of the calls of tools."""


def transfer(amount: float, to: str, reference: str) -> str:
    """Transfer money."""
    ran.append((amount, to, reference))
    return f"{amount} to {to}"


def send_email(to: str, subject: str) -> str:
    """Send an e-mail."""
    ran.append((to, subject))
    return "sent"


def clerk(*, calls: int = 1) -> Any:
    """Return LangChain's agent, which stops before the tools."""
    wanted: list[Any] = [
        {"name": "transfer", "args": {"amount": 5000.0, "to": "Ann", "reference": "Invoice 17"}, "id": "call_0"},
        {"name": "send_email", "args": {"to": "ann@example.com", "subject": "Paid"}, "id": "call_1"},
    ]
    said = "We owe Ann 5,000, by invoice 17. I transfer it now."
    done = AIMessage("All that was asked for is done.")
    model = Scripted(responses=[AIMessage(said, tool_calls=wanted[:calls]), done])
    tools: list[Any] = [transfer, send_email]
    return create_agent(model, tools, checkpointer=InMemorySaver(), interrupt_before=["tools"], name="clerk")


class Letter(TypedDict):
    to: str
    text: str


def office() -> Any:
    """Return a graph that stops in a subgraph, before the reply."""

    def draft(state: Letter) -> Any:
        return {"text": f"{state['text']}, thank you for your letter."}

    def reply(state: Letter) -> Any:
        ran.append(state["text"])
        return {}

    desk = StateGraph(Letter).add_sequence([draft, reply]).add_edge(START, "draft").compile(interrupt_before=["reply"])
    graph = StateGraph(Letter).add_node("desk", desk).add_edge(START, "desk")
    return graph.compile(InMemorySaver(), name="office")
