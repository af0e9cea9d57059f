"""A draft comes back in another kernel: two cards over the same SQLite file, with separate connections."""

import asyncio
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command, interrupt
from pydantic import BaseModel, SecretStr

import nbhitl
from nbhitl.core import drafts
from nbhitl.engines.local import kept_drafts
from nbhitl.protocol.entries import Reader
from nbhitl.runs.drafts import digest_of
from nbhitl.runs.run import Interrupt, StuckAnswer
from nbhitl.user import whoami
from tests import graphs
from tests.engines import contract_graphs

THREAD = "t-1"
CONFIG: Any = {"configurable": {"thread_id": THREAD}}
SECONDS = 20.0


@pytest.fixture
def file(tmp_path):
    return tmp_path / "threads.sqlite"


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(drafts, "PAUSE", 0.0)


@pytest.fixture
def kernel(file):
    """Return a function that makes a checkpointer with a new connection, as another kernel would."""
    opened: list[sqlite3.Connection] = []
    CARDS.clear()

    def make(kind: type[SqliteSaver] = SqliteSaver) -> SqliteSaver:
        opened.append(sqlite3.connect(file, check_same_thread=False))
        return kind(opened[-1])

    yield make
    for card in CARDS:
        until(lambda card=card: card.is_quiet)  # a connection must not be closed during a write
    for each in opened:
        each.close()


CARDS: list["Card"] = []


class Card:
    """A card, and the page's half of its state."""

    def __init__(self, review: nbhitl.Review) -> None:
        self.review = review
        assert review.interrupts is not None  # the run has paused
        review._screen.page.mime_bundle()
        widget = review._screen.page._publisher.widget
        assert widget is not None
        self.widget: Any = widget
        self.page = review._screen.page
        CARDS.append(self)

    @property
    def is_quiet(self) -> bool:
        """Whether no draft is due or being written."""
        drafts = self.page._drafts
        return not (drafts._is_due or drafts._tasks)

    @property
    def question(self) -> Any:
        reader = Reader()
        reader.take(self.widget.get_state())
        (question,) = reader.view["questions"]
        return question

    @property
    def notes(self) -> list[str]:
        reader = Reader()
        reader.take(self.widget.get_state())
        return [*reader.view["notes"], *reader.view["asides"]]

    def types(self, text: str) -> None:
        """Type a text into the editor of the open question."""
        self.widget.set_state({"drafts": {self.question["id"]: text}})

    def clears(self) -> None:
        self.widget.set_state({"drafts": {}})

    def answers(self, draft: str) -> None:
        sent: list[Any] = []
        self.widget.send = sent.append
        said = {"kind": "answer", "request": "r", "id": self.question["id"], "draft": draft}
        self.widget._receive(self.widget, said | {"revision": self.page._publisher.drawn}, [])
        assert sent[-1]["kind"] == "accepted", sent[-1]

    @property
    def offered(self) -> Any:
        return self.question.get("offered")


def started(graph: Any, value: Any = graphs.SEED_INPUT, **options: Any) -> Card:
    return Card(nbhitl.review(graph, value, config=CONFIG, **options))


def opened(graph: Any, **options: Any) -> Card:
    return Card(nbhitl.open(graph, thread_id=THREAD, **options))


def until(wanted: Any) -> Any:
    """Wait until ``wanted()``, changed by another thread without a signal, is true; return the value."""
    end = time.monotonic() + SECONDS
    while not (found := wanted()):
        assert time.monotonic() < end, "that has not come in time"
        time.sleep(0.005)
    return found


def rows(file: Any) -> list[Any]:
    """Return the drafts in the file, also empty drafts."""
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute("SELECT value FROM writes WHERE channel = ?", [kept_drafts.CHANNEL]).fetchall()
    return [value for (value,) in found]


def holds(file: Any, text: str) -> bool:
    return any(text.encode() in value for value in rows(file))


# --- a draft comes back -------------------------------------------------------------------------


def test_draft_of_one_kernel_is_offered_in_another_with_time_and_user(kernel, file):
    started(graphs.seed(checkpointer=kernel())).types("half a text")
    until(lambda: holds(file, "half a text"))
    there = opened(graphs.seed(checkpointer=kernel()))
    offered = until(lambda: there.offered)
    assert (offered["text"], offered["fits"], offered["new"], offered["by"]) == ("half a text", True, True, whoami())


def test_draft_is_offered_where_the_cell_with_the_key_is_run_again(kernel, file):
    first = Card(nbhitl.review(graphs.seed(checkpointer=kernel()), graphs.SEED_INPUT, key="q3"))
    first.types("half a text")
    until(lambda: holds(file, "half a text"))
    again = Card(nbhitl.review(graphs.seed(checkpointer=kernel()), graphs.SEED_INPUT, key="q3"))
    assert until(lambda: again.offered)["text"] == "half a text"


def test_draft_that_a_page_has_taken_is_not_put_into_its_editor_again(kernel, file):
    started(graphs.seed(checkpointer=kernel())).types("half a text")
    until(lambda: holds(file, "half a text"))
    there = opened(graphs.seed(checkpointer=kernel()))
    until(lambda: there.offered)
    there.types("half a text")  # a page puts an offered draft into the editor
    there.page._core.redraw()
    assert not there.offered["new"]
    there.clears()
    until(lambda: not holds(file, "half a text"))
    assert not there.offered["new"]


def test_draft_that_no_page_has_seen_stays_while_a_sibling_is_typed(kernel, file):
    card = started(graphs.parallel(2, checkpointer=kernel()), {"texts": []})
    one, other = [each.id for each in card.review.interrupts]
    card.widget.set_state({"drafts": {one: "first half"}})
    until(lambda: holds(file, "first half"))
    there = opened(graphs.parallel(2, checkpointer=kernel()))
    assert len(there.review.interrupts) == 2
    there.widget.set_state({"drafts": {other: "second half"}})
    until(lambda: holds(file, "second half"))
    assert holds(file, "first half")


def test_draft_in_another_form_is_offered_as_text_alone(kernel, file):
    started(graphs.seed(checkpointer=kernel())).types("half a text")
    until(lambda: holds(file, "half a text"))
    there = opened(graphs.seed(checkpointer=kernel()), forms={"human_review": int})
    offered = until(lambda: there.offered)
    assert (offered["text"], offered["fits"]) == ("half a text", False)


# --- a draft changes nothing else ---------------------------------------------------------------


def test_result_state_and_history_are_those_of_plain_langgraph(kernel, file, tmp_path):
    card = started(graphs.asks_twice(checkpointer=kernel()))
    card.types("half")
    until(lambda: holds(file, "half"))
    card.answers("Ann")
    assert card.review.interrupts
    card.types("other half")
    until(lambda: holds(file, "other half"))
    card.answers("Lee")
    assert card.review.result == {"some_text": "Ann Lee"}
    with SqliteSaver.from_conn_string(str(tmp_path / "plain.sqlite")) as saver:
        plain = graphs.asks_twice(checkpointer=saver)
        plain.invoke(graphs.SEED_INPUT, CONFIG)
        plain.invoke(Command(resume="Ann"), CONFIG)
        assert plain.invoke(Command(resume="Lee"), CONFIG) == {"some_text": "Ann Lee"}
        ours = graphs.asks_twice(checkpointer=kernel())
        for mine, theirs in zip(ours.get_state_history(CONFIG), plain.get_state_history(CONFIG), strict=True):
            assert (mine.values, mine.next) == (theirs.values, theirs.next)
            assert [(each.name, each.error, each.result) for each in mine.tasks] == [
                (each.name, each.error, each.result) for each in theirs.tasks
            ]


def test_another_client_resumes_a_thread_with_a_draft_as_ever(kernel, file):
    card = started(graphs.seed(checkpointer=kernel()))
    card.types("half a text")
    until(lambda: holds(file, "half a text"))
    plain = graphs.seed(checkpointer=kernel())
    assert plain.invoke(Command(resume="theirs"), CONFIG) == {"some_text": "theirs"}
    card.page._core.look()
    until(lambda: not holds(file, "half a text"))


def test_nothing_is_written_where_nobody_types(kernel, file):
    card = started(graphs.seed(checkpointer=kernel()))
    card.answers("Edited text")
    assert card.review.result == {"some_text": "Edited text"}
    assert rows(file) == []


def test_many_keys_are_few_writes_and_one_row(kernel, file, monkeypatch):
    monkeypatch.setattr(drafts, "PAUSE", 0.2)
    written: list[Any] = []
    keep = kept_drafts.write

    def counted(*args: Any) -> Any:
        written.append(args)
        return keep(*args)

    monkeypatch.setattr(kept_drafts, "write", counted)
    card = started(graphs.seed(checkpointer=kernel()))
    for length in range(1, 61):
        card.types("x" * length)
    until(lambda: holds(file, "x" * 60))
    assert len(written) == 2  # first an empty draft: a checkpointer that keeps only the first write keeps no text
    assert len(rows(file)) == 1


def test_secret_is_never_kept_whatever_a_page_sends(kernel, file):
    class Login(BaseModel):
        name: str
        password: SecretStr

    card = started(graphs.seed(checkpointer=kernel()), forms={"human_review": Login})
    card.types('{"name": "ann", "password": "hunter2hunter2"}')
    until(lambda: card.is_quiet)
    assert rows(file) == []
    card.types('{"name": "anna", "password": ""}')
    until(lambda: holds(file, "anna"))
    assert not holds(file, "hunter2")


# --- the end of a draft -------------------------------------------------------------------------


def test_draft_goes_when_the_question_is_answered_here(kernel, file):
    card = started(graphs.seed(checkpointer=kernel()))
    card.types("half a text")
    until(lambda: holds(file, "half a text"))
    card.answers("Edited text")
    assert card.review.result == {"some_text": "Edited text"}
    until(lambda: not holds(file, "half a text"))


def test_draft_of_a_question_that_was_answered_elsewhere_is_not_offered_with_the_next(kernel, file):
    def ask(_state: graphs.State) -> graphs.State:
        return {"some_text": f"{interrupt('Name?')} {interrupt('Name?')}"}

    def graph() -> Any:
        return graphs.compile_node(ask, "ask", checkpointer=kernel())

    started(graph()).types("half a name")
    until(lambda: holds(file, "half a name"))
    graph().invoke(Command(resume="Ann"), CONFIG)
    there = opened(graph())
    until(lambda: there.page._drafts._looked_for)
    there.page._drafts._looked_for.clear()
    there.types("Lee")
    until(lambda: holds(file, "Lee"))
    until(lambda: there.is_quiet)
    assert there.offered is None


QUESTION = Interrupt("id", "ask", "What is your name?", {"type": "string"})


@pytest.mark.parametrize(
    "other",
    [
        replace(QUESTION, value="What is your age?"),
        replace(QUESTION, node="other"),
        replace(QUESTION, response_schema={"type": "integer"}),
        replace(QUESTION, former=StuckAnswer(error="no such name")),
        replace(QUESTION, former=StuckAnswer(is_known=True, value="Ann")),
    ],
    ids=["payload", "node", "schema", "refused answer", "held answer"],
)
def test_draft_is_not_shared_by_questions_with_the_same_id(other):
    assert digest_of(replace(QUESTION)) == digest_of(QUESTION)
    assert digest_of(other) != digest_of(QUESTION)


def test_draft_from_before_an_answer_on_which_the_node_raised_is_not_offered(kernel, file):
    graph = graphs.raises_after_the_answer(checkpointer=kernel())
    card = started(graph)
    card.types("half a number")
    until(lambda: holds(file, "half a number"))
    with pytest.raises(ZeroDivisionError):
        graph.invoke(Command(resume="0"), CONFIG)
    there = opened(graphs.raises_after_the_answer(checkpointer=kernel()))
    assert there.question["former"]
    until(lambda: there.page._drafts._looked_for)
    there.types("12")
    until(lambda: holds(file, "12"))
    until(lambda: there.is_quiet)
    assert there.offered is None


def test_thread_that_was_deleted_gets_no_draft(kernel, file):
    saver = kernel()
    card = started(graphs.seed(checkpointer=saver))
    card.types("half a text")
    until(lambda: holds(file, "half a text"))
    card.review.delete()
    until(lambda: rows(file) == [])
    card = started(graphs.seed(checkpointer=saver))
    kernel().delete_thread(THREAD)
    card.types("another text")
    until(lambda: card.is_quiet)
    assert rows(file) == []


def test_draft_is_kept_again_where_the_node_raised_on_the_answer(kernel, file):
    def check(_state: graphs.State) -> graphs.State:
        return {"some_text": str(int(interrupt("A number?")))}

    card = started(graphs.compile_node(check, checkpointer=kernel()))
    card.types('"half a number"')
    until(lambda: holds(file, "half a number"))
    card.answers('"half a number"')
    until(lambda: card.page._core.state.unanswered and holds(file, "half a number"))
    there = opened(graphs.compile_node(check, checkpointer=kernel()))
    assert until(lambda: there.offered)["text"] == '"half a number"'


# --- an answer does not wait for a draft --------------------------------------------------------


def test_answer_is_taken_and_sent_while_a_draft_is_being_written(kernel):
    begun, may_end = threading.Event(), threading.Event()

    class Slow(SqliteSaver):
        def put_writes(self, config: Any, writes: Any, *args: Any, **kwargs: Any) -> None:
            if any(channel == kept_drafts.CHANNEL for channel, _ in writes):
                begun.set()
                assert may_end.wait(SECONDS)
            super().put_writes(config, writes, *args, **kwargs)

    def node(_state: graphs.State) -> graphs.State:
        answer = interrupt("A text?")
        got.set()
        return {"some_text": answer}

    got = threading.Event()
    card = started(graphs.compile_node(node, checkpointer=kernel(Slow)))
    card.types("half a text")
    assert begun.wait(SECONDS)
    card.answers("Edited text")
    assert got.wait(SECONDS)
    may_end.set()
    assert card.review.result == {"some_text": "Edited text"}


def test_later_draft_is_written_after_a_slow_earlier_draft(kernel, monkeypatch):
    begun, may_end = threading.Event(), threading.Event()
    done: list[Any] = []

    async def keep_draft(_id: str, _checkpoint: Any, draft: Any) -> None:
        """Keep a draft slowly, as an engine that can write several drafts at once."""
        if draft.text == "the first text":
            begun.set()
            assert await asyncio.to_thread(may_end.wait, SECONDS)
        done.append(draft.text)

    card = started(graphs.seed(checkpointer=kernel()))
    kept = card.page._drafts
    monkeypatch.setattr(kept._keeper, "keep_draft", keep_draft)
    card.types("the first text")
    assert begun.wait(SECONDS)
    card.types("the second text")
    until(lambda: len(kept._tasks) == 2 or done)
    for _ in range(10):  # rounds of the loop, in which the second draft could be written
        turned = threading.Event()
        assert kept._review.driver.call_soon(turned.set)
        assert turned.wait(SECONDS)
    may_end.set()
    until(lambda: len(done) == 2)
    assert done == ["the first text", "the second text"]


# --- a draft that cannot be kept ----------------------------------------------------------------


def test_checkpointer_that_keeps_the_first_write_keeps_no_draft_and_the_card_says_so(kernel, file):
    class First(SqliteSaver):
        def put_writes(self, config: Any, writes: Any, task_id: str, task_path: str = "") -> None:
            renamed = [(f"first {channel}" if channel == kept_drafts.CHANNEL else channel, v) for channel, v in writes]
            super().put_writes(config, renamed, task_id, task_path)

    card = started(graphs.seed(checkpointer=kernel(First)))
    card.types("half a text")
    until(lambda: any("keeps the first write" in note for note in card.notes))
    there = opened(graphs.seed(checkpointer=kernel()))
    assert there.offered is None
    card.answers("Edited text")
    assert card.review.result == {"some_text": "Edited text"}


def test_graph_in_memory_says_that_a_draft_ends_with_the_kernel_once_somebody_types():
    card = started(graphs.seed(checkpointer=InMemorySaver()))
    assert card.notes == []
    card.types("half a text")
    (note,) = until(lambda: card.notes)
    assert note == drafts.IN_MEMORY


def test_question_without_a_graph_says_that_its_draft_is_not_kept():
    card = Card(nbhitl.ask("How many?", int))
    card.types("1")
    (note,) = until(lambda: card.notes)
    assert note == drafts.NOT_KEPT


def test_async_checkpointer_keeps_drafts_on_its_own_loop(file, kernel):
    import asyncio

    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    async def first() -> None:
        async with AsyncSqliteSaver.from_conn_string(str(file)) as saver:
            review = nbhitl.review(contract_graphs.seed.copy(update={"checkpointer": saver}), {"text": "a"}, CONFIG)
            await review.opened()
            review._screen.page.mime_bundle()
            widget: Any = review._screen.page._publisher.widget
            widget.set_state({"drafts": {review.interrupts[0].id: "half a text"}})
            while not holds(file, "half a text"):  # noqa: ASYNC110 - a file tells nobody
                await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(first(), SECONDS))
    there = opened(contract_graphs.seed.copy(update={"checkpointer": kernel()}))
    assert until(lambda: there.offered)["text"] == "half a text"
