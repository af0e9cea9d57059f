"""Each convention is recognised and answered in its shape; a payload that resembles a convention raises nothing."""

import contextlib
import copy
import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from nbhitl.errors import InvalidAnswer
from nbhitl.forms import Forms, form_for
from nbhitl.protocol import Content, Field
from tests.forms.asking import answered, asked, form
from tests.forms.payloads import TABLE, Row
from tests.tools import ROOT

FIELD: TypeAdapter[Field] = TypeAdapter(Field)
CONTENTS: TypeAdapter[list[Content]] = TypeAdapter(list[Content])

BY_ROW = pytest.mark.parametrize("row", TABLE, ids=lambda row: row.convention)


DRAWN = {"form": "a form", "decisions": "decisions", "text": "a text", "json": "JSON"}


def test_table_of_the_readme_holds_exactly_the_conventions_that_are_tested_here():
    readme = (ROOT / "README.md").read_text()
    lines = readme.partition("| payload | drawn as | for example, the node gets |\n|---|---|---|\n")[2].splitlines()
    shown = list(itertools.takewhile(lambda line: line.startswith("|"), lines))
    assert shown == [f"| {_name(row)} | {DRAWN[row.field]} | `{json.dumps(row.answer)}` |" for row in TABLE]


def _name(row):
    return f"`{row.convention}`" if "{" in row.convention or "_" in row.convention else row.convention


@BY_ROW
def test_convention_is_recognised(row):
    assert form(row.payload, row.schema, row.reads).field["kind"] == row.field


@BY_ROW
def test_field_and_contents_for_the_page_fit_the_protocol(row):
    found = form(row.payload, row.schema, row.reads)
    assert FIELD.validate_python(found.field, strict=True) == found.field
    assert CONTENTS.validate_python(list(found.shows), strict=True) == list(found.shows)


@BY_ROW
def test_convention_is_answered_in_its_shape(row):
    assert answered(row.payload, row.draft, row.schema, row.reads) == row.answer


@BY_ROW
def test_answer_from_python_in_the_same_shape_passes_unchanged(row):
    assert form(row.payload, row.schema, row.reads).fit(row.answer) == row.answer


@BY_ROW
def test_draft_stands_for_the_answer(row):
    found = form(row.payload, row.schema, row.reads)
    assert found.value(found.draft(row.answer) or "") == row.answer


@BY_ROW
def test_switched_to_json_the_same_answer_goes_through_and_back(row):
    forms, interrupt = Forms(), asked(row.payload, row.schema, row.reads)
    if row.field == "json":
        return
    written = forms.switch(interrupt, "json", row.draft)
    assert json.loads(written) == row.answer
    assert forms.of(interrupt).value(written) == row.answer
    again = forms.switch(interrupt, "form", written)
    assert forms.of(interrupt).value(again) == row.answer


@BY_ROW
def test_payload_of_tuples_and_mappings_is_read_like_lists_and_dicts(row):
    assert form(_tupled(row.payload), row.schema, row.reads).field["kind"] == row.field


def _tupled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tupled(each) for key, each in value.items()}
    return tuple(map(_tupled, value)) if isinstance(value, list) else value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inside for place in _places(each, (*path, key)))]


@st.composite
def garbled(draw: Any) -> tuple[Row, Any, Any]:
    """Return a row, and the row's payload and schema with a random value in one or two places."""
    row = draw(st.sampled_from(TABLE))
    whole = [copy.deepcopy(row.payload), copy.deepcopy(row.schema)]
    for _ in range(draw(st.integers(1, 2))):
        path = draw(st.sampled_from(_places(whole)[1:]))
        inside: Any = whole
        for key in path[:-1]:
            inside = inside[key]
        if isinstance(inside, dict) and draw(st.booleans()):
            del inside[path[-1]]
        else:
            inside[path[-1]] = draw(JSON)
    return row, whole[0], whole[1] if isinstance(whole[1], dict) else None


@given(garbled(), JSON)
def test_payload_that_only_resembles_a_convention_has_a_form(half, other):
    row, payload, schema = half
    found = form_for(asked(payload, schema, row.reads))
    assert json.dumps([found.field, list(found.shows)], ensure_ascii=False).encode()
    assert CONTENTS.validate_python(list(found.shows), strict=True) == list(found.shows)
    for draft in (found.field["original"], row.draft, json.dumps(other), "{"):
        with contextlib.suppress(InvalidAnswer):
            found.show(found.value(draft))
    for value in (row.answer, other):
        found.draft(value)
        assert isinstance(found.show(value), str)
        with contextlib.suppress(InvalidAnswer):
            found.fit(value)


@given(garbled(), JSON)
def test_draft_in_the_form_of_a_garbled_payload_gives_the_same_value(half, other):
    row, payload, schema = half
    found = form_for(asked(payload, schema, row.reads))
    for value in (row.answer, other):
        draft = found.draft(value)
        with contextlib.suppress(InvalidAnswer):
            assert draft is None or found.value(draft) == value
