import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbhitl.answers import Answer, Record, Script
from nbhitl.errors import BadRecord
from nbhitl.forms import form_for
from nbhitl.output import record_to_write
from nbhitl.questions import Asked
from nbhitl.thread import Interrupt

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=10,
)


def ask(payload="Name?", node="ask", key="id-1"):
    return Interrupt(key, node, payload)


def entry(interrupt, value, ordinal=0):
    asked = Asked(interrupt, ordinal, 0, answer=Answer(interrupt.id, value, "person"))
    return record_to_write(asked, form_for(asked.interrupt), "execution")["entry"]


def test_script_gives_its_values_in_order():
    script = Script(["a", None])
    taken = [script.take(ask(), number) for number in range(3)]
    assert [answer and answer.value for answer in taken] == ["a", None, None]
    assert taken[1] is not None
    assert taken[2] is None


def test_script_that_is_used_up_says_which_question_is_one_too_many():
    script = Script([])
    assert "0 answers, and node 'ask' asks once more: \"Name?\"" in str(script.why_none(ask(), 0))


def test_script_tells_what_is_left_over():
    script = Script(["a", "b"])
    script.take(ask(), 0)
    assert script.left_over() == ["b"]


@given(payload=JSON, value=JSON)
def test_recorded_answer_is_found_by_node_ordinal_and_payload_and_comes_back_exactly(payload, value):
    pool = [entry(ask(payload), value)]
    on_disk = json.loads(json.dumps(pool))
    answer = Record(on_disk, "seed.ipynb").take(ask(payload, key="another id"), 0)
    assert answer is not None
    assert (answer.value, answer.id, answer.origin) == (value, "another id", "record")
    assert type(answer.value) is type(value)


@pytest.mark.parametrize(
    ("interrupt", "ordinal"),
    [(ask("Age?"), 0), (ask(node="other"), 0), (ask(), 1)],
    ids=["other payload", "other node", "other ordinal"],
)
def test_recorded_answer_to_another_question_is_not_given(interrupt, ordinal):
    assert Record([entry(ask(), "Ann")], "seed.ipynb").take(interrupt, ordinal) is None


def test_recorded_answer_is_given_once():
    record = Record([entry(ask(), "Ann"), entry(ask(), "Bob")], "seed.ipynb")
    taken = [record.take(ask(), 0) for _ in range(3)]
    assert [answer.value if answer else None for answer in taken] == ["Ann", "Bob", None]


def test_changed_payload_is_shown_as_a_difference():
    record = Record([entry(ask({"text": "old"}), "x")], "seed.ipynb")
    message = str(record.why_none(ask({"text": "new"}), 0))
    assert "another payload" in message
    assert '-  "text": "old"' in message
    assert '+  "text": "new"' in message


def test_recorded_answer_that_is_no_json_is_named():
    broken = entry(ask(), "x")
    broken["answer"] = "{"
    with pytest.raises(BadRecord, match="'ask' is no JSON"):
        Record([broken], "seed.ipynb").take(ask(), 0)


def test_record_that_is_used_up_says_that_the_notebook_has_no_answer_left():
    record = Record([entry(ask(), "Ann")], "seed.ipynb")
    record.take(ask(), 0)
    assert '"Name?": seed.ipynb has no recorded answer to that.' in str(record.why_none(ask(), 0))
