"""The inbox in the page: rows that follow the threads, and cards that are opened in the inbox."""

import json
import sqlite3
import threading
import weakref
from collections.abc import Callable
from typing import Any

import ipywidgets  # type: ignore[import-untyped]
import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command, interrupt

import nbhitl
from nbhitl.inboxes import watching
from nbhitl.ui import inbox
from tests.engines import contract_graphs
from tests.forms.payloads import pay
from tests.test_freed import wait_until_freed

WITHIN = 3.0
"""Seconds until a thread that somebody else has answered leaves the list."""

INPUT = {"text": "original text"}


@pytest.fixture
def graph():
    return contract_graphs.seed.copy(update={"checkpointer": InMemorySaver()})


def start(graph: Any, *threads: str) -> None:
    for thread in threads:
        graph.invoke(INPUT, config_of(thread))


def config_of(thread: str) -> Any:
    return {"configurable": {"thread_id": thread}}


class Shown:
    """An inbox that a page shows."""

    def __init__(self, graph: Any, **options: Any) -> None:
        self.page = nbhitl.inbox(graph, **options)._of.page  # type: ignore[union-attr]
        self.widget = self.page.widget()
        self._news = threading.Semaphore(0)
        self.widget.observe(lambda _change: self._news.release())
        self.was_read = self.widget.inbox["is_read"]
        self.shows()

    def says(self, message: dict[str, Any]) -> None:
        """Send a message as the page does."""
        self.widget._receive(None, message, None)

    def shows(self, *opened: str) -> None:
        self.says({"kind": "inbox_seen", "page": "1", "open": list(opened)})

    def opens(self, thread: str, *together: str) -> None:
        self.says({"kind": "open_thread", "thread": thread, "together": list(together)})
        self.shows(thread, *together)

    def until(self, wanted: Callable[[Any], bool], within: float = 30.0) -> None:
        while not wanted(self.widget):
            assert self._news.acquire(timeout=within), "nothing has changed in time"

    @property
    def threads(self) -> list[str]:
        return [row["thread"] for row in self.widget.rows]


def test_page_gets_the_rows_after_the_first_look_at_the_threads(graph):
    start(graph, "1", "2")
    shown = Shown(graph)
    assert not shown.was_read
    shown.until(lambda widget: widget.inbox["is_read"] and len(widget.rows) == 2)
    assert shown.threads == ["2", "1"]
    assert shown.widget.rows[0]["asked"] == "Revise the text: original text"
    json.dumps([shown.widget.rows, shown.widget.inbox])


def test_an_answer_of_another_client_leaves_the_list_in_time_and_a_new_thread_comes(graph):
    start(graph, "1", "2")
    shown = Shown(graph)
    shown.until(lambda widget: len(widget.rows) == 2)
    graph.invoke(Command(resume="theirs"), config_of("1"))
    shown.until(lambda widget: len(widget.rows) == 1, WITHIN)
    start(graph, "3")
    shown.until(lambda widget: len(widget.rows) == 2, WITHIN)
    assert shown.threads == ["3", "2"]


def test_a_thread_is_opened_with_the_whole_card_and_the_answer_resumes_the_run(graph):
    start(graph, "1")
    shown = Shown(graph)
    shown.until(lambda widget: len(widget.rows) == 1)
    shown.opens("1")
    opened = shown.widget.cards["1"]
    assert opened["card"]
    assert opened["problem"] == ""
    shown.opens("1")
    assert shown.widget.cards["1"] == opened  # the same card, with the draft that was typed
    card: Any = shown.page._kept["1"].holder
    assert card.interrupts[0].value == {"text_to_revise": "original text"}
    card.answer("Edited text")
    assert card.result["text"] == "Edited text"
    shown.until(lambda widget: widget.rows == [], WITHIN)


def answered_in(shown: Shown, thread: str) -> tuple[str, "weakref.ref[Any]"]:
    """Open a thread in the inbox and answer; return the id of the card's widget, and the core of the review."""
    shown.until(lambda _widget: thread in shown.threads, WITHIN)
    shown.opens(thread)
    kept = shown.page._kept[thread]
    card: Any = kept.holder
    assert card.interrupts
    card.answer("Edited text")
    assert card.result["text"] == "Edited text"
    shown.until(lambda _widget: thread not in shown.threads, WITHIN)
    return kept.model_id, weakref.ref(kept.core)


def test_card_of_an_answered_thread_that_is_not_kept_any_more_is_freed_with_the_review(graph, monkeypatch):
    monkeypatch.setattr(inbox, "KEPT", 1)
    start(graph, "1", "2", "3")
    shown = Shown(graph)
    widget, core = answered_in(shown, "1")
    answered_in(shown, "2")
    assert widget in ipywidgets.widgets.widget._instances  # a page may still show the card
    shown.opens("3")
    assert shown.widget.cards.keys() == {"2", "3"}
    assert widget not in ipywidgets.widgets.widget._instances
    wait_until_freed(core)


def test_card_in_whose_place_a_thread_is_opened_again_is_freed_with_the_review(graph):
    start(graph, "1")
    shown = Shown(graph)
    widget, core = answered_in(shown, "1")
    shown.opens("1")
    assert shown.widget.cards["1"]["card"] not in ("", widget)
    assert widget not in ipywidgets.widgets.widget._instances
    wait_until_freed(core)


def test_the_threads_are_looked_at_once_more_where_an_answer_given_here_ends_the_run_in_a_moment(graph, monkeypatch):
    start(graph, "1")
    shown = Shown(graph)
    shown.until(lambda widget: widget.inbox["is_read"] and len(widget.rows) == 1)
    shown.opens("1")
    card: Any = shown.page._kept["1"].holder
    assert card.interrupts
    looks: list[str] = []
    monkeypatch.setattr(shown.page._watching, "look", lambda: looks.append("look"))
    card.answer("Edited text")
    assert card.result["text"] == "Edited text"
    assert looks == ["look"]


def test_thread_that_cannot_be_opened_tells_the_reason(graph, monkeypatch):
    start(graph, "1")
    shown = Shown(graph)
    shown.until(lambda widget: len(widget.rows) == 1)
    monkeypatch.setattr(shown.page, "_open_card", lambda thread_ids: 1 / 0)
    shown.opens("1")
    assert shown.widget.cards["1"]["problem"] == "ZeroDivisionError: division by zero"


@pytest.mark.parametrize("error", [sqlite3.OperationalError("database is locked"), ZeroDivisionError("in a schema")])
def test_list_tells_why_the_threads_cannot_be_read_and_comes_back_when_they_can(graph, monkeypatch, error):
    start(graph, "1")
    with monkeypatch.context() as patched:

        async def fails(*_args: Any, **_kwargs: Any) -> Any:
            raise error

        patched.setattr("nbhitl.engines.local.engine.LocalEngine.with_saver", fails)
        shown = Shown(graph)
        shown.until(lambda widget: widget.inbox["is_read"])
        assert shown.widget.inbox["problem"] == f"{type(error).__name__}: {error}"
    shown.until(lambda widget: len(widget.rows) == 1, WITHIN)
    assert shown.widget.inbox["problem"] == ""


def test_list_names_the_checkpointer_of_a_database_that_fails(tmp_path):
    connection = sqlite3.connect(tmp_path / "threads.sqlite", check_same_thread=False)
    saver = SqliteSaver(connection)
    graph = contract_graphs.seed.copy(update={"checkpointer": saver})
    start(graph, "1")
    shown = Shown(graph)
    shown.until(lambda widget: len(widget.rows) == 1)
    with saver.lock:
        connection.execute("ALTER TABLE checkpoints RENAME TO away")
    shown.until(lambda widget: widget.inbox["problem"], WITHIN)
    assert "SqliteSaver failed (OperationalError: no such table: checkpoints)" in shown.widget.inbox["problem"]
    with saver.lock:
        connection.execute("ALTER TABLE away RENAME TO checkpoints")
    shown.until(lambda widget: not widget.inbox["problem"], WITHIN)
    shown.page._watching.end()


def test_a_list_that_no_page_shows_any_more_is_not_looked_for(graph):
    shown = Shown(graph)
    shown.until(lambda widget: widget.inbox["is_read"])
    ended = threading.Event()
    watching = shown.page._watching
    assert watching._task is not None
    watching._loop.call_soon_threadsafe(watching._task.add_done_callback, lambda _task: ended.set())
    watching.end()
    assert ended.wait(30)
    shown.shows()  # again
    start(graph, "1")
    shown.until(lambda widget: len(widget.rows) == 1)


def test_message_that_does_not_fit_the_protocol_is_ignored(graph):
    shown = Shown(graph)
    shown.says({"kind": "open_thread", "thread": ["1"], "together": []})
    shown.says({"kind": "?"})
    assert shown.widget.cards == {}


def test_of_many_threads_the_first_are_shown_before_the_others(graph, monkeypatch):
    monkeypatch.setattr(watching, "FIRST", 2)
    start(graph, "1", "2", "3")
    seen: list[int] = []
    page = nbhitl.inbox(graph)._of.page  # type: ignore[union-attr]
    page.widget().observe(lambda change: seen.append(len(change["new"])), "rows")
    shown_all = threading.Event()
    page.widget().observe(lambda change: shown_all.set() if len(change["new"]) == 3 else None, "rows")
    page._on_message({"kind": "inbox_seen", "page": "1", "open": []})
    assert shown_all.wait(30)
    assert seen == [2, 3]


def test_alike_threads_are_asked_in_a_joint_card_and_each_answer_is_sent_at_once(graph):
    start(graph, "1", "2", "3")
    shown = Shown(graph)
    shown.until(lambda widget: len(widget.rows) == 3)
    assert len({row["alike"] for row in shown.widget.rows} - {""}) == 1
    shown.opens("1")
    shown.opens("1", "3")
    assert set(shown.widget.cards) == {"1", "=1\n3"}
    card: Any = shown.page._kept["=1\n3"].holder
    for left in (2, 1):
        asked = card.interrupts[0].id
        thread = card.core.engine.thread_of(asked)
        card.answer(f"to {thread}", id=asked)
        shown.until(lambda _widget: len(shown.threads) == left, WITHIN)  # noqa: B023 - called at once
    assert list(card.result["thread_id"]) == ["1", "3"]
    assert [graph.get_state(config_of(thread)).values["text"] for thread in ("1", "3")] == ["to 1", "to 3"]
    shown.until(lambda widget: shown.threads == ["2"], WITHIN)


def test_joint_card_for_threads_is_refused_together_with_a_time_out(graph):
    start(graph, "1", "2")
    page = nbhitl.inbox(graph, within="10 min", otherwise="x")._of.page  # type: ignore[union-attr]
    page._on_message({"kind": "open_thread", "thread": "1", "together": ["2"]})
    assert page.widget().cards["=1\n2"]["problem"].startswith("UsageError: Several threads cannot be opened")


@pytest.mark.parametrize("option", [{"within": "10 min", "otherwise": "x"}, {"answers": ["x"]}, {"unattended": ["x"]}])
def test_alike_threads_have_no_joint_card_where_options_are_for_a_single_thread(graph, option):
    start(graph, "1", "2")
    inbox = nbhitl.inbox(graph, **option)
    assert [row.alike for row in inbox] == ["", ""]
    shown = Shown(graph, **option)
    shown.until(lambda widget: len(widget.rows) == 2)
    assert {row["alike"] for row in shown.widget.rows} == {""}


def test_rules_decide_on_the_threads_of_a_joint_card():
    graph = contract_graphs.one_node(lambda state: {"text": str(interrupt(pay()))}, "ask")
    graph = graph.copy(update={"checkpointer": InMemorySaver()})
    start(graph, "1", "2")
    page = nbhitl.inbox(graph, rules=[nbhitl.deny("pay", "not today")])._of.page  # type: ignore[union-attr]
    page._on_message({"kind": "open_thread", "thread": "1", "together": ["2"]})
    card: Any = page._kept["=1\n2"].holder
    assert list(card.result["status"]) == ["answered", "answered"]
    assert "not today" in graph.get_state(config_of("2")).values["text"]


def test_threads_with_several_questions_or_at_a_stop_are_answered_by_themselves(graph):
    several = contract_graphs.branches.copy(update={"checkpointer": InMemorySaver()})
    start(several, "1")
    assert [row.alike for row in nbhitl.inbox(several)] == [""]
    stops = graph.copy(update={"interrupt_before_nodes": list(graph.nodes.keys() - {"__start__"})})
    start(stops, "2")
    assert [row.alike for row in nbhitl.inbox(stops)] == [""]
