import json
import uuid
from dataclasses import replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.types import Interrupt as Interrupted

from nbhitl import approve, edit, reject, respond
from nbhitl.answers import Answer, ByNode, Record, Script
from nbhitl.answers.answers_file import answers_file
from nbhitl.core.questions import Asked
from nbhitl.errors import BadAnswersFile, BadRecord
from nbhitl.forms import Forms
from nbhitl.recording.outputs import Where
from nbhitl.runs.run import Interrupt
from tests.outputs import record_to_write

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=10,
)


def ask(payload="Name?", node="ask", key="id-1"):
    return Interrupt(key, node, payload)


def entry(interrupt, value, ordinal=0):
    asked = Asked(interrupt, ordinal, 0, answer=Answer(interrupt.id, value, "person"))
    return record_to_write(asked, Forms(), Where("execution"))["entry"]


def test_script_gives_its_values_in_order():
    script = Script(["a", None])
    taken = [script.take(ask(), number) for number in range(3)]
    assert [answer and answer.value for answer in taken] == ["a", None, None]
    assert taken[1] is not None
    assert taken[2] is None


def test_used_up_list_names_the_surplus_question():
    script = Script([])
    assert "0 answers, and node 'ask' asks once more: \"Name?\"" in str(script.why_none(ask(), 0))


def test_list_names_the_left_over_answers():
    script = Script(["a", "b"])
    script.take(ask(), 0)
    assert "1 unused answer: answer 2 (a string)" in str(script.left_over())


@given(payload=JSON, value=JSON)
@example(payload={"": "Go on then"}, value=None)  # a sentence under an empty key
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


def test_answers_by_node_name_the_left_over_answers():
    answers = ByNode({"name": "Ann", "age": [-1, 30]})
    answers.take(ask(node="age"), 0)
    assert "2 unused answers: answer 1 for node 'name' (a string), answer 2 for node 'age' (a number)" in str(
        answers.left_over()
    )


# --- ids that are set aside -------------------------------------------------------------------

IDS = st.uuids().map(str)


def is_found(recorded, asks, *, ignore=()):
    pool = [entry(ask(recorded), "yes")]
    return Record(pool, "seed.ipynb").take(replace(ask(asks), ignore=ignore), 0) is not None


def call(number, tool_call_id):
    message = {"type": "ai", "content": "shall I?", "id": tool_call_id, "tool_calls": []}
    request = {"name": "pay", "args": {"amount": number, "id": "invoice-7"}, "id": tool_call_id}
    return {"messages": [message], "request": request}


@given(first=IDS, second=IDS, number=st.integers())
def test_ids_that_langchain_makes_do_not_identify_a_question(first, second, number):
    assert is_found(call(number, first), call(number, second))


@given(number=st.integers(), other=st.integers())
def test_everything_else_of_a_payload_is(number, other):
    assume(number != other)
    assert not is_found(call(number, "a"), call(other, "a"))
    assert not is_found(call(number, "a"), {"id": other})


def ai(call_id, message_id, args):
    calls = [{"name": "pay", "args": args, "id": call_id}]
    return AIMessage("Shall I?", id=message_id, tool_calls=calls, response_metadata={"id": message_id})


LANGCHAINS_OWN = {
    "a message": lambda made: HumanMessage("Pay", id=made),
    "a message with a tool call": lambda made: ai(made, made, {"amount": 5}),
    "a message of a server": lambda made: ai(made, made, {"amount": 5}).model_dump(mode="json"),
    "the result of a tool": lambda made: {"question": "Right?", "last": ToolMessage("42", tool_call_id=made, id=made)},
    "a tool call": lambda made: {"call": {"name": "pay", "args": {"amount": 5}, "id": made, "type": "tool_call"}},
    "one call": lambda made: {"type": "tool_approval", "tool_call_id": made, "name": "pay", "args": {"amount": 5}},
    "ask_user": lambda made: {"type": "ask_user", "tool_call_id": made, "questions": [{"question": "Name?"}]},
    "a call of OpenAI's": lambda made: {
        "calls": [{"id": made, "type": "function", "function": {"name": "pay", "arguments": '{"amount": 5}'}}]
    },
    "a block of Anthropic's": lambda made: {"type": "tool_use", "id": made, "name": "pay", "input": {"amount": 5}},
    "a call that the provider runs": lambda made: AIMessage(
        [
            {"type": "server_tool_call", "id": f"srvtoolu_{made}", "name": "search", "args": {"query": "cats"}},
            {"type": "server_tool_result", "tool_call_id": f"srvtoolu_{made}", "status": "success", "output": "3"},
        ]
    ),
    "an interrupt": lambda made: Interrupted("Sure?", id=uuid.UUID(made).hex),
}


@pytest.mark.parametrize("payload", LANGCHAINS_OWN.values(), ids=LANGCHAINS_OWN)
@given(first=IDS, second=IDS)
def test_id_in_a_shape_of_langchains_own_is_set_aside(payload, first, second):
    assert is_found(payload(first), payload(second))


CALLED_WITH = {
    "batched": lambda args: {
        "action_requests": [{"name": "delete_email", "args": args, "description": "Delete?"}],
        "review_configs": [{"action_name": "delete_email", "allowed_decisions": ["approve"]}],
    },
    "per call": lambda args: {"type": "tool_approval", "tool_call_id": "1", "name": "delete_email", "args": args},
    "Agent Inbox": lambda args: {"action_request": {"action": "delete_email", "args": args}, "config": {}},
    "action": lambda args: {"action": "delete_email", **args, "message": "Delete?"},
    "message": lambda args: {"messages": [ai("call_1", "1", args)]},
    "OpenAI": lambda args: {
        "calls": [{"id": "call_1", "type": "function", "function": {"name": "delete_email", "arguments": args}}]
    },
    "Anthropic": lambda args: {"type": "tool_use", "id": "toolu_1", "name": "delete_email", "input": args},
    "tool call": lambda args: {"name": "delete_email", "args": args, "id": "call_1", "type": "tool_call"},
    "somebody's own": lambda args: {"question": "Delete?", **args},
}

SEEMS_VOLATILE = (
    *("id", "tool_call_id", "message_id", "run_id", "thread_id", "checkpoint_id", "interrupt_id", "trace_id"),
    *("created_at", "updated_at", "started_at", "sent_at", "asked_at", "timestamp", "response_metadata"),
)


@pytest.mark.parametrize("payload", CALLED_WITH.values(), ids=CALLED_WITH)
@given(key=st.sampled_from(SEEMS_VOLATILE), first=IDS, second=IDS)
def test_approval_of_one_tool_call_is_not_given_to_another(payload, key, first, second):
    assume(first != second)
    assert not is_found(payload({key: first}), payload({key: second}))
    within = {"filter": [{"type": "human", "content": "x", "id": first}]}
    other = {"filter": [{"type": "human", "content": "x", "id": second}]}
    if payload is not CALLED_WITH["somebody's own"]:
        assert not is_found(payload(within), payload(other))


def test_arguments_of_a_tool_stand_unchanged_in_record_and_output():
    for make in CALLED_WITH.values():
        asked = Asked(ask(make({"message_id": "newsletter-17"})), 0, 0, answer=Answer("id-1", "yes", "person"))
        record = record_to_write(asked, Forms(), Where("execution"))
        assert record["output"] is not None
        assert "newsletter-17" in record["entry"]["payload"]
        assert "newsletter-17" in record["output"]["text/plain"]


def test_id_of_a_user_s_record_distinguishes_the_question():
    for record in (
        {"role": "user", "content": "x"},
        {"type": "note", "content": "x"},
        {"name": "delete", "args": {}},
        {"value": 5},
    ):
        assert not is_found({**record, "id": "ann"}, {**record, "id": "bob"})


@given(first=IDS, second=IDS)
def test_record_of_a_user_with_a_uuid_in_a_key_that_langgraph_has_too_is_told_apart(first, second):
    """An order with an amount is no interrupt, and a function to be deployed no call of a tool."""
    assume(first != second)
    for record in (
        {"value": 100},
        {"value": "Refund?", "currency": "EUR"},
        {"type": "function", "function": {"name": "billing", "region": "eu"}},
        {"type": "function", "function": {"arguments": []}},
    ):
        orders = [{"question": "Go on?", "of": [{**record, "id": uuid.UUID(each).hex}]} for each in (first, second)]
        assert not is_found(*orders)


def test_record_of_a_key_is_for_reviews_of_that_key():
    asked = Asked(ask(), 0, 0, answer=Answer("id-1", "yes", "person"))
    keyed = record_to_write(asked, Forms(), Where("execution", key="q3"))["entry"]
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


def test_file_says_for_which_reviews_a_step_may_run_again(file):
    for_all = file("ask: a\n$may_run_again: true\n$reviews: {q3: {ask: b}}", "all.yaml")
    assert (for_all[""].may_run_again, for_all["q3"].may_run_again) == (True, False)
    for_one = file("ask: a\n$reviews: {q3: {ask: b, $may_run_again: true}}", "one.yaml")
    assert (for_one[""].may_run_again, for_one["q3"].may_run_again) == (False, True)
    assert for_one["q3"].take(ask(), 0).value == "b"
    assert "1 unused answer: answer 1 for node 'ask'" in str(for_all[""].left_over())


def test_json_file_has_decisions_as_json(file):
    answers = file('{"pay": [{"$decision": "edit", "args": {"amount": 5}}]}', "answers.json")
    assert answers[""].take(ask(node="pay"), 0).value == edit(amount=5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "answers.yaml is empty; it maps nodes to answers"),
        ("- a", "answers.yaml is a list"),
        (
            "a: !aprove",
            '!aprove is not a decision; the decisions are !approve, !edit, !reject, !respond, in "answers.yaml"',
        ),
        ("{a: !approve}", 'in "answers.yaml", line 1, column 13'),
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
        ("a: {$decision: forgive}", "is not a decision"),
        ("a: 1\n$may_run_again: yes please", "answers.yaml: $may_run_again is true or false, and is a string"),
        ("$reviews: {q3: {$may_run_again: 1}}", "answers.yaml: $reviews.q3: $may_run_again is true or false"),
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
