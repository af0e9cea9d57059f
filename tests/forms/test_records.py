"""Records as a table to edit."""

import datetime as dt
import json

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbhitl.errors import InvalidAnswer
from tests.forms.asking import answered, form

CELLS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
ROWS = st.lists(st.fixed_dictionaries({"id": st.integers(), "value": CELLS}), min_size=2, max_size=20)


@given(ROWS)
def test_unchanged_table_sends_the_records_unchanged(rows):
    found = form(rows)
    assert found.field["control"]["table"]
    assert found.value(found.field["original"]) == rows
    assert found.value(found.draft(rows)) == rows


def test_edited_rows_reach_the_node():
    rows = [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
    assert answered(rows, '[{"id": 3, "name": "c"}]') == [{"id": 3, "name": "c"}]


def test_cell_that_does_not_fit_its_column_is_a_flaw_there():
    with pytest.raises(InvalidAnswer) as refused:
        form([{"id": 1}, {"id": 2}]).value('[{"id": "12a"}]')
    assert refused.value.flaws[0]["path"] == ["0", "id"]


@pytest.mark.parametrize(
    ("value", "rows"),
    [
        (pd.DataFrame({"a": [1, 2], "b": [0.5, float("nan")]}), [{"a": 1, "b": 0.5}, {"a": 2, "b": None}]),
        (pd.DataFrame({"t": [pd.Timestamp("2024-01-01"), pd.NaT]}), [{"t": "2024-01-01T00:00:00"}, {"t": None}]),
        (np.array([[1, 2], [3, 4]]), [{"0": 1, "1": 2}, {"0": 3, "1": 4}]),
        ([{"d": dt.date(2024, 1, 2)}, {"d": None}], [{"d": "2024-01-02"}, {"d": None}]),
    ],
    ids=["frame", "times", "array", "dates"],
)
def test_data_frame_and_array_become_records(value, rows):
    found = form(value)
    assert found.value(found.field["original"]) == rows


@pytest.mark.parametrize(
    "value",
    [
        [{"id": n} for n in range(10_000)],
        [{"text": "x" * 200_000}, {"text": ""}],
        [{"a": 1}, {"a": [1]}],
        [{"a": 10**5000}, {"a": 1}],
        [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}],
    ],
    ids=["too many", "too long", "not flat", "endless number", "messages"],
)
def test_records_that_are_no_table_are_shown_and_answered_with_json(value):
    found = form(value)
    assert found.field["kind"] == "json"
    assert found.shows
    assert len(json.dumps([found.field, found.shows])) < 300_000
