"""The widget's state as entries: each message has the changed entries, and a page that merges all messages has all."""

import json

from hypothesis import given
from hypothesis import strategies as st

from nbhitl.answers import Answer
from nbhitl.core.progress import PIECE, Seen
from nbhitl.core.ruling import ReviewRules
from nbhitl.core.session import Session
from nbhitl.forms import Forms
from nbhitl.protocol import PIECES
from nbhitl.protocol.entries import PENDING, STANDING, TURN, Entries, Reader
from nbhitl.runs.run import Chunk, Interrupt, RunSegment, Snapshot
from nbhitl.ui.view import Drawing
from tests.bench import growth
from tests.sessions import accept
from tests.test_card import ABOUT

LONG = "word " * 1_000


class Page:
    """A page that merges each change of a review; `whole` is the view of a page that asks for the whole state."""

    def __init__(self, session):
        self.session, self.drawing, self.merged = (
            session,
            Drawing(Forms(), {}, ReviewRules((), Forms()), None),
            {},
        )
        self.sent: list[int] = []
        self.update()

    def update(self):
        head = self.drawing.draw(self.session, ABOUT, [])
        change = json.loads(json.dumps({**self.drawing.entries.changed(), "view": head}))
        self.sent.append(len(json.dumps(change)))
        self.merged |= change
        return change

    @property
    def view(self):
        return read(self.merged)

    @property
    def whole(self):
        return read({**self.drawing.entries.all(), "view": self.merged["view"]})


def read(*states):
    reader = Reader()
    for state in states:
        reader.take(json.loads(json.dumps(state)))
    assert reader.is_whole
    return reader.view


def pause(*ids, checkpoint="c"):
    interrupts = tuple(Interrupt(key, key, {"text_to_revise": f"{key} {LONG}"}) for key in ids)
    return RunSegment(None, Snapshot(interrupts, ids[:1], checkpoint=checkpoint))


def asking(*ids):
    session = Session()
    session.segment_ended(pause(*ids))
    return session


@given(
    st.lists(
        st.tuples(st.sampled_from(["ask", "answer", "again", "settle", "end"]), st.sets(st.sampled_from("abcdef"))),
        max_size=12,
    )
)
def test_merged_changes_equal_the_whole_state_of_a_later_page(steps):
    session = asking("a", "b")
    page = Page(session)
    for n, (step, ids) in enumerate(steps):
        if step == "ask" and session.phase == "running" and ids:
            session.segment_ended(pause(*sorted(ids), checkpoint=str(n)))
        elif step == "answer" and session.unanswered:
            accept(session, Answer(session.unanswered[0].interrupt.id, f"answer {n}", "person"))
        elif step == "settle":
            session.take()
        elif step == "again" and session.can_ask_again:
            session.ask_again()
            session.take()
            session.asked_again(pause(*sorted(ids or "a"), checkpoint=str(n)))
        elif step == "end" and session.phase == "running":
            session.segment_ended(RunSegment("result", Snapshot()))
        page.update()
        assert page.view == page.whole
        assert [question["id"] for question in page.view["questions"]] == [a.interrupt.id for a in session.asked]
        assert [turn["id"] for turn in page.view["turns"]] == [a.interrupt.id for a in session.answered]


@given(st.lists(st.tuples(st.integers(0, 4), st.none() | st.integers(0, 2)), min_size=1), st.data())
def test_every_lost_message_is_noticed(writes, data):
    entries, messages = Entries(), []
    for place, value in writes:
        entries.put(TURN, place, value)
        if entries.has_changed:
            messages.append({**entries.changed(), "view": {"keys": dict(entries.keys), "written": entries.written}})
    if len(messages) < 2:
        return
    lost = data.draw(st.integers(0, len(messages) - 2))
    keys = messages[lost].keys() - {"view"}
    later = {key for message in messages[lost + 1 :] for key in message}
    reader = Reader()
    for n, message in enumerate(messages):
        if n != lost:
            reader.take(message)
        if n > lost and not keys <= {key for each in messages[lost + 1 : n + 1] for key in each}:
            assert not reader.is_whole
    assert reader.is_whole == (keys <= later)  # later messages may have written all entries of the lost message


def test_answered_question_is_sent_once_without_the_field():
    session = asking("a", "b")
    page = Page(session)
    accept(session, Answer("a", "yes", "person"))
    change = page.update()
    assert {key for key in change if not key.startswith("standing")} == {"view"}
    accept(session, Answer("b", "no", "person"))
    session.take()
    change = page.update()
    assert {key for key, entry in change.items() if key.startswith("turn")} == {"turn_0", "turn_1"}
    assert all("field" not in (change[f"{PENDING}_{n}"]["value"] or {}) for n in range(2))
    session.segment_ended(pause("c"))
    change = page.update()
    assert not [key for key in change if key.startswith("turn")]
    assert change[f"{PENDING}_1"]["value"]["id"] == "c"  # in a place that the answers had freed
    assert f"{PENDING}_2" not in page.merged


def test_question_that_waits_is_not_sent_again_when_its_sibling_is_answered():
    session = asking(*"abcdef")
    page = Page(session)
    before = page.sent[0]
    for key in "abcde":
        accept(session, Answer(key, "yes", "person"))
        page.update()
    assert before > 6 * 2 * len(LONG)
    assert max(page.sent[1:]) < 500


def test_bytes_of_a_change_do_not_grow_with_the_questions_before():
    session = asking("q0")
    page = Page(session)
    for n in range(300):
        accept(session, Answer(f"q{n}", LONG, "person"))
        session.take()
        page.update()
        session.segment_ended(pause(f"q{n + 1}", checkpoint=str(n)))
        page.update()
    first, last = page.sent[3:13], page.sent[-10:]
    assert max(last) < 1.02 * max(first)
    assert sum(page.sent) < 310 * 5 * len(LONG)  # field, payload, original and answer are sent once


def test_bytes_of_a_question_do_not_grow_in_a_long_review():
    fields = {"type": "object", "properties": {"field_0": {"type": "string", "description": LONG}}}
    case = growth.Case("long", lambda n: f"Number {n}?", '{"field_0": "yes"}', 120, 20, fields)
    with growth.reviewed(case) as (page, sizes, _):
        state = page._widget.get_state()
    # Progress is sent by the clock: on a slow machine a late question may have a further message of progress, which is
    # 5 % of the bytes. So the smallest of the late questions counts.
    assert min(sizes[-20:-1]) < 1.05 * min(sizes[5:25])
    assert len(json.dumps(state)) < 120 * 500 + len(LONG)
    assert LONG not in json.dumps(state)


def test_standing_tells_the_order_where_a_question_comes_again_after_its_sibling():
    session = asking("a", "b")
    page = Page(session)
    accept(session, Answer("a", "yes", "person"))
    accept(session, Answer("b", "no", "person"))
    session.take()
    page.update()
    session.segment_failed(ValueError("no good"), Snapshot(pause("b", "a").snapshot.interrupts, ("a",), checkpoint="c"))
    page.update()
    assert [question["id"] for question in page.view["questions"]] == ["b", "a"]
    assert page.merged[f"{STANDING}_0"]["rank"] != page.merged[f"{STANDING}_1"]["rank"]


# --- the progress of the run ------------------------------------------------------------------


class Progressing:
    """A page that merges each change of a run's progress."""

    def __init__(self):
        self.seen, self.entries, self.reader, self.sent = Seen(), Entries(), Reader(), []

    def add(self, *chunks):
        for chunk in chunks:
            self.seen.add(chunk)
        self.update()

    def update(self):
        head = self.seen.write(self.entries)
        change = {**self.entries.changed(), "progress": head}
        self.sent.append(len(json.dumps(change)))
        self.reader.take(json.loads(json.dumps(change)))
        assert self.reader.is_whole

    @property
    def progress(self):
        assert self.reader.progress is not None
        return self.reader.progress


def begins(n):
    return Chunk("tasks", {"id": f"t{n}", "name": f"node_{n}", "triggers": ()})


def ends(n):
    return Chunk("tasks", {"id": f"t{n}", "name": f"node_{n}", "result": []})


def said(key, text, node="write"):
    return Chunk("messages", ({"type": "AIMessageChunk", "content": text, "id": key}, {"langgraph_node": node}))


def test_prints_send_the_new_text_and_not_the_log_again():
    page, printed = Progressing(), ""
    for n in range(1_000):
        line = f"line {n:06}\n"
        printed += line
        page.add(Chunk("log", line))
        assert printed.endswith(page.progress["log"])
    assert len(page.progress["log"]) > PIECE * (PIECES - 1)
    assert max(page.sent[-50:]) < 1.1 * max(page.sent[50:100])
    assert sum(page.sent) < 1_000 * 2 * PIECE


def test_tokens_send_the_new_end_of_a_text_and_leave_nothing_behind():
    page = Progressing()
    for n in range(2_000):
        page.add(said("m1", f" token{n}"))
    (spoken,) = page.progress["spoken"]
    assert spoken["text"].endswith(" token1998 token1999")
    assert max(page.sent) < 4 * PIECE
    page.add(said("m2", "And another", "check"))
    assert [each["node"] for each in page.progress["spoken"]] == ["write", "check"]
    page.seen.segment_ended()
    page.update()
    assert page.progress["spoken"] == []
    assert "token" not in json.dumps(page.entries.all())


def test_text_that_a_whole_message_replaces_is_gone():
    page = Progressing()
    page.add(said("m", "x" * 3 * PIECE))
    page.add(Chunk("messages", ({"type": "ai", "content": "all of it", "id": "m"}, {"langgraph_node": "write"})))
    assert [each["text"] for each in page.progress["spoken"]] == ["all of it"]


def test_step_is_sent_without_the_steps_before():
    page = Progressing()
    for n in range(450):
        page.add(begins(n))
        page.add(ends(n))
    assert [step["node"] for step in page.progress["steps"]] == [f"node_{n}" for n in range(250, 450)]
    assert max(page.sent) < 400


@given(st.lists(st.tuples(st.sampled_from("abcdefghijkl"), st.text(max_size=3 * PIECE), st.booleans())))
def test_changes_sent_bit_by_bit_equal_the_whole_state_of_a_later_page(pieces):
    page = Progressing()
    for key, text, is_log in pieces:
        page.add(Chunk("log", text) if is_log else said(key, text, key))
        assert page.progress == page.seen.view()
