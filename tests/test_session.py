import contextlib
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbhitl.answers import Answer
from nbhitl.core.answering import Validation
from nbhitl.core.questions import in_order
from nbhitl.core.session import Order, Session
from nbhitl.errors import (
    AlreadyAnswered,
    InvalidAnswer,
    NobodyThere,
    RunHasFailed,
    ServerRefused,
    ServerUnreachable,
    UnknownInterrupt,
)
from nbhitl.forms import form_for
from nbhitl.runs.run import Interrupt, RunSegment, Snapshot, StuckAnswer
from tests.sessions import accept


def interrupt(key, node="ask"):
    return Interrupt(key, node, {"question": key})


def pause(*keys, busy=False):
    return RunSegment(None, Snapshot(tuple(interrupt(key) for key in keys), ("ask",), busy=busy))


def end(result):
    return RunSegment(result, Snapshot(values=result))


def asking(*keys):
    session = Session()
    session.segment_ended(pause(*keys))
    return session


def at_the_door(session, answer, fit, why_not_kept=lambda _value: None):
    """Give an answer as a review does: form and engine validate the answer, then the session accepts it."""

    def form_of(interrupt):
        return SimpleNamespace(fit=lambda value: fit(interrupt, value), without_secrets=lambda value: value)

    forms: Any = SimpleNamespace(of=form_of)
    engine: Any = SimpleNamespace(why_not_kept=why_not_kept)
    asked = session.question_for(answer)
    return session.accept(asked, Validation(forms, engine).validated(asked, answer))


PROCEED = Order("proceed")


def resume(answers):
    return Order("resume", answers)


def answer(key, value="yes", origin="person", revision=None):
    return Answer(key, value, origin, revision)


def test_answer_to_the_only_question_is_sent_keyed_by_id():
    session = asking("a")
    accept(session, answer("a"))
    assert session.take() == resume({"a": "yes"})
    assert session.phase == "running"


def test_answers_to_siblings_are_held_until_all_are_there_and_sent_together():
    session = asking("a", "b")
    accept(session, answer("b", 2))
    assert session.take() is None
    assert [asked.interrupt.id for asked in session.unanswered] == ["a"]
    accept(session, answer("a", 1))
    assert session.take() == resume({"a": 1, "b": 2})


def test_none_false_and_empty_are_answers():
    session = asking("a", "b", "c")
    for key, value in {"a": None, "b": False, "c": ""}.items():
        accept(session, answer(key, value))
    assert session.take() == resume({"a": None, "b": False, "c": ""})


def test_second_answer_to_a_question_is_refused_and_the_first_is_sent():
    session = asking("a", "b")
    accept(session, answer("a", "first"))
    with pytest.raises(AlreadyAnswered, match=r"at \d\d:\d\d:\d\d \(person\)"):
        accept(session, answer("a", "second"))
    accept(session, answer("b"))
    assert session.take() == resume({"a": "first", "b": "yes"})


def test_answer_while_the_first_is_on_its_way_is_refused():
    session = asking("a")
    accept(session, answer("a"))
    session.take()
    with pytest.raises(AlreadyAnswered):
        accept(session, answer("a"))


def test_answer_with_an_unknown_id_is_refused_and_names_the_open_ones():
    with pytest.raises(UnknownInterrupt, match="open: a"):
        accept(asking("a"), answer("z"))


def test_answer_that_saw_the_view_before_the_question_was_asked_is_refused():
    session = asking("a")
    revision = session.revision
    accept(session, answer("a", revision=revision))
    session.take()
    session.segment_ended(pause("a"))
    with pytest.raises(AlreadyAnswered, match="anew"):
        accept(session, answer("a", revision=revision))
    accept(session, answer("a", revision=session.revision))


def test_answer_to_a_finished_run_is_refused():
    session = Session()
    session.segment_ended(end("done"))
    with pytest.raises(AlreadyAnswered, match="finished"):
        accept(session, answer("a"))


@pytest.mark.parametrize("origin", ["person", "code"])
@pytest.mark.parametrize("error", [ServerUnreachable("gone"), ServerRefused("500"), InvalidAnswer("no JSON")])
def test_answer_that_did_not_arrive_reopens_the_question_with_the_problem(origin, error):
    session = asking("a")
    accept(session, answer("a", origin=origin))
    session.take()
    session.segment_failed(error)
    assert session.phase == "asking"
    assert session.unanswered[0].problem is error
    accept(session, answer("a", "again", origin=origin))
    assert session.take() == resume({"a": "again"})


@pytest.mark.parametrize("origin", ["script", "record"])
def test_unreachable_server_fails_a_scripted_review_as_nobody_would_try_again(origin):
    session = asking("a")
    accept(session, answer("a", origin=origin))
    session.take()
    session.segment_failed(ServerUnreachable("gone"))
    assert session.phase == "failed"


def test_exception_of_a_node_ends_the_session_with_that_very_exception():
    session = asking("a")
    accept(session, answer("a"))
    session.take()
    error = ZeroDivisionError()
    session.segment_failed(error)
    assert (session.phase, session.error) == ("failed", error)
    assert [answered.value for answered in session.answered] == ["yes"]


def test_question_gone_from_the_state_was_answered_elsewhere():
    session = asking("a")
    session.seen(Snapshot(values="theirs"))
    assert (session.phase, session.result) == ("finished", "theirs")
    assert session.answered[0].origin == "elsewhere"


def test_question_gone_while_the_thread_is_busy_is_running_and_not_finished():
    session = asking("a")
    session.seen(Snapshot(busy=True))
    assert session.phase == "running"
    session.seen(Snapshot(values="theirs"))
    assert session.phase == "finished"


def test_question_that_is_still_pending_stays_open():
    session = asking("a")
    revision = session.revision
    session.seen(pause("a").snapshot)
    assert session.unanswered
    assert session.revision == revision


def test_new_question_after_an_answer_from_elsewhere_is_asked():
    session = asking("a")
    session.seen(pause("b").snapshot)
    assert [asked.interrupt.id for asked in session.unanswered] == ["b"]


def test_overtaken_answer_counts_as_answered_elsewhere():
    session = asking("a")
    accept(session, answer("a", "mine"))
    session.take()
    session.overtaken(AlreadyAnswered("gone"))
    session.seen(Snapshot(values="theirs"))
    assert [(turn.origin, turn.value) for turn in session.answered] == [("elsewhere", None)]
    assert session.result == "theirs"


def stop(*nodes):
    return RunSegment(None, Snapshot(next=nodes))


def test_answer_to_a_sibling_of_a_question_answered_elsewhere_is_kept_and_sent():
    session = asking("a", "b")
    accept(session, answer("a", 1))
    accept(session, answer("b", 2))
    session.take()
    session.overtaken(AlreadyAnswered("a is gone"))
    session.seen(pause("b").snapshot)
    assert session.take() == resume({"b": 2})
    session.segment_ended(end("done"))
    assert [(turn.origin, turn.value) for turn in session.answered] == [("elsewhere", None), ("person", 2)]


def test_answer_refused_twice_to_a_pending_question_is_asked_for_again():
    session = asking("a")
    error = AlreadyAnswered("gone")
    accept(session, answer("a"))
    for _ in range(2):
        assert session.take() == resume({"a": "yes"})
        session.overtaken(error)
        session.seen(pause("a").snapshot)
    assert session.take() is None
    assert session.unanswered[0].problem is error


def test_answer_held_while_another_client_s_got_stuck_is_not_sent_before_the_person_knows():
    session = asking("a", "b")
    accept(session, answer("a"))
    stuck = replace(pause("a", "b").snapshot.interrupts[0], former=StuckAnswer(is_known=True, value="theirs"))
    session.seen(Snapshot(interrupts=(stuck, pause("b").snapshot.interrupts[0]), next=("a", "b")))
    assert [asked.interrupt.former for asked in session.unanswered] == [stuck.former, None]
    accept(session, answer("b"))
    assert session.take() is None


def test_click_on_a_question_that_got_another_client_s_answer_since_is_refused():
    session = asking("a")
    looked_at = session.revision
    stuck = replace(pause("a").snapshot.interrupts[0], former=StuckAnswer(is_known=True, value="yes"))
    session.seen(Snapshot(interrupts=(stuck,), next=("a",)))
    with pytest.raises(AlreadyAnswered, match="was drafted. Review the answer, and send it again"):
        accept(session, replace(answer("a"), revision=looked_at))
    accept(session, replace(answer("a"), revision=session.revision))
    assert session.take() == Order("resume", {"a": "yes"}, again=("a",))


def test_nothing_is_sent_while_another_run_is_at_work_on_the_thread():
    session = asking("a")
    accept(session, answer("a"))
    session.take()
    session.overtaken(AlreadyAnswered("gone"))
    session.seen(pause("a", busy=True).snapshot)
    assert session.take() is None


def test_value_that_the_engine_cannot_keep_is_refused_at_the_door():
    def fit(_interrupt, value):
        return value

    def why_not_kept(value):
        return "too large" if value == 10**30 else None

    session = asking("a")
    with pytest.raises(InvalidAnswer, match="too large"):
        at_the_door(session, answer("a", 10**30), fit, why_not_kept)
    at_the_door(session, answer("a", 1), fit, why_not_kept)
    assert session.take() == resume({"a": 1})


def test_stop_without_a_question_asks_to_go_on_and_sends_nothing():
    session = Session()
    session.segment_ended(stop("tools"))
    (asked,) = session.unanswered
    assert (asked.interrupt.node, asked.interrupt.is_stop) == ("tools", True)
    accept(session, answer(asked.interrupt.id, None))
    assert session.take() == PROCEED


def test_stop_takes_no_answer_but_none():
    session = Session()
    session.segment_ended(stop("tools"))
    with pytest.raises(InvalidAnswer, match="update_state"):
        at_the_door(session, answer("stop-1", "yes"), lambda interrupt, value: form_for(interrupt).fit(value))
    assert session.unanswered


def test_present_stop_stays_open_and_a_stop_that_is_gone_went_on_elsewhere():
    session = Session()
    session.segment_ended(stop("tools"))
    session.seen(stop("tools").snapshot)
    assert session.unanswered
    session.seen(Snapshot(values="theirs"))
    assert session.result == "theirs"


def test_ordinal_counts_the_questions_of_each_node():
    session = asking("a")
    accept(session, answer("a"))
    session.take()
    session.segment_ended(RunSegment(None, Snapshot((interrupt("b"), interrupt("c", "other")), ("ask",))))
    assert [(asked.interrupt.id, asked.ordinal) for asked in session.asked] == [("b", 1), ("c", 0)]


def test_reason_that_nobody_answers_ends_with_the_answer():
    session = asking("a")
    session.unanswerable(NobodyThere("why"))
    accept(session, answer("a"))
    session.take()
    assert session.nobody is None


@given(st.lists(st.sampled_from(["a", "b", "c", "z"]), max_size=12))
def test_each_question_is_sent_once_with_its_first_answer_in_any_order(ids):
    session = asking("a", "b", "c")
    expected: dict[str, int] = {}
    sent = []
    for number, key in enumerate(ids):
        fits = key in ("a", "b", "c") and key not in expected
        try:
            accept(session, answer(key, number))
        except (AlreadyAnswered, UnknownInterrupt):
            assert not fits
        else:
            assert fits
            expected[key] = number
        if (order := session.take()) is not None:
            sent.append(order.answers)
    assert sent == ([expected] if len(expected) == 3 else [])


@given(st.data())
def test_revision_never_goes_back(data):
    session = asking("a", "b")
    seen = session.revision
    steps = [
        lambda: accept(session, answer(data.draw(st.sampled_from("abz")))),
        session.take,
        lambda: session.segment_ended(pause("a", "b")),
        lambda: session.segment_failed(ServerUnreachable("gone")),
        lambda: session.seen(pause(data.draw(st.sampled_from("abc"))).snapshot),
        lambda: session.overtaken(AlreadyAnswered("gone")),
    ]
    for step in data.draw(st.lists(st.sampled_from(steps), max_size=8)):
        with contextlib.suppress(AlreadyAnswered, RunHasFailed, UnknownInterrupt):
            step()
        assert session.revision >= seen
        seen = session.revision


@given(st.data())
def test_order_of_settled_questions_is_independent_of_the_order_of_answers(data):
    branches = {"b": 2, "a": 1, "c": 3}
    done = dict.fromkeys(branches, 0)

    def step():
        pending = [
            Interrupt(f"{name}{done[name]}", f"{name}/{done[name]}", "?")
            for name in branches
            if done[name] < branches[name]
        ]
        return RunSegment(
            None, Snapshot(tuple(pending), tuple(branches) if pending else (), checkpoint="the only step")
        )

    session = Session()
    session.segment_ended(step())
    while session.phase == "asking":
        waiting = [asked.interrupt.id for asked in session.unanswered]
        for key in data.draw(st.lists(st.sampled_from(waiting), min_size=1, unique=True)):
            accept(session, answer(key))
        if session.unanswered:
            session.send_now()
        order = session.take()
        assert order is not None
        for key in order.answers:
            done[key[0]] += 1
        session.segment_ended(step())
    assert [each.interrupt.id for each in in_order(session.answered)] == ["b0", "b1", "a0", "c0", "c1", "c2"]


def test_refusal_keeps_the_punctuation_of_the_cause():
    def refuse(_interrupt, value):
        raise InvalidAnswer(f"it is {value!r}")

    session = asking("a")
    with pytest.raises(InvalidAnswer, match=r"with this value: it is '\.\./\.\./etc \.\.\.'\.$"):
        at_the_door(session, answer("a", "../../etc ..."), refuse)
