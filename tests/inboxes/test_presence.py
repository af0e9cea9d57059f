"""Two inboxes over a database: each knows which questions the second has open, and asks before an answer to these."""

import asyncio
import re
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

import nbhitl
from nbhitl.answers import Answer
from nbhitl.api.inboxing import Threadbox
from nbhitl.core.elsewhere import DELIBERATE_AFTER, Elsewhere
from nbhitl.engines import threads_of
from nbhitl.errors import SomebodyAnswers
from nbhitl.inboxes import presence as presences
from nbhitl.inboxes.presence import Presence
from nbhitl.kernel.background import finish
from nbhitl.runs.openings import FIRST, MOST, Opening, last_of_each, others_in, read_opening, told
from nbhitl.runs.waiting import WaitingThread
from nbhitl.user import LONGEST
from tests.engines import contract_graphs
from tests.inboxes.test_page import INPUT, WITHIN, Shown, config_of

ANN, BEN = "ann on laptop", "ben on desktop"


@pytest.fixture
def graph(tmp_path: Any) -> Any:
    connection = sqlite3.connect(tmp_path / "checkpoints.db", check_same_thread=False)
    graph = contract_graphs.seed.copy(update={"checkpointer": SqliteSaver(connection)})
    for thread in ("1", "2"):
        graph.invoke(INPUT, config_of(thread))
    return graph  # not closed: the looks of inboxes and cards go on in another thread


class Time:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda name: monkeypatch.setattr(presences, "whoami", lambda: name)


def looked(graph: Any) -> dict[str, WaitingThread]:
    return {each.thread_id: each for each in finish(threads_of(graph).waiting())}


def tell(presence: Presence, graph: Any, *opened: str) -> None:
    presence.sign("page", opened)
    finish(presence.tell(list(looked(graph).values())))


def test_opened_question_is_seen_from_another_kernel_until_the_card_is_closed(graph, clock, named):
    ann = Presence(threads_of(graph), process="ann", clock=clock)
    ben = Presence(threads_of(graph), process="ben", clock=clock)
    named(ANN)
    tell(ann, graph, "1")
    assert {key: ben.others(each) for key, each in looked(graph).items()} == {"1": (ANN,), "2": ()}
    assert ann.others(looked(graph)["1"]) == ()
    named(BEN)
    tell(ben, graph, "1")
    assert ann.others(looked(graph)["1"]) == (BEN,)
    assert ben.others(looked(graph)["1"]) == (ANN,)
    tell(ann, graph)
    assert ben.others(looked(graph)["1"]) == ()


def test_the_name_that_a_page_knows_stands_before_that_of_the_process(graph, named):
    named(ANN)
    ann = Presence(threads_of(graph), process="ann")
    ann.sign("page", ["1"], "Ann Lee")
    finish(ann.tell(list(looked(graph).values())))
    assert Presence(threads_of(graph), process="ben").others(looked(graph)["1"]) == ("Ann Lee",)


def test_note_of_a_dead_kernel_ends_and_the_note_of_a_live_kernel_is_renewed(graph, clock, named):
    named(ANN)
    ann = Presence(threads_of(graph), process="ann", clock=clock)
    ben = Presence(threads_of(graph), process="ben", clock=clock)
    tell(ann, graph, "1")
    clock.now += FIRST - 1
    assert ben.others(looked(graph)["1"]) == (ANN,)
    tell(ann, graph, "1")
    clock.now += FIRST
    assert ben.others(looked(graph)["1"]) == (ANN,)
    clock.now += FIRST
    assert ben.others(looked(graph)["1"]) == ()


def test_a_question_that_is_open_all_day_costs_few_notes(graph, clock, named):
    named(ANN)
    ann = Presence(threads_of(graph), process="ann", clock=clock)
    waiting = list(looked(graph).values())
    for _ in range(8 * 60 * 6):
        ann.sign("page", ["1"])
        finish(ann.tell(waiting))
        clock.now += 10
    notes = graph.checkpointer.conn.execute("SELECT COUNT(*) FROM writes WHERE channel = '__nbhitl_open__'").fetchone()
    assert notes[0] <= 8 * 3600 / (MOST / 2) + 5


def test_the_signs_of_a_page_that_is_gone_do_not_count(graph, clock):
    ann = Presence(threads_of(graph), process="ann", clock=clock)
    ann.sign("page", ["1"])
    ann.sign("another page", ["2"])
    assert ann.opened.keys() == {"1", "2"}
    ann.sign("page", [])
    assert ann.opened.keys() == {"2"}
    clock.now += presences.SIGN_FOR
    assert not ann.opened


def test_a_note_of_an_own_kernel_that_died_keeps_no_thread_from_a_loop(graph, named):
    named(ANN)
    dead = Presence(threads_of(graph), process="dead kernel")
    tell(dead, graph, "1")
    assert {card.thread_id for card in nbhitl.inbox(graph).cards()} == {"1", "2"}
    named(BEN)
    assert {card.thread_id for card in nbhitl.inbox(graph).cards()} == {"2"}


def test_shown_inbox_keeps_the_note_of_a_loop_over_the_cards(graph, named):
    named(ANN)
    box = nbhitl.inbox(graph)
    loop = iter(box.cards())
    open_there = str(next(loop).thread_id)
    tell(box._of.presence, graph)  # type: ignore[union-attr]
    assert Presence(threads_of(graph), process="ben").others(looked(graph)[open_there]) == (ANN,)


def test_notes_that_end_twice_at_once_raise_nothing(graph, clock):
    ann = Presence(threads_of(graph), process="ann", clock=clock)
    tell(ann, graph, "1", "2")
    ann.sign("page", [])
    waiting = list(looked(graph).values())

    async def both() -> None:
        await asyncio.gather(ann.tell(waiting), ann.end(waiting))

    finish(both())
    assert not ann.opened


def test_the_name_of_a_page_that_is_gone_is_not_that_of_the_person_here(graph, clock, named):
    named(ANN)
    ann = Presence(threads_of(graph), process="ann", clock=clock)
    ann.sign("page of ben", [], BEN)
    clock.now += presences.SIGN_FOR
    ben = Presence(threads_of(graph), process="ben", clock=clock)
    named(BEN)
    tell(ben, graph, "1")
    named(ANN)
    assert ann.told(looked(graph)["1"]) == f"{BEN} is answering"
    ann.sign("page", [])
    assert len(ann._signs) == 1


def test_a_note_of_a_stranger_without_an_end_counts_for_as_long_as_ours_at_most(graph, clock):
    ann = Presence(threads_of(graph), process="ann", clock=clock)
    waiting = looked(graph)["1"]
    note = Opening("stranger/0", BEN, clock.now, float("inf"))
    assert ann.others(replace(waiting, openings=(note,))) == (BEN,)
    clock.now += MOST
    assert ann.others(replace(waiting, openings=(note,))) == ()


def test_graph_in_memory_gets_no_note_of_an_opening():
    graph = contract_graphs.seed.copy(update={"checkpointer": InMemorySaver()})
    graph.invoke(INPUT, config_of("1"))
    before = {key: dict(writes) for key, writes in graph.checkpointer.writes.items()}
    tell(Presence(threads_of(graph), process="ann"), graph, "1")
    assert {key: dict(writes) for key, writes in graph.checkpointer.writes.items()} == before


def test_note_of_an_opening_leaves_state_history_and_result_unchanged(graph, named):
    named(ANN)
    before = graph.get_state(config_of("1")), list(graph.get_state_history(config_of("1")))
    ann = Presence(threads_of(graph), process="ann")
    tell(ann, graph, "1")
    assert (graph.get_state(config_of("1")), list(graph.get_state_history(config_of("1")))) == before
    card = nbhitl.open(graph, thread_id="1", answers=["Edited text"])
    assert card.result == graph.get_state(config_of("1")).values
    assert card.result["text"] == "Edited text"
    assert [each.answered for each in nbhitl.audit(graph)] == ["Edited text"]


@pytest.mark.parametrize("goes_on", [Command(resume="theirs"), None, {"text": "anew"}], ids=["resume", "none", "input"])
def test_plain_langgraph_goes_on_from_a_question_with_a_note_as_without(graph, goes_on):
    tell(Presence(threads_of(graph), process="ann"), graph, "1")
    told = []
    for thread in ("1", "2"):
        stream = list(graph.stream(goes_on, config_of(thread), stream_mode=["updates", "values", "tasks"]))
        history = [(state.values, state.next, len(state.tasks)) for state in graph.get_state_history(config_of(thread))]
        told.append((_without_ids(stream), history))
    assert told[0] == told[1]


def _without_ids(stream: Any) -> str:
    """Return the chunks without the ids of tasks and interrupts, which differ from thread to thread."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}", "", repr(stream))


def test_a_note_at_a_static_breakpoint_is_seen(graph, named):
    stops = graph.copy(update={"interrupt_before_nodes": [next(iter(graph.nodes.keys() - {"__start__"}))]})
    stops.invoke(INPUT, config_of("3"))
    named(ANN)
    tell(Presence(threads_of(stops), process="ann"), stops, "3")
    ben = Presence(threads_of(stops), process="ben")
    assert ben.others(looked(stops)["3"]) == (ANN,)


def test_a_checkpointer_that_keeps_no_notes_has_an_inbox_all_the_same(graph, monkeypatch):
    def no_notes(*args: Any, **kwargs: Any) -> None:
        raise NotImplementedError

    monkeypatch.setattr(graph.checkpointer, "put_writes", no_notes)
    ann = Presence(threads_of(graph), process="ann")
    tell(ann, graph, "1")
    assert Presence(threads_of(graph), process="ben").others(looked(graph)["1"]) == ()


def test_malformed_note_of_another_client_is_left_out(graph):
    notes = [None, {"by": "x"}, {"viewer": "a/1", "by": "x", "at": "?", "until": 1}, "text"]
    assert last_of_each(map(read_opening, notes)) == ()


@pytest.mark.parametrize(
    ("by", "name"),
    [("x" * 10_000, "x" * (LONGEST - 1) + "…"), ("Ann\nLee", "Ann Lee"), ("\ud800", "⟨U+D800⟩"), ("", "somebody")],
)
def test_name_that_another_client_wrote_fits_into_a_sentence(by, name):
    opening = read_opening({"viewer": "a/1", "by": by, "at": 1, "until": 2})
    assert opening is not None
    assert opening.by == name


def test_people_who_write_their_notes_anew_keep_their_order():
    first, second = (Opening(f"{name}/1", name, 1.0, 60.0) for name in (ANN, BEN))
    anew = replace(first, at=30.0)
    told_before = others_in(last_of_each([first, second]), "here", 31.0)
    assert others_in(last_of_each([second, anew]), "here", 31.0) == told_before == (ANN, BEN)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ((), ""),
        (("ann",), "ann is answering"),
        (("ann", "ben"), "ann and ben are answering"),
        (("ann", "ben", "eve"), "ann, ben and eve are answering"),
        (("ann", "ben", "eve", "joe"), "ann, ben, eve and 1 other are answering"),
        (tuple(map(str, range(200))), "0, 1, 2 and 197 others are answering"),
    ],
)
def test_who_answers_is_told_in_a_sentence(names, said):
    assert told(names) == said


def test_the_same_person_in_another_kernel_is_told_apart():
    assert told((ANN,), {ANN}) == "You are answering in another kernel"
    assert told((ANN, BEN), {ANN}) == f"{ANN} and {BEN} are answering"


# --- before an answer is sent --------------------------------------------------------------------


def answer(origin: Any = "person") -> Answer:
    return Answer("i1", "x", origin, 1)


def test_same_answer_passes_after_the_pause_that_rules_out_a_double_click(clock):
    elsewhere = Elsewhere(clock)
    elsewhere.check(answer(), "1")
    elsewhere.tell({"1": "ann is answering"})
    elsewhere.check(answer(), "2")
    with pytest.raises(SomebodyAnswers, match="ann is answering. Nothing was sent"):
        elsewhere.check(answer(), "1")
    clock.now += DELIBERATE_AFTER / 2
    with pytest.raises(SomebodyAnswers):  # a double click
        elsewhere.check(answer(), "1")
    clock.now += DELIBERATE_AFTER
    elsewhere.check(answer(), "1")


def test_each_person_here_is_told_before_an_answer_over_somebody(clock):
    elsewhere = Elsewhere(clock)
    elsewhere.saw(["Carl"], ["i1"])
    for who in (ANN, BEN):
        given = replace(answer(), by=who, who=who)
        with pytest.raises(SomebodyAnswers, match="Carl"):
            elsewhere.check(given, "1")
        clock.now += 1
        elsewhere.check(given, "1")


def test_another_person_is_asked_about_anew_and_code_is_not_asked(clock):
    elsewhere = Elsewhere(clock)
    elsewhere.tell({"1": "ann is answering"})
    elsewhere.check(answer("code"), "1")
    with pytest.raises(SomebodyAnswers):
        elsewhere.check(answer(), "1")
    clock.now += 1
    elsewhere.tell({"1": "ben is answering"})
    with pytest.raises(SomebodyAnswers):
        elsewhere.check(answer(), "1")
    elsewhere.tell({})
    elsewhere.check(answer(), "1")


# --- in the page, and from code --------------------------------------------------------------------


def theirs(graph: Any) -> Threadbox:
    """Return the inbox of another kernel."""
    box = nbhitl.inbox(graph)._of
    assert box is not None
    box.presence._process = "theirs"
    box.presence._viewer = "theirs/1"
    return box


def test_the_row_and_the_card_of_another_inbox_know_who_answers(graph, named):
    named(ANN)
    box = theirs(graph)
    box.presence.sign("page", ["1"])
    finish(box.presence.tell(finish(box.threads.waiting())))
    named(BEN)
    shown = Shown(graph)
    shown.until(lambda widget: len(widget.rows) == 2)
    assert {row["thread"]: row["answering"] for row in shown.widget.rows} == {"1": f"{ANN} is answering", "2": ""}
    shown.opens("1")
    core = shown.page._kept["1"].core
    core.let_it_work()
    asked = core.state.unanswered[0]
    given = Answer(asked.interrupt.id, "Edited text", "person", core.state.revision)
    with pytest.raises(SomebodyAnswers):
        core.submit(given)
    assert core.waits
    finish(box.presence.end(finish(box.threads.waiting())))
    shown.until(lambda widget: all(not row["answering"] for row in widget.rows), WITHIN)
    core.submit(given)


def test_question_opened_in_a_page_is_told_to_another_kernel_in_time(graph, named):
    named(ANN)
    shown = Shown(graph)
    other = Presence(threads_of(graph), process="theirs")
    shown.until(lambda widget: len(widget.rows) == 2)
    news = _Notes(graph, other)
    shown.opens("1")
    news.until({"1": (ANN,)})
    shown.shows()
    news.until({})


class _Notes:
    """Reads the notes after each written note."""

    def __init__(self, graph: Any, presence: Presence) -> None:
        import threading

        self._graph, self._presence = graph, presence
        self._written = threading.Semaphore(0)
        real = graph.checkpointer.put_writes

        def put_writes(*args: Any, **kwargs: Any) -> None:
            real(*args, **kwargs)
            self._written.release()

        graph.checkpointer.put_writes = put_writes

    def until(self, wanted: dict[str, tuple[str, ...]]) -> None:
        while True:
            assert self._written.acquire(timeout=WITHIN), "no note in time"
            seen = {key: self._presence.others(each) for key, each in looked(self._graph).items()}
            if {key: each for key, each in seen.items() if each} == wanted:
                return


def test_loop_over_cards_skips_threads_that_a_person_has_open_unless_told_otherwise(graph, named):
    named(ANN)
    box = theirs(graph)
    box.presence.sign("page", ["1"])
    finish(box.presence.tell(finish(box.threads.waiting())))
    named(BEN)
    inbox = nbhitl.inbox(graph)
    assert list(inbox.to_frame()["answering"]) == ["", f"{ANN} is answering"]
    assert [card.thread_id for card in inbox.cards()] == ["2"]
    assert [card.thread_id for card in inbox.cards(over_others=True)] == ["2", "1"]


def test_loop_over_the_cards_tells_another_kernel_the_open_thread(graph, named):
    named(ANN)
    other = Presence(threads_of(graph), process="theirs")
    news = _Notes(graph, other)
    cards: Any = iter(nbhitl.inbox(graph).cards())
    next(cards)
    news.until({"2": (ANN,)})
    next(cards)
    news.until({"1": (ANN,)})
    cards.close()
    news.until({})


def test_opening_counts_until_its_time_is_over(clock):
    opening = Opening("a/1", ANN, clock.now, clock.now + 1)
    waiting = WaitingThread("1", "c", None, (), openings=(opening,))
    ben = Presence(None, process="ben", clock=clock)  # type: ignore[arg-type]
    assert ben.others(waiting) == (ANN,)
    clock.now += 1
    assert ben.others(waiting) == ()


def test_person_told_by_an_inbox_during_a_look_of_the_card_counts():
    elsewhere = Elsewhere()

    class Nobody(tuple[str, ...]):
        """Names that the card has read: nobody. While the card goes through them, the inbox tells of Ann."""

        def __iter__(self):
            elsewhere.tell({"1": ANN})
            return super().__iter__()

    elsewhere.saw(Nobody(), ())
    assert elsewhere.is_told
    with pytest.raises(SomebodyAnswers, match=ANN):
        elsewhere.check(Answer("1", "yes", "person"), "1")
