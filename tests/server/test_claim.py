"""Servers that need a claim of the question before an answer; tests/bench/exactly_once.py tests the claim itself."""

import pytest

from nbhitl.engines.remote.claim import is_needed

ASKING = [{"name": "ask", "interrupts": [{"id": "i", "value": "?"}]}]


@pytest.mark.parametrize(
    ("state", "needed"),
    [
        ({"metadata": {"source": "loop", "langgraph_version": "1.2.22"}, "tasks": ASKING}, False),
        ({"metadata": {"source": "loop", "user_id": "anonymous"}, "tasks": ASKING}, True),
        ({"metadata": None, "tasks": ASKING}, True),
        ({"metadata": {}, "tasks": [{"name": "ask", "interrupts": [{"value": "?", "ns": ["ask"]}]}]}, False),
        ({"metadata": {}, "tasks": []}, False),
        ("no state", False),
    ],
    ids=["langgraph", "aegra", "no metadata", "old wire", "nothing asked", "no state"],
)
def test_only_servers_that_are_not_langgraphs_need_a_claim(state, needed):
    assert is_needed(state) == needed
