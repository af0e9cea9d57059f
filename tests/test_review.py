import asyncio
import operator
import re
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Annotated, Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph, add_messages
from langgraph.types import Send, interrupt
from typing_extensions import TypedDict

import nbhitl
from nbhitl.errors import (
    AlreadyAnswered,
    CannotWaitHere,
    InvalidAnswer,
    LeftoverAnswers,
    NobodyThere,
    RunCancelled,
    RunHasFailed,
    ThreadNotFound,
    UnknownInterrupt,
    UsageError,
)
from tests import graphs
from tests.graphs import SEED_INPUT
from tests.tools import ROOT


async def awaited(*args, **kwargs):
    return await nbhitl.review(*args, **kwargs)


@pytest.mark.parametrize("graph", [graphs.seed, graphs.seed_async, graphs.seed_in_subgraph, graphs.functional])
def test_awaited_review_returns_the_result_of_invoke(graph):
    assert asyncio.run(awaited(graph(), SEED_INPUT, answers=["Edited text"])) == {"some_text": "Edited text"}


@pytest.mark.parametrize("graph", [graphs.seed, graphs.seed_async])
def test_result_without_await_is_the_result_of_invoke(graph):
    assert nbhitl.review(graph(), SEED_INPUT, answers=["Edited text"]).result == {"some_text": "Edited text"}


def test_options_of_invoke_are_passed_on():
    card = nbhitl.review(graphs.seed(), SEED_INPUT, answers=["Edited text"], stream_mode="updates")
    assert card.result == [{"human_review": {"some_text": "Edited text"}}]


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("ui", "txt", 'ui= is "card" or "text", not \'txt\''),
        ("timeout", "3", "timeout= is a number of seconds, not '3'"),
        ("timeout", -1, "timeout= is a number of seconds, not -1"),
        ("timeout", float("nan"), "timeout= is a number of seconds, not nan"),
    ],
)
def test_value_that_cannot_be_meant_is_refused_before_the_run_starts(option, value, told):
    with pytest.raises(UsageError, match=told):
        nbhitl.review(graphs.seed(), SEED_INPUT, **{option: value})


def test_run_that_asks_nothing_just_ends():
    assert nbhitl.review(graphs.asks_nothing(), SEED_INPUT).result == {"some_text": "ORIGINAL TEXT"}


def test_answer_from_code_resumes_the_run():
    card = nbhitl.review(graphs.seed(), SEED_INPUT)
    card.answer("Edited text")
    assert card.result == {"some_text": "Edited text"}


def test_open_question_is_listed_and_the_state_shown():
    card = nbhitl.review(graphs.seed(), SEED_INPUT)
    (interrupt,) = card.interrupts
    assert interrupt.node == "human_review"
    assert interrupt.value == {"text_to_revise": "original text"}
    assert card.state.next == ("human_review",)
    assert card.thread_id
    assert "sync" in card.runs_on


def test_messages_are_those_of_the_state_and_none_where_the_state_has_none():
    def ask(state: MessagesState):
        return {"messages": [("ai", interrupt("What shall I say?"))]}

    graph = StateGraph(MessagesState).add_node(ask).add_edge(START, "ask").compile()
    card = nbhitl.review(graph, {"messages": [("user", "Hello")]})
    assert [each.content for each in card.messages] == ["Hello"]
    card.answer("Good day")
    assert card.result["messages"] == card.messages
    assert [each.content for each in card.messages] == ["Hello", "Good day"]
    assert nbhitl.review(graphs.seed(), SEED_INPUT).messages == []


def test_messages_of_a_state_that_is_a_list_of_messages_are_the_state():
    state: Any = Annotated[list, add_messages]
    builder: Any = StateGraph(state)
    graph = builder.add_node("ask", lambda _: [("ai", interrupt("What?"))]).add_edge(START, "ask").compile()
    card = nbhitl.review(graph, [("user", "Hello")], answers=["Good day"])
    assert card.result == card.messages
    assert len(card.messages) == 2


def test_completion_lists_only_members_for_users():
    listed = set(dir(nbhitl.review(graphs.seed(), SEED_INPUT)))
    assert {"result", "answer", "interrupts", "messages", "wait"} <= listed
    assert not listed & {"core", "embed", "settle"}


def test_result_while_a_question_is_open_raises_one_clear_line():
    card = nbhitl.review(graphs.seed(), SEED_INPUT)
    with pytest.raises(NobodyThere, match="'human_review'.*answers=") as caught:
        _ = card.result
    assert "\n" not in str(caught.value)
    card.answer("Edited text")
    assert card.result == {"some_text": "Edited text"}


def test_await_where_nobody_can_answer_fails_at_once():
    with pytest.raises(NobodyThere):
        asyncio.run(awaited(graphs.seed(), SEED_INPUT))


def test_result_waits_while_the_run_works():
    may_end = threading.Event()

    def slow(state):
        may_end.wait(30)
        return state

    card = nbhitl.review(graphs.compile_node(slow), SEED_INPUT)
    threading.Timer(0.05, may_end.set).start()
    assert card.result == SEED_INPUT


def test_result_of_a_run_on_the_running_loop_says_to_await():
    async def cell():
        card = nbhitl.review(graphs.seed_async(), SEED_INPUT, answers=["x"])
        with pytest.raises(CannotWaitHere, match="await card"):
            _ = card.result
        return await card

    assert asyncio.run(cell()) == {"some_text": "x"}


def test_exception_of_a_node_reaches_the_caller_unchanged():
    with pytest.raises(ZeroDivisionError, match="cannot use 7"):
        _ = nbhitl.review(graphs.raises_after_the_answer(), SEED_INPUT, answers=[7]).result


def test_each_question_of_a_node_gets_its_answer_in_order():
    card = nbhitl.review(graphs.asks_twice(), SEED_INPUT, answers=["Ann", "Lee"])
    assert card.result == {"some_text": "Ann Lee"}


def test_parallel_questions_are_sent_together():
    card = nbhitl.review(graphs.parallel(3), {"texts": []}, answers=["a", "b", "c"])
    assert sorted(card.result["texts"]) == ["a", "b", "c"]


def test_parallel_questions_answered_from_code_need_their_ids():
    card = nbhitl.review(graphs.parallel(2), {"texts": []})
    with pytest.raises(UnknownInterrupt, match="2 questions are open"):
        card.answer("a")
    for each in card.interrupts:
        card.answer(each.value["text_to_revise"].upper(), id=each.id)
    assert sorted(card.result["texts"]) == ["TEXT 0", "TEXT 1"]


def test_more_answers_than_questions_are_named():
    with pytest.raises(LeftoverAnswers, match=r"answer 2 \(a string\)"):
        _ = nbhitl.review(graphs.seed(), SEED_INPUT, answers=["Edited text", "surplus"]).result


def test_fewer_answers_than_questions_name_the_question_and_leave_it_open():
    card = nbhitl.review(graphs.asks_twice(), SEED_INPUT, answers=["Ann"])
    with pytest.raises(NobodyThere, match="1 answer, and node 'ask' asks once more: \"Last name"):
        _ = card.result
    card.answer("Lee")
    assert card.result == {"some_text": "Ann Lee"}


@pytest.mark.parametrize("answers", ["Edited text", 3])
def test_answers_that_are_neither_a_list_nor_by_node_are_refused(answers):
    with pytest.raises(UsageError, match="takes a list"):
        nbhitl.review(graphs.seed(), SEED_INPUT, answers=answers)


def test_second_answer_is_refused():
    card = nbhitl.review(graphs.seed(), SEED_INPUT)
    (interrupt,) = card.interrupts
    card.answer("Edited text")
    assert card.result
    with pytest.raises(AlreadyAnswered):
        card.answer("again", id=interrupt.id)


def test_thread_that_waits_is_opened_and_answered():
    graph = graphs.seed(checkpointer=InMemorySaver())
    first = nbhitl.review(graph, SEED_INPUT)
    assert first.interrupts
    card = nbhitl.open(graph, thread_id=str(first.thread_id))
    card.answer("Edited text")
    assert card.result == {"some_text": "Edited text"}


def test_thread_that_has_ended_opens_with_its_result():
    graph = graphs.seed(checkpointer=InMemorySaver())
    first = nbhitl.review(graph, SEED_INPUT, answers=["Edited text"])
    assert first.result == nbhitl.open(graph, thread_id=str(first.thread_id)).result


def test_opening_an_unknown_thread_is_a_named_error():
    with pytest.raises(ThreadNotFound, match="nowhere"):
        _ = nbhitl.open(graphs.seed(checkpointer=InMemorySaver()), thread_id="nowhere").result


def test_question_answered_through_the_graph_itself_is_not_answered_twice():
    ran = []

    def node(state):
        ran.append(graphs.interrupt("Name?"))
        return state

    graph = graphs.compile_node(node, checkpointer=InMemorySaver())
    card = nbhitl.review(graph, SEED_INPUT)
    (interrupt,) = card.interrupts
    config = {"configurable": {"thread_id": card.thread_id}}
    graph.invoke(graphs.Command(resume={interrupt.id: "theirs"}), config)
    card.answer("mine")
    with pytest.raises(AlreadyAnswered):
        _ = card.result
    assert card.result == SEED_INPUT
    assert ran == ["theirs"]
    assert "answered by another client" in str(card)


def test_transcript_holds_no_ids():
    card = nbhitl.review(graphs.seed(), SEED_INPUT, answers=["Edited text"])
    assert card.result
    assert str(card).splitlines() == [
        'human_review asks: { "text_to_revise": "original text" }',
        'answers= answers: "Edited text"',
        'result: { "some_text": "Edited text" }',
    ]
    assert str(card.thread_id) not in str(card) + repr(card)


def test_transcript_of_an_agent_is_the_same_in_every_run():
    from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
    from langgraph.graph import START, MessagesState, StateGraph

    def call(state):
        call = {"name": "pay", "args": {"message_id": "newsletter-17"}, "id": f"call_{uuid.uuid4().hex}"}
        answer = graphs.interrupt({"to": state["messages"][-1], "calls": [call]})
        said = ToolMessage(answer, tool_call_id=call["id"])
        return {"messages": [AIMessage("", tool_calls=[call]), said]}

    graph = StateGraph(MessagesState).add_node("call", call).add_edge(START, "call").compile()
    one, other = (nbhitl.review(graph, {"messages": [HumanMessage("Pay Ann")]}, answers=["Paid"]) for _ in range(2))
    ids = [message.id for message in one.result["messages"]]
    assert all(ids)
    assert ids != [message.id for message in other.result["messages"]]
    assert str(one) == str(other)
    assert not any(each in str(one) for each in (*ids, "call_", "set aside"))
    assert "newsletter-17" in str(one)


def test_transcript_of_a_failure_holds_no_address():
    def fail(_state):
        raise ValueError(object())

    card = nbhitl.review(graphs.compile_node(fail), SEED_INPUT, answers=[])
    with pytest.raises(ValueError, match="at 0x"):
        _ = card.result
    assert str(card) == "failed: ValueError: <object object>"


def test_transcript_waits_while_the_run_works():
    may_end = threading.Event()

    def slow(state):
        may_end.wait(30)
        return state

    card = nbhitl.review(graphs.compile_node(slow), SEED_INPUT)
    threading.Timer(0.05, may_end.set).start()
    assert str(card) == 'result: { "some_text": "original text" }'


def test_node_that_prints_its_own_review_does_not_wait_for_itself():
    printed = []

    def node(state):
        printed.append(str(made.result(10)))
        return state

    made: Future[nbhitl.Review] = Future()
    card = nbhitl.review(graphs.compile_node(node), SEED_INPUT)
    made.set_result(card)
    assert card.result == SEED_INPUT
    assert printed == ["(running)"]


def test_transcript_and_answers_are_in_the_order_of_the_questions_after_answers_in_any_order():
    card = nbhitl.review(graphs.parallel(3), {"texts": []}, checkpointer=graphs.InMemorySaver())
    first, second, third = (interrupt.id for interrupt in card.interrupts)
    card.answer("C", id=third, now=True)
    for key, value in ((second, "B"), (first, "A")):
        card.answer(value, id=key)
    assert card.result == {"texts": ["A", "B", "C"]}
    assert card.answers == ["A", "B", "C"]
    assert [line for line in str(card).splitlines() if "answers" in line] == [
        f'card.answer answers: "{value}"' for value in "ABC"
    ]
    again = nbhitl.review(graphs.parallel(3), {"texts": []}, answers=card.answers)
    assert again.result == card.result


def test_scripted_engine_needs_no_graph():
    def flow(value):
        edited = yield {"text_to_revise": value["some_text"]}
        return {"some_text": edited}

    assert nbhitl.review(nbhitl.scripted(flow), SEED_INPUT, answers=["Edited text"]).result == {
        "some_text": "Edited text"
    }


@pytest.mark.parametrize("graph", [graphs.seed, graphs.seed_async])
def test_static_breakpoint_asks_to_go_on(graph):
    card = nbhitl.review(graph(), SEED_INPUT, interrupt_before=["human_review"])
    (interrupt,) = card.interrupts
    assert interrupt.is_stop
    card.answer(None)
    card.answer("Edited text")
    assert card.result == {"some_text": "Edited text"}


def test_breakpoints_before_and_after_a_node_are_passed_by_a_script():
    card = nbhitl.review(
        graphs.compile_node(graphs.seed(), "outer"),
        SEED_INPUT,
        interrupt_before=["outer"],
        answers=[None, "Edited text"],
    )
    assert card.result == {"some_text": "Edited text"}


def test_thread_id_beside_configurable_is_taken_as_langgraph_takes_it():
    saver = InMemorySaver()
    card = nbhitl.review(graphs.seed(), SEED_INPUT, {"thread_id": "1"}, checkpointer=saver)
    assert card.interrupts
    assert (card.thread_id, list(saver.storage)) == ("1", ["1"])
    card.answer("Edited text")
    assert card.result == {"some_text": "Edited text"}


def test_review_taken_for_its_result_says_so():
    with pytest.raises(UsageError, match="await"):
        _ = nbhitl.review(graphs.seed(), SEED_INPUT, answers=["x"])["some_text"]


def test_script_that_leaves_a_question_open_ends_quietly():
    review = "nbhitl.review(graphs.seed(), graphs.SEED_INPUT).interrupts"
    code = f"import nbhitl; from tests import graphs; {review}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("error", "is_async"),
    [
        (SystemExit, False),
        (SystemExit, True),
        (KeyboardInterrupt, False),
        (KeyboardInterrupt, True),
        (GeneratorExit, False),
    ],
)
def test_node_that_leaves_by_the_back_door_fails_its_review_and_no_other(error, is_async):
    def leave(_state):
        raise error("bye")

    async def leave_async(_state):
        raise error("bye")

    card = nbhitl.review(graphs.compile_node(leave_async if is_async else leave), SEED_INPUT)
    with pytest.raises(error):
        _ = card.result
    assert nbhitl.review(graphs.asks_nothing(), SEED_INPUT).result


def test_many_long_runs_hold_up_no_other():
    may_end = threading.Event()

    def slow(state):
        may_end.wait(30)
        return state

    busy = [nbhitl.review(graphs.compile_node(slow), SEED_INPUT) for _ in range(40)]
    assert nbhitl.review(graphs.asks_nothing(), SEED_INPUT).result
    may_end.set()
    assert all(card.result for card in busy)


def test_reviews_inside_nodes_of_reviews_end():
    inner = graphs.asks_nothing()

    def outer(state):
        return nbhitl.review(inner, state).result

    cards = [nbhitl.review(graphs.compile_node(outer), SEED_INPUT) for _ in range(20)]
    assert {card.result["some_text"] for card in cards} == {"ORIGINAL TEXT"}


def test_surplus_answers_are_named_every_time_when_awaited():
    async def many():
        for _ in range(30):
            with pytest.raises(LeftoverAnswers):
                await nbhitl.review(graphs.seed(), SEED_INPUT, answers=["a", "b"])

    asyncio.run(many())


def outcome(card):
    try:
        return card.result
    except AlreadyAnswered:
        return "too late"


def test_two_cards_of_one_thread_run_the_node_once():
    ran = []

    def node(state):
        answer = graphs.interrupt("Name?")
        ran.append(answer)
        return {"some_text": answer}

    graph = graphs.compile_node(node, checkpointer=InMemorySaver())
    for _ in range(20):
        ran.clear()
        first = nbhitl.review(graph, SEED_INPUT)
        assert first.interrupts
        second = nbhitl.open(graph, thread_id=str(first.thread_id))
        assert second.interrupts
        first.answer("one")
        second.answer("two")
        results = [outcome(first), outcome(second)]
        assert results.count("too late") == 1
        assert first.result == second.result
        assert len(ran) == 1


def test_sibling_answered_elsewhere_leaves_the_answer_to_the_other():
    graph = graphs.parallel(2, checkpointer=InMemorySaver())
    card = nbhitl.review(graph, {"texts": []})
    first, second = card.interrupts
    card.answer("mine", id=first.id)
    config = {"configurable": {"thread_id": card.thread_id}}
    graph.invoke(graphs.Command(resume={first.id: "theirs"}), config)
    card.answer("also mine", id=second.id)
    assert outcome(card) == "too late"
    assert sorted(card.result["texts"]) == ["also mine", "theirs"]


def test_answer_that_the_checkpointer_cannot_keep_is_refused_and_the_question_stays():
    card = nbhitl.review(graphs.seed(), SEED_INPUT)
    with pytest.raises(InvalidAnswer, match="human_review"):
        card.answer(2**70)
    card.answer("Edited text")
    assert card.result == {"some_text": "Edited text"}


def test_review_whose_loop_has_ended_says_so():
    async def cell():
        card = nbhitl.review(graphs.seed_async(), SEED_INPUT)
        await asyncio.sleep(0)
        return card

    card = asyncio.run(cell())
    with pytest.raises(RunHasFailed, match="RunCancelled"):
        card.answer("Edited text")
    with pytest.raises(RunCancelled):
        _ = card.result


def test_review_in_a_python_without_threads_is_refused_with_a_way_out(monkeypatch):
    monkeypatch.setattr("sys.platform", "emscripten")
    with pytest.raises(CannotWaitHere, match=r"JupyterLite.*without threads.*Open the notebook in JupyterLab"):
        nbhitl.review(graphs.seed(), SEED_INPUT)


def test_answer_sent_at_once_is_taken_though_the_run_has_asked_the_next_question_meanwhile(monkeypatch):
    graph = graphs.compile_node(lambda _state: {"some_text": graphs.interrupt("1?") + graphs.interrupt("2?")})
    card = nbhitl.review(graph, SEED_INPUT)
    (first,) = card.interrupts
    submit = card._core.submit

    def submit_slowly(answer):
        submit(answer)
        (second,) = card.interrupts
        assert second.value == "2?"

    with monkeypatch.context() as patched:
        patched.setattr(card._core, "submit", submit_slowly)
        card.answer("a", id=first.id, now=True)
    card.answer("b")
    assert card.result == {"some_text": "ab"}


def test_waiting_cell_is_woken_by_the_end_of_the_run_and_not_by_a_note_before():
    card = nbhitl.review(graphs.seed(), SEED_INPUT, ui="card")
    card._core.let_it_work()
    card._core.person_can_answer = True
    woken = SimpleQueue[str]()
    end = card._screen._subscribe(lambda: woken.put(card._core.state.phase))
    card._core.note("somebody looks at it elsewhere")
    assert woken.empty()
    card.answer("Edited text")
    assert woken.get(timeout=30) == "finished"
    end()


class Notes(TypedDict, total=False):
    notes: Annotated[list[Any], operator.add]


def side_by_side(ask, parts):
    """Return a graph that runs the node ``ask`` once for each part."""
    builder: Any = StateGraph(Notes).add_node("ask", ask)
    builder.add_conditional_edges(START, lambda _: [Send("ask", {"part": part}) for part in parts], ["ask"])
    return builder.compile(checkpointer=InMemorySaver())


def test_questions_that_a_rule_decided_or_whose_answer_is_held_are_not_listed_as_open():
    def ask(state: Any) -> Any:
        call = {"name": state["part"], "args": {"x": 1}, "description": "d"}
        config = {"action_name": state["part"], "allowed_decisions": ["approve", "reject"]}
        answer = interrupt({"action_requests": [call], "review_configs": [config]})
        return {"notes": [(state["part"], answer["decisions"][0]["type"])]}

    graph = side_by_side(ask, ["search", "pay", "delete"])
    card = nbhitl.review(graph, {"notes": []}, rules=[nbhitl.allow("search")])
    pay, delete = card.interrupts
    card.answer(nbhitl.reject("no"), id=pay.id)
    assert card.interrupts == (delete,)
    card.answer_all({each.id: nbhitl.approve() for each in card.interrupts})
    assert card.result == {"notes": [("search", "approve"), ("pay", "reject"), ("delete", "approve")]}
    assert not card.interrupts


@pytest.mark.parametrize(
    "look",
    [
        lambda card: [each.value for each in card.interrupts],
        lambda card: [each.value for each in card.state.interrupts],
        lambda card: re.findall('asks: "(a2|b1)"', str(card)),
    ],
    ids=["interrupts", "state", "print"],
)
def test_look_at_the_card_waits_while_the_run_works_on_some_of_the_answers(look):
    def ask(state: Any) -> Any:
        first = interrupt(f"{state['part']}1")
        time.sleep(0.3)
        return {"notes": [first + interrupt(f"{state['part']}2")]}

    card = nbhitl.review(side_by_side(ask, "ab"), {"notes": []})
    card.answer("A1", id=card.interrupts[0].id, now=True)
    assert sorted(look(card)) == ["a2", "b1"]
    card.answer_all({each.id: each.value.upper() for each in card.interrupts})
    card.answer("B2")
    assert card.result == {"notes": ["A1A2", "B1B2"]}


def test_question_beside_can_be_answered_while_the_run_works_on_an_answer():
    go_on = threading.Event()

    def ask(state: Any) -> Any:
        first = interrupt(state["part"])
        assert go_on.wait(30)
        return {"notes": [first]}

    card = nbhitl.review(side_by_side(ask, "ab"), {"notes": []})
    first, second = card.interrupts
    card.answer("A", id=first.id, now=True)
    card.answer("B", id=second.id)
    go_on.set()
    assert card.result == {"notes": ["A", "B"]}
