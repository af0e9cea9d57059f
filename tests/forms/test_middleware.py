"""LangChain's real ``HumanInTheLoopMiddleware``, in both modes."""

import json
from typing import Any

import pytest
from langchain.agents.middleware import HumanInTheLoopMiddleware

import nbhitl
from nbhitl.errors import InvalidAnswer
from nbhitl.forms.switched import JsonInstead
from tests.browser.asking import asks
from tests.forms.agents import Agent
from tests.forms.asking import decided, form

EMAIL = ("send_email", {"to": "ann@example.org", "copies": 1})
DELETE = ("delete_file", {"path": "/tmp/a"})  # noqa: S108 - never opened


@pytest.fixture
def done():
    return []


@pytest.fixture
def tools(done):
    def send_email(to: str, copies: int) -> str:
        """Send an email."""
        done.append(("send_email", to, copies))
        return "sent"

    def delete_file(path: str) -> str:
        """Delete a file."""
        done.append(("delete_file", path))
        return "deleted"

    return [send_email, delete_file]


@pytest.fixture
def agent(tools):
    gates: Any = {"send_email": True, "delete_file": {"allowed_decisions": ["approve", "reject"]}}

    def make(mode, *calls):
        return Agent(tools, HumanInTheLoopMiddleware(interrupt_on=gates, interrupt_mode=mode), *calls)

    return make


def names(request):
    return [action["name"] for action in request["actions"]]


def test_batched_calls_are_requests_with_the_decisions_that_are_allowed(agent):
    (found,) = agent("batched", EMAIL, DELETE).forms
    assert found.prompt == "Review 2 tool calls"
    email, delete = found.field["requests"]
    assert (email["title"], names(email)) == ("send_email", ["approve", "edit", "reject", "respond"])
    assert (delete["title"], names(delete)) == ("delete_file", ["approve", "reject"])
    assert json.loads(email["actions"][1]["start"]) == EMAIL[1]
    assert [member["name"] for member in email["actions"][1]["control"]["members"]] == ["to", "copies"]


def test_single_call_asks_for_approval_with_buttons_named_after_the_decisions(agent):
    (found,) = agent("batched", EMAIL).forms
    assert found.prompt == "Approve send_email?"
    sends = {action["name"]: action["sends"] for action in found.field["requests"][0]["actions"] if action["control"]}
    assert sends == {"edit": "Approve as edited", "reject": "Send the rejection", "respond": "Send the message"}


def test_call_that_may_not_be_approved_asks_for_a_decision():
    request = {"name": "pay", "args": {}}
    allowed = {"action_name": "pay", "allowed_decisions": ["reject", "respond"]}
    found = form({"action_requests": [request], "review_configs": [allowed]})
    assert found.prompt == "Decide on pay"


def test_middleware_s_description_by_default_is_not_shown_beside_tool_and_arguments(agent):
    (found,) = agent("batched", EMAIL).forms
    (args,) = found.field["requests"][0]["shows"]
    assert [part["label"] for part in args["parts"]] == ["to", "copies"]


@pytest.mark.parametrize(
    ("description", "shown"),
    [
        ("Tool execution requires approval\n\nTool: pay\nArgs: {'amount': 5}", None),
        ("Large sums\n\nTool: pay\nArgs: {'amount': 5}", "Large sums"),
        ("Tool execution requires approval", "Tool execution requires approval"),
        (
            "Tool execution requires approval\n\nTool: other\nArgs: {}",
            "Tool execution requires approval\n\nTool: other\nArgs: {}",
        ),
    ],
)
def test_description_that_a_user_wrote_is_shown(description, shown):
    request = {"name": "pay", "args": {"amount": 5}, "description": description}
    found = form({"action_requests": [request], "review_configs": [{"action_name": "pay"}]})
    texts = [each["text"] for each in found.field["requests"][0]["shows"] if each["kind"] == "prose"]
    assert texts == ([] if shown is None else [shown])


@pytest.mark.parametrize(
    ("decision", "effect", "told"),
    [
        ("approve", ("send_email", "ann@example.org", 1), "sent"),
        (("edit", {"to": "bob@example.org", "copies": 2}), ("send_email", "bob@example.org", 2), "sent"),
        (("reject", ""), None, "User rejected the tool call"),
        (("reject", "too much"), None, "with reason: too much"),
        (("respond", "It is sent already"), None, "It is sent already"),
    ],
    ids=str,
)
@pytest.mark.parametrize("mode", ["batched", "per_call"])
def test_decision_in_the_page_has_its_effect(agent, done, mode, decision, effect, told):  # noqa: PLR0917
    run = agent(mode, EMAIL)
    (found,) = run.forms
    value = found.value(decided(decision))
    assert found.fit(value) == value
    assert found.value(found.draft(value)) == value
    (message,) = run.resume(value)
    assert told in message
    assert done == ([effect] if effect else [])


def test_several_calls_are_decided_together(agent, done):
    run = agent("batched", EMAIL, DELETE)
    (found,) = run.forms
    run.resume(found.value(decided(("edit", {"to": "bob@example.org", "copies": 3}), ("reject", "keep it"))))
    assert done == [("send_email", "bob@example.org", 3)]


def test_per_call_has_the_arguments_of_the_tool_and_refuses_what_the_tool_could_not_take(agent):
    (found,) = agent("per_call", EMAIL).forms
    (request,) = found.field["requests"]
    (copies,) = [each for each in request["actions"][1]["control"]["members"] if each["name"] == "copies"]
    assert copies["control"]["integer"]
    with pytest.raises(InvalidAnswer) as refused:
        found.value(decided(("edit", {"to": "ann@example.org", "copies": "many"})))
    assert refused.value.flaws[0]["path"] == ["0", "value", "copies"]
    with pytest.raises(InvalidAnswer, match="copies"):
        found.fit(nbhitl.edit(copies="many"))


def test_per_call_with_one_decision_only_is_recognised_by_it(tools):
    gates: Any = {"send_email": {"allowed_decisions": ["respond"]}}
    run = Agent(tools, HumanInTheLoopMiddleware(interrupt_on=gates, interrupt_mode="per_call"), EMAIL)
    (found,) = run.forms
    assert names(found.field["requests"][0]) == ["respond"]
    assert run.resume(found.fit(nbhitl.respond("no need"))) == ["no need"]


@pytest.mark.parametrize("mode", ["batched", "per_call"])
@pytest.mark.parametrize(
    ("decision", "done_then"),
    [
        (nbhitl.approve(), [("send_email", "ann@example.org", 1)]),
        (nbhitl.edit(copies=5), [("send_email", "ann@example.org", 5)]),
        (nbhitl.reject("no"), []),
        (nbhitl.respond("done by hand"), []),
    ],
    ids=str,
)
def test_decision_from_python_takes_the_shape_of_the_payload(agent, done, mode, decision, done_then):
    run = agent(mode, EMAIL)
    run.resume(run.forms[0].fit(decision))
    assert done == done_then


def test_single_decision_stands_for_all_calls_and_a_list_for_each_call(agent, done):
    run = agent("batched", EMAIL, DELETE)
    run.resume(run.forms[0].fit(nbhitl.approve()))
    assert sorted(done) == [("delete_file", "/tmp/a"), ("send_email", "ann@example.org", 1)]  # noqa: S108 - at once
    run = agent("batched", EMAIL, DELETE)
    run.resume(run.forms[0].fit([nbhitl.reject(), nbhitl.approve()]))
    assert done[2:] == [("delete_file", "/tmp/a")]  # noqa: S108


def middleware(*calls, allowed=("approve", "reject"), **config):
    return {
        "action_requests": [{"name": name, "args": {}} for name in calls],
        "review_configs": [{"action_name": name, "allowed_decisions": list(allowed), **config} for name in calls],
    }


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("approve", '{"decisions": [...]}'),
        ({"decisions": [{"type": "approve"}]}, "1 decision for 2 actions"),
        (
            {"decisions": [{"type": "approve"}, {"type": "edit"}]},
            "decision 2 for 'pay' is \"edit\"; allowed: approve, reject",
        ),
        ({"decisions": [{"type": "approve"}, {}]}, "decision 2 for 'pay' is null"),
        ([nbhitl.approve()], "1 decision for 2 requests"),
        ([nbhitl.approve(), nbhitl.edit(a=1)], "'pay' cannot be answered with edit(); allowed: approve, reject"),
    ],
    ids=str,
)
def test_decisions_that_the_middleware_could_not_take_are_refused(value, why):
    with pytest.raises(InvalidAnswer) as refused:
        form(middleware("mail", "pay")).fit(value)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("decision", "why"),
    [
        ({"type": "edit"}, "edited_action"),
        ({"type": "edit", "edited_action": {"name": "pay"}}, "edited_action"),
        ({"type": "respond"}, 'lacks "message"'),
    ],
    ids=str,
)
def test_decision_without_the_required_content_is_refused(decision, why):
    found = form(middleware("pay", allowed=["edit", "respond"]))
    with pytest.raises(InvalidAnswer, match=why):
        found.fit({"decisions": [decision]})


REDIRECTED = {"type": "edit", "edited_action": {"name": "refund", "args": {}}}


@pytest.mark.parametrize(
    ("decision", "allowed", "why"),
    [
        (REDIRECTED, ["edit"], "decision 1 for 'pay' names the tool \"refund\""),
        (REDIRECTED, ["reject"], "decision 1 for 'pay' is \"edit\"; allowed: reject"),
        (
            {"type": "reject", "mesage": "no"},
            ["reject"],
            r"the key 'mesage', which nothing reads; did you mean 'message'\?",
        ),
        ({"tpye": "reject"}, ["reject"], r"did you mean 'type'\?"),
        ({"type": "approve", "message": "fine"}, ["approve"], "the key 'message', which nothing reads; keys: type"),
        (
            {"type": "edit", "edited_action": {"name": "pay", "arguments": {}, "args": {}}},
            ["edit"],
            r"\"edited_action\" of decision 1 for 'pay' has the key 'arguments'",
        ),
        (
            {"type": "edit", "edited_action": {"name": "pay", "args": {"amout": 5}}},
            ["edit"],
            r"'pay' has no 'amout' to edit; did you mean 'amount'\?",
        ),
    ],
    ids=str,
)
def test_decision_that_loses_content_or_reaches_another_tool_is_refused_from_page_and_python(decision, allowed, why):
    payload = middleware("pay", allowed=allowed)
    payload["action_requests"][0]["args"] = {"amount": 1}
    found = form(payload)
    given = {"decisions": [decision]}
    with pytest.raises(InvalidAnswer, match=why):
        found.fit(given)
    with pytest.raises(InvalidAnswer, match=why):
        JsonInstead(found).value(json.dumps(given))


def test_misspelt_key_in_answers_of_a_script_is_refused_and_the_node_does_not_go_on():
    decision = {"decisions": [{"type": "reject", "mesage": "no"}]}
    for answers in ([decision], {"review": [decision]}):
        graph = asks(middleware("pay", allowed=["reject"]))
        with pytest.raises(InvalidAnswer, match="did you mean 'message'"):
            nbhitl.review(graph, {}, answers=answers, record=False).wait()


def test_undecided_request_and_unknown_action_are_flaws_at_their_places():
    found = form(middleware("mail", "pay"))
    with pytest.raises(InvalidAnswer) as refused:
        found.value(found.field["original"])
    assert [each["path"] for each in refused.value.flaws] == [["0"], ["1"]]
    with pytest.raises(InvalidAnswer) as refused:
        found.value(decided("approve", ("explode", 1)))
    assert [each["path"] for each in refused.value.flaws] == [["1", "action"]]


def test_arguments_schema_of_a_config_draws_the_form():
    schema = {"type": "object", "properties": {"amount": {"type": "integer", "maximum": 9}}}
    payload = middleware("pay", allowed=["edit"], args_schema=schema)
    payload["action_requests"][0]["args"] = {"amount": 5}
    found = form(payload)
    with pytest.raises(InvalidAnswer, match="amount"):
        found.value(decided(("edit", {"amount": 10})))
    assert found.value(decided(("edit", {"amount": 9})))["decisions"][0]["edited_action"]["args"] == {"amount": 9}


def test_number_of_a_guessed_form_keeps_its_type_and_digits():
    payload = middleware("pay", allowed=["edit"])
    payload["action_requests"][0]["args"] = {"amount": 5}
    draft = '[{"action": "edit", "value": {"amount": 12345678901234567890}}]'
    (decision,) = form(payload).value(draft)["decisions"]
    assert decision["edited_action"]["args"] == {"amount": 12345678901234567890}
    with pytest.raises(InvalidAnswer):
        form(payload).value(decided(("edit", {"amount": "12a"})))


def test_arguments_too_long_to_edit_are_edited_from_python_and_the_rest_stays_possible():
    payload = middleware("write", allowed=["approve", "edit"])
    payload["action_requests"][0]["args"] = {"content": "word " * 100_000, "path": "a"}
    found = form(payload)
    (request,) = found.field["requests"]
    assert names(request) == ["approve"]
    assert "From Python" in request["shows"][-1]["text"]
    (decision,) = found.fit(nbhitl.edit(path="b"))["decisions"]
    assert decision["edited_action"]["args"]["path"] == "b"
    assert len(json.dumps(found.field)) < 100_000


def test_decisions_are_shown_in_words():
    found = form(middleware("mail", "pay"))
    assert (
        found.show(found.fit([nbhitl.approve(), nbhitl.reject("too much")])) == "mail: approve\npay: reject\ntoo much"
    )


@pytest.mark.parametrize("mode", ["batched", "per_call"])
def test_argument_whose_name_is_written_wrongly_is_refused_as_the_tool_would_run_without_the_change(agent, mode):
    (found,) = agent(mode, EMAIL).forms
    with pytest.raises(
        InvalidAnswer, match=r"'send_email' has no 'coppies' to edit; did you mean 'copies'\? there are"
    ):
        found.fit(nbhitl.edit(coppies=2))


def test_argument_that_the_model_left_out_can_be_added_unless_the_schema_has_none_of_that_name():
    request = {"action_requests": [{"name": "pay", "args": {"amount": 5}}]}
    schema = {"type": "object", "properties": {"amount": {"type": "integer"}, "note": {"type": "string"}}}
    config = {"action_name": "pay", "allowed_decisions": ["edit"]}
    open_, closed = ({**request, "review_configs": [each]} for each in (config, {**config, "args_schema": schema}))
    for payload in (open_, closed):
        (decision,) = form(payload).fit(nbhitl.edit(note="x"))["decisions"]
        assert decision["edited_action"]["args"] == {"amount": 5, "note": "x"}
    assert form(open_).fit(nbhitl.edit(tip=1))
    with pytest.raises(InvalidAnswer, match="'pay' has no 'tip' to edit; there are: amount, note"):
        form(closed).fit(nbhitl.edit(tip=1))
