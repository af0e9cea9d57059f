"""Every way of making a model, with every way of calling a model, as cells of a notebook; the README has the table.

Each cell makes a model and calls the model, as a user does. `python -m tests.bench.model_matrix` replays all cells
under every runner; the tests replay a sample, in which each maker and each way occurs.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.kernel.notebooks import recorded
from tests.models import notebooks

SETUP = """
import asyncio
import os

from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain.chat_models import init_chat_model
from langchain_anthropic import ChatAnthropic
from langchain_core.language_models import SimpleChatModel
from langchain_core.tools import tool
from langchain_openai import AzureChatOpenAI, ChatOpenAI, OpenAI
from pydantic import BaseModel

class Person(BaseModel):
    name: str
    age: int

@tool
def pay(amount: int) -> str:
    "Pay an amount."
    return f"paid {amount}"

class Own(SimpleChatModel):
    def _call(self, messages, stop=None, run_manager=None, **options):
        inner = ChatOpenAI(model="gpt-4o-mini", max_retries=0)
        return inner.invoke([("user", f"own: {messages[-1].text}")]).text

    @property
    def _llm_type(self):
        return "own"

AZURE = {
    "azure_endpoint": os.environ.get("AZURE_OPENAI_ENDPOINT", "https://mine.example.org"), "api_version": "2024-06-01"
}

def text(said):
    return getattr(said, "text", said)
"""

MAKERS = {
    "ChatOpenAI": "ChatOpenAI(model='gpt-4o-mini', max_retries=0)",
    "ChatAnthropic": "ChatAnthropic(model='claude-of-the-tests', max_retries=0)",
    'init_chat_model("openai:…")': "init_chat_model('openai:gpt-4o-mini', max_retries=0)",
    'init_chat_model("anthropic:…")': "init_chat_model('anthropic:claude-of-the-tests', max_retries=0)",
    "AzureChatOpenAI": "AzureChatOpenAI(**AZURE, azure_deployment='gpt-4o-mini', max_retries=0)",
    "OpenAI": "OpenAI(model='gpt-3.5-turbo-instruct', max_retries=0)",
    "a class of your own": "Own()",
}
"""Name of a maker in the table -> code that makes the model."""

FAILING = "try:\n    model.invoke('always fail {n}')\nexcept Exception as error:\n    print(type(error).__name__)"

STREAMED = "print([text(chunk) for chunk in model.stream('Count {n} to three')])"
ASTREAMED = "print([text(chunk) async for chunk in model.astream('Count {n} to three')])"
EVENTS = """
async for event in model.astream_events('Count {n}', version='v2'):
    print(event['event'], text(event['data'].get('chunk', '')))
"""
BOUND = """
bound = model.bind_tools([pay])
first = bound.invoke('Please pay and speak {n}')
call = first.tool_calls[0]
told = {{'role': 'tool', 'content': pay.invoke(call['args']), 'tool_call_id': call['id']}}
print(call['args'], bound.invoke([{{'role': 'user', 'content': 'Please pay and speak {n}'}}, first, told]).text)
"""
BOUND_STREAM = """
whole = None
for chunk in model.bind_tools([pay]).stream('Please pay and speak {n}'):
    whole = chunk if whole is None else whole + chunk
print(whole.text, [call['args'] for call in whole.tool_calls])
"""
FALLBACK = "print(text(model.with_fallbacks([model.bind(stop=['x'])]).invoke('fail once {n}')))"
RETRY = "print(text(model.with_retry(stop_after_attempt=2, wait_exponential_jitter=False).invoke('fail once {n}')))"
SIDE_BY_SIDE = "print([text(each) for each in await asyncio.gather(*(model.ainvoke(f'{n} {{k}}') for k in range(10)))])"
AGENT_INVOKE = """
state = create_agent(model, [pay], system_prompt='You pay.').invoke({{'messages': [('user', 'Pay {n}')]}})
print([m.text for m in state['messages']])
"""
AGENT_STREAM = """
parts = create_agent(model, [pay]).stream({{'messages': [('user', 'Pay {n}')]}}, stream_mode='messages')
print([part.text for part, _ in parts if part.text])
"""
AGENT_REVIEW = """
asking = create_agent(model, [pay], middleware=[HumanInTheLoopMiddleware(interrupt_on={{'pay': True}})])
state = await nbhitl.review(asking, {{'messages': [('user', 'Pay {n}')]}})
print([m.text for m in state['messages']])
"""

UNDER_REVIEW = "`create_agent` under a review"

WAYS = {
    "`invoke`": "print(text(model.invoke('Say {n}')))",
    "`ainvoke`": "print(text(await model.ainvoke('Say {n}')))",
    "`stream`": STREAMED,
    "`astream`": ASTREAMED,
    "`astream_events`": EVENTS,
    "`batch`": "print([text(each) for each in model.batch(['{n} one', '{n} two', '{n} three'])])",
    "`abatch`": "print([text(each) for each in await model.abatch(['{n} one', '{n} two', '{n} three'])])",
    "`with_fallbacks`": FALLBACK,
    "`with_retry`": RETRY,
    "calls side by side": SIDE_BY_SIDE,
    "equal prompts, different answers": "print([text(model.invoke('again {n}')) for _ in range(3)])",
    "an error of the provider": FAILING,
    "`bind_tools`": BOUND,
    "`bind_tools`, streamed": BOUND_STREAM,
    "`with_structured_output`": "print([model.with_structured_output(Person).invoke('Who? {n}') for _ in range(2)])",
    "`create_agent`": AGENT_INVOKE,
    "`create_agent`, streamed": AGENT_STREAM,
    UNDER_REVIEW: AGENT_REVIEW,
}
"""Name of a way in the table -> code that calls the model; ``{n}`` gives each cell different prompts."""

OF_CHAT_MODELS_WITH_TOOLS = [*WAYS][[*WAYS].index("`bind_tools`") :]
WITHOUT_TOOLS = ("OpenAI", "a class of your own")


class Place(NamedTuple):
    """A cell of the matrix: a maker and a way of calling."""

    maker: str
    way: str


PLACES = [
    Place(maker, way)
    for way in WAYS
    for maker in MAKERS
    if not (way in OF_CHAT_MODELS_WITH_TOOLS and maker in WITHOUT_TOOLS)
]


def sample() -> list[Place]:
    """Return a few places, in which each way and each maker occurs."""
    makers = [*MAKERS]
    chosen = []
    for number, way in enumerate(WAYS):
        able = [maker for maker in makers if Place(maker, way) in PLACES]
        chosen.append(Place(able[number % len(able)], way))
    return chosen


def sources(places: Sequence[Place]) -> list[str]:
    """Return the cells for these places."""
    return [
        f"model = {MAKERS[maker]}\n{_named(WAYS[way], maker).format(n=number).strip()}"
        for number, (maker, way) in enumerate(places)
    ]


def _named(source: str, maker: str) -> str:
    """Return a source in which an agent gets the model by name, where the maker takes a name."""
    provider = maker.removeprefix("init_chat_model").strip('("…:)')
    name = {"openai": "openai:gpt-4o-mini", "anthropic": "anthropic:claude-of-the-tests"}.get(provider)
    return source.replace("create_agent(model", f"create_agent({name!r}") if name else source


PAYLOAD = {
    "action_requests": [
        {
            "name": "pay",
            "args": {"amount": 5},
            "description": "Tool execution requires approval\n\nTool: pay\nArgs: {'amount': 5}",
        }
    ],
    "review_configs": [{"action_name": "pay", "allowed_decisions": ["approve", "edit", "reject", "respond"]}],
}
EDIT = {"decisions": [{"type": "edit", "edited_action": {"name": "pay", "args": {"amount": 6}}}]}

FIRST = len(notebooks.CELLS) + 1
"""Number of the cell with the first place."""


def written(folder: Path, places: Sequence[Place]) -> Path:
    """Write the notebook with these places, answered by a person where a place asks, and not executed yet."""
    reviews = [FIRST + number for number, place in enumerate(places) if place.way == UNDER_REVIEW]
    answers: list[Any] = [
        recorded(EDIT, cell=f"cell-{number}", node="HumanInTheLoopMiddleware.after_model", payload=PAYLOAD)
        for number in reviews
    ]
    cells = [*notebooks.CELLS, SETUP, *sources(places)]
    return notebooks.written(folder, *cells, record=[notebooks.ANSWER, *answers])


def table() -> str:
    """Return the table of the README."""
    names = [name if name == "a class of your own" else f"`{name}`" for name in MAKERS]
    lines = [["", *names], ["---"] * (len(names) + 1)]
    lines += [[way, *("✓" if Place(maker, way) in PLACES else "" for maker in MAKERS)] for way in WAYS]
    return "".join(f"|{'|'.join(f' {each} ' if each else ' ' for each in line)}|\n" for line in lines)
