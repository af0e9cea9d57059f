"""The columns of a batch's result: no value changes its type, no column of the input is lost."""

import enum
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nbhitl
from nbhitl.batches.rows import BatchRow, BatchRows
from nbhitl.errors import UsageError


class Level(enum.IntEnum):
    """A level."""

    low = 1
    high = 2


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.text(max_size=3),
    st.sampled_from(list(Level)),
    st.lists(st.integers(), max_size=2),
)


def rows_with(answers: list[Any]) -> BatchRows:
    return BatchRows([BatchRow(None, answer, None, None, "", "answered", None, None) for answer in answers])


def kind_of(value: Any) -> type:
    """Return the type of a value; NumPy's numbers count as Python's."""
    return type(value.item()) if hasattr(value, "item") else type(value)


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_answers_of_any_kinds_stay_unchanged(answers):
    column = rows_with(answers).to_frame()["answer"]
    assert list(column) == answers
    assert [kind_of(each) for each in column] == [type(each) for each in answers]


def test_whole_number_beside_a_skipped_row_stays_a_whole_number():
    column = rows_with([2**60 + 1, None]).to_frame()["answer"]
    assert list(column) == [2**60 + 1, None]


@pytest.mark.parametrize(("answers", "dtype"), [([1, 2], "int64"), ([1.5, 2.0], "float64"), ([True, False], "bool")])
def test_answers_of_a_single_kind_are_a_column_of_this_dtype(answers, dtype):
    assert rows_with(answers).to_frame()["answer"].dtype == dtype


@pytest.mark.parametrize("names", [["a", "a"], [("a", 1), ("a", 1)]])
def test_columns_of_the_same_name_are_refused(names):
    frame = pd.DataFrame([[1, 2]])
    frame.columns = pd.Index(names)
    with pytest.raises(UsageError, match=r"two columns named .*a.*rename one"):
        nbhitl.batch(frame, form=int)


def test_column_of_the_input_named_as_a_column_of_the_result_gets_a_name_that_is_free():
    frame = pd.DataFrame({"answer": [1], "input_answer": [2]})
    told = nbhitl.batch(frame, form=int, prompt="Sum?", answers=[3]).wait()
    assert list(told.columns[:3]) == ["input_input_answer", "input_answer", "answer"]
    assert told.iloc[0, :3].tolist() == [1, 2, 3]
