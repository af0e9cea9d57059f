"""Schemas that ask for a password in any shape: the node gets the password, and nothing shown or kept has it."""

import json
import random
import subprocess
from contextlib import suppress
from typing import Any

import pytest

import nbhitl
from nbhitl.engines.remote.snippets import SnippetResume, snippets
from nbhitl.errors import InvalidAnswer
from nbhitl.forms import SchemaForm
from tests import graphs
from tests.forms.asking import form
from tests.test_page import Card
from tests.tools import ROOT
from tests.views import progress_of

CANARY = "canary"
NUMBER = 471147114711
PASSWORD: dict[str, Any] = {"type": "string", "format": "password"}
LOGIN: dict[str, Any] = {"type": "object", "properties": {"user": {"type": "string"}, "password": PASSWORD}}
LOGGED = {"user": "ann", "password": CANARY}


def of(**members):
    return {"type": "object", "properties": members}


def below(levels):
    schema: Any = LOGIN
    value: Any = LOGGED
    for _ in range(levels):
        schema, value = of(inner=schema), {"inner": value}
    return schema, value


def doubled():
    """Return a schema that doubles at each of 40 levels."""
    levels = {str(n): of(a={"$ref": f"#/$defs/{n + 1}"}, b={"$ref": f"#/$defs/{n + 1}"}) for n in range(40)}
    value: Any = CANARY
    for level in range(40):
        value = {"ab"[level % 2]: value}
    return {"$ref": "#/$defs/0", "$defs": levels | {"40": PASSWORD}}, value


SHAPES: dict[str, tuple[Any, Any]] = {
    "a password": (PASSWORD, CANARY),
    "write only": ({"type": "string", "writeOnly": True}, CANARY),
    "without a type": ({"writeOnly": True}, CANARY),
    "another spelling of the format": ({"type": "string", "format": "Password"}, CANARY),
    "a member": (LOGIN, LOGGED),
    "a member of a member": (of(login=LOGIN), {"login": LOGGED}),
    "a whole object": (LOGIN | {"writeOnly": True}, {"user": CANARY}),
    "a number": (of(pin={"type": "integer", "writeOnly": True}), {"pin": NUMBER}),
    "a number called a password": (of(pin={"type": "integer", "format": "password"}), {"pin": NUMBER}),
    "a list": (of(codes={"type": "array", "writeOnly": True, "items": {"type": "string"}}), {"codes": [CANARY]}),
    "a list called a password": (of(codes={"type": "array", "format": "password", "items": {}}), {"codes": [CANARY]}),
    "a choice": (of(word={"enum": [CANARY, "other"], "writeOnly": True}), {"word": CANARY}),
    "a constant": (of(word={"const": CANARY, "writeOnly": True}), {"word": CANARY}),
    "a constant with a format": (of(word={"const": CANARY, "format": "password"}), {"word": CANARY}),
    "items": ({"type": "array", "items": PASSWORD}, [CANARY]),
    "items of objects": ({"type": "array", "items": LOGIN}, [LOGGED, LOGGED]),
    "placed items": ({"type": "array", "prefixItems": [{"type": "string"}, PASSWORD]}, ["ann", CANARY]),
    "placed items of draft 7": ({"type": "array", "items": [{"type": "string"}, PASSWORD]}, ["ann", CANARY]),
    "items after the placed": ({"type": "array", "prefixItems": [{}], "items": PASSWORD}, ["a", *"bcdefg", CANARY]),
    "items after the placed of draft 7": ({"items": [{}], "additionalItems": PASSWORD}, ["a", *"bcdefg", CANARY]),
    "items not evaluated": ({"type": "array", "prefixItems": [{}], "unevaluatedItems": PASSWORD}, ["a", CANARY]),
    "what a list contains": ({"type": "array", "contains": PASSWORD}, [1, CANARY]),
    "what a list of anything contains": ({"type": "array", "items": {}, "contains": LOGIN}, [LOGGED]),
    "unique items": (
        {"type": "array", "uniqueItems": True, "items": {"enum": [CANARY, "b"], "writeOnly": True}},
        [CANARY],
    ),
    "other members": ({"type": "object", "additionalProperties": PASSWORD}, {"x": CANARY}),
    "members not evaluated": ({"type": "object", "unevaluatedProperties": PASSWORD}, {"x": CANARY}),
    "members by a pattern": ({"type": "object", "patternProperties": {"^pass": PASSWORD}}, {"password": CANARY}),
    "a member by a pattern": (of(password={}) | {"patternProperties": {"^password$": PASSWORD}}, {"password": CANARY}),
    "a pattern of no engine's": ({"type": "object", "patternProperties": {"(?<n>p": PASSWORD}}, {"p": CANARY}),
    "members by listed names": (
        {"type": "object", "propertyNames": {"enum": ["a", "b"]}, "additionalProperties": PASSWORD},
        {"a": CANARY},
    ),
    "names of members": ({"type": "object", "propertyNames": PASSWORD}, {CANARY: 1}),
    "a reference": ({"$ref": "#/$defs/Login", "$defs": {"Login": LOGIN}}, LOGGED),
    "a reference in a member": (of(login={"$ref": "#/$defs/Login"}) | {"$defs": {"Login": LOGIN}}, {"login": LOGGED}),
    "a reference by an anchor": (of(p={"$ref": "#p"}) | {"$defs": {"P": PASSWORD | {"$anchor": "p"}}}, {"p": CANARY}),
    "a dynamic reference": (
        of(p={"$dynamicRef": "#p"}) | {"$defs": {"P": PASSWORD | {"$dynamicAnchor": "p"}}},
        {"p": CANARY},
    ),
    "what refers to itself": (
        {"$ref": "#/$defs/Node", "$defs": {"Node": of(password=PASSWORD, next={"$ref": "#/$defs/Node"})}},
        {"next": {"next": {"password": CANARY}}},
    ),
    "a reference that leads nowhere": ({"$ref": "#/$defs/none"}, {"x": CANARY}),
    "beside a reference that leads nowhere": (LOGIN | {"$ref": "#/$defs/none"}, LOGGED),
    "a member that refers elsewhere": (of(p={"$ref": "https://example.invalid/password"}), {"p": CANARY}),
    "all of": ({"allOf": [of(user={}), LOGIN]}, LOGGED),
    "all of, beside what leads nowhere": ({"allOf": [LOGIN, {"$ref": "#/$defs/none"}]}, LOGGED),
    "all of, one of which denies it": (
        {"allOf": [of(p={"type": "string", "writeOnly": False}), of(p={"writeOnly": True})]},
        {"p": CANARY},
    ),
    "all of, each with placed items": (
        {"allOf": [{"type": "array", "prefixItems": [{}]}, {"prefixItems": [{}, PASSWORD]}]},
        ["a", CANARY],
    ),
    "all of which nothing fits": ({"allOf": [LOGIN, False]}, LOGGED),
    "any of": ({"anyOf": [PASSWORD, {"type": "null"}]}, CANARY),
    "any of objects": ({"anyOf": [LOGIN, of(token={"type": "string", "writeOnly": True})]}, {"token": CANARY}),
    "any of numbers": ({"anyOf": [{"type": "number"}, {"type": "integer", "writeOnly": True}]}, NUMBER),
    "one of titled constants": (
        {"oneOf": [{"const": CANARY, "title": "One", "writeOnly": True}, {"const": "b", "title": "Two"}]},
        CANARY,
    ),
    "one of, told by a tag": (
        {
            "oneOf": [
                of(kind={"const": "basic"}, password=PASSWORD) | {"required": ["kind"]},
                of(kind={"const": "none"}) | {"required": ["kind"]},
            ]
        },
        {"kind": "basic", "password": CANARY},
    ),
    "one of, beside members": (
        of(user={}) | {"oneOf": [{"required": ["a"]}, LOGIN | {"required": ["password"]}]},
        LOGGED,
    ),
    "several types": (LOGIN | {"type": ["object", "null"]}, LOGGED),
    "then": (of(user={}) | {"if": {"required": ["user"]}, "then": of(password=PASSWORD)}, LOGGED),
    "else": (of(user={}) | {"if": {"required": ["x"]}, "else": of(password=PASSWORD)}, LOGGED),
    "then, of a member that is there": (LOGIN | of(password={}) | {"if": {}, "then": LOGIN}, LOGGED),
    "then, of the value": ({"type": "string", "if": {"minLength": 3}, "then": {"writeOnly": True}}, CANARY),
    "if": (of(user={}) | {"if": of(password=PASSWORD), "then": {}}, LOGGED),
    "then, below then": (of(user={}) | {"if": {}, "then": {"if": {}, "then": of(password=PASSWORD)}}, LOGGED),
    "a dependent schema": (of(user={}) | {"dependentSchemas": {"user": of(password=PASSWORD)}}, LOGGED),
    "a dependency": (of(user={}) | {"dependencies": {"user": {"$ref": "#/$defs/L"}}, "$defs": {"L": LOGIN}}, LOGGED),
    "not": ({"type": "object", "not": LOGIN}, LOGGED),
    "the content of a text": (
        {"type": "string", "contentMediaType": "application/json", "contentSchema": LOGIN},
        json.dumps(LOGGED),
    ),
    "the content of a member": (of(body={"type": "string", "contentSchema": PASSWORD}), {"body": CANARY}),
    "a keyword that nobody knows": ({"type": "object", "x-fields": {"password": PASSWORD}}, LOGGED),
    "beside 6,000 other members": (
        of(**{f"m{n}": {"type": "string"} for n in range(6000)}, password=PASSWORD),
        {"password": CANARY},
    ),
    "among 6,000 items": ({"type": "array", "items": LOGIN}, [*[{"user": "x"}] * 6000, LOGGED]),
    "below 45 levels": below(45),
    "below 70 levels": below(70),
    "beside a megabyte of choices": (
        of(
            word={"enum": [f"{n:0200}" for n in range(4900)]},
            again={"enum": [f"{n:0200}" for n in range(90)]},
            **LOGIN["properties"],
        ),
        LOGGED,
    ),
    "beside a member called $ref": (
        of(**{"$ref": {"type": "string"}}) | {"additionalProperties": PASSWORD},
        {"$ref": "x", "p": CANARY},
    ),
    "what leads to itself twice, 40 times": doubled(),
}


NAMED = ("constant", "choice", "unique items")
"""Words in the names of shapes whose question has the values."""


def leaks(text):
    return CANARY in text or str(NUMBER) in text


def kept_by_the_card(schema, value, monkeypatch):
    """Answer in a page; return the question, everything that is kept, the widget's state, and the node's values."""
    got = []

    def node(_state: Any) -> Any:
        got.append(graphs.interrupt("Sign in", response_schema=schema))
        return {"some_text": "done"}

    card = Card(graphs.compile_node(node))

    def lines(key, value):
        return snippets(SnippetResume("http://x", "a", "t", {"resume": {key: value}}))

    monkeypatch.setattr(card.review._screen.page._engine, "snippets", lines)
    (question,) = card.view["questions"]
    draft = json.dumps(value)
    kept: list[Any] = [card.receive(kind="snippets_request", id=question["id"], draft=draft)]
    kept.append(card.receive(kind="check", id=question["id"], draft=draft))
    reply = card.answer(draft)
    if reply["kind"] == "refused":  # the page has no control for this value; code may send the value
        kept.append(reply)
        with suppress(InvalidAnswer):
            card.review.answer(value)
        return question, kept, card.widget.get_state(), got
    assert card.review.result == {"some_text": "done"}
    answers = card.review.answers
    turn = {**card.view["turns"][0], "field": None}  # part of the question
    kept += [reply, turn, card.view["phase"], str(card.review), repr(answers), answers.as_code()]
    kept += [repr(answers.turns), card.receive(kind="code_request"), progress_of(card.review)]
    assert reply["record"] is None
    assert card.view["turns"][0]["record"] == {"kind": "not_recorded", "reason": "it holds a secret"}
    return question, kept, card.widget.get_state(), got


@pytest.mark.parametrize("shape", SHAPES)
def test_password_of_any_shape_reaches_the_node_and_nothing_that_is_shown_or_kept(shape, monkeypatch):
    schema, value = SHAPES[shape]
    question, kept, state, got = kept_by_the_card(schema, value, monkeypatch)
    assert got in ([value], []), "a value that fits reaches the node unchanged"
    kept = [each for each in kept if each is not None]
    assert not [each for each in kept if leaks(str(each)) and each is not question]
    if not any(word in shape for word in NAMED):
        assert not leaks(json.dumps(question))
        assert not leaks(str(state))


@pytest.mark.parametrize("shape", [name for name in SHAPES if not any(word in name for word in NAMED)])
def test_password_of_any_shape_is_in_no_message_about_an_answer_that_does_not_fit(shape):
    schema, value = SHAPES[shape]
    made = SchemaForm("?", schema)
    for wrong in (value, [value], {"password": [CANARY]}, {"password": {"x": CANARY}}, CANARY, NUMBER, [[CANARY]]):
        for refuse in (lambda wrong: made.value(json.dumps(wrong)), made.fit):
            with suppress(InvalidAnswer):
                refuse(wrong)
                continue
            with pytest.raises(InvalidAnswer) as caught:
                refuse(wrong)
            assert not leaks(
                f"{caught.value!r} {json.dumps(caught.value.flaws)} {''.join(map(str, caught.value.args))}"
            )


@pytest.mark.parametrize("shape", SHAPES)
def test_password_of_any_shape_is_blotted_out_of_an_answer_to_an_elicitation(shape):
    schema, value = SHAPES[shape]
    if not isinstance(schema, dict):
        return
    made = form({"message": "Sign in", "requestedSchema": schema})
    answer = {"action": "accept", "content": value}
    assert not leaks(made.show(answer) + repr(made.without_secrets(answer)) + str(made.draft(answer)))


PAGE = """
import { readFileSync } from "node:fs";
import { build } from "esbuild";
const { outputFiles } = await build({
  entryPoints: ["src/secrets.ts"], write: false, bundle: true, format: "esm",
});
const code = Buffer.from(outputFiles[0].contents).toString("base64");
const { Secrets } = await import(`data:text/javascript;base64,${code}`);
const kept = JSON.parse(readFileSync(0, "utf8")).map(([field, draft]) =>
  new Secrets().without({ id: "i", field }, draft),
);
process.stdout.write(JSON.stringify(kept));
"""


def drafts_kept(fields):
    """Return the kept part of each draft; ``fields`` are pairs of a field and a draft."""
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", PAGE],
        cwd=ROOT / "js",
        input=json.dumps(fields),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.needs("node", "js_packages")
def test_password_of_any_shape_is_in_no_draft_that_a_page_keeps():
    """The draft of the form, and the draft of a form that is edited as JSON."""
    shapes = {name: each for name, each in SHAPES.items() if name != "among 6,000 items"}
    fields = [[SchemaForm("?", schema).field, json.dumps(value)] for schema, value in shapes.values()]
    kept = dict(zip(shapes, drafts_kept(fields), strict=True))
    asked = [name for name in shapes if "constant" in name and "titled" not in name]  # the question has the value
    assert [name for name, draft in kept.items() if draft is not None and leaks(draft)] == asked
    assert kept["a member"] is not None
    assert "ann" in kept["a member"], "other members are kept"


PUBLIC: dict[str, tuple[Any, Any]] = {
    "an object": (of(user={"type": "string"}), {"user": "ann"}),
    "anything": ({}, LOGGED),
    "a definition that is not used": (of(user={}) | {"$defs": {"Login": LOGIN}}, {"user": "ann"}),
    "a member called format": (of(format={"type": "string"}, writeOnly={"type": "string"}), {"format": "password"}),
    "not write only": (of(user={"type": "string", "writeOnly": False}), {"user": "ann"}),
    "the other member": (LOGIN, {"user": "ann"}),
    "a password that is empty": (LOGIN, {"user": "ann", "password": ""}),
    "no object, where only an object has one": ({"anyOf": [LOGIN, {"type": "string"}]}, "ann"),
}


@pytest.mark.parametrize("shape", PUBLIC)
def test_answer_without_a_secret_is_kept_whole(shape):
    schema, value = PUBLIC[shape]
    made = SchemaForm("?", schema)
    assert made.without_secrets(value) is value
    assert made.draft(value) is not None


def test_other_members_beside_a_password_are_shown():
    assert SchemaForm("?", LOGIN).without_secrets(LOGGED) == {"user": "ann", "password": nbhitl.forms.secrets.BLOTTED}


OTHERS = ({"type": "null"}, {"type": "integer"}, of(q={"type": "string"}), {"type": "boolean"})

AROUND: dict[str, Any] = {
    "properties": lambda s, v, _: (of(user={"type": "string"}, p=s), {"user": "x", "p": v}),
    "patternProperties": lambda s, v, chance: (
        {"type": "object", "patternProperties": {chance.choice(["^z", "^z$"]): s}},
        {"z": v},
    ),
    "additionalProperties": lambda s, v, _: ({"type": "object", "additionalProperties": s}, {"z": v}),
    "unevaluatedProperties": lambda s, v, _: ({"type": "object", "unevaluatedProperties": s}, {"z": v}),
    "propertyNames": lambda s, v, _: (
        {"type": "object", "propertyNames": PASSWORD, "additionalProperties": s},
        {CANARY: v},
    ),
    "items": lambda s, v, _: ({"type": "array", "items": s}, [v]),
    "contains": lambda s, v, _: ({"type": "array", "contains": s}, [v]),
    "prefixItems": lambda s, v, _: ({"type": "array", "prefixItems": [{"type": "string"}, s]}, ["a", v]),
    "allOf": lambda s, v, chance: ({"allOf": [chance.choice([{}, {"title": "x"}, {"minLength": 0}]), s]}, v),
    "anyOf": lambda s, v, chance: ({"anyOf": [s, chance.choice(OTHERS)]}, v),
    "oneOf": lambda s, v, chance: ({"oneOf": [s, chance.choice(OTHERS)]}, v),
    "then": lambda s, v, chance: ({"if": {}, "then": s} | chance.choice([{}, of(user={})]), v),
    "else": lambda s, v, _: ({"if": False, "else": s}, v),
    "dependentSchemas": lambda s, v, _: (of(user={}) | {"dependentSchemas": {"user": s}}, v),
    "contentSchema": lambda s, v, _: ({"type": "string", "contentSchema": s}, json.dumps(v)),
    "type": lambda s, v, chance: (
        {"type": ["object", "array", "string"], "properties": {"p": s}, "items": s},
        chance.choice([{"p": v}, [v]]),
    ),
    "not": lambda s, v, _: ({"not": s}, v),
    "x-unknown": lambda s, v, _: ({"x-unknown": s}, v),
}
"""By keyword: a schema with an inner schema under the keyword, and a value that fits."""


@pytest.mark.needs("node", "js_packages")
def test_password_under_nested_keywords_is_neither_shown_nor_kept_in_a_draft():
    chance = random.Random(7)  # noqa: S311 - the same shapes each time
    named = [PASSWORD, {"writeOnly": True}, {"$ref": "#/$defs/P"}, {"$ref": "#/$defs/none"}]
    shapes = []
    for _ in range(2_000):
        schema, value = chance.choice(named), CANARY
        for _ in range(chance.randint(1, 5)):
            schema, value = AROUND[chance.choice(list(AROUND))](schema, value, chance)
        shapes.append((schema | {"$defs": {"P": PASSWORD}}, value))
    forms = [SchemaForm("?", schema) for schema, _ in shapes]
    for made, (schema, value) in zip(forms, shapes, strict=True):
        assert not leaks(str(made.without_secrets(value))), schema
    drafts = drafts_kept([[made.field, json.dumps(value)] for made, (_, value) in zip(forms, shapes, strict=True)])
    assert [schema for (schema, _), draft in zip(shapes, drafts, strict=True) if draft and leaks(draft)] == []
