"""Rules in notebooks under `pytest --nbhitl`: the recorded decision is given, and compared with the rules."""

import pytest

from nbhitl.answers import Answer
from nbhitl.core.questions import Asked
from nbhitl.forms import Forms
from nbhitl.protocol import OUTPUT_KEY
from nbhitl.recording.outputs import Where
from nbhitl.runs.run import Interrupt
from tests.outputs import record_to_write
from tests.rules import batched

SETUP = """
import nbhitl
from tests.rules import asking, batched

pay = batched(("pay", {"amount": 5}))
"""
APPROVE = {"decisions": [{"type": "approve"}]}
REJECT = {"decisions": [{"type": "reject", "message": "no"}]}
ALLOW = {"rule": "allow('pay')", "scope": "source"}


def entry(value, rules=(), revoked=(), *, by_time=False):
    """Return the recorded entry of a decision on the payment."""
    interrupt = Interrupt("id", "agent", batched(("pay", {"amount": 5})))
    given = Answer("id", value, "rule", ruled=tuple(rules), revoked=tuple(revoked), is_by_time=by_time)
    asked = Asked(interrupt, 0, 0, answer=given)
    return {**record_to_write(asked, Forms(), Where("an execution"))["entry"], "cell": "cell-1"}


def review(rules):
    return f"(await nbhitl.review(asking(pay), {{}}, rules=[{rules}]))['taken']"


def test_rules_answer_where_nothing_is_recorded_and_stand_in_the_output_with_the_record(suite):
    path = suite.accepted(SETUP, review("nbhitl.allow('p*')"), record=[])
    outputs = suite.read(path)["cells"][1]["outputs"]
    assert "[{'decisions': [{'type': 'approve'}]}]" in str(outputs)
    assert "The rule allow('p*') answered:" in str(outputs)
    (record,) = [each["metadata"][OUTPUT_KEY] for each in outputs if OUTPUT_KEY in each.get("metadata", {})]
    (kept,) = record["answers"]
    assert (kept["rules"], kept["answered_by"]) == (
        [{"rule": "allow('p*')", "scope": "source"}],
        "the rule allow('p*')",
    )
    suite.run(path).assert_outcomes(passed=1)
    path.write_text(path.read_text().replace("nbhitl.allow('p*')", "nbhitl.deny('p*')"))
    result = suite.run("--nbhitl-no-compare", path)
    result.stdout.fnmatch_lines(
        ["*RuleMismatch*", "*recorded: approve, by the rule allow('p[*]')", "*rules now: reject*"]
    )


def test_rules_answer_a_bare_card_after_the_end_of_the_cell(suite):
    source = "card = nbhitl.review(asking(pay, pay), {}, rules=[nbhitl.allow('p*')])\ncard"
    path = suite.accepted(SETUP, source, "card.result['taken']", record=[])
    told = [str(each["data"].get("text/plain")) for each in suite.read(path)["cells"][1]["outputs"]]
    assert sum("The rule allow('p*') answered:" in each for each in told) == 2
    suite.run(path).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("recorded", "rules"),
    [
        (entry(APPROVE, [ALLOW]), "nbhitl.allow('pay')"),
        (entry(APPROVE), "nbhitl.allow('pay')"),
        (entry(REJECT), ""),
        (entry(REJECT), "nbhitl.deny('pay', 'no')"),
        (entry(REJECT), "nbhitl.allow('pay', amount=lambda a: a > 5)"),
        (entry(REJECT, revoked=["allow('pay')"]), "nbhitl.allow('pay')"),
        (entry(APPROVE, [{"rule": 'allow("pay")', "scope": "review"}]), ""),
    ],
    ids=["rule", "person as rule", "no rule", "denied as rule", "other amount", "revoked", "rule of the card"],
)
def test_recorded_decision_that_the_rules_agree_with_is_given(suite, recorded, rules):
    path = suite.accepted(SETUP, review(rules), record=[recorded])
    given = "'reject'" if "reject" in recorded["answer"] else "'approve'"
    assert given in str(suite.read(path)["cells"][1]["outputs"][1])
    suite.run(path).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("recorded", "rules", "said"),
    [
        (entry(APPROVE, [ALLOW]), "", ["*recorded: approve, by the rule allow('pay')", "*a person is asked*"]),
        (
            entry(APPROVE, [ALLOW]),
            "nbhitl.allow('pay', amount=lambda a: a > 5)",
            ["*recorded: approve, by the rule allow('pay')", "*rules now: no rule decides*"],
        ),
        (
            entry(APPROVE),
            "nbhitl.deny('pay', 'never')",
            ["*recorded: approve, by a person", "*rules now: reject (?never?), by deny('pay', 'never')"],
        ),
        (
            entry(REJECT),
            "nbhitl.deny('pay', 'never')",
            ["*recorded: reject (?no?), by a person", "*now: reject (?never?)*"],
        ),
        (
            entry(REJECT),
            "nbhitl.allow('pay')",
            ["*recorded: reject (?no?), by a person", "*now: approve, by allow('pay')"],
        ),
        (
            entry(APPROVE, [ALLOW]),
            "nbhitl.allow('pay', amount=lambda a: a.x)",
            ["*recorded: approve, by the rule allow('pay')", "*raised AttributeError*"],
        ),
    ],
    ids=["rule is gone", "rule is narrower", "denied now", "another reason", "allowed now", "cannot tell now"],
)
def test_recorded_decision_that_the_rules_disagree_with_fails_and_shows_both(suite, recorded, rules, said):
    path = suite.notebook(SETUP, review(rules), record=[recorded])
    result = suite.run("--nbhitl-no-compare", path)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*RuleMismatch: Node 'agent' asks about pay(amount=5)*", *said])


@pytest.mark.parametrize(
    ("recorded", "rules", "decider"),
    [
        (entry(APPROVE, [ALLOW]), "nbhitl.allow('pay')", ("the rule allow('pay')", "rule")),
        (entry(REJECT, by_time=True), "", ("the time-out", "time")),
        ({**entry(REJECT), "answered_by": "ann"}, "", ("ann", "person")),
    ],
    ids=["rule", "time-out", "person"],
)
def test_audit_in_a_replay_names_the_deciders_of_the_record(suite, recorded, rules, decider):
    asks = f"graph = asking(pay)\nawait nbhitl.review(graph, {{}}, rules=[{rules}])"
    path = suite.accepted(SETUP, asks, "[(row.who, row.origin) for row in nbhitl.audit(graph)]", record=[recorded])
    assert suite.read(path)["cells"][2]["outputs"][0]["data"]["text/plain"] == [repr([decider])]


def test_decision_path_answers_the_calls_that_rules_leave(suite):
    source = "(await nbhitl.review(asking(pay, batched(('x', {}))), {}, rules=[nbhitl.allow('p*')]))['taken']"
    suite.notebook(SETUP, source, record=[])
    (suite.folder / "report.answers.yaml").write_text("reject:\n  agent: [!reject 'no']\n")
    result = suite.run("-v", "--nbhitl-no-compare")
    result.stdout.fnmatch_lines(["*notebook?reject? PASSED*"])


def test_decision_of_the_time_out_is_given_again_and_nobody_waits(suite):
    source = "(await nbhitl.review(asking(pay), {}, within='1 h', otherwise=nbhitl.approve()))['taken']"
    path = suite.accepted(SETUP, source, record=[entry(REJECT, by_time=True)])
    outputs = str(suite.read(path)["cells"][1]["outputs"])
    assert "'reject'" in outputs
    assert "The time-out answered:" in outputs
    suite.run(path).assert_outcomes(passed=1)
