"""Promises that once had no test: each test here fails on a version of nbhitl that breaks the promise."""

import asyncio
import threading
from typing import Any

import pytest
from langgraph.graph import START, StateGraph
from langgraph.types import Command
from pydantic import BaseModel, SecretStr

import nbhitl
from nbhitl.engines.base import SnippetLines
from nbhitl.errors import AlreadyAnswered, RunCancelled
from tests import graphs
from tests.graphs import SEED_INPUT, InMemorySaver, State, interrupt
from tests.views import view_of

# --- a resume is strict: an answer reaches its question, or no question --------------------------------------


class AnsweredInBetween(InMemorySaver):
    """Lets another client answer between nbhitl's look at the thread and nbhitl's resume."""

    def __init__(self) -> None:
        super().__init__()
        self.other_client: Any = None

    def put_writes(self, config: Any, writes: Any, task_id: Any, task_path: str = "") -> None:
        super().put_writes(config, writes, task_id, task_path)
        other_client, self.other_client = self.other_client, None
        if other_client is not None:
            other_client()


def test_answer_that_another_client_overtakes_does_not_reach_the_next_question():
    saver = AnsweredInBetween()
    graph = graphs.asks_twice(checkpointer=saver)
    card = nbhitl.review(graph, SEED_INPUT)
    assert [each.value for each in card.interrupts] == ["First name?"]
    thread = {"configurable": {"thread_id": card.thread_id}}
    saver.other_client = lambda: graph.invoke(Command(resume="Ann of the other client"), thread)

    card.answer("Ann of this card")

    assert [each.value for each in card.interrupts] == ["Last name?"]
    with pytest.raises(AlreadyAnswered):
        card.answer("Lee")
    card.answer("Lee")
    assert card.result == {"some_text": "Ann of the other client Lee"}


# --- a resume is durable: the step of the answer is saved before the next step begins ------------------------


class SlowSaver(InMemorySaver):
    """Delays each save until the next step has begun; with ``durability="sync"`` LangGraph waits for the save first."""

    def __init__(self) -> None:
        super().__init__()
        self.next_step_began = threading.Event()
        self.is_slow = False
        self.saved: list[str] = []

    def put(self, config: Any, checkpoint: Any, metadata: Any, new_versions: Any) -> Any:
        if self.is_slow and checkpoint["channel_values"].get("some_text") == "answered":
            self.next_step_began.wait(0.3)
            self.saved.append("step of the answer")
        return super().put(config, checkpoint, metadata, new_versions)


def test_step_of_an_answer_is_saved_before_the_next_step_begins():
    saver = SlowSaver()
    saved_when_next_began: list[list[str]] = []

    def ask(_state: State) -> State:
        return {"some_text": interrupt("?")}

    def after(_state: State) -> State:
        saver.next_step_began.set()
        saved_when_next_began.append(list(saver.saved))
        return {"some_text": "done"}

    builder: Any = StateGraph(State)
    builder.add_node("ask", ask).add_node("after", after)
    graph = builder.add_edge(START, "ask").add_edge("ask", "after").compile(checkpointer=saver)
    card = nbhitl.review(graph, SEED_INPUT)
    assert card.interrupts
    saver.is_slow = True

    card.answer("answered")

    assert card.result == {"some_text": "done"}
    assert saved_when_next_began == [["step of the answer"]]


# --- a caller's old checkpoint is the start of the run, and not the place of each answer ---------------------


def test_run_that_starts_at_an_old_checkpoint_goes_on_from_its_own_head():
    saver = InMemorySaver()
    graph = graphs.asks_twice(checkpointer=saver)
    thread = {"configurable": {"thread_id": "t"}}
    graph.invoke(SEED_INPUT, thread)
    asked_at = graph.get_state(thread).config
    graph.invoke(Command(resume="Ann"), thread)
    graph.invoke(Command(resume="Lee"), thread)

    card = nbhitl.review(graph, None, asked_at, answers=["Bea", "Moe"])

    assert card.result == {"some_text": "Bea Moe"}


# --- secrets stay out of the lines for other clients --------------------------------------------------------


class Login(BaseModel):
    user: str
    password: SecretStr


def asks_for_a_login(_state: State) -> State:
    interrupt("Log in", response_schema=Login)
    return {"some_text": "in"}


def test_lines_for_other_clients_hold_no_secret_of_the_draft(monkeypatch):
    card = nbhitl.review(graphs.compile_node(asks_for_a_login), SEED_INPUT)
    (asked,) = card.interrupts
    card._screen.page.mime_bundle()
    given: list[Any] = []

    def snippets(_id: str, value: Any) -> SnippetLines:
        given.append(value)
        return SnippetLines("python", "javascript", "curl")

    monkeypatch.setattr(card._core.engine, "snippets", snippets)
    draft = '{"user": "ann", "password": "canary-1234"}'
    reply = card._screen.page._on_message({"kind": "snippets_request", "request": "r", "id": asked.id, "draft": draft})

    assert reply is not None
    assert reply["kind"] == "snippets"
    assert given
    assert "ann" in str(given)
    assert "canary-1234" not in str(given)


# --- a card says that the result which the cell returned is out of date --------------------------------------


def test_card_says_that_its_cell_returned_the_result_of_the_former_answer():
    card = nbhitl.review(graphs.seed(), SEED_INPUT)
    card.answer("first")
    assert card.wait() == {"some_text": "first"}
    card._screen.page.mime_bundle()
    assert not [note for note in view_of(card)["notes"] if "card.result" in note]

    card.ask_again()
    assert card.interrupts

    assert [note for note in view_of(card)["notes"] if "card.result" in note]


def test_card_says_once_before_the_new_answers_that_its_cell_returned_the_former_result():
    card = nbhitl.review(graphs.seed(checkpointer=InMemorySaver()), SEED_INPUT)
    card.answer("first")
    assert card.wait() == {"some_text": "first"}
    for answer in ("second", "third"):
        card.ask_again()
        assert card.interrupts
        (note,) = [note for note in view_of(card)["notes"] if "card.result" in note]
        assert "returned the former result. When the run has ended again, card.result is the new result" in note
        card.answer(answer)
        assert card.result == {"some_text": answer}


# --- an answer that no loop can send any more is refused, and not lost ---------------------------------------


def test_answer_after_the_loop_of_the_run_is_closed_is_refused_by_name():
    async def begin() -> Any:
        card = nbhitl.review(graphs.seed_async(), SEED_INPUT)
        loop, changed = asyncio.get_running_loop(), asyncio.Event()

        def tell() -> None:
            loop.call_soon_threadsafe(changed.set)

        card._core.subscribe(tell)
        if not card.waits:
            await asyncio.wait_for(changed.wait(), 20)
        assert card.waits
        return card

    card = asyncio.run(begin())

    with pytest.raises(RunCancelled, match="closed"):
        card.answer("too late")
