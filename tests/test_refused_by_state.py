"""An answer that the state's schema refuses: LangGraph saves the answer, and then cannot read the thread's state."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
from pydantic import BaseModel, Field, ValidationError

import nbhitl
from nbhitl.engines import connect
from nbhitl.errors import AlreadyAnswered
from nbhitl.runs.run import Chunk
from tests import graphs

THREAD = {"configurable": {"thread_id": "refused"}}


def unwatched(_chunk: Chunk) -> None:
    """Ignore a chunk of the stream."""


class Long(BaseModel):
    text: str = Field(min_length=3)
    length: int = 0


@dataclass
class Checked:
    text: str
    length: int = 0

    def __post_init__(self) -> None:
        if len(self.text) < 3:
            raise ValueError("too short")


def ask(state: Any) -> Any:
    return {"text": interrupt({"text_to_revise": state.text})}


def measure(state: Any) -> Any:
    return {"length": len(state.text)}


def row(schema: Any, **options: Any) -> Any:
    return StateGraph(schema).add_sequence([ask, measure]).add_edge(START, "ask").compile(**options)


def in_subgraph(**options: Any) -> Any:
    return StateGraph(Long).add_node("inner", row(Long)).add_edge(START, "inner").compile(**options)


def with_step_between(**options: Any) -> Any:
    def keep(state: Long) -> Any:
        return {"length": 1, "text": "xx" if state.text == "bad" else state.text}

    def asks(state: Long) -> Any:
        return {"text": interrupt("text?")}

    sequence = StateGraph(Long).add_node("ask", asks).add_node(keep).add_node(measure)
    return sequence.add_edge(START, "ask").add_edge("ask", "keep").add_edge("keep", "measure").compile(**options)


BUILD = {
    "pydantic": lambda **options: row(Long, **options),
    "dataclass": lambda **options: row(Checked, **options),
    "subgraph": in_subgraph,
}

each_kind = pytest.mark.parametrize("kind", BUILD)


@each_kind
def test_refused_answer_is_told_and_the_next_one_reaches_the_node(kind):
    card = nbhitl.review(BUILD[kind](checkpointer=InMemorySaver()), {"text": "long"}, THREAD)
    card.answer("no")
    (asked,) = card.interrupts
    assert asked.former is not None
    assert asked.former.value == "no"
    assert "3 characters" in str(asked.former.error) or "too short" in str(asked.former.error)
    card.answer("longer")
    assert card.result == {"text": "longer", "length": 6}


def test_refused_answer_in_an_async_run_is_mended_too():
    async def main() -> Any:
        card = nbhitl.review(row(Long), {"text": "long"}, run="async")
        await asyncio.to_thread(lambda: card.answer("no"))
        await asyncio.to_thread(lambda: card.answer("longer"))
        return await card

    assert asyncio.run(main()) == {"text": "longer", "length": 6}


@each_kind
def test_thread_opened_later_asks_again_with_the_refused_answer(kind):
    saver = InMemorySaver()
    first = nbhitl.review(BUILD[kind](checkpointer=saver), {"text": "long"}, THREAD)
    first.answer("no")
    assert first.interrupts
    card = nbhitl.open(BUILD[kind](checkpointer=saver), thread_id="refused")
    (asked,) = card.interrupts
    assert asked.former is not None
    assert asked.former.value == "no"
    card.answer("longer")
    assert card.result == {"text": "longer", "length": 6}


def test_thread_that_langgraph_alone_left_so_is_mended():
    saver = InMemorySaver()
    graph = row(Long, checkpointer=saver)
    graph.invoke({"text": "long"}, THREAD)
    (pending,) = graph.get_state(THREAD).interrupts
    with pytest.raises(ValidationError):
        graph.invoke(graphs.Command(resume={pending.id: "no"}), THREAD)
    with pytest.raises(ValidationError):
        graph.get_state(THREAD)
    card = nbhitl.open(graph, thread_id="refused")
    card.answer("longer")
    assert card.result == {"text": "longer", "length": 6}
    assert graph.get_state(THREAD).values["length"] == 6


def test_change_my_answer_goes_back_before_the_step_that_wrote_a_refused_value():
    card = nbhitl.review(with_step_between(), {"text": "long"})
    card.answer("bad")
    with pytest.raises(ValidationError):
        _ = card.result
    card.ask_again()
    card.answer("good")
    assert card.result == {"text": "good", "length": 4}


def test_given_answer_that_is_refused_fails_as_invoke_does():
    with pytest.raises(ValidationError):
        nbhitl.review(row(Long), {"text": "long"}, answers=["no"]).wait()


def test_client_that_does_not_know_of_a_refused_answer_is_told_and_sends_nothing():
    async def main() -> None:
        graph = row(Long, checkpointer=InMemorySaver())
        one, other = connect(graph, THREAD), connect(graph, THREAD)
        (asked,) = (await one.start({"text": "long"}, unwatched)).snapshot.interrupts
        with pytest.raises(ValidationError):
            await one.resume({asked.id: "no"}, unwatched)
        with pytest.raises(AlreadyAnswered, match="its node raised ValidationError"):
            await other.resume({asked.id: "nay"}, unwatched)

    asyncio.run(main())
