"""Helpers of the tests of forms: an interrupt, the form of an interrupt, and a graph that asks."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

from nbhitl.forms import form_for
from nbhitl.runs.run import Interrupt
from nbhitl.runs.shape import Key, Shape

CONFIG: Any = {"configurable": {"thread_id": "1"}}


APPROVES = Shape(("mapping",), keys=(Key("action", Shape(("text",), ("approve",)), required=False),))
"""A node that compares ``answer["action"]`` to ``"approve"``."""


def also_reads(*names: str) -> Shape:
    """Return `APPROVES` of a node that reads further keys as well."""
    return Shape(("mapping",), keys=(*APPROVES.keys, *(Key(name, Shape(), required=False) for name in names)))


class State(TypedDict):
    answer: Any


def asked(payload: Any, schema: dict[str, Any] | None = None, reads: Shape | None = None) -> Interrupt:
    return Interrupt("id", "node", payload, schema, reads=reads)


def form(payload: Any, schema: dict[str, Any] | None = None, reads: Shape | None = None) -> Any:
    return form_for(asked(payload, schema, reads))


def decided(*decisions: Any) -> str:
    """Return the draft that the page writes: an action's name, or the name with the filled-in fields."""
    return json.dumps(
        [{"action": each} if isinstance(each, str) else {"action": each[0], "value": each[1]} for each in decisions]
    )


def of_graph(raised: Any) -> Interrupt:
    """Return LangGraph's interrupt as nbhitl's."""
    return Interrupt(raised.id, "node", raised.value, raised.response_schema)


def answered(payload: Any, draft: str, response_schema: Any = None, reads: Shape | None = None) -> Any:
    """Return the value that ``interrupt()`` returns to a node for a draft."""

    def node(_state: State) -> State:
        return {"answer": interrupt(payload, response_schema=response_schema)}

    builder: Any = StateGraph(State)
    graph = builder.add_node("node", node).add_edge(START, "node").compile(checkpointer=InMemorySaver())
    paused = graph.invoke({"answer": None}, CONFIG)
    value = form_for(replace(of_graph(paused["__interrupt__"][0]), reads=reads)).value(draft)
    result: Mapping[str, Any] = graph.invoke(Command(resume=value), CONFIG)
    assert "__interrupt__" not in result
    return result["answer"]
