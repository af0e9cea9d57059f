"""Answers are tested against the node's schema before sending."""

import dataclasses
import enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, computed_field

import nbhitl
from nbhitl.errors import InvalidAnswer
from nbhitl.forms import SchemaForm
from nbhitl.forms.types import schema_of
from tests import graphs
from tests.forms.asking import answered, form
from tests.graphs import SEED_INPUT


class Plan(BaseModel):
    name: str
    seats: int = Field(ge=1)
    note: str | None = None


@dataclasses.dataclass
class Point:
    x: int


PLAN = Plan.model_json_schema()


def test_answer_in_the_page_reaches_the_node_as_an_instance_of_the_model():
    assert answered("Plan?", '{"name": "a", "seats": 2}', Plan) == Plan(name="a", seats=2)


def test_payload_is_shown_and_asks_the_question():
    found = form({"question": "Which plan?", "reason": "# New\n\nteam"}, PLAN)
    assert (found.prompt, found.field["kind"], found.is_guess) == ("Which plan?", "form", False)
    assert found.shows[0]["parts"][0]["shows"][0]["markdown"]
    assert form({"text_to_revise": "a"}, PLAN).field["kind"] == "form"


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (PLAN, {"name": "a", "seats": 1}),
        (PLAN, Plan(name="a", seats=1)),
        ({"type": "object", "properties": {"x": {"type": "integer"}}}, Point(1)),
        ({"type": "integer"}, 2**70),
        ({"$ref": "http://example.invalid/schema"}, "cannot be tested"),
        ({"type": 3}, "no schema"),
    ],
    ids=str,
)
def test_valid_answer_passes_unchanged(schema, value):
    assert form("?", schema).fit(value) is value


@pytest.mark.parametrize(
    ("schema", "value", "path"),
    [
        (PLAN, {"name": "a", "seats": 0}, ["seats"]),
        (PLAN, {"name": "a"}, []),
        ({"type": "integer"}, "5", []),
        ({"enum": ["yes", "no"]}, "x" * 1000, []),
    ],
    ids=str,
)
def test_invalid_answer_is_refused_with_the_place_from_page_and_python(schema, value, path):
    found = form("?", schema)
    for refuse in (lambda: found.fit(value), lambda: found.value(found.draft(value) or "")):
        with pytest.raises(InvalidAnswer) as refused:
            refuse()
        assert len(str(refused.value)) < 300
        assert refused.value.flaws[0]["path"][: len(path)] == path


def test_answer_that_does_not_fit_runs_nothing_and_the_question_stays_open():
    ran = []

    def ask(state: Any) -> Any:
        ran.append(answer := graphs.interrupt("Seats?", response_schema={"type": "integer", "minimum": 1}))
        return {"some_text": str(answer)}

    card = nbhitl.review(graphs.compile_node(ask), SEED_INPUT)
    with pytest.raises(InvalidAnswer, match="1"):
        card.answer(0)
    assert ran == []
    card.answer(3)
    assert card.result == {"some_text": "3"}


@given(st.builds(Plan, name=st.text(), seats=st.integers(min_value=1), note=st.none() | st.text()))
def test_draft_stands_for_exactly_the_value(plan):
    found, value = form("?", PLAN), plan.model_dump()
    draft = found.draft(value)
    assert draft is not None
    assert draft.encode()
    assert found.value(draft) == value


@pytest.mark.parametrize(("text", "value"), [("1.0", 1.0), ("12345678901234567890", 12345678901234567890), ("1", 1)])
def test_number_keeps_the_digits_as_written(text, value):
    found = SchemaForm("?", {"type": "number"}).value(text)
    assert (found, type(found)) == (value, type(value))


def test_start_that_is_given_goes_before_that_of_the_schema():
    assert SchemaForm("?", {"type": "integer", "default": 3}).field["original"] == "3"
    assert SchemaForm("?", {"type": "integer", "default": 3}, start=4).field["original"] == "4"


class Colour(enum.Enum):
    red = 1
    blue = "b"


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")
    full_name: str = Field(validation_alias="fullName")
    code: str = Field(validation_alias=AliasChoices("code", "id"), serialization_alias="number")
    key: SecretStr = Field(min_length=12)
    raw: bytes = b"\xff"
    plan: Colour = Colour.red

    @computed_field  # type: ignore[prop-decorator]
    @property
    def length(self) -> int:
        return len(self.full_name)


ORDER = Order.model_validate({"fullName": "Ann", "code": "1", "key": "twelve-or-more"})


@pytest.mark.parametrize(
    ("kind", "value"),
    [(Order, ORDER), (list[Order], [ORDER]), (dict[str, Order], {"a": ORDER})],
    ids=["it", "[]", "{}"],
)
def test_model_from_python_fits_the_schema_of_its_own_type(kind, value):
    """The type reads aliases and writes field names and a computed field, so that a written instance cannot be read."""
    assert SchemaForm("Order?", schema_of(kind)).fit(value) is value
