"""Cells that wait for a person, on every ipykernel: a single kernel for all situations of a version."""

import pytest

from tests.environments import IPYKERNELS
from tests.kernel.holding import kernel, make_subshell

VERSIONS = [
    *(pytest.param(version, marks=pytest.mark.needs("ipykernels")) for version in IPYKERNELS.packages),
    "installed",
]
AWAIT = "await nbhitl.review(graph, graphs.SEED_INPUT)"
BLOCK = "nbhitl.review(graph, graphs.SEED_INPUT).wait()"
STYLES = {"await": AWAIT, "blocking": BLOCK}
ENDED_BY = {"await": "WaitCancelled", "blocking": "WaitBroken"}


@pytest.fixture(scope="module", params=VERSIONS)
def started(request):
    with kernel(request.param) as held:
        yield held, request.param


@pytest.fixture(params=["main shell", "subshell"])
def held(request, started):
    held, version = started
    held.subshell = None
    if request.param == "subshell":
        if version.startswith("6."):
            pytest.skip("ipykernel 6 has no subshells")
        held.subshell = make_subshell(held)
    return held


def test_kernel_has_the_versions_that_are_asked_for(started):
    held, version = started
    asked_for = dict(package.split("==") for package in IPYKERNELS.packages.get(version, ()))
    held.end_of(held.run("from importlib.metadata import version"))
    cell = held.run(f"print(*(f'{{name}}=={{version(name)}}' for name in {sorted(asked_for)}))")
    held.end_of(cell)
    printed = held.outputs[cell][0].split() if asked_for else []
    assert printed == [f"{name}=={number}" for name, number in sorted(asked_for.items())]


@pytest.mark.parametrize("style", STYLES)
def test_held_cell_gets_the_answer_and_the_cells_below_keep_their_order(held, style):
    review = f"order.append(({STYLES[style]})['some_text'])"
    held.end_of(held.run("order.clear()"))
    cells = []
    for number in range(3):
        cells += [held.run(review), *(held.run(f"order.append({number})") for _ in range(5))]
    last = held.run("order")
    for number in range(3):
        held.answer(held.asked(), f"text {number}")
    assert set(held.end_of(*cells, last)) == {"ok"}
    expected = [each for number in range(3) for each in (f"text {number}", *[number] * 5)]
    assert held.outputs[last][0] == str(expected)


@pytest.mark.parametrize("style", STYLES)
def test_interrupted_wait_names_itself_aborts_the_queue_and_leaves_the_question_open(held, style):
    held.end_of(held.run("card = nbhitl.review(graph, graphs.SEED_INPUT)"))
    waiting = held.run("await card" if style == "await" else "card.wait()")
    question = held.asked()
    below = held.run("'below'")
    held.greet(question)
    held.interrupt()
    assert held.end_of(waiting, below) == ["error", "aborted"]
    assert any(said.startswith(ENDED_BY[style]) and "stays open" in said for said in held.outputs[waiting])
    answered = held.answer(question, "after all")
    held.see(lambda: "(idle)" in held.outputs[answered])  # a subshell is not in step with the cells
    result = held.run("card.result")
    assert held.end_of(result) == ["ok"]
    assert held.outputs[result][0] == "{'some_text': 'after all'}"


@pytest.mark.parametrize("style", STYLES)
def test_reloaded_page_gets_the_widgets_back_while_the_cell_is_held(held, style):
    cell = held.run(STYLES[style])
    question = held.asked()
    assert held.reply_to(held.send("kernel_info_request", {}))["content"]["status"] == "ok"
    comms = held.reply_to(held.send("comm_info_request", {"target_name": "jupyter.widget"}))["content"]["comms"]
    assert question["comm"] in comms
    control = {"comm_id": f"control-{cell}", "target_name": "jupyter.widget.control", "data": {}}
    held.send("comm_open", control)
    asked_for = held.send("comm_msg", {**control, "data": {"method": "request_states"}})
    held.see(lambda: "(idle)" in held.outputs[asked_for])
    held.answer(question, "back again")
    assert held.end_of(cell) == ["ok"]
    assert "{'some_text': 'back again'}" in held.outputs[cell]


BUSY = """
import pathlib, time
while not pathlib.Path({gate!r}).exists():
    time.sleep(0.01)  # as a cell that imports: no loop of the kernel's runs
"""


@pytest.mark.parametrize("style", STYLES)
def test_page_opened_while_a_cell_above_is_busy_gets_the_widgets_before_the_queued_cells_run(held, style, tmp_path):
    earlier = held.run(STYLES[style])
    former = held.asked()
    held.answer(former, "the comm of an earlier card")
    assert held.end_of(earlier) == ["ok"]
    gate = tmp_path / "gate"
    busy, cell, below = (held.run(each) for each in (BUSY.format(gate=str(gate)), STYLES[style], "order.append(0)"))
    held.see(lambda: busy in held.begun)
    requests = [held.send("kernel_info_request", {}), held.send("comm_info_request", {"target_name": "jupyter.widget"})]
    control = {"comm_id": f"late-{cell}", "target_name": "jupyter.widget.control", "data": {}}
    requests += [held.send("comm_open", control)]
    requests += [held.send("comm_msg", {**control, "data": {"method": "request_states"}})]
    greeted = held.hello(former)
    gate.touch()
    held.see(lambda: all("(idle)" in held.outputs[each] for each in (*requests, greeted)))
    assert former["comm"] in held.reply_to(requests[1])["content"]["comms"]
    question = held.asked()
    held.answer(question, "at last")
    assert held.end_of(busy, cell, below) == ["ok", "ok", "ok"]
    assert "{'some_text': 'at last'}" in held.outputs[cell]
    held.end_of(held.run("None"))
    assert held.outputs[greeted].count("welcome") == 1, "a message is handled once"


def test_waits_longer_than_their_timeout_end_by_name_and_leave_the_question_open(held):
    for call in ("card.wait(timeout=0.05)", "await card"):
        # The run asks before the time is taken: on a busy machine, to ask may take longer than the time-out.
        begun = "card = nbhitl.review(graph, graphs.SEED_INPUT, timeout=0.05)\nassert card.interrupts"
        assert held.end_of(held.run(begun)) == ["ok"]
        cell = held.run(call)
        question = held.asked()
        assert held.end_of(cell) == ["error"]
        assert held.outputs[cell][-2].startswith("WaitTimeout: Nobody answered within 0.05 s")
        while held.end_of(held.run("None")) == ["aborted"]:
            pass  # ipykernel 6.17 aborts cells for a moment after an error
        held.answer(question, "late")
