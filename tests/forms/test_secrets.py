"""The node gets the secrets of answers in any shape, and nothing shown or kept has them."""

import json
import traceback
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, SecretStr, field_validator

import nbhitl
from nbhitl.forms import SchemaForm
from nbhitl.forms.types import schema_of
from tests import graphs
from tests.forms.asking import form
from tests.test_page import Card

CANARY = "canary"
HIDDEN: Any = {"writeOnly": True}
LOGIN = {"type": "object", "properties": {"password": {"type": "string", "format": "password"}}}


class Login(BaseModel):
    password: Annotated[str, Field(validation_alias="pass", json_schema_extra=HIDDEN)]


class Vault(BaseModel):
    login: Login
    more: list[Login] = []


@dataclass
class Key:
    key: SecretStr


class Guarded(BaseModel):
    password: SecretStr

    @field_validator("password")
    @classmethod
    def _strong(cls, _password: SecretStr) -> SecretStr:
        raise ValueError("too weak")


LOGGED = Login.model_validate({"pass": CANARY})


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Login, LOGGED),
        (Vault, {"login": LOGGED}),
        (Vault, Vault(login=LOGGED, more=[LOGGED])),
        (list[Login], [LOGGED]),
        (dict[str, Login], {"a": LOGGED}),
        (tuple[Login, int], (LOGGED, 1)),
        (Key, Key(SecretStr(CANARY))),
        (SecretStr, SecretStr(CANARY)),
        (SecretStr, CANARY),
    ],
    ids=repr,
)
def test_secret_in_a_model_anywhere_in_an_answer_is_blotted_out(kind, value):
    made = SchemaForm("Login?", schema_of(kind))
    assert made.fit(value) is value
    assert CANARY not in made.show(value) + repr(made.without_secrets(value)) + str(made.draft(value))
    assert made.without_secrets(value) is not value


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, 471147114711),
        ({"type": "array", "items": {"type": "string"}}, ["471147114711"]),
        ({"type": "object", "additionalProperties": {"type": "string"}}, {"pin": "471147114711"}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "471147114711"),
    ],
    ids=str,
)
def test_secret_of_any_type_is_blotted_out(schema, value):
    made = SchemaForm("PIN?", {"type": "object", "properties": {"pin": schema | HIDDEN}})
    assert made.fit({"pin": value}) == {"pin": value}
    answered = made.show({"pin": value}) + repr(made.without_secrets({"pin": value})) + str(made.draft({"pin": value}))
    assert "471147114711" not in answered


@pytest.mark.parametrize(
    "value",
    [
        {"action": "accept", "content": {"password": CANARY}, "_meta": {}},
        {"action": "decline", "content": {"password": CANARY}},
        {"action": "accept", "content": {"password": CANARY}},
    ],
    ids=repr,
)
def test_secret_in_an_elicitation_answer_is_blotted_out_also_where_no_control_draws_the_secret(value):
    made = form({"message": "Sign in", "requestedSchema": LOGIN})
    assert made.fit(value) == value
    assert CANARY not in made.show(value) + repr(made.without_secrets(value)) + str(made.draft(value))


def test_secret_that_a_validator_refuses_is_not_in_the_card_s_message():
    def node(_state: Any) -> Any:
        return {"some_text": graphs.interrupt("Sign in", response_schema=Guarded)}

    card = Card(graphs.compile_node(node))
    reply = card.answer(json.dumps({"password": CANARY}))
    assert card.review.interrupts
    assert "too weak" in json.dumps(card.view)
    assert CANARY not in json.dumps([reply, card.view, card.widget.get_state()]) + str(card.review)


def test_secret_in_an_answer_that_a_validator_of_the_node_refuses_is_in_no_traceback():
    def node(_state: Any) -> None:
        graphs.interrupt("Log in", response_schema=Guarded)

    card = nbhitl.review(graphs.compile_node(node), graphs.SEED_INPUT)
    card.answer({"password": CANARY})
    with pytest.raises(ValueError, match="too weak") as caught:
        _ = card.result
    assert CANARY not in "".join(traceback.format_exception(caught.value))
