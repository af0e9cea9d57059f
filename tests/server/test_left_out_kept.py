"""Questions are kept where a served state leaves them out: tested with LangGraph's own runs, and states as JSON."""

import sys
import threading
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, Send, interrupt

from nbhitl.engines.remote.left_out import LeftOut, notes_on
from nbhitl.runs.run import Chunk
from tests.server.graphs.left_out import State, Texts, routed

THREAD: Any = {"configurable": {"thread_id": "1"}}


def failing(*, tasks: int = 1) -> Any:
    """Return a graph whose node fails in each round; the error handler asks, and begins the next round."""

    def work(_state: Any) -> Any:
        raise ValueError("by itself")

    def handle(_state: Any) -> Any:
        return Command(update={"texts": [str(interrupt("what now?"))]}, goto="on")

    builder: Any = StateGraph(Texts)
    builder.add_node("work", work, error_handler=handle).add_node("on", lambda _state: {})
    builder.add_conditional_edges(START, lambda _state: [Send("work", {})] * tasks, ["work"])
    return builder.add_edge("on", "work").compile(checkpointer=InMemorySaver())


def asking() -> Any:
    builder: Any = StateGraph(State)
    builder.add_node("ask", lambda _state: {"value": interrupt("go on?")})
    return builder.add_edge(START, "ask").add_edge("ask", "ask").compile(checkpointer=InMemorySaver())


def as_json(state: Any) -> dict[str, Any]:
    return {
        "values": state.values,
        "next": list(state.next),
        "checkpoint": state.config["configurable"],
        "tasks": [
            {
                "id": task.id,
                "name": task.name,
                "error": task.error and str(task.error),
                "interrupts": [{"id": each.id, "value": each.value} for each in task.interrupts],
                "result": task.result,
                "state": as_json(task.state) if hasattr(task.state, "tasks") else None,
            }
            for task in state.tasks
        ],
    }


def see(left_out: LeftOut, graph: Any, given: Any, at: Any = THREAD) -> None:
    watch = left_out.seen_by(lambda _chunk: None)
    for namespace, event in graph.stream(given, at, stream_mode="tasks", subgraphs=True):
        watch(Chunk("tasks", event, namespace))


def shown(left_out: LeftOut, graph: Any) -> list[str]:
    state = left_out.completed(as_json(graph.get_state(THREAD, subgraphs=True)))
    return [each["id"] for task in state["tasks"] for each in task["interrupts"]]


def open_ones(graph: Any) -> list[str]:
    """Return the ids of the open questions in the checkpointer."""
    saved = graph.checkpointer.get_tuple(THREAD)
    return [each.id for _, channel, value in saved.pending_writes if channel == "__interrupt__" for each in value]


def test_question_of_an_error_handler_in_a_fork_takes_the_place_of_the_question_before():
    graph, left_out = failing(), LeftOut()
    see(left_out, graph, {"texts": []})
    before = shown(left_out, graph)
    copy = graph.update_state(graph.get_state(THREAD).config, None, as_node="__copy__")
    see(left_out, graph, None, copy)
    assert shown(left_out, graph) == open_ones(graph) != before


def test_question_of_an_error_handler_that_another_client_answered_is_gone_where_the_node_fails_again():
    graph, left_out = failing(), LeftOut()
    see(left_out, graph, {"texts": []})
    (first,) = shown(left_out, graph)
    graph.invoke(Command(resume={first: "once more"}), THREAD)
    assert open_ones(graph) not in ([], [first])
    assert shown(left_out, graph) == []
    state = as_json(graph.get_state(THREAD))
    assert ["error handler waits" in note for note in notes_on(left_out.completed(state), "interrupted")] == [True]
    see(left_out, graph, None)
    assert shown(left_out, graph) == open_ones(graph)


def test_questions_of_error_handlers_side_by_side_are_shown_until_each_is_answered():
    graph, left_out = failing(tasks=2), LeftOut()
    see(left_out, graph, {"texts": []})
    first, second = sorted(shown(left_out, graph))
    assert sorted(open_ones(graph)) == [first, second]
    see(left_out, graph, Command(resume={first: "done"}))
    assert shown(left_out, graph) == [second]


def test_only_questions_of_the_present_state_are_kept():
    graph, left_out = asking(), LeftOut()
    see(left_out, graph, {"value": ""})
    for round_ in range(3):
        (key,) = shown(left_out, graph)
        see(left_out, graph, Command(resume={key: str(round_)}))
    assert shown(left_out, graph) == open_ones(graph)
    assert len(left_out._listed) == 1


def test_handlers_of_earlier_checkpoints_are_not_kept():
    graph, left_out = failing(), LeftOut()
    see(left_out, graph, {"texts": []})
    for _ in range(3):
        copy = graph.update_state(graph.get_state(THREAD).config, None, as_node="__copy__")
        see(left_out, graph, None, copy)
    assert [len(each) for each in left_out._handlers.values()] == [1]


def test_state_can_be_completed_while_another_thread_sees_a_run():
    left_out = LeftOut()
    watch = left_out.seen_by(lambda _chunk: None)

    def see_handlers() -> None:
        for number in range(2_000):  # each in another subgraph
            saw = {"id": "h", "name": "__error_handler__work", "interrupts": [{"id": "i", "value": "?"}]}
            watch(Chunk("tasks", saw, (f"sub:{number}",)))

    task: dict[str, Any] = {"id": "t", "name": "work", "error": "ValueError()", "interrupts": [], "result": None}
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        seeing = threading.Thread(target=see_handlers)
        seeing.start()
        while seeing.is_alive():
            assert left_out.completed({"tasks": [task]}) == {"tasks": [task]}
    finally:
        sys.setswitchinterval(before)
        seeing.join()


def raised_behind(graph: Any) -> dict[str, Any]:
    """Answer, so that the edge behind the node raises; return the JSON of the state."""
    graph.invoke({"value": ""}, THREAD)
    (asked,) = graph.get_state(THREAD).interrupts
    with pytest.raises(KeyError):
        graph.invoke(Command(resume={asked.id: "nowhere"}), THREAD)
    return as_json(graph.get_state(THREAD, subgraphs=True))


def test_note_on_a_task_behind_which_an_edge_raised_names_the_checkpoint_of_the_thread():
    state = raised_behind(routed.builder.compile(checkpointer=InMemorySaver()))
    (note,) = notes_on(state, "error")
    assert "behind node 'ask'" in note
    assert f"card.fork({state['checkpoint']['checkpoint_id']!r})" in note
    (note,) = notes_on({**state, "checkpoint": None, "checkpoint_id": "of a server without places"}, "error")
    assert "card.fork('of a server without places')" in note
    assert list(notes_on({**state, "checkpoint": None}, "error")) == []


def test_question_of_a_subgraph_needs_no_note_because_the_outer_graph_lists_the_question():
    builder: Any = StateGraph(State).add_node("sub", routed).add_edge(START, "sub")
    state = raised_behind(builder.compile(checkpointer=InMemorySaver()))
    assert [each["value"] for task in state["tasks"] for each in task["interrupts"]] == ["where to?"]
    assert list(notes_on(state, "error")) == []
