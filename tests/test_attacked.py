"""Situations in which a decision once went to the wrong place, or a run ended for the wrong reason."""

import enum
import logging
import uuid

import pytest
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.config import get_stream_writer
from langgraph.func import entrypoint, task
from langgraph.graph import START, StateGraph
from langgraph.types import Send
from pydantic import BaseModel

import nbhitl
from nbhitl.errors import AlreadyAnswered, InvalidAnswer, ServerUnreachable, UsageError
from nbhitl.forms import form_for
from tests import graphs
from tests.graphs import SEED_INPUT, Texts


class Colour(enum.Enum):
    RED = "red"


class Choice(BaseModel):
    colour: Colour


def raises(card):
    with pytest.raises(Exception, match="no good"):
        _ = card.result


def many(count):
    """Return a graph that sends ``count`` items to one node, which asks the same for each and raises on "bad"."""

    def ask(item):
        answer = graphs.interrupt("Approve this item?")
        if answer == "bad":
            raise ValueError("no good")
        return {"texts": [f"{item['number']}: {answer}"]}

    def fan_out(_state):
        return [Send("ask", {"number": number}) for number in range(count)]

    return StateGraph(Texts).add_node("ask", ask).add_conditional_edges(START, fan_out, ["ask"]).compile()


def test_mended_answer_reaches_the_very_item_whose_answer_was_refused_though_all_ask_the_same():
    card = nbhitl.review(many(3), {"texts": []})
    card.answer_all(dict(zip([i.id for i in card.interrupts], ["a0", "bad", "a2"], strict=True)))
    raises(card)
    card.answer("good")
    assert card.interrupts
    offers = {asked.interrupt.id: asked.offer.value for asked in card._core.state.unanswered if asked.offer}
    assert list(offers.values()) == ["a0", "a2"]
    card.answer_all(offers)
    assert sorted(card.result["texts"]) == ["0: a0", "1: good", "2: a2"]


@pytest.mark.parametrize("questions", [("number?", "number?"), ("first?", "second?")], ids=["same", "different"])
def test_mended_answer_to_a_nodes_second_question_waits_for_that_question(questions):
    def ask(state):
        first = graphs.interrupt(questions[0])
        second = graphs.interrupt(questions[1])
        if second == "bad":
            raise ValueError("no good")
        return {"some_text": f"{first} {second}"}

    card = nbhitl.review(graphs.compile_node(ask), SEED_INPUT)
    card.answer("one")
    card.answer("bad")
    raises(card)
    card.answer("two")
    assert card.interrupts
    (asked,) = card._core.state.unanswered
    assert asked.offer is not None
    assert asked.offer.value == "one"
    card.answer("one")
    assert card.interrupts
    (asked,) = card._core.state.unanswered
    assert asked.offer is not None
    assert (asked.offer.value, asked.offer.why) == ("two", "kept")
    card.answer("two")
    assert card.result == {"some_text": "one two"}


def test_bad_answer_inside_a_task_of_the_functional_api_can_be_mended():
    @task
    def check(value):
        answer = graphs.interrupt("Number?")
        if answer == "bad":
            raise ValueError("no good")
        return answer

    @entrypoint(checkpointer=InMemorySaver())
    def flow(value):
        return {"some_text": check(value).result()}

    card = nbhitl.review(flow, SEED_INPUT)
    card.answer("bad")
    raises(card)
    card.answer("good")
    assert card.result == {"some_text": "good"}


def test_bad_answer_inside_a_subgraph_with_checkpoints_of_its_own_can_be_mended():
    def ask(state):
        answer = graphs.interrupt("?")
        if answer == "bad":
            raise ValueError("no good")
        return {"some_text": answer}

    inner = graphs.compile_node(ask, "ask", checkpointer=True)
    card = nbhitl.review(graphs.compile_node(inner, "outer"), SEED_INPUT)
    card.answer("bad")
    raises(card)
    card.answer("good")
    assert card.result == {"some_text": "good"}


def test_next_turn_after_a_run_that_failed_later_keeps_the_earlier_decisions():
    def ask(state):
        return {"texts": [graphs.interrupt("?")]}

    def boom(state):
        if "next" not in state["texts"]:
            raise ValueError("no good")

    graph = StateGraph(Texts).add_node("ask", ask).add_node("boom", boom).add_edge(START, "ask").add_edge("ask", "boom")
    card = nbhitl.review(graph.compile(), {"texts": []})
    card.answer("valuable")
    raises(card)
    turn = card.send({"texts": ["next"]}, answers=["again"])
    assert turn.result["texts"] == ["valuable", "next", "again"]


def test_fork_that_fails_once_does_not_lose_the_mended_answer():
    tries = []

    def ask(state):
        tries.append(state)
        if len(tries) == 3:
            raise ConnectionError("no good")
        answer = graphs.interrupt("?")
        if answer == "bad":
            raise ValueError("no good")
        return {"some_text": answer}

    card = nbhitl.review(graphs.compile_node(ask), SEED_INPUT)
    card.answer("bad")
    raises(card)
    card.answer("good")
    raises(card)
    card.answer("good")
    assert card.result == {"some_text": "good"}


@pytest.mark.parametrize("error", [ServerUnreachable, AlreadyAnswered, InvalidAnswer])
def test_exception_of_ours_that_a_node_raises_is_the_nodes(error):
    ran = []

    def ask(state):
        answer = graphs.interrupt("?")
        ran.append(answer)
        if answer == "bad":
            raise error("no good")
        return {"some_text": answer}

    card = nbhitl.review(graphs.compile_node(ask), SEED_INPUT)
    card.answer("bad")
    raises(card)
    card.answer("good")
    assert card.result == {"some_text": "good"}
    assert ran == ["bad", "good"]


def test_key_finds_its_run_though_langgraph_gave_the_message_an_id():
    def ask(state):
        return {"texts": [graphs.interrupt("?")]}

    graph = StateGraph(Texts).add_node("ask", ask).add_edge(START, "ask").compile(checkpointer=InMemorySaver())
    message = HumanMessage("hello")
    assert nbhitl.review(graph, {"texts": [message]}, key="k").interrupts
    message.id = "given meanwhile"
    again = nbhitl.review(graph, {"texts": [message]}, key="k")
    again.answer("yes")
    assert again.result["texts"][-1] == "yes"


def test_key_finds_the_run_after_an_answer_without_the_key():
    graph = graphs.asks_twice(checkpointer=InMemorySaver())
    card = nbhitl.review(graph, SEED_INPUT, key="k")
    (interrupt,) = card.interrupts
    graph.invoke(graphs.Command(resume={interrupt.id: "Ann"}), {"configurable": {"thread_id": card.thread_id}})
    again = nbhitl.review(graph, SEED_INPUT, key="k")
    again.answer("Lee")
    assert again.result == {"some_text": "Ann Lee"}


def test_thread_ids_need_not_be_texts():
    graph, key = graphs.seed(checkpointer=InMemorySaver()), uuid.uuid4()
    for thread_id in (key, 7):
        card = nbhitl.review(graph, SEED_INPUT, {"configurable": {"thread_id": thread_id}})
        card.answer("x")
        assert card.result == {"some_text": "x"}


@pytest.mark.parametrize(
    "schema",
    [{"pattern": r"^(?=x)\p{L}+$"}, {"type": "unknown"}, {"$ref": "#"}, {"pattern": "^(?=a)(a+)+$"}],
    ids=str,
)
def test_schema_that_cannot_be_tested_refuses_nothing_and_takes_no_time(schema):
    def ask(state):
        return {"some_text": graphs.interrupt("?", response_schema=schema)}

    answer = "a" * 40 + "!"
    card = nbhitl.review(graphs.compile_node(ask), SEED_INPUT)
    card.answer(answer)
    assert card.result == {"some_text": answer}


def test_instance_of_the_model_that_the_node_asks_for_is_an_answer():
    def ask(state):
        answer = graphs.interrupt("?", response_schema=Choice)
        return {"some_text": Choice.model_validate(answer).colour.value}

    card = nbhitl.review(graphs.compile_node(ask), SEED_INPUT)
    card.answer({"colour": "red"})
    assert card.result == {"some_text": "red"}
    instance = Choice(colour=Colour.RED)
    assert form_for(nbhitl.Interrupt("i", "ask", "?", Choice.model_json_schema())).fit(instance) is instance


def test_nothing_that_a_node_prints_logs_or_streams_ends_its_run():
    class Weird(dict[str, int]):
        def get(self, *_args):
            raise RuntimeError("weird")

    def ask(state):
        writer = get_stream_writer()
        for event in (Weird(a=1), {"progress": 10**400, "total": 1}, "half \ud800"):
            writer(event)
        logging.getLogger("mine").warning("a record with a lone \ud800")
        return {"some_text": graphs.interrupt("?")}

    card = nbhitl.review(graphs.compile_node(ask), SEED_INPUT, answers=["x"])
    assert card.result == {"some_text": "x"}


def test_answer_from_code_that_came_too_late_is_told_before_the_next_question_can_be_answered():
    graph = graphs.asks_twice(checkpointer=InMemorySaver())
    mine = nbhitl.review(graph, SEED_INPUT)
    assert mine.interrupts
    theirs = nbhitl.open(graph, thread_id=str(mine.thread_id))
    theirs.answer("Ann")
    assert theirs.interrupts
    mine.answer("Bea")
    with pytest.raises(AlreadyAnswered, match="answered at"):
        mine.answer("Bea")
    assert [i.value for i in mine.interrupts] == ["Last name?"]


def test_stop_right_after_an_answer_opens_the_question_again():
    card = nbhitl.review(graphs.seed(), SEED_INPUT)
    card.answer("x")
    try:
        card.stop()
    except UsageError:  # the run was quicker
        assert card.result == {"some_text": "x"}
        return
    for interrupt in card.interrupts:
        card.answer(None if interrupt.is_stop else "x")
    assert card.result == {"some_text": "x"}


def test_stream_that_was_left_goes_on_at_the_same_place():
    card = nbhitl.review(graphs.seed(), SEED_INPUT, answers=["x"])
    whole = list(card.stream("values"))
    stream = card.stream("values")
    first = next(iter(stream))
    assert len([first, *stream]) == len(whole) > 1


def test_keyed_conversation_does_not_double_when_its_cells_run_again():
    graph = graphs.chat(checkpointer=InMemorySaver())
    for _ in range(3):
        card = nbhitl.review(graph, {"texts": ["hello"]}, key="chat")
        if card.interrupts:
            card.answer("hi")
        assert card.result["texts"] == ["hello", "re hello: hi"]
        turn = card.send({"texts": ["and?"]}, answers=["fine"])
        assert turn.result["texts"] == ["hello", "re hello: hi", "and?", "re and?: fine"]


def test_keyed_run_killed_before_the_first_save_asks_before_running_again():
    class Killed(BaseException):
        """Stands for SIGKILL: LangGraph saves nothing on the way out."""

    ran = []
    saver = InMemorySaver()

    def pay(state):
        ran.append(state)
        if len(ran) == 1:
            raise Killed
        return state

    graph = graphs.compile_node(pay, "pay", checkpointer=saver)
    put = saver.put_writes
    saver.put_writes = lambda *args, **kwargs: None  # type: ignore[method-assign]
    with pytest.raises(Killed):
        _ = nbhitl.review(graph, SEED_INPUT, key="k", durability="exit").result
    saver.put_writes = put  # type: ignore[method-assign]
    card = nbhitl.review(graph, SEED_INPUT, key="k", durability="exit")
    (stop,) = card.interrupts
    assert stop.is_stop
    assert len(ran) == 1
    card.answer(None)
    assert card.result == SEED_INPUT
