"""Stops of a served run, each compared with a run by the SDK alone."""

import pytest
from langgraph_sdk import get_sync_client

import nbhitl
from nbhitl.errors import AlreadyAnswered

pytestmark = pytest.mark.needs("langgraph_server")

LETTER = {"text": "Dear", "log": []}


@pytest.fixture
def client(fast_server):
    with get_sync_client(url=fast_server, api_key=None) as client:
        yield client


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "ledger"
    path.touch()
    return path


def told(messages):
    return [(each["type"], each["content"], each.get("status"), each.get("tool_call_id")) for each in messages]


def alone(client, assistant, value, update, **options):
    """Go on from the stop with the SDK alone."""
    thread_id = client.threads.create()["thread_id"]
    client.runs.wait(thread_id, assistant, input=value)
    state = client.threads.get_state(thread_id, subgraphs=True)
    client.threads.update_state(thread_id, update(state), **{name: get(state) for name, get in options.items()})
    return client.runs.wait(thread_id, assistant, input=None)


def test_tool_call_of_a_served_agent_is_shown_and_rejected(fast_server, client, ledger):
    value = {"messages": [{"role": "user", "content": str(ledger)}]}
    card = nbhitl.review(nbhitl.remote(fast_server, "clerk"), value)
    (stop,) = card.interrupts
    call = {"name": "transfer", "args": {"ledger": str(ledger), "to": "Ann"}}
    assert (stop.node, stop.value) == ("tools", {"stopped before": "tools", "tool calls": [call]})
    card.answer(nbhitl.reject("too much"))
    said = "User rejected the tool call for `transfer` with reason: too much"
    result = {"type": "tool", "content": said, "tool_call_id": "call_1", "name": "transfer", "status": "error"}
    expected = alone(client, "clerk", value, lambda _: {"messages": [result]}, as_node=lambda _: "tools")
    assert told(card.result["messages"]) == told(expected["messages"])
    assert card.result["messages"][-1]["content"] == f"heard: {said}"
    assert ledger.read_text() == ""


def test_tool_call_of_a_served_agent_is_edited_in_the_message(fast_server, ledger):
    value = {"messages": [{"role": "user", "content": str(ledger)}]}
    card = nbhitl.review(nbhitl.remote(fast_server, "clerk"), value)
    assert card.interrupts
    edited = {"name": "transfer", "args": {"ledger": str(ledger), "to": "Bob"}}
    card.answer({"messages": [{"$message": 1, "type": "ai", "content": "To Bob.", "tool_calls": [edited]}]})
    assert [each["content"] for each in card.result["messages"][1:]] == ["To Bob.", "sent to Bob", "heard: sent to Bob"]
    assert ledger.read_text() == "Bob\n"


def test_served_calls_side_by_side_are_decided_on_in_turn(fast_server, ledger):
    value = {"messages": [{"role": "user", "content": str(ledger)}]}
    card = nbhitl.review(nbhitl.remote(fast_server, "clerk_of_two"), value)
    assert len(card.interrupts[0].value["tool calls"]) == 2
    card.answer([nbhitl.reject("too much"), nbhitl.edit(to="Eve")])
    said = "User rejected the tool call for `transfer` with reason: too much"
    assert [each[1] for each in told(card.result["messages"][1:])] == [
        "I transfer.",
        said,
        "",
        "sent to Eve",
        "heard: sent to Eve",
    ]
    assert ledger.read_text() == "Eve\n"


def test_served_call_that_is_approved_runs_once(fast_server, ledger):
    value = {"messages": [{"role": "user", "content": str(ledger)}]}
    card = nbhitl.review(nbhitl.remote(fast_server, "clerk"), value, answers=[nbhitl.approve()])
    assert card.result["messages"][-1]["content"] == "heard: sent to Ann"
    assert ledger.read_text() == "Ann\n"


def test_edit_at_a_stop_in_a_served_subgraph_goes_to_that_state_and_nothing_runs_twice(fast_server, client):
    card = nbhitl.review(nbhitl.remote(fast_server, "office"), LETTER)
    (stop,) = card.interrupts
    assert stop.node == "sub/reply"
    card.answer({"text": "Edited"})
    expected = alone(
        *(client, "office", LETTER, lambda _: {"text": "Edited"}),
        checkpoint=lambda state: state["tasks"][0]["state"]["checkpoint"],
    )
    assert card.result == expected
    assert card.result == {"text": "Edited reply last", "log": ["first", "first", "draft", "reply", "last"]}


def test_stop_whose_state_another_client_has_changed_is_asked_anew(fast_server, client):
    card = nbhitl.review(nbhitl.remote(fast_server, "office"), LETTER)
    assert card.interrupts
    state = client.threads.get_state(card.thread_id, subgraphs=True)
    inner = state["tasks"][0]["state"]["checkpoint"]
    client.threads.update_state(card.thread_id, {"text": "Theirs"}, checkpoint=inner)
    try:
        card.answer(None)
        _ = card.result
    except AlreadyAnswered:  # or the card has looked before
        card.answer(None)
    (stop,) = [each.interrupt for each in card._core.state.answered][-1:]
    assert stop.value["state"]["text"] == "Theirs"
    assert card.result["text"] == "Theirs reply last"
