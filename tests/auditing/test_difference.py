"""The differences between two values, in words."""

import time

from hypothesis import given
from hypothesis import strategies as st

from nbhitl.auditing.difference import changed_words, difference

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def test_changed_arguments_are_named_by_their_place():
    before, after = {"to": "Ann", "amount": 5, "rows": [1, 2]}, {"to": "Ann", "amount": 6, "rows": [1, 3], "note": "x"}
    assert difference(before, after) == 'amount: 5 → 6\nrows[1]: 2 → 3\nnote: nothing → "x"'


def test_a_revised_text_shows_the_changed_words_with_some_around_them():
    assert difference("original text", "Edited text") == "[-original-]{+Edited+} text"
    before = "We regret to inform you that your application was rejected this time, sorry."
    told = changed_words(before, before.replace("rejected", "not chosen"))
    assert told == "… your application was [-rejected-]{+not chosen+} this time, sorry."


def test_true_differs_from_the_number_1():
    assert difference(1, True) == "1 → true"


def test_time_for_a_long_text_grows_with_the_number_of_words_only():
    began = time.process_time()
    told = changed_words("word " * 200_000, "other " * 200_000)
    assert len(told) < 500
    assert time.process_time() - began < 2


@given(JSON)
def test_nothing_is_different_between_a_value_and_itself(value):
    assert difference(value, value) == ""


@given(JSON, JSON)
def test_difference_of_two_values_is_told(before, after):
    assert bool(difference(before, after)) == (repr(before) != repr(after)) or before == after
