"""Agent Inbox."""

import json

import pytest

import nbhitl
from nbhitl.errors import InvalidAnswer, UsageError
from nbhitl.forms import agent_inbox
from tests.forms.asking import answered, asked, decided, form

ALL = {"allow_ignore": True, "allow_respond": True, "allow_edit": True, "allow_accept": True}
REQUEST = {"action_request": {"action": "send", "args": {"to": "ann", "n": 1}}, "config": ALL, "description": "# Mail"}
EDITED = {"type": "edit", "args": {"action": "send", "args": {"to": "bob", "n": 2}}}

ANSWERS = [
    ("accept", {"type": "accept", "args": None}),
    (("edit", {"to": "bob", "n": 2}), EDITED),
    (("response", "later"), {"type": "response", "args": "later"}),
    ("ignore", {"type": "ignore", "args": None}),
]


@pytest.mark.parametrize(("decision", "response"), ANSWERS, ids=str)
@pytest.mark.parametrize("payload", [REQUEST, [REQUEST], json.dumps(REQUEST), json.dumps([REQUEST])], ids=type)
def test_request_in_any_shape_is_answered_by_a_list_with_a_single_response(payload, decision, response):
    assert answered(payload, decided(decision)) == [response]
    assert form(payload).value(form(payload).draft([response])) == [response]


def test_several_requests_get_a_response_each():
    payload = [REQUEST, REQUEST | {"config": {"allow_accept": True}}]
    assert answered(payload, decided("ignore", "accept")) == [ANSWERS[3][1], ANSWERS[0][1]]


def test_older_payload_without_allow_ignore_cannot_be_ignored():
    config = {"allow_respond": False, "allow_edit": False, "allow_accept": True}
    (request,) = form(REQUEST | {"config": config}).field["requests"]
    assert [each["name"] for each in request["actions"]] == ["accept"]


def test_bare_reply_is_had_by_saying_so():
    found = agent_inbox(reply="bare")(asked(REQUEST))
    assert found is not None
    assert found.value(decided("accept")) == {"type": "accept", "args": None}
    assert found.fit(nbhitl.edit(to="bob", n=2)) == EDITED
    assert found.value(found.draft(EDITED) or "") == EDITED
    with pytest.raises(InvalidAnswer, match="the answer is not"):
        found.fit([EDITED])
    with pytest.raises(UsageError, match="list"):
        agent_inbox(reply="none")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("decision", "response"),
    [
        (nbhitl.approve(), ANSWERS[0][1]),
        (nbhitl.edit(to="bob", n=2), EDITED),
        (nbhitl.respond("later"), ANSWERS[2][1]),
        (nbhitl.reject(), ANSWERS[3][1]),
    ],
    ids=str,
)
def test_decision_from_python_takes_the_shape_of_a_response(decision, response):
    assert form(REQUEST).fit(decision) == [response]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (EDITED, "the answer is not \\["),
        ([], "the answer is not \\["),
        ([EDITED, EDITED], "2 responses for 1 request"),
        ([{"type": "approve"}], "allowed: accept, edit, response, ignore"),
        (nbhitl.reject("no time"), "takes no reason with 'ignore'"),
        ([{"type": "edit", "args": {"action": "other", "args": {}}}], 'names the tool "other"'),
        ([{"type": "response", "arg": "later"}], r"the key 'arg', which nothing reads; did you mean 'args'\?"),
    ],
    ids=str,
)
def test_answer_that_the_node_could_not_take_is_refused(value, why):
    with pytest.raises(InvalidAnswer, match=why):
        form(REQUEST).fit(value)


def test_description_in_markdown_is_shown_as_markdown():
    (request,) = form(REQUEST).field["requests"]
    assert request["shows"][0] == {"kind": "prose", "text": "# Mail", "markdown": True}
