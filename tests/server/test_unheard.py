"""Pauses of a served run that do not reach the person are told, as far as the server shows such pauses."""

import pytest

import nbhitl
from nbhitl.engines.swallowed import Swallowed
from nbhitl.runs.run import Chunk

pytestmark = pytest.mark.needs("langgraph_server")


def test_pause_of_a_graph_that_a_served_node_calls_and_catches_is_told(fast_server):
    card = nbhitl.review(nbhitl.remote(fast_server, "careless"), {"word": ""})
    assert card.result == {"word": "no word"}
    (note,) = card._core.engine.notes
    assert note.startswith("Node 'careless' asked nobody: interrupt() of node 'careless/ask' was without effect.")


def test_pause_that_reaches_the_person_is_not_told_to_be_swallowed(fast_server):
    card = nbhitl.review(nbhitl.remote(fast_server, "subgraph"), {"questions": []}, answers=["yes"])
    assert card.result["answers"] == ["yes"]
    assert card._core.engine.notes == ()


def test_tools_that_ask_side_by_side_are_told_by_any_name_and_in_a_subgraph(fast_server):
    card = nbhitl.review(nbhitl.remote(fast_server, "pickers"), {"messages": []})
    assert card.interrupts
    (note,) = card._core.engine.notes
    assert note.startswith("Node 'team/act' runs several tools side by side.")


@pytest.mark.parametrize("data", [{}, {"interrupts": 3}, {"interrupts": [None, {"id": 3}]}, {"id": [], "name": {}}, 3])
def test_tasks_of_any_shape_are_taken(data):
    swallowed = Swallowed()
    for path in ((), ("a:1",), ("", "b")):
        swallowed.seen_by(lambda _: None)(Chunk("tasks", data, path))
    assert swallowed.notes == ()
