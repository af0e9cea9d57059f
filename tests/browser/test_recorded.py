"""Notebooks that a person has answered in any order replay with the same outputs.

``python -m tests.bench.recorded_notebooks`` replays sixty notebooks under every runner.
"""

import shutil

import pytest

from tests.again import AGAIN
from tests.recorded.habits import HABITS
from tests.recorded.kinds import kinds

pytestmark = pytest.mark.usefixtures("forked_kernels")

ALL = kinds(1_000)


def kind_of(name):
    return next(kind for kind in ALL if kind.name.partition("-")[2] == name)


@pytest.mark.needs("nbval")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("held-twice-displays", marks=AGAIN),
        "card_then_display-beside_a_subgraph-prints",
        "two_cards-side_by_side-prints",
        pytest.param("gather-side_by_side-displays", marks=AGAIN),
        pytest.param("card_beside_await-steps-displays", marks=AGAIN),
    ],
)
def test_notebook_recorded_in_any_order_is_replayed_unchanged(lab, page, tmp_path, name):
    from tests.recorded.page import record
    from tests.recorded.runners import replay

    recorded = shutil.copyfile(record(kind_of(name), page, lab), tmp_path / "recorded.ipynb")
    for runner in ("nbval", "nbhitl", "jupyter execute"):
        assert replay(recorded, runner) == "", runner


def test_notebook_whose_nodes_clear_the_outputs_is_answered_and_replayed_unchanged(lab, page, tmp_path):
    from tests.recorded.page import record
    from tests.recorded.runners import replay

    kind = next(each for each in HABITS if each.name.endswith("cleared_by_nodes"))
    recorded = shutil.copyfile(record(kind, page, lab), tmp_path / "recorded.ipynb")
    for runner in ("nbhitl", "jupyter execute"):  # nbval does not know `clear_output`
        assert replay(recorded, runner) == "", runner
