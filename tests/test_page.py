"""Messages of the page that reach the widget, without a kernel and a browser."""

import json
import threading
from typing import get_args, get_type_hints

import pytest
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt
from pydantic import BaseModel, SecretStr

import nbhitl
from nbhitl.answers import Record
from nbhitl.core.answered import AnsweredTurn, Answers
from nbhitl.core.session import Session
from nbhitl.core.state import Reading
from nbhitl.errors import InvalidAnswer
from nbhitl.protocol import RECORD_FORMAT, KernelMessage, PageMessage, Replies
from nbhitl.protocol.entries import Reader
from nbhitl.recording import outputs
from nbhitl.recording.recorder import Recorder
from nbhitl.ui.publishing import NO_RECORD
from tests import graphs
from tests.graphs import SEED_INPUT


class Card:
    """A review with a shown card, and methods that send the messages of a page."""

    def __init__(self, graph, value=SEED_INPUT, **options):
        self.review = nbhitl.review(graph, value, **options)
        assert self.review.interrupts is not None  # the run has paused
        self.review._screen.page.mime_bundle()
        assert self.review._screen.page._publisher.widget is not None
        self.widget = self.review._screen.page._publisher.widget
        self.sent: list[KernelMessage] = []
        self.widget.send = self.sent.append

    @property
    def view(self):
        reader = Reader()
        reader.take(self.widget.get_state())
        assert reader.is_whole
        return reader.view

    def receive(self, **message):
        self.widget._receive(self.widget, {"request": "r1", **message}, [])
        return self.sent.pop() if self.sent else None

    def answer(self, draft, **changes):
        question = self.view["questions"][0]
        message = {"kind": "answer", "id": question["id"], "revision": self.view["revision"], "draft": draft}
        return self.receive(**message | changes)


def test_view_shows_the_open_question():
    card = Card(graphs.seed())
    (question,) = card.view["questions"]
    assert card.view["phase"] == {"kind": "asking"}
    assert question["node"] == "human_review"
    assert json.loads(question["payload"]) == {"text_to_revise": "original text"}
    assert question["field"] == {"kind": "text", "original": "original text", "language": ""}
    assert card.view["notes"] == []
    assert "memory" in card.view["asides"][0]


def test_question_and_turn_that_are_over_leave_the_card_s_state_with_their_texts():
    card = Card(graphs.asks_twice())
    card.answer("Ann")
    assert card.review.interrupts
    assert [each["prompt"] for each in card.view["questions"]] == ["Last name?"]
    assert "First name?" not in json.dumps({**card.widget.get_state(), "turn_0": None}, default=str)
    assert [turn["answer"] for turn in card.view["turns"]] == ["Ann"]
    card.review.ask_again()
    assert card.review.interrupts
    assert card.view["turns"] == []
    assert [each["prompt"] for each in card.view["questions"]] == ["First name?"]
    card.answer("Eve")
    assert card.review.interrupts
    card.answer("Lee")
    assert card.review.result == {"some_text": "Eve Lee"}
    of_questions = {
        key: each for key, each in card.widget.get_state().items() if key.startswith(("pending_", "standing_"))
    }
    assert of_questions
    assert not any(each and each["value"] for each in of_questions.values())


def test_card_that_cannot_be_drawn_keeps_neither_answer_nor_result_from_code(monkeypatch, caplog):
    def publish(*_):
        raise LookupError("no front end")

    card = Card(graphs.seed())
    monkeypatch.setattr(card.widget, "publish", publish)
    card.review.answer("Edited text")
    assert card.review.result == {"some_text": "Edited text"}
    assert "The card could not be drawn" in caplog.text


def test_card_says_that_a_step_may_have_run_already(monkeypatch):
    monkeypatch.setattr(Reading, "may_have_run", lambda *_: "The step may have run already.")
    (question,) = Card(graphs.seed()).view["questions"]
    assert question["may_have_run"].startswith("The step may have run already.")


def test_review_that_records_no_answers_says_so_among_the_details_and_warns_of_no_answer():
    card = Card(graphs.seed(), record=False)
    assert card.answer("Edited text")["record"] is None
    assert card.review.result == {"some_text": "Edited text"}
    assert card.view["turns"][0]["record"] == {"kind": "nothing"}
    assert card.view["notes"] == []
    assert NO_RECORD in card.view["asides"]
    assert NO_RECORD not in Card(graphs.seed()).view["asides"]


def test_answer_that_a_person_keeps_out_is_taken_and_not_recorded():
    card = Card(graphs.seed())
    assert card.view["records"]
    assert card.answer("Edited text", record=False)["record"] is None
    assert card.review.result == {"some_text": "Edited text"}
    assert card.view["turns"][0]["record"] == {"kind": "kept_out"}


def test_answer_that_is_kept_out_in_the_place_of_a_recorded_one_takes_that_out_of_the_notebook():
    card = Card(graphs.seed())
    written = card.answer("Edited text")["record"]
    card.receive(kind="record_outcome", outcome={"kind": "recorded"})
    assert card.review.result
    card.review.ask_again()
    assert card.review.interrupts
    forgotten = card.answer("For nobody else", record=False)["record"]
    assert forgotten["forget"]
    assert forgotten["output"]["text/plain"].endswith("A person answered:\n(not recorded)")
    for same in ("execution", "node", "ordinal", "payload"):
        assert forgotten["entry"][same] == written["entry"][same]
    assert "nobody else" not in json.dumps(forgotten)
    assert card.review.result == {"some_text": "For nobody else"}
    assert card.view["turns"][0]["record"] == {"kind": "kept_out"}


def test_answers_as_code_are_taken_by_review():
    card = Card(graphs.seed())
    card.answer("It's edited")
    assert card.review.result
    code = card.receive(kind="code_request")["python"]
    assert code == """answers=["It's edited"]"""
    given = eval(f"dict({code})")  # noqa: S307 - our own line
    assert nbhitl.review(graphs.seed(), SEED_INPUT, **given).result == {"some_text": "It's edited"}


def test_long_answers_as_code_stand_on_several_lines():
    value = [{"name": "send_email", "args": {"to": "ann@example.org", "text": "word " * 20}}, "x"]
    code = Answers([AnsweredTurn("ask", None, each, "person") for each in value]).as_code()
    assert eval(f"dict({code})") == {"answers": value}  # noqa: S307 - our own line
    assert code.splitlines()[:3] == ["answers=[", "    {", "        'name': 'send_email',"]


def test_hello_is_welcomed():
    card = Card(graphs.seed())
    welcome = card.receive(kind="hello")
    assert welcome.pop("now") > 0
    assert welcome == {"kind": "welcome", "request": "r1", "revision": card.view["revision"]}


def test_answer_of_the_page_resumes_and_returns_the_record_to_write():
    card = Card(graphs.seed())
    reply = card.answer("Edited text")
    assert card.review.result == {"some_text": "Edited text"}
    assert (reply["kind"], reply["request"]) == ("accepted", "r1")
    assert reply["record"]["format"] == RECORD_FORMAT
    assert reply["record"]["entry"]["answer"] == '"Edited text"'
    assert "original text" in reply["record"]["output"]["text/plain"]
    assert card.view["phase"]["kind"] == "finished"
    assert card.view["turns"][0]["record"] == {"kind": "recording"}


def test_outcome_of_the_record_is_shown():
    card = Card(graphs.seed())
    card.answer("Edited text")
    outcome = {"kind": "not_recorded", "reason": "read-only"}
    card.receive(kind="record_outcome", outcome=outcome)
    assert card.review.result
    assert card.view["turns"][0]["record"] == outcome


def test_outcome_for_an_answer_to_an_earlier_kernel_is_ignored():
    card = Card(graphs.seed())
    assert card.receive(kind="record_outcome", request="old", outcome={"kind": "recorded"}) is None


def test_second_answer_is_refused_and_tells_who_was_faster():
    card = Card(graphs.seed())
    question = card.view["questions"][0]
    card.answer("Edited text")
    reply = card.receive(kind="answer", id=question["id"], revision=card.view["revision"], draft="again")
    assert reply["kind"] == "refused"
    assert reply["problem"]["name"] == "AlreadyAnswered"
    assert card.review.result == {"some_text": "Edited text"}


def test_draft_that_is_no_json_is_refused_and_the_question_stays_open():
    card = Card(graphs.compile_node(lambda state: {"some_text": graphs.interrupt({"any": 1})}))
    switch(card, "json", "")
    assert card.answer("{")["problem"]["name"] == "InvalidAnswer"
    card.answer("[1]")
    assert card.review.result == {"some_text": [1]}


def test_whole_number_beyond_the_numbers_of_javascript_stays_exact():
    card = Card(graphs.compile_node(lambda state: {"some_text": graphs.interrupt({"any": 1})}))
    switch(card, "json", "")
    reply = card.answer("9007199254740993")
    assert card.review.result == {"some_text": 2**53 + 1}
    assert reply["record"]["entry"]["answer"] == "9007199254740993"


@pytest.mark.parametrize(
    "message",
    [{"kind": "answer"}, {"kind": "nonsense"}, {}, {"kind": "answer", "id": 3, "revision": "x", "draft": None}],
    ids=repr,
)
def test_message_that_breaks_the_protocol_is_refused_with_the_fault(message):
    reply = Card(graphs.seed()).receive(**message)
    assert reply["kind"] == "refused"
    assert reply["problem"]["name"] == "BadMessage"


def test_message_that_names_no_request_gets_no_reply():
    card = Card(graphs.seed())
    card.widget._receive(card.widget, "nonsense", [])
    assert card.sent == []


def test_siblings_are_held_until_the_last_is_answered():
    card = Card(graphs.parallel(2), {"texts": []})
    first, second = card.view["questions"]
    card.answer("a")
    assert card.view["questions"][0]["standing"] == {"kind": "held", "answer": "a"}
    card.receive(kind="answer", id=second["id"], revision=card.view["revision"], draft="b")
    assert sorted(card.review.result["texts"]) == ["a", "b"]
    assert first["id"] != second["id"]


def test_payload_with_values_unknown_to_json_is_shown():
    card = Card(graphs.compile_node(lambda state: {"some_text": graphs.interrupt({"raw": b"ab", "set": {1}})}))
    assert json.loads(card.view["questions"][0]["payload"]) == {"raw": "YWI=", "set": [1]}


def test_all_answers_pass_one_function(monkeypatch):
    """The function is `Session.accept`; tests/kernel watches it for messages and records, tests/browser for a click."""
    origins = []
    door = Session.accept

    def spy(self, asked, answer):
        origins.append(answer.origin)
        return door(self, asked, answer)

    monkeypatch.setattr(Session, "accept", spy)
    assert nbhitl.review(graphs.seed(), SEED_INPUT, answers=["x"]).result
    review = nbhitl.review(graphs.seed(), SEED_INPUT)
    review.answer("x")
    assert review.result
    card = Card(graphs.seed())
    card.answer("x")
    assert card.review.result
    assert origins == ["script", "code", "person"]


class Unspeakable:
    def __str__(self):
        raise ValueError("no text")


def cycle():
    value: dict[str, object] = {}
    value["itself"] = value
    return value


def deep(levels):
    value: object = 0
    for _ in range(levels):
        value = [value]
    return value


STRANGE = {
    "mixed keys": {1: 1, "b": 2},
    "tuple keys": {(1, 2): 3},
    "cycle": cycle(),
    "huge number": 10**5000,
    "class": int,
    "no text": Unspeakable(),
    "deep": deep(5_000),
    "lone surrogate": "\ud800",
    "nan": float("nan"),
    "bytes": b"\xff",
}


@pytest.mark.parametrize("payload", STRANGE.values(), ids=STRANGE)
def test_any_payload_is_shown_answered_and_recorded(payload):
    def flow(_value):
        return (yield payload)

    card = Card(nbhitl.scripted(flow))
    assert card.answer("1")["kind"] == "accepted"
    assert card.review.result in (1, "1")
    assert "flow asks" in str(card.review)


@pytest.mark.parametrize("result", STRANGE.values(), ids=STRANGE)
def test_any_result_is_shown_and_returned_unchanged(result):
    def flow(_value):
        yield "Name?"
        return result

    card = Card(nbhitl.scripted(flow))
    card.answer("Ann")
    assert card.review.result is result
    assert card.view["phase"]["kind"] == "finished"


def test_exception_without_a_text_is_shown_by_its_name():
    class SilentError(Exception):
        def __str__(self):
            raise ValueError("no text")

    def flow(_value):
        yield "Name?"
        raise SilentError

    card = Card(nbhitl.scripted(flow))
    card.answer("Ann")
    with pytest.raises(SilentError):
        _ = card.review.result
    assert card.view["phase"]["problem"]["message"] == "SilentError"


def test_large_text_is_edited_whole_and_cut_where_it_is_only_read():
    text = "word " * 39_000
    card = Card(graphs.seed(), {"some_text": text})
    assert card.view["questions"][0]["field"]["original"] == text
    record = card.answer(text + "!")["record"]
    assert card.review.result == {"some_text": text + "!"}
    assert json.loads(record["entry"]["answer"]) == text + "!"
    assert len(record["output"]["text/html"]) < 100_000
    assert len(json.dumps(card.view)) < 100_000


@pytest.mark.parametrize("draft", ["[" * 100_000, "1e999", '{"a": 1, "a": 2}', "99999999999999999999999", '"\\ud800"'])
def test_json_that_would_not_arrive_as_written_is_refused(draft):
    card = Card(graphs.compile_node(lambda state: {"some_text": graphs.interrupt({"any": 1})}))
    switch(card, "json", "")
    assert card.answer(draft)["problem"]["name"] == "InvalidAnswer"
    card.answer("1")
    assert card.review.result == {"some_text": 1}


def check(card, draft):
    return card.receive(kind="check", id=card.view["questions"][0]["id"], draft=draft)


def switch(card, to, draft):
    return card.receive(kind="switch", id=card.view["questions"][0]["id"], to=to, draft=draft)


def test_check_says_of_which_type_the_answer_would_be():
    card = Card(graphs.seed())
    assert card.view["questions"][0]["sends"] == "text"
    assert check(card, "7") == {"kind": "checked", "request": "r1", "sends": "text", "sent": '"7"', "flaws": []}
    switch(card, "json", "7")
    assert check(card, "7")["sends"] == "whole number"
    assert check(card, "{")["flaws"][0]["path"] == []


def test_question_of_no_known_type_is_written_as_text_first_and_as_another_type_on_wish():
    asked = {"question": "How many?", "plan": "A"}
    card = Card(graphs.compile_node(lambda state: {"some_text": str(graphs.interrupt(asked) * 2)}, "ask"))
    assert card.view["questions"][0]["written"] is None  # the node multiplies the answer, so a text is no likely answer
    got: list[object] = []
    card = Card(graphs.compile_node(lambda state: got.append(graphs.interrupt(asked)), "ask"))
    (question,) = card.view["questions"]
    assert (question["field"]["kind"], question["written"], question["switch"]) == ("text", "text", None)
    assert switch(card, "number", "12")["draft"] == "12"
    assert (card.view["questions"][0]["written"], check(card, "12")["sent"]) == ("number", "12")
    assert switch(card, "text", "12")["draft"] == "12"
    assert switch(card, "boolean", "yes")["draft"] == "true"
    assert switch(card, "json", "true")["draft"] == "true"
    assert card.view["questions"][0]["written"] == "json"
    card.answer('{"n": 12}')
    assert card.review.result
    assert got == [{"n": 12}]


def test_form_switched_to_json_keeps_its_draft_and_sends_the_shown_value():
    card = Card(graphs.seed())
    assert card.view["questions"][0]["switch"] == "json"
    assert switch(card, "json", 'say "hi"')["draft"] == '"say \\"hi\\""'
    (question,) = card.view["questions"]
    assert question["field"] == {"kind": "json", "original": '"original text"'}
    assert question["switch"] == "form"
    card.answer("30")
    assert card.review.result == {"some_text": 30}


def test_switch_back_to_a_form_that_cannot_hold_the_json_is_refused_and_the_json_stays():
    card = Card(graphs.seed())
    switch(card, "json", "x")
    reply = switch(card, "form", "12")
    assert (reply["kind"], reply["problem"]["name"]) == ("refused", "InvalidAnswer")
    assert card.view["questions"][0]["field"]["kind"] == "json"
    assert switch(card, "form", '"back"')["draft"] == "back"
    assert card.view["questions"][0]["field"]["kind"] == "text"


class Login(BaseModel):
    user: str
    password: SecretStr


SECRET = "hunter2-canary"  # noqa: S105 - of nobody
LOGIN = json.dumps({"user": "ann", "password": SECRET})


def login_card():
    def ask(state):
        return {"some_text": graphs.interrupt("Log in", response_schema=Login).user}

    return Card(graphs.compile_node(ask))


@pytest.mark.parametrize("as_json", [False, True], ids=["form", "JSON"])
def test_secret_in_an_answer_reaches_the_node_and_neither_view_nor_record_nor_transcript(as_json):
    card = login_card()
    if as_json:
        switch(card, "json", card.view["questions"][0]["field"]["original"])
    reply = card.answer(LOGIN)
    assert reply["kind"] == "accepted"
    assert reply["record"] is None
    assert card.review.result == {"some_text": "ann"}
    assert card.view["turns"][0]["record"] == {"kind": "not_recorded", "reason": "it holds a secret"}
    assert "ann" in card.view["turns"][0]["answer"]
    assert SECRET not in json.dumps([card.view, str(card.review), repr(card.review)])


def test_secret_that_the_node_refused_is_not_offered_again():
    def ask(state):
        graphs.interrupt("Log in", response_schema=Login)
        raise ValueError("wrong password")

    card = Card(graphs.compile_node(ask))
    card.answer(LOGIN)
    card.review._core.let_it_work()
    (question,) = card.view["questions"]
    assert "wrong password" in question["standing"]["problem"]
    assert question["former"]["answer"] is None
    assert SECRET not in json.dumps(card.view)


def breakpoint_card():
    return Card(graphs.compile_node(lambda state: {"some_text": state["some_text"] + "!"}), interrupt_before="*")


def test_stop_at_a_breakpoint_goes_on_unchanged_by_the_initial_draft():
    card = breakpoint_card()
    card.answer(card.view["questions"][0]["field"]["original"])
    assert card.review.result == {"some_text": "original text!"}


def test_state_edited_at_a_breakpoint_is_recorded_and_the_run_goes_on_from_there():
    card = breakpoint_card()
    (question,) = card.view["questions"]
    assert [action["name"] for action in question["field"]["requests"][0]["actions"]] == ["continue", "edit"]
    reply = card.answer('[{"action": "edit", "value": {"some_text": "edited"}}]')
    assert card.review.result == {"some_text": "edited!"}
    assert json.loads(reply["record"]["entry"]["answer"]) == {"some_text": "edited"}


def test_key_to_which_the_graph_adds_is_not_edited_but_added_to_from_python():
    """The graph would append an edited list to the old list."""

    def shout(state):
        return {"texts": [f"{len(state['texts'])}!"]}

    builder = StateGraph(graphs.Texts).add_node("shout", shout).add_edge(START, "shout")
    card = Card(builder.compile(), {"texts": ["a"]}, interrupt_before="*")
    (request,) = card.view["questions"][0]["field"]["requests"]
    assert [action["name"] for action in request["actions"]] == ["continue"]
    assert "texts" in request["shows"][-1]["text"]
    card.review.answer({"texts": ["b"]})
    assert card.review.result == {"texts": ["a", "b", "2!"]}


def test_breakpoint_is_gone_on_from_with_approve():
    card = breakpoint_card()
    card.review.answer(nbhitl.approve())
    assert card.review.result == {"some_text": "original text!"}


def test_key_that_the_state_does_not_have_is_refused_and_the_run_stays_stopped():
    card = breakpoint_card()
    card.review.answer({"no_such_key": 1})
    with pytest.raises(InvalidAnswer, match=r"no 'no_such_key'; known keys: 'some_text'"):
        _ = card.review.result
    card.review.answer({"some_text": "edited"})
    assert card.review.result == {"some_text": "edited!"}


def test_time_and_keys_of_an_answer_stand_in_its_record_and_in_the_table_and_nowhere_else():
    card = Card(graphs.seed())
    record = card.answer("Edited text", seconds=12.345, keys=7)["record"]
    assert card.review.result == {"some_text": "Edited text"}
    assert (record["entry"]["seconds"], record["entry"]["keys"]) == (12.345, 7)
    frame = card.review.answers.to_frame()
    assert frame[["seconds", "keys"]].to_dict("records") == [{"seconds": 12.345, "keys": 7}]
    compared = [*record["output"].values(), str(card.review), repr(card.review), repr(card.review.answers)]
    for text in (*compared, card.review.answers.as_code(), json.dumps(card.view)):
        assert "12.345" not in text
    interrupt = nbhitl.Interrupt("i", "human_review", {"text_to_revise": "original text"})
    given = Record([record["entry"]], "seed.ipynb").take(interrupt, 0)
    assert given is not None
    assert (given.seconds, given.keys) == (12.345, 7)


@pytest.mark.parametrize("measured", [{"seconds": "12 s", "keys": 1}, {"seconds": 1, "keys": [1]}])
def test_time_that_is_no_number_is_refused(measured):
    assert Card(graphs.seed()).answer("Edited text", **measured)["kind"] == "refused"


def test_card_names_the_further_code_that_the_page_needs():
    def card_of(payload):
        return Card(graphs.compile_node(lambda _: {"some_text": interrupt(payload)}))

    marked = {"question": "Publish it?", "text": "# A title\n\n- **one**\n- two"}
    assert card_of("Publish it?").widget.parts == {}
    first, second = card_of(marked).widget.parts, card_of(marked).widget.parts
    assert list(first) == ["markdown"]
    assert first == second  # a notebook holds the code once


def test_every_message_of_the_page_but_a_report_has_its_replies_in_the_protocol():
    kinds = {get_args(get_type_hints(message)["kind"])[0] for message in get_args(PageMessage)}
    assert kinds - get_type_hints(Replies).keys() == {"record_outcome"}
    assert get_type_hints(Replies).keys() <= kinds


def test_status_of_a_record_is_shown_where_the_run_is_over_before_the_record_is_decided(monkeypatch):
    card = Card(graphs.seed(), record=False)
    core, over, decide = card.review._core, threading.Event(), Recorder._record_of
    core.subscribe(lambda: over.set() if core.state.over else None)

    def decided_late(*args):
        assert over.wait(30)
        return decide(*args)

    monkeypatch.setattr(Recorder, "_record_of", decided_late)
    card.answer("mine")
    assert card.view["turns"][0]["record"] == {"kind": "nothing"}


@pytest.mark.parametrize("fails", ["_record_of", "_without_what_the_cell_shows"])
def test_answer_is_accepted_where_the_record_cannot_be_made_and_the_card_says_why(monkeypatch, caplog, fails):
    def raises(*_):
        raise LookupError("no such form")

    card = Card(graphs.seed())
    monkeypatch.setattr(Recorder, fails, raises)
    reply = card.answer("mine")
    assert (reply["kind"], reply.get("record")) == ("accepted", None)
    assert card.review.result == {"some_text": "mine"}
    record = {"kind": "not_recorded", "reason": "LookupError: no such form"}
    assert card.view["turns"][0]["record"] == record
    assert "An answer could not be recorded" in caplog.text


def test_answer_is_recorded_where_the_form_cannot_draw_the_output(monkeypatch, caplog):
    def raises(*_):
        raise LookupError("no such block")

    card = Card(graphs.seed())
    monkeypatch.setattr(outputs, "answered_blocks", raises)
    record = card.answer("mine")["record"]
    assert json.loads(record["entry"]["answer"]) == "mine"
    assert record["output"]["text/plain"] == outputs.NOT_DRAWN
    assert card.review.result == {"some_text": "mine"}
    assert "LookupError: no such block" in caplog.text


def lacking(card, *has):
    return [each["record"] for each in card.receive(kind="records_request", has=list(has))["records"]]


def at(record):
    keys = ("execution", "review", "node", "ordinal", "answered_at")
    return {key: record["entry"][key] for key in keys if key in record["entry"]}


def test_record_that_no_page_has_written_is_given_to_the_page_that_asks_with_the_output():
    card = Card(graphs.seed())
    written = card.answer("Edited text")["record"]
    assert card.review.result
    reply = card.receive(kind="records_request", has=[])
    assert reply["records"] == [{"kind": "kept_record", "request": "r1", "record": written}]
    card.receive(kind="record_outcome", outcome={"kind": "recorded"})
    assert card.view["turns"][0]["record"] == {"kind": "recorded"}
    assert lacking(card) == [written], "the page may have gone before the notebook was saved"
    assert lacking(card, at(written)) == []


def test_record_whose_page_went_before_telling_the_outcome_counts_as_recorded():
    card = Card(graphs.seed())
    written = card.answer("Edited text")["record"]
    assert card.review.result
    assert lacking(card, at(written)) == []
    assert card.view["turns"][0]["record"] == {"kind": "recorded"}


def test_answers_of_another_execution_or_review_stand_for_no_record():
    card = Card(graphs.seed())
    written = card.answer("Edited text")["record"]
    assert lacking(card, at(written) | {"execution": "another"}) == [written]
    assert lacking(card, at(written) | {"review": 10_000}) == [written]


def test_page_that_cannot_write_a_record_of_another_page_does_not_unsay_that():
    card = Card(graphs.seed())
    card.answer("Edited text")
    assert card.review.result
    card.receive(kind="record_outcome", outcome={"kind": "recorded"})
    card.receive(kind="record_outcome", outcome={"kind": "not_recorded", "reason": "read-only"})
    assert card.view["turns"][0]["record"] == {"kind": "recorded"}


def test_record_of_a_replaced_answer_is_not_given_again():
    card = Card(graphs.seed())
    card.answer("Edited text")
    assert card.review.result
    card.review.ask_again()
    assert card.review.interrupts
    second = card.answer("Better")["record"]
    assert card.review.result == {"some_text": "Better"}
    assert lacking(card) == [second]


def test_removal_of_a_record_is_given_to_a_page_whose_notebook_still_has_the_answer():
    card = Card(graphs.seed())
    written = card.answer("Edited text")["record"]
    card.receive(kind="record_outcome", outcome={"kind": "recorded"})
    assert card.review.result
    card.review.ask_again()
    assert card.review.interrupts
    forgotten = card.answer("For nobody else", record=False)["record"]
    assert card.review.result
    assert lacking(card) == []
    assert lacking(card, at(written)) == [forgotten]


def test_answer_that_is_kept_out_is_given_to_no_page():
    card = Card(graphs.seed())
    card.answer("For nobody else", record=False)
    assert card.review.result
    assert lacking(card) == []
