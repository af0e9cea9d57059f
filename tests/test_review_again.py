"""Reviews that go on: asked again, opened again, stopped, or sent the next turn."""

import asyncio
import sqlite3
import threading

import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.config import get_stream_writer
from langgraph.graph import START, StateGraph

import nbhitl
from nbhitl.errors import (
    Abandoned,
    AlreadyAnswered,
    CheckpointerClosed,
    KeyMismatch,
    ThreadNotFound,
    ThreadWaits,
    UsageError,
)
from nbhitl.runs.run import StuckAnswer
from tests import graphs
from tests.graphs import SEED_INPUT
from tests.views import view_of

NO_TEXTS: dict[str, list[str]] = {"texts": []}


def open_ids(card):
    return {interrupt.node: interrupt.id for interrupt in card.interrupts}


# --- a bad answer -----------------------------------------------------------------------------


def test_good_answer_after_one_that_the_node_raised_on_finishes_the_run():
    card = nbhitl.review(graphs.raises_after_the_answer(), SEED_INPUT)
    card.answer(0)
    for bad in (1, 2):
        with pytest.raises(ZeroDivisionError):
            _ = card.result
        card.answer(bad)
    with pytest.raises(ZeroDivisionError, match="cannot use 2"):
        _ = card.result


def test_sibling_of_a_refused_answer_is_asked_again_and_both_get_their_last_answers():
    card = nbhitl.review(graphs.refuses(), NO_TEXTS)
    ids = open_ids(card)
    card.answer_all({ids["ask"]: "bad", ids["sibling"]: "first"})
    with pytest.raises(ValueError, match="no good"):
        _ = card.result
    card.answer("good")
    assert list(open_ids(card)) == ["sibling"] or set(open_ids(card)) == {"ask", "sibling"}
    card.answer("second")
    assert sorted(card.result["texts"]) == ["ask: good", "sibling: second"]


def test_thread_with_a_refused_answer_can_be_opened_and_answered_in_another_review():
    graph = graphs.refuses(checkpointer=InMemorySaver())
    card = nbhitl.review(graph, NO_TEXTS)
    ids = open_ids(card)
    card.answer_all({ids["ask"]: "bad", ids["sibling"]: "first"})
    with pytest.raises(ValueError, match="no good"):
        _ = card.result
    opened = nbhitl.open(graph, thread_id=str(card.thread_id))
    (interrupt,) = opened.interrupts
    assert interrupt.former == StuckAnswer(is_known=True, value="bad", error="ValueError: no good")
    opened.answer("good")
    opened.answer("second")
    assert sorted(opened.result["texts"]) == ["ask: good", "sibling: second"]


def test_awaited_review_with_a_bad_scripted_answer_raises_the_error_of_the_node():
    async def awaited():
        return await nbhitl.review(graphs.raises_after_the_answer(), SEED_INPUT, answers=[0])

    with pytest.raises(ZeroDivisionError):
        asyncio.run(awaited())


# --- changing an answer -----------------------------------------------------------------------


def test_changed_answer_forks_the_thread_and_gives_another_result():
    graph, config = graphs.seed(checkpointer=InMemorySaver()), {"configurable": {"thread_id": "t"}}
    card = nbhitl.review(graph, SEED_INPUT, config)
    card.answer("first")
    assert card.result == {"some_text": "first"}
    card.ask_again()
    card.answer("second")
    assert card.result == {"some_text": "second"}
    texts = [snapshot.values.get("some_text") for snapshot in graph.get_state_history(config)]
    assert {"first", "second"} <= set(texts)


def test_asking_again_while_a_question_is_open_goes_back_to_the_last_answered_one():
    card = nbhitl.review(graphs.asks_twice(), SEED_INPUT)
    card.answer("Ann")
    assert [interrupt.value for interrupt in card.interrupts] == ["Last name?"]
    card.ask_again()
    card.answer("Bea")
    card.answer("Lee")
    assert card.result == {"some_text": "Bea Lee"}


def test_scripted_engine_cannot_ask_again_and_says_so():
    def flow(value):
        return (yield "?")

    card = nbhitl.review(nbhitl.scripted(flow), 1)
    card.answer("yes")
    assert card.result == "yes"
    with pytest.raises(UsageError, match="asked again"):
        card.ask_again()


# --- key= -------------------------------------------------------------------------------------


def test_key_starts_the_run_once_then_shows_the_question_then_the_result():
    graph = graphs.seed(checkpointer=InMemorySaver())
    first = nbhitl.review(graph, SEED_INPUT, key="report")
    assert first.interrupts
    again = nbhitl.review(graph, SEED_INPUT, key="report")
    assert [i.id for i in again.interrupts] == [i.id for i in first.interrupts]
    again.answer("Edited text")
    assert again.result == {"some_text": "Edited text"}
    assert nbhitl.review(graph, SEED_INPUT, key="report").result == {"some_text": "Edited text"}


def test_key_used_with_another_input_is_refused_by_name():
    graph = graphs.seed(checkpointer=InMemorySaver())
    assert nbhitl.review(graph, SEED_INPUT, key="report").interrupts
    card = nbhitl.review(graph, {"some_text": "another"}, key="report")
    with pytest.raises(KeyMismatch, match="'report'.*another input"):
        _ = card.result


def test_keys_and_graphs_name_threads_of_their_own():
    saver = InMemorySaver()
    graph, other = graphs.seed(checkpointer=saver), graphs.seed(checkpointer=saver).copy(update={"name": "other"})
    cards = [nbhitl.review(graph, SEED_INPUT, key=key) for key in "ab"] + [nbhitl.review(other, SEED_INPUT, key="a")]
    assert len({card.thread_id for card in cards}) == 3


def test_key_beside_a_thread_id_or_without_a_checkpointer_or_that_is_no_text_is_refused():
    graph = graphs.seed(checkpointer=InMemorySaver())
    with pytest.raises(UsageError, match="thread_id"):
        nbhitl.review(graph, SEED_INPUT, {"configurable": {"thread_id": "t"}}, key="k")
    with pytest.raises(UsageError, match="checkpointer"):
        nbhitl.review(graphs.seed(), SEED_INPUT, key="k")
    with pytest.raises(UsageError, match="text"):
        nbhitl.review(graphs.seed(), SEED_INPUT, key=3)  # type: ignore[arg-type]


# --- the next turn ----------------------------------------------------------------------------


def test_next_turn_goes_on_from_where_the_card_ended_however_often_the_cell_runs():
    card = nbhitl.review(graphs.chat(), {"texts": ["hello"]})
    card.answer("hi")
    assert card.result
    for _ in range(2):
        turn = card.send({"texts": ["how are you"]})
        turn.answer("fine")
        assert turn.result["texts"] == ["hello", "re hello: hi", "how are you", "re how are you: fine"]
        assert turn.thread_id == card.thread_id


def test_next_turn_while_a_question_is_open_is_refused_without_abandon():
    card = nbhitl.review(graphs.chat(), {"texts": ["hello"]})
    with pytest.raises(ThreadWaits, match="'reply'.*abandon=True"):
        card.send({"texts": ["and?"]})
    turn = card.send({"texts": ["and?"]}, abandon=True, answers=["dropped"])
    assert turn.result["texts"] == ["hello", "and?", "re and?: dropped"]


def test_new_input_for_a_paused_thread_is_refused_unless_its_question_is_to_be_dropped():
    graph, config = graphs.chat(checkpointer=InMemorySaver()), {"configurable": {"thread_id": "t"}}
    assert nbhitl.review(graph, {"texts": ["hello"]}, config).interrupts
    with pytest.raises(ThreadWaits):
        _ = nbhitl.review(graph, {"texts": ["and?"]}, config).result
    turn = nbhitl.review(graph, {"texts": ["and?"]}, config, abandon=True, answers=["yes"])
    assert turn.result["texts"] == ["hello", "and?", "re and?: yes"]


def test_abandoned_thread_asks_nothing_and_keeps_its_state():
    graph = graphs.chat(checkpointer=InMemorySaver())
    card = nbhitl.review(graph, {"texts": ["hello"]})
    assert card.interrupts
    card.abandon()
    with pytest.raises(Abandoned):
        _ = card.result
    assert nbhitl.open(graph, thread_id=str(card.thread_id)).result == {"texts": ["hello"]}


def test_deleted_thread_is_gone():
    graph = graphs.chat(checkpointer=InMemorySaver())
    card = nbhitl.review(graph, {"texts": ["hello"]})
    assert card.interrupts
    card.delete()
    with pytest.raises(Abandoned, match="deleted"):
        _ = card.result
    with pytest.raises(ThreadNotFound):
        _ = nbhitl.open(graph, thread_id=str(card.thread_id)).result


class KeepsThreads(InMemorySaver):
    """A checkpointer without a way to delete a thread, as LangGraph's base class leaves it."""

    delete_thread = BaseCheckpointSaver.delete_thread
    adelete_thread = BaseCheckpointSaver.adelete_thread


async def asks_in_asyncio(_state):
    return {"some_text": graphs.interrupt("Name?")}


@pytest.mark.parametrize(
    ("node", "method"),
    [(lambda _state: graphs.interrupt("Name?"), "delete_thread"), (asks_in_asyncio, "adelete_thread")],
)
def test_checkpointer_that_deletes_no_thread_is_named_with_the_thread_and_a_way_to_end_the_question(node, method):
    card = nbhitl.review(graphs.compile_node(node, checkpointer=KeepsThreads()), SEED_INPUT)
    assert card.interrupts
    card.delete()
    with pytest.raises(UsageError) as refused:
        _ = card.result
    assert str(refused.value) == (
        f"The checkpointer KeepsThreads cannot delete the thread {card.thread_id!r}: it has no method {method} of "
        "LangGraph's checkpointers. To drop the open question and keep the thread, call card.abandon(); to delete the "
        "thread, use the checkpointer's own storage."
    )
    assert "nothing has changed: UsageError: The checkpointer KeepsThreads cannot" in card._core.state.notes[-1]
    card.abandon()
    with pytest.raises(Abandoned):
        _ = card.result


# --- stopping ---------------------------------------------------------------------------------


def two_steps(started, go_on, *, is_async):
    """Return a graph of two nodes; the first node sets ``started``, and waits for ``go_on``."""

    def first(state):
        started.set()
        assert go_on.wait(30)
        return {"texts": ["first"]}

    async def first_async(state):
        started.set()
        await asyncio.to_thread(go_on.wait, 30)
        return {"texts": ["first"]}

    graph = StateGraph(graphs.Texts).add_node("first", first_async if is_async else first)
    graph.add_node("second", lambda state: {"texts": ["second"]})
    return graph.add_edge(START, "first").add_edge("first", "second").compile()


def test_stopped_sync_run_ends_at_its_next_step_and_can_go_on():
    started, go_on = threading.Event(), threading.Event()
    card = nbhitl.review(two_steps(started, go_on, is_async=False), NO_TEXTS)
    assert started.wait(30)
    card.stop()
    assert view_of(card)["stopping"]
    go_on.set()
    (stop,) = card.interrupts
    assert (stop.node, stop.is_stop, stop.former) == ("second", True, None)
    assert not view_of(card)["stopping"]
    card.answer(None)
    assert card.result == {"texts": ["first", "second"]}


def test_stopped_async_run_ends_at_its_next_await_and_says_that_the_node_may_have_run():
    started, go_on = threading.Event(), threading.Event()
    card = nbhitl.review(two_steps(started, go_on, is_async=True), NO_TEXTS)
    assert started.wait(30)
    card.stop()
    (stop,) = card.interrupts
    assert (stop.node, stop.is_stop) == ("first", True)
    assert stop.former is not None
    go_on.set()
    card.answer(None)
    assert card.result == {"texts": ["first", "second"]}


def test_async_run_stopped_while_the_node_works_on_an_answer_asks_again_with_the_answer():
    started, go_on, ran = threading.Event(), threading.Event(), []

    async def ask(state):
        answer = graphs.interrupt("?")
        ran.append(answer)
        started.set()
        await asyncio.to_thread(go_on.wait, 30)
        return {"some_text": answer}

    card = nbhitl.review(graphs.compile_node(ask), SEED_INPUT)
    card.answer("yes")
    assert started.wait(30)
    card.stop()
    (interrupt,) = card.interrupts
    assert interrupt.former == StuckAnswer(is_known=True, value="yes")
    go_on.set()
    card.answer("no")
    assert card.result == {"some_text": "no"}
    assert ran == ["yes", "no"]


def test_run_stopped_before_the_turn_of_the_thread_does_not_begin():
    ran: list[object] = []
    started, go_on = threading.Event(), threading.Event()

    def first(state):
        started.set()
        assert go_on.wait(30)
        ran.append(state)
        return state

    graph = graphs.compile_node(first, checkpointer=InMemorySaver())
    config = {"configurable": {"thread_id": "t"}}
    before = nbhitl.review(graph, SEED_INPUT, config)
    assert started.wait(30)
    card = nbhitl.review(graph, SEED_INPUT, config)
    card.stop()
    go_on.set()
    assert before.result == SEED_INPUT
    (stop,) = card.interrupts
    assert stop.is_stop
    assert len(ran) == 1
    card.answer(None)
    assert card.result == SEED_INPUT
    assert len(ran) == 2


def test_stop_where_nothing_works_is_refused():
    card = nbhitl.review(graphs.seed(), SEED_INPUT)
    assert card.interrupts
    with pytest.raises(UsageError, match="nothing to stop"):
        card.stop()


# --- streams and progress ---------------------------------------------------------------------


def test_stream_gives_langgraphs_chunks_across_the_pause():
    card = nbhitl.review(graphs.seed(), SEED_INPUT, answers=["Edited text"])
    chunks = list(card.stream("updates"))
    assert list(chunks[0]) == ["__interrupt__"]
    assert chunks[1:] == [{"human_review": {"some_text": "Edited text"}}]
    assert list(card.stream(["values"]))[-1] == ("values", {"some_text": "Edited text"})


def test_stream_raises_where_a_person_is_awaited_and_the_error_of_the_run():
    with pytest.raises(Exception, match="human_review"):
        list(nbhitl.review(graphs.seed(), SEED_INPUT).stream())
    with pytest.raises(ZeroDivisionError):
        list(nbhitl.review(graphs.raises_after_the_answer(), SEED_INPUT, answers=[1]).stream())


def test_stream_can_be_read_on_a_loop_while_the_run_works_on_it():
    async def chunks():
        card = nbhitl.review(graphs.seed_async(), SEED_INPUT, answers=["Edited text"])
        return [chunk async for chunk in card.stream("values")]

    assert asyncio.run(chunks())[-1] == {"some_text": "Edited text"}


def test_progress_tells_steps_bars_prints_and_that_code_ran_again():
    def ask(state):
        print("looking")  # noqa: T201
        get_stream_writer()({"progress": 3, "total": 10, "label": "rows"})
        return {"some_text": graphs.interrupt("?")}

    card = nbhitl.review(graphs.compile_node(ask), SEED_INPUT)
    assert card.interrupts
    progress = card._core.watching.progress()
    assert [(step["node"], step["state"], step["runs"]) for step in progress["steps"]] == [
        ("human_review", "asking", 1)
    ]
    assert progress["bars"] == [{"kind": "bar", "label": "rows", "done": 3.0, "total": 10.0}]
    assert progress["log"] == "looking\n"
    card.answer("x")
    assert card.result
    (step,) = card._core.watching.progress()["steps"]
    assert (step["state"], step["runs"], step["again"]) == ("done", 2, True)


# --- a checkpointer that is closed ------------------------------------------------------------


def test_answer_after_the_savers_with_block_has_ended_is_refused_and_the_question_stays(tmp_path):
    with SqliteSaver.from_conn_string(str(tmp_path / "checkpoints.db")) as saver:
        card = nbhitl.review(graphs.seed(checkpointer=saver), SEED_INPUT)
        assert card.interrupts
    with pytest.raises(CheckpointerClosed, match="with"):
        card.answer("Edited text")
    assert card.waits
    with SqliteSaver.from_conn_string(str(tmp_path / "checkpoints.db")) as saver:
        again = nbhitl.open(graphs.seed(), thread_id=str(card.thread_id), checkpointer=saver)
        again.answer("Edited text")
        assert again.result == {"some_text": "Edited text"}


def test_saver_that_is_closed_already_is_refused_before_the_run_starts(tmp_path):
    connection = sqlite3.connect(tmp_path / "checkpoints.db", check_same_thread=False)
    graph = graphs.seed(checkpointer=SqliteSaver(connection))
    connection.close()
    with pytest.raises(CheckpointerClosed):
        nbhitl.review(graph, SEED_INPUT)


# --- another review of the thread -------------------------------------------------------------


def test_question_answered_in_another_review_tells_time_and_person():
    graph = graphs.seed(checkpointer=InMemorySaver())
    mine = nbhitl.review(graph, SEED_INPUT)
    assert mine.interrupts
    theirs = nbhitl.open(graph, thread_id=str(mine.thread_id))
    theirs.answer("theirs")
    assert theirs.result == {"some_text": "theirs"}
    mine.answer("mine")
    with pytest.raises(AlreadyAnswered, match="answered at .* by "):
        _ = mine.result
    assert mine.result == {"some_text": "theirs"}
    assert " by " in mine._core.state.answered[0].told


# --- faults that LangGraph does not explain ---------------------------------------------------


def test_payload_that_a_checkpoint_cannot_keep_is_named_by_its_part():
    def ask(state):
        return {"some_text": graphs.interrupt({"table": {"rows": lambda: 1}})}

    with pytest.raises(TypeError) as raised:
        _ = nbhitl.review(graphs.compile_node(ask), SEED_INPUT).result
    assert "payload['table']['rows']" in raised.value.__notes__[-1]


def test_async_only_node_in_a_sync_run_names_the_switch():
    with pytest.raises(TypeError) as raised:
        _ = nbhitl.review(graphs.seed_async(), SEED_INPUT, run="sync").result
    assert 'run="async"' in raised.value.__notes__[-1]


def test_except_around_interrupt_is_pointed_out_in_a_program_once_it_has_caught(capsys):
    def ask(state):
        try:
            return {"some_text": graphs.interrupt("?")}
        except Exception:  # noqa: BLE001
            return {"some_text": "swallowed"}

    card = nbhitl.review(graphs.compile_node(ask), SEED_INPUT)
    result = card.wait()
    assert capsys.readouterr().err.count("nbhitl: Node 'human_review' asked nobody") == 1
    assert card.result == result
    assert capsys.readouterr().err == ""


def test_except_around_interrupt_is_pointed_out_on_the_card_once_it_has_caught():
    def ask(state):
        try:
            return {"some_text": graphs.interrupt("?")}
        except Exception:  # noqa: BLE001
            return {"some_text": "swallowed"}

    card = nbhitl.review(graphs.compile_node(ask), SEED_INPUT)
    assert card.result == {"some_text": "swallowed"}
    assert view_of(card)["notes"][-1].startswith("Node 'human_review' asked nobody: interrupt() in line 3 of ask()")
