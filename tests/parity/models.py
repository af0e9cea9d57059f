"""Graphs that call models: rows of the table. A model notes the name of the method of each call."""

import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.language_models import (
    BaseChatModel,
    FakeListChatModel,
    FakeListLLM,
    FakeMessagesListChatModel,
    GenericFakeChatModel,
    ParrotFakeChatModel,
)
from langchain_core.language_models.fake import FakeStreamingListLLM
from langchain_core.language_models.fake_chat_models import FakeChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.tools import tool
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, create_react_agent, tools_condition
from langgraph.types import interrupt
from langgraph.warnings import LangGraphDeprecatedSinceV10
from typing_extensions import TypedDict

from tests.parity.cases import Log, case
from tests.parity.graphs import Text, asks, chain


def paying(content: str = "") -> AIMessage:
    """Return a message that calls the tool; a new message each time, as agents write names into messages."""
    return AIMessage(content, tool_calls=[{"name": "pay", "args": {"amount": 5}, "id": "call-1"}])


def done() -> AIMessage:
    return AIMessage("All done.")


APPROVE = {"decisions": [{"type": "approve"}]}
EDIT = {"decisions": [{"type": "edit", "edited_action": {"name": "pay", "args": {"amount": 6}}}]}
ASKED_TO_PAY = {"messages": [{"role": "user", "content": "Pay Ann"}]}

METHODS = ("_generate", "_agenerate", "_stream", "_astream", "_call", "_acall")


def noting(kind: type[Any], log: Log) -> Any:
    """Return a class of a model that notes calls of the methods that ``kind`` defines, and has no further methods."""
    fakes = [base for base in kind.__mro__ if "fake" in base.__module__ or base.__module__ == __name__]
    own = [name for name in METHODS if any(name in vars(base) for base in fakes)]

    def wrap(name: str) -> Any:
        inherited = getattr(kind, name)

        def noted(self: Any, *args: Any, **kwargs: Any) -> Any:
            log([kind.__name__, name])
            return inherited(self, *args, **kwargs)

        return noted

    methods: dict[str, Any] = {name: wrap(name) for name in own}
    if issubclass(kind, BaseChatModel):
        methods["bind_tools"] = lambda self, _tools, **_options: self
    return type(kind.__name__, (kind,), {"__module__": __name__, **methods})


def pays(log: Log) -> Any:
    def pay(amount: int) -> str:
        """Pay an amount."""
        log(["pay", amount])
        return f"paid {amount}"

    return pay


def agent(log: Log, model: Any, **options: Any) -> Any:
    asks_first = HumanInTheLoopMiddleware(interrupt_on={"pay": True})
    return create_agent(model, [pays(log)], middleware=[asks_first], **options)


# --- agents with each of LangChain's fakes ----------------------------------------------------


@case(ASKED_TO_PAY, APPROVE)
def agent_of_generic_fake(log: Log) -> Any:
    return agent(log, noting(GenericFakeChatModel, log)(messages=iter([paying(), done()])))


@case(ASKED_TO_PAY, EDIT)
def agent_of_generic_fake_that_also_speaks(log: Log) -> Any:
    return agent(log, noting(GenericFakeChatModel, log)(messages=iter([paying("I pay."), done()])))


@case(ASKED_TO_PAY, APPROVE)
def agent_of_listed_messages(log: Log) -> Any:
    return agent(log, noting(FakeMessagesListChatModel, log)(responses=[paying(), done()]))


@case(ASKED_TO_PAY)
def agent_of_listed_texts(log: Log) -> Any:
    return agent(log, noting(FakeListChatModel, log)(responses=["All done."]))


@case(ASKED_TO_PAY)
def agent_of_a_parrot(log: Log) -> Any:
    return agent(log, noting(ParrotFakeChatModel, log)())


@case(ASKED_TO_PAY)
def agent_of_fake_chat_model(log: Log) -> Any:
    return agent(log, noting(FakeChatModel, log)())


@case(ASKED_TO_PAY, {"decisions": [{"type": "reject", "message": "too much"}]})
def agent_whose_call_is_rejected(log: Log) -> Any:
    return agent(log, noting(GenericFakeChatModel, log)(messages=iter([paying(), done()])), name="payer")


@case({"text": "a"}, "b")
def plain_llms(log: Log) -> Any:
    one = noting(FakeListLLM, log)(responses=["one"])
    other = noting(FakeStreamingListLLM, log)(responses=["other"])

    def write(state: Text) -> Text:
        return {"text": one.invoke(state["text"]) + "".join(other.stream(state["text"]))}

    return chain(Text, write, asks(log))


@case({"text": "a"}, "b")
def node_that_streams_its_model(log: Log) -> Any:
    model = noting(GenericFakeChatModel, log)(messages=iter([AIMessage("two words")]))

    def write(state: Text) -> Text:
        pieces = [chunk.content for chunk in model.stream(state["text"])]
        log(pieces)
        return {"text": "".join(pieces)}

    return chain(Text, write, asks(log))


@case({"text": "a"}, "b", places="async served")
def async_node_that_calls_its_models(log: Log) -> Any:
    model = noting(GenericFakeChatModel, log)(messages=iter([AIMessage("two words"), AIMessage("and more")]))
    listed = noting(FakeListChatModel, log)(responses=["x", "y"])

    async def write(state: Text) -> Text:
        whole = (await model.ainvoke(state["text"])).content
        pieces = [chunk.content async for chunk in model.astream(state["text"])]
        batch = await listed.abatch(["1"])
        return {"text": f"{whole} {''.join(pieces)} {batch[0].content}"}

    return chain(Text, write, asks(log))


@case({"text": "a"}, "b")
def batch_of_calls(log: Log) -> Any:
    model = noting(FakeListChatModel, log)(responses=["x", "y"])

    def write(state: Text) -> Text:
        return {"text": "".join(str(each.content) for each in model.batch(["1", "2"], {"max_concurrency": 1}))}

    return chain(Text, write, asks(log))


@case({"text": "a"}, "b")
def model_in_a_subgraph_and_one_with_nostream(log: Log) -> Any:
    one = noting(FakeListChatModel, log)(responses=["one"])
    other = noting(FakeListChatModel, log)(responses=["other"]).with_config(tags=["nostream"])

    def write(state: Text) -> Text:
        return {"text": f"{one.invoke('x').content} {other.invoke('y').content}"}

    return chain(Text, ("inner", chain(Text, write)), asks(log))


# --- models with different messages from a call and from a stream, as of providers ------------


class Blocks(BaseChatModel):
    """As ChatAnthropic with tools: a call returns a text, a stream has blocks and no usage."""

    replies: list[AIMessage]

    @property
    def _llm_type(self) -> str:
        return "blocks"

    def _next(self, messages: list[Any]) -> AIMessage:
        reply: AIMessage = self.replies[sum(message.type == "ai" for message in messages)]
        return reply

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **options: Any) -> ChatResult:
        said = self._next(messages)
        usage = {"input_tokens": 11, "output_tokens": 7, "total_tokens": 18}
        message = AIMessage(said.content, tool_calls=said.tool_calls, usage_metadata=usage)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **options: Any
    ) -> Iterator[ChatGenerationChunk]:
        said = self._next(messages)
        calls: Any = [
            {"name": each["name"], "args": json.dumps(each["args"]), "id": each["id"], "index": n}
            for n, each in enumerate(said.tool_calls)
        ]
        chunk = AIMessageChunk(content=[{"type": "text", "text": said.content, "index": 0}], tool_call_chunks=calls)
        yield ChatGenerationChunk(message=chunk)


@case(ASKED_TO_PAY, APPROVE)
def agent_of_a_model_that_streams_blocks(log: Log) -> Any:
    return agent(log, noting(Blocks, log)(replies=[paying("I pay."), done()]))


@case({"messages": [("user", "Pay")]}, "yes")
def react_agent_whose_tool_asks(log: Log) -> Any:
    @tool
    def pay(amount: int) -> str:
        """Pay an amount."""
        log(["pay", amount])
        return f"paid {amount}: {interrupt({'question': 'Pay?', 'amount': amount})}"

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LangGraphDeprecatedSinceV10)  # deprecated, and in every older notebook
        return create_react_agent(noting(Blocks, log)(replies=[paying(), done()]), [pay])


@case({"messages": [("user", "Pay")]}, None, interrupt_before=["tools"])
def own_agent_that_stops_before_its_tools(log: Log) -> Any:
    model = noting(Blocks, log)(replies=[paying(), done()])

    def call(state: MessagesState) -> Any:
        return {"messages": [model.invoke(state["messages"])]}

    graph = StateGraph(MessagesState).add_node("agent", call).add_node("tools", ToolNode([pays(log)]))
    graph.add_edge(START, "agent").add_conditional_edges("agent", tools_condition).add_edge("tools", "agent")
    return graph.compile()


class Found(TypedDict):
    """The structured response of the agent."""

    name: str


@case(ASKED_TO_PAY, APPROVE)
def agent_with_a_structured_answer(log: Log) -> Any:
    found = AIMessage("", tool_calls=[{"name": "Found", "args": {"name": "Ann"}, "id": "call-2"}])
    return agent(log, noting(Blocks, log)(replies=[paying(), found]), response_format=Found)


# --- a provider, over HTTP --------------------------------------------------------------------


class OverTheWire(BaseChatModel):
    """A model that speaks OpenAI's protocol: a call is a single request, a stream is server-sent events."""

    url: str

    @property
    def _llm_type(self) -> str:
        return "over the wire"

    @contextmanager
    def _asked(self, messages: Any, *, stream: bool) -> Iterator[HTTPResponse]:
        roles = {"human": "user", "ai": "assistant", "tool": "tool", "system": "system"}
        told = [{"role": roles[each.type], "content": each.content} for each in messages]
        body = json.dumps({"model": "fake", "messages": told, "stream": stream}).encode()
        address = urlsplit(self.url)
        connection = HTTPConnection(str(address.hostname), address.port)
        try:
            connection.request("POST", address.path, body, {"content-type": "application/json"})
            yield connection.getresponse()
        finally:
            connection.close()

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **options: Any) -> ChatResult:
        with self._asked(messages, stream=False) as reply:
            said = json.load(reply)
        usage = said["usage"]
        message = AIMessage(
            said["choices"][0]["message"]["content"] or "",
            tool_calls=[_call(each) for each in said["choices"][0]["message"].get("tool_calls", ())],
            usage_metadata={
                "input_tokens": usage["prompt_tokens"],
                "output_tokens": usage["completion_tokens"],
                "total_tokens": usage["total_tokens"],
            },
            response_metadata={"finish_reason": said["choices"][0]["finish_reason"]},
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **options: Any
    ) -> Iterator[ChatGenerationChunk]:
        with self._asked(messages, stream=True) as reply:
            for line in reply:
                if line.startswith(b"data: {"):
                    delta = json.loads(line[6:])["choices"][0]["delta"]
                    calls = [_call_chunk(each) for each in delta.get("tool_calls", ())]
                    chunk = AIMessageChunk(content=delta.get("content") or "", tool_call_chunks=calls)
                    if run_manager:
                        run_manager.on_llm_new_token(chunk.content, chunk=ChatGenerationChunk(message=chunk))
                    yield ChatGenerationChunk(message=chunk)


def _call_chunk(told: Any) -> Any:
    called = told["function"]
    return {"name": called["name"], "args": called["arguments"], "id": told["id"], "index": 0}


def _call(told: Any) -> Any:
    return {"name": told["function"]["name"], "args": json.loads(told["function"]["arguments"]), "id": told["id"]}


@case(ASKED_TO_PAY, APPROVE)
def agent_over_the_wire_of_a_provider(log: Log) -> Any:
    return agent(log, noting(OverTheWire, log)(url=os.environ["NBHITL_TEST_PROVIDER"]))


@case(ASKED_TO_PAY, APPROVE)
def agent_whose_model_is_told_to_stream(log: Log) -> Any:
    class Streaming(OverTheWire):
        streaming: bool = True

    return agent(log, noting(Streaming, log)(url=os.environ["NBHITL_TEST_PROVIDER"]))
