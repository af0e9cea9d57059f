"""A question whose payload is an array, which has no truth value and compares part by part."""

from typing import Any

import numpy as np
import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import interrupt

import nbhitl
from nbhitl.testing import Person
from tests.graphs import SEED_INPUT, compile_node

PAYLOADS = [
    (np.array([1, 2]), "[ 1, 2 ]"),
    ({"scores": np.array([1, 2])}, '{ "scores": [ 1, 2 ] }'),
]


@pytest.mark.parametrize(("payload", "told"), PAYLOADS, ids=["numbers", "a member"])
def test_question_that_is_an_array_is_listed_shown_answered_and_audited(payload: Any, told: str, person: Person):
    graph = compile_node(lambda _: {"some_text": interrupt(payload)}, checkpointer=InMemorySaver())
    graph.invoke(SEED_INPUT, {"configurable": {"thread_id": "1"}})
    assert [row.asked for row in nbhitl.inbox(graph)] == [told]
    card = nbhitl.open(graph, thread_id="1")
    person.answer("yes")
    assert card.result == {"some_text": "yes"}
    assert [row.words["asked"].partition("\n")[0] for row in nbhitl.audit(graph)] == [told]
    assert [step.answered for step in card.history() if step.who] == ["yes"]
    alternatives = nbhitl.compare(graph, card, answers=["yes", "no"])
    assert alternatives[1].difference == "some_text: [-yes-]{+no+}"
