"""The form that a node's source proposes makes the answers that the node wants, and no button does the opposite."""

import pytest

from nbhitl.forms.decisions.words import agrees
from tests.reading.answering import agreeing_answers, outcome, written
from tests.reading.pairs import Pair
from tests.reading.public_pairs import ALL

WANTED = [pytest.param(pair, *each, id=f"{pair.name}-{each[0]}") for pair in ALL for each in pair.wanted]


@pytest.mark.parametrize(("pair", "answer", "expected"), WANTED)
def test_controls_make_the_answer_that_leads_to_the_wanted_branch(pair: Pair, answer: object, expected: object):
    assert outcome(pair, written(pair, answer)) == expected


@pytest.mark.parametrize("pair", [pytest.param(pair, id=pair.name) for pair in ALL])
def test_no_control_that_says_yes_leads_to_a_refusal(pair: Pair):
    outcomes = {name: outcome(pair, answer) for name, answer in agreeing_answers(pair, agrees)}
    refused = {name: each for name, each in outcomes.items() if isinstance(each, Exception) or _is_refusal(pair, each)}
    assert not refused


def _is_refusal(pair: Pair, found: object) -> bool:
    return pair.refused is not None and found == pair.refused
