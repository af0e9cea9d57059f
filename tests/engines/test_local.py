import asyncio
import operator
import threading
from collections import defaultdict
from typing import Annotated, TypedDict

import pytest
from langchain_core.tools import StructuredTool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import Command, interrupt

import nbhitl
from nbhitl.engines.local import LocalEngine, needs_async
from nbhitl.errors import AlreadyAnswered, ThreadNotFound, ThreadWaits
from tests import graphs

SECONDS = 30.0


def unwatched(chunk):
    pass


def run(coroutine):
    return asyncio.run(coroutine)


def test_graph_without_checkpointer_gets_one_in_memory_and_a_note_and_stays_unchanged():
    graph = graphs.seed()
    engine = LocalEngine(graph)
    assert graph.checkpointer is None
    assert "memory" in engine.notes[0]
    segment = run(engine.start(graphs.SEED_INPUT, unwatched))
    run(engine.resume({segment.snapshot.interrupts[0].id: "Edited text"}, unwatched))


def test_given_checkpointer_is_used_and_the_graph_stays_unchanged():
    graph, saver = graphs.seed(checkpointer=InMemorySaver()), InMemorySaver()
    own = graph.checkpointer
    engine = LocalEngine(graph, checkpointer=saver, thread_id="t")
    run(engine.start(graphs.SEED_INPUT, unwatched))
    assert graph.checkpointer is own
    assert saver.get_tuple({"configurable": {"thread_id": "t"}}) is not None
    assert engine.notes == ()


def test_config_of_the_caller_is_passed_on_and_not_changed():
    seen = {}

    def node(state, config):
        seen.update(config["configurable"])
        return state

    config = {"configurable": {"thread_id": "mine", "colour": "red"}}
    engine = LocalEngine(graphs.compile_node(node), config)
    run(engine.start(graphs.SEED_INPUT, unwatched))
    assert seen["colour"] == "red"
    assert engine.thread_id == "mine"
    assert config == {"configurable": {"thread_id": "mine", "colour": "red"}}


def test_new_input_on_a_waiting_thread_is_refused_and_the_question_stays():
    graph = graphs.seed(checkpointer=InMemorySaver())
    run(LocalEngine(graph, thread_id="t").start(graphs.SEED_INPUT, unwatched))
    again = LocalEngine(graph, thread_id="t")
    with pytest.raises(ThreadWaits, match="human_review.*nbhitl.open"):
        run(again.start(graphs.SEED_INPUT, unwatched))
    assert len(run(again.read()).interrupts) == 1


def test_second_resume_with_the_same_id_is_refused_and_runs_nothing():
    engine = LocalEngine(graphs.asks_twice())
    first = run(engine.start(graphs.SEED_INPUT, unwatched)).snapshot.interrupts[0]
    run(engine.resume({first.id: "Ann"}, unwatched))
    with pytest.raises(AlreadyAnswered, match="answered at .* by "):
        run(engine.resume({first.id: "Ann"}, unwatched))
    assert run(engine.read()).interrupts[0].value == "Last name?"


def test_unknown_thread_is_named():
    engine = LocalEngine(graphs.seed(checkpointer=InMemorySaver()), thread_id="nowhere")
    with pytest.raises(ThreadNotFound, match="nowhere"):
        run(engine.read())


def test_resume_is_durable_before_the_next_step_unless_told_otherwise(tmp_path):
    with SqliteSaver.from_conn_string(str(tmp_path / "checkpoints.db")) as saver:
        graph = graphs.seed(checkpointer=saver)
        engine = LocalEngine(graph, durability="exit")
        segment = run(engine.start(graphs.SEED_INPUT, unwatched))
        run(engine.resume({segment.snapshot.interrupts[0].id: "Edited text"}, unwatched))
        other = LocalEngine(graph, thread_id=engine.thread_id)
        assert run(other.read()).values == {"some_text": "Edited text"}


def test_interrupt_of_a_subgraph_is_listed_once_with_the_whole_path():
    segment = run(LocalEngine(graphs.seed_in_subgraph()).start(graphs.SEED_INPUT, unwatched))
    assert [interrupt.node for interrupt in segment.snapshot.interrupts] == ["outer/human_review"]


def test_plain_graph_runs_sync():
    assert not needs_async(graphs.seed(checkpointer=InMemorySaver()))


def test_graph_with_an_async_only_node_runs_async():
    assert needs_async(graphs.seed_async(checkpointer=InMemorySaver()))


def test_graph_with_an_async_only_node_in_a_subgraph_runs_async():
    assert needs_async(graphs.compile_node(graphs.seed_async(), "outer"))


def test_graph_with_an_async_only_tool_runs_async():
    async def look_up(word: str) -> str:
        return word

    tool = StructuredTool.from_function(coroutine=look_up, name="look_up", description="Look a word up.")
    assert needs_async(graphs.compile_node(ToolNode([tool]), "tools"))


def test_graph_whose_checkpointer_belongs_to_a_loop_runs_on_that_loop(tmp_path):
    async def review():
        async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "checkpoints.db")) as saver:
            engine = LocalEngine(graphs.seed(checkpointer=saver))
            assert engine.on_kernel_loop
            assert "async" in engine.runs_on
            segment = await engine.start(graphs.SEED_INPUT, unwatched)
            return await engine.resume({segment.snapshot.interrupts[0].id: "Edited text"}, unwatched)

    assert run(review()).output == {"some_text": "Edited text"}


def test_of_two_simultaneous_starts_on_a_thread_the_second_is_refused():
    graph = graphs.seed(checkpointer=InMemorySaver())

    async def both(thread_id):
        engines = [LocalEngine(graph, thread_id=thread_id) for _ in range(2)]
        starts = (engine.start(graphs.SEED_INPUT, unwatched) for engine in engines)
        return await asyncio.gather(*starts, return_exceptions=True)

    for number in range(50):  # the scheduler chooses who is first
        outcomes = run(both(str(number)))
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["RunSegment", "ThreadWaits"]


# --- a subgraph's state that is updated while the subgraph asks ---------------------------------


class Sub(TypedDict):
    text: str
    answers: Annotated[list[str], operator.add]


def _subgraph(saver, asks):
    builder = StateGraph(Sub).add_sequence([("prepare", lambda _: {}), ("reply", asks)]).add_edge(START, "prepare")
    return StateGraph(Sub).add_node("sub", builder.compile()).add_edge(START, "sub").compile(checkpointer=saver)


def _update_subgraph(card, graph, **update):
    config = {"configurable": {"thread_id": card.thread_id}}
    (task,) = graph.get_state(config, subgraphs=True).tasks
    graph.update_state(task.state.config, update)


def test_answer_to_a_subgraph_that_was_updated_meanwhile_is_refused_by_name():
    graph = _subgraph(InMemorySaver(), lambda state: {"answers": [interrupt(f"Send {state['text']}?")]})
    card = nbhitl.review(graph, {"text": "a"})
    assert [each.value for each in card.interrupts] == ["Send a?"]
    _update_subgraph(card, graph, text="b")
    card.answer("yes")
    (again,) = card.interrupts
    assert (again.node, again.value) == ("sub/reply", "Send b?")
    (before,) = card._core.state.answered
    assert before.origin == "elsewhere"
    assert "was updated after this question was asked" in before.told
    with pytest.raises(AlreadyAnswered, match="The answer was not given"):  # the code that answered is told, once
        card.answer("yes, b")
    card.answer("yes, b")
    assert card.result["answers"] == ["yes, b"]


def test_answer_is_given_where_the_subgraph_asks_the_same_after_the_update():
    graph = _subgraph(InMemorySaver(), lambda state: {"answers": [f"{interrupt('Send?')} {state['text']}"]})
    card = nbhitl.review(graph, {"text": "a"})
    assert [each.value for each in card.interrupts] == ["Send?"]
    _update_subgraph(card, graph, text="b")
    card.answer("yes")
    assert card.result["answers"] == ["yes b"]
    assert [each.origin for each in card._core.state.answered] == ["code"]


def test_subgraph_that_is_updated_and_ends_without_asking_lets_the_answer_go_and_says_so():
    def asks(state):
        return {"answers": [interrupt("Send?") if state["text"] == "a" else "unasked"]}

    graph = _subgraph(InMemorySaver(), asks)
    card = nbhitl.review(graph, {"text": "a"})
    assert len(card.interrupts) == 1
    _update_subgraph(card, graph, text="b")
    card.answer("yes")
    with pytest.raises(AlreadyAnswered, match="The answer was not given"):
        _ = card.result
    assert card.result["answers"] == ["unasked"]
    assert [each.origin for each in card._core.state.answered] == ["elsewhere"]


def test_run_that_ends_during_a_look_at_its_thread_does_not_look_cut_off(monkeypatch):
    began, goes_on = threading.Event(), threading.Event()

    def ask(_state):
        began.set()
        assert goes_on.wait(SECONDS)
        interrupt("?")

    graph = graphs.compile_node(ask, checkpointer=InMemorySaver())
    working, looking = (LocalEngine(graph, thread_id="1") for _ in range(2))
    work = threading.Thread(target=run, args=[working.start(graphs.SEED_INPUT, unwatched)])
    work.start()
    assert began.wait(SECONDS)
    is_held_elsewhere = looking._thread.turn.is_held_elsewhere

    async def held_after_the_end_of_the_run() -> bool:
        goes_on.set()
        work.join(SECONDS)
        return await is_held_elsewhere()

    monkeypatch.setattr(looking._thread.turn, "is_held_elsewhere", held_after_the_end_of_the_run)
    snapshot = run(looking.read())
    assert [each.value for each in snapshot.interrupts] == ["?"]


class LiveSaver(InMemorySaver):
    """Returns the very list to which later writes are added."""

    def __init__(self):
        super().__init__()
        self.lists = defaultdict(list)

    def get_tuple(self, config):
        saved = super().get_tuple(config)
        if saved is None:
            return None
        live = self.lists[saved.config["configurable"]["checkpoint_id"]]
        live[:] = saved.pending_writes or []
        return saved._replace(pending_writes=live)


def test_answer_of_another_client_is_seen_though_the_checkpointer_returns_its_own_list_of_writes():
    def ask(state):
        raise LookupError(interrupt("?"))

    saver = LiveSaver()
    graph = graphs.compile_node(ask, checkpointer=saver)
    engine = LocalEngine(graph, thread_id="1")
    (asked,) = run(engine.start(graphs.SEED_INPUT, unwatched)).snapshot.interrupts
    with pytest.raises(LookupError, match="first"):
        graph.invoke(Command(resume={asked.id: "first"}), {"configurable": {"thread_id": "1"}})
    with pytest.raises(AlreadyAnswered, match="answered meanwhile"):
        run(engine.resume({asked.id: "second"}, unwatched))
