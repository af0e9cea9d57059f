"""Rules decide on tool calls before a person is asked: on matching calls only, in the documented order."""

import ast
import json
import re
from typing import Any

import pytest
from langgraph.graph import START, StateGraph
from langgraph.types import Send

import nbhitl
from nbhitl.answers.rules import allow_like, first_match
from nbhitl.core import ruling
from nbhitl.errors import InvalidAnswer, NobodyThere, PersonAwaited, RuleMismatch, Unanswered, UsageError
from nbhitl.testing import Refused
from tests import graphs
from tests.rules import GO, agent, asking, batched, inbox, stopping
from tests.views import view_of

SMALL = nbhitl.allow("pay", amount=lambda a: a <= 10)
APPROVED, REJECTED = {"type": "approve"}, {"type": "reject", "message": "no"}


@pytest.fixture(autouse=True)
def no_rule_of_the_kernel_is_left():
    yield
    ruling._KERNEL.clear()


def taken(payload, **options):
    """Return the answer that the node got for a payload on which rules alone decide."""
    (answer,) = nbhitl.review(asking(payload), {}, **options).result["taken"]
    return answer


# --- writing rules --------------------------------------------------------------------------------


WRITTEN: Any = nbhitl
"""The package without types, for code of users that mypy would refuse."""


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: WRITTEN.allow(""), 'takes the name of a tool, as in allow("search_*")'),
        (lambda: WRITTEN.allow(SMALL), "takes the name of a tool"),
        (lambda: WRITTEN.allow("pay", amount=10), "write amount=lambda value: value == 10"),
        (lambda: WRITTEN.allow("pay", amount=lambda: True), "takes one argument, the value of 'amount'"),
        (lambda: WRITTEN.allow("pay", amount=lambda a, b: True), "takes one argument"),
        (lambda: WRITTEN.deny("pay", lambda a: True), "the message is a string"),
        (lambda: WRITTEN.deny("pay", message="no"), r"the reason stands without a name: deny\('pay', 'no'\)"),
        (lambda: WRITTEN.review(graphs.seed(), {}, rules=SMALL), "rules= takes a list of rules"),
        (lambda: WRITTEN.review(graphs.seed(), {}, rules=["search_*"]), "made by nbhitl.allow and nbhitl.deny"),
        (lambda: WRITTEN.open(graphs.seed(), thread_id="1", rules=[nbhitl.approve()]), "made by nbhitl.allow"),
        (lambda: WRITTEN.rules([SMALL]).__enter__(), r"Write nbhitl.rules\(\*rules\)"),
    ],
)
def test_unreadable_rule_is_refused_with_the_rule_to_write(make, said):
    with pytest.raises(UsageError, match=said if "\\" in said else re.escape(said)):
        make()


def test_async_condition_is_refused():
    async def small(amount):
        return amount <= 10

    with pytest.raises(UsageError, match="answers at once"):
        WRITTEN.allow("pay", amount=small)


def test_rule_is_told_as_written():
    def is_small(amount):
        return amount <= 10

    assert repr(SMALL) == "allow('pay', amount=lambda a: a <= 10)"
    assert repr(nbhitl.deny("delete_*", "not here", path=is_small)) == "deny('delete_*', 'not here', path=is_small)"
    assert repr(nbhitl.allow("pay", amount=eval("lambda a: True"))) == "allow('pay', amount=…)"  # noqa: S307 - no source


@pytest.mark.parametrize(
    ("bounds", "args", "matches"),
    [
        ({}, {"amount": 5, "to": "Ann"}, True),
        ({}, {"amount": 4, "to": "Ann"}, False),
        ({}, {"amount": 5, "to": "Ann", "note": "more"}, False),
        ({}, {"amount": 5.0, "to": "Ann"}, False),
        ({"amount": "up_to"}, {"amount": 4, "to": "Ann"}, True),
        ({"amount": "up_to"}, {"amount": 6, "to": "Ann"}, False),
        ({"amount": "up_to"}, {"amount": -1, "to": "Ann"}, False),
        ({"amount": "up_to"}, {"amount": float("nan"), "to": "Ann"}, False),
        ({"amount": "up_to"}, {"amount": True, "to": "Ann"}, False),
        ({"amount": "any"}, {"amount": 600, "to": "Ann"}, True),
        ({"amount": "any"}, {"amount": 600, "to": "Bob"}, False),
        ({"amount": "any"}, {"amount": 5, "to": "Ann", "from": "another account"}, False),
        ({"amount": "any", "to": "any"}, {"x": 1}, True),
    ],
)
def test_rule_from_the_card_takes_the_arguments_that_its_person_chose(bounds, args, matches):
    rule = allow_like("pay", {"amount": 5, "to": "Ann"}, bounds)
    found = first_match([rule], "pay", args)
    assert (found is not None and found.problem is None) is matches


def test_rule_from_the_card_for_a_call_without_arguments_takes_no_call_with_arguments():
    rule = allow_like("restart", {}, {})
    assert first_match([rule], "restart", {}) is not None
    assert first_match([rule], "restart", {"everything": True}) is None


@pytest.mark.parametrize(
    ("pattern", "tool", "matches"),
    [
        ("pay[ab]", "paya", False),
        ("pay[ab]", "pay[ab]", True),
        ("[!x]*", "pay", False),
        ("pay*", "pay[ab]", True),
        ("pay", "PAY", False),
        ("pay", "pay\n", False),
        ("*", "", True),
    ],
)
def test_only_asterisk_and_question_mark_stand_for_other_characters(pattern, tool, matches):
    assert (first_match([nbhitl.allow(pattern)], tool, {}) is not None) is matches


def test_condition_that_ends_the_program_leaves_the_call_to_the_person():
    def strict(amount):
        raise SystemExit(f"{amount} is too much")

    card = nbhitl.review(asking(batched(("pay", {"amount": 5}))), {}, rules=[nbhitl.allow("pay", amount=strict)])
    assert card.interrupts
    (note,) = view_of(card)["notes"]
    assert "the condition on 'amount' raised SystemExit: 5 is too much" in note


def test_rule_from_the_card_is_for_this_very_tool():
    rule = allow_like("pay[*]", {}, {})
    assert [first_match([rule], tool, {}) is not None for tool in ("pay[*]", "pay[x]", "pay*")] == [True, False, False]


@pytest.mark.parametrize("value", ["Ann", True, -1, 0, float("inf"), None])
def test_up_to_is_said_of_positive_numbers_only(value):
    with pytest.raises(UsageError, match="no positive number"):
        allow_like("pay", {"amount": value}, {"amount": "up_to"})


# --- deciding -------------------------------------------------------------------------------------


def test_tools_run_under_rules_without_a_person_and_plain_langgraph_gives_the_same():
    rounds: Any = [("search_web", {"query": "a"}), ("pay", {"amount": 3})], [("pay", {"amount": 11})]
    graph, ran = agent(*rounds)
    card = nbhitl.review(graph, GO, rules=[nbhitl.allow("search_*"), SMALL, nbhitl.deny("pay", "no")])
    plain, plainly = agent(*rounds)
    config = {"configurable": {"thread_id": "1"}}
    plain.invoke(GO, config)
    plain.invoke(graphs.Command(resume={"decisions": [APPROVED, APPROVED]}), config)
    state = plain.invoke(graphs.Command(resume={"decisions": [REJECTED]}), config)
    texts = [message.text for message in state["messages"]]
    assert [message.text for message in card.result["messages"]] == texts
    assert sorted(ran) == sorted(plainly) == ["pay 3", "search a"]


@pytest.mark.parametrize(
    ("payload", "approved", "denied"),
    [
        (
            batched(("pay", {"amount": 5})),
            {"decisions": [APPROVED]},
            {"decisions": [REJECTED]},
        ),
        (inbox(("pay", {"amount": 5})), [{"type": "accept", "args": None}], [{"type": "ignore", "args": None}]),
    ],
    ids=["batched", "inbox"],
)
def test_rule_answers_in_the_shape_that_the_convention_asks_for(payload, approved, denied):
    assert taken(payload, rules=[nbhitl.allow("pay")]) == approved
    assert taken(payload, rules=[nbhitl.deny("pay", "no")]) == denied


def test_rule_decides_on_calls_that_ask_in_turn():
    graph, ran = agent([("pay", {"amount": 3}), ("pay", {"amount": 30})], mode="per_call")
    card = nbhitl.review(graph, GO, rules=[SMALL])
    (asked,) = [each for each in card.interrupts if each.value["args"] == {"amount": 30}]
    card.answer(nbhitl.reject("no"), id=asked.id)
    assert card.result
    assert ran == ["pay 3"]
    assert card.answers.to_frame()["decided_by"].tolist() == [f"the rule {SMALL}", "card.answer"]


def test_idiom_of_the_documentation_is_decided_in_its_own_shape():
    def delete(_state):
        answer = graphs.interrupt({"action": "delete_file", "path": "a", "message": "Delete a?"})
        return {"some_text": "deleted" if answer.get("action") == "approve" else "kept"}

    graph = graphs.compile_node(delete, "delete")
    assert nbhitl.review(graph, graphs.SEED_INPUT, rules=[nbhitl.deny("delete_*")]).result == {"some_text": "kept"}
    assert nbhitl.review(graph, graphs.SEED_INPUT, rules=[nbhitl.allow("delete_*")]).result == {"some_text": "deleted"}


@pytest.mark.parametrize("calls", [[("pay", {"amount": 3})], [("pay", {"amount": 3}), ("pay", {"amount": 4})]])
def test_rule_decides_on_calls_at_a_static_stop(calls):
    graph, ran = stopping(*calls)
    assert nbhitl.review(graph, GO, rules=[SMALL]).result
    assert len(ran) == len(calls)
    graph, ran = stopping(*calls)
    result = nbhitl.review(graph, GO, rules=[nbhitl.deny("pay", "no")]).result
    assert ran == []
    assert "with reason: no" in result["messages"][-2].text


def test_static_stop_decides_some_of_its_calls_by_rule_and_leaves_the_rest():
    graph, ran = stopping(("pay", {"amount": 30}), ("search_web", {"query": "a"}))
    card = nbhitl.review(graph, GO, rules=[nbhitl.allow("search_*")])
    assert card.interrupts
    card.answer(nbhitl.reject())
    assert card.result
    assert ran == ["search_web({'query': 'a'})"]


def test_stop_before_another_node_is_no_question_about_the_calls():
    graph, _ = stopping(("pay", {"amount": 3}), before="model")
    assert nbhitl.review(graph, GO, rules=[nbhitl.allow("*")]).interrupts


def test_first_rule_from_the_top_that_matches_wins():
    pay = batched(("pay", {"amount": 5}))
    deny, allow = nbhitl.deny("pay", "no"), nbhitl.allow("p*")
    assert taken(pay, rules=[deny, allow]) == {"decisions": [REJECTED]}
    assert taken(pay, rules=[allow, deny]) == {"decisions": [APPROVED]}


def test_rules_of_the_review_come_before_rules_of_the_blocks_around():
    pay = batched(("pay", {"amount": 5}))
    with nbhitl.rules(nbhitl.allow("pay")):
        assert taken(pay) == {"decisions": [APPROVED]}
        with nbhitl.rules(nbhitl.deny("pay", "no")):
            assert taken(pay) == {"decisions": [REJECTED]}
            assert taken(pay, rules=[nbhitl.allow("pay")]) == {"decisions": [APPROVED]}
    with pytest.raises(Unanswered):
        _ = nbhitl.review(asking(pay), {}).result


def test_next_turn_has_the_rules_of_the_review():
    graph, ran = agent([("pay", {"amount": 3})])
    card = nbhitl.review(graph, GO, rules=[SMALL])
    assert card.result
    graph.nodes["model"].bound  # the same agent calls again  # noqa: B018
    assert card.send(GO).result
    assert ran


@pytest.mark.parametrize(
    ("payload", "rule"),
    [
        (batched(("pay", {"amount": 5}), allowed=("edit", "reject")), nbhitl.allow("pay")),
        (batched(("pay", {"amount": 5}), allowed=("approve", "edit")), nbhitl.deny("pay")),
        (inbox(("pay", {"amount": 5}), accepts=False), nbhitl.allow("*")),
    ],
)
def test_decision_that_the_payload_does_not_take_is_left_to_the_person(payload, rule):
    card = nbhitl.review(asking(payload), {}, rules=[rule, nbhitl.allow("*"), nbhitl.deny("*")])
    assert len(card.interrupts) == 1
    assert f"{rule} says" in view_of(card)["notes"][0]


@pytest.mark.parametrize(
    ("condition", "args", "said"),
    [
        (lambda a: a["x"] <= 10, {"amount": 5}, "the condition on 'amount' raised TypeError"),
        (lambda a: None, {"amount": 5}, "returned NoneType, neither True nor False"),
        (lambda a: a <= 10, {"amuont": 5}, "no argument 'amount'; did you mean 'amuont'?"),
    ],
)
def test_condition_that_cannot_tell_leaves_the_call_to_the_person_and_says_so(condition, args, said):
    rules = [nbhitl.deny("pay", amount=condition), nbhitl.allow("pay")]
    card = nbhitl.review(asking(batched(("pay", args))), {}, rules=rules)
    assert len(card.interrupts) == 1, "the second rule does not approve a call that the first rule may deny"
    assert said in view_of(card)["notes"][0]


def test_condition_cannot_change_the_call():
    def changing(to):
        to.append("Mallory")
        return True

    payload = batched(("pay", {"to": ["Ann"]}))
    card = nbhitl.review(asking(payload), {}, rules=[nbhitl.allow("pay", to=changing)])
    assert card.result
    assert card.answers.turns[0].payload["action_requests"][0]["args"] == {"to": ["Ann"]}


# --- calls that are left to the person ------------------------------------------------------------

TWO = batched(("search_web", {"query": "a"}), ("pay", {"amount": 5}))
RULES = [nbhitl.allow("search_*"), nbhitl.deny("delete_*", "no")]


def test_one_decision_stands_for_the_calls_that_no_rule_decided():
    card = nbhitl.review(asking(TWO), {}, rules=RULES)
    card.answer(nbhitl.reject("no"))
    assert card.result == {"taken": [{"decisions": [APPROVED, REJECTED]}]}
    assert card.answers.to_frame()["decided_by"].tolist() == [f"the rule {RULES[0]} and card.answer"]


@pytest.mark.parametrize(
    "other",
    [
        [nbhitl.reject(), nbhitl.approve()],
        {"decisions": [{"type": "reject"}, APPROVED]},
        {"decisions": [{"type": "edit", "edited_action": {"name": "search_web", "args": {}}}, APPROVED]},
        {"decisions": [APPROVED]},
        "yes",
    ],
)
def test_answer_that_decides_otherwise_than_a_rule_in_force_is_refused(other):
    card = nbhitl.review(asking(TWO), {}, rules=RULES)
    with pytest.raises(InvalidAnswer, match=re.escape(str(RULES[0]))):
        card.answer(other)
    assert card.interrupts


def test_list_with_too_few_decisions_is_refused_with_the_number_that_is_needed():
    with pytest.raises(InvalidAnswer, match=r"1 given for 2 calls; give a decision for each, or one for all that are"):
        nbhitl.review(asking(TWO), {}, rules=RULES, answers=[[nbhitl.reject("no")]]).wait()


def test_person_sees_the_decided_calls_and_decides_the_rest(person):
    card = nbhitl.review(asking(TWO), {}, rules=RULES)
    question = person.sees(field="decisions")
    rule = person.view["rules"][0]
    assert question["ruled"] == [
        {"kind": "ruled", "request": 0, "action": "approve", "rule": rule["id"], "text": str(RULES[0])}
    ]
    assert (rule["decided"], rule["calls"]) == (0, [])
    person.types('[{"action": "reject", "value": "x"}, {"action": "reject", "value": "no"}]')
    assert card.result == {"taken": [{"decisions": [APPROVED, REJECTED]}]}
    rule = person.view["rules"][0]
    assert (rule["decided"], rule["calls"]) == (1, ['search_web(query="a")'])
    turn = person.view["turns"][0]
    assert (turn["origin"], turn["ruled"]) == ("person", f"the rule {RULES[0]} and a person")


def test_question_that_rules_decide_alone_is_never_open(person):
    card = nbhitl.review(asking(batched(("search_web", {}))), {}, rules=RULES)
    assert card.result
    assert person.view["turns"][0]["origin"] == "rule"
    assert person.view["turns"][0]["ruled"] == f"the rule {RULES[0]}"
    assert "the rule allow('search_*') answers" in str(card)


def test_answer_asked_again_is_not_given_by_the_rule_a_second_time(person):
    card = nbhitl.review(asking(batched(("pay", {"amount": 5}))), {}, rules=[nbhitl.allow("pay")])
    assert card.result
    person.asks_again()
    question = person.sees(field="decisions")
    with pytest.raises(Refused, match="revoke the rule in the card"):
        person.reject("no")
    person_revokes(person, question["ruled"][0]["rule"])
    person.reject("no")
    assert card.result == {"taken": [{"decisions": [REJECTED]}]}


def person_revokes(person, rule):
    person._newest().ask("revoke", rule=rule)


def person_allows(person, question, call=0, scope="review", **bounds):
    card = person._newest()
    card.ask("allow", id=question["id"], revision=card.seen.revision, call=call, scope=scope, bounds=bounds)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("resume", {"value": json.dumps({"decisions": [REJECTED, APPROVED]})}),
        ("answer", {"draft": '[{"action": "approve"}, {"action": "approve"}]'}),
        ("allow", {"call": 1, "scope": "review", "bounds": {}}),
    ],
    ids=["answer of a program", "answer of a person", "rule"],
)
def test_answer_to_a_view_under_other_rules_is_refused(person, kind, content):
    card = nbhitl.review(asking(TWO), {}, rules=RULES)
    question = person.sees(field="decisions")
    page = person._newest()
    seen = page.seen.revision
    person_revokes(person, question["ruled"][0]["rule"])
    with pytest.raises(Refused, match="asked anew"):
        page.ask(kind, id=question["id"], revision=seen, **content)
    assert card.waits


def test_revoked_rule_gives_its_call_back_to_the_person(person):
    card = nbhitl.review(asking(TWO, TWO), {}, rules=RULES)
    question = person.sees(field="decisions")
    person_revokes(person, question["ruled"][0]["rule"])
    assert "ruled" not in person.sees(field="decisions")
    assert person.view["rules"][0]["revoked"]
    person.answer([nbhitl.reject("no"), nbhitl.approve()])
    person.answer([nbhitl.reject("no"), nbhitl.reject("no")])
    assert card.result["taken"][0] == {"decisions": [REJECTED, APPROVED]}


def search_beside_pay():
    def ask(state):
        return {"texts": [str(graphs.interrupt(batched((state["text"], {}))))]}

    def spread(_state):
        return [Send("ask", {"text": "search_web"}), Send("ask", {"text": "pay"})]

    builder = StateGraph(graphs.Texts).add_node("ask", ask)
    return builder.add_conditional_edges(START, spread, ["ask"]).compile()


def test_held_answer_is_that_of_the_second_of_two_equal_rules_where_the_first_is_revoked(person):
    card = nbhitl.review(search_beside_pay(), {}, rules=[nbhitl.allow("search_*"), nbhitl.allow("search_*")])
    person.sees("pay")
    assert [rule["decided"] for rule in person.view["rules"]] == [1, 0]
    person_revokes(person, person.view["rules"][0]["id"])
    person.reject("no")
    assert card.result
    assert [rule["decided"] for rule in person.view["rules"]] == [1, 1]


def test_answer_that_is_held_is_taken_back_where_its_rule_is_revoked(person):
    card = nbhitl.review(search_beside_pay(), {}, rules=RULES)
    person.sees("pay")
    held = [question for question in person.view["questions"] if question["standing"]["kind"] == "held"]
    assert len(held) == 1
    person_revokes(person, held[0]["ruled"][0]["rule"])
    person.sees("search_web")
    person.reject("no")
    person.reject("no")
    assert "approve" not in str(card.result)


def test_rule_from_the_card_approves_the_call_and_similar_calls(person):
    pays = [batched(("pay", {"amount": amount})) for amount in (5, 4, 6)]
    card = nbhitl.review(asking(*pays), {})
    person_allows(person, person.sees(field="decisions"), amount="up_to")
    assert person.sees(field="decisions")["payload"].count('"amount": 6')
    rule = person.view["rules"][0]
    assert (rule["text"], rule["scope"], rule["decided"]) == ('allow("pay", amount≤5)', "review", 2)
    person.reject("no")
    assert card.result["taken"][1:] == [{"decisions": [APPROVED]}, {"decisions": [REJECTED]}]
    with pytest.raises(Unanswered):
        _ = nbhitl.review(asking(pays[0]), {}).result


def test_rule_for_the_kernel_holds_for_later_reviews_until_it_is_revoked_in_any_card(person):
    pay = batched(("pay", {"amount": 5}))
    first, other = nbhitl.review(asking(pay), {}), nbhitl.review(asking(TWO), {})
    person.sees(payload=TWO)
    question = person.sees(payload=pay)
    card = next(each for each in person._cards if question in each.open_questions)
    card.ask("allow", id=question["id"], revision=card.seen.revision, call=0, scope="kernel", bounds={"amount": "any"})
    assert first.result["taken"] == [{"decisions": [APPROVED]}]
    assert "ruled" not in person.sees(payload=TWO), "an open question of another card is left to the person"
    later = nbhitl.review(asking(pay), {})
    assert later.result
    rule = person.view["rules"][0]
    assert (rule["scope"], rule["decided"]) == ("kernel", 2)
    person_revokes(person, rule["id"])
    assert ruling._KERNEL == []
    last = nbhitl.review(asking(pay), {})
    person.reject("no", payload=pay)
    assert last.result["taken"] == [{"decisions": [REJECTED]}]
    assert other.waits


def test_rule_for_the_kernel_decides_on_the_next_question_of_a_card_that_had_no_rules(person):
    pays = [batched(("pay", {"amount": amount})) for amount in (1, 2, 5)]
    other = nbhitl.review(asking(*pays[:2]), {})
    person.sees(payload=pays[0])
    first = nbhitl.review(asking(pays[2]), {})
    person_allows(person, person.sees(payload=pays[2]), scope="kernel", amount="any")
    assert first.result["taken"] == [{"decisions": [APPROVED]}]
    assert "ruled" not in person.sees(payload=pays[0])
    person.reject("no", payload=pays[0])
    assert other.result["taken"] == [{"decisions": [REJECTED]}, {"decisions": [APPROVED]}]


def test_rule_of_the_kernel_that_is_revoked_gives_calls_back_in_other_cards(person):
    pay = batched(("pay", {"amount": 5}))
    first = nbhitl.review(asking(pay), {})
    person_allows(person, person.sees(payload=pay), scope="kernel")
    assert first.result
    other = nbhitl.review(asking(TWO), {})
    rule = person.sees(payload=TWO)["ruled"][0]["rule"]
    last = nbhitl.review(asking(pay), {})
    assert last.result
    person_revokes(person, rule)
    assert "ruled" not in person.sees(payload=TWO)
    person.answer([nbhitl.approve(), nbhitl.reject("no")])
    assert other.result["taken"] == [{"decisions": [APPROVED, REJECTED]}]


def test_rule_from_the_card_stands_below_rules_of_the_source(person):
    pays = [batched(("pay", {"amount": amount})) for amount in (5, 5000)]
    card = nbhitl.review(asking(*pays), {}, rules=[nbhitl.deny("pay", "no", amount=lambda a: a > 1000)])
    person_allows(person, person.sees(field="decisions"), amount="any")
    assert card.result["taken"] == [{"decisions": [APPROVED]}, {"decisions": [REJECTED]}]


def test_rule_for_a_question_without_a_tool_call_is_refused(person):
    nbhitl.review(graphs.seed(), graphs.SEED_INPUT)
    with pytest.raises(Refused, match="no single tool call"):
        person_allows(person, person.sees())


# --- beside answers from the source, and in a replay ----------------------------------------------


def test_answers_in_the_source_are_for_the_calls_that_rules_leave():
    payloads = batched(("search_web", {})), TWO, batched(("pay", {"amount": 1}))
    card = nbhitl.review(asking(*payloads), {}, rules=RULES, answers=[nbhitl.reject("no"), nbhitl.approve()])
    decided = [each["decisions"][-1]["type"] for each in card.result["taken"]]
    assert decided == ["approve", "reject", "approve"]


def test_answers_that_a_review_told_give_the_same_again_beside_the_same_rules():
    payloads = batched(("search_web", {})), TWO
    card = nbhitl.review(asking(*payloads), {}, rules=RULES, answers=[nbhitl.reject("no")])
    again = nbhitl.review(asking(*payloads), {}, rules=RULES, answers=card.answers)
    assert again.result == card.result
    assert again.answers.to_frame()["decided_by"].tolist()[0] == "the rule allow('search_*')"
    code = card.answers.as_code().removeprefix("answers=")
    assert nbhitl.review(asking(*payloads), {}, rules=RULES, answers=ast.literal_eval(code)).result == card.result


def test_answers_that_a_review_told_are_compared_with_the_rules():
    card = nbhitl.review(asking(batched(("search_web", {}))), {}, rules=RULES)
    assert card.result
    for rules in ([nbhitl.deny("search_*")], []):
        with pytest.raises(RuleMismatch, match="recorded: approve"):
            _ = nbhitl.review(asking(batched(("search_web", {}))), {}, rules=rules, answers=card.answers).result


def test_answer_in_the_source_that_a_rule_forbids_fails_by_name():
    card = nbhitl.review(asking(TWO), {}, rules=RULES, answers=[[nbhitl.reject(), nbhitl.approve()]])
    with pytest.raises(InvalidAnswer, match="decided by the rule"):
        _ = card.result


def test_nobody_there_is_told_which_rule_could_not_tell():
    rule = nbhitl.allow("pay", amount=lambda a: a["x"])
    given: list[dict[str, Any]] = [{"answers": []}, {}]
    for options in given:
        card = nbhitl.review(asking(batched(("pay", {"amount": 5}))), {}, rules=[rule], **options)
        with pytest.raises(NobodyThere, match="raised TypeError"):
            card.wait()


def test_person_awaited_is_said_where_a_rule_leaves_the_question():
    with pytest.raises((PersonAwaited, NobodyThere)):
        _ = nbhitl.review(asking(TWO), {}, rules=RULES).result


def test_condition_on_an_argument_that_the_tool_does_not_have_is_refused_at_once():
    graph, _ = agent([("pay", {"amount": 3})])
    with pytest.raises(UsageError, match=r"'pay' has no argument 'amuont'; did you mean 'amount'\?"):
        nbhitl.review(graph, GO, rules=[nbhitl.deny("pay", amuont=lambda a: a > 10)])
    stopped, _ = stopping(("pay", {"amount": 3}))
    with pytest.raises(UsageError, match="has no argument 'query'"):
        nbhitl.open(stopped, thread_id="1", rules=[nbhitl.allow("pay", query=lambda q: True)])


def test_deciders_are_read_from_the_checkpoints_afterwards():
    graph = asking(batched(("search_web", {})), TWO)
    card = nbhitl.review(graph, {}, {"configurable": {"thread_id": "1"}}, rules=RULES)
    card.answer(nbhitl.reject("no"))
    assert card.result
    told = nbhitl.audit(graph).to_frame()
    assert told["origin"].tolist() == ["rule", "code"]
    assert told["who"].tolist()[0] == "the rule allow('search_*')"
    assert told["who"].tolist()[1].startswith("the rule allow('search_*') and ")
