"""Forms for a node that the graph does not have: the form of the payload is shown, and the card says why."""

from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

import nbhitl
from nbhitl.testing import Person
from tests import graphs
from tests.graphs import SEED_INPUT, compile_node

NOTE = "The form for 'human_reveiw' is for no node of this graph. Did you mean 'human_review'?"


def told(person: Person) -> tuple[list[str], list[str]]:
    """Return the notes about forms: those in sight, and those behind ⋯."""
    notes, asides = ([each for each in person.view[part] if "form" in each.lower()] for part in ("notes", "asides"))
    return notes, asides


def test_card_says_which_form_is_for_no_node_and_names_the_near_node(person: Person):
    nbhitl.review(graphs.seed(), SEED_INPUT, forms={"human_reveiw": int})
    person.sees(field="text")
    assert told(person) == ([NOTE], [])


def test_opened_thread_and_batch_say_which_form_is_for_no_node(person: Person):
    graph = graphs.seed(checkpointer=InMemorySaver())
    card = nbhitl.review(graph, SEED_INPUT)
    person.sees(field="text")
    nbhitl.open(graph, thread_id=str(card.thread_id), forms={"human_reveiw": int})
    assert told(person) == ([NOTE], [])
    nbhitl.batch(graph, [SEED_INPUT], forms={"human_reveiw": int})
    assert told(person) == ([NOTE], [])


def test_name_that_is_near_no_node_is_told_behind_the_dots_with_all_nodes(person: Person):
    nbhitl.review(graphs.seed(), SEED_INPUT, forms={"transfer": int})
    person.sees(field="text")
    assert told(person) == ([], ["A form is for no node of this graph: 'transfer'. The nodes are: human_review."])


@pytest.mark.parametrize("node", ["human_review", "outer", "outer/human_review"])
def test_form_for_a_node_of_the_graph_or_of_a_graph_inside_is_not_told(person: Person, node: str):
    inner = graphs.seed()

    def call(state: Any) -> Any:
        return inner.invoke(state)

    nbhitl.review(compile_node(call, "outer"), SEED_INPUT, forms={node: str})
    person.sees()
    assert told(person) == ([], [])


def test_form_is_not_told_where_the_nodes_are_not_known(person: Person):
    def ask(_value: Any) -> Any:
        yield "Name?"

    nbhitl.review(nbhitl.scripted(ask), None, forms={"aks": str})
    person.sees()
    assert told(person) == ([], [])
