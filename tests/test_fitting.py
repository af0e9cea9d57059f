"""Answers are tested before they are sent."""

import dataclasses
from typing import Any

import pytest
from pydantic import BaseModel, Field

import nbhitl
from nbhitl.errors import InvalidAnswer
from nbhitl.fitting import why_not_fitting
from nbhitl.thread import Interrupt
from tests import graphs
from tests.graphs import SEED_INPUT


class Plan(BaseModel):
    name: str
    seats: int = Field(ge=1)


@dataclasses.dataclass
class Point:
    x: int


def asked(schema: Any = None, payload: Any = "?") -> Interrupt:
    return Interrupt("id", "ask", payload, schema)


def middleware(*names, allowed=("approve", "reject")):
    return asked(
        payload={
            "action_requests": [{"name": name, "args": {}} for name in names],
            "review_configs": [{"action_name": name, "allowed_decisions": list(allowed)} for name in names],
        }
    )


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (Plan.model_json_schema(), {"name": "a", "seats": 1}),
        (Plan.model_json_schema(), Plan(name="a", seats=1)),
        ({"type": "object", "properties": {"x": {"type": "integer"}}}, Point(1)),
        ({"type": "integer"}, 2**70),
        ({"$ref": "http://example.invalid/schema"}, "cannot be tested"),
        ({"type": 3}, "no schema"),
        (None, "anything"),
    ],
    ids=str,
)
def test_answer_that_nothing_speaks_against_passes(schema, value):
    assert why_not_fitting(asked(schema), value) is None


@pytest.mark.parametrize(
    ("schema", "value", "why"),
    [
        (Plan.model_json_schema(), {"name": "a", "seats": 0}, r"\['seats'\] .*less than the minimum of 1"),
        (Plan.model_json_schema(), {"name": "a"}, "'seats' is a required property"),
        ({"type": "integer"}, "5", "'5' is not of type 'integer'"),
        ({"enum": ["yes", "no"]}, "x" * 1000, "…"),
    ],
    ids=str,
)
def test_answer_that_does_not_fit_the_response_schema_is_named_with_its_place(schema, value, why):
    problem = why_not_fitting(asked(schema), value)
    assert problem is not None
    assert len(problem) < 300
    with pytest.raises(AssertionError, match=why):
        raise AssertionError(problem)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("approve", "decisions"),
        ({"decisions": [{"type": "approve"}]}, "1 decision for 2 actions"),
        (
            {"decisions": [{"type": "approve"}, {"type": "edit"}]},
            "decision 2 for 'pay' is 'edit'; allowed: approve, reject",
        ),
        ({"decisions": [{"type": "approve"}, {"type": "reject", "message": "no"}]}, None),
    ],
    ids=str,
)
def test_decisions_of_the_middleware_are_counted_and_allowed(value, why):
    problem = why_not_fitting(middleware("mail", "pay"), value)
    assert (problem is None) == (why is None)
    assert why is None or why in str(problem)


def test_answer_that_does_not_fit_runs_nothing_and_the_question_stays_open():
    ran = []

    def ask(state):
        ran.append(answer := graphs.interrupt("Seats?", response_schema={"type": "integer", "minimum": 1}))
        return {"some_text": str(answer)}

    card = nbhitl.review(graphs.compile_node(ask), SEED_INPUT)
    with pytest.raises(InvalidAnswer, match="minimum"):
        card.answer(0)
    assert ran == []
    card.answer(3)
    assert card.result == {"some_text": "3"}
