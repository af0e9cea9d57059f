"""A value from the page reaches the node unchanged where the value fits the schema, else not at all."""

import json

import jsonschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nbhitl
from nbhitl.forms.fallback import is_same
from tests.forms.corpus.instances import instances
from tests.forms.test_schema_properties import ALL_SCHEMAS, SCHEMAS, VALUES
from tests.test_page import Card


def asking(schema, got):
    """Return the card of a graph that asks with this schema; the node appends the answer to ``got``."""

    def flow(_input):
        got.append((yield "Fill it in"))
        return "done"

    return Card(nbhitl.scripted(flow), None, forms={"flow": schema})


@given(st.data())
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
def test_node_gets_valid_values_unchanged_and_no_invalid_value(data):
    easy = data.draw(SCHEMAS)
    schema = data.draw(st.one_of(st.just(easy), ALL_SCHEMAS))
    value = data.draw(st.one_of(instances(easy), VALUES))
    got: list[object] = []
    card = asking(schema, got)
    reply = card.answer(json.dumps(value))
    if jsonschema.Draft202012Validator(schema).is_valid(value):
        assert reply["kind"] == "accepted"
        assert card.review.result == "done"
        assert len(got) == 1
        assert is_same(got[0], value)
    else:
        assert reply["kind"] == "refused"
        assert reply["flaws"]
        assert got == []
        assert card.review.interrupts
        card.review.abandon()
