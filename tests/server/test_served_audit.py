"""`nbhitl.audit` of a server: decisions of nbhitl and of other clients, from runs and history."""

import pytest

import nbhitl
from nbhitl.engines.remote import remote
from nbhitl.errors import InvalidAnswer, UsageError
from nbhitl.user import whoami
from tests.server.helpers import SEED_INPUT, sdk

pytestmark = pytest.mark.needs("langgraph_server")


def of_thread(server, thread_id):
    return list(nbhitl.audit(server, thread_id=thread_id))


def test_answer_given_through_nbhitl_is_told_with_decider_and_proposal(agent):
    card = nbhitl.review(agent, SEED_INPUT, answers=["Edited text"])
    assert card.result == {"some_text": "Edited text"}
    (row,) = of_thread(agent, card.thread_id)
    assert (row.who, row.origin, row.node) == (whoami(), "script", "human_node")
    assert (row.proposed, row.answered) == ("original text", "Edited text")
    assert row.checkpoint
    assert row.seconds is not None


@pytest.mark.parametrize("is_bare", [True, False], ids=["bare", "by id"])
def test_answer_of_another_client_is_told_with_the_time_of_the_run(agent, fast_server, is_bare):
    with sdk(fast_server) as client:
        thread = client.threads.create()["thread_id"]
        client.runs.wait(thread, "agent", input=SEED_INPUT)
        (asked,) = client.threads.get_state(thread)["interrupts"]
        resume = "Edited text" if is_bare else {asked["id"]: "Edited text"}
        client.runs.wait(thread, "agent", command={"resume": resume})
    (row,) = of_thread(agent, thread)
    assert (row.who, row.origin, row.node) == (None, "elsewhere", "human_node")
    assert (row.asked, row.answered) == ({"text_to_revise": "original text"}, "Edited text")
    assert row.when is not None


def test_going_on_from_a_stop_is_told_with_the_calls_that_waited(fast_server, tmp_path):
    clerk = remote(fast_server, "clerk")
    card = nbhitl.review(clerk, {"messages": str(tmp_path / "ledger")}, interrupt_before=["tools"], answers=[None])
    assert card.result
    (row,) = of_thread(clerk, card.thread_id)
    assert (row.convention, row.node, row.answered) == ("breakpoint", "tools", None)
    assert row.difference.endswith(": approve")


def test_audit_of_a_graph_leaves_threads_of_further_graphs_out(agent, fast_server):
    mine = nbhitl.review(agent, SEED_INPUT, answers=["Edited text"])
    assert mine.result
    other = remote(fast_server, "two")

    with sdk(fast_server) as client:
        theirs = client.threads.create()["thread_id"]
        client.runs.wait(theirs, "two", input={})
        (asked, *_) = client.threads.get_state(theirs)["interrupts"]
        client.runs.wait(theirs, "two", command={"resume": {asked["id"]: "x"}})
    assert theirs in {row.thread for row in nbhitl.audit(other)}
    threads = {row.thread for row in nbhitl.audit(agent)}
    assert mine.thread_id in threads
    assert theirs not in threads


def test_alternatives_run_on_branches_and_a_refused_alternative_leaves_no_branch(agent, fast_server):
    card = nbhitl.review(agent, SEED_INPUT)
    assert [step.asked for step in card.history() if step.asked] == [{"text_to_revise": "original text"}]
    found = nbhitl.compare(agent, card, answers=["one", "two"])
    assert [each.result for each in found] == [{"some_text": "one"}, {"some_text": "two"}]
    assert found[1].difference == "some_text: [-one-]{+two+}"
    threads = waiting_threads(fast_server)
    with pytest.raises(InvalidAnswer):
        nbhitl.compare(agent, card, answers=["one", 5], forms={"human_node": bool})
    assert waiting_threads(fast_server) == threads
    assert str(card.thread_id) in threads


def waiting_threads(url):
    with sdk(url) as client:
        return {each["thread_id"] for each in client.threads.search(status="interrupted", limit=1000)}


def test_alternatives_at_a_breakpoint_run_on_a_server(fast_server, tmp_path):
    clerk = remote(fast_server, "clerk")
    card = nbhitl.review(clerk, {"messages": str(tmp_path / "ledger")}, interrupt_before=["tools"])
    assert card.interrupts[0].is_stop
    approved, rejected = nbhitl.compare(
        clerk, card, answers=[None, nbhitl.reject("not today")], interrupt_before=["tools"]
    )
    assert (approved.error, rejected.error) == (None, None)
    assert "not today" in str(rejected.result)
    assert "not today" in rejected.difference


@pytest.mark.parametrize("options", [{"interrupt_before": ["tools"]}, {}], ids=["of the review", "of the graph"])
def test_calls_that_a_breakpoint_held_back_run_only_after_an_alternative_has_approved_them(
    fast_server, tmp_path, options
):
    clerk, ledger = remote(fast_server, "clerk"), tmp_path / "ledger"
    card = nbhitl.review(clerk, {"messages": str(ledger)}, **options)
    assert card.interrupts[0].is_stop
    with pytest.raises(UsageError, match="asks nothing at checkpoint"):
        nbhitl.compare(clerk, str(card.thread_id), [None], checkpoint=card.history()[-1])
    (rejected,) = nbhitl.compare(clerk, card, answers=[nbhitl.reject("not today")])
    assert (rejected.error, ledger.exists()) == (None, False)
    (approved,) = nbhitl.compare(clerk, card, answers=[None])
    assert (approved.error, ledger.read_text().splitlines()) == (None, ["Ann"])


@pytest.mark.parametrize("options", [{"interrupt_before": ["measure"]}, {"interrupt_after": "*"}], ids=str)
def test_alternative_by_the_id_of_a_served_thread_stops_where_the_options_say(fast_server, options):
    strict = remote(fast_server, "strict")
    card = nbhitl.review(strict, {"text": "original text"}, **options)
    card.answer("Edited text")
    assert card.interrupts[0].is_stop
    step = card.history()[-1]
    for found in (
        nbhitl.compare(strict, str(card.thread_id), [None], checkpoint=step, **options),
        nbhitl.compare(strict, card, [None]),
    ):
        assert [each.result for each in found] == [{"text": "Edited text", "length": 11}]
