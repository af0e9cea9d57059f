"""Questions that are asked again: after an answer that the node refused, a crash, or a change of mind."""

import pytest

from nbhitl.answers import Answer
from nbhitl.core.session import Order, Session
from nbhitl.errors import AlreadyAnswered, ServerUnreachable, ThreadNotFound, UsageError
from nbhitl.forms import form_for
from nbhitl.runs.run import Interrupt, RunSegment, Snapshot, StuckAnswer
from tests.sessions import accept

BAD = StuckAnswer(is_known=True, value="bad", error="ValueError: no good")
CUT = StuckAnswer(is_known=True, value="yes")


def interrupt(key, node="ask", payload="?", former=None):
    return Interrupt(key, node, payload, former=former)


def pause(*interrupts, checkpoint="c1", **more):
    return RunSegment(None, Snapshot(interrupts, tuple(i.node for i in interrupts), checkpoint=checkpoint, **more))


def end(result, checkpoint="end"):
    return RunSegment(result, Snapshot(values=result, checkpoint=checkpoint))


def asking(*interrupts, **more):
    session = Session()
    session.segment_ended(pause(*interrupts, **more))
    return session


def give(session, key, value="yes", origin="person"):
    return accept(session, Answer(key, value, origin))


def refused(origin="person"):
    """Return a session after node x raised on the answer "bad", and sibling y took the answer "fine"."""
    session = asking(interrupt("x", "x"), interrupt("y", "y"))
    give(session, "x", "bad", origin)
    give(session, "y", "fine", origin)
    session.take()
    session.segment_failed(ValueError("no good"), pause(interrupt("x", "x", former=BAD)).snapshot)
    return session


@pytest.mark.parametrize("origin", ["person", "code"])
def test_question_whose_node_raised_on_the_answer_is_open_with_the_exception(origin):
    session = refused(origin)
    assert session.phase == "asking"
    (asked,) = session.unanswered
    assert (asked.interrupt.id, str(asked.problem), asked.interrupt.former) == ("x", "no good", BAD)
    assert [answered.value for answered in session.answered] == ["fine"]


@pytest.mark.parametrize("origin", ["script", "record"])
def test_answer_from_a_script_that_the_node_raises_on_ends_the_review(origin):
    assert refused(origin).phase == "failed"


def test_siblings_that_a_fork_asks_again_are_named():
    session = refused()
    assert session.settled_siblings == ("y",)


def test_new_answer_to_a_refused_question_forks_first_and_is_sent_to_the_new_id():
    session = asking(interrupt("x"))
    give(session, "x", "bad")
    session.take()
    session.segment_failed(ValueError(), pause(interrupt("x", former=BAD), checkpoint="c2").snapshot)
    give(session, "x", "good")
    assert session.take() == Order("ask_again", checkpoint="c2", pending=("x",))
    session.asked_again(pause(interrupt("x2"), checkpoint="c3"))
    assert session.take() == Order("resume", {"x2": "good"})
    session.segment_ended(end("done"))
    assert [(a.interrupt.id, a.ordinal, a.value) for a in session.answered] == [("x2", 0, "good")]


def test_sibling_that_is_asked_again_is_offered_the_former_answer_and_holds_the_others_back():
    session = refused()
    give(session, "x", "good")
    session.take()
    session.asked_again(pause(interrupt("x2", "x"), interrupt("y2", "y")))
    (asked,) = session.unanswered
    assert (asked.interrupt.id, asked.offer.value, asked.offer.why, asked.ordinal) == ("y2", "fine", "sibling", 0)
    assert session.take() is None
    give(session, "y2", "fine")
    assert session.take() == Order("resume", {"x2": "good", "y2": "fine"})


def test_node_that_asks_something_else_in_the_fork_does_not_get_the_answer_unasked():
    session = asking(interrupt("x", former=BAD))
    give(session, "x", "good")
    session.take()
    session.asked_again(pause(interrupt("x2", payload="something else?")))
    (asked,) = session.unanswered
    assert (asked.offer.value, asked.offer.why) == ("good", "other question")
    assert session.take() is None


def test_answer_whose_question_does_not_come_again_is_told():
    session = asking(interrupt("x", former=BAD))
    give(session, "x", "good")
    session.take()
    session.asked_again(end("done"))
    assert (session.phase, session.result) == ("finished", "done")
    assert "not used" in session.notes[0]


def test_fork_that_fails_opens_the_questions_again_and_keeps_the_siblings_answers():
    session = refused()
    give(session, "x", "good")
    session.take()
    error = ServerUnreachable("gone")
    session.segment_failed(error)
    assert [(a.interrupt.id, a.problem) for a in session.unanswered] == [("x", error)]
    assert [answered.value for answered in session.answered] == ["fine"]


def test_same_answer_as_in_the_thread_after_a_crash_goes_out_without_a_fork():
    session = asking(interrupt("x", former=CUT))
    give(session, "x", "yes")
    assert session.take() == Order("resume", {"x": "yes"}, again=("x",))


@pytest.mark.parametrize("former", [CUT, StuckAnswer()], ids=["known", "unknown"])
def test_different_answer_than_in_the_thread_after_a_crash_forks_first(former):
    session = asking(interrupt("x", former=former))
    give(session, "x", "another")
    assert session.take() == Order("ask_again", checkpoint="c1", pending=("x",))


def test_run_that_is_stopped_while_the_node_works_on_an_answer_asks_again():
    session = asking(interrupt("x"))
    give(session, "x", "yes")
    session.take()
    session.stop()
    assert session.stopping
    session.segment_ended(pause(interrupt("x", former=CUT)))
    assert not session.stopping
    assert [asked.interrupt.former for asked in session.unanswered] == [CUT]


def test_stop_where_nothing_works_is_refused():
    with pytest.raises(UsageError, match="asking"):
        asking(interrupt("x")).stop()


@pytest.mark.parametrize("is_cut", [True, False])
def test_thread_found_between_two_steps_asks_to_go_on_and_says_that_a_step_may_have_run(is_cut):
    session = Session()
    session.segment_ended(RunSegment(None, Snapshot(next=("z",)), is_cut=is_cut))
    assert (session.unanswered[0].interrupt.former is not None) == is_cut


def test_thread_found_after_a_step_that_was_saved_has_nothing_that_may_have_run_unsaved():
    session = Session()
    session.segment_ended(RunSegment(None, Snapshot(next=("z",), finished=("z",)), is_cut=True))
    (asked,) = session.unanswered
    assert asked.interrupt.former is None
    assert "after z had run" in form_for(asked.interrupt).prompt


def test_changing_the_last_answer_asks_the_question_again_and_offers_the_former_answer():
    session = asking(interrupt("x"))
    give(session, "x", "first")
    session.take()
    session.segment_ended(end("first result"))
    session.ask_again()
    assert session.take() == Order("ask_again", checkpoint="c1")
    session.asked_again(pause(interrupt("x2"), checkpoint="c9"))
    (asked,) = session.unanswered
    assert (asked.offer.value, asked.offer.why, asked.ordinal) == ("first", "changed", 0)
    give(session, "x2", "second")
    assert session.take() == Order("resume", {"x2": "second"})
    session.segment_ended(end("second result"))
    assert session.result == "second result"
    assert [answered.value for answered in session.answered] == ["second"]


def test_failed_change_of_an_answer_leaves_the_review_unchanged_with_a_note():
    session = asking(interrupt("x"))
    give(session, "x", "first")
    session.take()
    session.segment_ended(pause(interrupt("next"), checkpoint="c2"))
    session.ask_again()
    session.take()
    session.segment_failed(ServerUnreachable("gone"))
    assert [asked.interrupt.id for asked in session.unanswered] == ["next"]
    assert [answered.value for answered in session.answered] == ["first"]
    assert "gone" in session.notes[-1]


def test_changing_an_answer_before_the_first_answer_is_refused():
    with pytest.raises(UsageError, match="answered"):
        asking(interrupt("x")).ask_again()


def test_held_answers_can_be_sent_before_their_siblings_which_stay_open():
    session = asking(interrupt("x", "x"), interrupt("y", "y"))
    give(session, "x", 1)
    session.send_now()
    assert session.take() == Order("resume", {"x": 1})
    session.segment_ended(pause(interrupt("y", "y")))
    assert [(a.interrupt.id, a.ordinal) for a in session.unanswered] == [("y", 0)]
    give(session, "y", 2)
    assert session.take() == Order("resume", {"y": 2})


def test_sending_now_without_an_answer_is_refused():
    with pytest.raises(UsageError, match="held"):
        asking(interrupt("x"), interrupt("y")).send_now()


def test_sibling_may_be_answered_while_another_answer_is_on_its_way():
    session = asking(interrupt("x", "x"), interrupt("y", "y"))
    give(session, "x", 1)
    session.send_now()
    session.take()
    give(session, "y", 2)
    assert session.take() is None
    session.segment_ended(pause(interrupt("y", "y")))
    assert session.take() == Order("resume", {"y": 2})


@pytest.mark.parametrize("kind", ["abandon", "delete"])
def test_end_of_the_thread_is_ordered_once(kind):
    session = asking(interrupt("x"))
    session.end_thread(kind)
    assert session.take() == Order(kind)
    assert session.take() is None


def test_question_answered_elsewhere_tells_time_and_person():
    session = asking(interrupt("x"))
    give(session, "x")
    session.take()
    session.overtaken(AlreadyAnswered("Answered at 14:03:22 by anna on laptop."))
    session.seen(Snapshot(values="theirs"))
    assert "anna" in session.answered[0].told


def test_decision_of_another_client_cannot_be_changed_here():
    session = asking(interrupt("x"))
    session.seen(Snapshot(values={}, checkpoint="end"))
    assert session.answered[0].origin == "elsewhere"
    assert session.last_decision == ()
    with pytest.raises(UsageError, match="Nothing has been answered"):
        session.ask_again()


def test_look_that_ends_after_an_answer_was_taken_to_be_sent_changes_nothing():
    session = asking(interrupt("x"))
    give(session, "x")
    session.take()
    session.seen(Snapshot(values={}, checkpoint="end"))  # read before the answer was sent
    assert (session.phase, [answered.origin for answered in session.answered]) == ("running", ["person"])
    session.seen_gone(ThreadNotFound("gone"))
    assert session.phase == "running"


def test_question_whose_step_another_client_ran_into_an_exception_shows_that_exception():
    session = asking(interrupt("x", former=CUT))
    session.seen(pause(interrupt("x", former=BAD)).snapshot)
    assert session.unanswered[0].interrupt.former == BAD


def test_answer_to_a_view_without_the_question_is_stale_after_the_thread_could_not_be_ended():
    session = asking(interrupt("x"))
    session.end_thread("abandon")
    without_it = session.revision
    session.take()
    session.not_ended(ServerUnreachable("gone"), "ServerUnreachable: gone")
    with pytest.raises(AlreadyAnswered, match="asked anew"):
        accept(session, Answer("x", "yes", "person", without_it))
    give(session, "x")


def test_fork_in_which_nothing_is_asked_says_that_no_new_answer_was_given():
    session = asking(interrupt("x"))
    give(session, "x")
    session.take()
    session.segment_ended(end({"a": "yes"}))
    session.ask_again()
    session.take()
    session.asked_again(end({"a": "yes"}))
    assert session.phase == "finished"
    assert session.notes == ("ask did not ask again, and no new answer was given: the run went on without one.",)


NOT_ASKED = "ask did not ask again, and no new answer was given: the run went on without one."


def forked_to(*coming, stop=False, path="ask", **more):
    """Return a session in a fork that asks nothing, and that stands before these nodes."""
    session = asking(interrupt("x", path))
    give(session, "x")
    session.take()
    session.segment_ended(end({"a": "yes"}))
    session.ask_again()
    session.take()
    if stop:
        session.stop()
    is_cut = more.pop("is_cut", False)
    session.asked_again(RunSegment(None, Snapshot((), coming, checkpoint="c9", **more), is_cut=is_cut))
    return session


@pytest.mark.parametrize(
    "session",
    [
        lambda: forked_to("ask", stop=True, is_cut=True),
        lambda: forked_to("later", stop=True),
        lambda: forked_to("later", is_cut=True),
        lambda: forked_to("ask"),
        lambda: forked_to("sub", path="sub/ask"),
        lambda: forked_to("ask", busy=True),
        lambda: forked_to(busy=True),
    ],
    ids=["stopped", "stopped behind", "cut off", "breakpoint", "in a subgraph", "at work", "at work at the end"],
)
def test_fork_that_may_still_ask_is_not_said_to_have_gone_on_without_an_answer(session):
    assert not any("did not ask again" in note for note in session().notes)


def test_fork_that_stops_at_a_breakpoint_behind_the_node_says_that_no_new_answer_was_given():
    session = forked_to("later")
    assert (session.phase, session.notes) == ("asking", (NOT_ASKED,))


def test_stopped_fork_that_had_already_ended_says_that_no_new_answer_was_given():
    assert forked_to(stop=True).notes == (NOT_ASKED,)
