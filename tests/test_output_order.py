"""The outputs of reviews and tasks that work side by side come in a fixed order."""

from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nbhitl.kernel.output_order import OutputOrder


def shown_by(order, lane, task, name, shown):
    lane.show(task, lambda: shown.append(name))


@given(st.data())
def test_outputs_of_tasks_side_by_side_come_as_if_the_tasks_worked_in_turn(data):
    """Each task prints twice and ends; hypothesis draws the order. The tasks of a subgraph work within their parent."""
    order, shown = OutputOrder(runs=True), list[Any]()
    lane = order.lane(0)
    lane.needed()
    for task in ("a", "b", "c"):
        lane.begin(task)
    todo = {"a": ["a first", "a then"], "b": ["b first", "subgraph", "b then"], "c": ["c first", "c then"]}
    inner = {"b1": ["b1 first", "b1 then"], "b2": ["b2 first", "b2 then"]}
    while any(todo.values()):
        task = data.draw(st.sampled_from([each for each, left in todo.items() if left]))
        if todo[task][0] != "subgraph":
            shown_by(order, lane, task, todo[task].pop(0), shown)
        else:
            if not lane._tasks.keys() >= inner.keys():
                for each in inner:
                    lane.begin(each, "b")
            here = data.draw(st.sampled_from([each for each, left in inner.items() if left]))
            shown_by(order, lane, here, inner[here].pop(0), shown)
            if not inner[here]:
                lane.end(here)
            if not any(inner.values()):
                todo[task].pop(0)
        if not todo[task]:
            lane.end(task)
    assert shown == [
        *("a first", "a then", "b first", "b1 first", "b1 then", "b2 first", "b2 then", "b then"),
        *("c first", "c then"),
    ]


@given(st.permutations([0, 0, 1, 1, 2, 2]))
def test_outputs_of_awaited_reviews_come_in_the_order_of_the_reviews(turns):
    order, shown = OutputOrder(runs=True), list[Any]()
    lanes = [order.lane(nth) for nth in range(3)]
    for lane in lanes:
        lane.needed()
    for number, nth in enumerate(turns):
        shown_by(order, lanes[nth], None, nth, shown)
        if nth not in turns[number + 1 :]:
            lanes[nth].over()
    assert shown == [0, 0, 1, 1, 2, 2]


@given(st.permutations(["bare", "awaited", "the code"]))
def test_outputs_of_a_card_that_nothing_waits_for_stand_at_the_end_of_its_cell(steps):
    order, shown = OutputOrder(runs=True), list[Any]()
    bare, awaited = order.lane(0), order.lane(1)
    awaited.needed()
    for step in steps:
        if step == "bare":
            shown_by(order, bare, None, step, shown)
        elif step == "awaited":
            shown_by(order, awaited, None, step, shown)
            awaited.over()
        else:
            shown.append(step)
    order.code_ended()
    assert shown[-1] == "bare"


def test_outputs_of_a_card_are_shown_once_its_cell_reads_the_result():
    order, shown = OutputOrder(runs=True), list[Any]()
    bare = order.lane(0)
    shown_by(order, bare, None, "printed", shown)
    assert shown == []
    bare.needed()
    assert shown == ["printed"]


def test_task_that_works_alone_never_waits():
    order, shown = OutputOrder(runs=True), list[Any]()
    lane = order.lane(0)
    lane.needed()
    for task in ("first", "second"):
        lane.begin(task)
        assert lane.show(task, partial(shown.append, task)) == (True, None)
        lane.end(task)
    assert shown == ["first", "second"]


def test_output_that_cannot_be_shown_any_more_does_not_keep_the_next_one():
    order, shown = OutputOrder(runs=True), list[Any]()
    lane = order.lane(0)
    lane.needed()
    lane.begin("a")
    lane.begin("b")

    def closed():
        raise ValueError("I/O operation on closed file")

    lane.show("b", closed)
    shown_by(order, lane, "b", "printed", shown)
    lane.end("a")
    assert shown == ["printed"]
