"""`ignore=`: parts of payloads that users set aside when answers are looked up."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nbhitl
from nbhitl.answers import Answer, Record, reading_of
from nbhitl.core.questions import Asked
from nbhitl.errors import UsageError
from nbhitl.forms import Forms
from nbhitl.jsontext import plain
from nbhitl.recording.outputs import Where
from nbhitl.runs.run import Interrupt
from tests import graphs
from tests.graphs import SEED_INPUT
from tests.outputs import record_output, record_to_write
from tests.test_page import Card

KEYS = st.sampled_from("abc")
PAYLOADS = st.recursive(
    st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.just("args"), inner, max_size=3),
    max_leaves=12,
)


def asks(payload, *ignore):
    return Interrupt("id", "ask", payload, ignore=ignore)


def entry(interrupt):
    asked = Asked(interrupt, 0, 0, answer=Answer(interrupt.id, "yes", "person"))
    return record_to_write(asked, Forms(), Where("execution"))["entry"]


def is_found(recorded, now):
    return Record([entry(recorded)], "seed.ipynb").take(now, 0) is not None


ORDER = {"question": "Ship it?", "order": {"number": 7, "asked_at": "10:00"}, "asked_at": "10:00"}
LATER = {"question": "Ship it?", "order": {"number": 7, "asked_at": "11:30"}, "asked_at": "11:30"}


@pytest.mark.parametrize(
    ("ignore", "is_same"),
    [
        ([], False),
        (["asked_at"], True),
        (["order.asked_at"], False),
        (["order.asked_at", "asked_at"], True),
        (["order"], False),
        (["order", "asked_at"], True),
        (["asked"], False),
        (["number"], False),
    ],
    ids=str,
)
def test_key_is_set_aside_everywhere_and_a_place_only_there(ignore, is_same):
    assert is_found(asks(ORDER, *ignore), asks(LATER, *ignore)) == is_same
    other = {**LATER, "order": {"number": 8}}
    assert is_found(asks(ORDER, *ignore), asks(other, *ignore)) == (is_same and "order" in ignore)


CALLS: Any = {
    "action_requests": [
        {"name": "pay", "args": {"amount": 5, "request_id": "1"}},
        {"name": "log", "args": {"request_id": "1"}},
    ],
    "review_configs": [],
}


def other_calls(**args):
    first, second = CALLS["action_requests"]
    return {**CALLS, "action_requests": [{**first, "args": {**first["args"], **args}}, second]}


@pytest.mark.parametrize("ignore", ["request_id", "args.request_id", "action_requests.request_id"])
def test_argument_of_a_tool_is_not_set_aside_by_a_key_alone(ignore):
    assert not is_found(asks(CALLS, ignore), asks(other_calls(request_id="2"), ignore))


def test_argument_of_a_tool_is_set_aside_by_its_whole_place():
    place = "action_requests.args.request_id"
    assert is_found(asks(CALLS, place), asks(other_calls(request_id="2"), place))
    assert not is_found(asks(CALLS, place), asks(other_calls(amount=6), place))
    action = {"action": "pay", "amount": 5, "at": "10:00", "message": "Pay?"}
    assert not is_found(asks(action, "at"), asks({**action, "at": "11:00"}, "at"))


@pytest.mark.parametrize("key", ["args", "name", "action_requests"])
def test_tool_and_its_arguments_are_not_set_aside_by_a_key_alone(key):
    """An approval of ``pay(amount=5)`` approves neither another tool nor another amount."""
    first, second = CALLS["action_requests"]
    otherwise = {
        "args": other_calls(amount=6),
        "name": {**CALLS, "action_requests": [{**first, "name": "rob"}, second]},
    }
    changed = otherwise.get(key, other_calls(amount=6))
    assert not is_found(asks(CALLS, key), asks(changed, key))


def test_arguments_are_set_aside_as_a_whole_by_their_place():
    place = "action_requests.args"
    assert is_found(asks(CALLS, place), asks(other_calls(amount=6), place))


@pytest.mark.parametrize("tool", ["tool", "tool_name"])
@pytest.mark.parametrize("holder", ["input", "params", "data"])
def test_mapping_beside_a_tools_name_holds_its_arguments(tool, holder):
    def call(at):
        return {tool: "pay", holder: {"at": at, "amount": 5}, "at": at}

    assert not is_found(asks(call(1), "at"), asks(call(2), "at"))
    assert is_found(asks(call(1), "at", f"{holder}.at"), asks(call(2), "at", f"{holder}.at"))


def test_name_that_is_no_tool_is_set_aside_by_its_key():
    asked = {"question": "Ship it?", "customer": {"name": "Ann", "data": {"name": "Ann"}}}
    other = {"question": "Ship it?", "customer": {"name": "Lee", "data": {"name": "Lee"}}}
    assert is_found(asks(asked, "name"), asks(other, "name"))


def test_words_of_an_action_to_the_person_are_set_aside_by_their_key():
    action = {"action": "pay", "amount": 5, "message": "It is 10:00. Pay?"}
    assert is_found(asks(action, "message"), asks({**action, "message": "It is 11:00. Pay?"}, "message"))


@given(payload=PAYLOADS, key=KEYS, value=st.integers())
def test_only_named_parts_are_set_aside(payload, key, value):
    """A payload is the same after every value of the key has changed, unless the key is in a tool call."""

    def holds_call(one):
        inside = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        return (isinstance(one, dict) and "args" in one) or any(map(holds_call, inside))

    def changed(one, *, in_call=False):
        if isinstance(one, list):
            return [changed(each, in_call=in_call) for each in one]
        if not isinstance(one, dict):
            return one
        return {
            name: value
            if name == key and not in_call and not holds_call(each)
            else changed(each, in_call=in_call or name == "args")
            for name, each in one.items()
        }

    interrupt = asks(payload, key)
    assert plain(payload, pairs=reading_of(interrupt)) == plain(changed(payload), pairs=reading_of(interrupt))
    assert plain(payload, pairs=reading_of(asks(payload))) == payload


@given(payload=PAYLOADS, key=KEYS)
def test_record_made_before_a_key_was_set_aside_is_found(payload, key):
    assert is_found(asks(payload), asks(payload, key))


def test_difference_shows_the_parts_that_count_and_the_way_to_set_others_aside():
    record = Record([entry(asks(ORDER))], "seed.ipynb")
    changed = {**LATER, "question": "Send it?"}
    why = str(record.why_none(asks(changed, "asked_at"), 0))
    assert "11:30" not in why
    assert "10:00" not in why
    assert '+  "question": "Send it?"' in why
    assert "ignore=[...]" in str(record.why_none(asks(LATER), 0))


def test_parts_set_aside_stand_neither_in_the_output_nor_in_the_transcript():
    interrupt = asks(ORDER, "asked_at")
    asked = Asked(interrupt, 0, 0, answer=Answer("id", "yes", "person"))
    told = record_output(asked.as_answered(), Forms())
    assert "10:00" not in told["text/plain"] + told["text/html"]
    clock = itertools.count()
    graph = graphs.compile_node(
        lambda _: {"some_text": graphs.interrupt({"text": "a", "at": f"o'clock {next(clock)}"})}
    )
    card = nbhitl.review(graph, SEED_INPUT, answers=["x"], ignore=["at"])
    assert card.result == {"some_text": "x"}
    assert "o'clock" not in str(card)


def test_person_sees_the_whole_payload_and_the_record_holds_the_parts_that_count():
    graph = graphs.compile_node(lambda _: {"some_text": graphs.interrupt({"text": "a", "at": "10:00"})})
    card = Card(graph, ignore=["at"])
    assert "10:00" in card.view["questions"][0]["payload"]
    reply = card.receive(kind="resume", id=card.view["questions"][0]["id"], revision=card.view["revision"], value='"x"')
    assert json.loads(reply["record"]["entry"]["payload"]) == {"text": "a", "at": "(set aside)"}


def test_state_at_a_stop_is_set_aside_by_its_place():
    def stopped(at, *ignore):
        graph = graphs.compile_node(lambda state: state)
        card = nbhitl.review(graph, {"some_text": at}, interrupt_before="*", ignore=ignore)
        (stop,) = card.interrupts
        return stop

    assert not is_found(stopped("10:00"), stopped("11:00"))
    assert is_found(stopped("10:00", "state.some_text"), stopped("11:00", "state.some_text"))


def test_next_turn_sets_aside_the_parts_of_the_turn_before_or_its_own():
    card = nbhitl.review(graphs.seed(), SEED_INPUT, answers=["x"], ignore=["at"])
    assert card.result
    assert card.send(SEED_INPUT).interrupts[0].ignore == ("at",)
    assert card.send(SEED_INPUT, ignore=["by"]).interrupts[0].ignore == ("by",)


@pytest.mark.parametrize("ignore", ["asked_at", [""], ["a..b"], [1], 5, {"a": 1}])
def test_value_that_is_no_list_of_keys_is_refused_with_an_example(ignore):
    with pytest.raises(UsageError, match=r"ignore= takes a list of keys"):
        nbhitl.review(graphs.seed(), SEED_INPUT, ignore=ignore)
