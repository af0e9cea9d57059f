"""Where a page cannot write into its notebook, as in some front ends, the kernel records in the held cell's output."""

import pytest

from tests.kernel.holding import kernel
from tests.kernel.notebooks import AWAIT, SEED, execute, make, recorded, write

pytestmark = pytest.mark.usefixtures("forked_kernels")

BLOCK = "nbhitl.review(graph, graphs.SEED_INPUT).wait()"
WHY = "this page gives no access to the notebook"


@pytest.fixture(scope="module")
def held():
    with kernel("installed") as held:
        yield held


@pytest.fixture
def output_of(held):
    """Return a function that answers a held cell, and returns the output that the kernel adds below the card."""

    def output_of(source, text="Edited text"):
        cell = held.run(source)
        held.answer(held.asked(), text, why_not=WHY)
        assert held.end_of(cell) == ["ok"]
        _card, output = held.displayed[cell]
        return {key: output[key] for key in ("output_type", "data", "metadata")}

    return output_of


@pytest.mark.parametrize("source", [AWAIT, BLOCK], ids=["await", "blocking"])
def test_answer_in_a_held_cell_is_recorded_in_the_output_of_the_cell_and_replays_from_there(
    output_of, tmp_path, source
):
    output = output_of(source)
    assert output["data"]["text/plain"].endswith("A person answered:\nEdited text")
    notebook = make(SEED, f"print({source})")
    notebook.cells[1].outputs = [output]
    done = execute(write(tmp_path / "seed.ipynb", notebook))
    assert [each.text for each in done.cells[1].outputs if each.output_type == "stream"] == [
        "{'some_text': 'Edited text'}\n"
    ]


def test_record_in_the_outputs_is_of_the_last_execution_and_wins(output_of, tmp_path):
    notebook = make(SEED, f"print({AWAIT})", record=[recorded("of an earlier execution")])
    notebook.cells[1].outputs = [output_of(AWAIT, "of the last")]
    done = execute(write(tmp_path / "seed.ipynb", notebook))
    assert "{'some_text': 'of the last'}\n" in [each.get("text") for each in done.cells[1].outputs]


def test_answer_to_a_card_whose_cell_has_ended_is_not_recorded_and_the_card_says_why(held):
    held.end_of(held.run("card = nbhitl.review(graph, graphs.SEED_INPUT)\nassert card.interrupts\ncard"))
    held.answer(held.asked(), "Edited text", why_not=WHY)
    reason = "view_of(card)['turns'][0]['record']['reason']"
    last = held.run(f"from tests.views import view_of\nprint(card.result, {reason})")
    assert held.end_of(last) == ["ok"]
    assert f"{{'some_text': 'Edited text'}} {WHY}" in "".join(held.outputs[last])


@pytest.mark.parametrize(
    ("source", "is_shown"),
    [(AWAIT, True), (f"({AWAIT})['some_text']", True), (f"seed = {AWAIT}", False), (f"{AWAIT};", False)],
    ids=["last line", "part of the result", "assigned", "semicolon"],
)
def test_card_leaves_the_result_to_a_cell_that_shows_the_result(held, source, is_shown):
    cell = held.run(source)
    question = held.asked()
    held.answer(question, "Edited text", why_not=WHY)
    assert held.end_of(cell) == ["ok"]
    view = held.card_of(question).view
    assert view["phase"]["kind"] == "finished"
    assert view.get("result_shown", False) is is_shown
