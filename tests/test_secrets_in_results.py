"""A secret answer that comes back in a result is kept out of the notebook: out of card, transcript and tables."""

from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

import nbhitl
from nbhitl.recording import in_one
from nbhitl.ui.view import _phase_of
from tests import graphs
from tests.forms.test_secret_shapes import SHAPES, leaks

CHOSEN = ["a member", "a number", "a whole object", "items", "names of members", "below 70 levels"]

HIDDEN = "hunter2"


class Login(BaseModel):
    password: SecretStr
    note: str


def call_with(token: str) -> dict[str, Any]:
    """Return an interrupt on a call with a secret argument."""
    schema = {"type": "object", "properties": {"token": {"type": "string", "format": "password"}}}
    return {
        "action_requests": [{"name": "pay", "args": {"amount": 5, "token": token}, "description": "Pay?"}],
        "review_configs": [
            {"action_name": "pay", "allowed_decisions": ["approve", "edit", "reject"], "args_schema": schema}
        ],
    }


def kept(card: Any) -> str:
    core = card._core
    return f"{_phase_of(core.state, core.forms)} {card} {card.answers!r} {card.answers.to_frame().to_csv()}"


def tables(*rows: Any) -> str:
    return "".join(f"{each.to_frame().to_csv()} {each._repr_html_()} {list(each)}" for each in rows)


@pytest.mark.parametrize("shape", CHOSEN)
def test_secret_in_the_state_is_in_nothing_that_a_notebook_keeps(shape: str):
    schema, value = SHAPES[shape]

    def node(_state: Any) -> Any:
        return {"some_text": graphs.interrupt("Sign in", response_schema=schema)}

    graph = graphs.compile_node(node, checkpointer=graphs.InMemorySaver())
    card = nbhitl.review(graph, graphs.SEED_INPUT, answers=[value])
    assert card.result == {"some_text": value}, "code gets the result with the secret"
    assert not leaks(kept(card))
    alternatives = nbhitl.compare(graph, card, answers=[value, value])
    assert not leaks(tables(card.history(), alternatives, nbhitl.audit(graph)))


@pytest.mark.parametrize("shape", CHOSEN)
def test_secret_that_a_person_was_asked_for_is_in_no_card_of_the_result(shape: str):
    schema, value = SHAPES[shape]
    card = nbhitl.ask("Sign in", schema, answers=[value])
    assert card.result == value
    assert not leaks(kept(card))
    batch = nbhitl.batch(["a", "b"], form=schema, prompt="Sign in", answers=[value, value])
    assert list(batch.wait()["answer"]) == [value, value]
    assert not leaks(f"{kept(batch)} {in_one.batch_output(batch._core.state.answered, batch._core.forms)}")


ALIKE = {
    "beside it in an answer": ("Sign in", Login.model_json_schema(), {"password": HIDDEN, "note": f"It is {HIDDEN}"}),
    "in a proposed call": (call_with(HIDDEN), None, nbhitl.approve()),
}


@pytest.mark.parametrize("place", ALIKE)
def test_text_of_a_secret_is_in_no_table_of_alternatives(place: str):
    payload, schema, answer = ALIKE[place]

    def node(_state: Any) -> Any:
        return {"some_text": [payload, graphs.interrupt(payload, **({"response_schema": schema} if schema else {}))]}

    graph = graphs.compile_node(node, checkpointer=graphs.InMemorySaver())
    card = nbhitl.review(graph, graphs.SEED_INPUT, answers=[answer])
    assert HIDDEN in str(card.result), "code gets the result with the secret"
    assert HIDDEN not in tables(nbhitl.compare(graph, card, answers=[answer, answer]))
