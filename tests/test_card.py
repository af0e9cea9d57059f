"""The texts of the card about questions that are asked again."""

from dataclasses import replace
from typing import Any

import pytest

from nbhitl.answers import Answer
from nbhitl.core.questions import Offer
from nbhitl.core.ruling import ReviewRules
from nbhitl.core.session import Session
from nbhitl.forms import Forms, form_for
from nbhitl.protocol import About
from nbhitl.protocol.entries import Reader
from nbhitl.runs.run import Interrupt, RunSegment, Snapshot, StuckAnswer
from nbhitl.ui.view import Drawing, former_of
from tests.sessions import accept

BAD = StuckAnswer(is_known=True, value="bad", error="ValueError: no good")


def asking(*interrupts, **more):
    session = Session()
    session.segment_ended(RunSegment(None, Snapshot(interrupts, ("x",), checkpoint="c1", **more)))
    return session


ABOUT: About = {
    "kind": "about",
    "graph": "graph",
    "runs_on": "here",
    "notes": [],
    "asides": [],
    "snippets": False,
    "records": True,
    "card": 0,
}


def view(session):
    drawing, reader = Drawing(Forms(), {}, ReviewRules((), Forms()), None), Reader()
    head = drawing.draw(session, ABOUT, [])
    reader.take({**drawing.entries.all(), "view": head})
    return reader.view


def test_refused_answer_is_told_with_the_error_and_the_nodes_that_run_again():
    session = asking(Interrupt("x", "x", "?"), Interrupt("y", "y", "?"))
    for key in "xy":
        accept(session, Answer(key, "bad", "person"))
    session.take()
    after = Snapshot((Interrupt("x", "x", "?", former=BAD),), ("x",), checkpoint="c1", finished=("y", "plain"))
    session.segment_failed(ValueError("no good"), after)
    (question,) = view(session)["questions"]
    assert question["standing"] == {"kind": "open", "problem": "ValueError: no good"}
    assert question["former"] is not None
    assert (question["former"]["answer"], question["former"]["again"]) == ("bad", True)
    message = question["former"]["message"]
    assert "y is asked again as well" in message
    assert "plain runs again as well" in message
    assert "y runs again" not in message
    assert "no good" not in message  # the error is shown beside the message


def test_thread_opened_after_a_refusal_says_the_error_in_the_message():
    session = asking(Interrupt("x", "x", "?", former=BAD))
    former = former_of(session.asked[0], form_for(session.asked[0].interrupt), session)
    assert former is not None
    assert "ValueError: no good" in former["message"]


def test_thread_opened_after_a_crash_says_that_the_step_may_have_run():
    session = asking(Interrupt("x", "x", "?", former=StuckAnswer(is_known=True, value="yes")))
    former = former_of(session.asked[0], form_for(session.asked[0].interrupt), session)
    assert former is not None
    assert former["answer"] == "yes"
    assert "may have run already" in former["message"]


def test_cost_of_sending_now_is_told_where_some_answers_are_held():
    session = asking(*(Interrupt(key, key, "?") for key in "abc"))
    assert view(session)["send_now"] is None
    accept(session, Answer("a", 1, "person"))
    assert "2 nodes that still wait run once more" in str(view(session)["send_now"])


def test_run_at_work_can_be_stopped_and_one_that_asks_cannot():
    session = Session()
    assert view(session)["stop"]
    assert not view(asking(Interrupt("x", "x", "?")))["stop"]


@pytest.mark.parametrize(("why", "answer"), [("sibling", None), ("other question", "null")])
def test_former_answer_of_none_is_drawn_where_a_node_asks_another_question_now(why: Any, answer: str | None):
    session = asking(Interrupt("x", "x", {"amount": 5}))
    (asked,) = session.asked
    former = former_of(replace(asked, offer=Offer(None, why)), form_for(asked.interrupt), session)
    assert former is not None
    assert former["answer"] == answer


def test_time_and_person_of_an_answer_elsewhere_are_not_compared_with_the_text_to_revise():
    session = asking(Interrupt("x", "x", {"text_to_revise": "original text"}))
    accept(session, Answer("x", "mine", "person"))
    session.seen(Snapshot(values={}), "Answered at 10:00 by Ann.")
    (turn,) = view(session)["turns"]
    assert (turn["field"], turn["original"]) == ("text", "")
    assert turn["answer"].startswith("Answered at 10:00 by Ann.")
