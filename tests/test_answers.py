import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nbhitl import approve, edit, reject, respond
from nbhitl.answers import Answer, ByNode, Record, Script
from nbhitl.answers.file import answers_file
from nbhitl.errors import BadAnswersFile, BadRecord
from nbhitl.forms import form_for
from nbhitl.output import Where, record_to_write
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
    return record_to_write(asked, form_for(asked.interrupt), Where("execution"))["entry"]


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
    assert "1 more than was asked: 'b'" in str(script.left_over())


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


# --- by node ----------------------------------------------------------------------------------


def taken(answers, node):
    answer = answers.take(ask(node=node), 0)
    assert answer is not None
    return answer.value


def test_answers_by_node_are_a_list_in_order_or_one_for_each_question():
    answers = ByNode({"name": "Ann", "age": [-1, 30]})
    assert [taken(answers, "age") for _ in range(2)] == [-1, 30]
    assert [taken(answers, "outer/name") for _ in range(2)] == ["Ann", "Ann"]
    assert answers.take(ask(node="age"), 2) is None
    assert "has only 2 answers for it" in str(answers.why_none(ask(node="age"), 2))
    assert "it has some for: 'name', 'age'" in str(answers.why_none(ask(node="other"), 0))
    assert answers.left_over() is None


def test_answers_by_node_tell_what_is_left_over():
    answers = ByNode({"name": "Ann", "age": [-1, 30]})
    answers.take(ask(node="age"), 0)
    assert "2 more than was asked: 'Ann' for node 'name', 30 for node 'age'" in str(answers.left_over())


# --- what is set aside ------------------------------------------------------------------------

IDS = st.uuids().map(str)


def call(number, tool_call_id):
    message = {"type": "ai", "content": "shall I?", "id": tool_call_id, "tool_calls": [{"id": tool_call_id}]}
    request = {"name": "pay", "args": {"amount": number, "id": "invoice-7"}, "id": tool_call_id}
    return {"tool_call_id": tool_call_id, "messages": [message], "request": request, "created_at": tool_call_id}


@given(first=IDS, second=IDS, number=st.integers())
def test_ids_and_times_of_a_run_are_not_what_a_question_is_known_by(first, second, number):
    before, after = call(number, first), call(number, second)
    before["messages"][0]["tool_calls"] = after["messages"][0]["tool_calls"] = []
    pool = [entry(ask(before), "yes")]
    assert Record(pool, "seed.ipynb").take(ask(after), 0) is not None


@given(number=st.integers(), other=st.integers())
def test_everything_else_of_a_payload_is(number, other):
    assume(number != other)
    pool = [entry(ask(call(number, "a")), "yes")]
    assert Record(pool, "seed.ipynb").take(ask(call(other, "a")), 0) is None
    assert Record(pool, "seed.ipynb").take(ask({"id": other}), 0) is None


def test_record_of_a_key_is_for_reviews_of_that_key():
    asked = Asked(ask(), 0, 0, answer=Answer("id-1", "yes", "person"))
    keyed = record_to_write(asked, form_for(ask()), Where("execution", key="q3"))["entry"]
    assert Record([keyed], "seed.ipynb", "").take(ask(), 0) is None
    assert Record([keyed], "seed.ipynb", "q3").take(ask(), 0) is not None


# --- from a file ------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path):
    def file(text, name="answers.yaml"):
        path = tmp_path / name
        path.write_text(text)
        return answers_file(path)

    answers_file.cache_clear()
    return file


def test_file_has_answers_by_node_and_by_key_with_decisions_as_tags(file):
    answers = file(
        """
        ask: Edited text
        pay: [!approve , !reject "too much", !edit {amount: 5}, !respond "Paid already", !reject ]
        $reviews:
          q3-report: {ask: [1, 2.50]}
        """
    )
    assert answers[""].take(ask(), 0).value == "Edited text"
    decided = [answers[""].take(ask(node="pay"), n).value for n in range(5)]
    assert decided == [approve(), reject("too much"), edit(amount=5), respond("Paid already"), reject()]
    assert [answers["q3-report"].take(ask(), n).value for n in range(2)] == [1, 2.5]


def test_json_file_has_decisions_as_json(file):
    answers = file('{"pay": [{"$decision": "edit", "args": {"amount": 5}}]}', "answers.json")
    assert answers[""].take(ask(node="pay"), 0).value == edit(amount=5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "answers.yaml is empty; it maps nodes to answers"),
        ("- a", "answers.yaml is a list"),
        ("a: !aprove", '!aprove is no decision; there are !approve, !edit, !reject, !respond\n  in "answers.yaml"'),
        ("{a: !approve}", 'in "answers.yaml", line 1, column 5'),
        ("1: a", "1 is no name of a node"),
        ("a: [", "cannot be read as YAML"),
        ("a: 1\na: 2", "'a' stands there twice"),
        ("? [a, b]\n: 1", "a key is a list or a mapping"),
        ("a: !edit {amount: 1, amount: 2}", "'amount' stands there twice"),
        ("a: [ok, 2026-11-01]", "answers.yaml, node 'a': Object of type date is not JSON serializable"),
        ("$reviews: {q3: {a: {due: 2026-11-01}}}", "answers.yaml: $reviews.q3, node 'a': Object of type date"),
        ("a: !edit 5", "!edit takes the changed arguments"),
        ("a: !respond", "!respond takes a text"),
        ("a: !approve yes", "!approve takes nothing"),
        ("a: !forgive", "!forgive"),
        ("a: {$decision: forgive}", "is no decision"),
        ("$reviews: 3", "$reviews maps the key= of reviews"),
        ("$reviews: {q3: 5}", "answers.yaml: $reviews.q3 is a int"),
        ("a: !!python/object:os.system {}", "cannot be read"),
    ],
)
def test_file_that_is_not_of_the_form_is_refused_with_the_place(file, text, said):
    with pytest.raises(BadAnswersFile) as caught:
        file(text)
    assert said in str(caught.value)


def test_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadAnswersFile, match=r"There is no file .*gone\.yaml"):
        answers_file(tmp_path / "gone.yaml")
