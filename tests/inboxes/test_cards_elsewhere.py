"""Cards over a shared database: cards and inboxes of all kernels tell that a person has begun to answer in a kernel."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver

import nbhitl
from nbhitl.answers import Answer
from nbhitl.core import elsewhere, others
from nbhitl.engines import threads_of
from nbhitl.engines.local.openings import CHANNEL
from nbhitl.errors import SomebodyAnswers
from nbhitl.inboxes.presence import Presence
from nbhitl.kernel.background import finish
from nbhitl.protocol.entries import Reader
from nbhitl.runs.openings import FIRST, MOST
from nbhitl.user import whoami
from tests.engines import contract_graphs
from tests.inboxes.test_page import INPUT, Shown, config_of

ANN, BEN = "Ann Lee", "Ben Wu"

WITHIN = 20.0


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(others, "EVERY", 0.0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints.db"


@pytest.fixture
def graph(file: Path) -> Any:
    graph = graph_over(file)
    graph.invoke(INPUT, config_of("1"))
    return graph  # not closed: the looks of cards go on in another thread


def graph_over(file: Path) -> Any:
    """Return the graph with a new connection, as in another kernel."""
    connection = sqlite3.connect(file, check_same_thread=False)
    return contract_graphs.seed.copy(update={"checkpointer": SqliteSaver(connection)})


class Card:
    """A card that a page shows."""

    def __init__(self, review: nbhitl.Review, kernel: str = "") -> None:
        """``kernel``: the name of a kernel, as which the card writes notes."""
        self.review, self.core, self.page = review, review.core, review._screen.page
        assert review.interrupts
        self.page.mime_bundle()
        self.core.elsewhere.process = kernel or self.core.elsewhere.process
        self._changed = threading.Event()
        self.core.subscribe(self._changed.set)

    def begins(self, by: str = "") -> None:
        message: Any = {"kind": "begin", "request": "r", "by": by}
        assert self.page._on_message(message) == {"kind": "done", "request": "r"}

    @property
    def said(self) -> str:
        reader = Reader()
        reader.take(self.page._publisher.widget.get_state())  # type: ignore[union-attr]
        return reader.view["answering"]["text"] if "answering" in reader.view else ""

    def until_said(self, wanted: str) -> None:
        """Wait until the card says so; the page looks at the card meanwhile, so that the card looks at the thread."""
        end = time.monotonic() + WITHIN
        while self.said != wanted:
            self.core.look()
            self._changed.wait(0.1)
            self._changed.clear()
            assert time.monotonic() < end, f"the card says {self.said!r}"

    def answers(self, who: str = "") -> None:
        (asked,) = self.core.state.unanswered
        revision = self.core.state.revision
        self.core.submit(Answer(asked.interrupt.id, "Edited text", "person", revision, by=who, who=who))


def opened(graph: Any, kernel: str = "", **options: Any) -> Card:
    return Card(nbhitl.open(graph, thread_id="1", record=False, **options), kernel)


def over(name: str) -> str:
    return f"{name} is answering. {elsewhere.TWICE}"


def noted_by(graph: Any) -> list[str]:
    """Return the names that an inbox in another kernel sees."""
    (waiting,) = finish(threads_of(graph).waiting())
    return list(Presence(threads_of(graph), process="third").others(waiting))


@pytest.fixture
def written(graph: Any) -> Callable[[int], None]:
    """Return a function that waits until so many notes are in the database."""
    notes = threading.Semaphore(0)
    real = graph.checkpointer.put_writes

    def put_writes(config: Any, writes: Any, task_id: str, *rest: Any) -> None:
        real(config, writes, task_id, *rest)
        if writes[0][0] == CHANNEL:
            notes.release()

    graph.checkpointer.put_writes = put_writes

    def wait(count: int) -> None:
        for _ in range(count):
            assert notes.acquire(timeout=WITHIN), "no note in time"

    return wait


# --- told ----------------------------------------------------------------------------------------


def test_card_tells_who_has_begun_in_another_kernel_and_asks_before_sending_an_answer(
    graph, file, written, monkeypatch
):
    there = opened(graph_over(file))
    assert there.said == ""
    here = opened(graph, "ann's kernel")
    here.begins(ANN)
    written(1)
    there.until_said(over(ANN))
    with pytest.raises(SomebodyAnswers, match=f"{ANN} is answering"):
        there.answers()
    assert there.core.waits
    monkeypatch.setattr(elsewhere, "DELIBERATE_AFTER", 0.0)
    there.answers()
    assert there.review.result["text"] == "Edited text"


def test_person_who_begins_second_is_told_of_the_first_and_the_first_of_the_second(graph, file, written):
    here, there = opened(graph, "ann's kernel"), opened(graph_over(file))
    here.begins(ANN)
    written(1)
    there.begins(BEN)
    there.until_said(over(ANN))
    here.until_said(over(BEN))


def test_a_card_is_told_of_an_inbox_and_an_inbox_of_a_card(graph, file, written):
    card, inbox = opened(graph), Presence(threads_of(graph_over(file)), process="ann's kernel")
    inbox.sign("page", ["1"], ANN)
    finish(inbox.tell(finish(threads_of(graph).waiting())))
    card.until_said(over(ANN))
    inbox.sign("page", [])
    finish(inbox.tell(finish(threads_of(graph).waiting())))
    card.until_said("")
    card.begins(BEN)
    written(1)
    assert noted_by(graph_over(file)) == [BEN]


def test_a_card_that_is_opened_while_somebody_answers_says_so_by_itself(graph, file, written):
    opened(graph, "ann's kernel").begins(ANN)
    written(1)
    there = opened(graph_over(file))
    assert there._changed.wait(WITHIN)
    there.until_said(over(ANN))


def test_begun_answer_in_the_kernel_that_started_the_review_is_told_in_another_kernel(graph, file, written):
    review = nbhitl.review(graph, INPUT, thread_id="2", record=False)
    Card(review, "ann's kernel").begins(ANN)
    written(1)
    there = Card(nbhitl.open(graph_over(file), thread_id="2", record=False))
    there.until_said(over(ANN))


def test_the_same_person_in_another_kernel_is_told_and_not_asked(graph, file, written):
    opened(graph, "the kernel before").begins()
    written(1)
    there = opened(graph_over(file))
    there.until_said("You are answering in another kernel.")
    there.answers()
    assert there.review.result["text"] == "Edited text"


def test_the_name_of_the_server_s_person_is_known_by_the_answer_and_asks_nothing(graph, file, written):
    opened(graph, "the kernel before").begins(ANN)
    written(1)
    there = opened(graph_over(file))
    there.until_said(over(ANN))  # the page knows its person and leaves this sentence out
    there.answers(ANN)
    assert there.review.result["text"] == "Edited text"


def test_card_does_not_tell_of_a_person_who_begins_in_another_card_of_the_kernel(graph, written):
    here, there = opened(graph), opened(graph)
    here.begins(ANN)
    written(1)
    there.begins(BEN)
    written(1)
    assert (here.said, there.said) == ("", "")
    assert noted_by(graph) == [ANN, BEN]


def test_note_on_a_question_has_no_effect_on_the_next_question(graph, file, written):
    here = opened(graph, "ann's kernel")
    here.begins(ANN)
    written(1)
    there = opened(graph_over(file))
    there.until_said(over(ANN))
    known = there.core.elsewhere
    known.check(Answer("the next question", "x", "person", 1), "1")
    with pytest.raises(SomebodyAnswers):
        there.answers()
    here.answers()
    assert here.review.result["text"] == "Edited text"
    there.until_said("")


def test_a_note_at_a_static_breakpoint_is_told_and_stays_while_nothing_is_settled(graph, file, written):
    graph.invoke(INPUT, config_of("3"), interrupt_before=[next(iter(graph.nodes.keys() - {"__start__"}))])
    here = Card(nbhitl.open(graph, thread_id="3", record=False), "ann's kernel")
    there = Card(nbhitl.open(graph_over(file), thread_id="3", record=False))
    here.begins(ANN)
    written(1)
    here.core.redraw()
    assert here.page._begun._noted is not None
    there.until_said(over(ANN))


# --- the notes -----------------------------------------------------------------------------------


def test_a_card_that_is_only_shown_writes_nothing(graph):
    def writes() -> list[Any]:
        return list(graph.checkpointer.conn.execute("SELECT * FROM writes"))

    before = writes()
    card = opened(graph)
    looked = threading.Event()
    card.core.driver.others.look = lambda snapshot, **_: looked.set()  # type: ignore[method-assign]
    card.core.look()
    assert looked.wait(WITHIN)
    assert writes() == before


def test_the_note_of_a_kernel_that_died_ends_and_that_of_somebody_who_goes_on_is_renewed(graph, file, written):
    here, there = opened(graph, "ann's kernel"), opened(graph_over(file))
    now = time.time()
    here.page._begun._clock = lambda: now
    here.begins(ANN)
    written(1)
    there.core.driver.others._clock = lambda: now + FIRST - 1
    there.until_said(over(ANN))
    there.core.driver.others._clock = lambda: now + FIRST
    there.until_said("")
    here.page._begun._clock = lambda: now + FIRST
    here.begins(ANN)
    written(1)
    there.core.driver.others._clock = lambda: now + 3 * FIRST - 1
    there.until_said(over(ANN))
    there.core.driver.others._clock = lambda: now + FIRST + MOST
    there.until_said("")


def test_an_answer_that_takes_an_hour_to_write_is_few_notes(graph):
    card = opened(graph)
    now = [1_000_000.0]
    card.page._begun._clock = lambda: now[0]

    async def written() -> None:
        await card.page._begun._task  # type: ignore[misc]

    for _ in range(0, 3600, 15):
        card.begins(ANN)
        finish(asyncio.sleep(0))  # a turn of the loop, so that the note would be written
        finish(written())
        now[0] += 15
    notes = graph.checkpointer.conn.execute("SELECT COUNT(*) FROM writes WHERE channel = ?", [CHANNEL]).fetchone()
    assert 3 < notes[0] <= 3600 / (MOST / 2) + 5


def test_note_of_an_answering_person_leaves_state_history_and_result_unchanged(graph, written):
    before = graph.get_state(config_of("1")), list(graph.get_state_history(config_of("1")))
    card = opened(graph)
    card.begins(ANN)
    written(1)
    assert (graph.get_state(config_of("1")), list(graph.get_state_history(config_of("1")))) == before
    card.answers()
    assert card.review.result == graph.get_state(config_of("1")).values
    assert [each.answered for each in nbhitl.audit(graph)] == ["Edited text"]


def before_each_note(graph: Any, monkeypatch: pytest.MonkeyPatch, do: Callable[[], None]) -> None:
    """Let the checkpointer call ``do`` before each write of a note of a person who answers."""
    real = graph.checkpointer.put_writes

    def put_writes(config: Any, writes: Any, task_id: str, *rest: Any) -> None:
        if writes[0][0] == CHANNEL:
            do()
        real(config, writes, task_id, *rest)

    monkeypatch.setattr(graph.checkpointer, "put_writes", put_writes)


def test_an_answer_reaches_the_node_while_a_note_is_being_written(graph, monkeypatch):
    begun, goes_on = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        assert goes_on.wait(WITHIN)

    before_each_note(graph, monkeypatch, wait)
    card = opened(graph)
    card.begins(ANN)
    assert begun.wait(WITHIN)
    card.answers()
    end = time.monotonic() + WITHIN
    while graph.get_state(config_of("1")).next:
        assert time.monotonic() < end, "the answer waits for the note"
    goes_on.set()
    assert card.review.result["text"] == "Edited text"


def test_a_checkpointer_that_keeps_no_notes_lets_the_card_be_answered(graph, monkeypatch):
    refused = threading.Event()

    def refuse() -> None:
        refused.set()
        raise ConnectionError

    before_each_note(graph, monkeypatch, refuse)
    card = opened(graph)
    card.begins(ANN)
    assert refused.wait(WITHIN)
    card.answers()
    assert card.review.result["text"] == "Edited text"


def test_graph_in_memory_gets_no_note_of_an_answering_person():
    graph = contract_graphs.seed.copy(update={"checkpointer": InMemorySaver()})
    graph.invoke(INPUT, config_of("1"))
    card = opened(graph)
    before = str(graph.checkpointer.writes)
    card.begins(ANN)
    assert card.page._begun._task is None
    assert str(graph.checkpointer.writes) == before


def test_a_card_in_an_inbox_leaves_the_notes_to_the_inbox(graph):
    shown = Shown(graph)
    shown.until(lambda widget: len(widget.rows) == 1)
    shown.opens("1")
    card: Any = shown.page._kept["1"].holder
    core, page = card.core, card._screen.page
    core.let_it_work()
    page._on_message({"kind": "begin", "request": "r", "by": BEN})
    assert page._begun._task is None
    assert core.elsewhere.is_in_inbox


# --- two processes -------------------------------------------------------------------------------

OTHER_KERNEL = """
import sys
from pathlib import Path
from tests.inboxes.test_cards_elsewhere import graph_over, opened

card = opened(graph_over(Path(sys.argv[1])))
task = None
card.begins(sys.argv[2])
while (task := card.page._begun._task) is None or not task.done():
    pass
print("has begun", flush=True)
sys.stdin.read()
"""


@contextmanager
def other_kernel(file: Path, by: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", OTHER_KERNEL, str(file), by]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "has begun\n"
            yield process
        finally:
            process.kill()


def test_person_in_another_process_is_told_until_some_time_after_the_process_died(graph, file):
    card = opened(graph)
    with other_kernel(file, ANN) as process:
        card.until_said(over(ANN))
        assert noted_by(graph) == [ANN]
        with pytest.raises(SomebodyAnswers):
            card.answers()
        process.kill()
    card.core.driver.others._clock = lambda: time.time() + FIRST
    card.until_said("")
    card.answers()
    assert card.review.result["text"] == "Edited text"
    assert whoami() not in card.said
