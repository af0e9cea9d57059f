"""A small sample of the soak of rules, time-outs, inboxes and batches, whose processes are killed."""

import os

import pytest

from tests.bench.soak_ways import soak

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kill -9 and fork servers are not of Windows")


def test_answers_by_rule_time_inbox_and_batch_take_effect_once_where_processes_are_killed():
    assert soak("sqlite", 8, seed=3, of=2)
