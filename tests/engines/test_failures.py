"""Messages of exceptions never have the value that pydantic refused: the value may be a secret."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from nbhitl.engines.failures import raised, without_input

CANARY = "cnry"  # short: pydantic cuts long values in messages
PIECES = st.sampled_from([CANARY, ", input_type=str]", ", input_value=", " [type=a-b", "\n", "'", '"', "]", "\\", " "])
KINDS = st.from_regex(re.compile(r"[a-z_.\- ]{1,12}"), fullmatch=True)


def refused(value: object, kind: str) -> ValidationError:
    class Answer(BaseModel):
        first: object
        second: int

        @field_validator("first")
        @classmethod
        def _refuse(cls, _value: object) -> object:
            raise PydanticCustomError(kind, "is not {what}", {"what": "allowed"})

    with pytest.raises(ValidationError) as caught:
        Answer.model_validate({"first": value, "second": value})
    return caught.value


@given(st.lists(PIECES).map("".join), KINDS)
def test_value_that_pydantic_refuses_is_in_nothing_that_is_told_and_the_reasons_are(value, kind):
    error = refused(value, kind)
    for told in (
        without_input(str(error)),
        raised(error),
        raised(repr(error)),
        raised(f"ValidationError({str(error)!r})"),
    ):
        assert told is not None
        assert CANARY not in told
        assert "is not allowed" in told


def test_all_that_is_wrong_is_told_line_by_line():
    told = without_input(str(refused("x", "not-allowed"))).splitlines()
    assert told == [
        "2 validation errors for Answer",
        "first",
        "  is not allowed",
        "second",
        "  Input should be a valid integer, unable to parse string as an integer",
    ]
