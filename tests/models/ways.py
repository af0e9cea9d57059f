"""The ways of making and of calling a model: the matrix of the tests, and of the table in the README."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from langchain.chat_models import init_chat_model
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.tools import tool
from pydantic import BaseModel

from tests.models.classes import ChatAnthropic, ChatOpenAI, OpenAI, create_agent

RUNNER = asyncio.Runner()
"""A single loop for all calls: the kept clients of providers belong to their loop."""


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return RUNNER.run(coroutine)


KEY = "sk-canary-0123456789abcdef"

Make = Callable[..., Any]


def open_ai(url: str, **options: Any) -> Any:
    return ChatOpenAI(model="gpt-4o-mini", base_url=f"{url}/v1", max_retries=0, **options)


def anthropic(url: str, **options: Any) -> Any:
    return ChatAnthropic(model_name="claude-of-the-tests", base_url=url, max_retries=0, **options)


def init_open_ai(url: str, **options: Any) -> Any:
    return init_chat_model("openai:gpt-4o-mini", base_url=f"{url}/v1", max_retries=0, **options)


def init_anthropic(url: str, **options: Any) -> Any:
    return init_chat_model("anthropic:claude-of-the-tests", base_url=url, max_retries=0, **options)


MAKERS: dict[str, Make] = {
    "ChatOpenAI": open_ai,
    "ChatAnthropic": anthropic,
    'init_chat_model("openai:…")': init_open_ai,
    'init_chat_model("anthropic:…")': init_anthropic,
}


class Person(BaseModel):
    """A person."""

    name: str
    age: int


@tool
def pay(amount: int) -> str:
    """Pay an amount."""
    return f"paid {amount}"


def prompt(text: str) -> Any:
    return ChatPromptTemplate.from_messages([("system", "Be brief."), ("human", text)]).invoke({})


def invoke(model: Any) -> Any:
    return [model.invoke("Say hi"), model.invoke(prompt("Say ho"))]


def ainvoke(model: Any) -> Any:
    return run(model.ainvoke("Say hi"))


def stream(model: Any) -> Any:
    return [chunk.content for chunk in model.stream("Count to three")]


def astream(model: Any) -> Any:
    async def collect() -> Any:
        return [chunk.content async for chunk in model.astream("Count to three")]

    return run(collect())


def astream_events(model: Any) -> Any:
    async def collect() -> Any:
        events = model.astream_events("Count to three", version="v2")
        return [(event["event"], str(event["data"].get("chunk", ""))[:25]) async for event in events]

    return run(collect())


def batch(model: Any) -> Any:
    return model.batch(["one", "two", "three", "four"])


def abatch(model: Any) -> Any:
    return run(model.abatch(["one", "two", "three", "four"]))


def bind_tools(model: Any) -> Any:
    bound = model.bind_tools([pay])
    first = bound.invoke("Please pay and speak")
    call = first.tool_calls[0]
    result = {"role": "tool", "content": pay.invoke(call["args"]), "tool_call_id": call["id"]}
    asked = {"role": "user", "content": "Please pay and speak"}
    return [call["name"], call["args"], bound.invoke([asked, first, result]).content]


def bind_tools_streamed(model: Any) -> Any:
    chunks = list(model.bind_tools([pay]).stream("Please pay and speak"))
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    return [
        [chunk.text for chunk in chunks],
        [(call["name"], call["args"]) for call in whole.tool_calls],
        whole.usage_metadata,
    ]


def with_structured_output(model: Any) -> Any:
    return [model.with_structured_output(Person).invoke("Who?"), model.with_structured_output(Person).invoke("Who?")]


def with_fallbacks(model: Any) -> Any:
    return model.with_fallbacks([model.bind(stop=["x"])]).invoke("fail once")


def with_retry(model: Any) -> Any:
    return model.with_retry(stop_after_attempt=2, wait_exponential_jitter=False).invoke("fail once")


def in_parallel(model: Any) -> Any:
    async def collect() -> Any:
        return await asyncio.gather(*(model.ainvoke(f"number {number}") for number in range(10)))

    return run(collect())


def equal_prompts(model: Any) -> Any:
    return [model.invoke("again").content for _ in range(3)]


def provider_error(model: Any) -> Any:
    try:
        model.invoke("always fail")
    except Exception as error:  # noqa: BLE001 - of two providers
        return [type(error).__name__, getattr(error, "status_code", None)]
    raise AssertionError("the provider fails")


def agent(model: Any) -> Any:
    paying = create_agent(model, [pay], system_prompt="You pay.")
    result = paying.invoke({"messages": [("user", "Pay 5")]})
    return [message.content for message in result["messages"]]


def agent_streamed(model: Any) -> Any:
    paying = create_agent(model, [pay])
    steps = paying.stream({"messages": [("user", "Pay 5")]}, stream_mode="messages")
    return [message.text for message, _ in steps]


WAYS = [
    *(invoke, ainvoke, stream, astream, astream_events, batch, abatch, bind_tools, bind_tools_streamed),
    *(with_structured_output, with_fallbacks, with_retry, in_parallel, equal_prompts, provider_error),
    *(agent, agent_streamed),
]


def llm(url: str) -> Any:
    return OpenAI(model="gpt-3.5-turbo-instruct", base_url=f"{url}/v1", max_retries=0)


def llm_ways(model: Any) -> Any:
    async def collect() -> Any:
        return [await model.ainvoke("c"), [chunk async for chunk in model.astream("d")]]

    return [model.invoke("a"), list(model.stream("b")), *run(collect()), model.batch(["e", "f"])]
