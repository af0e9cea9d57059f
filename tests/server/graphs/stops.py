"""Graphs that stop without a question: LangChain's agent before its tools, a reply in a subgraph."""

import operator
from pathlib import Path
from typing import Annotated, Any

from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langgraph.graph import START, StateGraph
from typing_extensions import TypedDict


class Model(BaseChatModel):
    """Calls the tool once for each of these people, and then repeats the tool's results."""

    people: tuple[str, ...] = ("Ann",)

    @property
    def _llm_type(self) -> str:
        return "told"

    def bind_tools(self, tools: Any, **_options: Any) -> Any:
        """Return the model unchanged."""
        return self

    def _generate(self, messages: list[Any], *_args: Any, **_options: Any) -> ChatResult:
        last = messages[-1]
        said = AIMessage(f"heard: {last.content}")
        if not isinstance(last, ToolMessage):
            calls: Any = [
                {"name": "transfer", "args": {"ledger": last.content, "to": person}, "id": f"call_{number}"}
                for number, person in enumerate(self.people, 1)
            ]
            said = AIMessage("I transfer.", tool_calls=calls)
        return ChatResult(generations=[ChatGeneration(message=said)])


def transfer(ledger: str, to: str) -> str:
    """Leave an effect behind."""
    with Path(ledger).open("a") as file:
        file.write(f"{to}\n")
    return f"sent to {to}"


tools: list[Any] = [transfer]
clerk = create_agent(Model(), tools, interrupt_before=["tools"])
clerk_of_two = create_agent(Model(people=("Ann", "Bob")), tools, interrupt_before=["tools"])


class Letter(TypedDict, total=False):
    """``log`` names the nodes that have run, ``text`` is the letter."""

    text: str
    log: Annotated[list[str], operator.add]


def _node(name: str) -> Any:
    def run(state: Letter) -> Letter:
        return {"text": f"{state['text']} {name}", "log": [name]}

    return run


def _row(*names: str, **options: Any) -> Any:
    nodes: Any = [(name, _node(name)) for name in names]
    return StateGraph(Letter).add_sequence(nodes).add_edge(START, names[0]).compile(**options)


_sub = _row("draft", "reply", interrupt_before=["reply"])
_builder: Any = StateGraph(Letter).add_node("first", _node("first")).add_node("sub", _sub)
_builder.add_node("last", _node("last")).add_edge(START, "first").add_edge("first", "sub").add_edge("sub", "last")
office = _builder.compile()
