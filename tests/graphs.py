"""Small graphs that ask questions, for the tests."""

import operator
from typing import Annotated, Any, TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.func import entrypoint
from langgraph.graph import START, StateGraph
from langgraph.types import Command, Send, interrupt

__all__ = ["Command", "InMemorySaver", "interrupt"]

SEED_INPUT = {"some_text": "original text"}


class State(TypedDict):
    some_text: str


class Texts(TypedDict):
    texts: Annotated[list[str], operator.add]


def human_review(state: State) -> State:
    return {"some_text": interrupt({"text_to_revise": state["some_text"]})}


async def human_review_async(state: State) -> State:
    return {"some_text": interrupt({"text_to_revise": state["some_text"]})}


def compile_node(node: Any, name: str = "human_review", **options: Any) -> Any:
    return StateGraph(State).add_node(name, node).add_edge(START, name).compile(**options)


def seed(**options: Any) -> Any:
    return compile_node(human_review, **options)


def seed_async(**options: Any) -> Any:
    return compile_node(human_review_async, **options)


def seed_in_subgraph(**options: Any) -> Any:
    return compile_node(seed(), "outer", **options)


def asks_twice(**options: Any) -> Any:
    def ask(_state: State) -> State:
        return {"some_text": f"{interrupt('First name?')} {interrupt('Last name?')}"}

    return compile_node(ask, "ask", **options)


def raises_after_the_answer(**options: Any) -> Any:
    def check(_state: State) -> State:
        raise ZeroDivisionError(f"cannot use {interrupt('A number?')}")

    return compile_node(check, "check", **options)


def parallel(count: int = 2, **options: Any) -> Any:
    def ask(state: Any) -> Texts:
        return {"texts": [interrupt({"text_to_revise": state["text"]})]}

    def spread(_state: Texts) -> list[Send]:
        return [Send("ask", {"text": f"text {number}"}) for number in range(count)]

    return StateGraph(Texts).add_node("ask", ask).add_conditional_edges(START, spread, ["ask"]).compile(**options)


def asks_nothing(**options: Any) -> Any:
    return compile_node(lambda state: {"some_text": state["some_text"].upper()}, "shout", **options)


def functional(**options: Any) -> Any:
    @entrypoint(**options)
    def workflow(value: dict[str, str]) -> dict[str, str]:
        return {"some_text": interrupt({"text_to_revise": value["some_text"]})}

    return workflow


def refuses(**options: Any) -> Any:
    """Return a graph of two nodes that ask: ``ask`` raises on "bad", ``sibling`` takes every answer."""

    def ask(state: Texts) -> Texts:
        answer = interrupt("ask?")
        if answer == "bad":
            raise ValueError("no good")
        return {"texts": [f"ask: {answer}"]}

    def sibling(state: Texts) -> Texts:
        return {"texts": [f"sibling: {interrupt('sibling?')}"]}

    graph = StateGraph(Texts).add_node("ask", ask).add_node("sibling", sibling)
    return graph.add_edge(START, "ask").add_edge(START, "sibling").compile(**options)


def chat(**options: Any) -> Any:
    """Return a graph that asks for a reply to the last line of the conversation, and adds the reply."""

    def reply(state: Texts) -> Texts:
        return {"texts": [f"re {state['texts'][-1]}: {interrupt('reply?')}"]}

    return StateGraph(Texts).add_node("reply", reply).add_edge(START, "reply").compile(**options)
