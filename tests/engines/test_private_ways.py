"""Each private way of LangGraph and its checkpointers taken away: a review gets each answer, and lists what waits."""

import pytest
from langgraph.checkpoint.memory import InMemorySaver

import nbhitl
from nbhitl.engines.local import starting
from nbhitl.errors import UsageError
from tests import graphs
from tests.graphs import SEED_INPUT
from tests.project.attacked_runs import run
from tests.project.attacks import attacks_on

OF_A_RUN = (
    *("langgraph", "langgraph-checkpoint", "langgraph-checkpoint-sqlite", "langgraph-checkpoint-postgres"),
    *("aiosqlite", "langchain", "pydantic"),
)

GOOD = ({"some_text": "good"}, ["good"])


@pytest.mark.parametrize(("way", "how"), attacks_on(*OF_A_RUN))
def test_review_without_a_private_way_hands_each_answer_over(way, how, tmp_path):
    assert run(tmp_path, way.files, way.names, how) == {
        "without_checkpointer": GOOD,
        "in_subgraph": GOOD,
        "tools_side_by_side": [["Search", "Fetch"]] * 2,
        "found_by_another_kernel": GOOD,
        "mended": GOOD,
        "inboxes": [["t"]] * 3,
    }


def test_input_that_langgraph_cannot_save_is_refused_with_the_code_to_write(monkeypatch):
    monkeypatch.setattr(starting, "INPUT", "__another_name__")
    graph = graphs.seed(checkpointer=InMemorySaver())
    card = nbhitl.review(graph, SEED_INPUT, key="k", durability="exit", answers=["x"])
    with pytest.raises(UsageError, match='Leave out durability="exit"'):
        _ = card.result
