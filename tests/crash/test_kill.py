"""A killed run is opened again and doubles no effect silently; more kills: ``python -m tests.crash --kills 200``."""

import os

import pytest

from tests.crash.kills import Kills, Verdict
from tests.crash.runs import Way

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kill -9 and fork servers are not of Windows")

FEW = 4
WAYS: tuple[Way, ...] = ("open", "key")


def faults(verdicts):
    return [verdict.told() for verdict in verdicts if verdict.faults]


def test_run_killed_between_any_two_writes_shows_the_open_question_again_and_ends(tmp_path):
    kills = Kills(f"sqlite:{tmp_path / 'checkpoints.sqlite'}", "sync", tmp_path)
    verdicts: list[Verdict] = []
    while (verdict := kills.after_write(len(verdicts) + 1, WAYS[len(verdicts) % 2])) is not None:
        verdicts.append(verdict)
    assert faults(verdicts) == []
    seen = [verdict.back.sight for verdict in verdicts]
    assert len(seen) > 8
    assert {"question", "question, may have run", "stop, may have run", "finished"} <= set(seen)


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
def test_run_killed_at_any_moment_shows_the_open_question_again_and_ends(durability, tmp_path):
    kills = Kills(f"sqlite:{tmp_path / 'checkpoints.sqlite'}", durability, tmp_path, seed=3)
    assert faults(kills.at_any_moment(WAYS[number % 2]) for number in range(FEW)) == []


def test_killed_at_any_moment_on_an_async_saver(tmp_path):
    kills = Kills(f"async-sqlite:{tmp_path / 'checkpoints.sqlite'}", "sync", tmp_path, seed=4)
    assert faults(kills.at_any_moment(WAYS[number % 2]) for number in range(FEW)) == []


@pytest.mark.needs("postgresql")
def test_killed_at_any_moment_on_postgres(postgres, tmp_path):
    kills = Kills(f"postgres:{postgres.url('kills')}", "sync", tmp_path, seed=5)
    assert faults(kills.at_any_moment(WAYS[number % 2]) for number in range(FEW)) == []
