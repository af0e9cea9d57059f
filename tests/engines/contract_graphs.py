"""The graphs of the contract suite: a single module for local runs, `langgraph dev` and Aegra.

The graphs are compiled without a checkpointer, as servers want; `GRAPHS` names the graphs. The module imports langgraph
and pydantic, but nothing of this repository: servers load the module by its path, Aegra in a separate environment.
"""

import asyncio
import operator
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from langchain_core.messages import AIMessage, ToolMessage
from langgraph.config import get_config, get_stream_writer
from langgraph.func import entrypoint, task
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from langgraph.runtime import get_runtime
from langgraph.types import Send, interrupt
from pydantic import BaseModel
from typing_extensions import TypedDict

POLL = 0.005


class State(TypedDict, total=False):
    """``answers`` collects the received answers, ``runs`` counts completed runs of node code."""

    text: Any
    gate: str
    answers: Annotated[list[Any], operator.add]
    runs: Annotated[int, operator.add]
    seen: Any


def one_node(node: Any, name: str) -> Any:
    return StateGraph(State).add_node(name, node).add_edge(START, name).compile()


def row(*nodes: Any, **options: Any) -> Any:
    """Return a graph that runs the nodes in a row."""
    return StateGraph(State).add_sequence(nodes).add_edge(START, nodes[0].__name__).compile(**options)


# --- a single question ------------------------------------------------------------------------


def review(state: State) -> State:
    return {"text": interrupt({"text_to_revise": state["text"]}), "runs": 1}


async def review_async(state: State) -> State:
    return {"text": interrupt({"text_to_revise": state["text"]}), "runs": 1}


def shout(state: State) -> State:
    return {"text": state["text"].upper(), "runs": 1}


seed = one_node(review, "review")
seed_async = one_node(review_async, "review")
silent = one_node(shout, "shout")


OUT_OF_SIGHT = [seed]
"""LangGraph finds a graph that a node's code names, and lists the nodes of this graph, but finds no graph in a list."""


def call(state: State) -> Any:
    return OUT_OF_SIGHT[0].invoke(state)


called = one_node(call, "call")


# --- several questions ------------------------------------------------------------------------


def ask_twice(state: State) -> State:
    return {"answers": [interrupt("First name?"), interrupt("Last name?")], "runs": 1}


def ask_until_enough(state: State) -> State:
    return {"answers": [interrupt({"so far": len(state["answers"])})], "runs": 1}


def again_or_end(state: State) -> str:
    return "__end__" if state["answers"][-1] == "enough" else "ask_until_enough"


twice = one_node(ask_twice, "ask_twice")
loop = (
    StateGraph(State)
    .add_node(ask_until_enough)
    .add_edge(START, "ask_until_enough")
    .add_conditional_edges("ask_until_enough", again_or_end, ["ask_until_enough", "__end__"])
    .compile()
)


# --- questions side by side -------------------------------------------------------------------


class One(TypedDict):
    """The input of a single parallel sibling."""

    question: str


def ask(state: One) -> State:
    return {"answers": [[state["question"], interrupt({"question": state["question"]})]], "runs": 1}


def fan_out(state: State) -> list[Send]:
    return [Send("ask", {"question": question}) for question in state["text"]]


def left(state: State) -> State:
    return {"answers": [["left", interrupt("left?")]], "runs": 1}


def right(state: State) -> State:
    return {"answers": [["right", int(interrupt("right?"))]], "runs": 1}


sends = StateGraph(State).add_node(ask).add_conditional_edges(START, fan_out, ["ask"]).compile()
branches = StateGraph(State).add_node(left).add_node(right).add_edge(START, "left").add_edge(START, "right").compile()


# --- graphs in graphs, and the functional API -------------------------------------------------

subgraph = one_node(one_node(review, "inner"), "outer")
deep = one_node(subgraph, "top")


@task
def prepare(text: str) -> str:
    return text.upper()


@entrypoint()
def functional(value: dict[str, Any]) -> dict[str, Any]:
    return {"text": interrupt({"text_to_revise": prepare(value["text"]).result()})}


# --- typed answers ----------------------------------------------------------------------------


class PlanModel(BaseModel):
    """A pydantic model."""

    title: str
    days: int


class PlanDict(TypedDict):
    """A typed dict."""

    title: str
    days: int


@dataclass
class PlanClass:
    """A dataclass."""

    title: str
    days: int


PLAN_SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["title", "days"],
}
"""A JSON Schema: LangGraph hands the schema on, and does not validate."""


def plan(schema: Any) -> State:
    answer: Any = interrupt("Which plan?", response_schema=schema)
    fields = answer if isinstance(answer, dict) else {"title": answer.title, "days": answer.days}
    return {"answers": [[type(answer).__name__, fields]], "runs": 1}


def plan_model(state: State) -> State:
    return plan(PlanModel)


def plan_dict(state: State) -> State:
    return plan(PlanDict)


def plan_class(state: State) -> State:
    return plan(PlanClass)


def plan_schema(state: State) -> State:
    return plan(PLAN_SCHEMA)


typed = row(plan_model, plan_dict, plan_class, plan_schema)


# --- stops without a question -----------------------------------------------------------------


def draft(state: State) -> State:
    return {"text": state["text"] + ", drafted", "runs": 1}


def publish(state: State) -> State:
    return {"text": state["text"] + ", published", "runs": 1}


def open_desk(state: State) -> State:
    return {"text": state["text"] + ", opened", "runs": 1}


steps = row(draft, publish)
stops_before = row(draft, publish, interrupt_before=["publish"])
stops_after = row(draft, publish, interrupt_after=["draft"])


def close(state: State) -> State:
    return {"text": state["text"] + ", closed", "runs": 1}


desk = (
    StateGraph(State)
    .add_node(open_desk)
    .add_node("desk", stops_before)
    .add_node(close)
    .add_edge(START, "open_desk")
    .add_edge("open_desk", "desk")
    .add_edge("desk", "close")
    .compile()
)
"""A stop within a subgraph."""


def transfer(amount: int, to: str) -> str:
    """Transfer money."""
    return f"{amount} to {to}"


def model(state: MessagesState) -> Any:
    """Call a tool, then report the result."""
    last = state["messages"][-1]
    if isinstance(last, ToolMessage):
        return {"messages": [AIMessage(f"the tool said: {last.content}")]}
    call = {"name": "transfer", "args": {"amount": 5000, "to": "Ann"}, "id": "call_1"}
    return {"messages": [AIMessage("I transfer.", tool_calls=[call])]}


clerk = (
    StateGraph(MessagesState)
    .add_node("model", model)
    .add_node("tools", ToolNode([transfer]))
    .add_edge(START, "model")
    .add_conditional_edges("model", tools_condition)
    .add_edge("tools", "model")
    .compile(interrupt_before=["tools"])
)
"""A model with a tool, and a stop before the tool runs."""


# --- settings that are passed through ---------------------------------------------------------


@dataclass
class Who:
    """The context."""

    user: str | None = None


def told() -> dict[str, Any]:
    """Return the settings that a node sees."""
    config, context = get_config(), get_runtime(Who).context
    return {
        "colour": config["configurable"].get("colour"),
        "tags": [tag for tag in config.get("tags") or [] if tag.startswith("mine")],
        "source": (config.get("metadata") or {}).get("data_source"),
        "user": getattr(context, "user", None),
    }


def before(state: State) -> State:
    return {"answers": [told()]}


def question(state: State) -> State:
    return {"text": interrupt("Go on?"), "runs": 1}


def after(state: State) -> State:
    return {"answers": [told()]}


settings = (
    StateGraph(State, context_schema=Who).add_sequence([before, question, after]).add_edge(START, "before").compile()
)


# --- failures, and work that takes time -------------------------------------------------------


def count(state: State) -> State:
    return {"answers": [int(interrupt("How many?"))], "runs": 1}


def fetch(state: State) -> State:
    if not Path(state["gate"]).exists():
        raise RuntimeError("the model is out of tea")
    return {"runs": 1}


def note(state: State) -> State:
    answer = interrupt("Send the mail?")
    with Path(state["gate"]).open("a") as mails:
        mails.write(f"{answer}\n")
    return {"runs": 1}


def wait(state: State) -> State:
    """Work until the file ``gate`` exists."""
    get_stream_writer()({"progress": "waiting"})
    while not Path(state["gate"]).exists():
        time.sleep(POLL)
    return {"runs": 1}


async def wait_async(state: State) -> State:
    """Work until the file ``gate`` exists; can be cancelled."""
    get_stream_writer()({"progress": "waiting"})
    while not Path(state["gate"]).exists():  # noqa: ASYNC110, ASYNC240 - the file is in another process's hands
        await asyncio.sleep(POLL)
    return {"runs": 1}


def finish(state: State) -> State:
    return {"text": "finished"}


picky = one_node(count, "count")
effect = one_node(note, "note")
flaky = one_node(fetch, "fetch")
slow = row(wait, finish)
slow_async = row(wait_async, finish)


# --- chunks for a watch -----------------------------------------------------------------------


def tell(state: State) -> State:
    write = get_stream_writer()
    for done in (1, 2):
        write({"done": done})
    return {"runs": 1}


watched = row(tell, review, publish)

GRAPHS = (
    "seed", "seed_async", "silent", "twice", "loop", "sends", "branches", "subgraph", "deep", "functional",
    "typed", "steps", "stops_before", "stops_after", "desk", "clerk", "settings", "picky", "effect", "flaky",
    "slow", "slow_async", "watched", "called",
)  # fmt: skip
"""All graphs, for tests and servers, by name."""
