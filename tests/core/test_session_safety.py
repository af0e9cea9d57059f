"""No answer is lost, sent twice or sent unasked: each test fails on a session with a single broken line."""

import pytest

from nbhitl.answers import Answer
from nbhitl.core.session import Order, Session
from nbhitl.core.shared import lost
from nbhitl.errors import AlreadyAnswered, ServerUnreachable, UsageError
from nbhitl.protocol import RuledCall
from nbhitl.runs.past import Past, PastQuestion
from nbhitl.runs.run import StuckAnswer
from tests.sessions import accept
from tests.test_session_again import BAD, CUT, asking, end, give, interrupt, pause, refused

RULED: RuledCall = {"rule": "allow('mail')", "scope": "source"}


# --- stale answers --------------------------------------------------------------------------------


def test_answer_validated_before_the_question_was_asked_anew_is_refused():
    session = asking(interrupt("x"))
    given = Answer("x", "yes", "person")
    validated_for = session.question_for(given)
    session.reconsider(["x"])
    with pytest.raises(AlreadyAnswered, match="asked anew"):
        session.accept(validated_for, given)
    assert session.take() is None


def test_answer_written_under_other_rules_is_refused():
    session = asking(interrupt("x"))
    before = session.revision
    session.reconsider(["x"])
    with pytest.raises(AlreadyAnswered, match="asked anew"):
        accept(session, Answer("x", "yes", "person", before))
    assert session.unanswered


def test_held_decision_of_a_revoked_rule_is_taken_back_and_a_person_s_answer_stays():
    session = asking(interrupt("x", "x"), interrupt("y", "y"), interrupt("z", "z"))
    accept(session, Answer("x", "approve", "rule", ruled=(RULED,)))
    give(session, "y")
    session.reconsider(["x", "y", "gone"])
    assert [asked.interrupt.id for asked in session.unanswered] == ["x", "z"]


# --- answers that the thread holds ----------------------------------------------------------------


@pytest.mark.parametrize(("former", "value"), [(BAD, "bad"), (StuckAnswer(), None)], ids=["refused", "unknown"])
def test_equal_answer_forks_where_the_former_answer_was_refused_or_is_unknown(former, value):
    session = asking(interrupt("x", former=former))
    give(session, "x", value)
    assert session.take() == Order("ask_again", checkpoint="c1", pending=("x",))


@pytest.mark.parametrize("key", ["x", "y"])
def test_held_answer_waits_for_siblings_where_the_thread_holds_a_former_answer(key):
    session = asking(interrupt("x", "x", former=CUT), interrupt("y", "y"))
    give(session, key, "another")
    with pytest.raises(UsageError, match="together with its siblings"):
        session.send_now()
    assert session.take() is None


def test_fork_that_keeps_the_former_answer_asks_the_person_again():
    session = asking(interrupt("x", former=BAD))
    give(session, "x", "good")
    session.take()
    session.asked_again(pause(interrupt("x2", former=BAD)))
    (asked,) = session.unanswered
    assert "could not be forked" in str(asked.problem)
    assert session.take() is None


def test_fork_gives_no_node_the_answer_to_another_node_s_equal_question():
    session = refused()
    give(session, "x", "good")
    session.take()
    session.asked_again(pause(interrupt("y2", "y"), interrupt("x2", "x")))
    held = {asked.interrupt.id: asked.answer.value for asked in session.asked if asked.answer is not None}
    assert held == {"x2": "good"}


def test_failure_in_the_middle_of_a_fork_keeps_all_answers():
    session = refused()
    give(session, "x", "good")
    session.take()
    session.fail(ValueError("broken"))
    assert {answered.interrupt.id: answered.value for answered in session.answered} == {"x": "good", "y": "fine"}


# --- answers of further clients -------------------------------------------------------------------


def test_question_that_is_gone_when_a_segment_ends_was_answered_elsewhere():
    session = asking(interrupt("x", "x"), interrupt("y", "y"))
    give(session, "x")
    session.send_now()
    session.take()
    session.segment_ended(end("done"))
    assert session.asked == ()
    assert [(each.interrupt.id, each.origin) for each in session.answered] == [("x", "person"), ("y", "elsewhere")]


@pytest.mark.parametrize("origin", ["code", "person"])
def test_held_answer_that_came_too_late_is_told_and_raised_in_code(origin):
    session = asking(interrupt("x", "x"), interrupt("y", "y"))
    give(session, "x", "mine", origin)
    session.seen(pause(interrupt("y", "y")).snapshot)
    assert [asked.answer.value for asked in session.late if asked.answer] == ["mine"]
    (gone,) = session.answered
    assert (gone.told, gone.late and gone.late.value) == (
        "The question of node 'x' has been answered by another client.",
        "mine",
    )
    assert isinstance(lost(session), AlreadyAnswered) == (origin == "code")
    assert lost(session) is None


# --- failures -------------------------------------------------------------------------------------


def test_node_s_own_error_about_a_server_fails_the_run_and_sends_nothing_again():
    session = asking(interrupt("x"))
    give(session, "x")
    session.take()
    session.segment_failed(ServerUnreachable("of the node"), end(None).snapshot, by_node=True)
    assert (session.phase, session.unanswered) == ("failed", ())


def changing_x_behind_y():
    """Return a session in which the answer to x is being taken back, while y is open."""
    session = asking(interrupt("x"))
    give(session, "x")
    session.take()
    session.segment_ended(pause(interrupt("y"), checkpoint="c2"))
    session.ask_again()
    session.take()
    return session


def test_ordinals_go_on_where_a_change_of_an_answer_has_failed():
    session = changing_x_behind_y()
    session.segment_failed(ServerUnreachable("gone"))
    give(session, "y")
    session.take()
    session.segment_ended(pause(interrupt("z"), checkpoint="c3"))
    assert [asked.ordinal for asked in session.unanswered] == [2]


def test_question_found_pending_is_counted_once():
    session = Session()
    past = Past((PastQuestion("ask"), PastQuestion("ask", id="x")))
    session.found(pause(interrupt("x")), past)
    give(session, "x")
    session.take()
    session.segment_ended(pause(interrupt("y"), checkpoint="c2"))
    assert [(each.interrupt.id, each.ordinal) for each in session.answered] == [("x", 1)]
    assert [(each.interrupt.id, each.ordinal) for each in session.asked] == [("y", 2)]


def test_changed_answer_takes_the_ordinals_of_the_answers_after_back():
    session = changing_x_behind_y()
    session.asked_again(pause(interrupt("x2")))
    give(session, "x2", "another")
    session.take()
    session.segment_ended(pause(interrupt("y2"), checkpoint="c3"))
    assert [(each.interrupt.id, each.ordinal) for each in (*session.answered, *session.asked)] == [("x2", 0), ("y2", 1)]


def test_answer_whose_place_in_the_run_is_unknown_is_sent_without_a_place():
    session = Session()
    session.found(pause(interrupt("x")), Past(why_unknown="the checkpointer does not list checkpoints"))
    give(session, "x")
    order = session.take()
    assert order == Order("resume", {"x": "yes"})
    assert order is not None
    assert order.asked == {}
