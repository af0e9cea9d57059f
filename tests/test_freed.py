"""A kernel keeps, of reviews that no code holds any more, the card and the objects that the card needs."""

import gc
import threading
import weakref
from functools import partial

import ipywidgets  # type: ignore[import-untyped]
import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver

import nbhitl
from nbhitl.core import driver as drive
from nbhitl.core import letting_go
from nbhitl.core.watching import SHOWN_EVERY
from nbhitl.kernel.background import background_loop
from nbhitl.protocol.entries import Reader
from tests import graphs
from tests.graphs import SEED_INPUT

SECONDS = 30.0


class Large:
    """A large object that a node holds."""


class Front:
    """The front end's half of a card: finds the widget by the model's id, as a kernel does, and holds no review."""

    def __init__(self, review):
        bundle = review._screen.page.mime_bundle()
        self._id = bundle["application/vnd.jupyter.widget-view+json"]["model_id"]

    @property
    def _widget(self):
        return ipywidgets.widgets.widget._instances[self._id]

    @property
    def view(self):
        reader = Reader()
        reader.take(self._widget.get_state())
        assert reader.is_whole
        return reader.view

    def says(self, kind, **more):
        replies = []
        self._widget.send = lambda content, buffers=None: replies.append(content)
        self._widget._receive(self._widget, {"kind": kind, "request": "r", **more}, [])
        return replies[0]

    def answer(self, draft):
        view = self.view
        return self.says("answer", id=view["questions"][0]["id"], revision=view["revision"], draft=draft)

    def wait_for(self, phase):
        """Wait until the card shows a phase; the widget publishes each change."""
        changed, publish = threading.Event(), self._widget.publish

        def published(*args):
            publish(*args)
            changed.set()

        self._widget.publish = published
        while self.view["phase"]["kind"] != phase:
            assert changed.wait(SECONDS), self.view["phase"]
            changed.clear()


def wait_until(is_so):
    """Wait until a condition holds, as seen from nbhitl's loop, which asks every 10 ms."""
    seen, loop = threading.Event(), background_loop()

    def look():
        if is_so():
            seen.set()
        else:
            loop.call_later(0.01, look)

    loop.call_soon_threadsafe(look)
    assert seen.wait(SECONDS)


def take_turn(driver):
    """Wait until the driver has done all earlier work, also work that is in no hurry."""
    done = threading.Event()
    driver.call_some_time(done.set)
    assert done.wait(SECONDS)


def wait_until_freed(*references):
    """Wait until nothing holds the objects: the thread that ran a node may hold the node's frame for a moment."""

    def are_gone():
        gc.collect()
        return all(reference() is None for reference in references)

    wait_until(are_gone)


def asked(graph=None, **options):
    review = nbhitl.review(graph or graphs.seed(), SEED_INPUT, **options)
    assert review.interrupts
    return review


def finished(review):
    review.answer("Edited text")
    assert review.result


def test_finished_review_that_no_code_holds_lets_go_of_the_state_and_shows_the_result():
    review = asked()
    front = Front(review)
    finished(review)
    session, kept = review._core._shared._session, review._core.watching._kept
    assert session.result
    assert kept.since(0)
    is_gone = weakref.ref(review)
    driver = review._core.driver
    del review
    wait_until_freed(is_gone)
    take_turn(driver)
    assert session.result is None
    assert session.snapshot.values is session.snapshot.raw is None
    assert kept.since(0) == []
    assert front.view["phase"]["result"] == '{\n  "some_text": "Edited text"\n}'
    assert "Edited text" in front.says("code_request")["python"]


def test_answer_of_a_card_whose_review_no_code_holds_can_be_changed():
    review = asked(graphs.seed(checkpointer=InMemorySaver()))
    front = Front(review)
    finished(review)
    del review
    gc.collect()
    assert front.view["ask_again"]
    assert front.says("ask_again")["kind"] == "done"
    front.wait_for("asking")
    assert front.answer("Changed")["kind"] == "accepted"
    front.wait_for("finished")
    assert "Changed" in front.view["phase"]["result"]


def test_question_of_a_shown_card_whose_review_no_code_holds_is_answered():
    front = Front(asked())
    gc.collect()
    assert front.answer("Edited text")["kind"] == "accepted"
    front.wait_for("finished")
    assert [turn["answer"] for turn in front.view["turns"]] == ["Edited text"]


def test_failed_review_that_no_code_holds_frees_the_objects_of_its_nodes_and_shows_the_error():
    made: list[weakref.ref[Large]] = []

    def node(state):
        large = Large()
        made.append(weakref.ref(large))
        raise ValueError(f"no good: {state['some_text']}")

    review = nbhitl.review(graphs.compile_node(node), SEED_INPUT)
    front = Front(review)
    with pytest.raises(ValueError, match="no good"):
        _ = review.result
    driver = review._core.driver
    del review
    take_turn(driver)
    wait_until_freed(made[0])
    assert front.view["phase"]["problem"]["message"] == "no good: original text"


def test_question_whose_node_raised_on_the_answer_frees_the_objects_of_the_node_and_stays_open():
    made: list[weakref.ref[Large]] = []

    def node(_state):
        large = Large()
        answer = graphs.interrupt("Text?")
        if answer == "bad":
            made.append(weakref.ref(large))
            raise ValueError("no good")
        return {"some_text": answer}

    review = asked(graphs.compile_node(node))
    front = Front(review)
    review.answer("bad")
    with pytest.raises(ValueError, match="no good"):
        _ = review.result
    driver = review._core.driver
    del review
    take_turn(driver)
    wait_until_freed(made[0])
    assert "no good" in front.view["questions"][0]["standing"]["problem"]
    assert front.answer("good")["kind"] == "accepted"
    front.wait_for("finished")


def test_open_review_that_nobody_can_see_or_use_is_not_driven_any_more_and_its_thread_stays():
    saver = InMemorySaver()
    review = asked(graphs.seed(checkpointer=saver))
    thread, driver, engine = review.thread_id, review._core.driver, weakref.ref(review._core.engine)
    task = driver._task
    assert task is not None
    ended = threading.Event()
    driver.call_soon(partial(task.add_done_callback, lambda _: ended.set()))
    del review, task
    assert ended.wait(SECONDS)
    assert driver not in drive._LOOKING
    del driver
    shown = threading.Event()  # set when the last progress of the run has had time to be shown
    loop = background_loop()
    loop.call_soon_threadsafe(loop.call_later, 2 * SHOWN_EVERY, shown.set)
    assert shown.wait(SECONDS)
    wait_until_freed(engine)
    again = nbhitl.open(graphs.seed(checkpointer=saver), thread_id=thread)
    again.answer("Edited text")
    assert again.result == {"some_text": "Edited text"}


def test_run_at_work_that_nobody_can_see_or_use_goes_on_to_its_end():
    begun, let_go, done = threading.Event(), threading.Event(), threading.Event()

    def node(_state):
        begun.set()
        assert let_go.wait(SECONDS)
        done.set()
        return {"some_text": "done"}

    review = nbhitl.review(graphs.compile_node(node), SEED_INPUT)
    assert begun.wait(SECONDS)
    del review
    gc.collect()
    let_go.set()
    assert done.wait(SECONDS)


def test_stream_that_is_read_keeps_its_chunks_though_no_code_holds_the_review():
    review = nbhitl.review(graphs.seed(), SEED_INPUT, answers=["Edited text"])
    assert review.result
    stream, driver = review.stream("updates"), review._core.driver
    del review
    gc.collect()
    take_turn(driver)
    assert list(stream)[-1] == {"human_review": {"some_text": "Edited text"}}


def test_threads_in_memory_of_our_own_are_kept_for_the_last_reviews_only(monkeypatch):
    monkeypatch.setattr(letting_go, "KEPT_THREADS", 3)
    fronts, savers = [], []
    for _ in range(6):
        review = asked()
        fronts.append(Front(review))
        finished(review)
        savers.append(weakref.ref(review._core.engine._thread.graph.checkpointer))
        driver = review._core.driver
        del review
        for _ in range(2):  # first the review is freed, then the objects that only the review held
            take_turn(driver)
    wait_until_freed(*savers[:3])
    assert [saver() is not None for saver in savers[-3:]] == [True] * 3
    assert [front.view["ask_again"] for front in fronts] == [False] * 3 + [True] * 3
    assert all("Edited text" in front.view["phase"]["result"] for front in fronts)
    refused = fronts[0].says("ask_again")
    assert refused["problem"]["name"] == "UsageError"


def test_the_more_reviews_are_open_the_rarer_each_looks_at_its_thread(tmp_path):
    with SqliteSaver.from_conn_string(str(tmp_path / "checkpoints.db")) as saver:
        graph = graphs.seed(checkpointer=saver)
        reviews = [asked(graph) for _ in range(40)]
        for review in reviews:
            wait_until(lambda review=review: review._core.driver in drive._LOOKING)
        rate = sum(1 / review._core.driver._patience() for review in reviews)
        assert rate <= drive.LOOKS
        drivers = [review._core.driver for review in reviews]
        del review
        reviews.clear()
        gc.collect()
        # To the end of each look: to close a connection of SQLite under a look of another thread crashes Python.
        wait_until(lambda: all(driver._task is None for driver in drivers))


def test_card_that_comes_into_sight_looks_at_its_thread_at_once(tmp_path):
    with SqliteSaver.from_conn_string(str(tmp_path / "checkpoints.db")) as saver:
        graph = graphs.seed(checkpointer=saver)
        review = asked(graph)
        front = Front(review)
        wait_until(lambda: review._core.driver in drive._LOOKING)
        review._core.driver._patience = lambda: 1_000.0
        review._core.driver.look()  # from now on the driver waits 1,000 s between two looks
        wait_until(lambda: not review._core.driver._is_due and review._core.driver in drive._LOOKING)
        other = nbhitl.open(graph, thread_id=review.thread_id)
        other.answer("by another")
        assert other.result
        assert front.says("hello")["kind"] == "welcome"
        front.wait_for("finished")
        assert front.view["turns"][0]["origin"] == "elsewhere"
