"""A repaired answer has the place of the faulty answer: the record replays as if the repaired answer had come first."""

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph

import nbhitl
from nbhitl.kernel import block
from tests import graphs

NO_TEXTS: dict[str, list[str]] = {"texts": []}


def good(answer):
    if answer == "bad":
        raise ValueError("no good")
    return answer


def graph_of(saver):
    """Return a graph of two nodes side by side that ask twice, and a third node that asks later."""

    def left(_state):
        return {"texts": [f"left {good(graphs.interrupt('?'))} {good(graphs.interrupt('?'))}"]}

    def right(_state):
        return {"texts": [f"right {good(graphs.interrupt('?'))} {good(graphs.interrupt('?'))}"]}

    def last(_state):
        return {"texts": [f"last {good(graphs.interrupt('?'))}"]}

    builder = StateGraph(graphs.Texts).add_node("left", left).add_node("right", right).add_node("last", last)
    builder.add_edge(START, "left").add_edge(START, "right").add_edge(["left", "right"], "last")
    return builder.compile(checkpointer=saver)


def places(card):
    return sorted((each.interrupt.node, each.ordinal, each.value) for each in card._core.state.answered)


def stands_still(card):
    block(
        lambda: card._core.state.phase in ("asking", "finished"),
        card._core.subscribe,
        lock=card._core.lock,
        listens=False,
    )


def answered_to_the_end(card, bad, given):
    """Answer each question with its place as text, and the question at ``bad`` first with "bad": the node raises."""
    while not card._core.state.over:
        asked = card._core.state.unanswered
        for each in asked:
            place = each.interrupt.node, each.ordinal
            is_bad = place == bad and place not in given
            given.add(place)
            card.answer("bad" if is_bad else f"{place}", id=each.interrupt.id)
        stands_still(card)


PLACES = [("left", 0), ("left", 1), ("right", 0), ("right", 1), ("last", 0)]


@pytest.mark.parametrize("bad", PLACES, ids=str)
def test_repaired_answer_and_all_that_follow_have_the_places_of_a_run_without_a_fault(bad):
    fresh = nbhitl.review(graph_of(InMemorySaver()), NO_TEXTS)
    stands_still(fresh)
    answered_to_the_end(fresh, None, set())
    assert [place[:2] for place in places(fresh)] == sorted(PLACES)
    card = nbhitl.review(graph_of(InMemorySaver()), NO_TEXTS)
    stands_still(card)
    answered_to_the_end(card, bad, set())
    assert places(card) == places(fresh)


@pytest.mark.parametrize("bad", PLACES, ids=str)
def test_answer_that_is_repaired_in_a_later_review_has_its_place_too(bad):
    graph = graph_of(InMemorySaver())
    card = nbhitl.review(graph, NO_TEXTS, key="k")
    stands_still(card)
    given: set[object] = set()
    while bad not in given:
        for each in card._core.state.unanswered:
            place = each.interrupt.node, each.ordinal
            given.add(place)
            card.answer("bad" if place == bad else f"{place}", id=each.interrupt.id)
        stands_still(card)
    again = nbhitl.review(graph, NO_TEXTS, key="k")
    stands_still(again)
    before = [(each.interrupt.node, each.ordinal) for each in again._core.state.asked]
    answered_to_the_end(again, None, set())
    by_node = {"left": ["l0", "l1"], "right": ["r0", "r1"], "last": ["z"]}
    assert {place[:2] for place in places(again)} >= set(before)
    assert len({place[:2] for place in places(again)}) == len(places(again))
    assert {place[:2] for place in places(again)} <= set(PLACES)
    assert nbhitl.review(graph, NO_TEXTS, key="k", answers=by_node).result == again.result
