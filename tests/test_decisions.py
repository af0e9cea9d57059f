"""Decisions, written as JSON and read again."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbhitl import approve, edit, reject, respond
from nbhitl.decisions import from_json, to_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
DECISIONS = st.one_of(
    st.just(approve()),
    st.builds(edit, st.dictionaries(st.text(min_size=1), VALUES, max_size=3)),
    st.builds(reject, st.none() | st.text()),
    st.builds(respond, st.text()),
)


@given(DECISIONS | st.lists(DECISIONS, min_size=1, max_size=3))
def test_decisions_come_back_from_json(given_ones):
    assert from_json(json.loads(json.dumps(to_json(given_ones)))) == given_ones


@given(VALUES.filter(lambda value: "$decision" not in str(value)))
def test_answers_without_decisions_stay_unchanged(value):
    assert from_json(json.loads(json.dumps(to_json(value)))) == value


@pytest.mark.parametrize(
    "wrong",
    [{"$decision": "aprove"}, {"$decision": "edit", "args": [1]}, {"$decision": "reject", "message": 3}],
)
def test_unknown_decision_is_refused_with_the_known_decisions(wrong):
    with pytest.raises(ValueError, match="approve, edit, reject, respond"):
        from_json(wrong)


def test_misspelt_key_of_a_decision_in_json_is_refused_with_the_likely_key():
    with pytest.raises(ValueError, match=r"no 'mesage'; did you mean 'message'\?"):
        from_json({"$decision": "reject", "mesage": "too much"})
