"""LangChain's agent with a scripted model."""

from collections.abc import Callable, Sequence
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware
from langchain_core.language_models.fake_chat_models import FakeMessagesListChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from nbhitl.forms import form_for
from tests.forms.asking import CONFIG, of_graph


class Scripted(FakeMessagesListChatModel):
    def bind_tools(self, tools: Sequence[Any], **_options: Any) -> Any:
        return self


def calling(*calls: tuple[str, dict[str, Any]]) -> AIMessage:
    return AIMessage(
        "", tool_calls=[{"name": name, "args": args, "id": f"call-{n}"} for n, (name, args) in enumerate(calls)]
    )


class Agent:
    """An agent that calls these tools, and then ends with the message "done"."""

    def __init__(self, tools: Sequence[Callable[..., Any]], middleware: AgentMiddleware[Any, Any], *calls: Any) -> None:
        model = Scripted(responses=[calling(*calls), AIMessage("done")])
        self._graph: Any = create_agent(model, tools, middleware=[middleware], checkpointer=InMemorySaver())
        self.pending = self._after({"messages": [{"role": "user", "content": "go"}]})

    @property
    def forms(self) -> list[Any]:
        return [form_for(of_graph(each)) for each in self.pending]

    def resume(self, *values: Any) -> list[str]:
        """Resume all pending interrupts; return the results of the tools."""
        given = {each.id: value for each, value in zip(self.pending, values, strict=True)}
        self.pending = self._after(Command(resume=given))
        assert not self.pending
        messages = self._graph.get_state(CONFIG).values["messages"]
        return [each.text for each in messages if isinstance(each, ToolMessage)]

    def _after(self, given: Any) -> list[Any]:
        return list(self._graph.invoke(given, CONFIG).get("__interrupt__", ()))
