"""`nbhitl.inbox` from code: every thread that waits for a person, in the words of its form."""

import asyncio
import threading

import pytest
from IPython.core.formatters import DisplayFormatter
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

import nbhitl
from nbhitl.errors import CannotWaitHere, UsageError
from tests.engines import contract_graphs
from tests.forms.payloads import pay


def ask(state: contract_graphs.State) -> contract_graphs.State:
    return {"seen": interrupt(state["text"])}


@pytest.fixture
def graph():
    return StateGraph(contract_graphs.State).add_node(ask).add_edge(START, "ask").compile(checkpointer=InMemorySaver())


def start(graph, thread_id, payload):
    graph.invoke({"text": payload}, {"configurable": {"thread_id": thread_id}})


def got(graph, thread_id):
    return graph.get_state({"configurable": {"thread_id": thread_id}}).values.get("seen")


def test_each_thread_is_a_row_in_the_words_of_the_form(graph):
    start(graph, "a", pay())
    start(graph, "b", {"text_to_revise": "original text"})
    text, call = nbhitl.inbox(graph)
    assert (text.asked, text.tool, text.node, text.thread) == ("Revise the text: original text", "", "ask", "b")
    assert (call.asked, call.tool, call.failed) == ("Approve pay?", "pay", None)
    assert (call.assistant, '"amount": 5' in call.text) == ("LangGraph", True)
    frame = nbhitl.inbox(graph).to_frame()
    assert list(frame["thread"]) == ["b", "a"]


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        ({"amount": 5}, '{ "amount": 5 }'),
        ([], "Answer with any JSON value"),
        ("long " * 900, "long long"),
        (None, "Answer with any JSON value"),
        ({"question": "How many?"}, "How many?"),
    ],
)
def test_payload_is_told_where_the_words_of_the_form_fit_every_question(graph, payload, told):
    start(graph, "a", payload)
    assert nbhitl.inbox(graph)[0].asked.startswith(told)
    nbhitl.open(graph, thread_id="a", answers=["x"]).wait()
    assert nbhitl.audit(graph)[0].words["asked"].startswith(told)


class Forgetful(JsonPlusSerializer):
    """Cannot read a text that it has saved, as for a class that was renamed since."""

    has_forgotten: str | None = None

    def loads_typed(self, data):
        value = super().loads_typed(data)
        if value is not None and value == self.has_forgotten:
            raise LookupError("no class Customer any more")
        return value


def test_thread_whose_state_cannot_be_read_hides_no_other_thread_and_tells_why():
    serde = Forgetful()
    builder = StateGraph(contract_graphs.State).add_node(ask).add_edge(START, "ask")
    graph = builder.compile(checkpointer=InMemorySaver(serde=serde), interrupt_before=["ask"])
    for thread_id in ("a", "b"):
        start(graph, thread_id, f"How many {thread_id}?")
    serde.has_forgotten = "How many a?"
    rows = {row.thread: row for row in nbhitl.inbox(graph)}
    assert rows.keys() == {"a", "b"}
    assert rows["a"].asked == "The state of this thread cannot be read."
    assert "LookupError: no class Customer any more" in str(rows["a"].failed)
    assert rows["b"].failed is None
    assert [card.thread_id for card in nbhitl.inbox(graph).cards()] == ["b"]
    serde.has_forgotten = None
    assert {row.failed for row in nbhitl.inbox(graph)} == {None}


def test_part_of_an_inbox_is_shown_as_a_table(graph):
    start(graph, "a", "How many?")
    start(graph, "b", "How many?")
    shown, _ = DisplayFormatter().format(nbhitl.inbox(graph)[:1])
    assert shown["text/html"].count("How many?") == 1


def test_a_text_to_revise_is_not_like_a_question_for_a_text(graph):
    for thread, payload in {"a": "How many?", "b": {"text_to_revise": "one"}, "c": {"text_to_revise": "two"}}.items():
        start(graph, thread, payload)
    alike = {row.thread: row.alike for row in nbhitl.inbox(graph)}
    assert alike["b"] == alike["c"] != alike["a"]


def test_graphs_with_the_same_checkpointer_have_separate_inboxes(graph):
    other = contract_graphs.seed.copy(update={"checkpointer": graph.checkpointer})
    start(graph, "a", "How many?")
    start(other, "b", "original text")
    assert [(row.node, row.thread) for row in nbhitl.inbox(graph)] == [("ask", "a")]
    assert [(row.node, row.thread) for row in nbhitl.inbox(other)] == [("review", "b")]


@pytest.mark.parametrize("stops", [{"interrupt_before": ["ask"]}, {"interrupt_after": ["first"]}])
def test_thread_at_a_breakpoint_of_a_subgraph_is_listed_and_goes_on(stops):
    nodes = StateGraph(contract_graphs.State).add_node("first", lambda _: {}).add_node("ask", lambda _: {"seen": "y"})
    team = nodes.add_edge(START, "first").add_edge("first", "ask").compile(**stops)
    outer = StateGraph(contract_graphs.State).add_node("team", team).add_edge(START, "team").compile(InMemorySaver())
    start(outer, "1", "text")
    (row,) = nbhitl.inbox(outer)
    assert row.node == "team/ask"
    for card in nbhitl.inbox(outer).cards():
        card.answer(None)
        assert card.result["seen"] == "y"
    assert len(nbhitl.inbox(outer)) == 0


def test_cards_are_answered_in_turn_until_nothing_waits(graph):
    for number in range(3):
        start(graph, str(number), f"Question {number}?")
    asked = []
    for card in nbhitl.inbox(graph).cards():
        asked.append(card.interrupts[0].value)
        card.answer(f"answer to {asked[-1]}")
        card.result  # noqa: B018 - waits
    assert asked == ["Question 2?", "Question 1?", "Question 0?"]
    assert [got(graph, str(number)) for number in range(3)] == [f"answer to Question {n}?" for n in range(3)]
    assert len(nbhitl.inbox(graph)) == 0


def test_a_card_that_is_left_open_does_not_come_twice(graph):
    start(graph, "1", "Question?")
    assert len(list(nbhitl.inbox(graph).cards())) == 1
    assert len(nbhitl.inbox(graph)) == 1


def test_a_thread_that_asks_once_more_comes_once_more():
    graph = contract_graphs.loop.copy(update={"checkpointer": InMemorySaver()})
    start(graph, "1", "x")
    asked = 0
    for card in nbhitl.inbox(graph).cards():
        asked += 1
        card.answer("x")
        card.interrupts  # noqa: B018 - waits for the next question
        if asked == 3:
            break
    assert asked == 3


def works_for_a_while(state: contract_graphs.State) -> contract_graphs.State:
    answer = interrupt(state["text"])
    threading.Event().wait(0.3)  # longer than a look at the threads
    return {"seen": answer}


@pytest.fixture
def slow_graph():
    builder = StateGraph(contract_graphs.State).add_node(works_for_a_while).add_edge(START, "works_for_a_while")
    return builder.compile(checkpointer=InMemorySaver())


def test_the_loop_goes_on_when_the_run_of_an_answer_has_ended(slow_graph):
    start(slow_graph, "1", "Question?")
    for card in nbhitl.inbox(slow_graph).cards():
        card.answer("x")
    assert got(slow_graph, "1") == "x"


def test_the_async_loop_goes_on_when_the_run_of_an_answer_has_ended(slow_graph):
    async def answer():
        async for card in nbhitl.inbox(slow_graph).cards():
            card.answer("x")

    start(slow_graph, "1", "Question?")
    asyncio.run(answer())
    assert got(slow_graph, "1") == "x"


def test_question_that_somebody_answers_meanwhile_does_not_come(graph):
    start(graph, "1", "Question?")
    start(graph, "2", "Question?")
    cards = iter(nbhitl.inbox(graph).cards())
    assert next(cards).thread_id == "2"
    nbhitl.open(graph, thread_id="1", answers=["theirs"]).result  # noqa: B018 - waits
    assert next(cards, None) is None


def test_an_inbox_of_an_async_checkpointer_is_awaited(tmp_path):
    async def answered():
        async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "checkpoints.db")) as saver:
            graph = contract_graphs.seed.copy(update={"checkpointer": saver})
            await graph.ainvoke({"text": "original text"}, {"configurable": {"thread_id": "1"}})
            inbox = nbhitl.inbox(graph)
            with pytest.raises(CannotWaitHere, match="await nbhitl.inbox"):
                len(inbox)
            with pytest.raises(CannotWaitHere, match="async for card"):
                list(inbox.cards())
            rows = [row.thread for row in await inbox]
            async for card in inbox.cards():
                card.answer("Edited text")
                await card
            return rows, len(await inbox.look())

    assert asyncio.run(answered()) == (["1"], 0)


def test_a_graph_without_a_checkpointer_has_no_inbox():
    with pytest.raises(UsageError, match="no checkpointer"):
        nbhitl.inbox(contract_graphs.seed)


class Killed(BaseException):
    """Stands for the end of the process."""


def test_a_thread_that_was_cut_off_between_the_step_and_the_next_checkpoint_is_listed(graph, monkeypatch):
    def dies(*_args, **_options):
        raise Killed

    start(graph, "1", "Question?")
    with monkeypatch.context() as patch:
        patch.setattr(graph.checkpointer, "put", dies)
        with pytest.raises(Killed):
            graph.invoke(Command(resume="x"), {"configurable": {"thread_id": "1"}}, durability="sync")
    assert [row.thread for row in nbhitl.inbox(graph)] == ["1"]
    for card in nbhitl.inbox(graph).cards():
        card.answer(None)
    assert got(graph, "1") == "x"
    assert len(nbhitl.inbox(graph)) == 0
